//! Whether any mandatory access control is on.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{cmdline, mac};

check! {
    /// # What it checks
    /// The kernel's list of security modules (`/sys/kernel/security/lsm`), SELinux's file system,
    /// AppArmor's parameter `enabled` and its loaded profiles. It hits when neither SELinux, AppArmor,
    /// Smack nor TOMOYO is on, or when AppArmor is on without a single profile.
    ///
    /// # Why it matters
    /// Without it, a taken-over service may do all that its user may do; as root that is
    /// everything. Mandatory access control confines each service to the files and rights it needs.
    ///
    /// # Example
    /// `/sys/module/apparmor/parameters/enabled` is `N` because of `apparmor=0` at boot.
    ///
    /// # Instead
    /// Debian and Ubuntu: `apt install apparmor`, remove `apparmor=0` from the kernel's command line,
    /// `systemctl enable apparmor`, reboot. Red Hat and Fedora: `SELINUX=enforcing` in
    /// `/etc/selinux/config`, remove `selinux=0`, `fixfiles -F onboot`, reboot.
    id: "mac-none",
    surface: Mac,
    title: "No mandatory access control is on",
    severity: Medium,
    references: [Cwe "CWE-693", Attack "T1562.001", Man "apparmor(7)", Man "selinux(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let state = mac::read(cx.facts)?;
    if state.selinux || state.other {
        return Ok(());
    }
    if state.apparmor == Some(true) {
        let profiles = match mac::profiles(cx.facts) {
            Ok(profiles) => profiles,
            // Profiles are for root to read; that AppArmor is on was seen.
            Err(Skip::NotAssessed { .. }) => return Ok(()),
            Err(other) => return Err(other),
        };
        if profiles.is_some_and(|profiles| profiles.is_empty()) {
            let hit = Hit::new("AppArmor is on, but not one profile is loaded")
                .subject("apparmor")
                .evidence_at("profiles", "none", mac::APPARMOR_PROFILES, None);
            cx.hit(hit);
        }
        return Ok(());
    }
    let modules = match &state.modules {
        Some(list) => list.join(","),
        None => "not shown: securityfs is not mounted".to_owned(),
    };
    let apparmor = match state.apparmor {
        Some(_) => "in the kernel, but off",
        None => "not in the kernel, or never started",
    };
    let mut hit = Hit::new("No mandatory access control is on: neither SELinux nor AppArmor")
        .subject("mandatory access control")
        .evidence_at(
            "security_modules",
            modules,
            "/sys/kernel/security/lsm",
            None,
        )
        .evidence("apparmor", apparmor)
        .evidence("selinux", "never started: no /sys/fs/selinux");
    let line = cx
        .facts
        .value_if_there("/proc/cmdline")?
        .unwrap_or_default();
    for word in cmdline::words(&line) {
        let name = word.split('=').next().unwrap_or_default();
        if matches!(name, "apparmor" | "selinux" | "security" | "lsm") {
            hit = hit.evidence_at("boot_word", &word, "/proc/cmdline", Some(1));
        }
    }
    if let Some(text) = cx.facts.value_if_there(mac::SELINUX_CONFIG)?
        && let Some((mode, line)) = mac::selinux_config(&text)
    {
        hit = hit.evidence_at("selinux_config", mode, mac::SELINUX_CONFIG, Some(line));
    }
    cx.hit(hit);
    Ok(())
}
