//! Which decision leads from which state to which, and what a newer report does to a finding?
//!
//! Pure. The table is in `docs/concepts/states.md`. Invariants:
//! - a report never reverses what a person decided: only what is closed as fixed, said to be fixed,
//!   or accepted until a day that has passed can be opened again by a report;
//! - a finding is closed only when a report that looked does not see it;
//! - what was seen before a decision was made says nothing against the decision.

use casemate_base::Timestamp;
use casemate_schema::{CloseReason, State, Text};

/// What a person can decide about a finding's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Somebody looked, and it is real.
    Triage,
    /// Somebody works on it.
    Start,
    /// It is said to be fixed; the next report shows it.
    Fixed,
    /// It never was one.
    FalsePositive,
    /// The risk is accepted until a day.
    Accept,
    /// It is not this team's.
    OutOfScope,
    /// Another finding is the same.
    Duplicate,
    /// The vulnerability does not affect this product.
    NotAffected,
    /// What was decided no longer holds.
    Reopen,
}

impl Verb {
    /// All verbs, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Triage,
        Self::Start,
        Self::Fixed,
        Self::FalsePositive,
        Self::Accept,
        Self::OutOfScope,
        Self::Duplicate,
        Self::NotAffected,
        Self::Reopen,
    ];

    /// The word on the command line and in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Start => "start",
            Self::Fixed => "fixed",
            Self::FalsePositive => "false-positive",
            Self::Accept => "accept",
            Self::OutOfScope => "out-of-scope",
            Self::Duplicate => "duplicate",
            Self::NotAffected => "not-affected",
            Self::Reopen => "reopen",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == word)
    }

    /// Where the verb leads, whatever the state before.
    #[must_use]
    pub const fn target(self) -> (State, Option<CloseReason>) {
        match self {
            Self::Triage | Self::Reopen => (State::Triaged, None),
            Self::Start => (State::InProgress, None),
            Self::Fixed => (State::FixedAwaitingRescan, None),
            Self::FalsePositive => (State::Closed, Some(CloseReason::FalsePositive)),
            Self::Accept => (State::Closed, Some(CloseReason::Accepted)),
            Self::OutOfScope => (State::Closed, Some(CloseReason::OutOfScope)),
            Self::Duplicate => (State::Closed, Some(CloseReason::DuplicateOf)),
            Self::NotAffected => (State::Closed, Some(CloseReason::NotAffected)),
        }
    }
}

/// Where a finding stands, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Why it is closed, when it is.
    pub reason: Option<CloseReason>,
    /// Last day of an acceptance, `YYYY-MM-DD`.
    pub until: Option<Text>,
    /// When it came to stand there: the time of the decision, or of the report that says so.
    pub since: Timestamp,
}

impl Standing {
    /// A finding that nobody has looked at.
    #[must_use]
    pub const fn new(since: Timestamp) -> Self {
        Self {
            state: State::New,
            reason: None,
            until: None,
            since,
        }
    }

    /// Whether a person closed it and that still holds on this day (`YYYY-MM-DD`).
    #[must_use]
    pub fn is_ruled_out(&self, today: &str) -> bool {
        self.state == State::Closed
            && self.reason != Some(CloseReason::Fixed)
            && !self.is_expired(today)
    }

    /// Whether it is an acceptance whose last day has passed.
    #[must_use]
    pub fn is_expired(&self, today: &str) -> bool {
        self.reason == Some(CloseReason::Accepted)
            && self.until.as_deref().is_some_and(|until| until < today)
    }

    fn is(&self, state: State, reason: Option<CloseReason>) -> bool {
        self.state == state && self.reason == reason
    }
}

/// Why a decision does not apply to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It stands there already.
    #[error("it stands there already")]
    Already,
    /// It is open, so there is nothing to reopen.
    #[error("it is open")]
    Open,
    /// Work on it has gone further than the verb says.
    #[error("it is further on; `reopen` takes it back")]
    FurtherOn,
    /// A report that looked does not see it any more.
    #[error("it is closed as fixed: a newer report does not see it; `reopen` opens it")]
    Gone,
    /// A person closed it.
    #[error("it is closed by a decision; `reopen` opens it")]
    Closed,
}

/// The state after a decision.
///
/// # Errors
/// Why the decision does not apply.
pub fn decided(
    now: &Standing,
    verb: Verb,
    until: Option<&str>,
) -> Result<(State, Option<CloseReason>), Refusal> {
    let (state, reason) = verb.target();
    let is_renewal = verb == Verb::Accept && now.until.as_deref() != until;
    // To reopen is to judge anew, so it also applies to what is triaged.
    if now.is(state, reason) && verb != Verb::Reopen && verb != Verb::Duplicate && !is_renewal {
        return Err(Refusal::Already);
    }
    let is_closing = state == State::Closed;
    match now.state {
        State::Closed if verb == Verb::Reopen => Ok((state, reason)),
        State::Closed if now.reason == Some(CloseReason::Fixed) => Err(Refusal::Gone),
        // A person may think better of it; both decisions stay in the record.
        State::Closed if is_closing => Ok((state, reason)),
        State::Closed => Err(Refusal::Closed),
        _ if is_closing => Ok((state, reason)),
        State::New | State::Triaged | State::InProgress if verb == Verb::Reopen => {
            Err(Refusal::Open)
        }
        State::InProgress | State::FixedAwaitingRescan if verb == Verb::Triage => {
            Err(Refusal::FurtherOn)
        }
        _ => Ok((state, reason)),
    }
}

/// What a report does to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Not known before.
    Created,
    /// Open before, gone now.
    Closed,
    /// As it was.
    Untouched,
    /// Closed or said to be fixed before, and seen again.
    Reopened,
}

/// A report at `at` shows the finding. `today` is the day of the import, `YYYY-MM-DD`.
#[must_use]
pub fn seen(now: Option<&Standing>, at: Timestamp, today: &str) -> (Change, Standing) {
    let Some(now) = now else {
        return (Change::Created, Standing::new(at));
    };
    let said_fixed =
        now.state == State::FixedAwaitingRescan || now.is(State::Closed, Some(CloseReason::Fixed));
    if now.is_expired(today) || (said_fixed && at >= now.since) {
        return (Change::Reopened, Standing::new(at));
    }
    (Change::Untouched, now.clone())
}

/// No report shows the finding any more, the last one of `at` included, and that one looked.
/// `None` when that changes nothing.
#[must_use]
pub fn absent(now: &Standing, at: Timestamp) -> Option<Standing> {
    (now.state != State::Closed).then_some(Standing {
        state: State::Closed,
        reason: Some(CloseReason::Fixed),
        until: None,
        since: at,
    })
}

#[cfg(test)]
mod tests;
