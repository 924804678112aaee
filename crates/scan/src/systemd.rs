//! What systemd would do with the unit files of a host, from their bytes alone.
//!
//! Answers: which units exist, which are masked or only other names of another unit, which
//! settings are in force and in which file and line they stand, who enables a unit, what a
//! command line starts, and how exposed a service is (the score of `systemd-analyze security`).
//!
//! Invariants: nothing here opens a file (all bytes come through [`files::UnitFiles`]); the same
//! tree gives the same values in the same order; no input panics, and what is not understood ends
//! as a [`parse::Problem`] or a [`exposure::Refusal`].
//!
//! Sources: systemd.syntax(7), systemd.unit(5), systemd.exec(5), systemd.resource-control(5) and
//! the behaviour of systemd 252, against which the exposure fixtures were recorded
//! (`testkit/reference/systemd_exposure.py`).

pub mod exec;
pub mod exposure;

pub mod files;
pub mod name;
pub mod parse;
pub mod resolve;
pub mod specifier;
pub mod unit;
pub mod words;
