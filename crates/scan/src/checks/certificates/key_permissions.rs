//! Private key of a service may be changed or read by a group.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::survey::Candidate;
use crate::tree;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Files named *.key and *.pem below /etc that hold a private key must not be writable by a group
    /// or by others, and must not be readable by a group with members other than root's. That anybody
    /// can read one is the check secret-private-key-readable. Debian's group ssl-cert without members
    /// is fine.
    ///
    /// # Why it matters
    /// Who changes the key takes the service over; who reads it can be the server.
    ///
    /// # Example
    /// `-rw-rw---- root developers /etc/nginx/tls/site.key`
    ///
    /// # Instead
    /// `chown root:root FILE && chmod 600 FILE`.
    id: "cert-private-key-permissions",
    surface: Certificates,
    title: "Private key of a service may be changed or read by a group",
    severity: Medium,
    references: [Cwe "CWE-732", Attack "T1552.004", Man "chmod(1)"],
}

const BYTES_MAX: u64 = 256 << 10;

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    let keys = survey.candidates_of(Candidate::Key);
    for (path, seen) in keys.chain(survey.candidates_of(Candidate::Certificate)) {
        let metadata = &seen.metadata;
        let group = metadata.gid != 0;
        let writable = metadata.world_writable() && seen.open || metadata.group_writable() && group;
        // Debian's group for programs that need the keys of the host; joining it is the consent.
        let shared = survey.accounts.group_name(metadata.gid) == Some("ssl-cert");
        let readable = metadata.mode & 0o040 != 0
            && group
            && !shared
            && survey.accounts.is_shared(metadata.gid);
        if !path.starts_with("/etc") || !writable && !readable {
            continue;
        }
        let bytes = match tree::read_up_to(cx.facts.tree(), path, BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) => {
                if !error.is_not_found() {
                    cx.limit(Limit::from_error(&error));
                }
                continue;
            }
        };
        if !String::from_utf8_lossy(&bytes).lines().any(|line| {
            line.starts_with("-----BEGIN ") && line.trim_end().ends_with("PRIVATE KEY-----")
        }) {
            continue;
        }
        let shown = path.display();
        let (verb, severity) = if writable {
            ("changed", Severity::High)
        } else {
            ("read", Severity::Medium)
        };
        let hit = Hit::new(format!(
            "The private key `{shown}` may be {verb} by others than its owner"
        ))
        .path(path)
        .severity(severity)
        .evidence("mode", metadata.mode_text())
        .evidence("group", survey.accounts.group_text(metadata.gid))
        .instead(format!("chown root:root '{shown}' && chmod 600 '{shown}'"));
        cx.hit(hit);
    }
    survey.candidate_limits(cx, Candidate::Key);
    Ok(())
}
