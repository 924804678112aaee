//! Imports of real reports and of made ones.

mod host_tools;
mod own_samples;
mod samples;
