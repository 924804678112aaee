//! File that anybody may change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{entries, limit_refused};
use casemate_schema::Severity;
use std::os::unix::ffi::OsStrExt;

const SYSTEM: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/boot",
    "/opt",
    "/root",
    "/var/lib",
    "/var/spool",
];

check! {
    /// # What it checks
    /// Regular files with the write bit for others, where every folder above lets others pass. Not
    /// reported apart: files below a folder that is itself open to all (file-world-writable-folder
    /// names that), and files in /tmp, /var/tmp and /dev/shm.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// Any account, also that of a broken-into web server, can change what others read or run. Below
    /// /etc, /usr, /opt, /boot and /var the reader is often root.
    ///
    /// # Example
    /// `-rw-rw-rw- root root /etc/app/app.conf`
    ///
    /// # Instead
    /// `chmod o-w FILE`; let those who must write share a group.
    id: "file-world-writable",
    surface: Files,
    title: "File that anybody may change",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1222.002", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for (path, seen) in entries(&survey.writable_files) {
        let shown = path.display();
        let bytes = path.as_os_str().as_bytes();
        let system = SYSTEM
            .iter()
            .any(|folder| crate::facts::survey::is_below(bytes, folder.as_bytes()));
        let program = seen.metadata.mode & 0o111 != 0;
        let severity = if system || program {
            Severity::High
        } else {
            Severity::Medium
        };
        let hit = Hit::new(format!("Anybody may change `{shown}`"))
            .path(path)
            .severity(severity)
            .evidence("mode", seen.metadata.mode_text())
            .evidence("owner", survey.accounts.user_text(seen.metadata.uid))
            .instead(format!("chmod o-w '{shown}'"));
        cx.hit(hit);
    }
    survey.limits(cx, &["/"]);
    limit_refused(cx, &survey.writable_files);
    Ok(())
}
