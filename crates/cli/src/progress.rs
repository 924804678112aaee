//! Progress of long work: one line on standard error, only when that is a terminal.

use crate::output;
use std::io::Write;
use std::sync::Mutex;

/// One line that is written over and over, and wiped at the end.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: bool,
    verb: &'static str,
    last: Mutex<usize>,
}

impl Progress {
    /// A line for a person at a terminal; silent for anybody else, or when asked to be quiet.
    pub(crate) fn new(quiet: bool, verb: &'static str) -> Self {
        Self {
            shown: !quiet && output::is_terminal_err(),
            verb,
            last: Mutex::new(0),
        }
    }

    /// Shows how many of how many are done, and what was done last.
    pub(crate) fn step(&self, done: usize, of: usize, name: &str) {
        if !self.shown {
            return;
        }
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if done > *last {
            *last = done;
            // Progress that cannot be shown is no reason to stop the work.
            drop(write!(
                std::io::stderr().lock(),
                "\r\x1b[K{} {done}/{of} {name}",
                self.verb
            ));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            drop(write!(std::io::stderr().lock(), "\r\x1b[K"));
        }
    }
}
