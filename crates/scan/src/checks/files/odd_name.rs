//! Name that is made to be overlooked.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{entries, limit_refused};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Names that hold only dots and blanks (`...`, `.. `), begin or end with a blank, or hold
    /// control characters; and hidden names in /dev and in the folders of programs.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// A listing shows nothing there, or shows something else. Intruders keep their tools under such
    /// names; honest programs have no use for them.
    ///
    /// # Example
    /// `/var/tmp/.. /` looks like the parent folder
    ///
    /// # Instead
    /// Look at what it is (`ls -lab FOLDER`), who owns it and which process uses it; then remove it.
    id: "file-hidden-name",
    surface: Files,
    title: "Name that is made to be overlooked",
    severity: Medium,
    references: [Cwe "CWE-451", Attack "T1564.001", Man "ls(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for (path, seen) in entries(&survey.odd_names) {
        let shown = path.display();
        let hit = Hit::new(format!("`{shown}` has a name that is easily overlooked"))
            .path(path)
            .severity(Severity::Medium)
            .evidence("mode", seen.metadata.mode_text())
            .evidence("owner", survey.accounts.user_text(seen.metadata.uid));
        cx.hit(hit);
    }
    survey.limits(cx, &["/"]);
    limit_refused(cx, &survey.odd_names);
    Ok(())
}
