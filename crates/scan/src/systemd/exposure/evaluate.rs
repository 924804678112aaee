//! From one row of the table and the sandbox of a unit to its assessment.

use super::Assessment;
use super::capability::set_of;
use super::sandbox::Sandbox;
use super::table::{Row, Rule};

/// A badness, and words where the row's own two do not fit.
type Verdict = (Option<u32>, Option<String>);

/// Assesses one row.
pub(super) fn evaluate(row: &Row, sandbox: &Sandbox) -> Assessment {
    let (badness, words) = if row.late_only && !sandbox.default_dependencies {
        (None, said("runs in early boot, where this cannot be set"))
    } else {
        verdict(row, sandbox)
    };
    let plain = match badness {
        Some(0) => row.good,
        Some(_) => row.bad,
        None => "runs as root, for which this does not count",
    };
    Assessment {
        id: row.id,
        name: row.name,
        description: words.unwrap_or_else(|| plain.to_owned()),
        weight: row.weight,
        badness,
        range: row.range,
        exposure_tenths: 0,
    }
}

fn said(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Bad or not, in the row's own words.
fn bad(is_bad: bool) -> Verdict {
    (Some(u32::from(is_bad)), None)
}

fn verdict(row: &Row, sandbox: &Sandbox) -> Verdict {
    match row.rule {
        Rule::Flag(key) => bad(!sandbox.is_on(key)),
        Rule::Capability(names) => bad(sandbox.bounding & set_of(names) != 0),
        Rule::Namespace(name) => bad(sandbox
            .namespaces
            .as_ref()
            .is_none_or(|allowed| allowed.contains(name))),
        Rule::Socket(group) => bad(!sandbox.families.forbids(group)),
        Rule::Syscalls(group) => syscalls(group, sandbox),
        Rule::Keyring => bad(sandbox.choice("KeyringMode") != Some("private")),
        Rule::ProcSubset => bad(sandbox.choice("ProcSubset") != Some("pid")),
        Rule::Notify => bad(sandbox.choice("NotifyAccess") == Some("all")),
        Rule::ProtectProc => match sandbox.choice("ProtectProc") {
            Some("noaccess") => (Some(1), said("sees others' processes, but nothing in them")),
            Some("invisible" | "ptraceable") => (Some(0), None),
            _ => (Some(3), None),
        },
        Rule::User => user(sandbox),
        Rule::Groups if sandbox.is_privileged() => (None, None),
        Rule::Groups => bad(sandbox.groups),
        Rule::Home => match sandbox.choice("ProtectHome") {
            Some("yes") => (Some(0), None),
            Some("tmpfs") => (Some(1), said("sees empty home folders")),
            Some("read-only") => (Some(5), said("sees home folders, but cannot write them")),
            _ => (Some(10), None),
        },
        Rule::System => match sandbox.choice("ProtectSystem") {
            Some("strict") => (Some(0), None),
            Some("full") => (Some(3), said("cannot write /usr, /boot and /etc")),
            Some("yes") => (Some(5), said("cannot write /usr and /boot")),
            _ => (Some(10), None),
        },
        Rule::Root => {
            let own = |path: &Option<String>| {
                path.as_deref()
                    .is_some_and(|path| !path.trim_matches('/').is_empty())
            };
            bad(!own(&sandbox.root) && !own(&sandbox.image))
        }
        Rule::Umask => umask(sandbox.umask),
        Rule::Ipc if sandbox.is_privileged() => (None, None),
        Rule::Ipc => bad(!sandbox.is_on("RemoveIPC")),
        Rule::Delegate => bad(sandbox.delegates),
        Rule::Architectures => {
            let native = sandbox.architectures.contains("native");
            match sandbox.architectures.len() {
                0 => (Some(10), None),
                1 if native => (Some(0), None),
                _ => (
                    Some(8),
                    said("can use system calls of several architectures"),
                ),
            }
        }
        Rule::Addresses => addresses(sandbox),
        Rule::Devices => match (sandbox.devices.is_limited(), sandbox.devices.has_list()) {
            (false, _) => (Some(10), None),
            (true, true) => (Some(5), said("can open the devices of a list")),
            (true, false) => (Some(0), None),
        },
        Rule::Ambient => bad(sandbox.ambient != 0),
    }
}

fn user(sandbox: &Sandbox) -> Verdict {
    match sandbox.user.as_deref() {
        Some("nobody") => (
            Some(9),
            said("runs as `nobody`, which other programs share"),
        ),
        Some("0" | "root") => (Some(10), None),
        _ if sandbox.is_on("DynamicUser") => (Some(0), said("runs as a transient user")),
        Some(_) => (Some(0), None),
        None => (Some(10), None),
    }
}

fn umask(umask: u32) -> Verdict {
    let open = |bits: u32| umask & bits != bits;
    match () {
        () if open(0o002) => (Some(10), None),
        () if open(0o004) => (Some(5), said("new files are readable by everyone")),
        () if open(0o020) => (Some(2), said("new files are writable by its group")),
        () if open(0o040) => (Some(1), said("new files are readable by its group")),
        () => (Some(0), None),
    }
}

fn syscalls(group: &str, sandbox: &Sandbox) -> Verdict {
    let Some(filter) = sandbox.filter.as_ref().filter(|filter| !filter.is_open()) else {
        return (Some(10), said("system calls are not filtered"));
    };
    match filter.offender(group) {
        None => (Some(0), None),
        Some(call) => {
            let badness = if filter.allows { 9 } else { 10 };
            (
                Some(badness),
                Some(format!("can use calls of {group}, such as {call}")),
            )
        }
    }
}

fn addresses(sandbox: &Sandbox) -> Verdict {
    let lists = &sandbox.addresses;
    match () {
        () if sandbox.has_address_programs => (
            Some(0),
            said("its network traffic is filtered by BPF programs"),
        ),
        () if !lists.denies_all() => (Some(10), None),
        () if lists.allows_others() => (Some(5), said("can use the addresses of a list")),
        () if lists.allows_localhost() => (Some(2), said("can use addresses of this host only")),
        () => (Some(0), None),
    }
}
