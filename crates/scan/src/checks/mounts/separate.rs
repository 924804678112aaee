//! Folders that can fill up together with the system.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::in_container;
use std::path::Path;

check! {
    /// # What it checks
    /// Whether `/home`, `/tmp`, `/var`, `/var/log` and, with auditd, `/var/log/audit` are mounts of their
    /// own. One finding names those that share the root file system. Containers are left out.
    ///
    /// # Why it matters
    /// A user, a temporary file or a log that grows without end fills the root file system, and then
    /// services and logins fail, also the log of the attack itself. Options such as `nosuid` need
    /// a mount of their own, too.
    ///
    /// # Example
    /// A host with one partition for everything.
    ///
    /// # Instead
    /// Give `/tmp` a tmpfs (`systemctl enable tmp.mount`), and `/home`, `/var` and `/var/log` volumes of
    /// their own the next time the host is installed; until then quotas and log rotation.
    id: "mount-separate",
    surface: Mounts,
    title: "Folders that grow share the root file system",
    severity: Low,
    references: [Cwe "CWE-400", Cis "Debian 12 1.1.2.1.1", Man "fstab(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mounts = cx.facts.mounts()?;
    if in_container(cx.facts) {
        return Err(Skip::not_applicable("a container has one file system"));
    }
    let Some(root) = mounts.covering(Path::new("/")) else {
        return Err(Skip::not_assessed("the kernel lists no root mount"));
    };
    let shared: Vec<&str> = ["/home", "/tmp", "/var", "/var/log", "/var/log/audit"]
        .into_iter()
        .filter(|folder| cx.facts.exists(folder))
        .filter(|folder| {
            mounts
                .covering(Path::new(folder))
                .is_some_and(|mount| mount.id == root.id)
        })
        .collect();
    if !shared.is_empty() {
        let hit = Hit::new(format!("{} share the root file system", shared.join(", ")))
            .subject("/")
            .evidence("shared", shared.join(" "))
            .evidence("root", format!("{} ({})", root.source, root.kind));
        cx.hit(hit);
    }
    Ok(())
}
