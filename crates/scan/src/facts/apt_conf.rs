//! What is apt told by its configuration files?
//!
//! Source: apt.conf(5). Files of `/etc/apt/apt.conf.d` in the order of their names (those without
//! extension or with `.conf`), then `/etc/apt/apt.conf`; the last value of a name wins. Names do
//! not know case; `A { B "x"; };` is `A::B "x";`; comments are `//`, `/* */`, and lines that begin
//! with `#` except `#clear`.

use super::{Fact, Facts, read_or_limit};
use crate::check::Limit;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FOLDER: &str = "/etc/apt/apt.conf.d";
const FILE: &str = "/etc/apt/apt.conf";
/// Deeper blocks than anybody writes.
const DEPTH_MAX: usize = 32;
/// More settings than anybody writes.
const SETTINGS_MAX: usize = 50_000;

/// One setting and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) value: String,
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
}

impl Setting {
    /// Truth as apt reads it (`StringToBool`); `None` for a word that is neither.
    pub(crate) fn is_on(&self) -> Option<bool> {
        match self.value.to_ascii_lowercase().as_str() {
            "yes" | "true" | "with" | "on" | "enable" => Some(true),
            "no" | "false" | "without" | "off" | "disable" => Some(false),
            number => number.parse::<i64>().ok().map(|number| number != 0),
        }
    }
}

/// All settings, by name in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct AptConf {
    settings: BTreeMap<String, Setting>,
    pub(crate) limits: Vec<Limit>,
}

impl AptConf {
    /// The setting of this name, whatever its case.
    pub(crate) fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.get(&name.to_ascii_lowercase())
    }
}

/// Reads all files.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<AptConf> {
    let mut conf = AptConf::default();
    let mut paths: Vec<PathBuf> = facts
        .list_if_there(FOLDER)?
        .into_iter()
        .map(|name| Path::new(FOLDER).join(name))
        .filter(|path| path.extension().is_none_or(|extension| extension == "conf"))
        .collect();
    paths.push(PathBuf::from(FILE));
    for path in paths {
        if let Some(bytes) = read_or_limit(facts, &path, &mut conf.limits) {
            apply(&String::from_utf8_lossy(&bytes), &path, &mut conf);
        }
    }
    Ok(conf)
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
    Clear(String),
    Include,
}

/// Puts the settings of one file over those before it.
fn apply(text: &str, path: &Path, conf: &mut AptConf) {
    let mut scopes: Vec<String> = Vec::new();
    let mut words: Vec<(String, u64)> = Vec::new();
    for (line, token) in tokens(text) {
        let scope = scopes.last().cloned().unwrap_or_default();
        let full = |name: &str| match scope.as_str() {
            "" => name.to_ascii_lowercase(),
            scope => format!("{scope}::{}", name.to_ascii_lowercase()),
        };
        match token {
            Token::Word(word) => words.push((word, line)),
            Token::Open => {
                let name = words.first().map(|(word, _)| full(word));
                words.clear();
                if scopes.len() == DEPTH_MAX {
                    conf.limits.push(Limit {
                        reason: format!("`{}` has blocks that are too deep", path.display()),
                        privileges: false,
                    });
                    return;
                }
                scopes.push(name.unwrap_or(scope));
            }
            Token::Close | Token::End => {
                if let [(name, line), (value, _), ..] = words.as_slice()
                    && conf.settings.len() < SETTINGS_MAX
                {
                    let setting = Setting {
                        value: value.clone(),
                        path: path.to_path_buf(),
                        line: *line,
                    };
                    conf.settings.insert(full(name), setting);
                }
                words.clear();
                if token == Token::Close {
                    scopes.pop();
                }
            }
            Token::Clear(name) => {
                let name = name.to_ascii_lowercase();
                let below = format!("{name}::");
                conf.settings
                    .retain(|known, _| *known != name && !known.starts_with(&below));
            }
            Token::Include => conf.limits.push(Limit {
                reason: format!("`{}` includes a file that is not followed", path.display()),
                privileges: false,
            }),
        }
    }
}

