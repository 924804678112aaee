//! For tests alone: where the real data is, and reports made from a seed.
//!
//! Used as a dev-dependency; it uses at most `schema`.

mod data;
mod reports;

pub use data::{data, data_or_skip};
pub use reports::{finding, report};
