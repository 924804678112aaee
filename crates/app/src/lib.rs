//! Composition root: configuration in, running system out.
//!
//! The faces (command line, later pages) call the functions of this crate and word what they
//! return. This crate alone reads the configuration and the environment.

pub mod assess;
pub mod baseline;
pub mod cases;
pub mod compliance;
pub mod config;
pub mod decide;
pub mod doctor;
mod error;
pub mod explain;
pub mod fleet;
pub mod import;
pub mod inventory;
pub mod knowledge;
pub mod packs;
pub mod records;
pub mod remediate;
pub mod reports;
pub mod rules;
pub mod suppress;
pub mod vulns;
pub mod workflow;

pub use error::{Error, InputError};

/// Version of the program, as reports and `--version` show it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
