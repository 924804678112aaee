//! Whether the firmware's keys can be replaced by anybody.

use super::efi;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// The firmware's variable `SetupMode`: 1 means that no platform key is installed.
    ///
    /// # Why it matters
    /// In setup mode root of the operating system installs any keys without being asked, so that
    /// secure boot then trusts the attacker's boot loader.
    ///
    /// # Example
    /// `SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c` holds `06 00 00 00 01`.
    ///
    /// # Instead
    /// In the firmware's setup, restore the factory keys or install your own platform key
    /// (`sbctl enroll-keys --microsoft`).
    id: "boot-setup-mode",
    surface: Boot,
    title: "The firmware is in setup mode",
    severity: Medium,
    references: [Cwe "CWE-1233", Attack "T1542.001", Man "mokutil(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    if efi::is_set(cx.facts, "SetupMode")? {
        let path = efi::path("SetupMode");
        let hit = Hit::new("The firmware is in setup mode: any keys can be installed")
            .path(&path)
            .evidence_at("SetupMode", "1", &path, None);
        cx.hit(hit);
    }
    Ok(())
}
