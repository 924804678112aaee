//! Containers with more rights than the engine gives by default.

use super::subject_of;
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// No container of the Docker engine was given a capability that leads out of it (`CapAdd`: ALL,
    /// SYS_ADMIN, SYS_PTRACE, SYS_MODULE, DAC_READ_SEARCH, SYS_RAWIO, BPF, NET_ADMIN ...), and none has
    /// its filters turned off (`SecurityOpt`: `seccomp=unconfined`, `apparmor=unconfined`,
    /// `label=disable`). Names count with and without `CAP_` and in any case. Privileged containers have a
    /// check of their own.
    ///
    /// # Why it matters
    /// With SYS_ADMIN a container mounts file systems of the host, with SYS_MODULE it loads kernel code,
    /// with DAC_READ_SEARCH it opens any file of the host.
    ///
    /// # Example
    /// `docker run --cap-add SYS_ADMIN --security-opt apparmor=unconfined image`
    ///
    /// # Instead
    /// `--cap-drop ALL` and the few that are needed, with the engine's own seccomp and AppArmor profiles.
    id: "container-capabilities",
    surface: Containers,
    title: "Container has dangerous rights",
    severity: High,
    references: [Cwe "CWE-250", Attack "T1611", Cis "Docker 5.4"],
}

const STRONG: [&str; 8] = [
    "ALL",
    "SYS_ADMIN",
    "SYS_PTRACE",
    "SYS_MODULE",
    "SYS_RAWIO",
    "DAC_READ_SEARCH",
    "BPF",
    "MKNOD",
];
const WEAKER: [&str; 6] = [
    "NET_ADMIN",
    "SYS_TIME",
    "SYS_BOOT",
    "SYSLOG",
    "PERFMON",
    "AUDIT_CONTROL",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.containers()?;
    cx.limits(&all.limits);
    for one in all.list.iter().filter(|one| !one.flag("Privileged")) {
        let added: BTreeSet<String> = one
            .texts("CapAdd")
            .into_iter()
            .map(|name| {
                name.to_ascii_uppercase()
                    .trim_start_matches("CAP_")
                    .to_owned()
            })
            .collect();
        let strong = added.iter().any(|name| STRONG.contains(&name.as_str()));
        let mut bad: Vec<String> = added
            .into_iter()
            .filter(|name| STRONG.contains(&name.as_str()) || WEAKER.contains(&name.as_str()))
            .collect();
        for option in one.texts("SecurityOpt") {
            // Older engines wrote a colon.
            let option = option.replacen(':', "=", 1);
            if matches!(
                option.as_str(),
                "seccomp=unconfined"
                    | "apparmor=unconfined"
                    | "label=disable"
                    | "systempaths=unconfined"
            ) {
                bad.push(option);
            }
        }
        if bad.is_empty() {
            continue;
        }
        let severity = if strong {
            Severity::High
        } else {
            Severity::Medium
        };
        let list = bad.join(", ");
        let hit = Hit::new(format!("Container {} runs with {list}", one.name))
            .severity(severity)
            .evidence("rights", list);
        cx.hit(subject_of(hit, one));
    }
    Ok(())
}
