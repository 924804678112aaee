//! Jobs that decode a text and run it.

use super::jobs;
use crate::check::{Cx, Skip, check};
use crate::facts::cron::shell::{self, Pipeline, Stage};

check! {
    /// # What it checks
    /// No job may hand decoded text (`base64 -d`, `xxd -r`, `openssl enc -d`) to a shell or interpreter, or
    /// decode and run it inside of an interpreter (`python -c "exec(b64decode(...))"`).
    ///
    /// # Why it matters
    /// There is hardly an honest reason to hide a command. It is the usual form in which malware keeps itself
    /// alive in crontabs.
    ///
    /// # Example
    /// `@reboot root echo aWQ= | base64 -d | bash`
    ///
    /// # Instead
    /// Decode the text without running it (`echo ... | base64 -d | less`). If the job is yours, write the
    /// command as a script that root owns; if not, keep a copy, remove the job and treat the host as intruded.
    id: "cron-encoded-command",
    surface: Cron,
    title: "Job decodes a text and runs it",
    severity: High,
    references: [Cwe "CWE-506", Attack "T1053.003", Attack "T1140"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for job in &jobs(cx)?.jobs {
        if job.pipelines.iter().any(hidden) {
            let title = format!(
                "A job of `{}` in `{}` runs encoded text",
                job.user,
                job.file.display()
            );
            cx.hit(job.hit(title));
        }
    }
    Ok(())
}

fn hidden(pipeline: &Pipeline) -> bool {
    let decoder = pipeline
        .iter()
        .position(|call| shell::stages(call).iter().any(decodes));
    let piped = decoder.is_some_and(|position| {
        let mut behind = pipeline.iter().skip(position + 1);
        behind.any(|call| shell::stages(call).iter().any(super::reads_code))
    });
    piped
        || pipeline
            .iter()
            .flat_map(shell::stages)
            .any(|stage| inside(&stage))
}

fn decodes(stage: &Stage<'_>) -> bool {
    let options: &[&str] = match stage.program.base() {
        "base64" | "base32" | "basenc" => &["-d", "--decode", "-D", "-di"],
        "xxd" => &["-r"],
        "openssl" => &["-d"],
        _ => &[],
    };
    stage.arguments.iter().any(|word| {
        let text = word.text.as_str();
        options.contains(&text)
            || (!options.is_empty() && text.starts_with("-r") && stage.is(&["xxd"]))
    })
}

/// `sh -c "$(... | base64 -d)"`, `python -c "exec(base64.b64decode(...))"`.
fn inside(stage: &Stage<'_>) -> bool {
    if !stage.is_interpreter() && !stage.is(&["eval", ".", "source"]) {
        return false;
    }
    stage.arguments.iter().any(|word| {
        let nested = word.nested.iter().any(|text| {
            let calls = shell::pipelines(text);
            calls
                .iter()
                .flatten()
                .flat_map(shell::stages)
                .any(|stage| decodes(&stage))
        });
        let text = word.text.as_str();
        let decoded = ["b64decode", "base64_decode", "decode_base64", "fromhex"];
        let runs = ["exec", "eval", "system"]
            .iter()
            .any(|name| text.contains(name));
        nested || (runs && decoded.iter().any(|name| text.contains(name)))
    })
}
