//! A node: a named function that reads the state and returns a change, with what happens when it
//! fails.

use crate::host::{Boundary, Executor, Job};
use crate::{Failure, Stop};
use casemate_base::retry::RetryPolicy;
use std::sync::Mutex;

/// A change of the state, applied when the node that returned it has succeeded.
pub type Change<'g, S> = Box<dyn FnOnce(&mut S) + Send + 'g>;

/// What a node learns about this call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Which visit of the node it is, from 1.
    pub visit: u64,
    /// Which attempt of the visit it is, from 1.
    pub attempt: u32,
    /// The answers to what the node asked on this visit, in order.
    pub answers: Vec<String>,
    /// Why the node is run as another's fallback.
    pub cause: Option<Failure>,
}

pub(crate) type StepFn<'g, S> = dyn Fn(&S, &Call) -> Result<Change<'g, S>, Stop> + 'g;
type BranchFn<'g, S> = dyn Fn(&S, &Call) -> Result<Change<'g, S>, Stop> + Send + Sync + 'g;
type ParallelFn<'g, S> =
    dyn Fn(&S, &Call, &dyn Executor, &Boundary) -> Result<Change<'g, S>, Stop> + 'g;
type SkipFn<'g, S> = dyn Fn(&mut S, &Failure) + 'g;

pub(crate) enum Work<'g, S> {
    Step(Box<StepFn<'g, S>>),
    Parallel(Box<ParallelFn<'g, S>>),
}

pub(crate) enum Fallback<'g, S> {
    None,
    Skip(Box<SkipFn<'g, S>>),
    Function(Box<StepFn<'g, S>>),
    Node(String),
}

/// A named function with a retry policy and a fallback.
pub struct Node<'g, S> {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) work: Work<'g, S>,
    /// Names of the branches of a parallel node.
    pub(crate) branches: Vec<String>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) fallback: Fallback<'g, S>,
}

impl<S> std::fmt::Debug for Node<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A part of a parallel node.
pub struct Branch<'g, S> {
    name: String,
    run: Box<BranchFn<'g, S>>,
}

impl<S> std::fmt::Debug for Branch<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Branch")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<'g, S: 'g> Branch<'g, S> {
    /// A branch that reads the state and computes a part, which `merge` puts into the state. The
    /// parts of all branches are merged in the order of the branches.
    pub fn new<U: Send + 'g>(
        name: impl Into<String>,
        read: impl Fn(&S, &Call) -> Result<U, Stop> + Send + Sync + 'g,
        merge: fn(&mut S, U),
    ) -> Self {
        Self {
            name: name.into(),
            run: Box::new(move |state, call| {
                let part = read(state, call)?;
                Ok(Box::new(move |state: &mut S| merge(state, part)))
            }),
        }
    }
}

impl<'g, S: 'g> Node<'g, S> {
    /// A node from state to state. It works on a copy, so that it has changed nothing if it fails;
    /// where the state is large, [`Node::reading`] copies nothing.
    pub fn new(name: impl Into<String>, run: impl Fn(S, &Call) -> Result<S, Stop> + 'g) -> Self
    where
        S: Clone + Send,
    {
        Self::of(
            name.into(),
            Work::Step(Box::new(move |state: &S, call| {
                let next = run(state.clone(), call)?;
                Ok(Box::new(move |state: &mut S| *state = next))
            })),
        )
    }

    /// A node that reads the state and computes what `apply` puts into it. `apply` should not fail:
    /// when it does, the run ends, because the state may be half changed.
    pub fn reading<U: Send + 'g>(
        name: impl Into<String>,
        read: impl Fn(&S, &Call) -> Result<U, Stop> + 'g,
        apply: fn(&mut S, U),
    ) -> Self {
        Self::of(
            name.into(),
            Work::Step(Box::new(move |state, call| {
                let part = read(state, call)?;
                Ok(Box::new(move |state: &mut S| apply(state, part)))
            })),
        )
    }

    /// A node that returns a change of its own making.
    pub fn changing(
        name: impl Into<String>,
        run: impl Fn(&S, &Call) -> Result<Change<'g, S>, Stop> + 'g,
    ) -> Self {
        Self::of(name.into(), Work::Step(Box::new(run)))
    }

    /// A node whose branches run side by side on the same state. When several fail or ask, the
    /// first in the order of the branches is what the node says.
    pub fn parallel(name: impl Into<String>, branches: Vec<Branch<'g, S>>) -> Self
    where
        S: Sync,
    {
        let names = branches.iter().map(|branch| branch.name.clone()).collect();
        let run = move |state: &S, call: &Call, executor: &dyn Executor, boundary: &Boundary| {
            run_branches(&branches, state, call, executor, boundary)
        };
        let mut node = Self::of(name.into(), Work::Parallel(Box::new(run)));
        node.branches = names;
        node
    }

    fn of(name: String, work: Work<'g, S>) -> Self {
        Self {
            name,
            about: String::new(),
            work,
            branches: Vec::new(),
            retry: None,
            fallback: Fallback::None,
        }
    }

    /// What it does, for the drawing.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Tries it again as the policy says. Its deadline does not count: there is no clock here.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// When it has failed for good, notes that in the state and goes on as if it had succeeded.
    #[must_use]
    pub fn or_skip(mut self, note: impl Fn(&mut S, &Failure) + 'g) -> Self {
        self.fallback = Fallback::Skip(Box::new(note));
        self
    }

    /// When it has failed for good, this stands in; [`Call::cause`] says why.
    #[must_use]
    pub fn or_else(mut self, run: impl Fn(&S, &Call) -> Result<Change<'g, S>, Stop> + 'g) -> Self {
        self.fallback = Fallback::Function(Box::new(run));
        self
    }

    /// When it has failed for good, goes on at this node; [`Call::cause`] says why.
    #[must_use]
    pub fn or_go(mut self, node: impl Into<String>) -> Self {
        self.fallback = Fallback::Node(node.into());
        self
    }
}

fn run_branches<'g, S: Sync + 'g>(
    branches: &[Branch<'g, S>],
    state: &S,
    call: &Call,
    executor: &dyn Executor,
    boundary: &Boundary,
) -> Result<Change<'g, S>, Stop> {
    type Slot<'g, S> = Mutex<Option<Result<Change<'g, S>, Stop>>>;
    let slots: Vec<Slot<'g, S>> = branches.iter().map(|_| Mutex::new(None)).collect();
    let jobs = branches.iter().zip(&slots).map(|(branch, slot)| {
        Box::new(move || {
            let mut result = None;
            let caught = boundary(&mut || result = Some((branch.run)(state, call)));
            let result = match caught {
                Ok(()) => result,
                Err(failure) => Some(Err(Stop::Failed(failure))),
            };
            *slot
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = result;
        }) as Job<'_>
    });
    executor.run(jobs.collect());
    let mut changes = Vec::with_capacity(branches.len());
    for (branch, slot) in branches.iter().zip(slots) {
        let result = slot
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match result {
            Some(Ok(change)) => changes.push(change),
            Some(Err(Stop::Failed(failure))) => {
                return Err(Stop::Failed(Failure {
                    reason: format!("branch `{}`: {}", branch.name, failure.reason),
                    fatal: failure.fatal,
                }));
            }
            Some(Err(stop)) => return Err(stop),
            None => {
                let name = &branch.name;
                return Err(Stop::failed(format!("branch `{name}` was not run")));
            }
        }
    }
    Ok(Box::new(move |state: &mut S| {
        for change in changes {
            change(state);
        }
    }))
}
