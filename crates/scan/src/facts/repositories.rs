//! Where do apt, dnf and zypper take packages from, and what do they verify of them?
//!
//! Source: sources.list(5) with its one-line and deb822 forms, dnf.conf(5), zypper(8).

use super::{Fact, Facts, read_or_limit};
use crate::check::Limit;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const APT_FILE: &str = "/etc/apt/sources.list";
const APT_FOLDER: &str = "/etc/apt/sources.list.d";
/// More sources than anybody configures.
const SOURCES_MAX: usize = 10_000;

/// An enabled source of binary packages for apt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AptSource {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    pub(crate) uris: Vec<String>,
    pub(crate) suites: Vec<String>,
    /// Options by lower-case name: `trusted`, `signed-by`, `allow-insecure`, ...
    pub(crate) options: BTreeMap<String, String>,
}

impl AptSource {
    /// Whether an option is switched on.
    pub(crate) fn is_on(&self, option: &str) -> bool {
        self.options.get(option).is_some_and(|value| is_on(value))
    }
}

/// An enabled section of a `.repo` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RpmRepository {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    pub(crate) name: String,
    pub(crate) address: String,
    /// Whether packages must be signed, and where that is said; the line of `gpgcheck` if any.
    pub(crate) checks_signatures: bool,
    pub(crate) said: Option<(PathBuf, u64)>,
}

/// All enabled sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repositories {
    pub(crate) apt: Vec<AptSource>,
    pub(crate) rpm: Vec<RpmRepository>,
    pub(crate) limits: Vec<Limit>,
}

/// Reads all sources.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Repositories> {
    let mut found = Repositories::default();
    let mut limits = Vec::new();
    let mut apt = vec![PathBuf::from(APT_FILE)];
    let names = facts.list_if_there(APT_FOLDER)?;
    apt.extend(
        names
            .into_iter()
            .map(|name| Path::new(APT_FOLDER).join(name)),
    );
    for path in apt {
        let is_stanzas = match path.extension().and_then(OsStr::to_str) {
            Some("list") => false,
            Some("sources") => true,
            _ => continue,
        };
        let Some(bytes) = read_or_limit(facts, &path, &mut limits) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let sources = if is_stanzas {
            stanzas(&text, &path)
        } else {
            lines(&text, &path)
        };
        found.apt.extend(sources);
        found.apt.truncate(SOURCES_MAX);
    }
    // dnf verifies nothing unless told to, zypper everything unless told not to.
    let main = ["/etc/dnf/dnf.conf", "/etc/yum.conf"]
        .iter()
        .find_map(|path| {
            let bytes = read_or_limit(facts, path, &mut limits)?;
            let sections = sections(&String::from_utf8_lossy(&bytes));
            let main = sections
                .into_iter()
                .find(|section| section.name == "main")?;
            let (value, line) = main.keys.get("gpgcheck")?.clone();
            Some((is_on(&value), (PathBuf::from(path), line)))
        });
    for (folder, default) in [
        (
            "/etc/yum.repos.d",
            main.or(Some((false, Default::default()))),
        ),
        ("/etc/zypp/repos.d", None),
    ] {
        for name in facts.list_if_there(folder)? {
            let path = Path::new(folder).join(name);
            if path.extension() != Some(OsStr::new("repo")) {
                continue;
            }
            if let Some(bytes) = read_or_limit(facts, &path, &mut limits) {
                let text = String::from_utf8_lossy(&bytes);
                found
                    .rpm
                    .extend(repositories(&text, &path, default.as_ref()));
                found.rpm.truncate(SOURCES_MAX);
            }
        }
    }
    found.limits = limits;
    Ok(found)
}

fn is_on(value: &str) -> bool {
    ["yes", "true", "1", "on", "with", "enable"]
        .iter()
        .any(|word| value.trim().eq_ignore_ascii_case(word))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The one-line form: `deb [name=value ...] URI SUITE COMPONENT...`.
fn lines(text: &str, path: &Path) -> Vec<AptSource> {
    let mut found = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.split('#').next().unwrap_or_default().trim();
        let Some(rest) = content
            .strip_prefix("deb")
            .filter(|rest| rest.starts_with(|char: char| char.is_whitespace() || char == '['))
        else {
            continue;
        };
        let rest = rest.trim_start();
        let (options, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((options, rest)) => (options, rest),
            None => ("", rest),
        };
        let mut rest = rest.split_whitespace().map(str::to_owned);
        let (Some(uri), Some(suite)) = (rest.next(), rest.next()) else {
            continue;
        };
        let options = options
            .split_whitespace()
            .filter_map(|option| option.split_once('='))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        found.push(AptSource {
            path: path.to_path_buf(),
            line,
            uris: vec![uri],
            suites: vec![suite],
            options,
        });
    }
    found
}

