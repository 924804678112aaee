//! Passwords and tokens in unit files and their environment files.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::secret_words::{HIDDEN, is_name, is_value, url_password};
use crate::facts::text::lines;
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::path::PathBuf;

check! {
    /// # What it checks
    /// No variable of `Environment=`, and none in an `EnvironmentFile=` that everybody may read, has
    /// the name of a secret (`PASSWORD`, `TOKEN`, `SECRET`, `API_KEY` ...) and a value of its own, or
    /// a URL with a password. Names of files (`PASSWORD_FILE`), references and empty values are no
    /// hit, nor is a variable that a later empty `Environment=` takes back. The value is never
    /// written to the report.
    ///
    /// # Why it matters
    /// Unit files are readable for everybody, and `systemctl show` gives the environment of every
    /// unit to every user, even when the unit file itself is closed.
    ///
    /// # Example
    /// `Environment="DB_USER=app" "DB_PASSWORD=hunter2"`
    ///
    /// # Instead
    /// Put the secret into a file of root with mode 0600 and give it to the service alone:
    /// `LoadCredential=db-password:/etc/app/db-password`, read by the service from
    /// `$CREDENTIALS_DIRECTORY/db-password`. Then change the secret, because it was open.
    id: "unit-secret-in-environment",
    surface: Units,
    title: "Secret in the environment of a unit",
    severity: Medium,
    references: [Cwe "CWE-522", Cwe "CWE-526", Attack "T1552.001", Man "systemd.exec(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.list.iter().filter(|entry| !entry.unit.masked) {
        let unit = entry.unit.name.as_str();
        let mut found = BTreeMap::new();
        for (name, value, setting) in entry.environment() {
            // The last value of a name is the one in force.
            if is_secret(&name, &value) {
                found.insert(name, (setting.file.to_path_buf(), u64::from(setting.line)));
            } else {
                found.remove(&name);
            }
        }
        for (path, _) in entry.environment_files() {
            found.extend(secrets_of_file(cx, &path));
        }
        for (name, (file, line)) in found {
            let hit = Hit::new(format!("`{unit}` has a secret in its environment: {name}"))
                .path(&file)
                .line(line)
                .subject(unit)
                .key(&name)
                .severity(Severity::Medium)
                .evidence_at("variable", format!("{name}={HIDDEN}"), &file, Some(line));
            cx.hit(hit);
        }
    }
    Ok(())
}

/// Secrets of a file that everybody may read.
fn secrets_of_file(cx: &mut Cx<'_>, path: &std::path::Path) -> Vec<(String, (PathBuf, u64))> {
    let open = trust::stat(cx, path).is_some_and(|metadata| metadata.world_readable());
    if !open {
        return Vec::new();
    }
    let bytes = trust::content(cx, path).unwrap_or_default();
    let mut found = Vec::new();
    for line in lines(&bytes) {
        let text = line.text.trim();
        if text.starts_with(['#', ';']) {
            continue;
        }
        let Some((name, value)) = text.split_once('=') else {
            continue;
        };
        let name = name.trim().to_owned();
        if is_secret(&name, value) {
            found.push((name, (path.to_path_buf(), line.number)));
        }
    }
    found
}

fn is_secret(name: &str, value: &str) -> bool {
    let url = || url_password(value).is_some_and(|(_, password)| is_value(password));
    (is_name(name) && is_value(value)) || url()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_from_a_path_and_a_switch() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("TOKEN", "\"abc123\""),
            ("DATABASE_URL", "postgres://u:hunter2@db/x"),
        ] {
            assert!(is_secret(name, value), "{name}");
        }
        for (name, value) in [
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD_FILE", "/run/x"),
            ("PASSWORD", "/run/x"),
            ("COMPASS", "north"),
            ("TOKEN", "$TOKEN"),
            ("URL", "http://u@h/a:b@c"),
            ("SECRET", "*****"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }
}
