//! Nodes that fail: retries, fallbacks, panics, events.

use casemate_base::retry::{Jitter, RetryParams};
use casemate_flow::{
    Call, END, Edge, Ended, Event, EventKind, Failure, Graph, Host, Node, RunError, Stop, catching,
    tally,
};
use std::cell::Cell;
use std::time::Duration;

fn retries(n_attempts: u32) -> casemate_base::retry::RetryPolicy {
    let params = RetryParams {
        attempts_max: n_attempts,
        jitter: Jitter::None,
        ..RetryParams::default()
    };
    params.check().expect("policy")
}

/// Drives a graph and returns how it ended, the events and the waits.
fn drive(
    graph: &Graph<'_, String>,
) -> (Result<Ended<String>, RunError>, Vec<Event>, Vec<Duration>) {
    let (mut events, mut waits) = (Vec::new(), Vec::new());
    let ticks = Cell::new(0);
    let clock = || {
        ticks.set(ticks.get() + 1);
        Duration::from_secs(ticks.get())
    };
    let mut host = Host {
        clock: &clock,
        events: &mut |event| events.push(event.clone()),
        wait: &mut |wait| waits.push(wait),
        boundary: &catching,
        ..Host::plain()
    };
    let ended = graph.start(String::new()).drive(&mut host, &mut |_| Ok(()));
    (ended, events, waits)
}

fn failing_until(attempt: u32) -> impl Fn(String, &Call) -> Result<String, Stop> {
    move |mut text, call| {
        text.push_str("tried ");
        if call.attempt < attempt {
            return Err(Stop::failed("not yet"));
        }
        Ok(text)
    }
}

fn one(node: Node<'_, String>) -> Graph<'_, String> {
    let graph = Graph::builder("g").node(node).start("a").then("a", END);
    graph.build().expect("built")
}

#[test]
fn it_is_tried_again_with_growing_waits_and_keeps_nothing_of_what_failed() {
    let graph = one(Node::new("a", failing_until(3)).retry(retries(4)));
    let (ended, events, waits) = drive(&graph);
    assert_eq!(ended, Ok(Ended::Done("tried ".to_owned())));
    assert_eq!(
        waits,
        [Duration::from_millis(100), Duration::from_millis(200)]
    );
    let sums = tally(&events);
    let a = &sums["a"];
    assert_eq!((a.started, a.failed, a.retried, a.finished), (3, 2, 2, 1));
    // The clock of this test goes on by a second whenever it is read.
    assert_eq!(a.took, Duration::from_secs(3));
}

#[test]
fn without_a_fallback_the_run_ends_with_the_node_and_the_reason() {
    let (ended, events, waits) = drive(&one(Node::new("a", failing_until(9)).retry(retries(2))));
    let source = Failure::new("not yet");
    assert_eq!(
        ended,
        Err(RunError::Failed {
            node: "a".to_owned(),
            source
        })
    );
    assert_eq!((events.len(), waits.len()), (5, 1));
}

#[test]
fn a_panic_is_a_failure_and_a_skipped_node_is_named() {
    let node = Node::new("a", |_: String, _| panic!("boom"))
        .or_skip(|text, failure| text.push_str(&format!("skipped: {failure}")));
    let (ended, events, _) = drive(&one(node));
    assert_eq!(
        ended,
        Ok(Ended::Done("skipped: it panicked: boom".to_owned()))
    );
    assert!(matches!(
        events.last().expect("event").kind,
        EventKind::Skipped { .. }
    ));
}

#[test]
fn a_fallback_function_and_a_fallback_node_learn_the_cause() {
    let say = |call: &Call| {
        call.cause
            .as_ref()
            .map_or("none", |_| "cause known")
            .to_owned()
    };
    let node = Node::new("a", failing_until(9)).or_else(move |_, call| {
        let said = say(call);
        Ok(Box::new(move |text: &mut String| text.push_str(&said)))
    });
    assert_eq!(
        drive(&one(node)).0,
        Ok(Ended::Done("cause known".to_owned()))
    );

    let graph = Graph::builder("g")
        .node(Node::new("a", failing_until(9)).or_go("b"))
        .node(Node::new("b", move |_, call| Ok(say(call))))
        .start("a")
        .then("a", END)
        .then("b", END)
        .build()
        .expect("built");
    assert_eq!(drive(&graph).0, Ok(Ended::Done("cause known".to_owned())));
}

#[test]
fn a_fatal_failure_is_neither_retried_nor_mended() {
    let node = Node::new("a", |_, _| {
        Err(Stop::Failed(Failure::fatal("no such file")))
    })
    .retry(retries(5))
    .or_skip(|_, _| {});
    let (ended, _, waits) = drive(&one(node));
    assert!(matches!(ended, Err(RunError::Failed { source, .. }) if source.fatal));
    assert!(waits.is_empty());
}

#[test]
fn a_change_that_fails_half_way_ends_the_run_for_good() {
    let node = Node::reading(
        "a",
        |_: &String, _| Ok(()),
        |text, ()| {
            text.push('x');
            panic!("half way");
        },
    );
    let graph = one(node);
    let mut host = Host {
        boundary: &catching,
        ..Host::plain()
    };
    let mut run = graph.start(String::new());
    for _ in 0..2 {
        let error = run.advance(&mut host).expect_err("torn");
        assert!(matches!(error, RunError::Torn { .. }), "{error}");
    }
}

#[test]
fn a_router_that_names_no_edge_or_panics_is_named() {
    let graph = |router: fn(&String) -> &'static str| {
        Graph::builder("g")
            .node(Node::new("a", |text: String, _| Ok(text)))
            .start("a")
            .choose("a", router, [Edge::to("x", END)])
            .build()
            .expect("built")
    };
    for (router, reason) in [
        (
            (|_| "y") as fn(&String) -> &'static str,
            "`y` is none of its edges",
        ),
        (|_| panic!("lost"), "it panicked: lost"),
    ] {
        let Err(RunError::Route { node, source }) = drive(&graph(router)).0 else {
            panic!("a route");
        };
        assert_eq!((node.as_str(), source.reason.as_str()), ("a", reason));
    }
}

#[test]
fn a_checkpoint_that_cannot_be_kept_ends_the_run() {
    let graph = one(Node::new("a", |text, _| Ok(text)));
    let mut keep = |_: casemate_flow::Checkpoint<&String>| Err(Failure::new("disk full"));
    let ended = graph
        .start(String::new())
        .drive(&mut Host::plain(), &mut keep);
    assert!(matches!(ended, Err(RunError::Keep { .. })), "{ended:?}");
}
