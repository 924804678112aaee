//! Network file systems that bring set-uid files along.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::MOUNTINFO;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Mounted NFS, CIFS, SSHFS, 9p, Ceph and GlusterFS file systems: `nosuid` and `nodev`.
    ///
    /// # Why it matters
    /// Root of the server (or whoever takes it over, or answers in its name) puts a set-uid shell on
    /// the share, and any user here becomes root with it.
    ///
    /// # Example
    /// `files:/export /mnt/files nfs4 rw,relatime,vers=4.2`
    ///
    /// # Instead
    /// `/etc/fstab`: `files:/export /mnt/files nfs4 rw,nosuid,nodev,sec=krb5p 0 0`, then remount.
    id: "mount-network-options",
    surface: Mounts,
    title: "Network file system may bring set-uid files",
    severity: Medium,
    references: [Cwe "CWE-276", Attack "T1548.001", Man "nfs(5)", Man "mount.cifs(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const KINDS: [&str; 10] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "fuse.sshfs",
        "9p",
        "ceph",
        "fuse.glusterfs",
        "afs",
    ];
    let mounts = cx.facts.mounts()?;
    let mut seen = false;
    for mount in mounts.visible() {
        if !KINDS.contains(&mount.kind.as_str()) {
            continue;
        }
        seen = true;
        let lacking = mount.lacking(&["nosuid", "nodev"]);
        if lacking.is_empty() {
            continue;
        }
        let severity = if lacking.contains(&"nosuid") {
            Severity::Medium
        } else {
            Severity::Low
        };
        let hit = Hit::new(format!(
            "Network file system `{}` is mounted without {}",
            mount.point.display(),
            lacking.join(",")
        ))
        .path(&mount.point)
        .severity(severity)
        .evidence("source", &mount.source)
        .evidence("type", &mount.kind)
        .evidence_at("options", mount.options_text(), MOUNTINFO, None);
        cx.hit(hit);
    }
    if !seen {
        return Err(Skip::not_applicable("no network file system is mounted"));
    }
    Ok(())
}
