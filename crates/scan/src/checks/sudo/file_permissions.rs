//! Rules of sudo that others may change or read.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `/etc/sudoers`, every file and folder that it includes, and `sudo.conf` belong to root, are
    /// writable by root alone, and the rules are not readable by everybody.
    ///
    /// # Why it matters
    /// Whoever writes a rule is root. Sudo refuses some files with wrong modes, and then rules are
    /// missing without a word. Readable rules tell an intruder which account to take next.
    ///
    /// # Example
    /// `/etc/sudoers.d` with mode 0775 and a group with members
    ///
    /// # Instead
    /// `chown root: /etc/sudoers /etc/sudoers.d/*`, `chmod 440 /etc/sudoers /etc/sudoers.d/*`,
    /// `chmod 750 /etc/sudoers.d`.
    id: "sudo-file-permissions",
    surface: Sudo,
    title: "Rules of sudo are open to others",
    severity: Low,
    references: [Cwe "CWE-732", Attack "T1548.003", Man "sudoers(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    let conf = std::path::PathBuf::from("/etc/sudo.conf");
    let files = sudoers.files.iter().map(|path| (path, true));
    let others = sudoers
        .folders
        .iter()
        .chain([&conf])
        .map(|path| (path, false));
    for (path, secret) in files.chain(others) {
        let (severity, problem, fix) = match trust::weak_spot(cx.facts, path, &[]) {
            Ok(Some(weak)) => (
                Severity::Critical,
                format!("can be changed by {}", weak.who),
                format!(
                    "`chown root: {0}` and `chmod go-w {0}`.",
                    weak.path.display()
                ),
            ),
            Ok(None) => match trust::stat(cx, path) {
                Some(file) if secret && file.world_readable() => (
                    Severity::Low,
                    "is readable by everybody".to_owned(),
                    format!("`chmod 440 {}`", path.display()),
                ),
                _ => continue,
            },
            Err(error) => {
                if !error.is_not_found() {
                    cx.limit(crate::check::Limit::from_error(&error));
                }
                continue;
            }
        };
        let mut hit = Hit::new(format!("{} {problem}", path.display()))
            .path(path)
            .severity(severity)
            .instead(fix);
        if let Some(file) = trust::stat(cx, path) {
            hit = hit
                .evidence("mode", file.mode_text())
                .evidence("owner", trust::user_text(cx.facts, file.uid));
        }
        cx.hit(hit);
    }
    Ok(())
}
