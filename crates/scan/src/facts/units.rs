//! The systemd units of the host as its manager would load them, and what they start.
//!
//! Invariants: each unit stands once, however many folders, links and names lead to it; templates
//! that nobody instantiates run nothing; a file that could not be read is a limit.

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::systemd::exec::{Command, Privilege};
use crate::systemd::files::UnitFiles;
use crate::systemd::name::{NameClass, UnitKind};
use crate::systemd::parse::Setting;
use crate::systemd::resolve;
use crate::systemd::unit::Unit;
use crate::tree::{self, Tree, TreeError};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Most units that are followed as started; a host has some hundred.
const STARTED_MAX: usize = 10_000;

/// All units.
#[derive(Clone, Debug, Default)]
pub(crate) struct Units {
    /// The units, sorted by name.
    pub(crate) list: Vec<Entry>,
    /// The folders that hold them, highest rank first.
    pub(crate) folders: Vec<PathBuf>,
    /// What could not be read.
    pub(crate) limits: Vec<Limit>,
}

/// One unit.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The unit in force.
    pub(crate) unit: Unit,
    /// Whether something starts it: an enablement, or a unit that is started itself (as a
    /// dependency, or as the socket, timer or path that triggers it).
    pub(crate) started: bool,
}

impl Units {
    /// The units that can run: not masked, and no template unless a socket makes its instances.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Entry> {
        self.list.iter().filter(|entry| {
            let template = entry.unit.name.class() == NameClass::Template;
            !entry.unit.masked && (!template || entry.started)
        })
    }
}

/// Reads all units of the tree.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Units> {
    let all = resolve::Units::open(TreeFiles::new(facts.tree()));
    if all.dirs().is_empty() {
        return Err(Skip::not_applicable(
            "there is no folder of systemd units: systemd is not installed",
        ));
    }
    let mut units: BTreeMap<String, Unit> = all
        .all()
        .map(|unit| (unit.name.as_str().to_owned(), unit))
        .collect();
    let started = started(&mut units, &|name| all.load(name));
    let list = units
        .into_values()
        .map(|unit| Entry {
            started: started.contains(unit.name.as_str()),
            unit,
        })
        .collect();
    Ok(Units {
        list,
        folders: all.dirs().to_vec(),
        limits: all.files().limits(),
    })
}

/// The names of the units that something starts. Instances that only another unit names are added.
fn started(
    units: &mut BTreeMap<String, Unit>,
    load: &dyn Fn(&str) -> Option<Unit>,
) -> BTreeSet<String> {
    let aliases: BTreeMap<String, String> = units
        .values()
        .flat_map(|unit| {
            let main = unit.name.as_str();
            let names = unit.aliases.iter();
            names.map(move |alias| (alias.as_str().to_owned(), main.to_owned()))
        })
        .collect();
    let mut todo: Vec<String> = units
        .values()
        .filter(|unit| !unit.enabled_by.is_empty() || is_on_bus(unit))
        .map(|unit| unit.name.as_str().to_owned())
        .collect();
    let mut found = BTreeSet::new();
    while let Some(name) = todo.pop() {
        let name = aliases.get(&name).cloned().unwrap_or(name);
        if found.contains(&name) || found.len() >= STARTED_MAX {
            continue;
        }
        if !units.contains_key(&name)
            && name.contains('@')
            && let Some(unit) = load(&name)
        {
            units.insert(unit.name.as_str().to_owned(), unit);
        }
        let Some(unit) = units.get(&name).filter(|unit| !unit.masked) else {
            continue;
        };
        todo.extend(pulled_in(unit));
        found.insert(name);
    }
    found
}

/// A service that the message bus starts when somebody asks for it has a name for the bus.
fn is_on_bus(unit: &Unit) -> bool {
    unit.aliases
        .iter()
        .any(|alias| alias.as_str().starts_with("dbus-"))
}

