//! Whether users see each other's processes.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::MOUNTINFO;

check! {
    /// # What it checks
    /// The option `hidepid` of `/proc`: `1`, `2`, `4` or their names `noaccess`, `invisible`, `ptraceable`.
    ///
    /// # Why it matters
    /// Every user reads the command lines of all others, in which passwords and tokens stand, and
    /// learns what runs with which rights.
    ///
    /// # Example
    /// `proc /proc proc rw,nosuid,nodev,noexec,relatime`
    ///
    /// # Instead
    /// `/etc/fstab`: `proc /proc proc defaults,hidepid=2,gid=proc 0 0`, with the users of monitoring
    /// and `systemd-logind` in the group; or `ProtectProc=invisible` in the units of services.
    id: "mount-proc-hidepid",
    surface: Mounts,
    title: "Users see each other's processes",
    severity: Low,
    references: [Cwe "CWE-200", Attack "T1057", Man "proc(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mounts = cx.facts.mounts()?;
    let Some(proc) = mounts.at("/proc").filter(|mount| mount.kind == "proc") else {
        return Err(Skip::not_assessed("`/proc` is not in the list of mounts"));
    };
    let hides = proc
        .super_options
        .iter()
        .chain(&proc.options)
        .filter_map(|option| option.strip_prefix("hidepid="))
        .any(|value| !matches!(value, "0" | "off"));
    if !hides {
        let options: Vec<&str> = proc.super_options.iter().map(String::as_str).collect();
        let hit = Hit::new("Users see each other's processes: `/proc` has no hidepid")
            .path("/proc")
            .evidence_at("options", options.join(","), MOUNTINFO, None);
        cx.hit(hit);
    }
    Ok(())
}
