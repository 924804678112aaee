//! A run that is killed after any step, written down, read again and resumed ends the same.

use casemate_base::retry::RetryParams;
use casemate_flow::{
    Branch, CHECKPOINT_VERSION, Checkpoint, END, Edge, Ended, Graph, Host, Node, Question,
    ResumeError, RunError, Step, Stop,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// What the test's graph works on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    words: Vec<String>,
    score: u32,
}

/// Every kind of node and edge: a retry, a fallback, branches, a cycle, a question.
fn graph() -> Graph<'static, Draft> {
    let policy = RetryParams {
        attempts_max: 3,
        ..RetryParams::default()
    }
    .check();
    let part = |name: &'static str| {
        Branch::new(
            name,
            move |draft: &Draft, _| Ok(format!("{name}{}", draft.words.len())),
            |draft, word: String| draft.words.push(word),
        )
    };
    Graph::builder("draft")
        .node(
            Node::new("write", |mut draft: Draft, call| {
                if call.attempt < 3 {
                    return Err(Stop::failed("ink is dry"));
                }
                draft.words.push(format!("visit {}", call.visit));
                Ok(draft)
            })
            .retry(policy.expect("policy")),
        )
        .node(Node::parallel("read", vec![part("x"), part("y")]))
        .node(Node::new("spell", |_, _| Err(Stop::failed("no dictionary"))).or_go("trust"))
        .node(Node::reading(
            "trust",
            |_, _| Ok(1),
            |draft: &mut Draft, n| draft.score += n,
        ))
        .node(Node::new("approve", |mut draft: Draft, call| {
            match call.answers.as_slice() {
                [] => Err(Stop::Ask(Question {
                    text: "good?".to_owned(),
                    choices: vec!["yes".to_owned(), "no".to_owned()],
                })),
                [_] => Err(Stop::ask("who says so?")),
                [answer, who, ..] => {
                    draft.words.push(format!("{answer} {who}"));
                    Ok(draft)
                }
            }
        }))
        .start("write")
        .then("write", "read")
        .then("read", "spell")
        .then("spell", END)
        .then("trust", "approve")
        .choose(
            "approve",
            |draft| if draft.score < 3 { "again" } else { "done" },
            [Edge::back("again", "write", 5, END), Edge::to("done", END)],
        )
        .build()
        .expect("built")
}

/// Runs to the end, and is killed before each step whose bit is set: then only the bytes of the
/// last checkpoint are left. Returns the bytes of the last checkpoint and the number of steps.
fn run(kills: u64) -> (Vec<u8>, u32) {
    let graph = graph();
    let mut run = graph.start(Draft::default());
    let mut steps = 0;
    loop {
        if kills >> (steps % 64) & 1 == 1 {
            let bytes = serde_json::to_vec(&run.checkpoint()).expect("bytes");
            let read: Checkpoint<Draft> = serde_json::from_slice(&bytes).expect("checkpoint");
            run = graph.resume(read).expect("the same graph");
        }
        steps += 1;
        match run.advance(&mut Host::plain()).expect("runs") {
            Step::Ran | Step::Wait(_) => {}
            Step::Ask(question) => {
                let answer = if question.choices.is_empty() {
                    "me"
                } else {
                    "yes"
                };
                run.answer(answer).expect("an answer");
            }
            Step::Done => {
                return (
                    serde_json::to_vec(&run.into_checkpoint()).expect("bytes"),
                    steps,
                );
            }
        }
    }
}

#[test]
fn killed_after_every_step_it_ends_in_the_same_bytes() {
    let (expected, steps) = run(0);
    let text = String::from_utf8(expected.clone()).expect("UTF-8");
    assert!(
        text.contains("visit 3") && text.contains("yes me"),
        "{text}"
    );
    assert!(steps > 20 && steps < 64, "{steps}");
    assert_eq!(run(u64::MAX).0, expected);
    for step in 0..steps {
        assert_eq!(run(1 << step).0, expected, "killed before step {step}");
    }
}

proptest! {
    #[test]
    fn killed_anywhere_it_ends_in_the_same_bytes(kills in any::<u64>()) {
        prop_assert_eq!(run(kills).0, run(0).0);
    }
}

#[test]
fn a_driven_run_pauses_at_the_question_and_goes_on_with_the_answer() {
    let graph = graph();
    let run = graph.start(Draft::default());
    let Ended::Paused(paused) = run
        .drive(&mut Host::plain(), &mut |_| Ok(()))
        .expect("runs")
    else {
        panic!("it asks");
    };
    assert_eq!(paused.question().expect("question").text, "good?");
    assert_eq!(paused.next(), Some("approve"));
    let mut run = graph.resume(*paused).expect("the same graph");
    let wrong = run.answer("maybe").expect_err("none of the choices");
    assert_eq!(
        wrong.to_string(),
        "`maybe` is no answer; there are `yes`, `no`"
    );
    run.answer("yes").expect("an answer");
    assert_eq!(run.answer("yes"), Err(ResumeError::NotAsked));
    let ended = run
        .drive(&mut Host::plain(), &mut |_| Ok(()))
        .expect("runs");
    assert!(
        matches!(ended, Ended::Paused(next) if next.question().expect("question").choices.is_empty())
    );
}

#[test]
fn a_checkpoint_of_another_graph_version_or_place_is_refused() {
    let graph = graph();
    let whole = serde_json::to_value(graph.start(Draft::default()).checkpoint()).expect("value");
    let altered = |member: &str, value: serde_json::Value| {
        let mut altered = whole.clone();
        altered[member] = value;
        let checkpoint: Checkpoint<Draft> = serde_json::from_value(altered).expect("checkpoint");
        graph.resume(checkpoint)
    };
    let known = CHECKPOINT_VERSION;
    let error = altered("version", 9.into()).expect_err("version");
    assert_eq!(error, ResumeError::Version { found: 9, known });
    let error = altered("graph", "other 00".into()).expect_err("graph");
    assert!(matches!(error, ResumeError::Graph { .. }), "{error}");
    let mut place = whole["position"].clone();
    place["at"]["node"] = "nowhere".into();
    let error = altered("position", place).expect_err("place");
    assert_eq!(
        error.to_string(),
        "the checkpoint stands at `nowhere`, which is no node"
    );
    let mut more = whole.clone();
    more["extra"] = 1.into();
    assert!(serde_json::from_value::<Checkpoint<Draft>>(more).is_err());
    // More steps than the graph has: it was altered, and the run does not go on.
    let mut run = altered("steps", u64::MAX.into()).expect("resumed");
    let error = run.advance(&mut Host::plain()).expect_err("bound");
    assert!(matches!(error, RunError::Bound { .. }), "{error}");
}
