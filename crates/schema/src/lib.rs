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
mod statement;
mod text;

pub use canonical::{canonical_json, to_canonical};
pub use coverage::{CheckCoverage, Coverage, Status, SurfaceCoverage};
pub use diff::{Changed, Diff, NotCompared, diff};
pub use error::Error;
pub use finding::{
    Component, Cvss, Evidence, Finding, Location, Merged, Reference, ReferenceKind, Risk,
    RiskFactor, Source, SourceRecord, Suppression, Vulnerability,
};
pub use id::finding_id;
pub use json_schema::json_schema;
pub use ndjson::{NdjsonReader, from_ndjson, is_ndjson, to_ndjson, write_ndjson};
pub use package::{InstalledPackage, PackageManager};
pub use report::{
    Counts, Host, InputFile, OperatingSystem, RejectedRecord, Report, SCHEMA_VERSION, ScanInfo,
    ScanMode, Score, Summary, Tool, read_report,
};
pub use severity::Severity;
pub use statement::{Statement, VexStatus};
pub use text::{Interner, Text};
