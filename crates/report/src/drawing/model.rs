//! A drawing with numbers for names: what the layout and the writers work on.

use super::{Class, Drawing, DrawnNode};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Nodes and edges by position; every edge has both ends.
pub(crate) struct Model<'d> {
    pub(crate) nodes: Vec<Cow<'d, DrawnNode>>,
    /// From, to, in the order of [`Drawing::edges`].
    pub(crate) ends: Vec<(usize, usize)>,
}

impl<'d> Model<'d> {
    /// A second node of the same id is left out, an end without a node gets one.
    pub(crate) fn of(drawing: &'d Drawing) -> Self {
        let mut nodes: Vec<Cow<'d, DrawnNode>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for node in &drawing.nodes {
            places.entry(&node.id).or_insert_with(|| {
                nodes.push(Cow::Borrowed(node));
                nodes.len() - 1
            });
        }
        let mut place = |id: &'d str| {
            *places.entry(id).or_insert_with(|| {
                nodes.push(Cow::Owned(DrawnNode {
                    id: id.to_owned(),
                    label: id.to_owned(),
                    detail: String::new(),
                    class: Class::default(),
                }));
                nodes.len() - 1
            })
        };
        let ends = drawing
            .edges
            .iter()
            .map(|edge| (place(&edge.from), place(&edge.to)))
            .collect();
        Self { nodes, ends }
    }
}
