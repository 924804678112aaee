//! Charts as SVG: bars and stacked bars, drawn here so that a page needs no script for them.
//!
//! Invariants (a chart is read by people who see no colour, on paper, and by screen readers):
//! - colour, pattern and text all say the same; colour comes from classes of the page's style
//!   sheet, never from attributes;
//! - each chart has a title and a description in words, and the page puts its numbers in a table
//!   beside it;
//! - a chart is text with all input escaped by the template engine.

mod bar;
mod stacked;

pub(crate) use bar::{Bar, bars};
pub(crate) use stacked::{Part, Row, stacked};

/// Width of a chart in its own units; at 440 CSS pixels its text is 12 pixels high.
const WIDTH: u64 = 440;
/// Width of the labels at the left.
const LABEL_WIDTH: u64 = 156;
/// Width that is kept free for the number at the right.
const NUMBER_WIDTH: u64 = 44;
/// Letters of a label that fit; longer ones are cut, the table beside the chart has them whole.
const LABEL_LETTERS_MAX: usize = 22;

/// What a chart is called, and what it says, in words.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    /// Prefix of the ids inside the drawing, unique in the page.
    pub(crate) id: &'static str,
    /// What is shown.
    pub(crate) title: String,
    /// What it says: smallest, largest, what stands out.
    pub(crate) description: String,
}

/// The part `value` of `largest` in the width that bars have; a value above 0 is always seen.
fn bar_width(value: u64, largest: u64) -> u64 {
    let room = WIDTH - LABEL_WIDTH - NUMBER_WIDTH;
    match value.saturating_mul(room).checked_div(largest) {
        Some(width) if value > 0 => width.clamp(3, room),
        _ => 0,
    }
}

fn label(text: &str) -> String {
    if text.chars().count() <= LABEL_LETTERS_MAX {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(LABEL_LETTERS_MAX - 1).collect();
    cut.push('\u{2026}');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_in_proportion_and_never_vanish() {
        assert_eq!(bar_width(0, 10), 0);
        assert_eq!(bar_width(10, 10), 240);
        assert_eq!(bar_width(5, 10), 120);
        assert_eq!(bar_width(1, 100_000), 3);
        assert_eq!(bar_width(1, 0), 0);
    }

    #[test]
    fn long_labels_are_cut_at_letters() {
        assert_eq!(label("short"), "short");
        assert_eq!(
            label(&"\u{e4}".repeat(40)).chars().count(),
            LABEL_LETTERS_MAX
        );
    }
}
