//! Rules on what changes from report to report: something appears, then something else does.
//!
//! The first report of a host is its baseline: what it shows was there before, so it starts nothing.
//! Steps may appear in the same report or in later ones, never in an earlier one, and all within the
//! rule's days. Each chain cites the reports between which each step appeared.

use super::matching::chain_id;
use super::model::{SequenceRule, SequenceStep};
use crate::site::fits;
use casemate_schema::{Chain, ChainStep, Finding, Text};
use std::collections::{BTreeMap, BTreeSet};

/// One report of one host, as far as sequences need it.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    /// The host.
    pub host: &'a str,
    /// When it was scanned: RFC 3339 UTC for people.
    pub at: &'a str,
    /// The same, seconds since 1970.
    pub at_s: i64,
    /// Its findings.
    pub findings: &'a [Finding],
}

/// What appeared or disappeared between two reports.
struct Event<'a> {
    before: &'a str,
    at: &'a str,
    at_s: i64,
    finding: &'a Finding,
    gone: bool,
}

/// The sequences that hold, sorted by id. The order of the snapshots counts for nothing.
#[must_use]
pub fn sequences(rules: &[SequenceRule], snapshots: &[Snapshot<'_>]) -> Vec<Chain> {
    let mut by_host: BTreeMap<&str, Vec<&Snapshot<'_>>> = BTreeMap::new();
    for snapshot in snapshots {
        by_host.entry(snapshot.host).or_default().push(snapshot);
    }
    let mut out = Vec::new();
    for (host, mut reports) in by_host {
        reports.sort_by(|a, b| (a.at_s, a.at).cmp(&(b.at_s, b.at)));
        let events = events(&reports);
        out.extend(rules.iter().filter_map(|rule| first(rule, host, &events)));
    }
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}

/// All changes of a host in the order of time; within one report by finding id.
fn events<'a>(reports: &[&Snapshot<'a>]) -> Vec<Event<'a>> {
    let mut out = Vec::new();
    for pair in reports.windows(2) {
        let [before, after] = pair else { continue };
        let ids = |snapshot: &Snapshot<'a>| -> BTreeMap<&'a str, &'a Finding> {
            let findings = snapshot.findings.iter();
            findings
                .map(|finding| (finding.id.as_str(), finding))
                .collect()
        };
        let (old, new) = (ids(before), ids(after));
        let changed = |from: &BTreeMap<&'a str, &'a Finding>,
                       not: &BTreeMap<&'a str, &'a Finding>| {
            let only = from.iter().filter(|(id, _)| !not.contains_key(*id));
            only.map(|(_, finding)| *finding).collect::<Vec<_>>()
        };
        for (findings, gone) in [(changed(&new, &old), false), (changed(&old, &new), true)] {
            out.extend(findings.into_iter().map(|finding| Event {
                before: before.at,
                at: after.at,
                at_s: after.at_s,
                finding,
                gone,
            }));
        }
    }
    out
}

