//! Removable media that bring set-uid files along.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::{FSTAB, MOUNTINFO};

check! {
    /// # What it checks
    /// Mounts below `/media` and `/run/media`, and lines of `/etc/fstab` that ordinary users may mount
    /// (`user`, `users`, `owner`, `group`): `nosuid` and `nodev`. Those words bring the options with
    /// them unless a later `suid`, `dev` or `defaults` takes them back.
    ///
    /// # Why it matters
    /// Whoever plugs in a stick with a set-uid shell of root, or a device node of the disk, is root.
    ///
    /// # Example
    /// `/dev/sdb1 /media/usb ext4 user,suid,noauto 0 0`
    ///
    /// # Instead
    /// `/dev/sdb1 /media/usb ext4 user,noauto,nosuid,nodev,noexec 0 0`
    id: "mount-removable-options",
    surface: Mounts,
    title: "Removable media may bring set-uid files or devices",
    severity: Medium,
    references: [Cwe "CWE-276", Attack "T1091", Attack "T1548.001", Man "mount(8)"],
}

const WANTED: [&str; 2] = ["nosuid", "nodev"];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mounts = cx.facts.mounts()?;
    for mount in mounts.visible() {
        let removable = ["/media", "/run/media"]
            .iter()
            .any(|folder| mount.point.starts_with(folder));
        let lacking = mount.lacking(&WANTED);
        if !removable || lacking.is_empty() {
            continue;
        }
        let words = lacking.join(",");
        let hit = Hit::new(format!(
            "Removable medium `{}` is mounted without {words}",
            mount.point.display()
        ))
        .path(&mount.point)
        .evidence_at("options", mount.options_text(), MOUNTINFO, None)
        .evidence("source", &mount.source);
        cx.hit(hit);
    }
    for entry in cx.facts.fstab()? {
        let by_users = entry
            .options
            .iter()
            .any(|option| matches!(option.as_str(), "user" | "users" | "owner" | "group"));
        let in_force = entry.in_force();
        let lacking: Vec<&str> = WANTED
            .into_iter()
            .filter(|option| !in_force.contains(*option))
            .collect();
        if !by_users || lacking.is_empty() {
            continue;
        }
        let words = lacking.join(",");
        let hit = Hit::new(format!(
            "Users may mount `{}` without {words}",
            entry.point.display()
        ))
        .path(FSTAB)
        .line(entry.line)
        .subject(entry.point.display().to_string())
        .evidence_at("options", entry.options.join(","), FSTAB, Some(entry.line));
        cx.hit(hit);
    }
    Ok(())
}
