//! ClamAV: what `clamscan` and `clamdscan` print, and the log of `clamd`.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::lines;
use casemate_schema::{Severity, Status};
use std::collections::BTreeSet;

/// Reads the output: `path: signature FOUND`.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut known: BTreeSet<(String, String)> = BTreeSet::new();
    let mut errors: Vec<String> = Vec::new();
    let mut infected: Option<usize> = None;
    for line in text.lines() {
        let line = line.trim();
        // The log of clamd begins with the time.
        let event = line.split_once(" -> ").map_or(line, |(_, event)| event);
        if let Some((path, signature)) = found(event) {
            if known.insert((path.to_owned(), signature.to_owned())) {
                out.finding(draft_of(path, signature));
            }
        } else if let Some((path, reason)) = event
            .strip_suffix(" ERROR")
            .and_then(|rest| rest.rsplit_once(": "))
        {
            errors.push(format!("{path}: {reason}"));
        } else if let Some((name, value)) = line.split_once(':') {
            match name {
                "Engine version" => out.tool_version(value),
                "Start Date" => out.scanned_at(&date(value)),
                "Infected files" => infected = value.trim().parse().ok(),
                "Total errors" if value.trim() != "0" && errors.is_empty() => {
                    errors.push(format!("{} errors", value.trim()));
                }
                _ => {}
            }
        }
    }
    if let Some(n) = infected {
        let files: BTreeSet<&String> = known.iter().map(|(path, _)| path).collect();
        if files.len() < n {
            let listed = files.len();
            out.note(format!(
                "ClamAV counts {n} infected files, and {listed} are listed"
            ));
        }
    }
    let status = if known.is_empty() {
        Status::Passed
    } else {
        Status::Hit
    };
    out.check("clamav", "malware", status, None);
    if !errors.is_empty() {
        let shown: Vec<&str> = errors.iter().take(20).map(String::as_str).collect();
        let reason = format!(
            "{} could not be scanned: {}",
            errors.len(),
            shown.join("; ")
        );
        out.note(reason.clone());
        out.check(
            "clamav:unread",
            "malware",
            Status::NotAssessed,
            Some(reason),
        );
    }
    Ok(())
}

/// Path and signature; a path may hold colons and blanks.
fn found(line: &str) -> Option<(&str, &str)> {
    let (path, signature) = line.strip_suffix(" FOUND")?.rsplit_once(": ")?;
    let signature = signature.trim();
    let is_one = !signature.is_empty() && !signature.contains(' ');
    (is_one && !path.trim().is_empty()).then_some((path.trim(), signature))
}

/// `2026:07:31 18:41:55` with the dashes of a date.
fn date(text: &str) -> String {
    text.trim().replacen(':', "-", 2)
}

fn draft_of(path: &str, signature: &str) -> Draft {
    // `Name(md5:size)` of --verbose with hashes; the name is the rule.
    let (name, more) = signature.split_once('(').unwrap_or((signature, ""));
    let unwanted = name.starts_with("PUA.") || name.starts_with("Heuristics.");
    let mut draft = Draft {
        check: name.to_owned(),
        title: format!("Malware detected: {name} in {path}"),
        severity: Some(if unwanted {
            Severity::Medium
        } else {
            Severity::High
        }),
        category: "malware".to_owned(),
        path: path.to_owned(),
        cwes: vec!["CWE-506".to_owned()],
        remediation: "Isolate the file and find out how it came there; report it as a false \
                      positive if it is one."
            .to_owned(),
        ..Draft::default()
    };
    draft.see("signature", signature);
    draft.see("file hash", more.trim_end_matches(')'));
    if name.ends_with(".UNOFFICIAL") {
        draft.see("database", "not ClamAV's own");
    }
    draft
}
