//! Containers whose program runs as root.

use super::subject_of;
use crate::check::{Cx, Hit, Skip, check};
use serde_json::Value;

check! {
    /// # What it checks
    /// The main program of each running container of the Docker engine has a user other than root
    /// (`Config.User`). Where the engine maps users (`userns-remap`), root in a container is nobody on
    /// the host and is no hit, unless the container has `--userns=host`.
    ///
    /// # Why it matters
    /// Root in a container is root for the kernel. One hole in the kernel or the runtime, or one wrong
    /// mount, and it is root on the host.
    ///
    /// # Example
    /// An image without a `USER` line: `"User": ""`.
    ///
    /// # Instead
    /// `USER 10001` in the Dockerfile, or `docker run --user 10001:10001`, and `userns-remap` in
    /// `/etc/docker/daemon.json`.
    id: "container-root-user",
    surface: Containers,
    title: "Program in a container runs as root",
    severity: Low,
    references: [Cwe "CWE-250", Attack "T1611", Cis "Docker 4.1"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.containers()?;
    cx.limits(&all.limits);
    let file = super::daemon(cx)?;
    let remap = file
        .as_ref()
        .and_then(|value| value.get("userns-remap")?.as_str());
    let remapped = remap.is_some_and(|value| !value.is_empty());
    for one in all.list.iter().filter(|one| one.running) {
        if remapped && one.text("UsernsMode") != "host" {
            continue;
        }
        let user = one
            .config
            .pointer("/Config/User")
            .and_then(Value::as_str)
            .unwrap_or("");
        let name = user.split(':').next().unwrap_or_default();
        if !matches!(name, "" | "0" | "root") {
            continue;
        }
        let hit = Hit::new(format!("Container {} runs its program as root", one.name))
            .evidence("User", user);
        cx.hit(subject_of(hit, one));
    }
    Ok(())
}
