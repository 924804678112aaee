//! What sshd would do with its configuration: sshd_config(5) with Include and Match resolved.
//!
//! The first value of a keyword wins; lists (`AllowUsers`, `AcceptEnv`, ...) add up; values of a
//! Match block that applies come before all global ones, in the order of the blocks; an Include
//! stands in place of its line, and a Match inside an included file ends with that file.
//! `testkit/reference/sshd_effective.py` holds the comparison with `sshd -T`.

mod defaults;
mod parse;

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::facts::text::wildcard;
use crate::tree::{self, TreeError};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(crate) use defaults::algorithms;

/// Where the configuration begins.
pub(crate) const MAIN: &str = "/etc/ssh/sshd_config";
/// Nesting of includes that sshd follows (servconf.c, SERVCONF_MAX_DEPTH).
const DEPTH_MAX: usize = 16;
/// Files read at most.
const FILES_MAX: usize = 1000;
/// Match blocks kept at most.
const BLOCKS_MAX: usize = 1000;
/// Lines kept at most.
const LINES_MAX: usize = 20_000;

/// One line that sets something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    keyword: String,
    arguments: Vec<String>,
    path: PathBuf,
    number: u64,
    /// The Match block that it stands in.
    block: Option<usize>,
}

/// A Match block with the criteria of all blocks around it: all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Criterion in lower case, and its pattern list.
    criteria: Vec<(String, String)>,
}

impl Block {
    /// `Match all`, which holds for every connection.
    fn always(&self) -> bool {
        self.criteria.iter().all(|(name, _)| name == "all")
    }

    fn text(&self) -> String {
        let parts: Vec<String> = self
            .criteria
            .iter()
            .filter(|(name, _)| name != "all")
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        parts.join(" ")
    }

    /// Whether the block can hold for this user, whatever the other criteria say.
    pub(crate) fn may_be_user(&self, user: &str) -> bool {
        self.criteria
            .iter()
            .filter(|(name, _)| name == "user")
            .all(|(_, patterns)| matches_list(patterns, user))
    }
}

/// Pattern lists of ssh_config(5): a negated pattern that matches refuses all.
fn matches_list(patterns: &str, text: &str) -> bool {
    let mut found = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(refused) if wildcard(refused.as_bytes(), text.as_bytes()) => return false,
            Some(_) => {}
            None => found |= wildcard(pattern.as_bytes(), text.as_bytes()),
        }
    }
    found
}

/// A value that counts, for all connections or under a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// The arguments, joined by blanks.
    pub(crate) text: String,
    /// File and line that set it; `None` for the program's default.
    pub(crate) place: Option<(PathBuf, u64)>,
    /// The Match criteria under which it counts; `None` for all other connections.
    pub(crate) when: Option<String>,
}

impl Value {
    /// The value in lower case, with the old and the new word for the same thing made one.
    pub(crate) fn word(&self) -> String {
        let word = self.text.to_ascii_lowercase();
        match word.as_str() {
            "without-password" => "prohibit-password".to_owned(),
            _ => word,
        }
    }
}

/// The configuration of the host's sshd.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sshd {
    lines: Vec<Line>,
    blocks: Vec<Block>,
    /// All files that were read, with the folders of their include patterns.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) folders: Vec<PathBuf>,
    /// Release of OpenSSH, if the program could be read.
    version: Option<(u32, u32)>,
    pub(crate) limits: Vec<Limit>,
}

impl Sshd {
    /// The value for all connections, and each value that a Match block puts in its place.
    pub(crate) fn values(&self, keyword: &str) -> Vec<Value> {
        let mut all = vec![self.value(keyword)];
        for (place, block) in self.blocks.iter().enumerate() {
            if block.always() {
                continue;
            }
            let applies =
                |other: usize| other == place || self.blocks.get(other).is_some_and(Block::always);
            if let Some(line) = self.first(keyword, &applies)
                && line.block == Some(place)
            {
                let when = Some(block.text());
                let value = Value {
                    when,
                    ..self.value_of(keyword, line, &applies)
                };
                // Two blocks of one text can be told apart by nobody: the first one counts.
                if all.iter().all(|known| known.when != value.when) {
                    all.push(value);
                }
            }
        }
        all
    }

