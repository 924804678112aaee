//! The case as Markdown: attack paths, what to do, control frameworks, what all of it rests on.

use super::text::{cell, code, inline, title};
use super::{label, push, row};
use crate::case::{self, Framework, Pack, TechniqueNames};
use casemate_schema::{Action, Case, Chain, ControlStatus, Report};

/// Attack paths, actions and failed controls that are named; a sentence counts the others.
const CHAINS_MAX: usize = 20;
const ACTIONS_MAX: usize = 50;
const CONTROLS_MAX: usize = 20;
/// Steps of one path.
const STEPS_MAX: usize = 20;
/// Findings that one action or path names.
const FINDINGS_MAX: usize = 5;

/// What stands before the findings.
pub(super) fn sections(report: &Report) -> String {
    let Some(case) = report.case.as_deref() else {
        return String::new();
    };
    let mut out = String::new();
    chains(case, report, &mut out);
    actions(case, &mut out);
    compliance(case, &mut out);
    out
}

/// What stands after the findings.
pub(super) fn basis(report: &Report) -> String {
    let Some(case) = report.case.as_deref() else {
        return String::new();
    };
    let mut out = format!(
        "## What this rests on\n\n{}.\n\n",
        inline(&case::review(&case.review))
    );
    let packs = case::packs(report, case);
    for warning in packs.iter().filter_map(Pack::warning) {
        push(
            &mut out,
            &["**Old knowledge:** ", &title(&warning), ".\n\n"],
        );
    }
    let stages = case::stages(case);
    for (stage, status, reason) in &stages {
        let line = format!("- Stage {} was {status}: {}\n", code(stage), title(reason));
        out.push_str(&line);
    }
    if !stages.is_empty() {
        out.push('\n');
    }
    if !packs.is_empty() {
        out.push_str("| Pack | Version | Of | Age |\n|---|---:|---|---|\n");
    }
    for pack in &packs {
        let cells = [
            cell(&code(&pack.name)),
            pack.version.to_string(),
            cell(&inline(pack.as_of.as_deref().unwrap_or("not known"))),
            pack.age() + if pack.is_old { ", old" } else { "" },
        ];
        row(&mut out, &cells);
    }
    if !packs.is_empty() {
        out.push('\n');
    }
    out
}

fn chains(case: &Case, report: &Report, out: &mut String) {
    if case.chains.is_empty() {
        return;
    }
    out.push_str("## Attack paths\n\n");
    let names = TechniqueNames::of(&report.findings);
    for chain in case.chains.iter().take(CHAINS_MAX) {
        self::chain(chain, report, &names, out);
    }
    rest(case.chains.len(), CHAINS_MAX, out);
}

fn chain(chain: &Chain, report: &Report, names: &TechniqueNames<'_>, out: &mut String) {
    let head = format!("### {}, risk {}: ", label(chain.severity), chain.risk);
    push(
        out,
        &[
            &head,
            &title(&chain.title),
            "\n\n",
            &title(&chain.why),
            "\n\n",
        ],
    );
    push(out, &["**Break it:** ", &title(&chain.break_at), "\n\n"]);
    for (number, step) in (1..).zip(chain.steps.iter().take(STEPS_MAX)) {
        let number: usize = number;
        let edge = step.edge.replace('_', " ");
        let line = format!(
            "{number}. {} {} {}: {}\n",
            code(&step.from),
            inline(&edge),
            code(&step.to),
            inline(&step.fact)
        );
        out.push_str(&line);
    }
    let more = chain.steps.len().saturating_sub(STEPS_MAX);
    if more > 0 {
        push(
            out,
            &[
                "\nand ",
                &more.to_string(),
                " more steps in the JSON report.\n",
            ],
        );
    }
    if !chain.steps.is_empty() {
        out.push('\n');
    }
    let techniques = names.list(&chain.techniques);
    if !techniques.is_empty() {
        push(
            out,
            &["Techniques: ", &inline(&techniques.join(", ")), "\n\n"],
        );
    }
    push(out, &["Findings: ", &named(&chain.members, report), "\n\n"]);
}

/// The titles of some findings, and how many more there are; their ids stand with them below.
fn named(ids: &[casemate_schema::Text], report: &Report) -> String {
    let titles = ids.iter().take(FINDINGS_MAX).map(|id| {
        let finding = report.findings.iter().find(|finding| finding.id == *id);
        match finding {
            Some(finding) => title(&finding.title),
            None => code(id),
        }
    });
    let mut named: Vec<String> = titles.collect();
    let more = ids.len().saturating_sub(FINDINGS_MAX);
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    named.join("; ")
}

fn actions(case: &Case, out: &mut String) {
    if case.actions.is_empty() {
        return;
    }
    out.push_str(
        "## What to do\n\nMost risk removed per effort first; `casemate remediate REPORT --to md` \
         writes each with its change, how to verify it and how to undo it.\n\n",
    );
    out.push_str("| # | Severity | Action | Effort | Change risk | Findings |\n|---:|---|---|---|---|---:|\n");
    for (number, action) in (1..).zip(case.actions.iter().take(ACTIONS_MAX)) {
        row(out, &cells(number, action));
    }
    out.push('\n');
    rest(case.actions.len(), ACTIONS_MAX, out);
}

fn cells(number: usize, action: &Action) -> [String; 6] {
    [
        number.to_string(),
        label(action.severity).to_owned(),
        cell(&title(&action.title)),
        case::effort(action.effort_minutes),
        case::change_risk(action.change_risk).to_owned(),
        action.findings.len().to_string(),
    ]
}

fn compliance(case: &Case, out: &mut String) {
    if case.compliance.is_empty() {
        return;
    }
    out.push_str("## Compliance\n\n");
    for result in case.compliance.values() {
        let framework = Framework::of(result);
        let line = format!(
            "- **{}**: {}\n",
            inline(&framework.title),
            inline(&framework.line())
        );
        out.push_str(&line);
        let controls = result.controls.iter();
        let mut failed: Vec<_> = controls
            .filter(|control| control.status == ControlStatus::Fail)
            .collect();
        failed.sort_by_key(|control| std::cmp::Reverse(control.risk));
        for control in failed.iter().take(CONTROLS_MAX) {
            let text = format!("{} {}", control.id, control.title);
            let risk = control.risk;
            out.push_str(&format!("  - failed, risk {risk}: {}\n", inline(&text)));
        }
        let more = failed.len().saturating_sub(CONTROLS_MAX);
        if more > 0 {
            out.push_str(&format!("  - and {more} more failed in the JSON report\n"));
        }
    }
    out.push('\n');
}

fn rest(all: usize, shown: usize, out: &mut String) {
    let more = all.saturating_sub(shown);
    if more > 0 {
        push(
            out,
            &["and ", &more.to_string(), " more in the JSON report.\n\n"],
        );
    }
}
