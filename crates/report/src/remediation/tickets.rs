//! Actions as tickets in Markdown: what, why, which findings, how, how to see it, how to undo it.

use super::Remediation;
use crate::markdown::text::{code, inline, prose, title};
use casemate_schema::{Action, Change, ChangeRisk, Finding};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Findings and targets that a ticket lists.
const LISTED_MAX: usize = 20;

/// The actions as Markdown, ended by a newline.
#[must_use]
pub fn tickets(remediation: &Remediation<'_>) -> String {
    let findings: BTreeMap<&str, &Finding> = remediation
        .findings
        .iter()
        .map(|finding| (finding.id.as_str(), finding))
        .collect();
    let mut out = format!(
        "# What to do: {}\n\n{} actions, most risk removed per effort first.\n",
        inline(remediation.subject),
        remediation.actions.len()
    );
    for (number, action) in (1..).zip(remediation.actions) {
        ticket(&mut out, number, action, &findings);
    }
    let _infallible = write!(out, "\n---\n\nWritten by {}.\n", inline(remediation.tool));
    out
}

fn ticket(out: &mut String, number: usize, action: &Action, findings: &BTreeMap<&str, &Finding>) {
    let risk = match action.change_risk {
        ChangeRisk::Low => "low",
        ChangeRisk::Medium => "medium",
        ChangeRisk::High => "high",
    };
    let _infallible = write!(
        out,
        "\n## {number}. {}\n\n- Action: {}\n- Severity: {}, risk removed: {}\n- Effort: {} minutes\n- Risk of the change: {risk}: {}\n",
        title(&action.title),
        code(&action.id),
        action.severity,
        action.risk_removed,
        action.effort_minutes,
        inline(&action.change_risk_reason),
    );
    for (name, list) in [
        ("Techniques", &action.techniques),
        ("Countermeasures", &action.countermeasures),
    ] {
        if !list.is_empty() {
            let all: Vec<&str> = list.iter().map(|text| text.as_str()).collect();
            let _infallible = writeln!(out, "- {name}: {}", inline(&all.join(", ")));
        }
    }
    if let Some(first) = action
        .findings
        .first()
        .and_then(|id| findings.get(id.as_str()))
    {
        out.push_str("\n### Why\n\n");
        out.push_str(&prose(&first.description));
        out.push('\n');
    }
    listed(
        out,
        "Findings",
        action.findings.len(),
        action.findings.iter().map(|id| {
            let about = findings
                .get(id.as_str())
                .map_or("", |finding| finding.title.as_str());
            format!("{} {}", code(id), inline(about))
        }),
    );
    if action.targets.len() > 1 {
        listed(
            out,
            "Where",
            action.targets.len(),
            action.targets.iter().map(|text| code(text)),
        );
    }
    changes(out, &action.changes);
    listed(
        out,
        "Verify",
        action.verify.len(),
        action.verify.iter().map(|text| code(text)),
    );
    listed(
        out,
        "Rollback",
        action.rollback.len(),
        action.rollback.iter().map(|text| code(text)),
    );
}

/// All changes of an action; equal new files stand once.
fn changes(out: &mut String, changes: &[Change]) {
    out.push_str("\n### Change\n");
    let mut made: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for item in changes {
        match item {
            Change::NewFile {
                path,
                content,
                mode,
            } => made
                .entry((content.as_str(), mode.as_str()))
                .or_default()
                .push(path),
            other => change(out, other),
        }
    }
    for ((content, mode), paths) in made {
        new_files(out, content, mode, &paths);
    }
}

fn listed(out: &mut String, name: &str, count: usize, items: impl Iterator<Item = String>) {
    if count == 0 {
        return;
    }
    let _infallible = write!(out, "\n### {name}\n\n");
    for item in items.take(LISTED_MAX) {
        let _infallible = writeln!(out, "- {item}");
    }
    if count > LISTED_MAX {
        let _infallible = writeln!(out, "- and {} more", count - LISTED_MAX);
    }
}

/// Text in a fence that it cannot end.
fn fenced(out: &mut String, kind: &str, text: &str) {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    let text = casemate_base::text::printable_lines(text);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let _infallible = write!(out, "\n{fence}{kind}\n{text}{newline}{fence}\n");
}

/// New files with one content.
fn new_files(out: &mut String, content: &str, mode: &str, paths: &[&str]) {
    let shown: Vec<String> = paths
        .iter()
        .take(LISTED_MAX)
        .map(|path| code(path))
        .collect();
    let more = match paths.len().saturating_sub(LISTED_MAX) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let _infallible = write!(
        out,
        "\nNew files with mode {mode}: {}{more}\n",
        shown.join(", ")
    );
    fenced(out, "", content);
}

fn change(out: &mut String, change: &Change) {
    match change {
        Change::Diff { diff, .. } => fenced(out, "diff", diff),
        Change::Setting {
            path,
            text,
            no_diff,
        } => {
            let _infallible = write!(out, "\nIn {} there has to stand:\n", code(path));
            fenced(out, "", text);
            let _infallible = write!(out, "\nThere is no diff: {}.\n", inline(no_diff));
        }
        Change::NewFile { content, .. } => fenced(out, "", content),
        Change::Permissions {
            path,
            mode,
            owner,
            group,
        } => {
            let mut parts = Vec::new();
            for (name, value) in [("mode", mode), ("owner", owner), ("group", group)] {
                if let Some(value) = value {
                    parts.push(format!("{name} {}", code(value)));
                }
            }
            let _infallible = write!(out, "\n- {}: {}\n", code(path), parts.join(", "));
        }
        Change::Upgrade { package, version } => {
            let to = version.as_deref().map_or_else(
                || "the newest version".to_owned(),
                |version| format!("{} or later", code(version)),
            );
            let _infallible = write!(out, "\n- Bring {} to {to}.\n", code(package));
        }
        Change::Command { argv } => {
            let words: Vec<String> = argv.iter().map(|word| word.to_string()).collect();
            let _infallible = write!(out, "\n- Run {}\n", code(&words.join(" ")));
        }
        Change::Manual { text } => {
            out.push('\n');
            out.push_str(&prose(text));
            out.push('\n');
        }
    }
}
