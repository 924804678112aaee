//! A drawing as a self-contained SVG: no script, nothing fetched, light and dark.
//!
//! Colours are plain values in classes, with a second set for a dark ground: many viewers know no
//! variables. Ids are made from the content, so that several drawings may stand in one page.

use super::layout::{self, Input, Line, Point, Size};
use super::measure::{LINE_HEIGHT, Lines};
use super::model::Model;
use super::{Class, Drawing, DrawnEdge, DrawnNode};
use casemate_base::hash;
use casemate_base::text::printable;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Letters of a line in a box, and lines.
const NODE_COLUMNS: usize = 30;
const NODE_LINES: usize = 3;
/// Letters of a line on an edge, and lines.
const EDGE_COLUMNS: usize = 34;
const EDGE_LINES: usize = 2;
/// Room between the text and the border of a box.
const PADDING_X: i64 = 12;
const PADDING_Y: i64 = 8;
/// Narrowest box.
const WIDTH_MIN: i64 = 72;

/// A text with its second, smaller text below.
struct Caption {
    label: Lines,
    detail: Lines,
    /// The whole text, if some of it was cut.
    whole: Option<String>,
}

impl Caption {
    fn of(label: &str, detail: &str, columns: usize, lines: usize) -> Self {
        let set = |text| Lines::of(text, columns, lines);
        let (set_label, set_detail) = (set(label), set(detail));
        let is_cut = set_label.cut || set_detail.cut;
        let whole = [label, detail].map(printable).join(": ");
        Self {
            whole: is_cut.then_some(whole),
            label: set_label,
            detail: set_detail,
        }
    }

    fn is_empty(&self) -> bool {
        self.label.lines.is_empty() && self.detail.lines.is_empty()
    }

    fn size(&self) -> Size {
        Size {
            width: self.label.width().max(self.detail.width()),
            height: self.label.height() + self.detail.height(),
        }
    }
}

/// Writes the drawing as SVG.
#[must_use]
pub fn svg(drawing: &Drawing) -> String {
    written(drawing, &format!("<style>{}</style>\n", style()))
}

/// The drawing for a page whose own style sheet styles it: nothing in it is a style, as the page's
/// policy asks.
pub(crate) fn in_page(drawing: &Drawing) -> String {
    written(drawing, "")
}

