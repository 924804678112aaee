//! A run: where it stands, one step at a time.
//!
//! The caller may drive the run step by step and keep [`Run::checkpoint`] wherever it likes, or let
//! [`Run::drive`] do so. Time, waiting, threads and panics are the [`Host`]'s.

use crate::checkpoint::{Checkpoint, Place, Position};
use crate::graph::{END, Exit, Graph};
use crate::host::{Boundary, Host};
use crate::node::{Call, Change, Fallback, Node, StepFn, Work};
use crate::{Event, EventKind, Failure, Question, ResumeError, RunError, Stop};
use casemate_base::random::Seed;
use std::time::Duration;

/// A run of a graph.
pub struct Run<'r, 'g, S> {
    graph: &'r Graph<'g, S>,
    at: Checkpoint<S>,
    torn: Option<RunError>,
}

impl<S> std::fmt::Debug for Run<'_, '_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("position", &self.at.position)
            .finish_non_exhaustive()
    }
}

/// What one step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A node is done with, one way or another; the run goes on.
    Ran,
    /// A node failed and is to be tried again after this wait.
    Wait(Duration),
    /// A person is to be asked; [`Run::answer`] goes on.
    Ask(Question),
    /// The end is reached.
    Done,
}

/// How a driven run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended<S> {
    /// At the end, with this state.
    Done(S),
    /// At a question: [`Checkpoint::question`].
    Paused(Box<Checkpoint<S>>),
}

/// Attempts of one visit, the first included.
pub(crate) fn attempts_max<S>(node: &Node<'_, S>) -> u32 {
    node.retry.as_ref().map_or(1, |policy| {
        let n_retries = policy.schedule(&Seed::from(0)).count();
        u32::try_from(n_retries).unwrap_or(u32::MAX - 1) + 1
    })
}

