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
}

/// What one person decided about one finding, never altered once recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Place in the record, from 1.
    pub number: u64,
    /// The finding.
    pub finding: Text,
    /// `triage`, `start`, `fixed`, `false-positive`, `accept`, `out-of-scope`, `duplicate`,
    /// `not-affected`, `reopen`, `split`, `approve`.
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
    /// Whether it waits for an approval and does not hold yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
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
