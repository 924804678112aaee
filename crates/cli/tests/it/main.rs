//! Whole sessions of the program: arguments, standard output, standard error, exit code, files.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests start the program and write the trees that it scans"
)]

mod case;
mod decide;
mod defects;
mod determinism;
mod formats;
mod help;
mod import;
mod network;
mod planted;
mod run;
mod sessions;
