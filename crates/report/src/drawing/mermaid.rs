//! A drawing as a Mermaid flowchart, as GitHub, GitLab and many wikis show it.
//!
//! Texts stand in quotes, with the letters that mean something to Mermaid, to Markdown or to HTML
//! as `#number;`, which is Mermaid's own way to write them. Nodes are called `n0`, `n1`, ... because
//! names such as `end` would end the chart.

use super::model::Model;
use super::{Class, Drawing};
use casemate_base::text::printable;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Writes the drawing as a Mermaid flowchart.
#[must_use]
pub fn mermaid(drawing: &Drawing) -> String {
    let model = Model::of(drawing);
    let mut out = String::from("flowchart TB\n");
    // Writing to a string cannot fail.
    let _ignored = writeln!(out, "  accTitle: {}", one_line(&drawing.title));
    let _ignored = writeln!(out, "  accDescr: {}", one_line(&drawing.description));
    for (at, node) in model.nodes.iter().enumerate() {
        let (open, close) = brackets(node.class);
        let label = two_lines(&node.label, &node.detail);
        let class = node.class.as_str();
        let _ignored = writeln!(out, "  n{at}{open}\"{label}\"{close}:::{class}Node");
    }
    for (edge, (from, to)) in drawing.edges.iter().zip(&model.ends) {
        let arrow = if edge.is_fallback { "-.->" } else { "-->" };
        let label = two_lines(&edge.label, &edge.detail);
        let label = if label.is_empty() {
            label
        } else {
            format!("|\"{label}\"|")
        };
        let _ignored = writeln!(out, "  n{from} {arrow}{label} n{to}");
    }
    let used: BTreeSet<Class> = model.nodes.iter().map(|node| node.class).collect();
    for class in used {
        let [fill, stroke, ..] = class.colours();
        let dash = if class == Class::Idle {
            ",stroke-dasharray:4 3"
        } else {
            ""
        };
        let _ignored = writeln!(
            out,
            "  classDef {}Node fill:{fill},stroke:{stroke},color:#1b2430{dash}",
            class.as_str()
        );
    }
    out
}

const fn brackets(class: Class) -> (&'static str, &'static str) {
    match class {
        Class::Start | Class::End | Class::Goal => ("([", "])"),
        Class::Parallel => ("[[", "]]"),
        Class::Account => ("(", ")"),
        Class::Active => ("{{", "}}"),
        Class::Step | Class::Idle | Class::Thing | Class::Host => ("[", "]"),
    }
}

fn two_lines(label: &str, detail: &str) -> String {
    let (label, detail) = (escaped(label), escaped(detail));
    match (label.is_empty(), detail.is_empty()) {
        (_, true) => label,
        (true, false) => detail,
        (false, false) => format!("{label}<br>{detail}"),
    }
}

/// Text in quotes: everything but letters, digits and a few harmless signs as a number.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        if letter.is_alphanumeric() || " _-./:,()=+@?!'".contains(letter) {
            out.push(letter);
        } else {
            let _ignored = write!(out, "#{};", u32::from(letter));
        }
    }
    out
}

/// Text of `accTitle` and `accDescr`, which are read to the end of the line and know no escapes.
fn one_line(text: &str) -> String {
    printable(text)
        .chars()
        .map(|letter| match letter {
            '{' | '}' | ';' | '#' | '<' | '>' | '%' => ' ',
            '"' | '`' => '\'',
            _ => letter,
        })
        .collect()
}
