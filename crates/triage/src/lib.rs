//! Findings in, case out. Now: the plain risk score and the ranking that follows from it.
//!
//! Pure: values in, values out; no files, no clock, no environment.

mod merge;
mod risk;
mod same;

pub use merge::merge;
pub use risk::{FACTORS, rank, risk_of};
pub use same::same;
