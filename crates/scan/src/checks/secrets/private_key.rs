//! Private key that anybody can read.

use super::suspects;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::Candidate;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Files that are named like keys (id_rsa and the like, *.key, *.pem, *.crt, *.ppk) and hold a
    /// private key (PEM, OpenSSH or PuTTY), when others may read them and every folder above lets
    /// others pass. Folders of tests, samples and packages' data are left out. An encrypted key
    /// counts less.
    ///
    /// # Why it matters
    /// With the key anybody is the server, or logs in as its owner. A key that was readable must
    /// count as known.
    ///
    /// # Example
    /// `-rw-r--r-- root root /etc/nginx/tls/site.key`
    ///
    /// # Instead
    /// `chmod 600 FILE`; then make a new key and replace the certificate or the authorized key.
    id: "secret-private-key-readable",
    surface: Secrets,
    title: "Private key that anybody can read",
    severity: High,
    references: [Cwe "CWE-522", Attack "T1552.004", Man "ssh-keygen(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut all = Vec::new();
    for kind in [Candidate::Key, Candidate::Certificate] {
        let wanted = |path: &std::path::Path, seen: &crate::facts::survey::Seen| {
            seen.readable_by_all()
                && !path.starts_with("/usr/share")
                && !path.starts_with("/usr/lib")
        };
        all.extend(suspects(cx, kind, wanted)?);
    }
    for suspect in all {
        let Some((line, kind, encrypted)) = find(&suspect.text) else {
            continue;
        };
        let shown = suspect.path.display();
        let (adjective, severity) = if encrypted {
            ("an encrypted", Severity::Medium)
        } else {
            ("a", Severity::High)
        };
        let hit = Hit::new(format!(
            "`{shown}` holds {adjective} private key that anybody can read"
        ))
        .path(&suspect.path)
        .severity(severity)
        .evidence("mode", suspect.seen.metadata.mode_text())
        .evidence_at("header", kind, &suspect.path, Some(line))
        .instead(format!(
            "chmod 600 '{shown}', then replace the key: it must count as known."
        ));
        cx.hit(hit);
    }
    Ok(())
}

/// Line, header, and whether the key is encrypted as far as its headers say.
fn find(text: &str) -> Option<(u64, String, bool)> {
    let (number, line) = (1..).zip(text.lines()).find(|(_, line)| {
        let line = line.trim_end();
        line.starts_with("PuTTY-User-Key-File-")
            || line.starts_with("-----BEGIN ") && line.ends_with("PRIVATE KEY-----")
    })?;
    let encrypted = line.contains("ENCRYPTED")
        || text.lines().take(200).any(|line| {
            line.starts_with("Proc-Type: 4,ENCRYPTED")
                || line.starts_with("Encryption: aes")
                // OpenSSH names the cipher in its first bytes: "openssh-key-v1\0", "aes256-...".
                || line.starts_with("b3BlbnNzaC1rZXktdjEAAAAACmFlcz")
        });
    Some((number, line.trim().to_owned(), encrypted))
}