    /// As [`Self::values`], without blocks that cannot hold for the user.
    pub(crate) fn values_for_user(&self, keyword: &str, user: &str) -> Vec<Value> {
        let possible = |value: &Value| {
            let Some(when) = &value.when else { return true };
            self.blocks
                .iter()
                .any(|block| block.text() == *when && block.may_be_user(user))
        };
        let mut all = self.values(keyword);
        all.retain(possible);
        all
    }

    /// The value for connections that no conditional block speaks of.
    pub(crate) fn value(&self, keyword: &str) -> Value {
        let applies = |block: usize| self.blocks.get(block).is_some_and(Block::always);
        self.resolve(keyword, &applies)
    }

    /// The value for a user, with blocks that ask for nothing else than the user.
    #[cfg(test)]
    fn value_for(&self, keyword: &str, user: &str) -> Value {
        let applies = |block: usize| self.blocks.get(block).is_some_and(|b| b.may_be_user(user));
        self.resolve(keyword, &applies)
    }

    /// Whether the value, with everything else that may hold with it, is the given word.
    pub(crate) fn is(&self, keyword: &str, word: &str) -> bool {
        self.value(keyword).word() == word
    }

    fn resolve(&self, keyword: &str, applies: &dyn Fn(usize) -> bool) -> Value {
        match self.first(keyword, applies) {
            Some(line) => self.value_of(keyword, line, applies),
            None => Value {
                text: defaults::value(keyword, self.version).to_owned(),
                place: None,
                when: None,
            },
        }
    }

    /// The line that counts: the first of all blocks that apply, or else the first global one.
    fn first(&self, keyword: &str, applies: &dyn Fn(usize) -> bool) -> Option<&Line> {
        let of = |line: &&Line| line.keyword == keyword;
        let in_block = self
            .lines
            .iter()
            .filter(of)
            .find(|line| line.block.is_some_and(applies));
        in_block.or_else(|| {
            self.lines
                .iter()
                .filter(of)
                .find(|line| line.block.is_none())
        })
    }

    fn value_of(&self, keyword: &str, line: &Line, applies: &dyn Fn(usize) -> bool) -> Value {
        let text = if defaults::is_list(keyword) {
            let same = |other: &&Line| {
                other.keyword == keyword
                    && other.block.is_some() == line.block.is_some()
                    && other.block.is_none_or(applies)
            };
            let all = self.lines.iter().filter(same);
            all.flat_map(|line| line.arguments.clone())
                .collect::<Vec<_>>()
                .join(" ")
        } else {
            line.arguments.join(" ")
        };
        Value {
            text,
            place: Some((line.path.clone(), line.number)),
            when: None,
        }
    }
}

/// Reads the configuration; a host without sshd has none.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Sshd> {
    const PROGRAM: &str = "/usr/sbin/sshd";
    let mut sshd = Sshd::default();
    let bytes = facts.read_if_there(MAIN)?;
    if bytes.is_none() && !facts.exists(PROGRAM) {
        return Err(Skip::not_applicable("no SSH server is installed"));
    }
    // Read for its version alone; a program that cannot be read is taken for a current one.
    sshd.version = tree::read(facts.tree(), PROGRAM)
        .ok()
        .and_then(|bytes| parse::version(&bytes));
    if let Some(bytes) = bytes {
        sshd.files.push(PathBuf::from(MAIN));
        sshd.take(facts, Path::new(MAIN), &bytes, None, 0);
    }
    Ok(sshd)
}

