//! Command lines of `ExecStart=` and its like: prefixes, program, arguments.
//!
//! Follows systemd.service(5), "Command lines": the prefixes `@-:+!`, words with quotes and C
//! escapes, ` ; ` between two commands, `\;` for a plain semicolon, specifiers in every word.
//! Invariants: variables (`$FOO`, `${FOO}`) stay as written; a line that systemd refuses is an
//! error, and whether it may be ignored (prefix `-`) is said with it.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::name::UnitName;
use super::specifier;
use super::words::{BLANKS, Rules, WORDS_MAX, next_word};

/// With whose rights a command runs, as its prefix says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privilege {
    /// With everything that the unit says.
    AsUnit,
    /// Prefix `+`: as root, without sandbox.
    Full,
    /// Prefix `!`: sandboxed, but without `User=` and `Group=`.
    KeepUser,
    /// Prefix `!!`: as `!` where the kernel has no ambient capabilities, else as the unit says.
    Ambient,
}

/// One command of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program: an absolute path, or a name that is looked up in the fixed search path.
    pub program: PathBuf,
    /// The arguments, the program's own name first.
    pub arguments: Vec<OsString>,
    /// Prefix `-`: a failure counts as success.
    pub ignores_failure: bool,
    /// Prefix `:`: variables are not replaced.
    pub keeps_variables: bool,
    /// Prefixes `+`, `!`, `!!`.
    pub privilege: Privilege,
}

impl Command {
    /// Whether the program is found by search instead of by its path.
    #[must_use]
    pub fn is_searched(&self) -> bool {
        !self.program.is_absolute()
    }
}

/// Why a command line is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("command line is not valid: {reason}")]
pub struct Error {
    /// What is wrong.
    pub reason: Reason,
    /// The line has the prefix `-`: systemd ignores it and loads the unit.
    pub ignored: bool,
}

/// What is wrong with a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Only prefixes.
    #[error("no program")]
    NoProgram,
    /// Quotes, backslashes or control characters in the program.
    #[error("program has special characters")]
    SpecialCharacters,
    /// The program ends in a slash, or is neither a path nor a file name.
    #[error("program is neither an absolute path nor a file name")]
    NotAProgram,
    /// A quote or an escape stays open.
    #[error("quote or escape is not closed")]
    Unbalanced,
    /// `@` without a name behind the program.
    #[error("no name for the program")]
    NoName,
}

/// The commands of one assignment; empty for an empty value, which resets the list.
///
/// # Errors
/// [`Error`] when systemd refuses the line. A specifier that only the running host knows stays
/// in the text as written.
pub fn parse(text: &str, name: &UnitName, path: Option<&Path>) -> Result<Vec<Command>, Error> {
    let resolve = |word: Vec<u8>| -> Vec<u8> {
        let expanded = std::str::from_utf8(&word)
            .ok()
            .and_then(|text| specifier::expand(text, name, path).ok());
        expanded.map_or(word, String::into_bytes)
    };
    let mut commands = Vec::new();
    let mut rest = text;
    loop {
        let first = match next_word(rest, Rules::COMMAND) {
            Ok(Some((first, after))) => {
                rest = after;
                first
            }
            Ok(None) => return Ok(commands),
            Err(_) => {
                return Err(Error {
                    reason: Reason::Unbalanced,
                    ignored: true,
                });
            }
        };
        if first == b";" {
            continue;
        }
        if commands.len() >= WORDS_MAX {
            return Ok(commands);
        }
        let head = Head::of(&first);
        let failed = |reason| Error {
            reason,
            ignored: head.ignores_failure,
        };
        let program = resolve(head.program.to_vec());
        check_program(&program).map_err(failed)?;
        let (words, after) = arguments(rest).map_err(failed)?;
        rest = after;
        let mut arguments: Vec<OsString> = words
            .into_iter()
            .map(|word| OsString::from_vec(resolve(word)))
            .collect();
        let program = PathBuf::from(OsString::from_vec(program))
            .components()
            .collect::<PathBuf>();
        if !head.names_itself {
            arguments.insert(0, program.clone().into_os_string());
        }
        if arguments.first().is_none_or(|first| first.is_empty()) {
            return Err(failed(Reason::NoName));
        }
        commands.push(Command {
            program,
            arguments,
            ignores_failure: head.ignores_failure,
            keeps_variables: head.keeps_variables,
            privilege: head.privilege,
        });
    }
}

/// The first word: prefixes, then the program.
struct Head<'a> {
    program: &'a [u8],
    ignores_failure: bool,
    keeps_variables: bool,
    names_itself: bool,
    privilege: Privilege,
}

impl<'a> Head<'a> {
    fn of(word: &'a [u8]) -> Self {
        let mut head = Self {
            program: word,
            ignores_failure: false,
            keeps_variables: false,
            names_itself: false,
            privilege: Privilege::AsUnit,
        };
        while let Some((byte, after)) = head.program.split_first() {
            match (byte, head.privilege) {
                (b'-', _) if !head.ignores_failure => head.ignores_failure = true,
                (b'@', _) if !head.names_itself => head.names_itself = true,
                (b':', _) if !head.keeps_variables => head.keeps_variables = true,
                (b'+', Privilege::AsUnit) => head.privilege = Privilege::Full,
                (b'!', Privilege::AsUnit) => head.privilege = Privilege::KeepUser,
                (b'!', Privilege::KeepUser) => head.privilege = Privilege::Ambient,
                _ => break,
            }
            head.program = after;
        }
        head
    }
}

