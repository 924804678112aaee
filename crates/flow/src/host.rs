//! What a run gets from outside: a clock, ears for events, something that waits, a boundary against
//! panics, an executor for branches. All are values of the caller; the defaults do nothing.

use crate::{Event, Failure};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

/// Runs a piece of work and says what it said when it panicked.
///
/// # Errors
/// The words of the panic.
pub type Boundary = dyn Fn(&mut dyn FnMut()) -> Result<(), Failure> + Sync;

/// One branch, ready to run.
pub type Job<'j> = Box<dyn FnOnce() + Send + 'j>;

/// Runs jobs, in any order, and returns when all have run.
pub trait Executor {
    /// Runs every job once.
    fn run(&self, jobs: Vec<Job<'_>>);
}

/// Runs the branches one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct InOrder;

impl Executor for InOrder {
    fn run(&self, jobs: Vec<Job<'_>>) {
        for job in jobs {
            job();
        }
    }
}

/// Runs the branches on threads of the standard library.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    /// Most threads at a time; at least one is used.
    pub n_max: usize,
}

impl Executor for Threads {
    fn run(&self, jobs: Vec<Job<'_>>) {
        let n_threads = self.n_max.clamp(1, jobs.len().max(1));
        let queue = Mutex::new(jobs.into_iter());
        let next = || {
            let mut queue = queue
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            queue.next()
        };
        let work = || {
            while let Some(job) = next() {
                job();
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..n_threads {
                scope.spawn(work);
            }
            work();
        });
    }
}

/// The surroundings of a run.
pub struct Host<'h> {
    /// Time since any fixed moment; events carry the differences.
    pub clock: &'h dyn Fn() -> Duration,
    /// Told of everything that happens, in order.
    pub events: &'h mut dyn FnMut(&Event),
    /// Waits before a node is tried again.
    pub wait: &'h mut dyn FnMut(Duration),
    /// Catches panics of nodes.
    pub boundary: &'h Boundary,
    /// Runs the branches of parallel nodes.
    pub executor: &'h dyn Executor,
}

impl std::fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

fn no_time() -> Duration {
    Duration::ZERO
}

impl Host<'_> {
    /// No clock, no ears, no waiting, panics go through, branches run one after the other.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            clock: &no_time,
            // Closures that hold nothing take no memory: nothing is leaked.
            events: Box::leak(Box::new(|_: &Event| {})),
            wait: Box::leak(Box::new(|_| {})),
            boundary: &no_boundary,
            executor: &InOrder,
        }
    }
}

/// A boundary that lets panics through.
///
/// # Errors
/// None.
pub fn no_boundary(work: &mut dyn FnMut()) -> Result<(), Failure> {
    work();
    Ok(())
}

/// A boundary that makes a panic a failure, with the panic's words. The process's panic hook still
/// runs; who wants silence sets one.
///
/// # Errors
/// The words of the panic.
pub fn catching(work: &mut dyn FnMut()) -> Result<(), Failure> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let words = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Failure::new(words.map_or_else(
            || "it panicked".to_owned(),
            |words| format!("it panicked: {words}"),
        ))
    })
}
