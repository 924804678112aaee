//! Whether new passwords are looked at.

use super::password_service;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::pam::Kind;

check! {
    /// # What it checks
    /// The stack that changes passwords (`passwd`, or what it includes) holds `pam_pwquality`,
    /// `pam_cracklib` or `pam_passwdqc`.
    ///
    /// # Why it matters
    /// `pam_unix` alone takes any password of six letters, and people take `summer`. The first
    /// guesses of every attacker are such words.
    ///
    /// # Example
    /// `/etc/pam.d/common-password` with `pam_unix.so` alone
    ///
    /// # Instead
    /// `apt install libpam-pwquality` (Debian adds it to `common-password` by itself), then
    /// `minlen = 14` in `/etc/security/pwquality.conf`.
    id: "pam-no-password-quality",
    surface: Pam,
    title: "New passwords are not looked at",
    severity: Low,
    references: [Cwe "CWE-521", Cis "Debian 12 5.3.2.3", Attack "T1110.001", Url "https://cisofy.com/lynis/controls/AUTH-9262/", Man "pam_pwquality(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const MODULES: [&str; 3] = ["pam_pwquality", "pam_cracklib", "pam_passwdqc"];
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let (service, modules) = password_service(pam)?;
    if modules.iter().any(|entry| MODULES.contains(&entry.name())) {
        return Ok(());
    }
    let mut hit = Hit::new("New passwords are not looked at: no quality module in PAM")
        .path(super::place(&modules, service))
        .subject("password quality")
        .evidence("service", service)
        .evidence("kind", format!("{:?}", Kind::Password).to_ascii_lowercase());
    let names: Vec<&str> = modules.iter().map(|entry| entry.name()).collect();
    hit = hit.evidence("modules", names.join(", "));
    cx.hit(hit);
    Ok(())
}
