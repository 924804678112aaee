//! The assess workflow: from findings to a case, as a graph of stages on `casemate-flow`.
//!
//! Invariants:
//! - a stage that fails, or panics, is named in the case with the reason and skipped; the report is
//!   still valid and says that it is partial;
//! - a stage without content is never listed as done;
//! - timings stand in the events alone, so that the case is the same bytes in every run.

mod assemble;
mod controls;
mod correlate;
mod enrich;
mod node;
mod remediate;
mod score;
mod stage;
#[cfg(test)]
mod tests;
mod timings;

pub use casemate_flow::Failure as StageFailure;
pub use node::{
    MAX_TOKENS, NodeAnswer, Recommendation, extract_actions, node, node_json, tokens_of,
};
pub use stage::{Knowledge, STAGES};
pub use timings::{NodeTiming, timings, timings_json};

use crate::error::Error;
use casemate_base::time::{Clock, SystemClock};
use casemate_flow::{Call, END, Ended, Event, Failure, Graph, Host, Node, Stop, Threads, catching};
use casemate_report::drawing;
use casemate_schema::{
    Action, Case, Chain, FrameworkResult, PackInfo, Report, SCHEMA_VERSION, StageResult,
    StageStatus, Tool,
};
use serde::{Deserialize, Serialize};
use stage::{INNER, Stage};
use std::collections::BTreeMap;

/// What the stages work on: a plain value, so that a run can be kept and resumed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// The report in the making, with the findings and the host's graph.
    pub report: Report,
    /// How the stages ended.
    pub stages: Vec<StageResult>,
    /// Attack paths and rules that hold.
    pub chains: Vec<Chain>,
    /// What to do.
    pub actions: Vec<Action>,
    /// Control frameworks.
    pub compliance: BTreeMap<String, FrameworkResult>,
    /// Packs that were looked into.
    pub packs: Vec<PackInfo>,
}

/// How the report is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// As was asked for.
    Asked,
    /// As JSON, because that failed.
    PlainJson,
}

/// Makes the report that is to be assessed.
pub type Ingest<'a> = &'a dyn Fn() -> Result<Report, Failure>;
/// Writes the report.
pub type Write<'a> = &'a dyn Fn(&Report, Rendering) -> Result<(), Failure>;

/// What to run, and how.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What the stages look things up in.
    pub knowledge: &'a Knowledge,
    /// The stage that is broken on purpose, for tests.
    pub fault: Option<&'a str>,
    /// Makes the report. A fatal failure ends the run, any other skips the stage.
    pub ingest: Ingest<'a>,
    /// Writes the report. A fatal failure ends the run, any other falls back to plain JSON.
    pub write: Write<'a>,
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The report with its case, as it was written.
    pub report: Report,
    /// What happened, in order, with timings.
    pub events: Vec<Event>,
}

/// Runs the workflow.
///
/// # Errors
/// [`Error::Workflow`] when a stage failed fatally, or `report` and its fallback both failed.
pub fn run(request: &Request<'_>) -> Result<Outcome, Error> {
    let wrong = |reason: String| Error::Workflow { reason };
    let graph = graph(request).map_err(|error| wrong(error.to_string()))?;
    let clock = SystemClock::new();
    let mut events = Vec::new();
    let mut host = Host {
        clock: &|| clock.monotonic(),
        events: &mut |event| events.push(event.clone()),
        boundary: &catching,
        executor: &Threads {
            n_max: request.knowledge.threads,
        },
        ..Host::plain()
    };
    let start = graph.start(start(request.knowledge));
    let ended = start.drive(&mut host, &mut |_| Ok(())).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        wrong(format!("{error}{}", cause.unwrap_or_default()))
    })?;
    match ended {
        Ended::Done(work) => Ok(Outcome {
            report: work.report,
            events,
        }),
        Ended::Paused(_) => Err(wrong("a stage asked, and nobody answers".to_owned())),
    }
}

/// The workflow as it is drawn. Nothing is run.
///
/// # Errors
/// [`Error::Workflow`] when the graph is wrong.
pub fn drawing(knowledge: &Knowledge) -> Result<drawing::Drawing, Error> {
    let request = Request {
        knowledge,
        fault: None,
        ingest: &|| Ok(Report::default()),
        write: &|_, _| Ok(()),
    };
    let graph = graph(&request).map_err(|error| Error::Workflow {
        reason: error.to_string(),
    })?;
    Ok(drawn(&graph.drawing()))
}

/// A graph of `flow` as `report` draws it.
fn drawn(graph: &casemate_flow::Drawing) -> drawing::Drawing {
    let is_idle = |name: &str| {
        INNER
            .iter()
            .any(|stage| stage.name == name && stage.run.is_none())
    };
    let nodes = graph.nodes.iter().map(|node| {
        let class = match node.role {
            _ if is_idle(&node.name) => drawing::Class::Idle,
            casemate_flow::Role::Start => drawing::Class::Start,
            casemate_flow::Role::Step => drawing::Class::Step,
            casemate_flow::Role::Parallel => drawing::Class::Parallel,
            casemate_flow::Role::End => drawing::Class::End,
        };
        let mut detail = node.about.clone();
        if node.may_be_skipped {
            detail.push_str("; skipped if it fails");
        }
        if is_idle(&node.name) {
            "does nothing yet".clone_into(&mut detail);
        }
        drawing::DrawnNode {
            id: node.name.clone(),
            label: node.name.clone(),
            detail,
            class,
        }
    });
    let edges = graph.edges.iter().map(|edge| {
        let mut label = edge.label.clone().unwrap_or_default();
        if let Some(times) = edge.times_max {
            label.push_str(&format!(", at most {times}"));
        }
        drawing::DrawnEdge {
            from: edge.from.clone(),
            to: edge.to.clone(),
            label,
            detail: String::new(),
            is_fallback: edge.is_fallback,
        }
    });
    drawing::Drawing {
        title: format!("The workflow {}", graph.name),
        description: "A stage that fails is named in the report and skipped; a report that cannot \
                      be written as asked is written as plain JSON."
            .to_owned(),
        nodes: nodes.collect(),
        edges: edges.collect(),
    }
}

