//! Markdown: a parser that nobody here wrote finds our structure and nothing of anybody else's.

use crate::sample;
use casemate_base::text::printable;
use casemate_report::{Format, markdown};
use casemate_schema::Report;
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn written(report: &Report) -> String {
    String::from_utf8(markdown(report).expect("written")).expect("UTF-8")
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.table = true;
    extension.autolink = true;
    extension.strikethrough = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.math_dollars = true;
    options
}

/// How often each kind of node occurs, and the text of all code in lines.
fn nodes(text: &str) -> (BTreeMap<String, usize>, Vec<String>) {
    let arena = Arena::new();
    let root: &AstNode<'_> = parse_document(&arena, text, &options());
    let mut counts = BTreeMap::new();
    let mut codes = Vec::new();
    for node in root.descendants() {
        let value = &node.data.borrow().value;
        if let NodeValue::Code(code) = value {
            codes.push(code.literal.clone());
        }
        let name = format!("{value:?}");
        let name = name.split(['(', ' ']).next().unwrap_or_default();
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    (counts, codes)
}

#[test]
fn the_judge_sees_what_a_renderer_makes_of_text() {
    let (counts, _) = nodes("https://x.example, a@b.example, <b>x</b> *y* ![z](u)\n\n> q\n");
    for (name, n) in [
        ("Link", 2),
        ("HtmlInline", 2),
        ("Emph", 1),
        ("Image", 1),
        ("BlockQuote", 1),
    ] {
        assert_eq!(counts.get(name), Some(&n), "{name}: {counts:?}");
    }
}

#[test]
fn text_of_findings_is_never_markup() {
    for (name, report) in sample::all() {
        let (counts, _) = nodes(&written(&report));
        for banned in [
            "Link",
            "Image",
            "HtmlInline",
            "HtmlBlock",
            "Emph",
            "Strikethrough",
            "BlockQuote",
            "TaskItem",
            "FootnoteReference",
            "Math",
        ] {
            assert!(!counts.contains_key(banned), "{name}: {banned}: {counts:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_text_becomes_markup(
        title in "[-a-z0-9 `\\\\|*_<>\\[\\]()!#&@:/.+=~$^{}\n\"']{1,40}",
        text in "(https?://|www\\.|[a-z]@|```|<b>|</|\\||\\]\\(|- |1\\. |> |\n|# |[a-z ]){1,20}",
    ) {
        let mut report = sample::mixed();
        let suppressed = report.suppressed.iter_mut();
        for finding in report.findings.iter_mut().chain(suppressed) {
            finding.title = title.as_str().into();
            finding.description = text.as_str().into();
            finding.location.subject = Some(text.as_str().into());
            finding.location.path = Some(title.as_str().into());
            finding.evidence = vec![sample::evidence(&text, &title)];
        }
        let written = written(&report);
        let (counts, codes) = nodes(&written);
        for banned in ["Link", "Image", "HtmlInline", "HtmlBlock", "Emph", "Math", "BlockQuote"] {
            prop_assert!(!counts.contains_key(banned), "{banned}\n{written}");
        }
        let cells = 6 * (report.findings.len() + 1) + 2 * 7 + 3 * 3 + 7 * 3;
        prop_assert_eq!(counts["TableCell"], cells, "{}", written);
        for finding in &report.findings {
            prop_assert!(codes.iter().any(|code| *code == *finding.id));
        }
    }
}

#[test]
fn hostile_text_changes_no_structure() {
    let hostile = written(&sample::hostile());
    let mut tame = sample::hostile();
    let plain = |text: &mut casemate_schema::Text, number: usize| {
        *text = format!("plain{number}").into();
    };
    for (number, finding) in tame.findings.iter_mut().enumerate() {
        plain(&mut finding.title, number);
    }
    let (mut was, _) = nodes(&hostile);
    let (mut is, _) = nodes(&written(&tame));
    for counts in [&mut was, &mut is] {
        counts.retain(|name, _| {
            matches!(
                name.as_str(),
                "Heading" | "Table" | "TableRow" | "TableCell" | "List" | "Item" | "ThematicBreak"
            )
        });
    }
    assert_eq!(was, is);
}

#[test]
fn words_that_renderers_link_are_code() {
    let mut report = sample::full();
    for finding in &mut report.findings {
        finding.title = "see https://evil.example/a|b, www.evil.example, a@b.example, @all, #12 \
             and [x](y) ![z](u) <script> **b** | c\\| `tick"
            .into();
        finding.description =
            "# not a heading\n\n1. no list\n\n---\n\n> no quote\n\n| a | b |\n|---|---|\n| c | d |"
                .into();
    }
    let (counts, _) = nodes(&written(&report));
    assert!(!counts.contains_key("Link") && !counts.contains_key("HtmlInline"));
    let (before, _) = nodes(&written(&sample::full()));
    assert_eq!(counts.get("Table"), before.get("Table"));
    assert_eq!(counts.get("TableCell"), before.get("TableCell"));
    assert_eq!(counts.get("ThematicBreak"), before.get("ThematicBreak"));
}

#[test]
fn every_finding_stands_in_it_once() {
    for (name, report) in sample::all() {
        let (_, codes) = nodes(&written(&report));
        for finding in report.findings.iter().chain(&report.suppressed) {
            let id = printable(&finding.id);
            let n = codes.iter().filter(|code| **code == id).count();
            assert_eq!(n, 1, "{name}: {id}");
        }
    }
    let many = sample::large(1200);
    let (counts, codes) = nodes(&written(&many));
    assert!(
        many.findings
            .iter()
            .all(|f| codes.iter().any(|code| *code == *f.id))
    );
    assert_eq!(counts["Heading"], 4, "title, worst, findings, further");
}

#[test]
fn the_summary_names_what_is_not_known() {
    let blind = written(&sample::blind());
    assert!(blind.contains("**No score:**") && blind.contains("## Not assessed"));
    let full = written(&sample::full());
    assert!(full.contains("**Score: 25 %** of the 8 checks"), "{full}");
    let import = written(&sample::import());
    assert!(import.contains("## Suppressed") && import.contains("## Inputs"));
}

#[test]
fn the_mixed_report_as_markdown() {
    let bytes = Format::Markdown.write(&sample::mixed()).expect("written");
    insta::assert_snapshot!("mixed.md", String::from_utf8(bytes).expect("UTF-8"));
}

#[test]
fn the_assessed_report_as_markdown() {
    insta::assert_snapshot!("assessed.md", written(&sample::assessed()));
}
