//! Whether others may change the server's configuration.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::trust;
use std::collections::BTreeSet;

check! {
    /// # What it checks
    /// `sshd_config`, each file that it includes, and the folders that they lie in are writable by
    /// root alone. A folder counts because a new file in it would be included.
    ///
    /// # Why it matters
    /// Whoever writes a line to the configuration opens the host to themselves at the next reload:
    /// `AuthorizedKeysFile /tmp/keys`, `PermitRootLogin yes`.
    ///
    /// # Example
    /// `/etc/ssh/sshd_config.d` with mode 0777
    ///
    /// # Instead
    /// `chown -R root: /etc/ssh`, `chmod go-w /etc/ssh/sshd_config.d /etc/ssh/sshd_config`
    id: "ssh-config-permissions",
    surface: Ssh,
    title: "Configuration of the SSH server can be changed",
    severity: Critical,
    references: [Cwe "CWE-732", Cis "Debian 12 5.1.1", Attack "T1556", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let mut seen = BTreeSet::new();
    for path in sshd.files.iter().chain(&sshd.folders) {
        match trust::weak_spot(cx.facts, path, &[]) {
            Ok(Some(weak)) if seen.insert(weak.path.clone()) => {
                let shown = weak.path.display();
                let hit = Hit::new(format!(
                    "{shown}, part of the SSH server's configuration, can be changed by {}",
                    weak.who
                ))
                .path(&weak.path)
                .evidence("mode", weak.metadata.mode_text())
                .evidence("owner", trust::user_text(cx.facts, weak.metadata.uid))
                .instead(format!("`chown root: {shown}` and `chmod go-w {shown}`."));
                cx.hit(hit);
            }
            Ok(_) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => cx.limit(Limit::from_error(&error)),
        }
    }
    Ok(())
}
