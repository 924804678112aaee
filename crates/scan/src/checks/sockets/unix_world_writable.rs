//! Sockets of root's services that everybody may speak to.

use crate::check::{Cx, Hit, Skip, check};
use crate::tree::Kind;
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::path::Path;

check! {
    /// # What it checks
    /// Sockets in the file system that programs of root listen on: none may be written by anybody,
    /// unless it is made for all users (D-Bus, systemd's public sockets, `/dev/log`, nscd, the X and
    /// Wayland servers, avahi, CUPS, polkit ...) or a folder above keeps others out. Sockets of container
    /// engines have a check of their own.
    ///
    /// # Why it matters
    /// Many services trust whoever can open their socket: a command there is a command as root.
    ///
    /// # Example
    /// `/run/agent.sock`, mode 0777, held by `/opt/agent/agentd` of root.
    ///
    /// # Instead
    /// `SocketMode=0660` and `SocketGroup=` in the socket unit, or `chmod 660` and an own group.
    id: "socket-unix-world-writable",
    surface: Sockets,
    title: "Socket of a root service is open to everybody",
    severity: Medium,
    references: [Cwe "CWE-732", Attack "T1559", Man "unix(7)"],
}

/// Sockets that are made for all users.
const PUBLIC: [&str; 24] = [
    "/run/dbus/",
    "/var/run/dbus/",
    "/run/systemd/",
    "/dev/log",
    "/run/udev/",
    "/run/nscd/",
    "/var/run/nscd/",
    "/run/avahi-daemon/",
    "/var/run/avahi-daemon/",
    "/run/cups/",
    "/var/run/cups/",
    "/tmp/.X11-unix/",
    "/run/user/",
    "/run/rpcbind.sock",
    "/run/pcscd/",
    "/run/acpid.socket",
    "/run/snapd",
    "/run/uuidd/",
    "/run/postgresql/",
    "/var/run/postgresql/",
    "/run/mysqld/",
    "/var/spool/postfix/",
    "/run/sssd/",
    "/var/lib/sss/pipes/",
];
/// Those of `container-engine-socket-open`.
const ENGINES: [&str; 5] = [
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "podman.sock",
    "dockershim.sock",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.sockets()?;
    cx.limits(&all.limits);
    cx.limits(&all.holder_limits);
    let mut found = BTreeMap::new();
    for socket in &all.unix {
        let public = PUBLIC.iter().any(|start| socket.path.starts_with(start));
        let engine = ENGINES.iter().any(|end| socket.path.ends_with(end));
        if public || engine || !socket.holder.uids.contains(&0) {
            continue;
        }
        let path = Path::new(&socket.path);
        let Ok(metadata) = cx.facts.tree().link_metadata(path) else {
            continue;
        };
        if metadata.kind != Kind::Socket || !metadata.world_writable() || !open_to_all(cx, path) {
            continue;
        }
        found.insert(&socket.path, (metadata, socket.holder.shown()));
    }
    for (path, (metadata, program)) in found {
        let hit = Hit::new(format!(
            "Anybody may speak to {program} of root through `{path}`"
        ))
        .path(path)
        .severity(Severity::Medium)
        .evidence("mode", metadata.mode_text())
        .evidence("program", program);
        cx.hit(hit);
    }
    Ok(())
}

/// Whether everybody may pass all folders above.
fn open_to_all(cx: &Cx<'_>, path: &Path) -> bool {
    path.ancestors().skip(1).all(|folder| {
        let metadata = cx.facts.tree().metadata(folder);
        metadata.is_ok_and(|metadata| metadata.mode & 0o001 != 0)
    })
}
