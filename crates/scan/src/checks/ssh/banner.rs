//! Whether visitors are told whose host this is.

use super::hit_of;
use crate::check::{Cx, Skip, check};
use crate::facts::trust;
use std::path::Path;

check! {
    /// # What it checks
    /// `Banner` names a file that exists and is not empty.
    ///
    /// # Why it matters
    /// In some countries a warning before the login matters when an intruder is taken to court, and
    /// many rules ask for it. It stops nobody.
    ///
    /// # Example
    /// `Banner none`, or a Banner file that is gone
    ///
    /// # Instead
    /// `Banner /etc/issue.net`, with a text that names the owner and no version of anything.
    id: "ssh-banner",
    surface: Ssh,
    title: "SSH server shows no warning",
    severity: Info,
    references: [Cwe "CWE-1059", Cis "Debian 12 5.1.5", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let value = sshd.value("banner");
    let there = value.word() != "none"
        && trust::stat(cx, Path::new(&value.text)).is_some_and(|file| file.size > 0);
    if !there {
        let problem = if value.word() == "none" {
            "SSH server shows no warning before the login".to_owned()
        } else {
            format!(
                "Banner file {} of the SSH server is missing or empty",
                value.text
            )
        };
        cx.hit(hit_of(&value, "Banner", &problem, "Banner /etc/issue.net"));
    }
    Ok(())
}
