//! Where exactly does everything stand? Least squares within each layer, layer by layer.
//!
//! Each place wants to stand at the mean of its neighbours. With the distances taken out, the best
//! positions of a layer are an isotonic regression, which pooling of adjacent violators solves
//! exactly (Ayer et al., 1955). A line that passes weighs more than a box, so that long lines are
//! straight.

use super::{GAP_Y, Input, LOOP_WIDTH, Layout, Line, MARGIN, Path, Plan, Point, Size, What};

/// Rounds of down and up; the last ones move nothing more in practice.
const ROUNDS: usize = 10;

/// Positions of everything.
pub(super) fn place(input: &Input, plan: &Plan) -> Layout {
    let mut x = packed(plan);
    for round in 0..ROUNDS {
        let downward = round % 2 == 0;
        let n_layers = plan.layers.len();
        for step in 0..n_layers {
            let layer = if downward { step } else { n_layers - 1 - step };
            // The last rounds look at both sides.
            let both = round + 3 > ROUNDS;
            settle(plan, layer, downward, both, &mut x);
        }
    }
    let edge = |place: usize, known: &super::Place| read(&x, place) - known.left;
    let least = plan
        .places
        .iter()
        .enumerate()
        .map(|(at, known)| edge(at, known))
        .min();
    let shift = MARGIN - least.unwrap_or(0);
    for value in &mut x {
        *value += shift;
    }
    let rows = rows(plan);
    let lines = plan.paths.iter().enumerate().map(|(at, path)| {
        if path.places.is_empty() {
            looped(input, at, &x, &rows, plan)
        } else {
            line(plan, path, &x, &rows)
        }
    });
    let right = plan
        .places
        .iter()
        .enumerate()
        .map(|(at, known)| read(&x, at) + known.right)
        .max();
    let bottom = rows.last().map_or(0, |row| row.bottom);
    Layout {
        size: Size {
            width: right.unwrap_or(0) + MARGIN,
            height: bottom + MARGIN,
        },
        nodes: (0..input.nodes.len())
            .map(|node| Point {
                x: read(&x, node),
                y: row_of(plan, &rows, node).middle(),
            })
            .collect(),
        lines: lines.collect(),
    }
}

fn read(x: &[i64], place: usize) -> i64 {
    x.get(place).copied().unwrap_or(0)
}

/// All layers packed to the left.
fn packed(plan: &Plan) -> Vec<i64> {
    let mut x = vec![0; plan.places.len()];
    for layer in &plan.layers {
        let mut edge = 0;
        for place in layer {
            if let (Some(known), Some(slot)) = (plan.places.get(*place), x.get_mut(*place)) {
                *slot = edge + known.left;
                edge += known.left + known.right;
            }
        }
    }
    x
}

/// Neighbouring places that moved together: sum of wishes times weight, weight, members.
struct Pool {
    sum: i64,
    weight: i64,
    n_members: usize,
}

impl Pool {
    fn mean(&self) -> i64 {
        self.sum.div_euclid(self.weight.max(1))
    }
}

fn settle(plan: &Plan, layer: usize, downward: bool, both: bool, x: &mut [i64]) {
    let Some(row) = plan.layers.get(layer) else {
        return;
    };
    let mut pools: Vec<Pool> = Vec::new();
    let mut offsets = Vec::with_capacity(row.len());
    let mut offset = 0;
    let mut right = None;
    for place in row {
        let Some(known) = plan.places.get(*place) else {
            continue;
        };
        offset += right.map_or(0, |right: i64| right + known.left);
        right = Some(known.right);
        offsets.push(offset);
        let (near, far) = if downward {
            (&known.above, &known.below)
        } else {
            (&known.below, &known.above)
        };
        let mut neighbours: Vec<i64> = near.iter().map(|other| read(x, *other)).collect();
        if both || neighbours.is_empty() {
            neighbours.extend(far.iter().map(|other| read(x, *other)));
        }
        let n = i64::try_from(neighbours.len()).unwrap_or(1);
        let wish = neighbours
            .iter()
            .sum::<i64>()
            .checked_div(n)
            .unwrap_or(read(x, *place));
        let weight = match known.what {
            What::Pass => 8,
            What::Label => 4,
            What::Node(_) => 1 + n,
        };
        pools.push(Pool {
            sum: (wish - offset) * weight,
            weight,
            n_members: 1,
        });
        while let [.., before, last] = pools.as_mut_slice()
            && before.mean() > last.mean()
        {
            before.sum += last.sum;
            before.weight += last.weight;
            before.n_members += last.n_members;
            pools.pop();
        }
    }
    let values = pools
        .iter()
        .flat_map(|pool| std::iter::repeat_n(pool.mean(), pool.n_members));
    for ((place, offset), value) in row.iter().zip(offsets).zip(values) {
        if let Some(slot) = x.get_mut(*place) {
            *slot = value + offset;
        }
    }
}

