//! The words that every part of casemate speaks: findings, coverage, reports, and canonical JSON.
//!
//! Pure values: no files, no clock, no environment. What a report looks like on disk is described
//! in `docs/formats/report.md`; the JSON Schema of it is made by [`json_schema`].

mod canonical;
mod coverage;
mod diff;
mod error;
mod finding;
mod id;
mod json_schema;
mod ndjson;
mod package;
mod report;
mod severity;

pub use canonical::{canonical_json, to_canonical};
pub use coverage::{CheckCoverage, Coverage, Status, SurfaceCoverage};
pub use diff::{Changed, Diff, NotCompared, diff};
pub use error::Error;
pub use finding::{
    Evidence, Finding, Location, Reference, ReferenceKind, Risk, RiskFactor, Source,
};
pub use id::finding_id;
pub use json_schema::json_schema;
pub use ndjson::{from_ndjson, to_ndjson};
pub use package::{InstalledPackage, PackageManager};
pub use report::{
    Counts, Host, OperatingSystem, Report, SCHEMA_VERSION, ScanInfo, ScanMode, Score, Summary,
    Tool, read_report,
};
pub use severity::Severity;
