//! scan

pub mod packages;
