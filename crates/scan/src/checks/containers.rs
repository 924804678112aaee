//! Checks of the surface `containers`.

mod capabilities;
mod docker_daemon;
mod docker_tcp;
mod engine_socket_open;
mod group_docker;
mod host_mount;
mod host_namespace;
mod kubelet_config;
mod privileged;
mod root_user;

use crate::check::{Check, Cx, Hit, Skip};
use crate::facts::containers::Container;
use serde_json::Value;

pub(crate) static FAMILY: &[&Check] = &[
    &engine_socket_open::CHECK,
    &docker_tcp::CHECK,
    &docker_daemon::CHECK,
    &privileged::CHECK,
    &host_mount::CHECK,
    &host_namespace::CHECK,
    &capabilities::CHECK,
    &root_user::CHECK,
    &kubelet_config::CHECK,
    &group_docker::CHECK,
];

/// Configuration of the Docker engine.
const DAEMON: &str = "/etc/docker/daemon.json";

/// The engine's configuration, if there is one.
fn daemon(cx: &Cx<'_>) -> Result<Option<Value>, Skip> {
    let Some(bytes) = cx.facts.read_if_there(DAEMON)? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes);
    value
        .map(Some)
        .map_err(|error| Skip::not_assessed(format!("`{DAEMON}` is no valid JSON: {error}")))
}

/// Arguments of the Docker engine that runs; empty if none was seen.
fn daemon_arguments(cx: &mut Cx<'_>) -> Vec<String> {
    arguments_of(cx, "dockerd")
}

/// Arguments of the first process outside of containers whose program has the given name.
fn arguments_of(cx: &mut Cx<'_>, name: &str) -> Vec<String> {
    let Ok(all) = cx.facts.processes() else {
        return Vec::new();
    };
    cx.limits(&all.limits);
    let own = all
        .list
        .iter()
        .find(|process| !process.contained && process.name == name);
    let words = own
        .map(|process| process.arguments.as_slice())
        .unwrap_or_default();
    words
        .iter()
        .skip(1)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

/// Names the container in a hit.
fn subject_of(hit: Hit, one: &Container) -> Hit {
    hit.subject(format!("container {}", one.name))
        .evidence("image", &one.image)
        .evidence("running", if one.running { "yes" } else { "no" })
        .evidence("record", one.path.display().to_string())
}
