//! Imports of real reports and of made ones.

mod own_samples;
mod samples;
mod sarif;
