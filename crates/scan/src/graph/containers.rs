//! Containers that run, what strangers reach of them, and what gives their code the host.

use super::builder::{At, Builder, NETWORK, ROOT};
use crate::check::Skip;
use crate::facts::containers::Container;
use casemate_schema::{EdgeKind, EdgeNeeds, NodeKind};
use serde_json::Value;
use std::path::Path;

/// Folders of the host with which code that writes them becomes root of the host.
const POWERFUL: [&str; 11] = [
    "/",
    "/etc",
    "/root",
    "/boot",
    "/dev",
    "/proc",
    "/sys",
    "/usr",
    "/usr/bin",
    "/var/lib/docker",
    "/var/spool/cron",
];
/// Capabilities that are as good as the host's root (capabilities(7)).
const CAPABILITIES: [&str; 6] = [
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "DAC_READ_SEARCH",
];

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let all = builder.facts.containers()?;
    builder.limits(&all.limits);
    for one in all.list.iter().filter(|one| one.running) {
        let ways = ways_out(one);
        if ways.is_empty() {
            continue;
        }
        let id = format!("container:{}", number(one));
        let label = format!("container {}", one.name);
        let container = builder.node(&id, NodeKind::Container, &label);
        builder.node(ROOT, NodeKind::User, "root");
        for fact in ways {
            let at = At::path(&one.path);
            builder.edge(&container, EdgeKind::Escapes, ROOT, &fact, at);
        }
        ports(builder, one, &container);
    }
    Ok(())
}

/// The first digits of the engine's number: the name of the folder of its records.
fn number(one: &Container) -> String {
    let folder = one.path.parent().and_then(Path::file_name);
    let name = folder.unwrap_or_default().to_string_lossy();
    name.chars().take(12).collect()
}

fn ways_out(one: &Container) -> Vec<String> {
    let mut ways = Vec::new();
    if one.flag("Privileged") {
        ways.push("is privileged: its root has the host's devices and modules".to_owned());
    }
    // A process name space of the host lets a tracer into the host's processes.
    let host_pids = one.text("PidMode") == "host";
    for capability in one.texts("CapAdd") {
        let name = capability.trim_start_matches("CAP_");
        if CAPABILITIES.contains(&name) && (name != "SYS_PTRACE" || host_pids) {
            ways.push(format!(
                "has the capability {name}, which is as good as the host's root"
            ));
        }
    }
    for (source, read_only) in binds(one) {
        let trimmed = source.trim_end_matches('/');
        let source = if trimmed.is_empty() { "/" } else { trimmed };
        let is_socket = ["docker.sock", "containerd.sock", "crio.sock", "podman.sock"]
            .iter()
            .any(|end| source.ends_with(end));
        // A socket takes commands however it is mounted.
        if is_socket {
            ways.push(format!(
                "has the engine's socket `{source}` and so commands the engine"
            ));
        } else if POWERFUL.contains(&source) && !read_only {
            ways.push(format!("has `{source}` of the host to write"));
        }
    }
    ways
}

/// What is mounted of the host, and whether to read alone: `SOURCE:TARGET[:OPTIONS]`.
fn binds(one: &Container) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for bind in one.texts("Binds") {
        let mut parts = bind.split(':');
        let source = parts.next().unwrap_or_default();
        let options = parts.nth(1).unwrap_or_default();
        if source.starts_with('/') {
            found.push((
                source.to_owned(),
                options.split(',').any(|word| word == "ro"),
            ));
        }
    }
    let listed = one.host.get("Mounts").and_then(Value::as_array);
    for mount in listed.into_iter().flatten() {
        let text = |name: &str| mount.get(name).and_then(Value::as_str);
        let read_only = mount.get("ReadOnly").and_then(Value::as_bool) == Some(true);
        if let (Some("bind"), Some(source)) = (text("Type"), text("Source")) {
            found.push((source.to_owned(), read_only));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Ports that the engine publishes on other addresses than the host's own.
fn ports(builder: &mut Builder<'_>, one: &Container, container: &str) {
    let published = one.host.get("PortBindings").and_then(Value::as_object);
    for (inside, places) in published.into_iter().flatten() {
        for place in places.as_array().into_iter().flatten() {
            let text = |name: &str| place.get(name).and_then(Value::as_str).unwrap_or_default();
            let (address, port) = (text("HostIp"), text("HostPort"));
            if address.starts_with("127.") || address == "::1" || port.is_empty() {
                continue;
            }
            let protocol = inside.rsplit('/').next().unwrap_or("tcp");
            let address = if address.is_empty() {
                "0.0.0.0"
            } else {
                address
            };
            let label = format!("{protocol} {address}:{port}");
            let id = format!("socket:{protocol}:{address}:{port}");
            let network = builder.node(NETWORK, NodeKind::Network, "the network");
            let socket = builder.node(&id, NodeKind::Socket, &label);
            let fact = format!("the engine publishes {label}");
            let at = At::path(&one.path);
            builder.edge(&network, EdgeKind::Reaches, &socket, &fact, at);
            let fact = format!("answers on {label} as its port {inside}");
            let needs = Some(EdgeNeeds::Weakness);
            builder.edge_that_needs(container, EdgeKind::Listens, &socket, &fact, at, needs);
        }
    }
}
