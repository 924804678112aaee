//! The programs of a call: wrappers such as `nice`, `sudo` or `flock` and the one that they start,
//! the script that an interpreter is given, and shell text in an argument.
//!
//! Source: the manuals of the wrappers named here (coreutils, util-linux, sudo, su, opendoas).

use super::shell::{Call, Word, is_name};

/// A program of a call with its arguments; a call through wrappers has several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    /// The program as written.
    pub(crate) program: &'a Word,
    /// What follows it.
    pub(crate) arguments: &'a [Word],
}

impl Stage<'_> {
    /// Whether it is one of the named programs, wherever it stands.
    pub(crate) fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.program.base())
    }

    /// Whether it is a program that runs the text that it is given.
    pub(crate) fn is_interpreter(&self) -> bool {
        let name = self
            .program
            .base()
            .trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        INTERPRETERS.contains(&name)
    }

    /// The script file that an interpreter or `.` is given, if any.
    pub(crate) fn script(&self) -> Option<&Word> {
        if self.is(&[".", "source"]) {
            return self.arguments.first();
        }
        if !self.is_interpreter() {
            return None;
        }
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            let text = argument.text.as_str();
            match text {
                "--" => return arguments.next(),
                "-" | "-s" | "-c" | "-e" | "-m" | "-r" => return None,
                // Shell options and interpreter options that take a value of their own.
                "-o" | "-O" | "+o" | "-W" | "-X" | "-I" | "-d" | "--rcfile" | "--init-file" => {
                    arguments.next();
                }
                "-f" => return arguments.next(),
                _ if text.starts_with('-') => {
                    let cluster = !text.starts_with("--") && text.ends_with(['c', 'e']);
                    if cluster && text.len() <= 5 {
                        return None;
                    }
                }
                _ if text.is_empty() || text.starts_with("<(") => return None,
                _ => return Some(argument),
            }
        }
        None
    }
}

const INTERPRETERS: [&str; 14] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "csh", "tcsh", "python", "perl", "ruby", "php",
    "node", "lua",
];

/// The shell text that `sh -c TEXT`, `su -c TEXT` or `eval TEXT` runs.
pub(super) fn command_text(stage: Stage<'_>) -> Option<String> {
    if stage.is(&["eval"]) {
        let words: Vec<&str> = stage
            .arguments
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        return (!words.is_empty()).then(|| words.join(" "));
    }
    let shell = stage.is(&[
        "flock", "sh", "bash", "dash", "ash", "zsh", "ksh", "su", "runuser",
    ]);
    if !shell {
        return None;
    }
    let position = stage.arguments.iter().position(|word| {
        let text = word.text.as_str();
        text == "--command"
            || (text.starts_with('-') && !text.starts_with("--") && text.ends_with('c'))
    })?;
    stage
        .arguments
        .get(position + 1)
        .map(|word| word.text.clone())
}

/// The programs of a call: the wrappers, then the one that they start.
pub(crate) fn stages(call: &Call) -> Vec<Stage<'_>> {
    let mut found = Vec::new();
    let mut rest = call.words.as_slice();
    while let Some((program, arguments)) = rest.split_first() {
        if found.len() >= 8 {
            break;
        }
        let stage = Stage { program, arguments };
        found.push(stage);
        let Some(skipped) = wrapped_at(stage) else {
            break;
        };
        rest = arguments.get(skipped..).unwrap_or_default();
    }
    found
}

/// How many arguments of a wrapper stand before the program that it starts.
fn wrapped_at(stage: Stage<'_>) -> Option<usize> {
    // Name, options that take a value, and plain arguments before the program.
    const WRAPPERS: [(&str, &[&str], usize); 20] = [
        ("nice", &["-n"], 0),
        ("ionice", &["-c", "-n", "-p"], 0),
        ("nohup", &[], 0),
        ("exec", &["-a"], 0),
        ("command", &[], 0),
        ("builtin", &[], 0),
        ("env", &["-u", "-C", "-S"], 0),
        ("sudo", &["-u", "-g", "-h", "-p", "-C", "-D", "-r", "-t"], 0),
        ("doas", &["-u", "-C"], 0),
        ("timeout", &["-s", "-k"], 1),
        ("flock", &["-w", "-E"], 1),
        ("setsid", &[], 0),
        ("time", &["-f", "-o"], 0),
        ("chrt", &["-T", "-P", "-D"], 1),
        ("stdbuf", &["-i", "-o", "-e"], 0),
        ("chronic", &[], 0),
        ("cronic", &[], 0),
        ("systemd-cat", &["-t", "-p"], 0),
        ("setpriv", &["--reuid", "--regid"], 0),
        ("busybox", &[], 0),
    ];
    let (_, valued, mut plain) = WRAPPERS
        .into_iter()
        .find(|(name, ..)| stage.program.base() == *name)?;
    let mut position = 0;
    while let Some(argument) = stage.arguments.get(position) {
        let text = argument.text.as_str();
        if matches!(text, "-c" | "--command") && stage.is(&["flock"]) {
            return None; // shell text follows
        }
        if matches!(text, "-v" | "-V") && stage.is(&["command"]) {
            return None; // asks where a program is, and starts none
        }
        let assignment = stage.is(&["env", "sudo"]) && text.contains('=') && !text.contains('/');
        if text == "--" {
            position += 1;
        } else if valued.contains(&text) {
            position += 2;
        } else if text.starts_with('-') || assignment || (is_assignment(text) && plain == 0) {
            position += 1;
        } else if plain > 0 {
            plain -= 1;
            position += 1;
        } else {
            return Some(position);
        }
    }
    None
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| is_name(name))
}
