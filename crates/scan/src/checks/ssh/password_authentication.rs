//! Whether passwords open the SSH server.

use super::hit_of;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// Passwords do not suffice to log in: `PasswordAuthentication no`, and
    /// `KbdInteractiveAuthentication no` where PAM is used (it asks for the same password under
    /// another name). Fine too is an `AuthenticationMethods` whose every choice asks for a key.
    ///
    /// # Why it matters
    /// Every server on the internet is tried with common passwords all day; keys cannot be guessed.
    ///
    /// # Example
    /// `PasswordAuthentication no` with `UsePAM yes` and no `KbdInteractiveAuthentication no`
    ///
    /// # Instead
    /// Make sure that a key works, then `PasswordAuthentication no` and
    /// `KbdInteractiveAuthentication no`.
    id: "ssh-password-authentication",
    surface: Ssh,
    title: "SSH server accepts passwords",
    severity: Low,
    references: [Cwe "CWE-308", Attack "T1110.001", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let methods = sshd
        .value("authenticationmethods")
        .text
        .to_ascii_lowercase();
    let needs_key = methods != "any"
        && methods.split_whitespace().all(|choice| {
            choice
                .split(',')
                .any(|method| method.starts_with("publickey"))
        });
    for value in sshd.values("passwordauthentication") {
        if value.word() == "yes" && !needs_key {
            cx.hit(hit_of(
                &value,
                "PasswordAuthentication",
                "SSH server accepts passwords",
                "PasswordAuthentication no",
            ));
        }
    }
    if sshd.is("usepam", "yes") {
        for value in sshd.values("kbdinteractiveauthentication") {
            if value.word() == "yes" && !needs_key {
                cx.hit(hit_of(
                    &value,
                    "KbdInteractiveAuthentication",
                    "SSH server accepts passwords through PAM",
                    "KbdInteractiveAuthentication no",
                ));
            }
        }
    }
    Ok(())
}
