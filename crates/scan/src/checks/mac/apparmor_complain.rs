//! AppArmor profiles that only watch.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mac;

check! {
    /// # What it checks
    /// `/sys/kernel/security/apparmor/profiles`: profiles in the mode `complain`. Parts of a profile
    /// (`name//part`) are counted with it.
    ///
    /// # Why it matters
    /// In complain mode the profile refuses nothing: the program is as free as without it.
    ///
    /// # Example
    /// `/usr/sbin/mysqld (complain)`
    ///
    /// # Instead
    /// Look at `journalctl -k | grep apparmor` for what would be refused, add it with `aa-logprof`,
    /// then `aa-enforce PROFILE`.
    id: "mac-apparmor-complain",
    surface: Mac,
    title: "AppArmor profile refuses nothing",
    severity: Low,
    references: [Cwe "CWE-693", Cis "Debian 12 1.3.1.4", Man "aa-enforce(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let state = mac::read(cx.facts)?;
    if state.apparmor != Some(true) {
        return Err(Skip::not_applicable("AppArmor is not on"));
    }
    let Some(profiles) = mac::profiles(cx.facts)? else {
        return Err(Skip::not_assessed("securityfs is not mounted"));
    };
    let complains = |name: &str| {
        profiles
            .iter()
            .any(|profile| profile.mode == "complain" && profile.name == name)
    };
    for profile in &profiles {
        let part = profile.name.split_once("//");
        if profile.mode != "complain" || part.is_some_and(|(whole, _)| complains(whole)) {
            continue;
        }
        let hit = Hit::new(format!("AppArmor profile `{}` refuses nothing", profile.name))
            .subject(&profile.name)
            .evidence_at("mode", &profile.mode, mac::APPARMOR_PROFILES, None)
            .instead(format!(
                "`aa-enforce '{}'`, after `journalctl -k | grep apparmor` shows nothing that it would refuse.",
                profile.name
            ));
        cx.hit(hit);
    }
    Ok(())
}
