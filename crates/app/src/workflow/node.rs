//! The workflow as one function, so that it can be a node in somebody else's graph: a state with
//! `findings` goes in, `analysis` and `recommendations` come out, to be merged into the state.
//!
//! The analysis is made from the findings by rule, without a language model, so it is the same in
//! every run; `max_tokens` bounds it. Tokens are estimated, on the safe side for tokenizers that cut
//! words into pieces: one for each four bytes of a word or part of them, one for each sign.

use super::{Knowledge, Rendering, Request, run};
use crate::error::{Error, InputError};
use crate::import;
use casemate_schema::{Action, Chain, Finding, Report, SCHEMA_VERSION, Severity, StageStatus};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Most tokens of an analysis unless the state says otherwise.
pub const MAX_TOKENS: usize = 512;

/// What the node adds to the state.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NodeAnswer {
    /// What the findings mean, most urgent first, in at most `max_tokens` tokens.
    pub analysis: String,
    /// What to do, most urgent first.
    pub recommendations: Vec<Recommendation>,
}

/// Something to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Recommendation {
    /// One line for people.
    pub title: String,
    /// What to do, in words.
    pub text: String,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// The highest risk among its findings, 0 to 100.
    pub risk: u8,
    /// Findings that it mends, by id, sorted.
    pub findings: Vec<String>,
}

/// What goes in: findings of casemate, or of anything that the importer knows.
#[derive(Deserialize)]
struct State {
    findings: Vec<Finding>,
}

/// As [`node`], with the state and the answer as JSON. The findings may be casemate's own, or those
/// of any report that can be imported; other members of the state are ignored, but for `max_tokens`.
///
/// # Errors
/// [`Error::Input`] when the state holds no findings that can be read.
pub fn node_json(name: &str, state: Vec<u8>, knowledge: &Knowledge) -> Result<Vec<u8>, Error> {
    let max_tokens = max_tokens(name, &state)?;
    let report = match serde_json::from_slice::<State>(&state) {
        Ok(state) => Report {
            schema_version: SCHEMA_VERSION.to_owned(),
            findings: state.findings,
            ..Report::default()
        },
        Err(_) => import::take_bytes(name, state, knowledge.now)?,
    };
    let answer = node(report, knowledge, max_tokens)?;
    casemate_schema::to_canonical(&answer).map_err(|error| Error::Format {
        format: "json",
        source: error.into(),
    })
}

fn max_tokens(name: &str, state: &[u8]) -> Result<usize, Error> {
    #[derive(Deserialize)]
    struct Bound {
        max_tokens: Option<usize>,
    }
    let bound: Option<Bound> = serde_json::from_slice(state).ok();
    match bound.and_then(|bound| bound.max_tokens) {
        Some(0) => Err(Error::Input {
            name: name.to_owned(),
            source: InputError::Unpack("max_tokens must be at least 1".to_owned()),
        }),
        Some(given) => Ok(given),
        None => Ok(MAX_TOKENS),
    }
}

/// Runs the workflow on findings and says what they mean and what to do.
///
/// # Errors
/// [`Error::Workflow`].
pub fn node(report: Report, knowledge: &Knowledge, max_tokens: usize) -> Result<NodeAnswer, Error> {
    let given = RefCell::new(Some(report));
    let outcome = run(&Request {
        knowledge,
        fault: None,
        ingest: &|| Ok(given.borrow_mut().take().unwrap_or_default()),
        write: &|_, _: Rendering| Ok(()),
    })?;
    let recommendations = extract_actions(&outcome.report);
    Ok(NodeAnswer {
        analysis: analysis(&outcome.report, recommendations.len(), max_tokens),
        recommendations,
    })
}

/// What to do about an assessed report: the actions of its case, and for findings that no action
/// mends their own advice, the same advice once. Most urgent first; equal ones by title.
#[must_use]
pub fn extract_actions(report: &Report) -> Vec<Recommendation> {
    let mut by_id: BTreeMap<&str, &Finding> = report
        .findings
        .iter()
        .map(|finding| (finding.id.as_str(), finding))
        .collect();
    let actions = report.case.iter().flat_map(|case| &case.actions);
    let mut all: Vec<Recommendation> = actions
        .map(|action| of_action(action, &mut by_id))
        .collect();
    let mut by_advice: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in by_id.into_values() {
        by_advice
            .entry(finding.remediation.trim())
            .or_default()
            .push(finding);
    }
    all.extend(
        by_advice
            .into_iter()
            .filter(|(advice, _)| !advice.is_empty())
            .map(|(advice, findings)| of_advice(advice, &findings)),
    );
    all.sort_by(|a, b| {
        b.risk
            .cmp(&a.risk)
            .then(b.severity.cmp(&a.severity))
            .then(b.findings.len().cmp(&a.findings.len()))
            .then_with(|| a.title.cmp(&b.title))
            .then_with(|| a.findings.cmp(&b.findings))
    });
    all
}

