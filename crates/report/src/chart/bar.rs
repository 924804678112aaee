//! Horizontal bars: one number a row.

use super::{Caption, LABEL_WIDTH, WIDTH, bar_width, label};
use askama::Template;

const ROW_HEIGHT: u64 = 30;

/// One bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// What is counted.
    pub(crate) label: String,
    /// How many.
    pub(crate) value: u64,
    /// Class that gives it colour and pattern.
    pub(crate) class: &'static str,
}

struct Drawn {
    label: String,
    value: u64,
    class: &'static str,
    y: u64,
    y_text: u64,
    width: u64,
    x_number: u64,
}

#[derive(Template)]
#[template(path = "chart/bars.svg", whitespace = "minimize")]
struct Bars<'a> {
    caption: &'a Caption,
    width: u64,
    height: u64,
    x: u64,
    rows: Vec<Drawn>,
}

/// Draws bars from the top down.
///
/// # Errors
/// Whatever the template engine says.
pub(crate) fn bars(caption: &Caption, bars: &[Bar]) -> Result<String, askama::Error> {
    let largest = bars.iter().map(|bar| bar.value).max().unwrap_or(0);
    let rows: Vec<Drawn> = (0..)
        .zip(bars)
        .map(|(position, bar)| {
            let width = bar_width(bar.value, largest);
            Drawn {
                label: label(&bar.label),
                value: bar.value,
                class: bar.class,
                y: position * ROW_HEIGHT + 5,
                y_text: position * ROW_HEIGHT + 19,
                width,
                x_number: LABEL_WIDTH + width + 8,
            }
        })
        .collect();
    Bars {
        caption,
        width: WIDTH,
        height: rows.len() as u64 * ROW_HEIGHT,
        x: LABEL_WIDTH,
        rows,
    }
    .render()
}
