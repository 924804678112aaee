//! Environment file with secrets that anybody can read.

use crate::check::{Cx, Skip, check};
use crate::facts::secret_words::{is_name, is_placeholder, redacted};
use crate::facts::survey::Candidate;

check! {
    /// # What it checks
    /// Files named .env, .env.NAME, NAME.env or environment that others may read and that give a
    /// value to a name that ends in PASSWORD, PASSWD, SECRET, TOKEN, API_KEY, ACCESS_KEY or
    /// PRIVATE_KEY. Variables and placeholders are left out.
    ///
    /// # Why it matters
    /// Applications take their passwords from these files, so one account of the host has them all.
    ///
    /// # Example
    /// `DB_PASSWORD=correct-horse` in /srv/shop/.env with mode 0644
    ///
    /// # Instead
    /// `chown APP: FILE && chmod 600 FILE`, and change the password.
    id: "secret-environment-file",
    surface: Secrets,
    title: "Environment file with secrets that anybody can read",
    severity: Medium,
    references: [Cwe "CWE-522", Attack "T1552.001", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    super::readable_secrets(cx, Candidate::Environment, "chmod o-r", find)
}

/// Line, what it is, and the redacted value of the first secret.
fn find(text: &str) -> Option<super::Found> {
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let name = name.trim().to_ascii_uppercase();
        let value = value.trim().trim_matches(['"', '\'']);
        if !name.starts_with('#') && is_name(&name) && !is_placeholder(value) {
            return Some((number, format!("a value of {name}"), redacted(value)));
        }
    }
    None
}
