//! Random histories of two tools' reports and of decisions, against a model of a few lines.

use super::{at, author, finding, proposal, report, take};
use crate::records::Records;
use casemate_base::random::{Random, Seed};
use casemate_schema::{CloseReason, State};
use casemate_triage::states::Verb;
use std::collections::{BTreeMap, BTreeSet};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const TOOLS: [&str; 2] = ["one", "two"];

/// What is known of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    state: State,
    reason: Option<CloseReason>,
    until: Option<i64>,
    shown_by: BTreeSet<&'static str>,
    ever: BTreeSet<&'static str>,
}

impl Model {
    fn opens(&mut self) {
        self.state = State::New;
        self.reason = None;
        self.until = None;
    }

    /// A report of today shows it.
    fn seen(&mut self, tool: &'static str, today: i64) {
        let over = self.until.is_some_and(|until| until < today);
        let fixed =
            self.reason == Some(CloseReason::Fixed) || self.state == State::FixedAwaitingRescan;
        if over || fixed {
            self.opens();
        }
        self.shown_by.insert(tool);
        self.ever.insert(tool);
    }

    fn absent(&mut self, tool: &'static str) {
        self.shown_by.remove(tool);
        if self.ever.contains(tool) && self.shown_by.is_empty() && self.state != State::Closed {
            self.state = State::Closed;
            self.reason = Some(CloseReason::Fixed);
        }
    }
}

pub(super) fn histories(records: &mut dyn Records, seed: u64) {
    let mut random = Random::new(&Seed::from(seed));
    let mut model: BTreeMap<&str, Model> = BTreeMap::new();
    let mut decisions = 0;
    for day in 1..30 {
        if random.chance(0.5) {
            let tool = random.choose(&TOOLS).copied().expect("a tool");
            let names: Vec<&str> = NAMES.into_iter().filter(|_| random.chance(0.6)).collect();
            take(records, report(tool, day, &names));
            for name in NAMES {
                if names.contains(&name) {
                    let fresh = Model {
                        state: State::New,
                        reason: None,
                        until: None,
                        shown_by: BTreeSet::new(),
                        ever: BTreeSet::new(),
                    };
                    model.entry(name).or_insert(fresh).seen(tool, day);
                } else if let Some(known) = model.get_mut(name) {
                    known.absent(tool);
                }
            }
        } else if let Some(name) = random
            .choose(&NAMES)
            .filter(|name| model.contains_key(**name))
        {
            let verb = random.choose(&Verb::ALL).copied().expect("a verb");
            let until = day + i64::try_from(random.below(6)).unwrap_or_default();
            let until = (verb == Verb::Accept).then_some(until);
            let last = until.map(|day| at(day).date());
            let plan = proposal(&finding(records, name), verb, last.as_deref());
            if let Some(plan) = plan {
                decisions += 1;
                let done = records.decide(&author("alice", day), "because", &[plan]);
                assert!(matches!(done.expect("decided").as_slice(), [Some(_)]));
                let known = model.get_mut(name).expect("known");
                (known.state, known.reason) = verb.target();
                known.until = until;
            }
        }
        for (name, expected) in &model {
            let found = finding(records, name);
            let stands = (found.standing.state, found.standing.reason, found.present);
            let wanted = (
                expected.state,
                expected.reason,
                !expected.shown_by.is_empty(),
            );
            assert_eq!(stands, wanted, "seed {seed}, day {day}, {name}");
        }
    }
    assert_eq!(records.verify().expect("whole").entries, decisions);
}
