//! Scheduled jobs: who runs which command, from which file. System and user crontabs, folders of
//! run-parts, anacron, and one-time jobs of at.
//!
//! Invariant: only files that the host's cron would read give jobs; what it ignores (names that
//! run-parts refuses) is listed apart. Source: cron(8) of Debian and cronie, run-parts(8),
//! anacrontab(5), at(1).

pub(crate) mod programs;
pub(crate) mod secrets;
pub(crate) mod shell;
mod stage;
mod table;

use super::accounts::Accounts;
use super::secret_words;
use super::{Fact, Facts, read_or_limit};
use crate::check::{Hit, Limit};
use crate::tree::{self, Kind};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use table::{Line, Shape};

/// Most jobs taken of one host.
const JOBS_MAX: usize = 20_000;
/// Folders whose programs run-parts starts.
pub(crate) const SCRIPT_FOLDERS: [&str; 9] = [
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/etc/cron.yearly",
    "/etc/periodic/15min",
    "/etc/periodic/hourly",
    "/etc/periodic/daily",
    "/etc/periodic/weekly",
];
/// Folders of tables that users made: Debian, SUSE, Red Hat, busybox.
pub(crate) const SPOOLS: [&str; 4] = [
    "/var/spool/cron/crontabs",
    "/var/spool/cron/tabs",
    "/var/spool/cron",
    "/etc/crontabs",
];
/// Folders of one-time jobs: Debian and SUSE, Red Hat.
pub(crate) const AT_SPOOLS: [&str; 2] = ["/var/spool/cron/atjobs", "/var/spool/at"];
/// Search path of root and of others when a table sets none.
const PATH_ROOT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PATH_USER: &str = "/usr/bin:/bin";

/// Everything that cron and at would run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cron {
    /// Jobs in the order of files and lines.
    pub(crate) jobs: Vec<Job>,
    /// Search paths that tables set.
    pub(crate) paths: Vec<SearchPath>,
    /// Variables of tables whose names promise a secret: file, line, name.
    pub(crate) secret_variables: Vec<(PathBuf, u64, String)>,
    /// Tables and scripts that were read, with what kind they are.
    pub(crate) files: Vec<PathBuf>,
    /// Lines that cron cannot read.
    pub(crate) broken: Vec<(PathBuf, u64)>,
    /// Files that stand where jobs stand but never run, and why.
    pub(crate) ignored: Vec<(PathBuf, &'static str)>,
    /// The host's accounts.
    pub(crate) accounts: Arc<Accounts>,
    /// What could not be seen.
    pub(crate) limits: Vec<Limit>,
}

/// A search path set in a table.
#[derive(Clone, Debug)]
pub(crate) struct SearchPath {
    /// The table.
    pub(crate) file: PathBuf,
    /// The line that sets it.
    pub(crate) line: u64,
    /// Folders with colons between.
    pub(crate) value: String,
    /// The user of all jobs in the table; `None` in a system table.
    pub(crate) user: Option<String>,
}

/// One job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The file that it stands in.
    pub(crate) file: PathBuf,
    /// Its line; none for a file that is a job as a whole.
    pub(crate) line: Option<u64>,
    /// Who runs it.
    pub(crate) user: String,
    /// The command for reports: without its secrets.
    pub(crate) shown: String,
    /// Secrets in the command.
    pub(crate) secrets: Vec<secrets::Secret>,
    /// What the command runs.
    pub(crate) pipelines: Vec<shell::Pipeline>,
    /// Search path.
    pub(crate) path: String,
    /// Folder that it starts in, if known.
    pub(crate) start: Option<String>,
}

impl Job {
    /// Whether root runs it.
    pub(crate) fn is_root(&self, accounts: &Accounts) -> bool {
        accounts.uid(&self.user) == Some(0)
    }

    /// A hit about this job, with its command as evidence.
    pub(crate) fn hit(&self, title: impl Into<String>) -> Hit {
        let hit = Hit::new(title).path(&self.file).key(&self.shown);
        let hit = match self.line {
            Some(line) => hit.line(line),
            None => hit,
        };
        self.evidence(hit)
    }

    /// Adds the job to the evidence of a hit.
    pub(crate) fn evidence(&self, hit: Hit) -> Hit {
        let text = format!("{} runs `{}`", self.user, self.shown);
        hit.evidence_at("job", text, &self.file, self.line)
    }
}

