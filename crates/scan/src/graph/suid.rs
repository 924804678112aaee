//! Programs with set-id bits or capabilities: who becomes whom by starting them, and programs of the
//! system that somebody besides root may change.
//!
//! A set-user-id program that does what it should is a step for those alone who find a weakness in
//! it. The kernel takes the bit away from a file that somebody else writes (inode(7)); who changes
//! such a program waits for root, or anybody, to start it.

use super::access::Who;
use super::builder::{At, Builder, Runner};
use crate::check::Skip;
use crate::checks::suid::capabilities::permitted;
use crate::checks::suid::shell::tool;
use crate::facts::survey::{PROGRAMS, Seen, entries};
use casemate_schema::{EdgeKind, EdgeNeeds, NodeKind};
use std::path::Path;

/// Capabilities with which a tool that does what it is told becomes root (capabilities(7)).
const STRONG: [(u32, &str); 9] = [
    (0, "cap_chown"),
    (1, "cap_dac_override"),
    (2, "cap_dac_read_search"),
    (3, "cap_fowner"),
    (7, "cap_setuid"),
    (16, "cap_sys_module"),
    (19, "cap_sys_ptrace"),
    (21, "cap_sys_admin"),
    (31, "cap_setfcap"),
];

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let survey = builder.facts.survey()?;
    if !survey.is_whole() {
        builder.limit("not all files were walked: programs with set-id bits may be missing");
    }
    for (path, seen) in entries(&survey.set_id) {
        set_id(builder, path, seen);
    }
    for (path, (seen, record)) in entries(&survey.capabilities) {
        capable(builder, path, seen, record);
    }
    for (path, _) in entries(&survey.loose_programs) {
        let searched = path
            .parent()
            .is_some_and(|folder| PROGRAMS.iter().any(|one| Path::new(one) == folder));
        if searched {
            let fact = "stands in a folder of root's search path: root runs it by its name";
            root_runs(builder, path, fact);
        }
    }
    Ok(())
}

fn root_runs(builder: &mut Builder<'_>, path: &Path, fact: &str) {
    let own = Runner {
        id: super::builder::ROOT.to_owned(),
        kind: NodeKind::User,
        label: "root".to_owned(),
        uid: 0,
        rights: String::new(),
    };
    builder.takes(&own, EdgeKind::Executes, path, fact, At::path(path), false);
}

/// The nodes of those who may start a program.
fn starters(builder: &mut Builder<'_>, seen: &Seen) -> Vec<String> {
    let metadata = &seen.metadata;
    if seen.open && metadata.mode & 0o001 != 0 {
        return vec![builder.everybody()];
    }
    let shared = builder
        .facts
        .accounts()
        .is_ok_and(|known| known.is_shared(metadata.gid));
    if metadata.mode & 0o010 != 0 && metadata.gid != 0 && shared {
        return vec![builder.who(Who::Group(metadata.gid))];
    }
    Vec::new()
}

/// Whether the file lies on a mount where set-id bits and capabilities count for nothing.
fn is_powerless(builder: &Builder<'_>, path: &Path) -> bool {
    let mounts = builder.facts.mounts().ok();
    let mount = mounts.and_then(|mounts| mounts.covering(path));
    builder.facts.tree().is_live() && mount.is_some_and(|mount| mount.has("nosuid"))
}

fn set_id(builder: &mut Builder<'_>, path: &Path, seen: &Seen) {
    let metadata = &seen.metadata;
    if is_powerless(builder, path) {
        return;
    }
    let mode = metadata.mode_text();
    if metadata.mode & 0o4000 != 0 {
        let who = starters(builder, seen);
        let target = builder.user_name(metadata.uid);
        let needs = tool(path).is_none().then_some(EdgeNeeds::Weakness);
        // Programs that do their one task as an ordinary user give an attacker no rights worth a node.
        if needs.is_some() && metadata.uid != 0 {
            return;
        }
        let fact = match tool(path) {
            Some(tool) => {
                format!("mode {mode}, owner {target}: the tool `{tool}` does what its user says")
            }
            None => format!("mode {mode}, owner {target}"),
        };
        for id in who {
            let target = builder.user(metadata.uid);
            builder.file(path);
            let kind = EdgeKind::MayBecomeBySuid;
            builder.edge_that_needs(&id, kind, &target, &fact, At::path(path), needs);
        }
        let fact = format!("mode {mode}: a program that others start, and root may");
        if metadata.uid == 0 {
            root_runs(builder, path, &fact);
        }
    } else if metadata.mode & 0o2000 != 0
        && let Some(tool) = tool(path)
    {
        for id in starters(builder, seen) {
            let group = builder.who(Who::Group(metadata.gid));
            let fact = format!("mode {mode}: the tool `{tool}` acts as this group");
            builder.file(path);
            builder.edge(
                &id,
                EdgeKind::MayBecomeBySuid,
                &group,
                &fact,
                At::path(path),
            );
        }
    }
}

fn capable(builder: &mut Builder<'_>, path: &Path, seen: &Seen, record: &[u8]) {
    let (Some(held), Some(tool)) = (permitted(record), tool(path)) else {
        return;
    };
    let names: Vec<&str> = STRONG
        .iter()
        .filter(|(number, _)| held >> number & 1 == 1)
        .map(|(_, name)| *name)
        .collect();
    if names.is_empty() || is_powerless(builder, path) {
        return;
    }
    let fact = format!(
        "{}: the tool `{tool}` does what its user says",
        names.join(", ")
    );
    for id in starters(builder, seen) {
        let root = builder.user(0);
        builder.file(path);
        builder.edge(&id, EdgeKind::MayBecomeBySuid, &root, &fact, At::path(path));
    }
}
