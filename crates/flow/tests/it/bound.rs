//! No run exceeds the bound that the graph states, whatever its nodes and routers do.

use casemate_base::retry::{RetryParams, RetryPolicy};
use casemate_flow::{Builder, END, Edge, Ended, Graph, Host, Node, Stop};
use proptest::prelude::*;
use std::cell::Cell;

/// One edge of a random graph: where to, and the bound if it may lead back.
type Drawn = (usize, Option<u32>);

/// A graph of which every node writes down that it ran. Routers and failures follow `luck`.
fn graph<'g>(
    nodes: &'g [Vec<Drawn>],
    fallbacks: &'g [Option<usize>],
    luck: &'g Cell<u64>,
) -> Builder<'g, u64> {
    let name = |at: usize| {
        if at >= nodes.len() {
            END.to_owned()
        } else {
            format!("n{at}")
        }
    };
    let throw = move || {
        // A linear congruential generator (Knuth's MMIX): the graph must hold for any choices.
        let next = luck
            .get()
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        luck.set(next);
        next >> 33
    };
    let policy: RetryPolicy = RetryParams {
        attempts_max: 2,
        ..RetryParams::default()
    }
    .check()
    .expect("policy");
    let mut builder = Graph::builder("random").start("n0");
    for (at, edges) in nodes.iter().enumerate() {
        let mut node = Node::new(name(at), move |n: u64, _| {
            if throw() % 4 == 0 {
                Err(Stop::failed("bad luck"))
            } else {
                Ok(n + 1)
            }
        })
        .retry(policy);
        node = match fallbacks.get(at).copied().flatten() {
            Some(to) if to < nodes.len() => node.or_go(name(to)),
            _ => node.or_skip(|_, _| {}),
        };
        builder = builder.node(node);
        let drawn: Vec<Edge> = edges
            .iter()
            .enumerate()
            .map(|(label, (to, bound))| match bound {
                Some(bound) => Edge::back(format!("e{label}"), name(*to), *bound, name(at + 1)),
                None => Edge::to(format!("e{label}"), name(*to)),
            })
            .collect();
        let n_edges = drawn.len() as u64;
        builder = builder.choose(name(at), move |_| format!("e{}", throw() % n_edges), drawn);
    }
    builder
}

type Shape = (Vec<Vec<Drawn>>, Vec<Option<usize>>);

/// Edges that lead anywhere: most such graphs are refused.
fn any_shape() -> impl Strategy<Value = Shape> {
    (1_usize..8).prop_flat_map(|n| {
        let edge = (0..=n, prop::option::of(0_u32..4));
        (
            prop::collection::vec(prop::collection::vec(edge, 1..4), n),
            prop::collection::vec(prop::option::of(0..n), n),
        )
    })
}

/// The same with all that has no bound leading onward, and every node in reach: never refused.
fn sound_shape() -> impl Strategy<Value = Shape> {
    any_shape().prop_map(|(mut nodes, mut fallbacks)| {
        let n = nodes.len();
        for (at, edges) in nodes.iter_mut().enumerate() {
            edges.push((at + 1, None));
            for (to, bound) in edges {
                if bound.is_none() {
                    *to = (*to).max(at + 1);
                }
            }
        }
        for (at, fallback) in fallbacks.iter_mut().enumerate() {
            *fallback = fallback.map(|to| to.max(at + 1)).filter(|to| *to < n);
        }
        (nodes, fallbacks)
    })
}

/// Runs the graph unless it is refused; a run ends, within the bound.
fn check((nodes, fallbacks): &Shape, seed: u64, must_build: bool) -> Result<(), TestCaseError> {
    let luck = Cell::new(seed);
    let graph = match graph(nodes, fallbacks, &luck).build() {
        Ok(graph) => graph,
        Err(error) => {
            prop_assert!(!must_build, "{error}");
            return Ok(());
        }
    };
    let steps_max = graph.steps_max();
    let mut steps = 0;
    let run = graph.start(0);
    let ended = run.drive(&mut Host::plain(), &mut |checkpoint| {
        steps = checkpoint.steps();
        Ok(())
    });
    prop_assert!(matches!(ended, Ok(Ended::Done(_))), "{ended:?}");
    prop_assert!(steps >= 1 && steps <= steps_max, "{steps} of {steps_max}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_run_never_exceeds_the_bound(shape in sound_shape(), seed in any::<u64>()) {
        check(&shape, seed, true)?;
    }

    #[test]
    fn any_graph_is_refused_or_ends(shape in any_shape(), seed in any::<u64>()) {
        check(&shape, seed, false)?;
    }
}

#[test]
fn the_bound_is_reached_and_not_passed() {
    let graph = Graph::builder("loop")
        .node(Node::new("think", |n: u32, _| Ok(n + 1)))
        .start("think")
        .choose("think", |_| "again", [Edge::back("again", "think", 7, END)])
        .build()
        .expect("built");
    assert_eq!(graph.steps_max(), 8);
    let ended = graph.start(0).drive(&mut Host::plain(), &mut |_| Ok(()));
    assert_eq!(ended, Ok(Ended::Done(8)));
}
