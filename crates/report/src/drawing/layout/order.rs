//! In which order do places stand in their layer, so that few lines cross?
//!
//! Down and up in turn, each layer is sorted by the mean position of its neighbours in the layer
//! before; the best order that was seen is kept.

use super::Plan;

/// More rounds seldom gain anything.
const ROUNDS: usize = 12;

/// Orders all layers.
pub(super) fn order(plan: &mut Plan) {
    let mut best = plan.layers.clone();
    let mut fewest = crossings(plan);
    for round in 0..ROUNDS {
        let downward = round % 2 == 0;
        let n_layers = plan.layers.len();
        for step in 1..n_layers {
            let layer = if downward { step } else { n_layers - 1 - step };
            sort(plan, layer, downward);
        }
        let crossed = crossings(plan);
        if crossed < fewest {
            fewest = crossed;
            best.clone_from(&plan.layers);
        }
    }
    plan.layers = best;
}

/// The position of every place in its layer.
fn positions(plan: &Plan) -> Vec<usize> {
    let mut positions = vec![0; plan.places.len()];
    for layer in &plan.layers {
        for (position, place) in layer.iter().enumerate() {
            if let Some(slot) = positions.get_mut(*place) {
                *slot = position;
            }
        }
    }
    positions
}

fn sort(plan: &mut Plan, layer: usize, downward: bool) {
    let positions = positions(plan);
    let Some(row) = plan.layers.get(layer) else {
        return;
    };
    let position = |place: usize| positions.get(place).copied().unwrap_or(0);
    let mut keyed: Vec<(u64, usize)> = row
        .iter()
        .map(|place| {
            let neighbours = plan
                .places
                .get(*place)
                .map(|known| if downward { &known.above } else { &known.below });
            let neighbours = neighbours.map(Vec::as_slice).unwrap_or_default();
            let sum: usize = neighbours.iter().map(|other| position(*other)).sum();
            // A place without neighbours stays where it is. The mean is kept to a thousandth.
            let key = (sum * 1000).checked_div(neighbours.len());
            (key.unwrap_or(position(*place) * 1000) as u64, *place)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    let sorted = keyed.into_iter().map(|(_, place)| place).collect();
    if let Some(row) = plan.layers.get_mut(layer) {
        *row = sorted;
    }
}

/// Number of crossings between all neighbouring layers.
fn crossings(plan: &Plan) -> u64 {
    let positions = positions(plan);
    let position = |place: usize| positions.get(place).copied().unwrap_or(0);
    let mut crossed = 0;
    for layer in &plan.layers {
        let mut lines: Vec<(usize, usize)> = Vec::new();
        for place in layer {
            let below = plan.places.get(*place).map(|known| known.below.as_slice());
            for other in below.unwrap_or_default() {
                lines.push((position(*place), position(*other)));
            }
        }
        lines.sort_unstable();
        for (at, (upper, lower)) in lines.iter().enumerate() {
            let later = lines.iter().skip(at + 1);
            crossed += later.filter(|(u, l)| u > upper && l < lower).count() as u64;
        }
    }
    crossed
}
