//! Containers that see the host's processes, network or users.

use super::subject_of;
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// No container of the Docker engine shares a namespace with the host: processes (`PidMode`),
    /// network (`NetworkMode`), interprocess communication (`IpcMode`), host name (`UTSMode`), users
    /// (`UsernsMode`), control groups (`CgroupnsMode`). The last two count only as low.
    ///
    /// # Why it matters
    /// With the host's processes, root in the container reads and ends everything on the host; with its
    /// network it reaches services on 127.0.0.1 and abstract sockets that believe to be alone.
    ///
    /// # Example
    /// `docker run --pid=host --net=host monitor`
    ///
    /// # Instead
    /// Leave the option out and publish ports instead (`-p 127.0.0.1:8080:80`).
    id: "container-host-namespace",
    surface: Containers,
    title: "Container shares a namespace with the host",
    severity: Medium,
    references: [Cwe "CWE-653", Attack "T1611", Cis "Docker 5.10"],
}

const MODES: [(&str, &str, Severity); 6] = [
    ("PidMode", "processes", Severity::High),
    ("NetworkMode", "network", Severity::Medium),
    ("IpcMode", "shared memory", Severity::Medium),
    ("UTSMode", "host name", Severity::Low),
    ("UsernsMode", "users", Severity::Low),
    ("CgroupnsMode", "control groups", Severity::Low),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.containers()?;
    cx.limits(&all.limits);
    for one in &all.list {
        let shared: Vec<_> = MODES
            .iter()
            .filter(|(name, _, _)| one.text(name) == "host")
            .collect();
        let Some(severity) = shared.iter().map(|(_, _, severity)| *severity).max() else {
            continue;
        };
        let words: Vec<&str> = shared.iter().map(|(_, word, _)| *word).collect();
        let settings: Vec<String> = shared
            .iter()
            .map(|(name, _, _)| format!("{name}=host"))
            .collect();
        let title = format!(
            "Container {} shares with the host: {}",
            one.name,
            words.join(", ")
        );
        let hit = Hit::new(title)
            .severity(severity)
            .evidence("settings", settings.join(", "));
        cx.hit(subject_of(hit, one));
    }
    Ok(())
}
