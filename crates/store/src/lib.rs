//! People's records: the history of findings, cases, decisions, and the packs that a site imported.
//!
//! The only crate that names SQLite. Records are ground state: nothing here is recomputed.

pub mod packs;
pub mod records;
