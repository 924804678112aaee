//! Units of systemd: the files that they start and read with whose rights, and who may change those.

use super::builder::{At, Builder, Runner};
use super::scripts;
use crate::check::Skip;
use crate::facts::cron::secrets;
use crate::facts::units::{self, Entry};
use crate::tree::{self, Kind};
use casemate_schema::{EdgeKind, NodeKind};
use std::path::Path;

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let all = builder.facts.units()?;
    builder.limits(&all.limits);
    for folder in &all.folders {
        unit_file(
            builder,
            folder,
            "is a folder of units: a new one there is one of the system",
        );
        drop_ins(builder, folder);
    }
    for entry in all.running() {
        definition(builder, entry);
        if !entry.has_own_root() && entry.started {
            commands(builder, entry);
            environment(builder, entry);
        }
    }
    Ok(())
}

/// The manager itself, which obeys every unit file.
fn manager() -> Runner {
    Runner {
        id: "process:systemd:root".to_owned(),
        kind: NodeKind::Process,
        label: "systemd".to_owned(),
        uid: 0,
        rights: "is the system's first process".to_owned(),
    }
}

fn unit_file(builder: &mut Builder<'_>, path: &Path, fact: &str) {
    builder.takes(
        &manager(),
        EdgeKind::Loads,
        path,
        fact,
        At::path(path),
        false,
    );
}

/// Unit file, drop-ins and the folder that drop-ins may be added to. Who may change one of them
/// decides the user too, so it is the manager that loads them.
fn definition(builder: &mut Builder<'_>, entry: &Entry) {
    let unit = &entry.unit;
    let name = unit.name.as_str();
    let files = std::iter::once(&unit.path).chain(&unit.drop_ins);
    for path in files {
        // A mask is a link to a device, which is open to all by design.
        let metadata = builder.facts.tree().metadata(path);
        if metadata.is_ok_and(|metadata| metadata.kind == Kind::File) {
            unit_file(builder, path, &format!("defines the unit `{name}`"));
        }
    }
}

/// Folders of drop-ins, also empty ones and those of units that stand elsewhere.
fn drop_ins(builder: &mut Builder<'_>, folder: &Path) {
    let tree = builder.facts.tree();
    for name in tree::list(tree, folder).unwrap_or_default() {
        let path = folder.join(name);
        let is_folder = path.extension().is_some_and(|end| end == "d");
        if is_folder
            && tree
                .metadata(&path)
                .is_ok_and(|one| one.kind == Kind::Directory)
        {
            let unit = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            unit_file(
                builder,
                &path,
                &format!("holds what is added to the unit `{unit}`"),
            );
        }
    }
}

fn runner(builder: &Builder<'_>, entry: &Entry, user: Option<&str>) -> Option<Runner> {
    let name = entry.unit.name.as_str();
    let uid = match user {
        None => 0,
        Some(user) => *units::owners(builder.facts, Some(user)).first()?,
    };
    Some(Runner {
        id: format!("unit:{name}"),
        kind: NodeKind::Unit,
        label: name.to_owned(),
        uid,
        rights: match user {
            None => "the unit runs as root".to_owned(),
            Some(user) => format!("the unit has `User={user}`"),
        },
    })
}

fn commands(builder: &mut Builder<'_>, entry: &Entry) {
    let own_user = entry.user();
    for (command, setting) in entry.commands() {
        let user = entry.user_of(&command);
        // A command that keeps root's rights beside a user is the manager's, not the user's.
        let own = if user.is_none() && own_user.is_some() {
            Some(manager())
        } else {
            runner(builder, entry, user.as_deref())
        };
        let Some(own) = own else {
            continue; // a user that systemd invents while the unit runs
        };
        let at = At::line(&setting.file, Some(u64::from(setting.line)));
        let shown = secrets::shown(&setting.value);
        let fact = format!("`{}={shown}` of `{}`", setting.key, entry.unit.name);
        for program in units::programs(&command) {
            builder.takes(&own, EdgeKind::Starts, &program, &fact, at, true);
            scripts::takes_inside(builder, &own, &program);
        }
    }
}

/// Variables decide which code programs load (`LD_PRELOAD`, `PATH`, `PYTHONPATH`).
fn environment(builder: &mut Builder<'_>, entry: &Entry) {
    let user = entry.user();
    let Some(own) = runner(builder, entry, user.as_deref()) else {
        return;
    };
    for (path, setting) in entry.environment_files() {
        if path.to_string_lossy().contains(['*', '?', '%']) {
            continue;
        }
        let fact = format!(
            "`EnvironmentFile={}` of `{}`",
            setting.value, entry.unit.name
        );
        let at = At::line(&setting.file, Some(u64::from(setting.line)));
        builder.takes(&own, EdgeKind::Loads, &path, &fact, at, true);
    }
}
