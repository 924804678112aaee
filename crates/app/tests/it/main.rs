//! What joins several crates: remediation against the scanner's own fixtures.

mod host;
mod inventory;
mod patch;
mod ranking;
mod rescan;
