//! What the findings mean together: attack paths, what to do, control frameworks, and what all of
//! it rests on.
//!
//! Invariant: a list that is too long for a page says how many it leaves out and where they are.

use super::change::{Shown, changes};
use super::links::{ACTIONS_MAX, CHAINS_MAX, Link, Links, Places};
use super::overview::{Figure, stacked};
use super::{Level, level};
use crate::case::{self, Framework, Pack, TechniqueNames};
use crate::drawing;
use crate::rich::{Block, Span, blocks, spans};
use casemate_base::text::printable;
use casemate_schema::{Action, Case, Chain, ControlResult, ControlStatus, HostGraph, Report, Text};

/// Findings that one chain, action or control names.
const FINDINGS_MAX: usize = 12;
/// Failed controls of a framework that are named.
const CONTROLS_MAX: usize = 60;
/// Pieces of evidence of a control.
const EVIDENCE_MAX: usize = 8;
/// Lines of how to verify and how to undo.
const LINES_MAX: usize = 12;
/// Steps of a path that are listed.
const STEPS_MAX: usize = 40;
/// What could not be seen of the host graph.
const LIMITS_MAX: usize = 12;

/// The sections that a case gives.
#[derive(Debug)]
pub(super) struct CasePage {
    pub(super) title: String,
    pub(super) risk: u8,
    pub(super) chains: Vec<ChainCard>,
    pub(super) chains_more: usize,
    pub(super) has_graph: bool,
    pub(super) actions: Vec<ActionCard>,
    pub(super) actions_more: usize,
    pub(super) frameworks: Vec<FrameworkCard>,
    pub(super) controls: Option<Figure>,
    pub(super) review: String,
    pub(super) stages: Vec<(String, &'static str, String)>,
    pub(super) packs: Vec<Pack>,
    pub(super) warnings: Vec<String>,
    pub(super) limits: Vec<String>,
    pub(super) limits_more: usize,
}

/// One attack path.
#[derive(Debug)]
pub(super) struct ChainCard {
    pub(super) anchor: String,
    pub(super) level: Level,
    pub(super) risk: u8,
    pub(super) title: Vec<Span>,
    pub(super) rule: String,
    pub(super) why: Vec<Block>,
    pub(super) break_at: Vec<Span>,
    /// The drawing, escaped when it was drawn; none of a rule without a path.
    pub(super) drawing: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) steps_more: usize,
    pub(super) techniques: Vec<String>,
    pub(super) members: Links,
}

/// One fact of a path.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) from: String,
    pub(super) edge: String,
    pub(super) to: String,
    pub(super) fact: String,
    pub(super) finding: Option<Link>,
}

/// One thing to do.
#[derive(Debug)]
pub(super) struct ActionCard {
    pub(super) anchor: String,
    pub(super) level: Level,
    pub(super) title: Vec<Span>,
    pub(super) effort: String,
    pub(super) change_risk: &'static str,
    pub(super) change_reason: String,
    pub(super) removes: String,
    pub(super) risk_removed: String,
    pub(super) findings: Links,
    pub(super) changes: Vec<Shown>,
    pub(super) changes_more: usize,
    pub(super) verify: Vec<String>,
    pub(super) rollback: Vec<String>,
    pub(super) techniques: Vec<String>,
    pub(super) countermeasures: Vec<String>,
    pub(super) id: String,
}

/// One control framework.
#[derive(Debug)]
pub(super) struct FrameworkCard {
    pub(super) numbers: Framework,
    pub(super) failed: Vec<ControlCard>,
    pub(super) failed_more: usize,
}

/// One failed control.
#[derive(Debug)]
pub(super) struct ControlCard {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) risk: u8,
    pub(super) evidence: Vec<EvidenceLine>,
    pub(super) more: usize,
}

/// What a control's verdict rests on.
#[derive(Debug)]
pub(super) struct EvidenceLine {
    pub(super) check: String,
    pub(super) reasoning: Vec<Span>,
    pub(super) findings: Links,
}

/// The sections of a report's case, if it has one.
pub(super) fn page(
    report: &Report,
    places: &Places<'_>,
) -> Result<Option<CasePage>, askama::Error> {
    let Some(case) = report.case.as_deref() else {
        return Ok(None);
    };
    let empty = HostGraph::default();
    let graph = report.graph.as_deref().unwrap_or(&empty);
    let packs = case::packs(report, case);
    let names = TechniqueNames::of(&report.findings);
    let chains = (1..).zip(case.chains.iter().take(CHAINS_MAX));
    let actions = (1..).zip(case.actions.iter().take(ACTIONS_MAX));
    Ok(Some(CasePage {
        title: printable(&case.title).into_owned(),
        risk: case.risk,
        chains: chains
            .map(|(number, it)| chain(number, it, graph, &names, places))
            .collect(),
        chains_more: case.chains.len().saturating_sub(CHAINS_MAX),
        has_graph: report.graph.is_some(),
        actions: actions
            .map(|(number, it)| action(number, it, &names, places))
            .collect(),
        actions_more: case.actions.len().saturating_sub(ACTIONS_MAX),
        frameworks: frameworks(case, places),
        controls: controls(case)?,
        review: case::review(&case.review),
        stages: case::stages(case),
        warnings: packs.iter().filter_map(Pack::warning).collect(),
        packs,
        limits: lines(&graph.limits, LIMITS_MAX),
        limits_more: graph.limits.len().saturating_sub(LIMITS_MAX),
    }))
}

