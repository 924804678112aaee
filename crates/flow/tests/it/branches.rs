//! Branches: the result does not depend on which finished first.

use casemate_flow::{
    Branch, END, Ended, Executor, Graph, Host, Job, Node, RunError, Stop, Threads, catching,
};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs the jobs in an order that the test chose.
struct Shuffled(Vec<usize>);

impl Executor for Shuffled {
    fn run(&self, jobs: Vec<Job<'_>>) {
        let mut jobs: Vec<Option<Job<'_>>> = jobs.into_iter().map(Some).collect();
        for at in &self.0 {
            if let Some(job) = jobs.get_mut(*at).and_then(Option::take) {
                job();
            }
        }
    }
}

fn graph(n_branches: usize) -> Graph<'static, String> {
    let branches = (0..n_branches).map(|at| {
        Branch::new(
            format!("b{at}"),
            move |text: &String, _| Ok(format!(" {at}:{}", text.len())),
            |text, part: String| text.push_str(&part),
        )
    });
    Graph::builder("parallel")
        .node(Node::parallel("all", branches.collect()))
        .start("all")
        .then("all", END)
        .build()
        .expect("built")
}

fn result(n_branches: usize, executor: &dyn Executor) -> String {
    let mut host = Host {
        executor,
        ..Host::plain()
    };
    let graph = graph(n_branches);
    let ended = graph
        .start("s".to_owned())
        .drive(&mut host, &mut |_| Ok(()));
    match ended {
        Ok(Ended::Done(text)) => text,
        other => format!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn any_order_of_finishing_gives_the_same_state(order in Just((0..7).collect::<Vec<_>>()).prop_shuffle()) {
        prop_assert_eq!(result(7, &Shuffled(order)), "s 0:1 1:1 2:1 3:1 4:1 5:1 6:1");
    }
}

#[test]
fn threads_give_the_same_state_and_run_each_branch_once() {
    for n_max in [0, 1, 2, 8, 64] {
        assert_eq!(result(5, &Threads { n_max }), "s 0:1 1:1 2:1 3:1 4:1");
    }
    let ran = AtomicUsize::new(0);
    let jobs = (0..100).map(|_| {
        Box::new(|| {
            ran.fetch_add(1, Ordering::Relaxed);
        }) as Job<'_>
    });
    Threads { n_max: 3 }.run(jobs.collect());
    assert_eq!(ran.into_inner(), 100);
}

#[test]
fn a_branch_that_fails_fails_the_node_and_changes_nothing() {
    let branch = |name: &str, say: Option<&'static str>| {
        Branch::new(
            name,
            move |_: &u32, _| match say {
                Some("panic") => panic!("boom"),
                Some(reason) => Err(Stop::failed(reason)),
                None => Ok(1),
            },
            |state, part: u32| *state += part,
        )
    };
    for (says, expected) in [
        ([None, Some("late"), Some("later")], "branch `b`: late"),
        ([Some("panic"), None, None], "branch `a`: it panicked: boom"),
    ] {
        let [a, b, c] = says;
        let node = Node::parallel("all", vec![branch("a", a), branch("b", b), branch("c", c)]);
        let graph = Graph::builder("g")
            .node(node)
            .start("all")
            .then("all", END)
            .build();
        let graph = graph.expect("built");
        for order in [vec![0, 1, 2], vec![2, 1, 0]] {
            let executor = Shuffled(order);
            let mut host = Host {
                executor: &executor,
                boundary: &catching,
                ..Host::plain()
            };
            let mut run = graph.start(0);
            let error = run.advance(&mut host).expect_err("fails");
            let RunError::Failed { source, .. } = error else {
                panic!("{error}")
            };
            assert_eq!(source.reason, expected);
            assert_eq!(*run.checkpoint().into_state(), 0);
        }
    }
}
