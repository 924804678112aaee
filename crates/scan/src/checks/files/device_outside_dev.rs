//! Device outside of /dev.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{entries, limit_refused};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Character and block devices that stand outside of /dev. In a folder named dev, as a chroot
    /// needs it, the finding is low.
    ///
    /// # Why it matters
    /// A block device gives the whole disk to whoever may open it, past the permissions of every file
    /// on it. Nothing but udev makes devices, and only below /dev.
    ///
    /// # Example
    /// `brw-rw-rw- root root /var/tmp/.d`
    ///
    /// # Instead
    /// `rm FILE`; mount file systems that need no devices with `nodev`.
    id: "file-device-outside-dev",
    surface: Files,
    title: "Device outside of /dev",
    severity: High,
    references: [Cwe "CWE-552", Attack "T1564", Man "mknod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for (path, seen) in entries(&survey.devices) {
        let shown = path.display();
        let chroot = path.parent().is_some_and(|folder| folder.ends_with("dev"));
        let block = seen.metadata.kind == crate::tree::Kind::Block;
        let severity = match (chroot && !block, block || seen.metadata.world_readable()) {
            (true, _) => Severity::Low,
            (false, true) => Severity::High,
            (false, false) => Severity::Medium,
        };
        let kind = if block { "block" } else { "character" };
        let hit = Hit::new(format!("`{shown}` is a {kind} device outside of /dev"))
            .path(path)
            .severity(severity)
            .evidence("mode", seen.metadata.mode_text())
            .evidence("owner", survey.accounts.user_text(seen.metadata.uid))
            .instead(format!("rm '{shown}'"));
        cx.hit(hit);
    }
    survey.limits(cx, &["/"]);
    limit_refused(cx, &survey.devices);
    Ok(())
}
