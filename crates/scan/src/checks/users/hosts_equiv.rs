//! Hosts whose word replaces a password.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{text, trust};
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// `/etc/hosts.equiv` and `/etc/ssh/shosts.equiv` have no lines.
    ///
    /// # Why it matters
    /// Each line lets users of another host in under the same name without a password; a `+` lets in
    /// everybody from everywhere. The other host's word is all there is, and addresses can be forged.
    ///
    /// # Example
    /// `+ +` in `/etc/hosts.equiv`
    ///
    /// # Instead
    /// `rm /etc/hosts.equiv /etc/ssh/shosts.equiv`; log in with SSH keys.
    id: "user-hosts-equiv",
    surface: Users,
    title: "Other hosts are trusted without a password",
    severity: High,
    references: [Cwe "CWE-291", Attack "T1078.003", Man "hosts.equiv(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut there = false;
    for file in ["/etc/hosts.equiv", "/etc/ssh/shosts.equiv"] {
        let Some(bytes) = trust::content(cx, Path::new(file)) else {
            continue;
        };
        there = true;
        for line in text::lines(&bytes) {
            let entry = line.text.split('#').next().unwrap_or_default().trim();
            if entry.is_empty() || entry.starts_with('-') {
                continue;
            }
            let everybody = entry.split_whitespace().next() == Some("+");
            let severity = if everybody {
                Severity::Critical
            } else {
                Severity::High
            };
            let hit = Hit::new(format!("{file} trusts `{entry}` without a password"))
                .path(file)
                .line(line.number)
                .subject(entry)
                .severity(severity)
                .instead(format!(
                    "Delete the line, or all of it: `rm {file}`; log in with SSH keys."
                ));
            cx.hit(hit);
        }
    }
    if !there && cx.facts.users().is_err() {
        return Err(Skip::not_applicable("the tree has no accounts"));
    }
    Ok(())
}
