//! Kernel settings: what the files of sysctl.d(5) ask for, and what the running kernel has.
//!
//! Order: files by name over `/etc`, `/run`, `/usr/local/lib`, `/usr/lib`, `/lib` (the first folder
//! that has a name wins it), then `/etc/sysctl.conf`. The last assignment of a key wins; an explicit
//! assignment wins over a pattern, and `-key` without a value keeps patterns off that key.

use super::{Fact, Facts, conf_dirs};
use crate::check::{Limit, Skip};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 5] = [
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
];
const SETTINGS_MAX: usize = 20_000;
const PATTERN_BYTES_MAX: usize = 256;

/// One assignment in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Value with single blanks.
    pub(crate) value: String,
    /// File that holds it.
    pub(crate) path: PathBuf,
    /// One-based line.
    pub(crate) line: u64,
}

/// Persistent settings, by key with slashes (`net/ipv4/ip_forward`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Sysctl {
    /// Assignments without patterns; the winning one of each key.
    pub(crate) settings: BTreeMap<String, Setting>,
    patterns: Vec<(String, Setting)>,
    excluded: BTreeSet<String>,
    /// Files that could not be read.
    pub(crate) limits: Vec<Limit>,
}

impl Sysctl {
    /// The assignment that a key gets at boot.
    pub(crate) fn persisted(&self, key: &str) -> Option<&Setting> {
        if let Some(setting) = self.settings.get(key) {
            return Some(setting);
        }
        if self.excluded.contains(key) {
            return None;
        }
        self.patterns
            .iter()
            .rev()
            .find(|(pattern, _)| matches(pattern.as_bytes(), key.as_bytes()))
            .map(|(_, setting)| setting)
    }

    fn add(&mut self, path: &Path, text: &str) {
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if self.settings.len() + self.patterns.len() >= SETTINGS_MAX {
                self.limits.push(Limit {
                    reason: format!("more than {SETTINGS_MAX} kernel settings in files"),
                    privileges: false,
                });
                return;
            }
            let Some((key, value)) = line.split_once('=') else {
                if let Some(key) = line.strip_prefix('-') {
                    self.excluded.insert(slashes(key.trim()));
                }
                continue;
            };
            let key = key.trim();
            let key = slashes(key.strip_prefix('-').unwrap_or(key));
            let setting = Setting {
                value: single_blanks(value),
                path: path.to_path_buf(),
                line: number,
            };
            if key.contains(['*', '?', '[']) {
                if key.len() <= PATTERN_BYTES_MAX {
                    self.patterns.push((key, setting));
                }
            } else {
                self.settings.insert(key, setting);
            }
        }
    }
}

/// Reads the files; none at all is an empty list.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Sysctl> {
    let mut sysctl = Sysctl::default();
    let mut limits = Vec::new();
    let mut paths = conf_dirs::files(facts, &FOLDERS, ".conf", &mut limits);
    paths.push(PathBuf::from("/etc/sysctl.conf"));
    for path in paths {
        if let Some(bytes) = super::read_or_limit(facts, &path, &mut limits) {
            sysctl.add(&path, &String::from_utf8_lossy(&bytes));
        }
    }
    sysctl.limits.extend(limits);
    Ok(sysctl)
}

/// The running kernel's value of a key with slashes; `None` if this kernel has no such key.
pub(crate) fn live(facts: &Facts<'_>, key: &str) -> Result<Option<String>, Skip> {
    let value = facts.value_if_there(Path::new("/proc/sys").join(key))?;
    Ok(value.map(|value| single_blanks(&value)))
}

/// The key as people write it: dots for slashes and the reverse.
pub(crate) fn dots(key: &str) -> String {
    swapped(key)
}

/// A key whose first separator is a dot has dots and slashes swapped; else it stays.
fn slashes(key: &str) -> String {
    match key.find(['.', '/']) {
        Some(at) if key.as_bytes().get(at) == Some(&b'.') => swapped(key),
        _ => key.to_owned(),
    }
}

