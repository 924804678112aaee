//! Protection that fstab asks for and the mounts do not have.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::{FSTAB, MOUNTINFO};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Each line of `/etc/fstab` with `nosuid`, `nodev`, `noexec`, `ro` or `hidepid=` (also those that
    /// `user` brings along, and not those that a later word takes back) against the mount in force.
    /// A line that is not mounted is reported unless it says `noauto`, `nofail` or automount.
    ///
    /// # Why it matters
    /// The protection was decided and is not there: the mount was made before the change, remounted
    /// by hand, or covered by another mount.
    ///
    /// # Example
    /// `tmpfs /tmp tmpfs nosuid,nodev,noexec 0 0` in the file, `/tmp` is mounted with `rw,relatime`.
    ///
    /// # Instead
    /// `mount -o remount MOUNTPOINT` (or `mount MOUNTPOINT`), then look at `findmnt MOUNTPOINT`.
    id: "mount-fstab-drift",
    surface: Mounts,
    title: "Mount lacks the protection that fstab asks for",
    severity: Medium,
    references: [Cwe "CWE-1188", Man "fstab(5)", Man "findmnt(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mounts = cx.facts.mounts()?;
    let entries = cx.facts.fstab()?;
    if entries.is_empty() {
        return Err(Skip::not_applicable("there are no lines in /etc/fstab"));
    }
    // Of two lines for one folder the later one covers the earlier.
    let last = |index: usize| {
        let point = entries.get(index).map(|entry| &entry.point);
        entries
            .iter()
            .skip(index + 1)
            .all(|later| Some(&later.point) != point)
    };
    for (index, entry) in entries.iter().enumerate() {
        let in_force = entry.in_force();
        let asked: Vec<&str> = in_force
            .iter()
            .map(String::as_str)
            .filter(|option| {
                matches!(*option, "nosuid" | "nodev" | "noexec" | "ro")
                    || option.starts_with("hidepid=")
            })
            .collect();
        if asked.is_empty() || !entry.point.is_absolute() || entry.kind == "swap" || !last(index) {
            continue;
        }
        let point = entry.point.display().to_string();
        let place = |hit: Hit| {
            hit.path(FSTAB)
                .line(entry.line)
                .subject(&point)
                .evidence_at("asked", asked.join(","), FSTAB, Some(entry.line))
        };
        let Some(mount) = mounts.at(&entry.point) else {
            let waits = |option: &&str| {
                matches!(*option, "noauto" | "nofail" | "x-systemd.automount")
                    || option.starts_with("x-systemd.automount")
            };
            if !in_force
                .iter()
                .map(String::as_str)
                .any(|option| waits(&option))
            {
                let hit = place(Hit::new(format!(
                    "`{point}` stands in fstab and is not mounted"
                )))
                .severity(Severity::Low);
                cx.hit(hit);
            }
            continue;
        };
        let lacking: Vec<&str> = mount
            .lacking(&asked)
            .into_iter()
            .filter(|option| !option.starts_with("hidepid=") || !hides(mount))
            .collect();
        if !lacking.is_empty() && mount.kind != "autofs" {
            let title = format!("`{point}` lacks {} that fstab asks for", lacking.join(","));
            let hit = place(Hit::new(title)).evidence_at(
                "in_force",
                mount.options_text(),
                MOUNTINFO,
                None,
            );
            cx.hit(hit);
        }
    }
    Ok(())
}

/// The kernel shows `hidepid=2` as `hidepid=invisible`.
fn hides(mount: &crate::facts::mounts::Mount) -> bool {
    mount
        .super_options
        .iter()
        .any(|option| option.starts_with("hidepid=") && option != "hidepid=off")
}