fn start(knowledge: &Knowledge) -> Work {
    let mut report = Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool {
            name: "casemate".to_owned(),
            version: crate::VERSION.to_owned(),
        },
        ..Report::default()
    };
    report.scan.started_at = knowledge.now.to_string();
    Work {
        report,
        ..Work::default()
    }
}

fn graph<'a>(request: &Request<'a>) -> Result<Graph<'a, Work>, casemate_flow::BuildError> {
    let Request {
        knowledge,
        fault,
        ingest,
        write,
    } = *request;
    let broken = move |stage: &str| match fault {
        Some(name) if name == stage => {
            Err(Failure::new(format!("broken on purpose by --fault {name}")))
        }
        _ => Ok(()),
    };
    let ingest = Node::reading(
        "ingest",
        move |_: &Work, _: &Call| {
            broken("ingest")?;
            Ok(ingest()?)
        },
        |work, report| {
            work.report = report;
            work.note("ingest", StageStatus::Done, None);
        },
    );
    let mut builder = Graph::builder("assess")
        .node(skippable(
            ingest.about("scans the host or reads reports"),
            "ingest",
        ))
        .start("ingest");
    let mut before = "ingest";
    for stage in INNER {
        let node = Node::changing(stage.name, move |work: &Work, _| {
            broken(stage.name)?;
            inner(&stage, work, knowledge)
        });
        builder = builder
            .then(before, stage.name)
            .node(skippable(node.about(stage.about), stage.name));
        before = stage.name;
    }
    let case = Node::reading(
        "case",
        |work: &Work, _: &Call| Ok(assemble::case(work)),
        |work, case| work.close(Some(case)),
    );
    let report = Node::reading(
        "report",
        move |work: &Work, _: &Call| {
            broken("report")?;
            Ok(write(&work.report, Rendering::Asked)?)
        },
        |_, ()| {},
    );
    let plain = Node::new("plain", move |mut work: Work, call: &Call| {
        let reason = call.cause.as_ref().map(|cause| cause.reason.as_str());
        work.degrade("report", reason.unwrap_or("it failed"));
        write(&work.report, Rendering::PlainJson)?;
        Ok::<Work, Stop>(work)
    });
    builder
        .then(before, "case")
        .node(
            case.about("joins what the stages found")
                .or_skip(|work, _| work.close(None)),
        )
        .then("case", "report")
        .node(report.about("writes what was asked for").or_go("plain"))
        .then("report", END)
        .node(plain.about("writes the report as plain JSON"))
        .then("plain", END)
        .build()
}

/// Runs the content of a stage.
fn inner(
    stage: &Stage,
    work: &Work,
    knowledge: &Knowledge,
) -> Result<casemate_flow::Change<'static, Work>, Stop> {
    let Some(run) = stage.run else {
        return Ok(Box::new(|_| {}));
    };
    let update = run(work, knowledge)?;
    let name = stage.name;
    Ok(Box::new(move |work: &mut Work| {
        update(work);
        work.note(name, StageStatus::Done, None);
    }))
}

fn skippable<'a>(node: Node<'a, Work>, stage: &'static str) -> Node<'a, Work> {
    node.or_skip(move |work, failure| {
        work.note(stage, StageStatus::Skipped, Some(&failure.reason));
        work.report.partial = true;
    })
}

impl Work {
    fn note(&mut self, stage: &str, status: StageStatus, reason: Option<&str>) {
        self.stages.push(StageResult {
            stage: stage.into(),
            status,
            reason: reason.map(Into::into),
        });
    }

    /// Puts the case into the report. Without one there is at least how the stages ended.
    fn close(&mut self, case: Option<Case>) {
        let mut case = case.unwrap_or_else(|| {
            self.report.partial = true;
            Case::default()
        });
        self.note("report", StageStatus::Done, None);
        case.stages = std::mem::take(&mut self.stages);
        case.chains = std::mem::take(&mut self.chains);
        case.actions = std::mem::take(&mut self.actions);
        case.compliance = std::mem::take(&mut self.compliance);
        case.packs = std::mem::take(&mut self.packs);
        self.report.case = Some(Box::new(case));
    }

    /// Says in the case that a fallback stood in for a stage.
    fn degrade(&mut self, stage: &str, reason: &str) {
        self.report.partial = true;
        let stages = self.report.case.as_mut().map(|case| &mut case.stages);
        for result in stages.into_iter().flatten() {
            if result.stage.as_str() == stage {
                result.status = StageStatus::Degraded;
                result.reason = Some(reason.into());
            }
        }
    }
}
