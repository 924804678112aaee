//! Who may read and write the boot loader's configuration.

use super::grub;
use crate::check::{Cx, Hit, Limit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `grub.cfg`, `user.cfg` and `custom.cfg`: owned by root, not writable by group or others, and not
    /// readable by others. On a FAT partition (`/boot/efi`) only writing counts.
    ///
    /// # Why it matters
    /// Whoever writes this file is root after the next boot. Whoever reads it has the hash of the
    /// boot password.
    ///
    /// # Example
    /// `/boot/grub/grub.cfg` with mode 0644 although it holds `password_pbkdf2`.
    ///
    /// # Instead
    /// `chown root:root /boot/grub/grub.cfg`, `chmod 0600 /boot/grub/grub.cfg`.
    id: "boot-grub-config-permissions",
    surface: Boot,
    title: "GRUB configuration is open to others",
    severity: Low,
    references: [Cwe "CWE-732", Cis "Debian 12 1.4.2", Attack "T1542"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let files = grub::files(cx.facts)?;
    if files.is_empty() {
        return Err(Skip::not_applicable("GRUB is not installed"));
    }
    for path in files {
        let metadata = match cx.facts.tree().metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => {
                cx.limit(Limit::from_error(&error));
                continue;
            }
        };
        let (severity, what) = if metadata.world_writable() {
            (Severity::Critical, "written by everybody")
        } else if metadata.uid != 0 || (metadata.group_writable() && metadata.gid != 0) {
            (Severity::High, "written by others than root")
        } else if metadata.world_readable() && !path.starts_with("/boot/efi") {
            let hashed = cx.facts.read(&path).is_ok_and(|bytes| {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                text.lines().any(|line| {
                    let line = line.trim_start();
                    line.starts_with("password") || line.starts_with("GRUB2_PASSWORD=")
                })
            });
            let severity = if hashed {
                Severity::Medium
            } else {
                Severity::Low
            };
            (severity, "read by everybody")
        } else {
            continue;
        };
        let hit = Hit::new(format!(
            "GRUB configuration `{}` can be {what}",
            path.display()
        ))
        .path(&path)
        .severity(severity)
        .evidence("mode", metadata.mode_text())
        .evidence("owner", metadata.uid.to_string())
        .evidence("group", metadata.gid.to_string())
        .instead(format!(
            "`chown root:root {0}` and `chmod 0600 {0}`.",
            path.display()
        ));
        cx.hit(hit);
    }
    Ok(())
}