impl Sshd {
    fn take(
        &mut self,
        facts: &Facts<'_>,
        path: &Path,
        bytes: &[u8],
        outer: Option<usize>,
        depth: usize,
    ) {
        let mut block = outer;
        for line in super::text::lines(bytes) {
            let Some((keyword, arguments)) = parse::line(&line.text) else {
                continue;
            };
            if self.lines.len() >= LINES_MAX || self.blocks.len() >= BLOCKS_MAX {
                self.limits.push(Limit {
                    reason: format!("{} and what it includes are too long", path.display()),
                    privileges: false,
                });
                return;
            }
            match keyword.as_str() {
                "include" => {
                    for pattern in &arguments {
                        self.include(facts, pattern, block, depth);
                    }
                }
                "match" => {
                    let around = outer.and_then(|outer| self.blocks.get(outer));
                    let mut criteria = around.map(|b| b.criteria.clone()).unwrap_or_default();
                    criteria.extend(parse::criteria(&arguments));
                    self.blocks.push(Block { criteria });
                    block = Some(self.blocks.len() - 1);
                }
                _ => self.lines.push(Line {
                    keyword,
                    arguments,
                    path: path.to_path_buf(),
                    number: line.number,
                    block,
                }),
            }
        }
    }

    fn include(&mut self, facts: &Facts<'_>, pattern: &str, block: Option<usize>, depth: usize) {
        let pattern = Path::new("/etc/ssh").join(pattern);
        if depth >= DEPTH_MAX || self.folders.len() >= FILES_MAX {
            self.limits.push(Limit {
                reason: format!("too many includes of sshd at `{}`", pattern.display()),
                privileges: false,
            });
            return;
        }
        for path in self.glob(facts, &pattern) {
            if self.files.len() >= FILES_MAX {
                self.limits.push(Limit {
                    reason: format!("too many included files at `{}`", pattern.display()),
                    privileges: false,
                });
                return;
            }
            match tree::read(facts.tree(), &path) {
                Ok(bytes) => {
                    self.files.push(path.clone());
                    self.take(facts, &path, &bytes, block, depth + 1);
                }
                Err(TreeError::NotFound(_) | TreeError::Kind(_)) => {}
                Err(error) => self.limits.push(Limit::from_error(&error)),
            }
        }
    }

    /// Files that a pattern names, sorted. Wildcards are resolved in every part of the path.
    fn glob(&mut self, facts: &Facts<'_>, pattern: &Path) -> Vec<PathBuf> {
        let mut found = vec![PathBuf::from("/")];
        let parts: Vec<_> = pattern
            .components()
            .skip(1)
            .map(|part| part.as_os_str())
            .collect();
        for (place, part) in parts.iter().enumerate() {
            let wild = part.as_bytes().iter().any(|byte| b"*?[".contains(byte));
            let last = place + 1 == parts.len();
            let mut next = Vec::new();
            for folder in found {
                if last {
                    self.folders.push(folder.clone());
                }
                if !wild {
                    next.push(folder.join(part));
                    continue;
                }
                let names = tree::list(facts.tree(), &folder).unwrap_or_else(|error| {
                    if !error.is_not_found() {
                        self.limits.push(Limit::from_error(&error));
                    }
                    Vec::new()
                });
                for name in names {
                    // As glob(3): a leading dot is matched by a dot alone.
                    let hidden =
                        name.as_bytes().starts_with(b".") && !part.as_bytes().starts_with(b".");
                    if !hidden
                        && wildcard(part.as_bytes(), name.as_bytes())
                        && next.len() < FILES_MAX
                    {
                        next.push(folder.join(name));
                    }
                }
            }
            found = next;
        }
        found.retain(|path| facts.exists(path) || facts.tree().link_metadata(path).is_ok());
        found
    }
}

/// A time of sshd_config(5) in seconds: `90`, `2m`, `1h30m`; `none` is 0.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    if text.eq_ignore_ascii_case("none") {
        return Some(0);
    }
    let (mut total, mut number) = (0_u64, None::<u64>);
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(
                number
                    .unwrap_or(0)
                    .checked_mul(10)?
                    .checked_add(digit.into())?,
            );
            continue;
        }
        let unit = match letter.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    total
        .checked_add(number.unwrap_or(0))
        .filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests;
