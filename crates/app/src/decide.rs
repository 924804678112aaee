//! Decisions about findings: who decides, what a decision would change, and recording it.
//!
//! A decision about a merged finding is a decision about each of its records, so that each keeps
//! it when the finding is taken apart. What is shown and what is recorded are the same plan; a
//! finding that somebody else changed in between is skipped, and said to be.

mod select;
mod who;

pub use select::{FIELDS, Selector};
pub use who::author;

use crate::error::Error;
use casemate_base::Timestamp;
use casemate_schema::{CloseReason, Decision, State, Text};
use casemate_store::records::{Author, Entry, Group, Proposal, Record, Records};
use casemate_triage::states::{self, Verb};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done with the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A decision about their state.
    State(Verb),
    /// A second person's word for a decision that waits.
    Approve,
    /// A word against it.
    Reject,
    /// Taking a merged finding apart.
    Split,
}

impl Action {
    /// All words, in the order of the documentation.
    pub const WORDS: [&str; 12] = [
        "triage",
        "start",
        "fixed",
        "false-positive",
        "accept",
        "out-of-scope",
        "duplicate",
        "not-affected",
        "reopen",
        "approve",
        "reject",
        "split",
    ];

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "approve" => Some(Self::Approve),
            "reject" => Some(Self::Reject),
            "split" => Some(Self::Split),
            _ => Verb::parse(word).map(Self::State),
        }
    }

    const fn as_str(&self) -> &'static str {
        match self {
            Self::State(verb) => verb.as_str(),
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Split => "split",
        }
    }
}

/// What the site allows.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Verbs that a second person has to approve.
    pub second_person: BTreeSet<String>,
    /// Most days that a risk is accepted for.
    pub accept_days_max: u64,
}

/// A decision as it was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which findings.
    pub selector: Selector,
    /// What about them.
    pub action: Action,
    /// The finding that they duplicate.
    pub of: Option<String>,
    /// Why.
    pub why: String,
    /// Last day of an acceptance, `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// What a decision would change.
#[derive(Debug, Default)]
pub struct Plan {
    /// Findings that change.
    pub changes: Vec<Planned>,
    /// Findings that do not, with the reason.
    pub skipped: Vec<Skipped>,
    /// Whether the findings were described by a filter, and not named.
    pub by_filter: bool,
}

/// A finding that changes.
#[derive(Debug)]
pub struct Planned {
    /// The finding.
    pub record: Record,
    /// The state after it.
    pub to: State,
    /// The reason after it, when it is closed.
    pub reason: Option<CloseReason>,
    /// Last day of an acceptance.
    pub until: Option<Text>,
    /// Whether it waits for an approval.
    pub pending: bool,
    /// What is recorded: one a record of a merged finding.
    proposals: Vec<Proposal>,
    /// What is taken apart.
    split: Option<(Group, BTreeSet<Text>)>,
}

/// A finding that does not change.
#[derive(Debug)]
pub struct Skipped {
    /// The finding.
    pub record: Record,
    /// Why not.
    pub reason: String,
    /// Whether the person is not allowed to.
    pub denied: bool,
    /// Whether it stands there already.
    pub already: bool,
}

/// What was recorded.
#[derive(Debug)]
pub struct Done {
    /// A finding, and the decision about the record that stands for it.
    pub decided: Vec<(Record, Decision)>,
    /// Findings that somebody else changed since they were shown.
    pub overtaken: Vec<Record>,
}

/// Plans a decision on the records as they are.
///
/// # Errors
/// [`Error::Decision`] when the request is not complete or beyond the policy,
/// [`Error::Selector`] and [`Error::NotRecorded`] for the selector, [`Error::Records`].
pub fn plan(
    records: &dyn Records,
    request: &Request,
    policy: &Policy,
    author: &Author,
) -> Result<Plan, Error> {
    check(request, policy, author.when)?;
    let all = records.findings(None)?;
    let groups = records.groups()?;
    let of = request.of.as_ref().map(|of| one(of, &all, &groups));
    let planning = Planning {
        records,
        request,
        policy,
        author,
        all: &all,
        at: all
            .iter()
            .enumerate()
            .map(|(at, record)| (&record.seen.key, at))
            .collect(),
        groups: groups.iter().map(|group| (&group.head, group)).collect(),
        of: of.transpose()?,
    };
    let mut plan = Plan {
        by_filter: !request.selector.names_ids(),
        ..Plan::default()
    };
    let mut heads: BTreeSet<Text> = BTreeSet::new();
    for at in request.selector.select(&all, &groups)? {
        let Some(named) = all.get(at) else { continue };
        let head = named.head.as_ref().unwrap_or(&named.seen.key);
        if !heads.insert(head.clone()) && request.action != Action::Split {
            continue;
        }
        match planning.finding(named)? {
            Ok(planned) => plan.changes.push(planned),
            Err(skipped) => plan.skipped.push(skipped),
        }
    }
    Ok(plan)
}

