//! The Docker engine on the network.

use super::{daemon, daemon_arguments};
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use serde_json::Value;

check! {
    /// # What it checks
    /// The Docker engine takes no commands over TCP without checking client certificates: `hosts` and
    /// `tlsverify` in `/etc/docker/daemon.json`, and `-H`, `--host` and `--tlsverify` of a `dockerd` that
    /// runs. A loopback address is medium: every local user and program can use it.
    ///
    /// # Why it matters
    /// The interface asks for no password. One request starts a container with the host's disk inside.
    ///
    /// # Example
    /// `{"hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"]}`
    ///
    /// # Instead
    /// Remove the `tcp://` entry and use `docker -H ssh://host`, or set `"tlsverify": true` with
    /// `tlscacert`, `tlscert` and `tlskey`.
    id: "container-docker-tcp",
    surface: Containers,
    title: "Docker engine takes commands over the network",
    severity: Critical,
    references: [Cwe "CWE-306", Attack "T1133", Attack "T1610"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let file = daemon(cx)?;
    let arguments = daemon_arguments(cx);
    if file.is_none() && arguments.is_empty() {
        return Err(Skip::not_applicable(
            "no configuration of the Docker engine, and none runs",
        ));
    }
    let flag = file
        .as_ref()
        .and_then(|value| value.get("tlsverify")?.as_bool())
        == Some(true);
    let on = |word: &String| word == "--tlsverify" || word == "--tlsverify=true";
    if flag || arguments.iter().any(on) {
        return Ok(());
    }
    let listed = file
        .as_ref()
        .and_then(|value| value.get("hosts")?.as_array());
    let listed = listed.into_iter().flatten().filter_map(Value::as_str);
    let mut hosts: Vec<(String, &str)> = listed
        .map(|host| (host.to_owned(), super::DAEMON))
        .collect();
    hosts.extend(
        from_arguments(&arguments)
            .into_iter()
            .map(|host| (host, "arguments of dockerd")),
    );
    hosts.sort();
    hosts.dedup_by(|a, b| a.0 == b.0);
    for (host, place) in hosts {
        let Some(address) = host.strip_prefix("tcp://") else {
            continue;
        };
        let local = ["127.", "localhost", "[::1]"]
            .iter()
            .any(|start| address.starts_with(start));
        let severity = if local {
            Severity::Medium
        } else {
            Severity::Critical
        };
        let hit = Hit::new(format!(
            "Docker takes commands on {host} without client certificates"
        ))
        .subject(&host)
        .severity(severity)
        .evidence("hosts", &host)
        .evidence("from", place);
        cx.hit(hit);
    }
    Ok(())
}

/// Values of `-H VALUE`, `-HVALUE`, `--host VALUE`, `--host=VALUE`.
fn from_arguments(words: &[String]) -> Vec<String> {
    let mut hosts = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "-H" || word == "--host" {
            hosts.extend(words.next().cloned());
        } else if let Some(host) = word
            .strip_prefix("--host=")
            .or_else(|| word.strip_prefix("-H"))
        {
            hosts.push(host.trim_start_matches('=').to_owned());
        }
    }
    hosts
}
