//! The words that every part of casemate speaks: findings, coverage, reports, and canonical JSON.
//!
//! Pure values: no files, no clock, no environment. What a report looks like on disk is described
//! in `docs/formats/report.md`; the JSON Schema of it is made by [`json_schema`].

mod advisory;
mod canonical;
mod case;
mod coverage;
mod decision;
mod diff;
mod enrichment;
mod error;
mod finding;
mod graph;
mod id;
mod json_schema;
mod ndjson;
mod pack;
mod package;
mod report;
mod severity;
mod statement;
mod text;

pub use advisory::{Advisory, Affected, AffectedState, PackageNames, VersionRange};
pub use canonical::{canonical_json, to_canonical};
pub use case::{
    Action, Case, Chain, ChainStep, Change, ChangeRisk, ControlEvidence, ControlResult,
    ControlStatus, FrameworkResult, Review, StageResult, StageStatus,
};
pub use coverage::{CheckCoverage, Coverage, Status, SurfaceCoverage};
pub use decision::{CaseState, Changes, CloseReason, Decision, FindingState, State};
pub use diff::{Changed, Diff, NotCompared, diff};
pub use enrichment::{Enrichment, MappedTechnique, MappedWeakness, RecomputedCvss};
pub use error::Error;
pub use finding::{
    Component, Cvss, Evidence, Finding, Location, Merged, Reference, ReferenceKind, Risk,
    RiskFactor, Source, SourceRecord, Suppression, Vulnerability,
};
pub use graph::{EdgeKind, EdgeNeeds, GraphEdge, GraphNode, HostGraph, NodeKind};
pub use id::finding_id;
pub use json_schema::json_schema;
pub use ndjson::{NdjsonReader, from_ndjson, is_ndjson, to_ndjson, write_ndjson};
pub use pack::{
    AttackPattern, ControlMapping, Countermeasure, CveRecord, EpssScore, Gtfobin, KevEntry,
    PackInfo, PackRecord, SigmaRule, Technique, Weakness,
};
pub use package::{InstalledPackage, PackageManager};
pub use report::{
    Counts, Host, InputFile, OperatingSystem, RejectedRecord, Report, SCHEMA_VERSION, ScanInfo,
    ScanMode, Score, Summary, Tool, read_report,
};
pub use severity::Severity;
pub use statement::{Statement, VexStatus};
pub use text::{Interner, Text};