/// Words, braces and semicolons with their lines; comments are gone.
fn tokens(text: &str) -> Vec<(u64, Token)> {
    let mut found = Vec::new();
    let mut in_comment = false;
    for (number, line) in (1..).zip(text.lines()) {
        if !in_comment && line.trim_start().starts_with('#') {
            let mut words = line.split([' ', '\t', ';']).filter(|word| !word.is_empty());
            match words.next() {
                Some("#clear") => {
                    found.extend(words.map(|name| (number, Token::Clear(name.to_owned()))));
                }
                Some("#include") => found.push((number, Token::Include)),
                _ => {}
            }
            continue;
        }
        line_tokens(line, &mut in_comment, &mut |token| {
            found.push((number, token));
        });
    }
    found
}

fn line_tokens(line: &str, in_comment: &mut bool, push: &mut dyn FnMut(Token)) {
    let mut chars = line.chars().peekable();
    let mut word = String::new();
    while let Some(char) = chars.next() {
        let next = chars.peek().copied();
        if *in_comment {
            if (char, next) == ('*', Some('/')) {
                chars.next();
                *in_comment = false;
            }
            continue;
        }
        let ends = char.is_whitespace()
            || matches!(char, '{' | '}' | ';' | '"')
            || (char == '/' && matches!(next, Some('/' | '*')));
        if !ends {
            word.push(char);
            continue;
        }
        if !word.is_empty() {
            push(Token::Word(std::mem::take(&mut word)));
        }
        match char {
            '{' => push(Token::Open),
            '}' => push(Token::Close),
            ';' => push(Token::End),
            '"' => push(Token::Word(
                chars.by_ref().take_while(|c| *c != '"').collect(),
            )),
            '/' if next == Some('*') => {
                chars.next();
                *in_comment = true;
            }
            '/' => return,
            _ => {}
        }
    }
    if !word.is_empty() {
        push(Token::Word(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> AptConf {
        let mut conf = AptConf::default();
        apply(text, Path::new("/etc/apt/apt.conf"), &mut conf);
        conf
    }

    fn value(conf: &AptConf, name: &str) -> Option<String> {
        conf.setting(name).map(|setting| setting.value.clone())
    }

    #[test]
    fn blocks_comments_quotes_and_the_last_value() {
        let conf = parsed(
            "APT { Get { AllowUnauthenticated \"false\"; }; // no\n };\n\
             /* Acquire::AllowInsecureRepositories \"true\"; */\n\
             apt::get::allowunauthenticated true;\n# A::B \"x\";\n\
             Acquire::http::Proxy \"http://proxy/\"; A\n{\n  B \"1\"; \"loose\";\n};\nC::D \"2\";",
        );
        assert_eq!(
            value(&conf, "APT::Get::AllowUnauthenticated").as_deref(),
            Some("true")
        );
        assert_eq!(value(&conf, "Acquire::AllowInsecureRepositories"), None);
        assert_eq!(
            value(&conf, "Acquire::http::Proxy").as_deref(),
            Some("http://proxy/")
        );
        assert_eq!(value(&conf, "A::B").as_deref(), Some("1"));
        assert_eq!(value(&conf, "C::D").as_deref(), Some("2"));
        assert_eq!(conf.setting("A::B").map(|setting| setting.line), Some(8));
    }

    #[test]
    fn clear_takes_a_tree_away() {
        let conf = parsed("A::B \"1\"; A::BC \"2\";\n#clear A::B;\nA::B::C \"3\";\n");
        assert_eq!(value(&conf, "A::B"), None);
        assert_eq!(value(&conf, "A::BC").as_deref(), Some("2"));
        assert_eq!(value(&conf, "A::B::C").as_deref(), Some("3"));
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[A-Z:{};\"/*# \n]{0,200}") {
            let conf = parsed(&text);
            prop_assert!(conf.settings.len() <= text.len());
        }
    }
}
