//! Folder in which anybody may replace files.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{entries, limit_refused};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Folders with the write bit for others and without the sticky bit, where every folder above
    /// lets others pass. Of nested ones the topmost is reported.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// Anybody can remove and replace every file in it, whatever the mode of the file, and put a file
    /// of another name in the way of a program that root runs.
    ///
    /// # Example
    /// `drwxrwxrwx root root /opt/app`
    ///
    /// # Instead
    /// `chmod o-w FOLDER`; where all must write, at least the sticky bit: `chmod 1777 FOLDER`.
    id: "file-world-writable-folder",
    surface: Files,
    title: "Folder in which anybody may replace files",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1222.002", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for (path, seen) in entries(&survey.writable_folders) {
        let shown = path.display();
        let root = seen.metadata.uid == 0;
        let hit = Hit::new(format!("Anybody may replace files in `{shown}`"))
            .path(path)
            .severity(if root {
                Severity::High
            } else {
                Severity::Medium
            })
            .evidence("mode", seen.metadata.mode_text())
            .evidence("owner", survey.accounts.user_text(seen.metadata.uid))
            .instead(format!(
                "chmod o-w '{shown}', or chmod +t '{shown}' where all must write."
            ));
        cx.hit(hit);
    }
    survey.limits(cx, &["/"]);
    limit_refused(cx, &survey.writable_folders);
    Ok(())
}
