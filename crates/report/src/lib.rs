//! Every writer: a report goes in as a value, bytes or text come out.
//!
//! Invariants:
//! - pure: no clock, no files, no environment; the same report gives the same bytes;
//! - every finding is written exactly once in every format, and what could not be looked at is
//!   never left out or counted as passed (CycloneDX alone leaves findings out, and counts them);
//! - text that comes from the scanned host is shown with control and invisible characters made
//!   visible, except in JSON and NDJSON, which carry the values unchanged.

mod case;
mod chart;
mod compliance;
mod csv;
mod cyclonedx;
mod defectdojo;
pub mod drawing;
mod error;
mod facts;
mod format;
mod group;
mod html;
mod json;
mod markdown;
mod object;
mod ocsf;
mod openvex;
mod oscal;
pub mod remediation;
mod rich;
mod sarif;
mod summary;
mod terminal;
mod words;

pub use compliance::{
    Compliance, compliance_csv, compliance_html, compliance_markdown, compliance_table,
};
pub use csv::{csv, write_csv};
pub use cyclonedx::{cyclonedx, write_cyclonedx};
pub use defectdojo::{defectdojo, write_defectdojo};
pub use error::Error;
pub use format::{Format, UnknownFormat};
pub use html::{HtmlOptions, html};
pub use json::{diff_json, json, ndjson, write_json, write_ndjson};
pub use markdown::{markdown, write_markdown};
pub use ocsf::{ocsf, write_ocsf, write_ocsf_lines};
pub use openvex::{openvex, write_openvex};
pub use oscal::oscal;
pub use sarif::{sarif, write_sarif};
pub use terminal::{TerminalOptions, terminal, terminal_diff};
