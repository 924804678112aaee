//! Settings of a systemd daemon (`journald.conf`, ...): the main file, then its drop-ins.
//!
//! Of equal drop-in names that in the strongest folder counts (`/etc`, `/run`, `/usr/local/lib`, `/usr/lib`);
//! drop-ins are applied by name, whatever their folder, and all after the main file. A drop-in that
//! is empty or a link to `/dev/null` hides its namesakes. Source: systemd-system.conf(5), systemd.syntax(7).

use super::{Fact, Facts, read_or_limit};
use crate::check::Limit;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 4] = [
    "/etc/systemd",
    "/run/systemd",
    "/usr/local/lib/systemd",
    "/usr/lib/systemd",
];

/// Settings with where they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conf {
    values: BTreeMap<(String, String), Setting>,
    /// What could not be seen.
    pub(crate) limits: Vec<Limit>,
}

/// One value and the line that won.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The value; empty when the line resets it.
    pub(crate) value: String,
    /// The file.
    pub(crate) file: PathBuf,
    /// The line.
    pub(crate) line: u64,
}

impl Conf {
    /// The value that holds, unless it is reset to the default.
    pub(crate) fn setting(&self, section: &str, key: &str) -> Option<&Setting> {
        let setting = self.values.get(&(section.to_owned(), key.to_owned()));
        setting.filter(|setting| !setting.value.is_empty())
    }

    fn take(&mut self, file: &Path, text: &str) {
        let mut section = String::new();
        let mut lines = (1_u64..).zip(text.lines());
        while let Some((line, text)) = lines.next() {
            let text = text.trim();
            if text.is_empty() || text.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = text
                .strip_prefix('[')
                .and_then(|text| text.strip_suffix(']'))
            {
                name.clone_into(&mut section);
                continue;
            }
            let mut whole = text.to_owned();
            while whole.ends_with('\\') {
                whole.pop();
                let next = lines.find(|(_, next)| !next.trim_start().starts_with(['#', ';']));
                let Some((_, next)) = next else {
                    break;
                };
                whole.push(' ');
                whole.push_str(next.trim());
            }
            if let Some((key, value)) = whole.split_once('=') {
                let setting = Setting {
                    value: value.trim().to_owned(),
                    file: file.to_path_buf(),
                    line,
                };
                let key = (section.clone(), key.trim().to_owned());
                self.values.insert(key, setting);
            }
        }
    }
}

/// Settings of journald.
pub(crate) fn journald(facts: &Facts<'_>) -> Fact<Conf> {
    Ok(read(facts, "journald.conf"))
}

/// Settings of the daemon with this main file.
pub(crate) fn read(facts: &Facts<'_>, name: &str) -> Conf {
    let mut conf = Conf::default();
    let mut limits = Vec::new();
    let main = FOLDERS.iter().find_map(|folder| {
        let path = Path::new(folder).join(name);
        read_or_limit(facts, &path, &mut limits).map(|bytes| (path, bytes))
    });
    if let Some((path, bytes)) = main {
        conf.take(&path, &String::from_utf8_lossy(&bytes));
    }
    let mut drop_ins: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    for folder in FOLDERS {
        let folder = Path::new(folder).join(format!("{name}.d"));
        match facts.list_if_there(&folder) {
            Ok(names) => {
                for file in names {
                    if Path::new(&file)
                        .extension()
                        .is_some_and(|end| end == "conf")
                    {
                        let path = folder.join(&file);
                        drop_ins.entry(file).or_insert(path);
                    }
                }
            }
            Err(_) => limits.push(Limit {
                reason: format!("`{}` cannot be listed", folder.display()),
                privileges: true,
            }),
        }
    }
    for path in drop_ins.into_values() {
        let hidden = facts
            .tree()
            .read_link(&path)
            .is_ok_and(|target| target == Path::new("/dev/null"));
        if !hidden && let Some(bytes) = read_or_limit(facts, &path, &mut limits) {
            conf.take(&path, &String::from_utf8_lossy(&bytes));
        }
    }
    conf.limits = limits;
    conf
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Options;
    use crate::tree::{Kind, MemoryTree, Node};

    fn check(files: &[(&str, &str)], expected: Option<&str>) {
        let mut tree = MemoryTree::new();
        for (path, text) in files {
            if let Some(target) = text.strip_prefix("-> ") {
                tree.insert(Path::new(path), Node::new(Kind::Link, target.into()));
            } else {
                tree.file(path, text);
            }
        }
        let options = Options::at(0);
        let facts = Facts::new(&tree, &options);
        let conf = facts.journald().expect("conf");
        let value = conf
            .setting("Journal", "Storage")
            .map(|setting| setting.value.as_str());
        assert_eq!(value, expected);
    }

    #[test]
    fn drop_ins_win_by_name_and_not_by_folder() {
        let main = ("/etc/systemd/journald.conf", "[Journal]\nStorage=none\n");
        check(&[main], Some("none"));
        check(
            &[
                main,
                (
                    "/usr/lib/systemd/journald.conf.d/10-a.conf",
                    "[Journal]\nStorage=volatile\n",
                ),
            ],
            Some("volatile"),
        );
        check(
            &[
                (
                    "/etc/systemd/journald.conf.d/10-a.conf",
                    "[Journal]\nStorage = auto\n",
                ),
                (
                    "/usr/lib/systemd/journald.conf.d/20-b.conf",
                    "[Journal]\nStorage=persistent\n",
                ),
            ],
            Some("persistent"),
        );
    }

    #[test]
    fn namesakes_comments_sections_and_resets() {
        let vendor = (
            "/usr/lib/systemd/journald.conf.d/10-a.conf",
            "[Journal]\nStorage=none\n",
        );
        check(
            &[
                vendor,
                ("/etc/systemd/journald.conf.d/10-a.conf", "-> /dev/null"),
            ],
            None,
        );
        check(
            &[
                vendor,
                (
                    "/etc/systemd/journald.conf.d/10-a.conf",
                    "[Journal]\n#Storage=x\n; Storage=y\n[Other]\nStorage=z\n",
                ),
            ],
            None,
        );
        check(
            &[
                vendor,
                (
                    "/run/systemd/journald.conf.d/99-r.conf",
                    "[Journal]\nStorage=\n",
                ),
            ],
            None,
        );
        check(
            &[
                vendor,
                (
                    "/etc/systemd/journald.conf.d/99-x.disabled",
                    "[Journal]\nStorage=auto\n",
                ),
            ],
            Some("none"),
        );
        check(
            &[(
                "/etc/systemd/journald.conf",
                "[Journal]\nStorage=\\\n# c\n  auto\n",
            )],
            Some("auto"),
        );
    }
}