/// The units that a started unit starts.
fn pulled_in(unit: &Unit) -> Vec<String> {
    let mut names: Vec<String> = ["Wants", "Requires", "BindsTo", "Upholds"]
        .into_iter()
        .flat_map(|key| unit.words("Unit", key))
        .map(|(name, _)| unit.expand(&name).unwrap_or(name))
        .collect();
    let key = match unit.kind {
        UnitKind::Socket => "Service",
        UnitKind::Timer | UnitKind::Path => "Unit",
        _ => return names,
    };
    match unit.value(unit.own_section(), key) {
        Some(setting) => names.push(unit.expand(&setting.value).unwrap_or_default()),
        None => {
            let stem = unit.name.as_str().rsplit_once('.').map(|(stem, _)| stem);
            let accepts = unit.flag("Socket", "Accept").is_some_and(|(on, _)| on);
            let at = if accepts { "@" } else { "" };
            names.extend(stem.map(|stem| format!("{stem}{at}.service")));
        }
    }
    names
}

/// The settings that hold commands, by section.
const COMMAND_KEYS: [(&str, &str); 11] = [
    ("Service", "ExecCondition"),
    ("Service", "ExecStartPre"),
    ("Service", "ExecStart"),
    ("Service", "ExecStartPost"),
    ("Service", "ExecReload"),
    ("Service", "ExecStop"),
    ("Service", "ExecStopPost"),
    ("Socket", "ExecStartPre"),
    ("Socket", "ExecStartPost"),
    ("Socket", "ExecStopPre"),
    ("Socket", "ExecStopPost"),
];

impl Entry {
    /// The commands in force, each with its assignment; lines that systemd refuses are left out.
    pub(crate) fn commands(&self) -> Vec<(Command, &Setting)> {
        COMMAND_KEYS
            .into_iter()
            .filter(|(section, _)| *section == self.unit.own_section())
            .flat_map(|(section, key)| self.unit.commands(section, key))
            .filter_map(|(command, setting)| Some((command.ok()?, setting)))
            .collect()
    }

    /// Whether the unit has a root folder of its own, in which its paths are looked up.
    pub(crate) fn has_own_root(&self) -> bool {
        ["RootDirectory", "RootImage"].into_iter().any(|key| {
            let value = self.unit.value(self.unit.own_section(), key);
            value.is_some_and(|setting| !setting.value.trim_matches('/').is_empty())
        })
    }

    /// The user of the unit's processes; `None` for root.
    pub(crate) fn user(&self) -> Option<String> {
        let section = self.unit.own_section();
        let dynamic = self.unit.flag(section, "DynamicUser");
        let user = self.unit.value(section, "User");
        let user = user.map(|user| self.unit.expand(&user.value).unwrap_or_default());
        match user {
            Some(user) if matches!(user.as_str(), "root" | "0") => None,
            Some(user) => Some(user),
            None if dynamic.is_some_and(|(on, _)| on) => Some(self.unit.name.prefix().to_owned()),
            None => None,
        }
    }

    /// The user of one command; `None` for root. The prefixes `+` and `!` start as root.
    pub(crate) fn user_of(&self, command: &Command) -> Option<String> {
        match command.privilege {
            Privilege::Full | Privilege::KeepUser => None,
            Privilege::AsUnit | Privilege::Ambient => self.user(),
        }
    }

    /// The variables of `Environment=` in force, each with its assignment.
    pub(crate) fn environment(&self) -> Vec<(String, String, &Setting)> {
        self.unit
            .words(self.unit.own_section(), "Environment")
            .into_iter()
            .filter_map(|(word, setting)| {
                let (name, value) = word.split_once('=')?;
                let value = self.unit.expand(value).unwrap_or_else(|_| value.to_owned());
                Some((name.to_owned(), value, setting))
            })
            .collect()
    }

