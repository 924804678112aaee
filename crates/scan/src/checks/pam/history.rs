//! Whether old passwords come back.

use super::{password_service, place};
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// The stack that changes passwords remembers at least 5 old ones: `pam_pwhistory.so` (10 by
    /// default) or `remember=` of `pam_unix.so`.
    ///
    /// # Why it matters
    /// Where people must change passwords, they go back to the old one at once, and with it to the
    /// one that leaked. Where passwords never end, this is of little weight.
    ///
    /// # Example
    /// `/etc/pam.d/common-password` without `pam_pwhistory.so`
    ///
    /// # Instead
    /// `password required pam_pwhistory.so remember=24 use_authtok` before the line of `pam_unix.so`.
    id: "pam-no-password-history",
    surface: Pam,
    title: "Old passwords may come back",
    severity: Info,
    references: [Cwe "CWE-521", Cis "Debian 12 5.3.2.4", Man "pam_pwhistory(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let (service, modules) = password_service(pam)?;
    let remembered = modules
        .iter()
        .filter_map(|entry| {
            let given = entry
                .option("remember")
                .and_then(|count| count.parse::<u32>().ok());
            match entry.name() {
                "pam_pwhistory" => Some(given.unwrap_or(10)),
                "pam_unix" => given,
                _ => None,
            }
        })
        .max()
        .unwrap_or(0);
    if remembered < 5 {
        cx.hit(
            Hit::new("Old passwords may come back at once")
                .path(place(&modules, service))
                .subject("password history")
                .evidence("remembered", remembered.to_string())
                .evidence("expected", "5 or more"),
        );
    }
    Ok(())
}
