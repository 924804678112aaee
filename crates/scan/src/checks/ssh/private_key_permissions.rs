//! Private keys that others may read.

use super::private_keys;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Private keys in the `.ssh` folders of people and root belong to their user and give no right
    /// to group or others, unless nobody else is in the group. The folder above is not taken into
    /// account: it may be opened tomorrow.
    ///
    /// # Why it matters
    /// A private key is who its owner is: whoever can read it logs in as them wherever it is known.
    ///
    /// # Example
    /// `/home/ann/.ssh/id_rsa` with mode 0644
    ///
    /// # Instead
    /// `chmod 600 ~/.ssh/id_rsa`; take the key for known, and make a new one.
    id: "ssh-private-key-permissions",
    surface: Ssh,
    title: "Private key can be read by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1552.004", Man "ssh(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for (path, account, open) in private_keys(cx)? {
        let Some(file) = trust::stat(cx, &path) else {
            continue;
        };
        let people = cx
            .facts
            .accounts()
            .map(|accounts| accounts.people_of(file.gid))
            .unwrap_or_default();
        let others = people.iter().any(|uid| *uid != 0 && *uid != account.uid);
        let who = if let Some(who) = trust::writer(cx.facts, &file, &[account.uid]) {
            who
        } else if file.world_readable() {
            "everybody".to_owned()
        } else if file.mode & 0o040 != 0 && others {
            format!("group {}", trust::group_text(cx.facts, file.gid))
        } else {
            continue;
        };
        let shown = path.display();
        let hit = Hit::new(format!("Private key {shown} can be read by {who}"))
            .path(&path)
            .subject(&account.name)
            .severity(if open {
                Severity::High
            } else {
                Severity::Medium
            })
            .evidence("mode", file.mode_text())
            .evidence("owner", trust::user_text(cx.facts, file.uid))
            .evidence("passphrase", if open { "none" } else { "set" })
            .instead(format!(
                "`chown {}: {shown}; chmod 600 {shown}`, and replace the key: others may have it.",
                account.name
            ));
        cx.hit(hit);
    }
    Ok(())
}
