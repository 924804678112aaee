//! Sockets of units that listen on all addresses.

use crate::check::{Cx, Hit, Skip, check};
use crate::systemd::name::UnitKind;
use crate::systemd::parse::Setting;
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// Socket units that something starts listen on named addresses: `ListenStream=`,
    /// `ListenDatagram=` and `ListenSequentialPacket=` that give a port alone, `0.0.0.0` or `[::]` are
    /// reported, one finding a unit. An empty assignment takes back what stood before it;
    /// `BindToDevice=` to one interface is no hit.
    ///
    /// # Why it matters
    /// systemd opens the port on every network of the host and starts the service for the first
    /// stranger who connects. No process is seen until then, so it is easily overlooked.
    ///
    /// # Example
    /// `ListenStream=8080` in a socket unit that `sockets.target` wants.
    ///
    /// # Instead
    /// Name the address in a drop-in, after an empty line that takes the old value back:
    /// `[Socket]`, `ListenStream=`, `ListenStream=127.0.0.1:8080`.
    id: "unit-socket-wildcard",
    surface: Units,
    title: "Socket unit listens on all addresses",
    severity: Low,
    references: [Cwe "CWE-1327", Attack "T1133", Man "systemd.socket(5)"],
}

const KEYS: [&str; 3] = ["ListenStream", "ListenDatagram", "ListenSequentialPacket"];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.running().filter(|entry| entry.started) {
        let unit = &entry.unit;
        if unit.kind != UnitKind::Socket || unit.value("Socket", "BindToDevice").is_some() {
            continue;
        }
        let mut open: BTreeMap<String, &Setting> = BTreeMap::new();
        for setting in listens(&unit.settings) {
            let value = unit.expand(&setting.value).unwrap_or_default();
            if let Some(port) = wildcard_port(&value) {
                open.insert(format!("{} {port}", setting.key), setting);
            }
        }
        let Some((_, first)) = open.iter().next() else {
            continue;
        };
        let name = unit.name.as_str();
        let ports: Vec<&str> = open.keys().map(String::as_str).collect();
        let instead: String = open
            .iter()
            .filter_map(|(shown, setting)| {
                let port = shown.rsplit(' ').next()?;
                Some(format!("{}=127.0.0.1:{port}\n", setting.key))
            })
            .collect();
        let mut hit = Hit::new(format!("`{name}` listens on all addresses: {}", ports.join(", ")))
            .subject(name)
            .instead(format!(
                "Write `{}`, with the address that needs it:\n\n[Socket]\n{}=\n{instead}\nThen run \
                 `systemctl daemon-reload && systemctl restart {name}`. Or `systemctl disable --now \
                 {name}` if nobody needs it.",
                entry.drop_in_path("address.conf").display(),
                first.key,
            ));
        for setting in open.values() {
            let line = Some(u64::from(setting.line));
            hit = hit.evidence_at(&setting.key, &setting.value, &setting.file, line);
        }
        cx.hit(hit);
    }
    Ok(())
}

/// The addresses in force. An empty assignment of any of the keys empties the list of them all.
fn listens(settings: &[Setting]) -> Vec<&Setting> {
    let mut found = Vec::new();
    for setting in settings.iter().filter(|one| &*one.section == "Socket") {
        if !setting.key.starts_with("Listen") {
            continue;
        }
        if setting.value.is_empty() {
            found.clear();
        } else if KEYS.contains(&setting.key.as_str()) {
            found.push(setting);
        }
    }
    found
}

/// The port of an address that stands for all; `None` for one address, a path or a local socket.
fn wildcard_port(value: &str) -> Option<u16> {
    let port = ["0.0.0.0:", "[::]:", "[::0]:", "[0:0:0:0:0:0:0:0]:"]
        .iter()
        .find_map(|all| value.strip_prefix(all))
        .unwrap_or(value);
    port.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::wildcard_port;

    #[test]
    fn addresses() {
        for value in ["22", "0.0.0.0:22", "[::]:22"] {
            assert_eq!(wildcard_port(value), Some(22), "{value}");
        }
        for value in [
            "127.0.0.1:22",
            "[::1]:22",
            "/run/x",
            "@name",
            "vsock::22",
            "99999",
            "",
        ] {
            assert_eq!(wildcard_port(value), None, "{value}");
        }
    }
}
