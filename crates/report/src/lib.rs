//! Every writer: a report goes in as a value, bytes or text come out.
//!
//! Invariants:
//! - pure: no clock, no files, no environment; the same report gives the same bytes;
//! - every finding is written exactly once in every format, and what could not be looked at is
//!   never left out or counted as passed;
//! - text that comes from the scanned host is shown with control and invisible characters made
//!   visible, except in JSON and NDJSON, which carry the values unchanged.

mod chart;
mod error;
mod format;
mod group;
mod html;
mod json;
mod rich;
mod sarif;
mod terminal;
mod words;

pub use error::Error;
pub use format::{Format, UnknownFormat};
pub use html::{HtmlOptions, html};
pub use json::{diff_json, json, ndjson};
pub use sarif::sarif;
pub use terminal::{TerminalOptions, terminal, terminal_diff};
