//! States of findings and cases, and the decisions that people take about them.

use crate::Text;
use serde::{Deserialize, Serialize};

/// Where a finding stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has looked.
    #[default]
    New,
    /// Somebody has, and it is real.
    Triaged,
    /// Somebody works on it.
    InProgress,
    /// Said to be fixed; the next scan shows it.
    FixedAwaitingRescan,
    /// Done with, see the reason.
    Closed,
}

/// Why a finding is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// A newer scan does not see it any more.
    Fixed,
    /// It never was one.
    FalsePositive,
    /// The risk is accepted until a day.
    Accepted,
    /// Not this team's.
    OutOfScope,
    /// Another finding is the same.
    DuplicateOf,
    /// The vulnerability does not affect this product.
    NotAffected,
}

/// A finding's state as a report shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingState {
    /// Where it stands.
    pub state: State,
    /// Why it is closed, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<CloseReason>,
    /// First time that casemate saw it, RFC 3339 UTC.
    pub first_seen: Text,
    /// Last time that casemate saw it, RFC 3339 UTC.
    pub last_seen: Text,
    /// Reports that showed it.
    pub seen: u64,
    /// The decision that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Box<Decision>>,
    /// A decision that waits for a second person's approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Box<Decision>>,
}

/// What an import changed in the records, by name. Findings stand here with their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Not known before.
    pub created: Vec<Text>,
    /// Open before, and no longer seen by a newer report that looked.
    pub closed: Vec<Text>,
    /// Known and as it was; what a person decided is among these.
    pub untouched: Vec<Text>,
    /// Closed as fixed, said to be fixed, or accepted until a day that has passed, and seen again.
    pub reopened: Vec<Text>,
    /// Records that could not be taken: file, place and reason.
    pub rejected: Vec<Text>,
    /// Open and not seen, but the report did not look everywhere, so they stay open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_looked: Vec<Text>,
    /// In a report that is older than what is known: they change nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub older: Vec<Text>,
}

/// What one person decided about one finding, never altered once recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Place in the record, from 1.
    pub number: u64,
    /// The finding.
    pub finding: Text,
    /// The host that the finding is on, when its id does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Text>,
    /// `triage`, `start`, `fixed`, `false-positive`, `accept`, `out-of-scope`, `duplicate`,
    /// `not-affected`, `reopen`, `split`, `approve`, `reject`.
    pub verb: Text,
    /// State before.
    pub from: State,
    /// State after.
    pub to: State,
    /// Why it is closed, when it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<CloseReason>,
    /// Who: the operating system's user.
    pub who: Text,
    /// Who became that user with sudo, as SUDO_USER says; a remark, no proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sudo_user: Option<Text>,
    /// When, RFC 3339 UTC.
    pub when: Text,
    /// Why, in words.
    pub why: Text,
    /// Day after which it holds no more, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Text>,
    /// The finding that this one duplicates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Text>,
    /// Who approved, where the site's policy asks for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Text>,
    /// Number of the decision that this one approves or rejects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
    /// Whether it waits for an approval and does not hold yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

impl State {
    /// All states, in their order.
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Triaged,
        Self::InProgress,
        Self::FixedAwaitingRescan,
        Self::Closed,
    ];

    /// The word used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Triaged => "triaged",
            Self::InProgress => "in_progress",
            Self::FixedAwaitingRescan => "fixed_awaiting_rescan",
            Self::Closed => "closed",
        }
    }

    /// Reads the word; `-` and `_` are the same.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl CloseReason {
    /// All reasons, in their order.
    pub const ALL: [Self; 6] = [
        Self::Fixed,
        Self::FalsePositive,
        Self::Accepted,
        Self::OutOfScope,
        Self::DuplicateOf,
        Self::NotAffected,
    ];

    /// The word used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::FalsePositive => "false_positive",
            Self::Accepted => "accepted",
            Self::OutOfScope => "out_of_scope",
            Self::DuplicateOf => "duplicate_of",
            Self::NotAffected => "not_affected",
        }
    }

    /// Reads the word; `-` and `_` are the same.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl CaseState {
    /// All states, in their order.
    pub const ALL: [Self; 4] = [Self::New, Self::InProgress, Self::OnHold, Self::Closed];

    /// The word used in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InProgress => "in_progress",
            Self::OnHold => "on_hold",
            Self::Closed => "closed",
        }
    }

    /// Reads the word; `-` and `_` are the same.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Where a case stands; its verdict is apart from it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody has looked.
    #[default]
    New,
    /// Somebody works on it.
    InProgress,
    /// Waits for something.
    OnHold,
    /// Done with.
    Closed,
}
