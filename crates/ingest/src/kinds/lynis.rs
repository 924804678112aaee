//! Lynis: its report file (`lynis-report.dat`) and what it prints.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::lines;
use casemate_schema::{Severity, Status};
use std::collections::{BTreeMap, BTreeSet};

/// A warning or a suggestion.
#[derive(Default)]
struct Remark {
    is_warning: bool,
    test: String,
    text: String,
    details: String,
    solution: String,
}

/// Reads a report file.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut remarks = Vec::new();
    let mut host = String::new();
    let mut details: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut packages: Vec<&str> = Vec::new();
    let mut executed: Vec<&str> = Vec::new();
    let mut skipped: Vec<&str> = Vec::new();
    let mut is_whole = false;
    let mut n_messages = 0;
    for line in text.lines() {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let value = value.trim();
        match key.trim() {
            "warning[]" => remarks.push(remark(value, true)),
            "suggestion[]" => remarks.push(remark(value, false)),
            "details[]" => {
                if let Some((test, rest)) = value.split_once('|') {
                    details.entry(test).or_default().push(rest);
                }
            }
            "vulnerable_package[]" => packages.push(value.trim_end_matches('|')),
            "hostname" if host.is_empty() => value.clone_into(&mut host),
            "lynis_version" => out.tool_version(value),
            "report_datetime_start" => out.scanned_at(value),
            "exception_event[]" => {
                out.note_some(&mut n_messages, &format!("exception: {}", shown(value)));
            }
            "manual[]" => {
                let note = format!("to be looked at by hand: {value}");
                out.note_some(&mut n_messages, &note);
            }
            "tests_executed" => executed.extend(value.split('|')),
            "tests_skipped" => skipped.extend(value.split('|')),
            "finish" => is_whole = value == "true",
            _ => {}
        }
    }
    if !is_whole {
        out.note("the report does not say that Lynis came to its end");
    }
    out.target(&host);
    let taken = Taken {
        remarks,
        details,
        packages,
        executed,
        skipped,
    };
    taken.give(&host, out);
    Ok(())
}

/// What the lines of a report file hold.
struct Taken<'t> {
    remarks: Vec<Remark>,
    details: BTreeMap<&'t str, Vec<&'t str>>,
    packages: Vec<&'t str>,
    executed: Vec<&'t str>,
    skipped: Vec<&'t str>,
}

impl Taken<'_> {
    fn give(self, host: &str, out: &mut Collector) {
        let Self {
            remarks,
            mut details,
            mut packages,
            executed,
            skipped,
        } = self;
        let hits: BTreeSet<String> = remarks.iter().map(|remark| remark.test.clone()).collect();
        for remark in remarks {
            // Observations stand by the test and not by the remark; the first remark takes them.
            let seen = details.remove(remark.test.as_str()).unwrap_or_default();
            let mut draft = draft_of(remark, host);
            for observation in seen {
                draft.see("observation", shown(observation));
            }
            if draft.check == "PKGS-7392" {
                for package in std::mem::take(&mut packages) {
                    draft.see("vulnerable package", package.replace('|', " "));
                }
            }
            out.finding(draft);
        }
        let known = |test: &&&str| !test.trim().is_empty() && !hits.contains(test.trim());
        for test in executed.iter().filter(known) {
            out.check(test, "lynis", Status::Passed, None);
        }
        for test in skipped.iter().filter(known) {
            let reason = "Lynis skipped it, as what it needs is not there".to_owned();
            out.check(test, "lynis", Status::NotAssessed, Some(reason));
        }
        for test in hits {
            out.check(&test, "lynis", Status::Hit, None);
        }
    }
}

/// Reads what Lynis printed: the list at its end.
pub(super) fn read_console(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut remarks: Vec<Remark> = Vec::new();
    let mut host = String::new();
    let mut is_in_results = false;
    let mut stated = 0_usize;
    for line in text.lines() {
        let line = line.trim();
        if let Some(value) = line.strip_prefix("Hostname:") {
            value.trim().clone_into(&mut host);
        } else if let Some(value) = line.strip_prefix("Program version:") {
            out.tool_version(value);
        }
        if line.starts_with("-[ Lynis") {
            is_in_results = true;
        }
        if !is_in_results {
            continue;
        }
        // The headings are translated; their numbers are not.
        if let Some(n) = line
            .strip_suffix("):")
            .and_then(|line| line.rsplit_once('('))
            .and_then(|(_, n)| n.parse::<usize>().ok())
        {
            stated += n;
        }
        take_printed(line, &mut remarks);
    }
    if !is_in_results {
        return Err(ImportError::damaged(
            format!("line {}", text.lines().count()),
            "the output ends before the results of Lynis",
        ));
    }
    if stated != remarks.len() {
        let n = remarks.len();
        out.note(format!("Lynis counts {stated} remarks, and {n} are listed"));
    }
    out.target(&host);
    for remark in remarks {
        out.check(&remark.test, "lynis", Status::Hit, None);
        out.finding(draft_of(remark, &host));
    }
    Ok(())
}