fn check_program(program: &[u8]) -> Result<(), Reason> {
    if program.is_empty() {
        return Err(Reason::NoProgram);
    }
    if program
        .iter()
        .any(|byte| byte.is_ascii_control() || b"\"'\\".contains(byte))
    {
        return Err(Reason::SpecialCharacters);
    }
    let last = program
        .rsplit(|byte| *byte == b'/')
        .next()
        .unwrap_or_default();
    let is_name = !program.contains(&b'/') && program.len() <= 255;
    if matches!(last, b"" | b"." | b"..") || !(program.starts_with(b"/") || is_name) {
        return Err(Reason::NotAProgram);
    }
    Ok(())
}

/// Words and the text behind them.
type WordsAndRest<'a> = (Vec<Vec<u8>>, &'a str);

/// The words up to the end or to a semicolon that stands alone.
fn arguments(text: &str) -> Result<WordsAndRest<'_>, Reason> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && words.len() < WORDS_MAX {
        if let Some(after) = alone(rest, ";") {
            return Ok((words, after));
        }
        if let Some(after) = alone(rest, "\\;") {
            words.push(b";".to_vec());
            rest = after;
            continue;
        }
        match next_word(rest, Rules::COMMAND) {
            Ok(Some((word, after))) => {
                words.push(word);
                rest = after;
            }
            Ok(None) => break,
            Err(_) => return Err(Reason::Unbalanced),
        }
    }
    Ok((words, ""))
}

/// The text behind the token when it is a word of its own.
fn alone<'a>(text: &'a str, token: &str) -> Option<&'a str> {
    let after = text.strip_prefix(token)?;
    (after.is_empty() || after.starts_with(BLANKS)).then(|| after.trim_start_matches(BLANKS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn commands(text: &str) -> Result<Vec<Command>, Error> {
        parse(text, &UnitName::parse("web@one.service").unwrap(), None)
    }

    fn check(text: &str, expected: &[(&str, &[&str])]) -> Vec<Command> {
        let commands = commands(text).unwrap();
        let found: Vec<(&str, Vec<&str>)> = commands
            .iter()
            .map(|one| {
                let arguments = one
                    .arguments
                    .iter()
                    .map(|word| word.to_str().unwrap())
                    .collect();
                (one.program.to_str().unwrap(), arguments)
            })
            .collect();
        let expected: Vec<(&str, Vec<&str>)> = expected
            .iter()
            .map(|(program, words)| (*program, words.to_vec()))
            .collect();
        assert_eq!(found, expected, "{text}");
        commands
    }

    #[test]
    fn prefixes_come_in_any_order() {
        let found = check(
            "-@:+/bin//sh sh -c 'a b'",
            &[("/bin/sh", &["sh", "-c", "a b"])],
        );
        assert!(found[0].ignores_failure && found[0].keeps_variables);
        assert_eq!(found[0].privilege, Privilege::Full);
        assert_eq!(
            check("!/bin/a", &[("/bin/a", &["/bin/a"])])[0].privilege,
            Privilege::KeepUser
        );
        assert_eq!(
            check("!!/bin/a", &[("/bin/a", &["/bin/a"])])[0].privilege,
            Privilege::Ambient
        );
        assert!(check("true", &[("true", &["true"])])[0].is_searched());
    }

    #[test]
    fn semicolons_separate_only_when_alone() {
        check(
            r#"/bin/a x;y ; -/bin/b \; "p q" ; ; /bin/%p-%i "#,
            &[
                ("/bin/a", &["/bin/a", "x;y"]),
                ("/bin/b", &["/bin/b", ";", "p q"]),
                ("/bin/web-one", &["/bin/web-one"]),
            ],
        );
        check("", &[]);
    }

    #[test]
    fn refused_lines_say_why() {
        let reason = |text| commands(text).unwrap_err();
        assert_eq!(
            reason("-"),
            Error {
                reason: Reason::NoProgram,
                ignored: true
            }
        );
        assert_eq!(
            reason("bin/a"),
            Error {
                reason: Reason::NotAProgram,
                ignored: false
            }
        );
        assert_eq!(reason("/bin/").reason, Reason::NotAProgram);
        assert_eq!(reason("/bin/a 'x").reason, Reason::Unbalanced);
        assert_eq!(reason("@/bin/a").reason, Reason::NoName);
        assert_eq!(reason("/bin/a\\x22").reason, Reason::SpecialCharacters);
        assert_eq!(reason("++/bin/a").reason, Reason::NotAProgram);
    }

    #[test]
    fn variables_and_bytes_are_kept() {
        check(
            "/bin/a $X ${Y} %%",
            &[("/bin/a", &["/bin/a", "$X", "${Y}", "%"])],
        );
        assert_eq!(
            commands("/bin/a \\xff").unwrap()[0].arguments[1].as_encoded_bytes(),
            b"\xff"
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "[-@:+!;/a '\"\\\\%\\PC]{0,40}") {
            if let Ok(commands) = commands(&text) {
                for command in commands {
                    prop_assert!(!command.program.as_os_str().is_empty());
                    prop_assert!(!command.arguments.is_empty());
                }
            }
        }
    }
}
