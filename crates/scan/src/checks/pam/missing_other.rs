//! What happens to services without a file of their own.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::pam::{Answer, Kind};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The service `other` exists and its `auth` and `account` stacks are not empty, and they fail for
    /// somebody who knows no password.
    ///
    /// # Why it matters
    /// A program whose own file is missing or misspelled is judged by `other`. Where that is empty or
    /// permits, so does the program.
    ///
    /// # Example
    /// `auth required pam_permit.so` in `/etc/pam.d/other`, or no such file
    ///
    /// # Instead
    /// In `/etc/pam.d/other`: `auth required pam_deny.so`, and the same for `account`, `password` and
    /// `session`, with `pam_warn.so` before each to see who asks.
    id: "pam-missing-other",
    surface: Pam,
    title: "Services without a file of their own are not refused",
    severity: Low,
    references: [Cwe "CWE-276", Man "pam.d(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let missing = !pam.names().any(|name| name == "other");
    for kind in [Kind::Auth, Kind::Account] {
        let word = if kind == Kind::Auth {
            "auth"
        } else {
            "account"
        };
        let modules = pam.modules("other", kind);
        let permits = kind == Kind::Auth
            && pam.verdict("other", kind, &|entry| match entry.name() {
                "pam_permit" => Answer::Success,
                "pam_warn" | "pam_env" => Answer::Ignore,
                _ => Answer::Failure,
            });
        let only_permits = !modules.is_empty()
            && modules
                .iter()
                .all(|entry| matches!(entry.name(), "pam_permit" | "pam_warn"));
        let (problem, severity) = if missing {
            ("does not exist", Severity::Low)
        } else if modules.is_empty() {
            ("is empty", Severity::Low)
        } else if permits || only_permits {
            ("lets everybody in", Severity::High)
        } else {
            continue;
        };
        let title = if missing {
            "PAM has no service `other`".to_owned()
        } else {
            format!("The {word} stack of PAM's service `other` {problem}")
        };
        let hit = Hit::new(title)
            .path("/etc/pam.d/other")
            .subject(word)
            .severity(severity);
        cx.hit(hit);
        if missing {
            break;
        }
    }
    Ok(())
}