/// The one finding that an id means.
fn one<'a>(id: &str, all: &'a [Record], groups: &[Group]) -> Result<&'a Record, Error> {
    let selector = Selector::parse(std::slice::from_ref(&id.to_owned()))?;
    let found = selector.select(all, groups)?;
    let missing = || Error::NotRecorded {
        what: format!("a finding `{id}`"),
    };
    match found.as_slice() {
        [at] => all.get(*at).ok_or_else(missing),
        _ => Err(missing()),
    }
}

/// Whether what was asked for is complete and within the policy.
fn check(request: &Request, policy: &Policy, now: Timestamp) -> Result<(), Error> {
    let wrong = |reason: String| Err(Error::Decision { reason });
    if request.why.trim().is_empty() {
        return wrong("a decision needs a reason: --why TEXT".to_owned());
    }
    let is = |verb| request.action == Action::State(verb);
    match (&request.of, is(Verb::Duplicate)) {
        (None, true) => return wrong("of which finding? --of ID".to_owned()),
        (Some(_), false) => return wrong("--of is for `duplicate`".to_owned()),
        _ => {}
    }
    match (&request.until, is(Verb::Accept)) {
        (None, true) => {
            return wrong("a risk is accepted until a day: --until YYYY-MM-DD".to_owned());
        }
        (Some(_), false) => return wrong("--until is for `accept`".to_owned()),
        (None, false) => return Ok(()),
        (Some(_), true) => {}
    }
    let until = request.until.as_deref().unwrap_or_default();
    let Ok(day) = format!("{until}T00:00:00Z").parse::<Timestamp>() else {
        return wrong(format!("`{until}` is no day of the form YYYY-MM-DD"));
    };
    let today = format!("{}T00:00:00Z", now.date());
    let today: Timestamp = today.parse().unwrap_or(now);
    let days = today.days_until(day);
    let most = policy.accept_days_max;
    if days < 0 {
        return wrong(format!("{until} has passed"));
    }
    if days.unsigned_abs() > most {
        return wrong(format!(
            "{until} is {days} days ahead, and a risk is accepted for at most {most} \
             (decisions.accept_days_max)"
        ));
    }
    Ok(())
}

struct Planning<'a> {
    records: &'a dyn Records,
    request: &'a Request,
    policy: &'a Policy,
    author: &'a Author,
    all: &'a [Record],
    at: BTreeMap<&'a Text, usize>,
    groups: BTreeMap<&'a Text, &'a Group>,
    of: Option<&'a Record>,
}

/// Why one record is not changed.
struct No {
    reason: String,
    denied: bool,
    already: bool,
}

impl No {
    fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            denied: false,
            already: false,
        }
    }
}

