//! Rules of sudo: sudoers(5) with its included files, aliases and defaults.
//!
//! Files are read in the order in which sudo reads them; in folders, names that hold a dot or end
//! in `~` are left out, as sudo does. Rules keep their order, because the last one that matches
//! counts. A line that cannot be parsed is a problem, never a rule.

mod parse;

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::tree::{self, TreeError};
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Files read at most; sudo itself stops at 128 nested ones.
const FILES_MAX: usize = 1000;
/// Nesting of includes that is followed.
const DEPTH_MAX: usize = 32;
/// Commands that one rule may become when aliases are put in.
const EXPANDED_MAX: usize = 1024;
/// Rules that are kept; hosts have dozens.
const RULES_MAX: usize = 5000;

/// A name in a list, or its opposite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) negated: bool,
    pub(crate) text: String,
}

/// Whom a command runs as: the list in parentheses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Runas {
    pub(crate) users: Vec<Item>,
    pub(crate) groups: Vec<Item>,
}

/// Tags that hold for a command; they carry over to the commands after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags {
    pub(crate) nopasswd: Option<bool>,
    pub(crate) setenv: Option<bool>,
    pub(crate) noexec: Option<bool>,
}

/// One command of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) negated: bool,
    /// `ALL`, an alias, or a path with its arguments; escapes are undone.
    pub(crate) text: String,
    pub(crate) runas: Option<Runas>,
    pub(crate) tags: Tags,
}

impl Command {
    /// The path without its arguments.
    pub(crate) fn program(&self) -> &str {
        self.text.split([' ', '\t']).next().unwrap_or_default()
    }

    /// The arguments, if any are named. `""` stands for "none allowed".
    pub(crate) fn arguments(&self) -> Option<&str> {
        let (_, arguments) = self.text.split_once([' ', '\t'])?;
        let arguments = arguments.trim();
        (!arguments.is_empty()).then_some(arguments)
    }
}

/// Who may run what where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    pub(crate) users: Vec<Item>,
    pub(crate) hosts: Vec<Item>,
    pub(crate) commands: Vec<Command>,
}

impl Rule {
    /// The users as text.
    pub(crate) fn who(&self) -> String {
        list_text(&self.users)
    }
}

/// One setting of a `Defaults` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    /// `:ann`, `@host`, `>root`, `!COMMAND`, or empty for all.
    pub(crate) scope: String,
    pub(crate) name: String,
    pub(crate) change: Change,
}

/// What a `Defaults` line does to its setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    On,
    Off,
    Set(String),
    Add(String),
    Remove(String),
}

/// A line that sudo, or this reader, cannot understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    pub(crate) reason: String,
}

/// All that the sudoers files say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sudoers {
    /// Files in the order in which they were read.
    pub(crate) files: Vec<PathBuf>,
    /// Folders that are included.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) defaults: Vec<Setting>,
    aliases: BTreeMap<(AliasKind, String), Vec<Item>>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) limits: Vec<Limit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AliasKind {
    User,
    Runas,
    Host,
    Command,
}

/// A list as sudoers writes it.
pub(crate) fn list_text(items: &[Item]) -> String {
    let texts: Vec<String> = items
        .iter()
        .map(|item| format!("{}{}", if item.negated { "!" } else { "" }, item.text))
        .collect();
    texts.join(", ")
}

impl Sudoers {
    /// Puts aliases in, with negation carried inwards; what is no alias stays.
    fn expand(&self, kind: AliasKind, items: &[Item]) -> Vec<Item> {
        let mut out = Vec::new();
        let mut todo: Vec<(Item, usize)> = items.iter().rev().map(|i| (i.clone(), 0)).collect();
        while let Some((item, depth)) = todo.pop() {
            if out.len() >= EXPANDED_MAX {
                break;
            }
            match self.aliases.get(&(kind, item.text.clone())) {
                Some(members) if depth < DEPTH_MAX && todo.len() < EXPANDED_MAX => {
                    for member in members.iter().rev() {
                        let member = Item {
                            negated: member.negated != item.negated,
                            text: member.text.clone(),
                        };
                        todo.push((member, depth + 1));
                    }
                }
                // An alias that holds itself ends here as a plain name.
                _ => out.push(item),
            }
        }
        out
    }