/// An action of the case; the findings that it mends leave `by_id`.
fn of_action(action: &Action, by_id: &mut BTreeMap<&str, &Finding>) -> Recommendation {
    let mended = action
        .findings
        .iter()
        .filter_map(|id| by_id.remove(id.as_str()));
    let risk = mended.map(risk).max().unwrap_or(0);
    let mut findings: Vec<String> = action.findings.iter().map(ToString::to_string).collect();
    findings.sort_unstable();
    Recommendation {
        title: action.title.to_string(),
        text: action
            .verify
            .first()
            .map_or_else(String::new, |how| format!("Verify: {}", how.as_str())),
        severity: action.severity,
        risk,
        findings,
    }
}

/// One piece of advice for all findings that give it, named after the worst of them.
fn of_advice(advice: &str, findings: &[&Finding]) -> Recommendation {
    let worst = findings.iter().max_by_key(|finding| {
        (
            risk(finding),
            finding.severity,
            std::cmp::Reverse(&finding.id),
        )
    });
    let title = worst
        .map(|finding| finding.title.to_string())
        .unwrap_or_default();
    let others = findings.len().saturating_sub(1);
    Recommendation {
        title: if others == 0 {
            title
        } else {
            format!("{title} (and {others} more)")
        },
        text: advice.to_owned(),
        severity: findings
            .iter()
            .map(|finding| finding.severity)
            .max()
            .unwrap_or_default(),
        risk: findings
            .iter()
            .map(|finding| risk(finding))
            .max()
            .unwrap_or(0),
        findings: findings
            .iter()
            .map(|finding| finding.id.to_string())
            .collect(),
    }
}

fn risk(finding: &Finding) -> u8 {
    finding.risk.as_ref().map_or(0, |risk| risk.score)
}

/// The analysis: sentences in the order of their weight, as many as fit.
fn analysis(report: &Report, n_recommendations: usize, max_tokens: usize) -> String {
    let mut text = String::new();
    let mut left = max_tokens;
    for sentence in sentences(report, n_recommendations) {
        let cost = tokens_of(&sentence);
        if cost > left {
            break;
        }
        left -= cost;
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&sentence);
    }
    text
}

fn sentences(report: &Report, n_recommendations: usize) -> Vec<String> {
    let n = |severity: Severity| {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|severity| n(*severity) > 0)
        .map(|severity| format!("{} {severity}", n(severity)))
        .collect();
    let mut sentences = Vec::new();
    if report.findings.is_empty() {
        sentences.push("There are no findings.".to_owned());
    } else {
        let total = report.findings.len();
        sentences.push(format!("{total} findings: {}.", counts.join(", ")));
    }
    let case = report.case.as_deref();
    let skipped = case
        .iter()
        .flat_map(|case| &case.stages)
        .filter(|stage| stage.status != StageStatus::Done);
    for stage in skipped {
        let reason = stage.reason.as_deref().unwrap_or("no reason is known");
        sentences.push(format!(
            "The stage {} was skipped: {reason}.",
            stage.stage.as_str()
        ));
    }
    let chains = case.map(|case| case.chains.as_slice()).unwrap_or_default();
    sentences.extend(chains.iter().take(5).map(of_chain));
    if n_recommendations > 0 {
        sentences.push(format!("{n_recommendations} recommendations cover them."));
    }
    if let Some(first) = report.findings.first() {
        sentences.push(format!("Act first on: {}.", whole(&first.title, first)));
    }
    for finding in report.findings.iter().skip(1).take(20) {
        sentences.push(format!("Then: {}.", whole(&finding.title, finding)));
    }
    sentences
}

fn of_chain(chain: &Chain) -> String {
    let (title, why) = (
        chain.title.trim_end_matches('.'),
        chain.why.trim_end_matches('.'),
    );
    format!(
        "Attack path (risk {}): {title}. {why}. Break it at: {}.",
        chain.risk,
        chain.break_at.trim_end_matches('.')
    )
}

fn whole(title: &str, finding: &Finding) -> String {
    let title = title.trim_end_matches('.');
    format!("{title} ({}, risk {})", finding.severity, risk(finding))
}

/// Tokens of a text, estimated: one for each four bytes of a word or part of them, one for each
/// sign that is no letter, digit or blank.
#[must_use]
pub fn tokens_of(text: &str) -> usize {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let of_words: usize = words.map(|word| word.len().div_ceil(4)).sum();
    let signs = text
        .chars()
        .filter(|letter| !letter.is_alphanumeric() && !letter.is_whitespace());
    of_words + signs.count()
}
