//! What people decided, and what was seen when: the port, and the values that go through it.
//!
//! Ground state (ARCHITECTURE.md, invariant 3): nothing here can be recomputed from reports alone.
//! Invariants that every implementation holds, proven by [`conformance`]:
//! - what a method returned `Ok` for survives the process being killed;
//! - all of a batch is recorded, or nothing of it; recording it twice is recording it once;
//! - a decision is never altered or removed, and [`Records::verify`] shows it when somebody did;
//! - two processes at once lose nothing: a decision that was planned on a state that no longer
//!   holds is not applied, and says so.

pub mod conformance;
mod error;
mod journal;
mod sqlite;

pub use error::RecordsError;
pub use journal::{ChainEnd, Entry, ORIGIN, SplitMember};
pub use sqlite::{FILE, SqliteRecords, VERSION};

use casemate_base::Timestamp;
use casemate_schema::{CaseState, Changes, CloseReason, Decision, Severity, State, Text};
use casemate_triage::Apart;
use casemate_triage::states::Standing;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io::{BufRead, Write};

/// What a report is about: only a report of the same scope can close by absence.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The host; empty when the tool does not say.
    pub host: Text,
    /// The tool, or the kind of its report.
    pub tool: Text,
    /// What the tool looked at.
    pub target: Text,
}

/// A finding as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Unique over all hosts.
    pub key: Text,
    /// The id that the report shows.
    pub id: Text,
    /// The host; empty when the tool does not say.
    pub host: Text,
    /// The case that it belongs to: its host, else what was looked at.
    pub case: Text,
    /// The tool.
    pub tool: Text,
    /// Its rule.
    pub check: Text,
    /// One line for people.
    pub title: Text,
    /// Surface or kind of weakness.
    pub category: Text,
    /// How bad it is.
    pub severity: Severity,
    /// Risk, 0 to 100, once ranked.
    pub risk: Option<u8>,
    /// Where it is.
    pub path: Option<Text>,
    /// What it is about, when that is no file.
    pub subject: Option<Text>,
    /// The published vulnerability.
    pub vulnerability: Option<Text>,
    /// The affected package.
    pub component: Option<Text>,
}

/// Where a report looked, so that what it does not show is known to be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// At everything, but for these checks.
    Except(BTreeSet<Text>),
    /// At what these checks look at.
    Only(BTreeSet<Text>),
    /// Nobody knows: records were rejected.
    Unknown,
}

impl Looked {
    /// Whether it looked where this check finds things.
    #[must_use]
    pub fn at(&self, check: &str) -> bool {
        match self {
            Self::Except(checks) => !checks.contains(check),
            Self::Only(checks) => checks.contains(check),
            Self::Unknown => false,
        }
    }
}

/// One report of one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRecord {
    /// Digest of the report.
    pub report: Text,
    /// What it is about.
    pub scope: Scope,
    /// When the tool ran; when that is not known, when the report was taken.
    pub at: Timestamp,
    /// What it shows. Of two with one key the first counts.
    pub findings: Vec<Seen>,
    /// Keys of what it shows but does not count; that is not gone.
    pub suppressed: BTreeSet<Text>,
    /// Where it looked.
    pub looked: Looked,
    /// What could not be taken: place and reason.
    pub rejected: Vec<Text>,
}

/// A tool's record in a merged finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupMember {
    /// Key of the record alone.
    pub key: Text,
    /// Its id.
    pub id: Text,
    /// The tool.
    pub tool: Text,
    /// Its rule.
    pub check: Text,
    /// Its title.
    pub title: Text,
}

/// A finding that several tools' records were merged to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Key of the record that stands for all.
    pub head: Text,
    /// What they agree on.
    pub words: Vec<Text>,
    /// The records, the one that stands for all included.
    pub members: Vec<GroupMember>,
}

/// All that one command records.
#[derive(Clone, Debug)]
pub struct Batch {
    /// When it is recorded.
    pub now: Timestamp,
    /// The reports.
    pub imports: Vec<ImportRecord>,
    /// What was merged.
    pub groups: Vec<Group>,
    /// The cases that were made of them, by case: canonical JSON of the chains.
    pub chains: BTreeMap<Text, Text>,
}

/// A finding as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What the last report that showed it says.
    pub seen: Seen,
    /// When it was seen first.
    pub first_seen: Timestamp,
    /// When it was seen last.
    pub last_seen: Timestamp,
    /// Reports that showed it.
    pub times: u64,
    /// Where it stands.
    pub standing: Standing,
    /// The finding that it duplicates.
    pub duplicate_of: Option<Text>,
    /// Number of the decision that holds.
    pub decision: Option<u64>,
    /// Number of the decision that waits for an approval.
    pub waiting: Option<u64>,
    /// Key of the finding that it was merged into.
    pub head: Option<Text>,
    /// Whether the last report of some scope shows it.
    pub present: bool,
}

/// Something that a report did to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When the report's tool ran.
    pub at: Timestamp,
    /// `created`, `closed` or `reopened`.
    pub change: Text,
    /// The report's digest.
    pub report: Text,
    /// What the report was about.
    pub scope: Scope,
}

