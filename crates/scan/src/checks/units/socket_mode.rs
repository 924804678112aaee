//! Control sockets of root services that everybody may use.

use crate::check::{Cx, Hit, Skip, check};
use crate::systemd::name::UnitKind;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Socket units that something starts and that an administrator wrote or changed keep local
    /// sockets from other users: `SocketMode=` is not open to others. The default is 0666, so a unit
    /// that says nothing is open. Units as the distribution ships them are left out, except the
    /// sockets that give root to whoever uses them (Docker, containerd, Podman, LXD, libvirt), which
    /// are high.
    ///
    /// # Why it matters
    /// Everybody on the host can speak to the service behind the socket. With the socket of a
    /// container engine that is root at once.
    ///
    /// # Example
    /// `docker.socket` with a drop-in that sets `SocketMode=0666`.
    ///
    /// # Instead
    /// Close the socket and name the group that may use it: `[Socket]`, `SocketMode=0660`,
    /// `SocketGroup=app`.
    id: "unit-socket-mode",
    surface: Units,
    title: "Local socket of a unit is open to everybody",
    severity: Low,
    references: [Cwe "CWE-732", Attack "T1068", Man "systemd.socket(5)"],
}

/// Prefixes of socket units whose service does as root what it is told.
const POWERFUL: [&str; 6] = ["docker", "containerd", "podman", "lxd", "libvirtd", "incus"];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.running().filter(|entry| entry.started) {
        let unit = &entry.unit;
        let powerful = POWERFUL.contains(&unit.name.prefix());
        let own = std::iter::once(&unit.path)
            .chain(&unit.drop_ins)
            .any(|path| path.starts_with("/etc") || path.starts_with("/usr/local"));
        if unit.kind != UnitKind::Socket || !(powerful || own) {
            continue;
        }
        let listens = unit.list("Socket", "ListenStream").into_iter();
        let Some(listen) = listens.rev().find(|one| one.value.starts_with('/')) else {
            continue;
        };
        let mode = unit.value("Socket", "SocketMode");
        let bits = mode.map_or(Some(0o666), |mode| u32::from_str_radix(&mode.value, 8).ok());
        // A mode that is no number is ignored by systemd, which leaves the default.
        if bits.unwrap_or(0o666) & 0o002 == 0 {
            continue;
        }
        let name = unit.name.as_str();
        let severity = if powerful {
            Severity::High
        } else {
            Severity::Low
        };
        let at = mode.unwrap_or(listen);
        let hit = Hit::new(format!(
            "Everybody may use the socket `{}` of `{name}`",
            listen.value
        ))
        .path(&listen.value)
        .subject(name)
        .severity(severity)
        .evidence_at(&at.key, &at.value, &at.file, Some(u64::from(at.line)))
        .evidence("mode", mode.map_or("0666, the default", |mode| &mode.value))
        .instead(format!(
            "Write `{}`:\n\n[Socket]\nSocketMode=0660\nSocketGroup=GROUP\n\nThen run `systemctl \
                 daemon-reload && systemctl restart {name}`.",
            entry.drop_in_path("mode.conf").display()
        ));
        cx.hit(hit);
    }
    Ok(())
}
