//! Imports of real reports and of made ones.

mod network;
mod host_tools;
mod own_samples;
mod samples;
mod trivy;
mod vex;