    /// The commands of a rule with aliases put in.
    pub(crate) fn commands(&self, rule: &Rule) -> Vec<Command> {
        let mut out = Vec::new();
        for command in &rule.commands {
            let item = Item {
                negated: command.negated,
                text: command.text.clone(),
            };
            for item in self.expand(AliasKind::Command, &[item]) {
                if out.len() < EXPANDED_MAX {
                    out.push(Command {
                        negated: item.negated,
                        text: item.text,
                        ..command.clone()
                    });
                }
            }
        }
        out
    }

    /// The users of a rule with aliases put in.
    pub(crate) fn users(&self, rule: &Rule) -> Vec<Item> {
        self.expand(AliasKind::User, &rule.users)
    }

    /// Rules that give rights to somebody other than root.
    pub(crate) fn rules_of_others(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| self.is_for_others(rule))
    }

    /// Whether a rule gives rights to somebody other than root.
    pub(crate) fn is_for_others(&self, rule: &Rule) -> bool {
        let root = |item: &Item| item.negated || item.text == "root" || item.text == "#0";
        !self.users(rule).iter().all(root)
    }

    /// Whether the command may run as root.
    pub(crate) fn as_root(&self, command: &Command) -> bool {
        let Some(runas) = &command.runas else {
            return true;
        };
        let root =
            |item: &Item| !item.negated && matches!(item.text.as_str(), "ALL" | "root" | "#0");
        self.expand(AliasKind::Runas, &runas.users).iter().any(root)
    }

    /// What holds for everybody: the last unscoped line that sets the name.
    pub(crate) fn global(&self, name: &str) -> Option<&Setting> {
        self.defaults
            .iter()
            .rfind(|setting| setting.scope.is_empty() && setting.name == name)
    }
}

/// Reads `/etc/sudoers` and all that it includes.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Sudoers> {
    const MAIN: &str = "/etc/sudoers";
    let mut sudoers = Sudoers::default();
    let Some(bytes) = facts.read_if_there(MAIN)? else {
        return Err(Skip::not_applicable("there is no /etc/sudoers"));
    };
    sudoers.take(facts, Path::new(MAIN), &bytes, 0);
    Ok(sudoers)
}

impl Sudoers {
    fn take(&mut self, facts: &Facts<'_>, path: &Path, bytes: &[u8], depth: usize) {
        self.files.push(path.to_path_buf());
        for (line, text) in parse::logical_lines(bytes) {
            let problem = |reason: String| Problem {
                path: path.to_path_buf(),
                line,
                reason,
            };
            match parse::statement(&text) {
                Ok(parse::Statement::Include(file)) => {
                    if let Err(reason) = self.include(facts, path, &file, depth) {
                        self.problems.push(problem(reason));
                    }
                }
                Ok(parse::Statement::IncludeFolder(folder)) => {
                    self.include_folder(facts, &beside(path, &folder), depth);
                }
                Ok(parse::Statement::Alias(kind, definitions)) => {
                    for (name, members) in definitions {
                        self.aliases.insert((kind, name), members);
                    }
                }
                Ok(parse::Statement::Defaults(scope, settings)) => {
                    for (name, change) in settings {
                        self.defaults.push(Setting {
                            path: path.to_path_buf(),
                            line,
                            scope: scope.clone(),
                            name,
                            change,
                        });
                    }
                }
                Ok(parse::Statement::Rules(users, grants)) => {
                    for (hosts, commands) in grants {
                        if self.rules.len() >= RULES_MAX {
                            self.limits.push(Limit {
                                reason: format!("more than {RULES_MAX} rules of sudo"),
                                privileges: false,
                            });
                            return;
                        }
                        self.rules.push(Rule {
                            path: path.to_path_buf(),
                            line,
                            users: users.clone(),
                            hosts,
                            commands,
                        });
                    }
                }
                Err(reason) => self.problems.push(problem(reason)),
            }
        }
    }

