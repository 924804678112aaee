//! Options of mounts that hold data and no programs.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::MOUNTINFO;

check! {
    /// # What it checks
    /// `/home`, `/var/log`, `/var/log/audit`, `/var/spool`, `/srv` and `/boot`, where they are mounts of
    /// their own: `nodev` and `nosuid`. A file system that ignores set-uid files by its kind (FAT) is
    /// left out.
    ///
    /// # Why it matters
    /// Nothing there has to be a device or run with another user's rights, so the two options cost
    /// nothing and stop a planted set-uid file from working.
    ///
    /// # Example
    /// `/dev/sdb1 /home ext4 rw,relatime`
    ///
    /// # Instead
    /// `/etc/fstab`: `/dev/sdb1 /home ext4 defaults,nosuid,nodev 0 2`, then `mount -o remount /home`.
    id: "mount-data-options",
    surface: Mounts,
    title: "A mount for data allows devices or set-uid files",
    severity: Low,
    references: [Cwe "CWE-276", Cis "Debian 12 1.1.2.3.2", Attack "T1548.001", Man "mount(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mounts = cx.facts.mounts()?;
    let mut seen = false;
    for point in [
        "/home",
        "/var/log",
        "/var/log/audit",
        "/var/spool",
        "/srv",
        "/boot",
    ] {
        let Some(mount) = mounts.at(point) else {
            continue;
        };
        seen = true;
        let lacking = mount.lacking(&["nosuid", "nodev"]);
        if lacking.is_empty() || matches!(mount.kind.as_str(), "vfat" | "exfat" | "autofs") {
            continue;
        }
        let words = lacking.join(",");
        let hit = Hit::new(format!("`{point}` is mounted without {words}"))
            .path(point)
            .evidence_at("options", mount.options_text(), MOUNTINFO, None)
            .evidence("type", &mount.kind)
            .instead(format!(
                "Add `{words}` to the options of `{point}` in `/etc/fstab` and run \
                 `mount -o remount,{words} {point}`."
            ));
        cx.hit(hit);
    }
    if !seen {
        return Err(Skip::not_applicable("none of these folders is a mount"));
    }
    Ok(())
}