    /// The files of `EnvironmentFile=` in force, without the prefix `-`.
    pub(crate) fn environment_files(&self) -> Vec<(PathBuf, &Setting)> {
        self.unit
            .list(self.unit.own_section(), "EnvironmentFile")
            .into_iter()
            .filter_map(|setting| {
                let path = setting.value.strip_prefix('-').unwrap_or(&setting.value);
                let path = PathBuf::from(self.unit.expand(path).ok()?);
                path.is_absolute().then_some((path, setting))
            })
            .collect()
    }

    /// Where the drop-in that corrects this unit belongs.
    pub(crate) fn drop_in_path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/etc/systemd/system/{}.d/{name}", self.unit.name))
    }
}

/// The number of a user name, for the rights on files; empty for an unknown one.
pub(crate) fn owners(facts: &Facts<'_>, user: Option<&str>) -> Vec<u32> {
    let Some(user) = user else {
        return Vec::new();
    };
    let known = facts
        .accounts()
        .ok()
        .and_then(|accounts| accounts.uid(user));
    known.or_else(|| user.parse().ok()).into_iter().collect()
}

/// The user of a command in words.
pub(crate) fn user_text(user: Option<&str>) -> String {
    user.map_or_else(|| "root".to_owned(), |user| format!("`{user}`"))
}

/// Programs that run the file which their first plain argument names.
const INTERPRETERS: [&str; 10] = [
    "sh", "bash", "dash", "zsh", "ksh", "perl", "python", "ruby", "node", "php",
];

/// The absolute paths that a command runs: the program, and the script that it interprets.
pub(crate) fn programs(command: &Command) -> Vec<PathBuf> {
    let mut found = vec![command.program.clone()];
    let name = command.program.file_name().unwrap_or_default();
    let name = String::from_utf8_lossy(name.as_bytes());
    let plain = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    if INTERPRETERS.contains(&plain) {
        let mut rest = command.arguments.iter().skip(1).map(OsString::as_os_str);
        found.extend(rest.by_ref().find_map(script));
    }
    found.retain(|path| path.is_absolute() && !has_unknowns(path));
    found
}

/// The script in an argument: the argument itself, or the first word of a `-c` text.
fn script(word: &OsStr) -> Option<PathBuf> {
    let bytes = word.as_bytes();
    if bytes.first() == Some(&b'-') {
        return None;
    }
    let text = bytes.strip_prefix(b"exec ").unwrap_or(bytes);
    let first = text.split(|byte| b" \t\n;|&<>()".contains(byte)).next()?;
    Some(PathBuf::from(OsStr::from_bytes(first)))
}

/// A path with a variable or a specifier that only the running host knows.
fn has_unknowns(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    bytes.iter().any(|byte| matches!(byte, b'%' | b'$' | b'*'))
}

/// The tree as the resolver of units sees it. Links of folders and the last file are remembered,
/// because the resolver asks for both again and again.
struct TreeFiles<'a> {
    tree: &'a dyn Tree,
    links: RefCell<BTreeMap<PathBuf, Option<PathBuf>>>,
    last: RefCell<Option<(PathBuf, Option<Vec<u8>>)>>,
    limits: RefCell<BTreeSet<Limit>>,
}

impl<'a> TreeFiles<'a> {
    fn new(tree: &'a dyn Tree) -> Self {
        Self {
            tree,
            links: RefCell::default(),
            last: RefCell::default(),
            limits: RefCell::default(),
        }
    }

    fn limits(&self) -> Vec<Limit> {
        self.limits.borrow().iter().cloned().collect()
    }

    fn note(&self, error: &TreeError) {
        if !error.is_not_found() {
            self.limits.borrow_mut().insert(Limit::from_error(error));
        }
    }
}

