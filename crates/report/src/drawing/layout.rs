//! Where do boxes, labels and lines stand? Layers from the top down.
//!
//! The method of Sugiyama, Tagawa and Toda (1981): cycles are opened by turning edges round, each
//! node gets the layer of its longest path, edges that pass several layers get a place in each of
//! them, the order in the layers follows the barycentre of the neighbours, and positions are the
//! least squares that keep the distances. A label of an edge is one of its places, as wide as the
//! text, so it can cover nothing.
//! Determinism: integers alone; ties are broken by the order of the nodes and edges.
//! Cost: about `O(sweeps * (places + crossings))`; meant for up to some hundred nodes.

mod layers;
mod order;
mod place;

/// Free space between two boxes of a layer.
const GAP_X: i64 = 28;
/// Free space beside a line that passes.
const GAP_LINE: i64 = 14;
/// Free space between two layers.
const GAP_Y: i64 = 26;
/// Free space around the drawing.
const MARGIN: i64 = 16;
/// Width of the loop of an edge from a node to itself; its handles reach a third farther.
const LOOP_WIDTH: i64 = 26;
/// How far the handles of that loop reach.
pub(crate) const LOOP_REACH: i64 = LOOP_WIDTH * 4 / 3;

/// Width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: i64,
    pub(crate) height: i64,
}

/// What is to be laid out.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) nodes: Vec<Size>,
    /// From, to, and the size of the label if there is one. Of several loops of one node the
    /// first alone may have a label.
    pub(crate) edges: Vec<(usize, usize, Option<Size>)>,
}

/// A point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) x: i64,
    pub(crate) y: i64,
}

/// A line of an edge: where it bends, and where its label stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Pieces from the top down, each two points; between them stands the label.
    pub(crate) pieces: Vec<(Point, Point)>,
    /// Centre of the label.
    pub(crate) label: Option<Point>,
    /// Whether the arrow points up, because the edge leads back.
    pub(crate) is_turned: bool,
    /// Whether it is a loop at the right of its node.
    pub(crate) is_loop: bool,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) size: Size,
    /// Centres of the nodes.
    pub(crate) nodes: Vec<Point>,
    /// One line an edge.
    pub(crate) lines: Vec<Line>,
}

/// What stands at a place of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Node(usize),
    /// An edge passes.
    Pass,
    /// The label of an edge.
    Label,
}

/// A place in a layer.
#[derive(Clone, Debug)]
struct Place {
    what: What,
    /// Room to the left of the centre, and to the right.
    left: i64,
    right: i64,
    height: i64,
    /// Height that the layer must have for it.
    room: i64,
    layer: usize,
    above: Vec<usize>,
    below: Vec<usize>,
}

/// An edge as a chain of places from the top down.
#[derive(Clone, Debug, Default)]
struct Path {
    places: Vec<usize>,
    is_turned: bool,
}

/// Places, layers (each a list of places from left to right) and paths of the edges.
struct Plan {
    places: Vec<Place>,
    layers: Vec<Vec<usize>>,
    paths: Vec<Path>,
}

/// Lays out the drawing.
pub(crate) fn layout(input: &Input) -> Layout {
    let mut plan = layers::plan(input);
    order::order(&mut plan);
    place::place(input, &plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Left, top, right, bottom.
    type Area = [i64; 4];

    fn area(centre: Point, size: Size) -> Area {
        let (half_width, half_height) = (size.width / 2, size.height / 2);
        [
            centre.x - half_width,
            centre.y - half_height,
            centre.x + half_width,
            centre.y + half_height,
        ]
    }

    fn overlap(a: &Area, b: &Area) -> bool {
        a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
    }

    fn input() -> impl Strategy<Value = Input> {
        let size = |most: i64| {
            (8..most, 1_i64..4).prop_map(|(width, lines)| Size {
                width,
                height: lines * 16,
            })
        };
        (1_usize..40).prop_flat_map(move |n| {
            let edge = (0..n, 0..n, prop::option::of(size(250)));
            (
                prop::collection::vec(size(240), n),
                prop::collection::vec(edge, 0..60),
            )
                .prop_map(|(nodes, edges)| Input { nodes, edges })
                .prop_map(|mut input| {
                    // The writer joins the labels of all loops of a node.
                    let mut looped = vec![false; input.nodes.len()];
                    for (from, to, label) in &mut input.edges {
                        if from == to && std::mem::replace(&mut looped[*from], true) {
                            *label = None;
                        }
                    }
                    input
                })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn nothing_covers_anything(input in input()) {
            let laid = layout(&input);
            prop_assert_eq!(laid.lines.len(), input.edges.len());
            let boxes = laid.nodes.iter().zip(&input.nodes).map(|(at, size)| area(*at, *size));
            let labels = laid.lines.iter().zip(&input.edges).filter_map(|(line, (_, _, size))| {
                Some(area(line.label?, (*size)?))
            });
            let areas: Vec<Area> = boxes.chain(labels).collect();
            let n_labels = input.edges.iter().filter(|(_, _, size)| size.is_some()).count();
            prop_assert_eq!(areas.len(), input.nodes.len() + n_labels, "each label has its place");
            for (at, one) in areas.iter().enumerate() {
                for other in areas.iter().skip(at + 1) {
                    prop_assert!(!overlap(one, other), "{one:?} {other:?}");
                }
                let inside = one[0] >= 0 && one[1] >= 0
                    && one[2] <= laid.size.width && one[3] <= laid.size.height;
                prop_assert!(inside, "{one:?} in {:?}", laid.size);
            }
            // A straight piece passes through no box and no label.
            for (start, end) in laid.lines.iter().filter(|line| !line.is_loop).flat_map(|line| &line.pieces) {
                let straight = [start.x, start.y, end.x, end.y];
                let bent_in_gap = start.x != end.x;
                for one in areas.iter().filter(|_| !bent_in_gap) {
                    prop_assert!(!overlap(one, &straight), "{one:?} {straight:?}");
                }
                // A bent piece lies between two layers: no box reaches into its height.
                for one in areas.iter().filter(|_| bent_in_gap) {
                    prop_assert!(one[1] >= end.y || one[3] <= start.y, "{one:?} {straight:?}");
                }
            }
            prop_assert_eq!(laid, layout(&input));
        }
    }

    #[test]
    fn a_line_of_nodes_is_straight() {
        let size = Size {
            width: 80,
            height: 32,
        };
        let label = Some(Size {
            width: 120,
            height: 16,
        });
        let laid = layout(&Input {
            nodes: vec![size; 4],
            edges: vec![(0, 1, None), (1, 2, label), (2, 3, None)],
        });
        let x: Vec<i64> = laid.nodes.iter().map(|node| node.x).collect();
        assert!(x.iter().all(|value| *value == x[0]), "{x:?}");
        assert!(laid.nodes.windows(2).all(|pair| pair[0].y < pair[1].y));
    }

    #[test]
    fn an_edge_back_points_up() {
        let size = Size {
            width: 80,
            height: 32,
        };
        let laid = layout(&Input {
            nodes: vec![size; 2],
            edges: vec![(0, 1, None), (1, 0, None), (1, 1, None)],
        });
        let turned: Vec<bool> = laid.lines.iter().map(|line| line.is_turned).collect();
        assert_eq!(turned, [false, true, false]);
        assert!(laid.lines[2].is_loop);
    }
}