impl<'r, 'g, S: 'g> Run<'r, 'g, S> {
    pub(crate) fn new(graph: &'r Graph<'g, S>, at: Checkpoint<S>) -> Self {
        Self {
            graph,
            at,
            torn: None,
        }
    }

    /// Where it stands, to be written down.
    pub fn checkpoint(&self) -> Checkpoint<&S> {
        self.at.borrowed()
    }

    /// Where it stands, for good.
    pub fn into_checkpoint(self) -> Checkpoint<S> {
        self.at
    }

    /// Answers the question that the run waits for.
    ///
    /// # Errors
    /// [`ResumeError::NotAsked`], or [`ResumeError::Answer`] when it is none of the choices.
    pub fn answer(&mut self, answer: impl Into<String>) -> Result<(), ResumeError> {
        let answer = answer.into();
        let Position::At(place) = &mut self.at.position else {
            return Err(ResumeError::NotAsked);
        };
        let Some(question) = &place.question else {
            return Err(ResumeError::NotAsked);
        };
        if !question.choices.is_empty() && !question.choices.contains(&answer) {
            return Err(ResumeError::Answer {
                answer,
                choices: question.choices.clone(),
            });
        }
        place.question = None;
        place.answers.push(answer);
        Ok(())
    }

    /// Goes to the end or to a question; `keep` gets a checkpoint after each step.
    ///
    /// # Errors
    /// [`RunError`] when a node failed for good, or `keep` did.
    pub fn drive(
        mut self,
        host: &mut Host<'_>,
        keep: &mut dyn FnMut(Checkpoint<&S>) -> Result<(), Failure>,
    ) -> Result<Ended<S>, RunError> {
        loop {
            let node = self.at.next().unwrap_or(END).to_owned();
            let step = self.advance(host)?;
            if step != Step::Done {
                keep(self.checkpoint()).map_err(|source| RunError::Keep { node, source })?;
            }
            match step {
                Step::Ran => {}
                Step::Wait(wait) => (host.wait)(wait),
                Step::Ask(_) => return Ok(Ended::Paused(Box::new(self.at))),
                Step::Done => return Ok(Ended::Done(self.at.state)),
            }
        }
    }

    /// Makes one attempt of the next node.
    ///
    /// # Errors
    /// [`RunError`]; but for [`RunError::Torn`] the state is as it was before the node.
    pub fn advance(&mut self, host: &mut Host<'_>) -> Result<Step, RunError> {
        if let Some(error) = &self.torn {
            return Err(error.clone());
        }
        let Position::At(place) = &mut self.at.position else {
            return Ok(Step::Done);
        };
        if let Some(question) = &place.question {
            return Ok(Step::Ask(question.clone()));
        }
        if !place.entered {
            let steps_max = self.graph.steps_max();
            if self.at.steps >= steps_max {
                return Err(RunError::Bound { steps_max });
            }
            self.at.steps += 1;
            *self.at.visits.entry(place.node.clone()).or_default() += 1;
            place.entered = true;
        }
        let place = place.clone();
        let graph = self.graph;
        let Some(node) = graph.node(&place.node) else {
            let source = Failure::new("there is no such node");
            let node = place.node;
            return Err(RunError::Failed { node, source });
        };
        let call = Call {
            visit: self.at.visits.get(&place.node).copied().unwrap_or(1),
            attempt: place.failed.saturating_add(1),
            answers: place.answers.clone(),
            cause: place.cause.clone(),
        };
        let mut say = Teller {
            host,
            call: &call,
            node: &node.name,
        };
        say.event(EventKind::Started);
        let began = (say.host.clock)();
        let result = attempt(node, &self.at.state, &call, say.host);
        let took = (say.host.clock)().saturating_sub(began);
        match result {
            Ok(change) => {
                say.event(EventKind::Finished { took });
                self.apply(node, change, host.boundary)?;
                self.leave(node, host.boundary)
            }
            Err(Stop::Ask(question)) => {
                say.event(EventKind::Asked {
                    question: question.clone(),
                });
                self.at.position = Position::At(Place {
                    question: Some(question.clone()),
                    ..place
                });
                Ok(Step::Ask(question))
            }
            Err(Stop::Failed(failure)) => {
                say.event(EventKind::Failed {
                    failure: failure.clone(),
                    took,
                });
                self.failed(node, place, &call, failure, host)
            }
        }
    }

    /// Decides what follows a failed attempt.
    fn failed(
        &mut self,
        node: &'r Node<'g, S>,
        place: Place,
        call: &Call,
        failure: Failure,
        host: &mut Host<'_>,
    ) -> Result<Step, RunError> {
        let name = node.name.clone();
        if failure.fatal {
            return Err(RunError::Failed {
                node: name,
                source: failure,
            });
        }
        let mut say = Teller {
            host,
            call,
            node: &node.name,
        };
        if let Some(wait) = wait_before(node, &self.graph.name, call.attempt) {
            say.event(EventKind::Retried { wait });
            let failed = call.attempt;
            self.at.position = Position::At(Place { failed, ..place });
            return Ok(Step::Wait(wait));
        }
        match &node.fallback {
            Fallback::None => Err(RunError::Failed {
                node: name,
                source: failure,
            }),
            Fallback::Skip(note) => {
                say.event(EventKind::Skipped {
                    failure: failure.clone(),
                });
                let state = &mut self.at.state;
                if let Err(source) = (host.boundary)(&mut || note(state, &failure)) {
                    return Err(self.tear(name, source));
                }
                self.leave(node, host.boundary)
            }
            Fallback::Function(run) => {
                say.event(EventKind::FellBack {
                    failure: failure.clone(),
                    to: None,
                });
                let call = Call {
                    cause: Some(failure),
                    ..call.clone()
                };
                self.stand_in(node, run, &call, host.boundary)
            }
            Fallback::Node(to) => {
                let kind = EventKind::FellBack {
                    failure: failure.clone(),
                    to: Some(to.clone()),
                };
                say.event(kind);
                self.go(to, Some(failure));
                Ok(Step::Ran)
            }
        }
    }

    /// Runs the fallback function of a node in its place.
    fn stand_in(
        &mut self,
        node: &'r Node<'g, S>,
        run: &StepFn<'g, S>,
        call: &Call,
        boundary: &Boundary,
    ) -> Result<Step, RunError> {
        let state = &self.at.state;
        let change = guarded(boundary, || run(state, call)).map_err(|stop| RunError::Failed {
            node: node.name.clone(),
            source: match stop {
                Stop::Failed(failure) => failure,
                Stop::Ask(_) => Failure::new("a fallback cannot ask"),
            },
        })?;
        self.apply(node, change, boundary)?;
        self.leave(node, boundary)
    }

    fn apply(
        &mut self,
        node: &Node<'g, S>,
        change: Change<'g, S>,
        boundary: &Boundary,
    ) -> Result<(), RunError> {
        let mut change = Some(change);
        let state = &mut self.at.state;
        let applied = boundary(&mut || {
            if let Some(change) = change.take() {
                change(state);
            }
        });
        applied.map_err(|source| self.tear(node.name.clone(), source))
    }

    fn tear(&mut self, node: String, source: Failure) -> RunError {
        let error = RunError::Torn { node, source };
        self.torn = Some(error.clone());
        error
    }

    /// Goes on to the node that follows.
    fn leave(&mut self, node: &'r Node<'g, S>, boundary: &Boundary) -> Result<Step, RunError> {
        let name = &node.name;
        let wrong = |source| RunError::Route {
            node: name.clone(),
            source,
        };
        let (router, edges) = match self.graph.exits.get(name) {
            Some(Exit::Always(to)) => {
                self.go(to, None);
                return Ok(Step::Ran);
            }
            Some(Exit::Choose { router, edges }) => (router, edges),
            None => return Err(wrong(Failure::new("it has no edges"))),
        };
        let state = &self.at.state;
        let chosen = guarded(boundary, || Ok(router(state))).map_err(|stop| match stop {
            Stop::Failed(failure) => wrong(failure),
            Stop::Ask(_) => wrong(Failure::new("a router cannot ask")),
        })?;
        let Some(edge) = edges.iter().find(|edge| edge.name == chosen) else {
            let reason = format!("`{chosen}` is none of its edges");
            return Err(wrong(Failure::new(reason)));
        };
        let Some(back) = &edge.back else {
            self.go(&edge.to, None);
            return Ok(Step::Ran);
        };
        // A name may hold any letter; quoting keeps two names apart.
        let trips = self
            .at
            .trips
            .entry(format!("{name:?} {chosen:?}"))
            .or_default();
        if *trips < back.times_max {
            *trips += 1;
            self.go(&edge.to, None);
        } else {
            self.go(&back.otherwise, None);
        }
        Ok(Step::Ran)
    }

    fn go(&mut self, to: &str, cause: Option<Failure>) {
        self.at.position = if to == END {
            Position::Done
        } else {
            Position::At(Place::new(to, cause))
        };
    }
}

