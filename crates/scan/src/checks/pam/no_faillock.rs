//! Whether guessing locks an account.

use super::place;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::pam::Kind;

check! {
    /// # What it checks
    /// The `auth` stacks of `login` and `sshd` hold `pam_faillock` (or the older `pam_tally2`,
    /// `pam_tally`), after includes are resolved.
    ///
    /// # Why it matters
    /// Without it a password can be guessed as fast as the service answers, for as long as it takes.
    /// Where services are reached by key alone, this is of little weight.
    ///
    /// # Example
    /// `/etc/pam.d/common-auth` without `pam_faillock.so`
    ///
    /// # Instead
    /// `auth required pam_faillock.so preauth` before and `auth [default=die] pam_faillock.so authfail`
    /// after `pam_unix.so`, `account required pam_faillock.so`, and `deny = 5`, `unlock_time = 900` in
    /// `/etc/security/faillock.conf`.
    id: "pam-no-faillock",
    surface: Pam,
    title: "Wrong passwords lock nothing",
    severity: Low,
    references: [Cwe "CWE-307", Cis "Debian 12 5.3.2.2", Attack "T1110.001", Man "pam_faillock(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const MODULES: [&str; 3] = ["pam_faillock", "pam_tally2", "pam_tally"];
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let mut open = Vec::new();
    let mut first = None;
    for service in ["login", "sshd"] {
        let modules = pam.modules(service, Kind::Auth);
        let asks = modules.iter().any(|entry| entry.name() == "pam_unix");
        if asks && !modules.iter().any(|entry| MODULES.contains(&entry.name())) {
            open.push(service);
            let unix = modules.iter().find(|entry| entry.name() == "pam_unix");
            first = first.or_else(|| unix.map(|entry| (entry.path.clone(), entry.line)));
        }
    }
    if let Some((path, line)) = first {
        let hit = Hit::new(format!(
            "Wrong passwords lock nothing in {}",
            open.join(" and ")
        ))
        .path(path)
        .line(line)
        .subject("faillock")
        .evidence("services", open.join(", "));
        cx.hit(hit);
        return Ok(());
    }
    if ["login", "sshd"]
        .iter()
        .all(|service| pam.modules(service, Kind::Auth).is_empty())
    {
        let shown = place(&[], "login");
        return Err(Skip::not_applicable(format!(
            "there is no {}",
            shown.display()
        )));
    }
    Ok(())
}
