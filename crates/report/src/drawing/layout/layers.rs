//! Which layer does each node stand in, and which layers does each edge pass?

use super::{GAP_LINE, GAP_X, Input, LOOP_WIDTH, Path, Place, Plan, What};

/// Gives every node a layer and every edge its places.
pub(super) fn plan(input: &Input) -> Plan {
    let turned = turned(input);
    let downward: Vec<(usize, usize)> = input
        .edges
        .iter()
        .zip(&turned)
        .map(|((from, to, _), is_turned)| {
            if *is_turned {
                (*to, *from)
            } else {
                (*from, *to)
            }
        })
        .collect();
    // Labels stand between the layers of the nodes: each second layer is theirs.
    let span = if input.edges.iter().any(|(_, _, label)| label.is_some()) {
        2
    } else {
        1
    };
    let layers = longest_paths(input.nodes.len(), &downward, span);
    let n_layers = layers.iter().max().map_or(0, |last| last + 1);
    let mut plan = Plan {
        places: Vec::new(),
        layers: vec![Vec::new(); n_layers],
        paths: Vec::new(),
    };
    place_nodes(&mut plan, input, &layers);
    place_edges(&mut plan, input, &downward, &turned, &layers);
    plan
}

/// Gives each node its place, with room beside it for edges from it to itself.
fn place_nodes(plan: &mut Plan, input: &Input, layers: &[usize]) {
    for (at, (size, layer)) in input.nodes.iter().zip(layers).enumerate() {
        let half = size.width / 2 + GAP_X / 2;
        let loops = input
            .edges
            .iter()
            .filter(|(from, to, _)| from == to && *from == at)
            .map(|(_, _, label)| label.unwrap_or_default());
        let (mut beside, mut room) = (0, size.height);
        for label in loops {
            beside = beside.max(LOOP_WIDTH + label.width + 6);
            room = room.max(label.height);
        }
        let place = plan.add(What::Node(at), half, half + beside, size.height, *layer);
        if let Some(place) = plan.places.get_mut(place) {
            place.room = room;
        }
    }
}

/// Gives each edge a place in every layer that it crosses; the first holds its label.
fn place_edges(
    plan: &mut Plan,
    input: &Input,
    downward: &[(usize, usize)],
    turned: &[bool],
    layers: &[usize],
) {
    for (((from, to, label), (top, bottom)), is_turned) in
        input.edges.iter().zip(downward).zip(turned)
    {
        let mut path = Path {
            places: Vec::new(),
            is_turned: *is_turned,
        };
        let (first, last) = (at(layers, *top), at(layers, *bottom));
        if from != to {
            path.places.push(*top);
            for layer in first + 1..last {
                let place = match label {
                    Some(size) if layer == first + 1 => {
                        let half = size.width / 2 + GAP_LINE;
                        plan.add(What::Label, half, half, size.height, layer)
                    }
                    _ => plan.add(What::Pass, GAP_LINE, GAP_LINE, 0, layer),
                };
                path.places.push(place);
            }
            path.places.push(*bottom);
        }
        plan.join(&path);
        plan.paths.push(path);
    }
}

fn at(layers: &[usize], node: usize) -> usize {
    layers.get(node).copied().unwrap_or(0)
}

impl Plan {
    fn add(&mut self, what: What, left: i64, right: i64, height: i64, layer: usize) -> usize {
        let place = self.places.len();
        self.places.push(Place {
            what,
            left,
            right,
            height,
            room: height,
            layer,
            above: Vec::new(),
            below: Vec::new(),
        });
        if let Some(row) = self.layers.get_mut(layer) {
            row.push(place);
        }
        place
    }

    /// Makes each place of a path know the one above and the one below.
    fn join(&mut self, path: &Path) {
        for pair in path.places.windows(2) {
            let [upper, lower] = pair else { continue };
            if let Some(place) = self.places.get_mut(*upper) {
                place.below.push(*lower);
            }
            if let Some(place) = self.places.get_mut(*lower) {
                place.above.push(*upper);
            }
        }
    }
}

/// Which edges lead back to a node that the walk is still below of: turned round, no cycle is left.
fn turned(input: &Input) -> Vec<bool> {
    let n_nodes = input.nodes.len();
    let mut out: Vec<Vec<(usize, usize)>> = vec![Vec::new(); n_nodes];
    for (edge, (from, to, _)) in input.edges.iter().enumerate() {
        if from != to
            && let Some(edges) = out.get_mut(*from)
        {
            edges.push((edge, *to));
        }
    }
    let mut turned = vec![false; input.edges.len()];
    // 0 not seen, 1 on the path, 2 done.
    let mut state = vec![0_u8; n_nodes];
    let has_way_in = |node: usize| {
        input
            .edges
            .iter()
            .any(|(from, to, _)| *to == node && from != to)
    };
    let (sources, others): (Vec<usize>, Vec<usize>) =
        (0..n_nodes).partition(|node| !has_way_in(*node));
    for start in sources.into_iter().chain(others) {
        if state.get(start) != Some(&0) {
            continue;
        }
        set(&mut state, start, 1);
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let edges = out.get(*node).map(Vec::as_slice).unwrap_or_default();
            let Some((edge, to)) = edges.get(*next).copied() else {
                set(&mut state, *node, 2);
                path.pop();
                continue;
            };
            *next += 1;
            match state.get(to) {
                Some(0) => {
                    set(&mut state, to, 1);
                    path.push((to, 0));
                }
                Some(1) => set(&mut turned, edge, true),
                _ => {}
            }
        }
    }
    turned
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

/// The layer of each node: as far down as the longest way to it; a node that nothing leads to
/// stands right above the first that it leads to.
fn longest_paths(n_nodes: usize, edges: &[(usize, usize)], span: usize) -> Vec<usize> {
    let mut layers = vec![0_usize; n_nodes];
    // The edges hold no cycle, so this is still after as many rounds as there are nodes.
    for _ in 0..n_nodes {
        let mut still = true;
        for (from, to) in edges.iter().filter(|(from, to)| from != to) {
            let least = at(&layers, *from) + span;
            if at(&layers, *to) < least {
                set(&mut layers, *to, least);
                still = false;
            }
        }
        if still {
            break;
        }
    }
    for node in 0..n_nodes {
        let is_source = !edges.iter().any(|(from, to)| *to == node && from != to);
        let nearest = edges
            .iter()
            .filter(|(from, to)| *from == node && from != to)
            .map(|(_, to)| at(&layers, *to))
            .min();
        if let (true, Some(nearest)) = (is_source, nearest) {
            set(&mut layers, node, nearest.saturating_sub(span));
        }
    }
    layers
}
