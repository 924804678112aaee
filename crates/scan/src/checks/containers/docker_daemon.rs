//! Hardening of the Docker engine.

use super::{DAEMON, daemon, daemon_arguments};
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use serde_json::Value;

check! {
    /// # What it checks
    /// Settings of the Docker engine in `/etc/docker/daemon.json` or in the arguments of the `dockerd`
    /// that runs: `no-new-privileges`, `icc`, `userns-remap`, `log-opts.max-size` of the `json-file`
    /// driver, `insecure-registries`, `experimental`. One finding for the settings that are missing, one
    /// for each that weakens.
    ///
    /// # Why it matters
    /// Without `userns-remap`, root in a container is root on the host once it gets out. Without
    /// `no-new-privileges`, set-user-id files in images raise rights. With `icc`, all containers reach
    /// one another. An insecure registry hands out images that anybody on the way can change.
    ///
    /// # Example
    /// `{"insecure-registries": ["registry.lan:5000"]}`
    ///
    /// # Instead
    /// `{"no-new-privileges": true, "icc": false, "userns-remap": "default", "live-restore": true,
    /// "log-driver": "local"}` in `/etc/docker/daemon.json`, then `systemctl restart docker`.
    id: "container-docker-daemon-json",
    surface: Containers,
    title: "Docker engine is not hardened",
    severity: Low,
    references: [Cwe "CWE-16", Cis "Docker 2", Url "https://docs.docker.com/reference/cli/dockerd/"],
}

/// Setting and the value that protects.
const WANTED: [(&str, &str); 3] = [
    ("no-new-privileges", "true"),
    ("icc", "false"),
    ("userns-remap", "default"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let file = daemon(cx)?;
    let arguments = daemon_arguments(cx);
    let installed = ["/usr/bin/dockerd", "/usr/sbin/dockerd"]
        .iter()
        .any(|path| cx.facts.exists(path));
    if file.is_none() && arguments.is_empty() && !installed {
        return Err(Skip::not_applicable("the Docker engine is not installed"));
    }
    let file = file.unwrap_or(Value::Null);
    let given = |name: &str| setting(&file, &arguments, name);
    let missing: Vec<String> = WANTED
        .iter()
        .filter(|(name, wanted)| match given(name) {
            Some(value) if *name == "userns-remap" => value.is_empty(),
            value => value.as_deref() != Some(*wanted),
        })
        .map(|(name, wanted)| format!("{name} = {wanted}"))
        .collect();
    if !missing.is_empty() {
        let hit = Hit::new("Docker runs without its protections")
            .path(DAEMON)
            .subject("protections")
            .evidence("missing", missing.join(", "));
        cx.hit(hit);
    }
    let driver = given("log-driver").unwrap_or_else(|| "json-file".to_owned());
    let limited = file.pointer("/log-opts/max-size").is_some()
        || arguments.iter().any(|word| word.contains("max-size="));
    if driver == "json-file" && !limited {
        let hit = Hit::new("Logs of containers may fill the disk")
            .path(DAEMON)
            .subject("log-opts")
            .evidence("log-driver", driver)
            .evidence("log-opts.max-size", "not set")
            .instead("`\"log-driver\": \"local\"` in `/etc/docker/daemon.json`, or `\"log-opts\": {\"max-size\": \"10m\", \"max-file\": \"3\"}`.");
        cx.hit(hit);
    }
    let registries = file.get("insecure-registries").and_then(Value::as_array);
    for registry in registries.into_iter().flatten().filter_map(Value::as_str) {
        let hit = Hit::new(format!("Docker takes images from {registry} without checking its certificate"))
            .path(DAEMON)
            .subject(registry)
            .severity(Severity::Medium)
            .evidence_at("insecure-registries", registry, DAEMON, None)
            .instead(format!("Put the registry's authority into `/etc/docker/certs.d/{registry}/ca.crt` and remove the entry."));
        cx.hit(hit);
    }
    Ok(())
}

/// A setting as text, from the file or the arguments; a bare flag is `true`.
fn setting(file: &Value, arguments: &[String], name: &str) -> Option<String> {
    let flag = format!("--{name}");
    for word in arguments {
        if let Some(rest) = word.strip_prefix(&flag) {
            match rest.strip_prefix('=') {
                Some(value) => return Some(value.to_owned()),
                None if rest.is_empty() => return Some("true".to_owned()),
                None => {}
            }
        }
    }
    match file.get(name)? {
        Value::Bool(value) => Some(value.to_string()),
        Value::String(value) => Some(value.clone()),
        _ => None,
    }
}
