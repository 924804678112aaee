//! The report as OCSF 1.6.0 events, for data lakes and security information systems.
//!
//! Invariants:
//! - one event a finding, suppressed ones included (status `Suppressed`): Vulnerability Finding
//!   (2002) for a published vulnerability, Compliance Finding (2003) for our own checks of a host
//!   and for configuration and compliance checks of others, Detection Finding (2004) for the rest;
//! - every event has all attributes that its class requires and none that it does not know; what
//!   has no place there stands under `unmapped.casemate`;
//! - times are those of the report: `time` is when the scan began, never now.
//!
//! Source: OCSF schema 1.6.0, classes `vulnerability_finding`, `compliance_finding` and
//! `detection_finding`. The mapping is described in `docs/formats/ocsf.md`.

mod event;
mod objects;

use crate::Error;
use crate::group::ranked;
use crate::object::{list, raw, value};
use casemate_schema::{Finding, Report};
use serde_json::Value;
use std::io::Write;

/// The version of the schema.
const VERSION: &str = "1.6.0";

/// The report as one JSON array of OCSF events, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds an integer beyond 2^53 - 1.
pub fn ocsf(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_ocsf(report, &mut out)?;
    Ok(out)
}

/// Writes what [`ocsf`] returns, event by event.
///
/// # Errors
/// [`Error::Json`] as there, [`Error::Write`] when the writer fails.
pub fn write_ocsf(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    list(out, events(report))
}

/// Writes the same events as JSON lines, each ended by a newline.
///
/// # Errors
/// [`Error::Json`] and [`Error::Write`] as [`write_ocsf`].
pub fn write_ocsf_lines(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    for event in events(report) {
        value(out, &event)?;
        raw(out, b"\n")?;
    }
    Ok(())
}

/// The events, the worst finding first, the suppressed ones at the end.
fn events(report: &Report) -> impl Iterator<Item = Value> + '_ {
    ranked(&report.findings)
        .into_iter()
        .chain(ranked(&report.suppressed))
        .map(|finding| event::event(report, finding))
}

/// The class of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Vulnerability,
    Compliance,
    Detection,
}

impl Class {
    fn of(finding: &Finding) -> Self {
        let is_check = finding.source.tool == "casemate"
            || matches!(finding.category.as_str(), "misconfiguration" | "compliance");
        if finding.vulnerability.is_some() {
            Self::Vulnerability
        } else if is_check {
            Self::Compliance
        } else {
            Self::Detection
        }
    }

    const fn uid(self) -> u64 {
        match self {
            Self::Vulnerability => 2002,
            Self::Compliance => 2003,
            Self::Detection => 2004,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Vulnerability => "Vulnerability Finding",
            Self::Compliance => "Compliance Finding",
            Self::Detection => "Detection Finding",
        }
    }
}
