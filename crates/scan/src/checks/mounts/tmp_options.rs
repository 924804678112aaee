//! Options of the folders that everybody writes to.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::MOUNTINFO;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `/tmp`, `/var/tmp` and `/dev/shm`, where they are mounts of their own: `nodev`, `nosuid` and
    /// `noexec` on the mount that is in force (the topmost one). Without a mount of their own see
    /// `mount-separate`.
    ///
    /// # Why it matters
    /// Everybody writes there. `nosuid` keeps a planted set-uid file, `nodev` a planted device from
    /// working, `noexec` makes it harder to start what was dropped there.
    ///
    /// # Example
    /// `tmpfs /dev/shm tmpfs rw,relatime` without options.
    ///
    /// # Instead
    /// `/etc/fstab`: `tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec 0 0`, then
    /// `mount -o remount /dev/shm`. For `/tmp` as a unit: `systemctl edit tmp.mount`.
    id: "mount-tmp-options",
    surface: Mounts,
    title: "A folder for everybody is mounted without protection",
    severity: Low,
    references: [Cwe "CWE-276", Cis "Debian 12 1.1.2.1.2", Attack "T1548.001", Man "mount(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mounts = cx.facts.mounts()?;
    let mut seen = false;
    for point in ["/tmp", "/var/tmp", "/dev/shm"] {
        let Some(mount) = mounts.at(point) else {
            continue;
        };
        seen = true;
        let lacking = mount.lacking(&["nosuid", "nodev", "noexec"]);
        if lacking.is_empty() {
            continue;
        }
        // Distributions mount /dev/shm and /tmp without noexec: that alone is a remark.
        let severity = if lacking == ["noexec"] {
            Severity::Info
        } else {
            Severity::Low
        };
        let words = lacking.join(",");
        let hit = Hit::new(format!("`{point}` is mounted without {words}"))
            .path(point)
            .severity(severity)
            .evidence_at("options", mount.options_text(), MOUNTINFO, None)
            .evidence("type", &mount.kind)
            .instead(format!(
                "Add `{words}` to the options of `{point}` in `/etc/fstab` (or its mount unit) and run \
                 `mount -o remount,{words} {point}`."
            ));
        cx.hit(hit);
    }
    if !seen {
        return Err(Skip::not_applicable("none of these folders is a mount"));
    }
    Ok(())
}
