//! A graph that is not whole is refused with the reason.

use casemate_flow::{Branch, BuildError, Builder, END, Edge, Graph, Node, Role};

fn node(name: &str) -> Node<'static, u32> {
    Node::new(name, |state, _| Ok(state))
}

fn base() -> Builder<'static, u32> {
    Graph::builder("g")
        .node(node("a"))
        .node(node("b"))
        .start("a")
}

fn refused(builder: Builder<'static, u32>) -> String {
    builder.build().expect_err("refused").to_string()
}

#[test]
fn what_is_wrong_is_named() {
    let chain = || base().then("a", "b").then("b", END);
    for (builder, expected) in [
        (chain().node(node("a")), "two nodes are called `a`"),
        (chain().node(node("end")), "no node may be called `end`"),
        (chain().node(node("")), "no node may be called ``"),
        (
            Graph::builder("g").node(node("a")).then("a", END),
            "no start is named",
        ),
        (chain().start("z"), "`start` leads to `z`, which is no node"),
        (
            base().then("a", "z").then("b", END),
            "`a` leads to `z`, which is no node",
        ),
        (
            chain().then("z", END),
            "edges are declared for `z`, which is no node",
        ),
        (base().then("a", "b"), "no edge leads out of `b`"),
        (
            chain().then("a", END),
            "the edges of `a` are declared twice",
        ),
        (base().then("a", END).then("b", END), "no path reaches `b`"),
        (
            base().then("a", "b").then("b", "a"),
            "the cycle `a`, `b` has no edge with a bound",
        ),
        (
            base()
                .then("a", "b")
                .choose("b", |_| "x", [Edge::to("x", END), Edge::to("x", "a")]),
            "two edges of `b` are called `x`",
        ),
        (
            base()
                .then("a", "b")
                .choose("b", |_| "x", Vec::<Edge>::new()),
            "no edge leads out of `b`",
        ),
        (
            // A spent edge that leads back without a bound of its own would never end.
            base()
                .then("a", "b")
                .choose("b", |_| "x", [Edge::back("x", "a", 3, "a")]),
            "the cycle `a`, `b` has no edge with a bound",
        ),
        (
            Graph::builder("g")
                .node(node("a").or_go("b"))
                .node(node("b"))
                .start("a")
                .then("a", END)
                .then("b", "a"),
            "the cycle `a`, `b` has no edge with a bound",
        ),
    ] {
        assert_eq!(refused(builder), expected);
    }
}

#[test]
fn branches_have_names_of_their_own() {
    let branch = |name: &str| Branch::new(name, |_: &u32, _| Ok(1), |state, part| *state += part);
    for branches in [Vec::new(), vec![branch("x"), branch("x")]] {
        let built = Graph::builder("g")
            .node(Node::parallel("a", branches))
            .start("a")
            .then("a", END)
            .build();
        let wrong = BuildError::Branches {
            node: "a".to_owned(),
        };
        assert_eq!(built.expect_err("refused"), wrong);
    }
}

#[test]
fn the_drawing_shows_every_way() {
    let graph = base()
        .then("a", "b")
        .choose(
            "b",
            |_| "good",
            [Edge::to("good", END), Edge::back("again", "a", 2, END)],
        )
        .build()
        .expect("built");
    let drawing = graph.drawing();
    let roles: Vec<Role> = drawing.nodes.iter().map(|node| node.role).collect();
    assert_eq!(roles, [Role::Start, Role::Step, Role::End]);
    let edges: Vec<_> = drawing
        .edges
        .iter()
        .map(|edge| {
            (
                edge.from.as_str(),
                edge.to.as_str(),
                edge.label.as_deref(),
                edge.times_max,
            )
        })
        .collect();
    assert_eq!(
        edges,
        [
            ("a", "b", None, None),
            ("b", "end", Some("good"), None),
            ("b", "a", Some("again"), Some(2)),
            ("b", "end", Some("again, spent"), None),
        ]
    );
    // Two nodes, and twice more round.
    assert_eq!(graph.steps_max(), 6);
}

#[test]
fn a_long_chain_is_no_danger_to_the_stack() {
    let mut builder = Graph::builder("long").start("n0");
    for at in 0..2_000 {
        builder = builder.node(node(&format!("n{at}")));
        let to = if at == 1_999 {
            END.to_owned()
        } else {
            format!("n{}", at + 1)
        };
        builder = builder.then(format!("n{at}"), to);
    }
    assert_eq!(builder.build().expect("built").steps_max(), 2_000);
}
