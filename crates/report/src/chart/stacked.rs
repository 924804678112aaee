//! Horizontal stacked bars: what a row's number is made of.

use super::{Caption, LABEL_WIDTH, WIDTH, bar_width, label};
use askama::Template;

const ROW_HEIGHT: u64 = 24;

/// One part of a row.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// How many.
    pub(crate) value: u64,
    /// Class that gives it colour and pattern.
    pub(crate) class: &'static str,
    /// What the part is, for the tooltip.
    pub(crate) name: &'static str,
}

/// One row; its length is the sum of its parts.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What is counted.
    pub(crate) label: String,
    /// Parts from left to right; the same order in all rows.
    pub(crate) parts: Vec<Part>,
}

impl Row {
    fn total(&self) -> u64 {
        self.parts.iter().map(|part| part.value).sum()
    }
}

struct DrawnPart {
    x: u64,
    width: u64,
    class: &'static str,
    hint: String,
}

struct Drawn {
    label: String,
    total: u64,
    y: u64,
    y_text: u64,
    parts: Vec<DrawnPart>,
    x_number: u64,
}

#[derive(Template)]
#[template(path = "chart/stacked.svg", whitespace = "minimize")]
struct Stacked<'a> {
    caption: &'a Caption,
    width: u64,
    height: u64,
    rows: Vec<Drawn>,
}

/// Draws stacked bars from the top down.
///
/// # Errors
/// Whatever the template engine says.
pub(crate) fn stacked(caption: &Caption, rows: &[Row]) -> Result<String, askama::Error> {
    let largest = rows.iter().map(Row::total).max().unwrap_or(0);
    let rows: Vec<Drawn> = (0..)
        .zip(rows)
        .map(|(position, row)| draw(position, row, largest))
        .collect();
    Stacked {
        caption,
        width: WIDTH,
        height: rows.len() as u64 * ROW_HEIGHT,
        rows,
    }
    .render()
}

/// Parts end where the running sum ends, so that rounding never makes a row longer than its total.
fn draw(position: u64, row: &Row, largest: u64) -> Drawn {
    let mut sum = 0;
    let mut x = LABEL_WIDTH;
    let mut parts = Vec::new();
    for part in row.parts.iter().filter(|part| part.value > 0) {
        sum += part.value;
        let end = (LABEL_WIDTH + bar_width(sum, largest)).max(x + 3);
        parts.push(DrawnPart {
            x,
            width: end - x,
            class: part.class,
            hint: format!("{}: {}", part.name, part.value),
        });
        x = end;
    }
    Drawn {
        label: label(&row.label),
        total: sum,
        y: position * ROW_HEIGHT + 4,
        y_text: position * ROW_HEIGHT + 16,
        parts,
        x_number: x + 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_touch_and_text_is_escaped() {
        let part = |value, class| Part {
            value,
            class,
            name: "n",
        };
        let row = Row {
            label: "<b>&\"x".to_owned(),
            parts: vec![part(1, "a"), part(0, "b"), part(3, "c")],
        };
        let drawn = draw(0, &row, 4);
        assert_eq!(drawn.parts.len(), 2);
        assert_eq!(drawn.parts[1].x, drawn.parts[0].x + drawn.parts[0].width);
        assert_eq!(drawn.parts[0].width, 60);
        let caption = Caption {
            id: "t",
            title: "</title>".to_owned(),
            description: String::new(),
        };
        let svg = stacked(&caption, &[row]).expect("drawn");
        assert!(!svg.contains("<b>") && !svg.contains("</title></title>"));
    }
}
