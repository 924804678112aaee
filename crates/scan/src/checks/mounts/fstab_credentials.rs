//! Passwords of file servers that everybody can read.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::mounts::{Entry, FSTAB};
use std::path::Path;

check! {
    /// # What it checks
    /// Lines of `/etc/fstab` with `password=`, `pass=` or `password2=` when everybody reads the file, and
    /// files named by `credentials=` or `cred=` that everybody reads.
    ///
    /// # Why it matters
    /// Every user of the host, and every backup of `/etc`, has the password of the file server.
    ///
    /// # Example
    /// `//files/data /mnt/data cifs username=svc,password=Secret1 0 0`
    ///
    /// # Instead
    /// `//files/data /mnt/data cifs credentials=/root/.cifs,nosuid,nodev 0 0`, `chmod 0600 /root/.cifs`,
    /// and a new password.
    id: "mount-fstab-credentials",
    surface: Mounts,
    title: "Password of a file server can be read by everybody",
    severity: High,
    references: [Cwe "CWE-522", Cwe "CWE-732", Attack "T1552.001", Man "mount.cifs(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let entries = cx.facts.fstab()?;
    if entries.is_empty() {
        return Err(Skip::not_applicable("there are no lines in /etc/fstab"));
    }
    let open = is_open(cx, Path::new(FSTAB));
    for entry in entries {
        for option in &entry.options {
            let Some((name, value)) = option.split_once('=') else {
                continue;
            };
            match name {
                "password" | "pass" | "password2" | "pass2" if open && !value.is_empty() => {
                    let hit = about(
                        entry,
                        format!("Password of `{}` stands in `{FSTAB}`", entry.spec),
                    )
                    .evidence_at(
                        "option",
                        format!("{name}=[not shown]"),
                        FSTAB,
                        Some(entry.line),
                    );
                    cx.hit(hit);
                }
                "credentials" | "cred" if is_open(cx, Path::new(value)) => {
                    let title = format!(
                        "Password of `{}` in `{value}` can be read by everybody",
                        entry.spec
                    );
                    let hit = Hit::new(title)
                        .path(value)
                        .subject(&entry.spec)
                        .evidence_at("option", option, FSTAB, Some(entry.line))
                        .instead(format!("`chmod 0600 {value}`, and change the password."));
                    cx.hit(hit);
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn about(entry: &Entry, title: String) -> Hit {
    Hit::new(title)
        .path(FSTAB)
        .line(entry.line)
        .subject(&entry.spec)
        .key(entry.point.as_os_str().as_encoded_bytes())
}

fn is_open(cx: &mut Cx<'_>, path: &Path) -> bool {
    match cx.facts.tree().metadata(path) {
        Ok(metadata) => metadata.world_readable(),
        Err(error) => {
            if !error.is_not_found() {
                cx.limit(Limit::from_error(&error));
            }
            false
        }
    }
}
