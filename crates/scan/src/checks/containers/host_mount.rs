//! Parts of the host inside containers.

use super::subject_of;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::containers::Container;
use casemate_schema::Severity;
use serde_json::Value;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// No container of the Docker engine has a part of the host from which root is one step away:
    /// the engine's socket, `/`, `/etc`, `/root`, `/proc`, `/sys`, `/dev`, `/boot`, `/usr`, `/var/run`,
    /// `/var/lib/docker`, `/home`. Both forms are read (`Binds` and `Mounts`). Read-only is low, except
    /// for sockets, where it changes nothing, and for `/`, `/etc` and `/root`, which hold secrets.
    ///
    /// # Why it matters
    /// Who gets into the container writes to the host: a new line in `/etc/passwd`, or a command to the
    /// engine.
    ///
    /// # Example
    /// `docker run -v /var/run/docker.sock:/var/run/docker.sock ci-runner`
    ///
    /// # Instead
    /// Mount the one folder that is needed, with `:ro`. In place of the engine's socket, use a proxy that
    /// lets few calls through, or a rootless engine.
    id: "container-host-mount",
    surface: Containers,
    title: "Container has a part of the host",
    severity: High,
    references: [Cwe "CWE-668", Attack "T1611", Cis "Docker 5.6"],
}

const ROOT: [&str; 12] = [
    "/",
    "/etc",
    "/root",
    "/proc",
    "/sys",
    "/dev",
    "/boot",
    "/usr",
    "/run",
    "/var/run",
    "/var/lib/docker",
    "/home",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.containers()?;
    cx.limits(&all.limits);
    for one in &all.list {
        for (source, read_only) in mounts(one) {
            let trimmed = source.trim_end_matches('/');
            let source = if trimmed.is_empty() { "/" } else { trimmed };
            let socket = ["docker.sock", "containerd.sock", "crio.sock", "podman.sock"]
                .iter()
                .any(|end| source.ends_with(end));
            if !socket && !ROOT.contains(&source) {
                continue;
            }
            let secret = ["/", "/etc", "/root"].contains(&source);
            let severity = match (socket, read_only, secret) {
                (false, true, true) => Severity::Medium,
                (false, true, false) => Severity::Low,
                _ => Severity::High,
            };
            let rights = if read_only { "read-only" } else { "to write" };
            let hit = Hit::new(format!(
                "Container {} has `{source}` of the host, {rights}",
                one.name
            ))
            .key(source)
            .severity(severity)
            .evidence("source", source)
            .evidence("rights", rights);
            cx.hit(subject_of(hit, one));
        }
    }
    Ok(())
}

/// Sources on the host, and whether they are read-only.
fn mounts(one: &Container) -> BTreeSet<(String, bool)> {
    let mut found = BTreeSet::new();
    for bind in one.texts("Binds") {
        // SOURCE:TARGET[:OPTIONS]; a source without a slash is a volume.
        let mut parts = bind.split(':');
        let source = parts.next().unwrap_or_default();
        let read_only = parts
            .nth(1)
            .unwrap_or_default()
            .split(',')
            .any(|word| word == "ro");
        if source.starts_with('/') {
            found.insert((source.to_owned(), read_only));
        }
    }
    let listed = one.host.get("Mounts").and_then(Value::as_array);
    for mount in listed.into_iter().flatten() {
        let kind = mount.get("Type").and_then(Value::as_str);
        let source = mount.get("Source").and_then(Value::as_str);
        let read_only = mount.get("ReadOnly").and_then(Value::as_bool) == Some(true);
        if let (Some("bind"), Some(source)) = (kind, source) {
            found.insert((source.to_owned(), read_only));
        }
    }
    found
}