/// Top and bottom of a layer.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    top: i64,
    bottom: i64,
}

impl Row {
    const fn middle(self) -> i64 {
        i64::midpoint(self.top, self.bottom)
    }
}

fn rows(plan: &Plan) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut top = MARGIN;
    for layer in &plan.layers {
        let height = layer
            .iter()
            .filter_map(|place| plan.places.get(*place))
            .map(|known| known.room)
            .max();
        let height = height.unwrap_or(0);
        rows.push(Row {
            top,
            bottom: top + height,
        });
        top += height + GAP_Y;
    }
    rows
}

fn row_of(plan: &Plan, rows: &[Row], place: usize) -> Row {
    let layer = plan.places.get(place).map_or(0, |known| known.layer);
    rows.get(layer).copied().unwrap_or_default()
}

/// Where a line touches a place at its bottom (or top): several lines share the width of a box.
fn port(plan: &Plan, x: &[i64], place: usize, other: usize, at_bottom: bool) -> i64 {
    let Some(known) = plan.places.get(place) else {
        return 0;
    };
    let centre = read(x, place);
    if !matches!(known.what, What::Node(_)) {
        return centre;
    }
    let mut others = if at_bottom {
        known.below.clone()
    } else {
        known.above.clone()
    };
    others.sort_by_key(|place| (read(x, *place), *place));
    let n = i64::try_from(others.len()).unwrap_or(1);
    let rank = others.iter().position(|place| *place == other).unwrap_or(0);
    let rank = i64::try_from(rank).unwrap_or(0);
    // Two thirds of the box, so that round corners are not touched; 16 pixels apart at most.
    let step = ((known.left - super::GAP_X / 2) * 4 / 3).min(16 * (n + 1)) / (n + 1);
    centre + (2 * rank + 1 - n) * step / 2
}

fn line(plan: &Plan, path: &Path, x: &[i64], rows: &[Row]) -> Line {
    let mut line = Line {
        is_turned: path.is_turned,
        ..Line::default()
    };
    // Boxes may be lower than their layer is high.
    let half = |place: usize| plan.places.get(place).map_or(0, |known| known.height / 2);
    for pair in path.places.windows(2) {
        let [upper, lower] = pair else { continue };
        let (above, below) = (row_of(plan, rows, *upper), row_of(plan, rows, *lower));
        let start = Point {
            x: port(plan, x, *upper, *lower, true),
            y: above.middle() + half(*upper),
        };
        let end = Point {
            x: port(plan, x, *lower, *upper, false),
            y: below.middle() - half(*lower),
        };
        // Straight past what stands beside it, bent only between the layers.
        let (bend, unbend) = (
            Point {
                y: above.bottom.max(start.y),
                ..start
            },
            Point {
                y: below.top.min(end.y),
                ..end
            },
        );
        line.pieces
            .extend([(start, bend), (bend, unbend), (unbend, end)]);
        if plan.places.get(*lower).map(|known| known.what) == Some(What::Label) {
            line.label = Some(Point {
                x: read(x, *lower),
                y: below.middle(),
            });
        }
    }
    line.pieces.retain(|(start, end)| start != end);
    line
}

/// A loop at the right side of a box.
fn looped(input: &Input, edge: usize, x: &[i64], rows: &[Row], plan: &Plan) -> Line {
    let Some((node, _, label)) = input.edges.get(edge) else {
        return Line::default();
    };
    let size = input.nodes.get(*node).copied().unwrap_or_default();
    let middle = row_of(plan, rows, *node).middle();
    let right = read(x, *node) + size.width / 2;
    let reach = size.height / 4;
    Line {
        pieces: vec![(
            Point {
                x: right,
                y: middle - reach,
            },
            Point {
                x: right,
                y: middle + reach,
            },
        )],
        label: label.map(|label| Point {
            x: right + LOOP_WIDTH + 3 + label.width / 2,
            y: middle,
        }),
        is_turned: false,
        is_loop: true,
    }
}
