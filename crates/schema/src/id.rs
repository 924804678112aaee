//! Identifiers of findings: from content, never from time, order, pid or inode.

use casemate_base::hash;

/// Makes a finding's id from the check and the parts that identify its subject.
///
/// The form is `<check>:<12 hex digits>`: the check can be read from it, and 48 bits of BLAKE3 over
/// the length-prefixed parts keep findings of one check apart (a chance of one in 500 million that
/// any two of 1,000 findings of one check collide). `parts` must be what makes the subject the same
/// next time: a path, a user's name, a protocol, address and port; never a pid, an inode, a time.
#[must_use]
pub fn finding_id(check: &str, parts: &[&[u8]]) -> String {
    let mut message = Vec::new();
    for part in std::iter::once(&check.as_bytes()).chain(parts) {
        message.extend_from_slice(&(part.len() as u64).to_le_bytes());
        message.extend_from_slice(part);
    }
    let digest = hash::blake3(&message);
    let short: String = digest.to_hex().chars().take(12).collect();
    format!("{check}:{short}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_content_same_id_and_boundaries_count() {
        let one = finding_id("ssh-root-login", &[b"/etc/ssh/sshd_config", b"yes"]);
        assert_eq!(
            one,
            finding_id("ssh-root-login", &[b"/etc/ssh/sshd_config", b"yes"])
        );
        assert_ne!(
            one,
            finding_id("ssh-root-login", &[b"/etc/ssh/sshd_configy", b"es"])
        );
        assert!(one.starts_with("ssh-root-login:") && one.len() == "ssh-root-login:".len() + 12);
    }
}
