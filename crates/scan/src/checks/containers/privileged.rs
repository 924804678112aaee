//! Containers that are none.

use super::subject_of;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// No container of the Docker engine is privileged (`HostConfig.Privileged`), also not one that is
    /// stopped and can be started again.
    ///
    /// # Why it matters
    /// A privileged container has all capabilities and all devices: root in it mounts the host's disk
    /// and is root on the host.
    ///
    /// # Example
    /// `docker run --privileged ubuntu`
    ///
    /// # Instead
    /// Give what it needs alone: `--device /dev/X`, `--cap-add NAME`. Make it anew without
    /// `--privileged` (Compose: `privileged: false`).
    id: "container-privileged",
    surface: Containers,
    title: "Container is privileged",
    severity: High,
    references: [Cwe "CWE-250", Attack "T1611", Cis "Docker 5.5"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.containers()?;
    cx.limits(&all.limits);
    for one in all.list.iter().filter(|one| one.flag("Privileged")) {
        let hit = Hit::new(format!("Container {} is privileged", one.name));
        cx.hit(subject_of(hit, one));
    }
    Ok(())
}
