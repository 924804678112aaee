//! Repository or environment file in the web server's folder.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{Candidate, entries};

check! {
    /// # What it checks
    /// Folders named .git and environment files (.env) below /var/www that others, and so the web
    /// server, may read.
    ///
    /// # Why it matters
    /// A web server that hands out files as they are gives the source code with its whole history, or
    /// the passwords of the application, to anybody who asks.
    ///
    /// # Example
    /// `-rw-r--r-- root root /var/www/shop/.env`
    ///
    /// # Instead
    /// Move it out of the web server's folder, or refuse it: `location ~ /\.(git|env) { deny all; }`.
    id: "file-web-repository",
    surface: Files,
    title: "Repository or environment file in the web server's folder",
    severity: Medium,
    references: [Cwe "CWE-538", Attack "T1213.003", Man "git(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    if !cx.facts.exists("/var/www") {
        return Err(Skip::not_applicable("there is no /var/www"));
    }
    let environment = survey
        .candidates_of(Candidate::Environment)
        .filter(|(path, seen)| path.starts_with("/var/www") && seen.readable_by_all());
    for (path, seen) in entries(&survey.web_hidden).chain(environment) {
        let shown = path.display();
        let hit = Hit::new(format!("`{shown}` stands in the web server's folder"))
            .path(path)
            .evidence("mode", seen.metadata.mode_text());
        cx.hit(hit);
    }
    survey.limits(cx, &["/var/www"]);
    Ok(())
}
