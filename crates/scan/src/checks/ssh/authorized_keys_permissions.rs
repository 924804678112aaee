//! Lists of authorized keys that others may change.

use super::key_files;
use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The authorized keys of people and root (where `AuthorizedKeysFile` says they are) and all
    /// folders above them are writable by their user and root alone.
    ///
    /// # Why it matters
    /// One line added to the list is a login as that user. With `StrictModes yes` the server ignores
    /// such a list; other programs and a folder below the home may still let it through.
    ///
    /// # Example
    /// `/home/ann/.ssh/authorized_keys` with mode 0666
    ///
    /// # Instead
    /// `chmod 700 ~/.ssh; chmod 600 ~/.ssh/authorized_keys`, and read the list for keys that nobody
    /// knows.
    id: "ssh-authorized-keys-permissions",
    surface: Ssh,
    title: "Others may add keys to an account",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1098.004", Man "sshd(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    for account in users.with_homes() {
        for file in key_files(cx, account) {
            match trust::weak_spot(cx.facts, &file, &[account.uid]) {
                Ok(Some(weak)) => {
                    let shown = weak.path.display();
                    let severity = if account.uid == 0 {
                        Severity::Critical
                    } else {
                        Severity::High
                    };
                    let hit = Hit::new(format!("Keys of `{}` can be changed by {} at {shown}", account.name, weak.who))
                        .path(&file)
                        .subject(&account.name)
                        .severity(severity)
                        .evidence("writable", shown.to_string())
                        .evidence("mode", weak.metadata.mode_text())
                        .instead(format!("`chown {}: {shown}; chmod go-w {shown}`, and read {} for keys that nobody knows.", account.name, file.display()));
                    cx.hit(hit);
                }
                Ok(None) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => cx.limit(Limit::from_error(&error)),
            }
        }
    }
    Ok(())
}
