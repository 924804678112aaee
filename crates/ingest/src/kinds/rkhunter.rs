//! rkhunter: its log, and what it prints.
//!
//! A finding is a check with the outcome `Warning`, whatever language the log is in; the lines that
//! explain it come behind.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::lines;
use casemate_schema::{Severity, Status};

/// `Warning` in the languages that rkhunter comes in.
const WARNINGS: [&str; 6] = [
    "Warning",
    "Warnung",
    "Waarschuwing",
    "Uyar\u{131}",
    "\u{8b66}\u{544a}",
    "WARNING",
];
/// Outcomes of checks that were not made.
const SKIPPED: [&str; 4] = ["Skipped", "Not enabled", "Disabled", "Unable to check"];

/// A check with a warning, while its explanations are read.
struct Open {
    name: String,
    test: String,
    details: Vec<String>,
}

/// Reads a log, or the output.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut host = String::new();
    let mut test = String::new();
    let mut open: Option<Open> = None;
    let mut n_results = 0_u64;
    let mut loose: Vec<String> = Vec::new();
    let mut has_end = false;
    for line in text.lines() {
        let line = after_clock(line).trim_end();
        about(line, &mut host, out);
        has_end |= line.contains("End date is") || line.contains("system checks took");
        let stripped = line.trim_start();
        if let Some(name) = quoted(stripped, "Info: Starting test name '") {
            name.clone_into(&mut test);
        } else if let Some((name, outcome)) = result(line) {
            close(open.take(), &host, out);
            n_results += 1;
            let name = without_warning(name);
            let is_warning = WARNINGS.contains(&outcome);
            check(&test, &name, outcome, is_warning, out);
            if is_warning {
                open = Some(Open {
                    name,
                    test: test.clone(),
                    details: Vec::new(),
                });
            }
        } else if let Some(detail) = after_warning(stripped) {
            match &mut open {
                Some(open) => open.details.push(detail.to_owned()),
                None => loose.push(detail.to_owned()),
            }
        } else if continues(line) {
            let details = open.as_mut().map_or(&mut loose, |open| &mut open.details);
            if let Some(last) = details.last_mut() {
                last.push(' ');
                last.push_str(stripped);
            }
        }
    }
    close(open, &host, out);
    // With --report-warnings-only the warnings stand alone.
    if n_results == 0 {
        for warning in loose {
            let name = warning.clone();
            let open = Open {
                name,
                test: String::new(),
                details: vec![warning],
            };
            close(Some(open), &host, out);
        }
    } else if !has_end {
        out.note("the log does not say that rkhunter came to its end");
    }
    out.target(&host);
    Ok(())
}

/// The line without the clock that the log begins each line with.
fn after_clock(line: &str) -> &str {
    let clocked = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match clocked {
        Some((clock, rest))
            if clock.len() == 8 && clock.bytes().all(|b| b.is_ascii_digit() || b == b':') =>
        {
            rest.strip_prefix(' ').unwrap_or(rest)
        }
        _ => line,
    }
}

fn about(line: &str, host: &mut String, out: &mut Collector) {
    if let Some((_, rest)) = line.split_once("Rootkit Hunter version ") {
        let mut words = rest.split_whitespace();
        out.tool_version(words.next().unwrap_or_default().trim_end_matches(']'));
        if let (Some("on"), Some(name)) = (words.next(), words.next()) {
            name.clone_into(host);
        }
    } else if let Some((_, date)) = line.split_once("Start date is ") {
        out.scanned_at(date);
    } else if let Some((_, tests)) = line.split_once("Info: Disabled tests are: ") {
        for test in tests.split_whitespace() {
            let reason = "it is switched off in the configuration".to_owned();
            out.check(test, "rkhunter", Status::NotAssessed, Some(reason));
        }
    }
}

fn quoted<'t>(line: &'t str, before: &str) -> Option<&'t str> {
    line.strip_prefix(before)?.strip_suffix('\'')
}

/// `name    [ outcome ]`.
fn result(line: &str) -> Option<(&str, &str)> {
    let (name, outcome) = line.strip_suffix(" ]")?.rsplit_once("[ ")?;
    let is_word = !outcome.is_empty() && !outcome.contains(['[', ']', '/', '=']);
    is_word.then(|| (name.trim(), outcome.trim()))
}

fn after_warning(line: &str) -> Option<&str> {
    WARNINGS
        .iter()
        .find_map(|word| line.strip_prefix(word)?.strip_prefix(':'))
        .map(str::trim)
}

fn without_warning(name: &str) -> String {
    after_warning(name).unwrap_or(name).to_owned()
}

/// Whether a line goes on with the explanation before it.
fn continues(line: &str) -> bool {
    let stripped = line.trim_start();
    let starts_anew = ["Info:", "Error:", "Checking", "Performing", "Found"]
        .iter()
        .any(|start| stripped.starts_with(start));
    line.starts_with(' ') && !stripped.is_empty() && !starts_anew
}

/// What was checked: by the name of the test where the log has it, since a log holds thousands of
/// lines of outcomes.
fn check(test: &str, name: &str, outcome: &str, is_warning: bool, out: &mut Collector) {
    let id = if test.is_empty() { name } else { test };
    if is_warning {
        out.check(id, "rkhunter", Status::Hit, None);
    } else if SKIPPED.contains(&outcome) {
        let reason = format!("{name}: {outcome}");
        out.check(id, "rkhunter", Status::NotAssessed, Some(reason));
    } else {
        out.check(id, "rkhunter", Status::Passed, None);
    }
}

fn close(open: Option<Open>, host: &str, out: &mut Collector) {
    let Some(Open {
        name,
        test,
        details,
    }) = open
    else {
        return;
    };
    let lower = name.to_lowercase();
    let is_rootkit = [
        "rootkit", "trojan", "worm", "backdoor", "malware", "sniffer",
    ]
    .iter()
    .any(|word| lower.contains(word));
    let is_file = name.starts_with('/');
    let mut draft = Draft {
        check: if is_file {
            "file properties".to_owned()
        } else {
            name.clone()
        },
        title: match (details.first(), is_file) {
            (Some(detail), true) => format!("{name}: {detail}"),
            (None, true) => format!("File properties of {name} have changed"),
            (Some(detail), false) if detail != &name => format!("{name}: {detail}"),
            _ => name.clone(),
        },
        // rkhunter grades nothing; a hit on a known rootkit is looked at first.
        severity: Some(if is_rootkit {
            Severity::High
        } else {
            Severity::Medium
        }),
        severity_word: "Warning".to_owned(),
        category: match (is_rootkit, is_file) {
            (true, _) => "malware",
            (_, true) => "integrity",
            _ => "misconfiguration",
        }
        .to_owned(),
        description: details.join("\n"),
        host: host.to_owned(),
        path: if is_file { name.clone() } else { String::new() },
        ..Draft::default()
    };
    draft.see("check", name);
    draft.see("test", test);
    for detail in details {
        draft.see("warning", detail);
    }
    out.finding(draft);
}