/// Who acts, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The operating system's user.
    pub who: Text,
    /// Who became that user with sudo, as far as SUDO_USER can be believed.
    pub sudo_user: Option<Text>,
    /// When.
    pub when: Timestamp,
}

/// A decision that is to be recorded, and the state that it was planned on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The finding.
    pub key: Text,
    /// Where it stood when this was planned.
    pub standing: Standing,
    /// What waited then.
    pub waiting: Option<u64>,
    /// The verb.
    pub verb: Text,
    /// The state afterwards.
    pub to: State,
    /// Why it is closed then.
    pub reason: Option<CloseReason>,
    /// Last day of an acceptance.
    pub until: Option<Text>,
    /// The finding that this one duplicates.
    pub duplicate_of: Option<Text>,
    /// The decision that this one answers.
    pub answers: Option<u64>,
    /// Whether it has to wait for an approval.
    pub pending: bool,
}

/// A person's word on a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseChange {
    /// The case.
    pub case: Text,
    /// Its new state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CaseState>,
    /// Its new verdict; empty takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Text>,
    /// Who.
    pub who: Text,
    /// Who became that user with sudo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sudo_user: Option<Text>,
    /// When, RFC 3339 UTC.
    pub when: Text,
    /// Why, in words.
    pub why: Text,
}

/// Where a case stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseStanding {
    /// The state.
    pub state: CaseState,
    /// The verdict, apart from it.
    pub verdict: Option<Text>,
    /// Canonical JSON of its chains, as the last report with any had them.
    pub chains: Option<Text>,
}

/// What is known of a fact of the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// When it was seen first, on any host.
    pub first_seen: Timestamp,
    /// When it was seen last, on any host.
    pub last_seen: Timestamp,
    /// Hosts that have it, each with the number of reports that showed it.
    pub hosts: BTreeMap<Text, u64>,
}

/// The records. One implementation is [`SqliteRecords`]; each passes [`conformance::all`].
///
/// # Errors
/// Every method returns a [`RecordsError`] when the store fails, is damaged, or is held by another
/// process for too long; then nothing of the call was recorded.
#[expect(
    clippy::missing_errors_doc,
    reason = "said once for all methods, above"
)]
pub trait Records: Debug + Send {
    /// Records reports and what was merged; says what each report changed.
    fn record(&mut self, batch: &Batch) -> Result<Vec<Changes>, RecordsError>;

    /// What [`Records::record`] would say; nothing is kept.
    fn compare(&mut self, batch: &Batch) -> Result<Vec<Changes>, RecordsError>;

    /// All findings by key, or those of one case.
    fn findings(&self, case: Option<&str>) -> Result<Vec<Record>, RecordsError>;

    /// One finding.
    fn finding(&self, key: &str) -> Result<Option<Record>, RecordsError>;

    /// What reports did to a finding, in their order.
    fn history(&self, key: &str) -> Result<Vec<Event>, RecordsError>;

    /// Records decisions. `None` stands for one whose finding was changed since it was planned.
    fn decide(
        &mut self,
        author: &Author,
        why: &str,
        proposals: &[Proposal],
    ) -> Result<Vec<Option<Decision>>, RecordsError>;

    /// An entry of the journal.
    fn entry(&self, number: u64) -> Result<Option<Entry>, RecordsError>;

    /// The entries about a finding's key or a case, or all, in their order.
    fn entries(&self, subject: Option<&str>) -> Result<Vec<Entry>, RecordsError>;

    /// Takes a merged finding apart, for good.
    fn split(
        &mut self,
        author: &Author,
        why: &str,
        group: &Group,
        out: &BTreeSet<Text>,
    ) -> Result<Decision, RecordsError>;

    /// What was taken apart.
    fn apart(&self) -> Result<Apart, RecordsError>;

    /// What is merged.
    fn groups(&self) -> Result<Vec<Group>, RecordsError>;

    /// Sets a case's state or verdict.
    fn set_case(&mut self, change: &CaseChange) -> Result<u64, RecordsError>;

    /// Where each case stands that anybody set or that has chains.
    fn cases(&self) -> Result<BTreeMap<Text, CaseStanding>, RecordsError>;

    /// Follows the journal's chain from its beginning.
    fn verify(&self) -> Result<ChainEnd, RecordsError>;

    /// Counts facts of a host's report for the baseline; the same report counts once.
    fn observe(
        &mut self,
        host: &str,
        report: &str,
        at: Timestamp,
        facts: &BTreeSet<Text>,
    ) -> Result<(), RecordsError>;

    /// What is known of facts; those never seen are left out.
    fn baseline(&self, facts: &BTreeSet<Text>) -> Result<BTreeMap<Text, Baseline>, RecordsError>;

    /// Hosts that the baseline knows.
    fn baseline_hosts(&self) -> Result<BTreeSet<Text>, RecordsError>;

    /// Writes everything as JSON lines; the same records give the same bytes.
    fn export(&self, out: &mut dyn Write) -> Result<(), RecordsError>;

    /// Takes in what [`Records::export`] wrote, where there are no records yet.
    fn import(&mut self, lines: &mut dyn BufRead) -> Result<u64, RecordsError>;
}
