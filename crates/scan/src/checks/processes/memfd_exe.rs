//! Programs that never were a file.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::path::Path;

check! {
    /// # What it checks
    /// No program runs from a memory file (memfd_create(2)). Container runtimes that seal a copy of
    /// themselves so (`runc`, `crun`, `lxc`) are known by the name of the memory file together with
    /// their own name, and are left out. Another memory file that is sealed against every change,
    /// as such runtimes do and loaders seldom bother to, is a remark.
    ///
    /// # Why it matters
    /// Code in a memory file leaves nothing on the disk: no package owns it, no digest covers it,
    /// and mount options such as `noexec` do not stop it. Loaders of malware work this way.
    ///
    /// # Example
    /// `/proc/4711/exe -> /memfd:kworker (deleted)`
    ///
    /// # Instead
    /// Find out which program started it (`ps -o ppid= -p PID`) and whether it is meant to. Keep a
    /// copy: `cp /proc/PID/exe /root/evidence`. Linux 6.3 can forbid it: `sysctl vm.memfd_noexec=2`.
    id: "proc-memfd-exe",
    surface: Processes,
    title: "Program runs from memory alone",
    severity: High,
    references: [Attack "T1620", Man "memfd_create(2)"],
}

/// Start of the memory file's name, and start of the process's name.
const RUNTIMES: [(&str, &str); 6] = [
    ("runc_cloned:", "runc"),
    ("runc_cloned:", "exe"),
    ("runc_cloned:", "docker-runc"),
    ("libcrun_cloned:", "crun"),
    ("crun_cloned:", "crun"),
    ("lxc_rexec", "lxc"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.executable_limits);
    let mut found = BTreeMap::new();
    for process in &all.list {
        let Some(file) = &process.executable else {
            continue;
        };
        let path = crate::run::path_text(&file.path).0;
        let Some(name) = path.strip_prefix("/memfd:") else {
            continue;
        };
        let runtime = |(memory, own): &(&str, &str)| {
            name.starts_with(memory) && process.name.starts_with(own)
        };
        if !RUNTIMES.iter().any(runtime) {
            let exe = Path::new("/proc").join(process.pid.to_string()).join("exe");
            let sealed = cx.facts.tree().is_sealed(&exe);
            found
                .entry((name.to_owned(), process.uid, sealed))
                .or_insert(process);
        }
    }
    let accounts = cx.facts.accounts()?;
    for ((name, uid, sealed), process) in found {
        let user = accounts.user(uid);
        let kind = if sealed {
            "sealed memory file"
        } else {
            "memory file"
        };
        let hit = Hit::new(format!("A program of {user} runs from the {kind} `{name}`"))
            .subject(format!("memfd:{name}"))
            .key(user.as_bytes())
            .evidence("user", user)
            .evidence("name", &process.name)
            .evidence("sealed", if sealed { "yes" } else { "no" });
        let hit = if sealed {
            hit.severity(Severity::Info)
        } else {
            hit
        };
        cx.hit(hit);
    }
    Ok(())
}
