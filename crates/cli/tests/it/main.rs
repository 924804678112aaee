//! Whole sessions of the program: arguments, standard output, standard error, exit code, files.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests start the program and write the trees that it scans"
)]

mod case;
mod decide;
mod defects;
mod determinism;
mod fleet;
mod formats;
mod graph;
mod help;
mod import;
mod network;
mod pack;
mod planted;
mod remediate;
mod run;
mod sessions;
mod vulns;
