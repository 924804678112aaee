//! Credentials of a cloud or cluster that anybody can read.

use crate::check::{Cx, Skip, check};
use crate::facts::secret_words::{is_placeholder, redacted};
use crate::facts::survey::Candidate;

check! {
    /// # What it checks
    /// Files of AWS (.aws/credentials), Google Cloud, Azure, Kubernetes (.kube/config, admin.conf,
    /// k3s.yaml), s3cmd and GitHub's tool that hold a key or token, when others may read them.
    ///
    /// # Why it matters
    /// Such a key works from anywhere in the world and often opens far more than this host.
    ///
    /// # Example
    /// `aws_secret_access_key = ...` in a file with mode 0644
    ///
    /// # Instead
    /// `chmod 600 FILE`, then revoke the key and make a new one.
    id: "secret-cloud-credentials",
    surface: Secrets,
    title: "Credentials of a cloud or cluster that anybody can read",
    severity: High,
    references: [Cwe "CWE-522", Attack "T1552.001", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    super::readable_secrets(cx, Candidate::Cloud, "chmod o-r", find)
}

/// Line, what it is, and the redacted value of the first secret.
fn find(text: &str) -> Option<super::Found> {
    const NAMES: &[(&str, &str)] = &[
        ("aws_secret_access_key", "a key of AWS"),
        ("client-key-data", "a key of a cluster"),
        ("oauth_token", "a token of GitHub"),
        ("private_key", "a key of a service account"),
        ("refresh_token", "a token of a cloud"),
        ("accessToken", "a token of a cloud"),
        ("secret_key", "a key of an object store"),
        ("token", "a token of a cluster"),
    ];
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim().trim_start_matches(['-', '{', ' ']).trim_start();
        let Some((name, value)) = line.split_once(['=', ':']) else {
            continue;
        };
        let name = name.trim().trim_matches('"');
        let value = value.trim().trim_matches(['"', ',', '}', '\'']);
        let known = NAMES.iter().find(|(known, _)| *known == name);
        if let Some((_, what)) = known.filter(|_| value.len() >= 16 && !is_placeholder(value)) {
            return Some((number, (*what).to_owned(), redacted(value)));
        }
    }
    None
}
