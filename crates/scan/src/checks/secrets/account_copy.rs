//! Copy of the password file that others can read.

use crate::check::{Cx, Skip, check};
use crate::facts::survey::Candidate;

check! {
    /// # What it checks
    /// Files named shadow or gshadow, or shadow with an ending (.bak, -, .old, ~), anywhere on the
    /// host, that others may read and that hold a password hash.
    ///
    /// # Why it matters
    /// The hashes can be guessed at leisure on another machine, and people use their passwords more
    /// than once.
    ///
    /// # Example
    /// `-rw-r--r-- root root /var/backups/shadow.bak`
    ///
    /// # Instead
    /// `chmod 600 FILE` or remove the copy, and have the passwords changed.
    id: "secret-shadow-copy",
    surface: Secrets,
    title: "Copy of the password file that others can read",
    severity: High,
    references: [Cwe "CWE-530", Attack "T1003.008", Man "shadow(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    super::readable_secrets(cx, Candidate::Accounts, "chmod 600", find)
}

/// Line, what it is, and whose hash it is, of the first hash of the file.
fn find(text: &str) -> Option<super::Found> {
    (1..).zip(text.lines()).find_map(|(number, line)| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let hash = fields.next()?.trim_start_matches('!');
        let is_hash = hash.starts_with('$') && hash.len() > 20
            || hash.starts_with('_') && hash.len() == 20
            || hash.len() == 13
                && hash
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
        is_hash.then(|| {
            (
                number,
                "password hashes".to_owned(),
                format!("hash of {name}"),
            )
        })
    })
}