fn written(drawing: &Drawing, style: &str) -> String {
    let model = Model::of(drawing);
    let nodes: Vec<Caption> = model
        .nodes
        .iter()
        .map(|node| Caption::of(&node.label, &node.detail, NODE_COLUMNS, NODE_LINES))
        .collect();
    let edges = edge_captions(drawing, &model);
    let sizes: Vec<Size> = nodes.iter().map(box_of).collect();
    let input = Input {
        nodes: sizes.clone(),
        edges: model
            .ends
            .iter()
            .zip(&edges)
            .map(|((from, to), caption)| {
                (*from, *to, (!caption.is_empty()).then(|| caption.size()))
            })
            .collect(),
    };
    let laid = layout::layout(&input);
    let mut out = head(drawing, laid.size, style);
    for ((edge, caption), line) in drawing.edges.iter().zip(&edges).zip(&laid.lines) {
        draw_line(&mut out, edge, caption, line);
    }
    for (((node, caption), size), centre) in
        model.nodes.iter().zip(&nodes).zip(&sizes).zip(&laid.nodes)
    {
        draw_node(&mut out, node, caption, *size, *centre);
    }
    for (caption, line) in edges.iter().zip(&laid.lines) {
        if let Some(centre) = line.label {
            draw_label(&mut out, caption, centre);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// What stands on each edge. Loops of one node are drawn on each other, so the first says it for all.
fn edge_captions(drawing: &Drawing, model: &Model<'_>) -> Vec<Caption> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut loops: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, (edge, (from, to))) in drawing.edges.iter().zip(&model.ends).enumerate() {
        let first = if from == to {
            *loops.entry(*from).or_insert(at)
        } else {
            at
        };
        match texts.get_mut(first) {
            Some((label, detail)) => {
                for (text, more) in [(label, &edge.label), (detail, &edge.detail)] {
                    if !text.is_empty() && !more.is_empty() {
                        text.push_str(" / ");
                    }
                    text.push_str(more);
                }
                texts.push(Default::default());
            }
            None => texts.push((edge.label.clone(), edge.detail.clone())),
        }
    }
    texts
        .iter()
        .map(|(label, detail)| Caption::of(label, detail, EDGE_COLUMNS, EDGE_LINES))
        .collect()
}

fn box_of(caption: &Caption) -> Size {
    let text = caption.size();
    Size {
        width: (text.width + 2 * PADDING_X).max(WIDTH_MIN),
        height: text.height.max(LINE_HEIGHT) + 2 * PADDING_Y,
    }
}

/// Begin, words for those who cannot see, styles, ground.
fn head(drawing: &Drawing, size: Size, style: &str) -> String {
    let Size { width, height } = size;
    let digest = hash::blake3(format!("{drawing:?}").as_bytes()).to_hex();
    let id: String = digest.chars().take(8).collect();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"drawing\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"t{id} d{id}\">\n\
         <title id=\"t{id}\">{}</title>\n<desc id=\"d{id}\">{}</desc>\n{style}\
         <rect class=\"d-ground\" width=\"{width}\" height=\"{height}\"/>\n",
        escaped(&drawing.title),
        escaped(&in_words(drawing)),
    );
    out.shrink_to_fit();
    out
}

/// The description, and every edge as a sentence.
fn in_words(drawing: &Drawing) -> String {
    let name = |id: &str| {
        let node = drawing.nodes.iter().find(|node| node.id == id);
        node.map_or_else(|| id.to_owned(), |node| node.label.clone())
    };
    let mut words = drawing.description.clone();
    for edge in &drawing.edges {
        let verb = if edge.label.is_empty() {
            "then"
        } else {
            &edge.label
        };
        // Writing to a string cannot fail.
        let _ignored = write!(
            words,
            " {} - {verb} - {};",
            name(&edge.from),
            name(&edge.to)
        );
    }
    words.trim().to_owned()
}

fn style() -> String {
    let mut light = String::from(
        ".drawing text{font:12px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace;\
         text-anchor:middle;fill:#1b2430}.drawing .d-detail{fill:#566272}.d-ground{fill:#fff}\
         .d-line{fill:none;stroke:#77828f;stroke-width:1.3}.d-fallback{stroke-dasharray:5 4}\
         .d-tip{fill:#77828f}.d-box{stroke-width:1.4}.d-idle .d-box{stroke-dasharray:4 3}\
         .d-parallel .d-box{stroke-width:3}.d-goal .d-box{stroke-width:2.4}",
    );
    let mut dark = String::from(
        ".drawing text{fill:#e4e8ee}.drawing .d-detail{fill:#a2adbb}.d-ground{fill:#12161c}\
         .d-line{stroke:#8a95a3}.d-tip{fill:#8a95a3}",
    );
    for class in Class::ALL {
        let name = class.as_str();
        let [fill, stroke, dark_fill, dark_stroke] = class.colours();
        let _ignored = write!(light, ".d-{name} .d-box{{fill:{fill};stroke:{stroke}}}");
        let _ignored = write!(
            dark,
            ".d-{name} .d-box{{fill:{dark_fill};stroke:{dark_stroke}}}"
        );
    }
    format!("{light}@media(prefers-color-scheme:dark){{{dark}}}")
}

fn draw_node(out: &mut String, node: &DrawnNode, caption: &Caption, size: Size, centre: Point) {
    let Size { width, height } = size;
    let (x, y) = (centre.x - width / 2, centre.y - height / 2);
    let round = match node.class {
        Class::Start | Class::End | Class::Goal => height / 2,
        Class::Account => 12,
        Class::Thing => 0,
        _ => 5,
    };
    let _ignored = writeln!(out, "<g class=\"d-{}\">", node.class.as_str());
    title(out, caption);
    let _ignored = writeln!(
        out,
        "<rect class=\"d-box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{}\"/>",
        round.min(20)
    );
    draw_text(out, caption, centre);
    out.push_str("</g>\n");
}

fn draw_label(out: &mut String, caption: &Caption, centre: Point) {
    out.push_str("<g class=\"d-label\">\n");
    title(out, caption);
    draw_text(out, caption, centre);
    out.push_str("</g>\n");
}

fn title(out: &mut String, caption: &Caption) {
    if let Some(whole) = &caption.whole {
        let _ignored = writeln!(out, "<title>{}</title>", escaped(whole));
    }
}

fn draw_text(out: &mut String, caption: &Caption, centre: Point) {
    let mut y = centre.y - caption.size().height / 2 + 12;
    for (lines, class) in [
        (&caption.label, ""),
        (&caption.detail, " class=\"d-detail\""),
    ] {
        for line in &lines.lines {
            let x = centre.x;
            let _ignored = writeln!(
                out,
                "<text{class} x=\"{x}\" y=\"{y}\">{}</text>",
                escaped(line)
            );
            y += LINE_HEIGHT;
        }
    }
}

fn draw_line(out: &mut String, edge: &DrawnEdge, caption: &Caption, line: &Line) {
    let mut path = String::new();
    let mut at = None;
    for (start, end) in &line.pieces {
        let (Point { x, y }, Point { x: to_x, y: to_y }) = (*start, *end);
        if at != Some(*start) {
            let _ignored = write!(path, "M{x} {y}");
        }
        let middle = i64::midpoint(y, to_y);
        let _ignored = if line.is_loop {
            let reach = x + layout::LOOP_REACH;
            write!(path, "C{reach} {y} {reach} {to_y} {to_x} {to_y}")
        } else if x == to_x {
            write!(path, "V{to_y}")
        } else {
            write!(path, "C{x} {middle} {to_x} {middle} {to_x} {to_y}")
        };
        at = Some(*end);
    }
    let class = if edge.is_fallback {
        "d-line d-fallback"
    } else {
        "d-line"
    };
    out.push_str("<g>\n");
    title(out, caption);
    let _ignored = writeln!(out, "<path class=\"{class}\" d=\"{path}\"/>");
    let tip = if line.is_turned {
        line.pieces.first()
    } else {
        line.pieces.last()
    };
    if let Some((start, end)) = tip {
        let points = if line.is_loop {
            triangle(*end, 7, 0)
        } else if line.is_turned {
            triangle(*start, 0, 7)
        } else {
            triangle(*end, 0, -7)
        };
        let _ignored = writeln!(out, "<polygon class=\"d-tip\" points=\"{points}\"/>");
    }
    out.push_str("</g>\n");
}

/// An arrow's head with its tip here and its base this far away.
fn triangle(tip: Point, away_x: i64, away_y: i64) -> String {
    let Point { x, y } = tip;
    let (base_x, base_y) = (x + away_x, y + away_y);
    let (wide_x, wide_y) = if away_x == 0 { (4, 0) } else { (0, 4) };
    format!(
        "{x},{y} {},{} {},{}",
        base_x - wide_x,
        base_y - wide_y,
        base_x + wide_x,
        base_y + wide_y
    )
}

/// Text between tags, with what XML knows no way to write made visible.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}
