//! Read-only scanner of a Linux host or of a tree that holds one: facts in, findings and coverage out.
//!
//! The way of a scan: a [`Tree`] gives bytes, `facts` parse them once each, a check looks at facts
//! and reports hits, [`scan`] turns hits and skips into findings and coverage.
//!
//! Invariants: nothing is written, no program is started, no socket is opened; a tree that is not
//! the live host is never left; what could not be read is coverage, never a clean result; the same
//! tree gives the same bytes on one thread or many.

mod check;
mod checks;
mod digest;
mod facts;
pub mod fixture;
mod graph;
pub mod packages;
mod run;
mod surface;
pub mod systemd;
pub mod tree;

pub use check::{Card, Check, all as all_checks, find as find_check};
pub use facts::Facts;
pub use run::{Options, Progress, Scan, scan};
pub use surface::Surface;
