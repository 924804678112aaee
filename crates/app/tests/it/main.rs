//! What joins several crates: remediation against the scanner's own fixtures.

mod host;
mod patch;
mod ranking;
mod rescan;