    fn include(
        &mut self,
        facts: &Facts<'_>,
        from: &Path,
        file: &str,
        depth: usize,
    ) -> Result<(), String> {
        if file.contains("%h") {
            self.limits.push(Limit {
                reason: format!("`{file}` depends on the host's short name"),
                privileges: false,
            });
            return Ok(());
        }
        if depth >= DEPTH_MAX || self.files.len() >= FILES_MAX {
            return Err(format!("too many included files at `{file}`"));
        }
        let path = beside(from, file);
        match tree::read(facts.tree(), &path) {
            Ok(bytes) => self.take(facts, &path, &bytes, depth + 1),
            Err(TreeError::NotFound(_)) => {
                return Err(format!("included file `{}` is not there", path.display()));
            }
            Err(error) => self.limits.push(Limit::from_error(&error)),
        }
        Ok(())
    }

    fn include_folder(&mut self, facts: &Facts<'_>, folder: &Path, depth: usize) {
        self.folders.push(folder.to_path_buf());
        let names = match tree::list(facts.tree(), folder) {
            Ok(names) => names,
            Err(error) => {
                if !error.is_not_found() {
                    self.limits.push(Limit::from_error(&error));
                }
                return;
            }
        };
        for name in names {
            let bytes = name.as_bytes();
            if bytes.contains(&b'.') || bytes.ends_with(b"~") {
                continue;
            }
            if depth >= DEPTH_MAX || self.files.len() >= FILES_MAX {
                self.limits.push(Limit {
                    reason: format!("too many included files under {}", folder.display()),
                    privileges: false,
                });
                return;
            }
            let path = folder.join(&name);
            match tree::read(facts.tree(), &path) {
                Ok(bytes) => self.take(facts, &path, &bytes, depth + 1),
                // Folders inside are not read by sudo either.
                Err(TreeError::NotFound(_) | TreeError::Kind(_)) => {}
                Err(error) => self.limits.push(Limit::from_error(&error)),
            }
        }
    }
}

/// A relative name counts from the folder of the file that names it.
fn beside(file: &Path, name: &str) -> PathBuf {
    file.parent().unwrap_or(file).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Options;

    fn of(tree: &str) -> Sudoers {
        let cases = crate::fixture::parse(tree).expect("fixture");
        let options = Options::at(0);
        let facts = Facts::new(&cases[0].tree, &options);
        facts.sudoers().expect("sudoers").clone()
    }

    #[test]
    fn includes_in_order_and_by_name() {
        let sudoers = of("\
=== x: passed
--- /etc/sudoers
a ALL=ALL
@includedir sudoers.d
#include /etc/gone
@include \"/etc/with blank\"
z ALL=ALL
--- /etc/with\\sblank
--- /etc/sudoers.d/20-b
c ALL=ALL
--- /etc/sudoers.d/10-a
b ALL=ALL
--- /etc/sudoers.d/30.rpmsave
bad ALL=ALL
--- /etc/sudoers.d/40-x~
bad ALL=ALL
");
        let who: Vec<String> = sudoers.rules.iter().map(Rule::who).collect();
        assert_eq!(who, ["a", "b", "c", "z"]);
        assert_eq!(sudoers.problems.len(), 1, "{:?}", sudoers.problems);
    }

    #[test]
    fn aliases_nest_and_negate() {
        let sudoers = of("\
=== x: passed
--- /etc/sudoers
Cmnd_Alias SHELLS = /bin/sh, /bin/bash : SAFE = ALL, !SHELLS
Cmnd_Alias LOOP = LOOP, /bin/ls
User_Alias ADMINS = ann, %wheel
ADMINS ALL=(root) SAFE, LOOP
");
        let rule = &sudoers.rules[0];
        let commands: Vec<(bool, String)> = sudoers
            .commands(rule)
            .into_iter()
            .map(|command| (command.negated, command.text))
            .collect();
        assert_eq!(commands[0], (false, "ALL".to_owned()));
        assert_eq!(commands[1], (true, "/bin/sh".to_owned()));
        assert_eq!(commands[2], (true, "/bin/bash".to_owned()));
        assert!(commands.len() < 100);
        assert_eq!(list_text(&sudoers.users(rule)), "ann, %wheel");
    }
}