impl Planning<'_> {
    fn get(&self, key: &Text) -> Option<&Record> {
        self.all.get(*self.at.get(key)?)
    }

    /// What happens to a finding: to all of its records.
    fn finding(&self, named: &Record) -> Result<Result<Planned, Skipped>, Error> {
        let head_key = named.head.as_ref().unwrap_or(&named.seen.key);
        let group = self.groups.get(head_key).copied();
        let head = self.get(head_key).unwrap_or(named);
        let skip = |no: No| Skipped {
            record: head.clone(),
            reason: no.reason,
            denied: no.denied,
            already: no.already,
        };
        if self.request.action == Action::Split {
            return Ok(Self::split(named, head, group).map_err(skip));
        }
        let mut keys = vec![head_key];
        for member in group.into_iter().flat_map(|group| &group.members) {
            if !keys.contains(&&member.key) {
                keys.push(&member.key);
            }
        }
        let mut proposals = Vec::new();
        let mut refused: Option<No> = None;
        for record in keys.into_iter().filter_map(|key| self.get(key)) {
            match self.record(record)? {
                Ok(proposal) => proposals.push(proposal),
                // The reason for the record that stands for all comes first.
                Err(no) => refused = refused.or(Some(no)),
            }
        }
        let Some(first) = proposals.first() else {
            let no = refused.unwrap_or_else(|| No::because("it is not in the records"));
            return Ok(Err(skip(no)));
        };
        Ok(Ok(Planned {
            record: head.clone(),
            to: first.to,
            reason: first.reason,
            until: first.until.clone(),
            pending: first.pending,
            split: None,
            proposals,
        }))
    }

    fn split(named: &Record, head: &Record, group: Option<&Group>) -> Result<Planned, No> {
        let group = group.ok_or_else(|| No::because("nothing was merged into it"))?;
        let mut out = BTreeSet::new();
        if named.seen.key != head.seen.key {
            out.insert(named.seen.id.clone());
        }
        Ok(Planned {
            record: head.clone(),
            to: head.standing.state,
            reason: head.standing.reason,
            until: None,
            pending: false,
            proposals: Vec::new(),
            split: Some((group.clone(), out)),
        })
    }

    /// What happens to one record.
    fn record(&self, record: &Record) -> Result<Result<Proposal, No>, Error> {
        Ok(match &self.request.action {
            Action::State(verb) => self.state(record, *verb),
            action => match self.waiting(record)? {
                Some(waiting) => self.answer(record, &waiting, action),
                None => Err(No::because("no decision about it waits for an approval")),
            },
        })
    }

    /// An acceptance whose last day has passed does not hold, so the finding is decided as an open
    /// one.
    fn now(&self, record: &Record) -> states::Standing {
        if record.standing.is_expired(&self.author.when.date()) {
            return states::Standing::new(record.standing.since);
        }
        record.standing.clone()
    }

    fn state(&self, record: &Record, verb: Verb) -> Result<Proposal, No> {
        let until = self.request.until.as_deref();
        let (to, reason) =
            states::decided(&self.now(record), verb, until).map_err(|refusal| No {
                reason: refusal.to_string(),
                denied: false,
                already: refusal == states::Refusal::Already,
            })?;
        let mut duplicate_of = None;
        if let (Verb::Duplicate, Some(of)) = (verb, self.of) {
            let of = of
                .head
                .as_ref()
                .and_then(|head| self.get(head))
                .unwrap_or(of);
            let own = record.head.as_ref().unwrap_or(&record.seen.key);
            if of.seen.key == *own {
                return Err(No::because("a finding is no duplicate of itself"));
            }
            if let Some(further) = &of.duplicate_of {
                return Err(No::because(format!(
                    "`{}` is itself a duplicate, of `{further}`",
                    of.seen.id
                )));
            }
            if record.duplicate_of.as_ref() == Some(&of.seen.key) {
                let mut no = No::because("it stands there already");
                no.already = true;
                return Err(no);
            }
            duplicate_of = Some(of.seen.key.clone());
        }
        let pending = self.policy.second_person.contains(verb.as_str());
        if let (true, Some(number)) = (pending, record.waiting) {
            return Err(No {
                already: true,
                ..No::because(format!("decision {number} about it waits for an approval"))
            });
        }
        Ok(Proposal {
            verb: verb.as_str().into(),
            to,
            reason,
            until: self.request.until.as_deref().map(Text::from),
            duplicate_of,
            pending,
            ..proposal(record)
        })
    }

    fn waiting(&self, record: &Record) -> Result<Option<Decision>, Error> {
        let Some(number) = record.waiting else {
            return Ok(None);
        };
        Ok(match self.records.entry(number)? {
            Some(Entry::Decision { decision, .. }) => Some(decision),
            _ => None,
        })
    }

    fn answer(&self, record: &Record, waiting: &Decision, action: &Action) -> Result<Proposal, No> {
        let answer = Proposal {
            verb: action.as_str().into(),
            answers: Some(waiting.number),
            ..proposal(record)
        };
        // Who decided may take it back, but not approve it.
        if *action == Action::Reject {
            return Ok(answer);
        }
        if who::is_same_person(self.author, waiting) {
            return Err(No {
                reason: format!(
                    "decision {} is by {}, and nobody approves their own",
                    waiting.number, waiting.who
                ),
                denied: true,
                already: false,
            });
        }
        let today = self.author.when.date();
        if waiting
            .until
            .as_deref()
            .is_some_and(|until| until < today.as_str())
        {
            return Err(No::because("its last day has passed"));
        }
        Ok(Proposal {
            to: waiting.to,
            reason: waiting.reason,
            until: waiting.until.clone(),
            duplicate_of: waiting.duplicate_of.clone(),
            ..answer
        })
    }
}

/// A proposal that changes nothing.
fn proposal(record: &Record) -> Proposal {
    Proposal {
        key: record.seen.key.clone(),
        standing: record.standing.clone(),
        waiting: record.waiting,
        verb: Text::default(),
        to: record.standing.state,
        reason: record.standing.reason,
        until: record.standing.until.clone(),
        duplicate_of: record.duplicate_of.clone(),
        answers: None,
        pending: false,
    }
}

/// Records a plan, all of it at once; splits one by one.
///
/// # Errors
/// [`Error::Records`].
pub fn carry_out(
    records: &mut dyn Records,
    plan: &Plan,
    author: &Author,
    why: &str,
) -> Result<Done, Error> {
    let mut done = Done {
        decided: Vec::new(),
        overtaken: Vec::new(),
    };
    let mut proposals: Vec<Proposal> = Vec::new();
    for planned in &plan.changes {
        if let Some((group, out)) = &planned.split {
            let decision = records.split(author, why, group, out)?;
            done.decided.push((planned.record.clone(), decision));
        }
        proposals.extend(planned.proposals.iter().cloned());
    }
    if proposals.is_empty() {
        return Ok(done);
    }
    let mut decisions = records.decide(author, why, &proposals)?.into_iter();
    for planned in plan.changes.iter().filter(|one| one.split.is_none()) {
        let own: Vec<_> = decisions.by_ref().take(planned.proposals.len()).collect();
        match own.into_iter().flatten().next() {
            Some(decision) => done.decided.push((planned.record.clone(), decision)),
            None => done.overtaken.push(planned.record.clone()),
        }
    }
    Ok(done)
}
