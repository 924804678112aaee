//! Which containers the Docker engine keeps, and with what rights it starts them.
//!
//! Source: `/var/lib/docker/containers/<id>/{config.v2.json,hostconfig.json}` as the engine writes
//! them (moby, container.Config and container.HostConfig), and another data root if `daemon.json`
//! names one. Containers of other engines are not read. Sorted by name.

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::tree;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Most containers looked at.
const CONTAINERS_MAX: usize = 10_000;

/// A container of the engine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Container {
    /// Its name without the slash, or the start of its number if it has none.
    pub(crate) name: String,
    /// The image that it was made of, as the user named it.
    pub(crate) image: String,
    /// Whether it runs, as last written by the engine.
    pub(crate) running: bool,
    /// What runs in it: `config.v2.json`.
    pub(crate) config: Value,
    /// How it is tied to the host: `hostconfig.json`.
    pub(crate) host: Value,
    /// Where the latter stands.
    pub(crate) path: PathBuf,
}

impl Container {
    /// A flag of the host configuration.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.host.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// A text of the host configuration; empty if it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.host.get(name).and_then(Value::as_str).unwrap_or("")
    }

    /// A list of texts of the host configuration.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.host.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }
}

/// All containers of the engine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Containers {
    /// Sorted by name.
    pub(crate) list: Vec<Container>,
    /// Containers whose records could not be read.
    pub(crate) limits: Vec<Limit>,
}

/// Reads the engine's records. No engine, or none that ever ran: not applicable.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Containers> {
    let root = data_root(facts).join("containers");
    let names = match tree::list(facts.tree(), &root) {
        Ok(names) => names,
        Err(error) if error.is_not_found() => {
            return Err(Skip::not_applicable("no container of the Docker engine"));
        }
        Err(error) => return Err(error.into()),
    };
    let mut all = Containers::default();
    for name in names.into_iter().take(CONTAINERS_MAX) {
        let folder = root.join(&name);
        match container(facts, &folder) {
            Ok(Some(container)) => all.list.push(container),
            Ok(None) => {}
            Err(limit) => all.limits.push(limit),
        }
    }
    if all.list.is_empty() && all.limits.is_empty() {
        return Err(Skip::not_applicable("the Docker engine keeps no container"));
    }
    all.list
        .sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    Ok(all)
}

fn data_root(facts: &Facts<'_>) -> PathBuf {
    let daemon = facts
        .read_if_there("/etc/docker/daemon.json")
        .ok()
        .flatten();
    let daemon: Option<Value> = daemon.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let root = daemon
        .as_ref()
        .and_then(|value| value.get("data-root")?.as_str());
    PathBuf::from(
        root.filter(|root| root.starts_with('/'))
            .unwrap_or("/var/lib/docker"),
    )
}

/// A folder without records is none of a container, or one that is being removed.
fn container(facts: &Facts<'_>, folder: &Path) -> Result<Option<Container>, Limit> {
    let path = folder.join("hostconfig.json");
    let Some(host) = record(facts, &path)? else {
        return Ok(None);
    };
    let Some(config) = record(facts, &folder.join("config.v2.json"))? else {
        return Ok(None);
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let mut name = text(config.get("Name")).trim_start_matches('/').to_owned();
    if name.is_empty() {
        let id = folder.file_name().unwrap_or_default().to_string_lossy();
        name = id.chars().take(12).collect();
    }
    let image = text(config.pointer("/Config/Image"));
    let running = config.pointer("/State/Running").and_then(Value::as_bool) == Some(true);
    Ok(Some(Container {
        name,
        image,
        running,
        config,
        host,
        path,
    }))
}

fn record(facts: &Facts<'_>, path: &Path) -> Result<Option<Value>, Limit> {
    let bytes = match tree::read(facts.tree(), path) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(Limit::from_error(&error)),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| Limit {
            reason: format!("`{}` is no valid JSON: {error}", path.display()),
            privileges: false,
        })
}