fn swapped(key: &str) -> String {
    key.chars()
        .map(|c| match c {
            '.' => '/',
            '/' => '.',
            c => c,
        })
        .collect()
}

fn single_blanks(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Matches `*`, `?` and simple sets as glob(7) does for one path: no wildcard matches a slash.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => {
            let reach = text.iter().take_while(|byte| **byte != b'/').count();
            (0..=reach).any(|n| matches(rest, text.get(n..).unwrap_or_default()))
        }
        Some((b'?', rest)) => text
            .split_first()
            .is_some_and(|(byte, text)| *byte != b'/' && matches(rest, text)),
        Some((b'[', rest)) if rest.contains(&b']') => {
            let end = rest.iter().position(|byte| *byte == b']').unwrap_or(0);
            let (set, rest) = rest.split_at(end);
            let rest = rest.get(1..).unwrap_or_default();
            let (not, set) = match set.split_first() {
                Some((b'!' | b'^', set)) => (true, set),
                _ => (false, set),
            };
            text.split_first().is_some_and(|(byte, text)| {
                *byte != b'/' && in_set(set, *byte) != not && matches(rest, text)
            })
        }
        Some((byte, rest)) => text
            .split_first()
            .is_some_and(|(first, text)| first == byte && matches(rest, text)),
    }
}

fn in_set(set: &[u8], byte: u8) -> bool {
    match set {
        [from, b'-', to, rest @ ..] => (*from..=*to).contains(&byte) || in_set(rest, byte),
        [one, rest @ ..] => *one == byte || in_set(rest, byte),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;
    use proptest::prelude::*;

    fn sysctl(files: &[(&str, &str)]) -> Sysctl {
        let mut tree = MemoryTree::new();
        for (path, text) in files {
            tree.file(path, text);
        }
        let options = crate::Options::at(0);
        let facts = Facts::new(&tree, &options);
        read(&facts).expect("sysctl")
    }

    #[test]
    fn order_is_by_name_over_folders_and_the_main_file_is_last() {
        let found = sysctl(&[
            ("/etc/sysctl.d/10-a.conf", "kernel.a = 1\nkernel.b = 1\n"),
            ("/usr/lib/sysctl.d/50-b.conf", "kernel.a=2\n"),
            ("/usr/lib/sysctl.d/10-a.conf", "kernel.c=9\n"),
            ("/etc/sysctl.conf", "; c\n#kernel.b=7\n-kernel/b = 3\n"),
        ]);
        let value = |key: &str| found.persisted(key).map(|s| s.value.as_str());
        assert_eq!(value("kernel/a"), Some("2"));
        assert_eq!(value("kernel/b"), Some("3"));
        assert_eq!(value("kernel/c"), None);
    }

    #[test]
    fn patterns_give_way_to_explicit_keys_and_exclusions() {
        let found = sysctl(&[(
            "/etc/sysctl.conf",
            "net.ipv4.conf.eth0.rp_filter=0\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.hub0.rp_filter\nnet.ipv4.conf.eth0/7.x=5\n",
        )]);
        let value = |key: &str| found.persisted(key).map(|s| s.value.as_str());
        assert_eq!(value("net/ipv4/conf/eth0/rp_filter"), Some("0"));
        assert_eq!(value("net/ipv4/conf/all/rp_filter"), Some("2"));
        assert_eq!(value("net/ipv4/conf/hub0/rp_filter"), None);
        assert_eq!(value("net/ipv4/conf/eth0.7/x"), Some("5"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "\\PC{0,200}", pattern in "[a*?\\[\\]!-]{0,12}", key in "[a/]{0,8}") {
            let found = sysctl(&[("/etc/sysctl.conf", &text)]);
            for setting in found.settings.values() {
                prop_assert!(setting.line >= 1);
            }
            let _: bool = matches(pattern.as_bytes(), key.as_bytes());
            prop_assert!(matches(b"*", b"abc"));
        }
    }
}
