//! Compilers that anybody may run.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{PROGRAMS, entries};

check! {
    /// # What it checks
    /// Compilers, assemblers and linkers in the folders of programs (gcc, clang, cc, as, ld, go,
    /// rustc, tcc, with or without a version) that others may execute. One finding that names them
    /// all.
    ///
    /// # Why it matters
    /// On a server an intruder builds exploits for this very kernel with them. On a machine of
    /// developers they belong there.
    ///
    /// # Example
    /// `-rwxr-xr-x root root /usr/bin/gcc-12`
    ///
    /// # Instead
    /// Remove them (`apt purge gcc`), or `chown root:developers FILE && chmod 750 FILE`.
    id: "file-compiler-for-all",
    surface: Files,
    title: "Compilers that anybody may run",
    severity: Info,
    references: [Cwe "CWE-272", Attack "T1027.004", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    let mut hit = Hit::new("Anybody may run the compilers of this host").subject("compilers");
    let mut found = false;
    for (path, seen) in entries(&survey.compilers) {
        found = true;
        hit = hit.evidence_at("mode", seen.metadata.mode_text(), path, None);
    }
    if found {
        cx.hit(hit);
    }
    survey.limits(cx, PROGRAMS);
    Ok(())
}