fn lines(texts: &[Text], most: usize) -> Vec<String> {
    let shown = texts.iter().take(most);
    shown.map(|text| printable(text).into_owned()).collect()
}

fn chain(
    number: usize,
    chain: &Chain,
    graph: &HostGraph,
    names: &TechniqueNames<'_>,
    places: &Places<'_>,
) -> ChainCard {
    let label = |id: &Text| {
        let at = graph.nodes.binary_search_by(|node| node.id.cmp(id)).ok();
        let node = at.and_then(|at| graph.nodes.get(at));
        printable(node.map_or(id.as_str(), |node| node.label.as_str())).into_owned()
    };
    let steps = chain.steps.iter().take(STEPS_MAX).map(|step| Step {
        from: label(&step.from),
        edge: printable(&step.edge).replace('_', " "),
        to: label(&step.to),
        fact: printable(&step.fact).into_owned(),
        finding: step.finding.as_deref().map(|id| places.finding(id)),
    });
    let is_drawn = !chain.steps.is_empty();
    ChainCard {
        anchor: format!("chain-{number}"),
        level: level(chain.severity),
        risk: chain.risk,
        title: spans(&chain.title),
        rule: printable(&chain.rule).into_owned(),
        why: blocks(&chain.why),
        break_at: spans(&chain.break_at),
        drawing: is_drawn.then(|| drawing::in_page(&drawing::of_chain(chain, graph))),
        steps: steps.collect(),
        steps_more: chain.steps.len().saturating_sub(STEPS_MAX),
        techniques: names.list(&chain.techniques),
        members: places.findings(&chain.members, FINDINGS_MAX),
    }
}

fn action(
    number: usize,
    action: &Action,
    names: &TechniqueNames<'_>,
    places: &Places<'_>,
) -> ActionCard {
    let (shown, changes_more) = changes(&action.changes);
    ActionCard {
        anchor: format!("action-{number}"),
        level: level(action.severity),
        title: spans(&action.title),
        effort: case::effort(action.effort_minutes),
        change_risk: case::change_risk(action.change_risk),
        change_reason: printable(&action.change_risk_reason).into_owned(),
        removes: case::removes(action),
        risk_removed: case::number(action.risk_removed),
        findings: places.findings(&action.findings, FINDINGS_MAX),
        changes: shown,
        changes_more,
        verify: lines(&action.verify, LINES_MAX),
        rollback: lines(&action.rollback, LINES_MAX),
        techniques: names.list(&action.techniques),
        countermeasures: lines(&action.countermeasures, LINES_MAX),
        id: printable(&action.id).into_owned(),
    }
}

fn frameworks(case: &Case, places: &Places<'_>) -> Vec<FrameworkCard> {
    let all = case.compliance.values().map(|result| {
        let controls = result.controls.iter();
        let mut failed: Vec<&ControlResult> = controls
            .filter(|control| control.status == ControlStatus::Fail)
            .collect();
        // The catalogue's order where the risk is equal.
        failed.sort_by_key(|control| std::cmp::Reverse(control.risk));
        FrameworkCard {
            numbers: Framework::of(result),
            failed_more: failed.len().saturating_sub(CONTROLS_MAX),
            failed: failed
                .iter()
                .take(CONTROLS_MAX)
                .map(|it| control(it, places))
                .collect(),
        }
    });
    all.collect()
}

fn control(control: &ControlResult, places: &Places<'_>) -> ControlCard {
    let hits: Vec<_> = control
        .evidence
        .iter()
        .filter(|evidence| evidence.outcome.as_str() == "hit")
        .collect();
    let evidence = hits.iter().take(EVIDENCE_MAX).map(|evidence| EvidenceLine {
        check: printable(&evidence.check).into_owned(),
        reasoning: spans(&evidence.reasoning),
        findings: places.findings(&evidence.findings, 3),
    });
    ControlCard {
        id: printable(&control.id).into_owned(),
        title: printable(&control.title).into_owned(),
        risk: control.risk,
        evidence: evidence.collect(),
        more: hits.len().saturating_sub(EVIDENCE_MAX),
    }
}

/// A bar a framework.
fn controls(case: &Case) -> Result<Option<Figure>, askama::Error> {
    if case.compliance.is_empty() {
        return Ok(None);
    }
    let kinds = [
        ("Passed", "pass"),
        ("Failed", "hit"),
        ("Not assessed", "unseen"),
        ("Not applicable", "na"),
    ];
    let all: Vec<Framework> = case.compliance.values().map(Framework::of).collect();
    let rows: Vec<(String, Vec<u64>)> = all
        .iter()
        .map(|it| (it.title.clone(), it.counts.to_vec()))
        .collect();
    let said: Vec<String> = all
        .iter()
        .map(|it| format!("{}: {}.", it.title, it.line()))
        .collect();
    let head = "Framework";
    stacked(
        "c4",
        "Controls by framework",
        head,
        said.join(" "),
        &kinds,
        &rows,
    )
    .map(Some)
}