/// A line of the list: `! text [TEST]`, `* text [TEST]`, `- Details : x`, `- Solution : x`.
fn take_printed(line: &str, remarks: &mut Vec<Remark>) {
    let Some((mark, rest)) = line.split_once(' ') else {
        return;
    };
    let rest = rest.trim();
    match mark {
        "!" | "*" => {
            let named = rest
                .strip_suffix(']')
                .and_then(|rest| rest.rsplit_once(" ["))
                .filter(|(_, test)| !test.contains(' '));
            let Some((text, test)) = named else { return };
            remarks.push(Remark {
                is_warning: mark == "!",
                test: test.to_owned(),
                text: text.trim().to_owned(),
                ..Remark::default()
            });
        }
        "-" => {
            let (Some(last), Some((name, value))) = (remarks.last_mut(), rest.split_once(':'))
            else {
                return;
            };
            match name.trim() {
                "Details" => last.details = field(value),
                "Solution" => last.solution = field(value),
                _ => {}
            }
        }
        _ => {}
    }
}

/// `test|text|details|solution|`, where the text may hold a bar; version 1 had a level behind the
/// test.
fn remark(value: &str, is_warning: bool) -> Remark {
    let mut parts: Vec<&str> = value.split('|').collect();
    if parts.len() > 1 && parts.last().is_some_and(|last| last.trim().is_empty()) {
        parts.pop();
    }
    if parts
        .get(1)
        .is_some_and(|part| matches!(part.trim(), "L" | "M" | "H"))
    {
        parts.remove(1);
    }
    let test = if parts.is_empty() {
        String::new()
    } else {
        field(parts.remove(0))
    };
    let mut tail = |least: usize| {
        if parts.len() > least {
            parts.pop().map(field).unwrap_or_default()
        } else {
            String::new()
        }
    };
    let (solution, details) = match value.split('|').count() {
        n if n >= 5 => {
            let solution = tail(1);
            (solution, tail(1))
        }
        _ => (String::new(), tail(1)),
    };
    Remark {
        is_warning,
        test,
        text: field(&parts.join("|")),
        details,
        solution,
    }
}

/// A field without the words that Lynis uses for "nothing" and "this is text".
fn field(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("text:").unwrap_or(text).trim();
    if text == "-" {
        String::new()
    } else {
        text.to_owned()
    }
}

fn draft_of(remark: Remark, host: &str) -> Draft {
    let level = if remark.is_warning {
        Severity::Medium
    } else {
        Severity::Low
    };
    let word = if remark.is_warning {
        "warning"
    } else {
        "suggestion"
    };
    let mut draft = Draft {
        title: remark.text.clone(),
        severity: Some(level),
        severity_word: word.to_owned(),
        category: "misconfiguration".to_owned(),
        remediation: remark.solution,
        host: host.to_owned(),
        // One test makes several remarks, told apart by their text; numbers in it change from run
        // to run.
        key: without_numbers(&remark.text),
        ..Draft::default()
    };
    draft.see("details", remark.details);
    if let Some(address) = draft.remediation.strip_prefix("url:") {
        draft.references.push(address.to_owned());
        draft.remediation.clear();
    }
    if remark.test.contains('-') {
        let address = format!("https://cisofy.com/lynis/controls/{}/", remark.test);
        draft.references.push(address);
    }
    draft.check = if remark.test.is_empty() {
        remark.text
    } else {
        remark.test
    };
    draft
}

fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        out.push_str(if is_number { "N" } else { word });
    }
    out
}

/// A list of fields as one line.
fn shown(value: &str) -> String {
    let parts = value.split(['|', ';']).map(str::trim);
    let parts: Vec<&str> = parts
        .filter(|part| !part.is_empty() && *part != "-")
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_from_both_ends() {
        let parts = |value: &str| {
            let remark = remark(value, true);
            [remark.test, remark.text, remark.details, remark.solution]
        };
        assert_eq!(
            parts("A-1|Use a | b|d|text:Do it|"),
            ["A-1", "Use a | b", "d", "Do it"]
        );
        assert_eq!(parts("A-1|Text|-|-|"), ["A-1", "Text", "", ""]);
        assert_eq!(parts("A-1|M|Text|"), ["A-1", "Text", "", ""]);
        assert_eq!(parts("A-1|Text"), ["A-1", "Text", "", ""]);
        assert_eq!(parts(""), ["", "", "", ""]);
        assert_eq!(
            without_numbers("Check 38 files in /tmp"),
            "Check N files in /tmp"
        );
    }
}