/// Reads all tables and folders.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Cron> {
    let accounts = Arc::clone(facts.accounts()?);
    let limits = accounts.limits.clone();
    // Debian's cron takes no name with a dot; cronie and others take them.
    let strict = facts.os()?.is_like("debian");
    let mut reader = Reader {
        facts,
        strict,
        cron: Cron {
            accounts,
            limits,
            ..Cron::default()
        },
    };
    reader.table(Path::new("/etc/crontab"), Shape::System, None);
    reader.system_folder(Path::new("/etc/cron.d"));
    reader.table(Path::new("/etc/anacrontab"), Shape::Anacron, Some("root"));
    for folder in SPOOLS {
        reader.spool(Path::new(folder));
    }
    for folder in SCRIPT_FOLDERS {
        reader.scripts(Path::new(folder));
    }
    for folder in AT_SPOOLS {
        reader.at_jobs(Path::new(folder));
    }
    Ok(reader.cron)
}

struct Reader<'a> {
    facts: &'a Facts<'a>,
    strict: bool,
    cron: Cron,
}

impl Reader<'_> {
    /// Regular files of a folder with their names, sorted; links are followed.
    fn files(&mut self, folder: &Path) -> Vec<(String, PathBuf)> {
        let names = match tree::list(self.facts.tree(), folder) {
            Ok(names) => names,
            Err(error) => {
                if !error.is_not_found() {
                    self.cron.limits.push(Limit::from_error(&error));
                }
                return Vec::new();
            }
        };
        let file = |name: &OsStr| {
            let path = folder.join(name);
            let kind = self.facts.tree().metadata(&path).ok()?.kind;
            (kind == Kind::File).then(|| (name.to_string_lossy().into_owned(), path))
        };
        names.iter().filter_map(|name| file(name)).collect()
    }

    /// Why cron or run-parts would not take a file of this name.
    fn refused(&self, name: &str) -> Option<&'static str> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        if self.strict {
            return (!name.chars().all(plain))
                .then_some("its name holds a character other than letters, digits, `-` and `_`");
        }
        const ENDS: [&str; 8] = [
            "~", ".rpmsave", ".rpmorig", ".rpmnew", ".swp", ".cfsaved", ".bak", ",v",
        ];
        let refused = name.starts_with(['.', '#']) || ENDS.iter().any(|end| name.ends_with(end));
        refused.then_some("its name is one that editors and package managers leave behind")
    }

    fn ignore(&mut self, name: &str, path: PathBuf, why: &'static str) {
        const LEFT_BEHIND: [&str; 8] = [
            "~",
            ".rpmsave",
            ".rpmorig",
            ".rpmnew",
            ".dpkg-old",
            ".dpkg-dist",
            ".dpkg-new",
            ".swp",
        ];
        let left = name.starts_with('.') || LEFT_BEHIND.iter().any(|end| name.ends_with(end));
        if !left {
            self.cron.ignored.push((path, why));
        }
    }

    fn system_folder(&mut self, folder: &Path) {
        for (name, path) in self.files(folder) {
            match self.refused(&name) {
                Some(why) => self.ignore(&name, path, why),
                None => self.table(&path, Shape::System, None),
            }
        }
    }

    fn spool(&mut self, folder: &Path) {
        for (name, path) in self.files(folder) {
            let leftover =
                name.starts_with(['.', '#']) || name.ends_with('~') || name.contains("tmp.");
            if !leftover && name != "cron.update" {
                self.table(&path, Shape::User, Some(&name));
            }
        }
    }

    fn scripts(&mut self, folder: &Path) {
        for (name, path) in self.files(folder) {
            if let Some(why) = self.refused(&name) {
                self.ignore(&name, path, why);
                continue;
            }
            let executable = self.facts.tree().metadata(&path);
            if executable.is_ok_and(|metadata| metadata.mode & 0o111 == 0) {
                self.ignore(&name, path, "it is not executable");
                continue;
            }
            let command = path.to_string_lossy().into_owned();
            self.cron.files.push(path.clone());
            self.job(&path, None, "root", &command, PATH_ROOT, Some("/"));
        }
    }

    fn table(&mut self, path: &Path, shape: Shape, owner: Option<&str>) {
        let Some(bytes) = read_or_limit(self.facts, path, &mut self.cron.limits) else {
            return;
        };
        self.cron.files.push(path.to_path_buf());
        let text = String::from_utf8_lossy(&bytes);
        let mut search: Option<String> = None;
        let mut home: Option<String> = None;
        for (line, meaning) in table::lines(&text, shape) {
            match meaning {
                Line::Broken => self.cron.broken.push((path.to_path_buf(), line)),
                Line::Assigned { name, value } if name == "PATH" => {
                    self.cron.paths.push(SearchPath {
                        file: path.to_path_buf(),
                        line,
                        value: value.clone(),
                        user: owner.map(str::to_owned),
                    });
                    search = Some(value);
                }
                Line::Assigned { name, value } if name == "HOME" => home = Some(value),
                Line::Assigned { name, value } => {
                    if secret_words::is_name(&name) && secret_words::is_plain(&value) {
                        let variable = (path.to_path_buf(), line, name);
                        self.cron.secret_variables.push(variable);
                    }
                }
                Line::Entry { user, command } => {
                    let user = user.as_deref().or(owner).unwrap_or("root").to_owned();
                    let usual = if user == "root" { PATH_ROOT } else { PATH_USER };
                    let start = home.clone().or_else(|| self.home(&user));
                    let search = search.as_deref().unwrap_or(usual);
                    self.job(path, Some(line), &user, &command, search, start.as_deref());
                }
            }
        }
    }

    fn home(&self, user: &str) -> Option<String> {
        let home = self.cron.accounts.account(user)?.home.to_str()?;
        home.starts_with('/').then(|| home.to_owned())
    }

    /// Jobs of at: a script each, with the user in its second line and the commands behind `}`.
    fn at_jobs(&mut self, folder: &Path) {
        for (name, path) in self.files(folder) {
            let mut letters = name.chars();
            if !matches!(letters.next(), Some('a'..='z' | 'A'..='Z' | '=')) || name.len() < 14 {
                continue;
            }
            let Some(bytes) = read_or_limit(self.facts, &path, &mut self.cron.limits) else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let value = |mark: &str| text.lines().find_map(|line| line.strip_prefix(mark));
            let uid =
                value("# atrun uid=").and_then(|rest| rest.split_whitespace().next()?.parse().ok());
            let Some(uid) = uid else {
                self.cron.broken.push((path, 1));
                continue;
            };
            let user = self.cron.accounts.name_of(uid);
            let user = if uid == 0 { Some("root") } else { user };
            let user = user.map_or_else(|| uid.to_string(), str::to_owned);
            let search = value("PATH=").and_then(|rest| rest.split(';').next());
            let search = search.unwrap_or(PATH_USER).replace('\\', "");
            let start = value("cd ").and_then(|rest| rest.split(" ||").next());
            let start = start.map(|start| start.replace('\\', ""));
            let body: Vec<&str> = text
                .lines()
                .skip_while(|line| *line != "}")
                .skip(1)
                .filter(|line| !line.contains("marcinDELIMITER"))
                .collect();
            self.cron.files.push(path.clone());
            self.job(
                &path,
                None,
                &user,
                &body.join("\n"),
                &search,
                start.as_deref(),
            );
        }
    }

    fn job(
        &mut self,
        file: &Path,
        line: Option<u64>,
        user: &str,
        command: &str,
        path: &str,
        start: Option<&str>,
    ) {
        if self.cron.jobs.len() >= JOBS_MAX {
            self.cron.limits.push(Limit {
                reason: format!("there are more than {JOBS_MAX} jobs"),
                privileges: false,
            });
            return;
        }
        if command.contains('\u{fffd}') {
            self.cron.limits.push(Limit {
                reason: format!("a command in `{}` is not UTF-8", file.display()),
                privileges: false,
            });
        }
        self.cron.jobs.push(Job {
            file: file.to_path_buf(),
            line,
            user: user.to_owned(),
            shown: secrets::shown(command),
            secrets: secrets::find(command),
            pipelines: shell::pipelines(command),
            path: path.to_owned(),
            start: start.map(str::to_owned),
        });
    }
}

#[cfg(test)]
#[path = "cron/tests.rs"]
mod tests;
