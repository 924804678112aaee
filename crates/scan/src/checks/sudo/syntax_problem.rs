//! Lines in the rules of sudo that cannot be understood.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Every line of the sudoers files parses, and every file named by `@include` exists.
    ///
    /// # Why it matters
    /// Sudo skips what it cannot parse, or refuses to work at all: a rule that was meant to forbid
    /// something does not, and on the day of an incident nobody becomes root.
    ///
    /// # Example
    /// `ann ALL=(ALL ALL` (the parenthesis is open), `bob ALL=systemctl restart app` (no full path)
    ///
    /// # Instead
    /// `visudo -c` names the lines; edit with `visudo -f FILE`, which refuses to save an error.
    id: "sudo-syntax-problem",
    surface: Sudo,
    title: "Line of sudoers cannot be understood",
    severity: Medium,
    references: [Cwe "CWE-1286", Man "visudo(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    for problem in &sudoers.problems {
        let hit = Hit::new(format!(
            "{} has a line that cannot be understood: {}",
            problem.path.display(),
            problem.reason
        ))
        .path(&problem.path)
        .line(problem.line)
        .subject(&problem.reason)
        .instead(format!(
            "`visudo -c` names the line; repair it with `visudo -f {}`.",
            problem.path.display()
        ));
        cx.hit(hit);
    }
    Ok(())
}