/// Says what happens at one node.
struct Teller<'t, 'h> {
    host: &'t mut Host<'h>,
    call: &'t Call,
    node: &'t str,
}

impl Teller<'_, '_> {
    fn event(&mut self, kind: EventKind) {
        (self.host.events)(&Event {
            node: self.node.to_owned(),
            visit: self.call.visit,
            attempt: self.call.attempt,
            kind,
        });
    }
}

/// The wait before the attempt that follows this one; none when it was the last.
fn wait_before<S>(node: &Node<'_, S>, graph: &str, attempt: u32) -> Option<Duration> {
    let policy = node.retry.as_ref()?;
    let seed = Seed::from(0).derive(graph).derive(&node.name);
    let n_before = usize::try_from(attempt.saturating_sub(1)).ok()?;
    policy.schedule(&seed).nth(n_before)
}

fn attempt<'g, S: 'g>(
    node: &Node<'g, S>,
    state: &S,
    call: &Call,
    host: &Host<'_>,
) -> Result<Change<'g, S>, Stop> {
    guarded(host.boundary, || match &node.work {
        Work::Step(run) => run(state, call),
        Work::Parallel(run) => run(state, call, host.executor, host.boundary),
    })
}

/// The result of work behind the boundary; a panic is a failure.
fn guarded<T>(boundary: &Boundary, work: impl Fn() -> Result<T, Stop>) -> Result<T, Stop> {
    let mut result = None;
    boundary(&mut || result = Some(work())).map_err(Stop::Failed)?;
    result.unwrap_or_else(|| Err(Stop::failed("the boundary did not run it")))
}
