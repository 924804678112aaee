//! Imports of real reports and of made ones.

mod feeds;
mod host_tools;
mod network;
mod own_samples;
mod rules;
mod samples;
mod sarif;
mod trivy;
mod two_formats;
mod vex;