/// The earliest way in which a rule's steps follow each other.
fn first(rule: &SequenceRule, host: &str, events: &[Event<'_>]) -> Option<Chain> {
    let within_s = i64::from(rule.within_days) * 86_400;
    let starts = rule.sequence.first()?;
    events
        .iter()
        .enumerate()
        .filter(|(_, event)| is_step(starts, event))
        .find_map(|(at, start)| {
            let mut taken = vec![start];
            let mut used = BTreeSet::from([at]);
            for step in rule.sequence.iter().skip(1) {
                let since = taken.last().map_or(start.at_s, |event| event.at_s);
                let (next, event) = events.iter().enumerate().find(|(next, event)| {
                    !used.contains(next)
                        && event.at_s >= since
                        && event.at_s - start.at_s <= within_s
                        && is_step(step, event)
                })?;
                used.insert(next);
                taken.push(event);
            }
            Some(chain(rule, host, &taken))
        })
}

fn is_step(step: &SequenceStep, event: &Event<'_>) -> bool {
    let finding = event.finding;
    let any = |wanted: &[String], text: &str| {
        wanted.is_empty() || wanted.iter().any(|pattern| fits(pattern, text))
    };
    let title = finding.title.to_lowercase();
    let named = |word: &String| title.contains(&word.to_lowercase());
    step.gone == event.gone
        && any(&step.check, &finding.source.check)
        && any(&step.category, &finding.category)
        && (step.title.is_empty() || step.title.iter().any(named))
}

fn chain(rule: &SequenceRule, host: &str, events: &[&Event<'_>]) -> Chain {
    let members: Vec<Text> = events
        .iter()
        .map(|event| event.finding.id.clone())
        .collect();
    let steps: Vec<ChainStep> = events
        .iter()
        .map(|event| ChainStep {
            from: format!("report:{}", event.before).into(),
            to: format!("report:{}", event.at).into(),
            edge: if event.gone { "disappears" } else { "appears" }.into(),
            fact: event.finding.title.clone(),
            finding: Some(event.finding.id.clone()),
        })
        .collect();
    let worst = events
        .iter()
        .filter_map(|event| event.finding.risk.as_ref())
        .map(|risk| risk.score)
        .max();
    let words = |text: &str| Text::from(text.replace("{host}", host));
    Chain {
        id: chain_id(&format!("{} {host}", rule.id), &members, &steps).into(),
        rule: rule.id.as_str().into(),
        title: words(&rule.title),
        severity: rule.severity,
        risk: worst.unwrap_or_default(),
        members,
        steps,
        techniques: rule
            .techniques
            .iter()
            .map(|id| id.as_str().into())
            .collect(),
        break_at: words(&rule.break_at),
        why: words(&rule.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use casemate_schema::{Severity, Source};

    fn finding(check: &str, id: &str) -> Finding {
        Finding {
            id: id.into(),
            title: format!("{check} {id}").into(),
            source: Source {
                check: check.into(),
                ..Source::default()
            },
            ..Finding::default()
        }
    }

    fn rule() -> SequenceRule {
        let step = |check: &str| SequenceStep {
            check: vec![check.to_owned()],
            ..SequenceStep::default()
        };
        SequenceRule {
            id: "suid-then-forwarding".to_owned(),
            title: "{host} got a set-user-id file, then forwards packets".to_owned(),
            why: "w".to_owned(),
            severity: Severity::High,
            techniques: vec!["T1548.001".to_owned()],
            break_at: "b".to_owned(),
            sequence: vec![step("suid-*"), step("*forward*")],
            within_days: 7,
            tests: Vec::new(),
        }
    }

    const DAY_S: i64 = 86_400;

    fn chains(days: &[(i64, &[Finding])]) -> Vec<Chain> {
        let times: Vec<String> = days.iter().map(|(day, _)| format!("day {day}")).collect();
        let snapshots: Vec<Snapshot<'_>> = days
            .iter()
            .zip(&times)
            .map(|((day, findings), at)| Snapshot {
                host: "web1",
                at,
                at_s: day * DAY_S,
                findings,
            })
            .collect();
        let forward = sequences(&[rule()], &snapshots);
        let backward: Vec<Snapshot<'_>> = snapshots.into_iter().rev().collect();
        assert_eq!(forward, sequences(&[rule()], &backward));
        forward
    }

    #[test]
    fn steps_count_in_their_order_and_time() {
        let suid = finding("suid-unknown", "s");
        let forward = finding("sysctl-ip-forward", "f");
        let both = [suid.clone(), forward.clone()];
        let only_suid = [suid];
        let only_forward = [forward];
        let found = chains(&[(0, &[]), (1, &only_suid), (3, &both)]);
        assert_eq!(found.len(), 1);
        let steps = &found.first().expect("chain").steps;
        let times: Vec<&str> = steps.iter().map(|step| step.to.as_str()).collect();
        assert_eq!(times, ["report:day 1", "report:day 3"]);
        assert_eq!(chains(&[(0, &[]), (1, &both)]).len(), 1, "at once counts");
        assert!(
            chains(&[(0, &both)]).is_empty(),
            "a baseline starts nothing"
        );
        assert!(chains(&[(0, &only_suid), (1, &both)]).is_empty());
        assert!(chains(&[(0, &[]), (1, &only_forward), (2, &both)]).is_empty());
        assert!(chains(&[(0, &[]), (1, &only_suid), (30, &both)]).is_empty());
    }
}