impl UnitFiles for TreeFiles<'_> {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        if let Some((last, bytes)) = self.last.borrow().as_ref()
            && last == path
        {
            return bytes.clone();
        }
        let bytes = match tree::read(self.tree, path) {
            Ok(bytes) => Some(bytes),
            Err(TreeError::Kind(_)) => None,
            Err(error) => {
                self.note(&error);
                None
            }
        };
        *self.last.borrow_mut() = Some((path.to_path_buf(), bytes.clone()));
        bytes
    }

    fn list(&self, dir: &Path) -> Vec<OsString> {
        tree::list(self.tree, dir).unwrap_or_else(|error| {
            self.note(&error);
            Vec::new()
        })
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        if let Some(known) = self.links.borrow().get(path) {
            return known.clone();
        }
        let target = self.tree.read_link(path).ok();
        let mut links = self.links.borrow_mut();
        links.insert(path.to_path_buf(), target.clone());
        target
    }

    fn is_dir(&self, path: &Path) -> bool {
        let metadata = self.tree.metadata(path);
        metadata.is_ok_and(|metadata| metadata.kind == tree::Kind::Directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Options;

    const TREE: &str = "\
=== x: passed
--- /lib -> usr/lib
--- /usr/lib/systemd/system/a.service
[Service]
ExecStart=-/bin/sh -c '/opt/run.sh x; y'
User=web
ExecStartPre=+/bin/pre
--- /usr/lib/systemd/system/b@.service
[Service]
ExecStart=/usr/bin/python3.11 -u /srv/%i.py
--- /usr/lib/systemd/system/b.socket
[Socket]
Service=b@one.service
ListenStream=1
--- /usr/lib/systemd/system/c.service
--- /usr/lib/systemd/system/d.service denied
--- /usr/lib/systemd/system/e.timer
[Timer]
OnCalendar=daily
--- /usr/lib/systemd/system/e.service
[Unit]
Requires=f.service
--- /usr/lib/systemd/system/f.service
[Service]
DynamicUser=yes
--- /usr/lib/systemd/system/idle.service
[Service]
--- /etc/systemd/system/t.target.wants/a.service -> /lib/systemd/system/a.service
--- /etc/systemd/system/t.target.wants/b.socket -> /lib/systemd/system/b.socket
--- /etc/systemd/system/t.target.wants/b@two.service -> /lib/systemd/system/b@.service
--- /usr/lib/systemd/system/t.target.wants/e.timer -> ../e.timer
--- /etc/passwd
web:x:33:33::/:/bin/false
";

    #[test]
    fn what_is_started_as_whom_and_what_runs() {
        let cases = crate::fixture::parse(TREE).expect("fixture");
        let options = Options::at(0);
        let facts = Facts::new(&cases[0].tree, &options);
        let units = facts.units().expect("units");
        let of = |name: &str| {
            let found = units.list.iter().find(|one| one.unit.name.as_str() == name);
            found.expect("unit").clone()
        };
        let started: Vec<_> = units.list.iter().filter(|one| one.started).collect();
        let started: Vec<_> = started.iter().map(|one| one.unit.name.as_str()).collect();
        let expected = [
            "a.service",
            "b.socket",
            "b@one.service",
            "b@two.service",
            "e.service",
            "e.timer",
            "f.service",
        ];
        assert_eq!(started, expected);
        assert_eq!(
            units
                .running()
                .filter(|one| one.unit.name.as_str() == "b@.service")
                .count(),
            0
        );
        let shown: Vec<_> = of("a.service")
            .commands()
            .iter()
            .map(|(command, _)| (programs(command), of("a.service").user_of(command)))
            .collect();
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(
            shown,
            [
                (paths(&["/bin/pre"]), None),
                (paths(&["/bin/sh", "/opt/run.sh"]), Some("web".to_owned())),
            ]
        );
        let two = of("b@two.service");
        let script = paths(&["/usr/bin/python3.11", "/srv/two.py"]);
        assert_eq!(programs(&two.commands()[0].0), script);
        assert_eq!(of("f.service").user().as_deref(), Some("f"));
        assert_eq!(owners(&facts, Some("web")), [33]);
        assert_eq!(
            units.limits.len(),
            1,
            "the denied file is not taken for clean"
        );
        assert!(units.limits[0].privileges);
    }
}
