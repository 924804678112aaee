//! Whether others may read the server's private keys.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use std::path::Path;

check! {
    /// # What it checks
    /// The files that `HostKey` names (or the default ones) belong to root and can be read by nobody
    /// else. A group `ssh_keys` with mode 0640 (Fedora) is fine while nobody is in it.
    ///
    /// # Why it matters
    /// Who has the host key can pretend to be this host, and read passwords of people who log in.
    ///
    /// # Example
    /// `/etc/ssh/ssh_host_ed25519_key` with mode 0644
    ///
    /// # Instead
    /// `chmod 600 /etc/ssh/ssh_host_*_key`. A key that was readable is spent: remove it,
    /// `ssh-keygen -A`, and tell people the new fingerprint.
    id: "ssh-host-key-permissions",
    surface: Ssh,
    title: "Private host key can be read by others",
    severity: High,
    references: [Cwe "CWE-732", Cis "Debian 12 5.1.2", Attack "T1552.004", Man "sshd(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let mut seen = false;
    for file in sshd.value("hostkey").text.split_whitespace() {
        let path = Path::new(file);
        let Some(key) = trust::stat(cx, path) else {
            continue;
        };
        seen = true;
        let people = cx
            .facts
            .accounts()
            .map(|accounts| accounts.people_of(key.gid))
            .unwrap_or_default();
        let group = key.mode & 0o040 != 0 && key.gid != 0 && people.iter().any(|uid| *uid != 0);
        let who = if let Some(who) = trust::writer(cx.facts, &key, &[]) {
            who
        } else if key.world_readable() {
            "everybody".to_owned()
        } else if group {
            format!("group {}", trust::group_text(cx.facts, key.gid))
        } else {
            continue;
        };
        let hit = Hit::new(format!("Private host key {file} can be read by {who}"))
            .path(path)
            .evidence("mode", key.mode_text())
            .evidence("owner", trust::user_text(cx.facts, key.uid))
            .instead(format!("`chown root: {file}; chmod 600 {file}`. Others may have it already: remove it, `ssh-keygen -A`, and tell people the new fingerprint."));
        cx.hit(hit);
    }
    if !seen {
        return Err(Skip::not_applicable("the SSH server has no host keys"));
    }
    Ok(())
}