/// The deb822 form: stanzas of fields, continued by indented lines.
fn stanzas(text: &str, path: &Path) -> Vec<AptSource> {
    let mut found = Vec::new();
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut first_line = 1;
    let mut last: Option<String> = None;
    // The empty line at the end closes the last stanza.
    for (line, content) in (1..).zip(text.lines().chain([""])) {
        if content.starts_with('#') {
            continue;
        }
        if content.trim().is_empty() {
            found.extend(source_of(std::mem::take(&mut fields), path, first_line));
            last = None;
            continue;
        }
        if content.starts_with([' ', '\t']) {
            if let Some(value) = last.as_ref().and_then(|name| fields.get_mut(name)) {
                value.push(' ');
                value.push_str(content.trim());
            }
            continue;
        }
        if let Some((name, value)) = content.split_once(':') {
            if fields.is_empty() {
                first_line = line;
            }
            let name = name.trim().to_ascii_lowercase();
            fields.insert(name.clone(), value.trim().to_owned());
            last = Some(name);
        }
    }
    found
}

fn source_of(mut fields: BTreeMap<String, String>, path: &Path, line: u64) -> Option<AptSource> {
    let mut take = |name: &str| words(&fields.remove(name).unwrap_or_default());
    let (types, uris, suites) = (take("types"), take("uris"), take("suites"));
    let enabled = fields.get("enabled").is_none_or(|value| is_on(value));
    let is_binary = types.iter().any(|word| word == "deb");
    (enabled && is_binary).then(|| AptSource {
        path: path.to_path_buf(),
        line,
        uris,
        suites,
        options: fields,
    })
}

/// A section of an INI file: its keys with values and lines, the last of a name.
struct Section {
    name: String,
    line: u64,
    keys: BTreeMap<String, (String, u64)>,
}

fn sections(text: &str) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        if content.starts_with(['#', ';']) {
            continue;
        }
        let name = content
            .trim()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'));
        if let Some((name, _)) = name {
            found.push(Section {
                name: name.to_owned(),
                line,
                keys: BTreeMap::new(),
            });
        } else if let (Some(section), Some((name, value))) =
            (found.last_mut(), content.split_once('='))
            && !content.starts_with([' ', '\t'])
        {
            let name = name.trim().to_ascii_lowercase();
            section.keys.insert(name, (value.trim().to_owned(), line));
        }
    }
    found
}

fn repositories(
    text: &str,
    path: &Path,
    default: Option<&(bool, (PathBuf, u64))>,
) -> Vec<RpmRepository> {
    let mut found = Vec::new();
    for section in sections(text) {
        let key = |name: &str| section.keys.get(name);
        if section.name == "main" || key("enabled").is_some_and(|(value, _)| !is_on(value)) {
            continue;
        }
        let (checks_signatures, said) = match (key("gpgcheck"), default) {
            (Some((value, line)), _) => (is_on(value), Some((path.to_path_buf(), *line))),
            (None, Some((value, (path, line)))) => {
                (*value, (*line > 0).then(|| (path.clone(), *line)))
            }
            (None, None) => (true, None),
        };
        let address = ["baseurl", "metalink", "mirrorlist"]
            .iter()
            .find_map(|name| key(name))
            .map(|(value, _)| value.clone());
        found.push(RpmRepository {
            path: path.to_path_buf(),
            line: section.line,
            name: section.name.clone(),
            address: address.unwrap_or_default(),
            checks_signatures,
            said,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_line_sources_with_options_and_comments() {
        let text = "# deb http://a stable main\ndeb-src http://b stable main\n\
                    deb [ arch=amd64 trusted=yes ] http://c stable main # deb\n\
                    deb[signed-by=/k] https://d ./\ndebug http://e x\n";
        let found = lines(text, Path::new("/etc/apt/sources.list"));
        let uris: Vec<_> = found.iter().map(|source| source.uris.join(" ")).collect();
        assert_eq!(uris, ["http://c", "https://d"]);
        assert!(found[0].is_on("trusted") && found[0].line == 3);
        assert_eq!(found[1].options["signed-by"], "/k");
    }

    #[test]
    fn stanzas_with_comments_continuations_and_disabled_ones() {
        let text = "Types: deb deb-src\n# between\nURIs: http://a\n http://b\nSuites: x x-security\n\
                    Trusted: yes\n\nTypes: deb\nURIs: http://c\nSuites: y\nEnabled: no\n\n\n\
                    types: deb\nuris: http://d\nsuites: z\nSigned-By:\n -----BEGIN PGP\n .\n x";
        let found = stanzas(text, Path::new("/s.sources"));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].uris, ["http://a", "http://b"]);
        assert_eq!(found[0].suites, ["x", "x-security"]);
        assert!(found[0].is_on("trusted") && found[0].line == 1);
        assert!(found[1].options["signed-by"].contains("BEGIN PGP") && found[1].line == 14);
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[deb \\[\\]=:#\nTypesURI]{0,200}") {
            let path = Path::new("/x");
            prop_assert!(lines(&text, path).len() <= text.len());
            prop_assert!(stanzas(&text, path).len() <= text.len());
            prop_assert!(sections(&text).len() <= text.len());
        }
    }
}
