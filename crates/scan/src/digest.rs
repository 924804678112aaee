//! Digests of the configuration files that findings are about, as evidence.
//!
//! A plan of changes is computed later, perhaps on a copy of the host: the digest tells whether
//! the file is still the one that was scanned. Only files that configure something are taken: the
//! digest of a file that holds little but a secret would let somebody guess it.

use crate::tree::{self, Kind, Tree};
use casemate_base::hash;
use casemate_schema::{Evidence, Finding, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Largest file that gets a digest.
const BYTES_MAX: u64 = 256 << 10;

/// Files, and folders (with a slash at the end), of configuration.
const CONFIGURATION: [&str; 47] = [
    "/etc/apt/apt.conf",
    "/etc/apt/apt.conf.d/",
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d/",
    "/etc/audit/",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/cron.d/",
    "/etc/crontab",
    "/etc/default/",
    "/etc/dnf/",
    "/etc/doas.conf",
    "/etc/docker/daemon.json",
    "/etc/environment",
    "/etc/exports",
    "/etc/exports.d/",
    "/etc/fstab",
    "/etc/hosts.equiv",
    "/etc/iptables/",
    "/etc/issue",
    "/etc/issue.net",
    "/etc/login.defs",
    "/etc/logrotate.conf",
    "/etc/logrotate.d/",
    "/etc/modprobe.d/",
    "/etc/nftables.conf",
    "/etc/pam.d/",
    "/etc/polkit-1/",
    "/etc/profile",
    "/etc/profile.d/",
    "/etc/rsyslog.conf",
    "/etc/rsyslog.d/",
    "/etc/security/access.conf",
    "/etc/security/faillock.conf",
    "/etc/security/limits.conf",
    "/etc/security/limits.d/",
    "/etc/security/pwquality.conf",
    "/etc/selinux/config",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d/",
    "/etc/sudoers",
    "/etc/sudoers.d/",
    "/etc/sysctl.conf",
    "/etc/sysctl.d/",
    "/etc/systemd/",
    "/etc/ufw/",
    "/etc/yum.repos.d/",
];

/// Adds the digest of each configuration file that a finding names.
pub(crate) fn add(tree: &dyn Tree, findings: &mut [Finding]) {
    let mut known: BTreeMap<Text, Option<Text>> = BTreeMap::new();
    for finding in findings {
        let mut paths: BTreeSet<Text> = finding
            .evidence
            .iter()
            .filter_map(|seen| seen.path.clone())
            .collect();
        if finding.location.path_base64.is_none() {
            paths.extend(finding.location.path.clone());
        }
        for path in paths.into_iter().filter(|path| is_configuration(path)) {
            let digest = known
                .entry(path.clone())
                .or_insert_with(|| digest_of(tree, &path));
            if let Some(digest) = digest {
                finding.evidence.push(Evidence {
                    name: "digest".into(),
                    value: digest.clone(),
                    path: Some(path),
                    line: None,
                });
            }
        }
    }
}

fn is_configuration(path: &str) -> bool {
    CONFIGURATION
        .iter()
        .any(|known| match known.ends_with('/') {
            true => path.starts_with(known),
            false => path == *known,
        })
}

/// BLAKE3 of a small text file. A file that cannot be read has none: the check that named it has
/// already said so.
fn digest_of(tree: &dyn Tree, path: &str) -> Option<Text> {
    let metadata = tree.metadata(path.as_ref()).ok()?;
    if metadata.kind != Kind::File || metadata.size > BYTES_MAX {
        return None;
    }
    let bytes = tree::read_up_to(tree, path.as_ref(), BYTES_MAX).ok()?;
    std::str::from_utf8(&bytes).ok()?;
    Some(hash::blake3(&bytes).to_hex().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;

    #[test]
    fn configuration_gets_a_digest_and_secrets_do_not() {
        let mut tree = MemoryTree::new();
        tree.file("/etc/ssh/sshd_config", "X11Forwarding yes\n");
        tree.file("/etc/shadow", "root:x:::::::\n");
        let finding = |path: &str| {
            let mut finding = Finding::default();
            finding.location.path = Some(path.into());
            finding
        };
        let mut all = [
            finding("/etc/ssh/sshd_config"),
            finding("/etc/shadow"),
            finding("/etc/sudoers"),
        ];
        add(&tree, &mut all);
        let counts: Vec<usize> = all.iter().map(|finding| finding.evidence.len()).collect();
        assert_eq!(counts, [1, 0, 0]);
        let digest = hash::blake3(b"X11Forwarding yes\n").to_hex();
        assert_eq!(all[0].evidence[0].value, digest);
    }
}
