//! chkrootkit: what it prints, in full or with `-q`.
//!
//! A finding is a check with a verdict that does not say "nothing", or a `WARNING:` that stands
//! alone; a warning behind a finding explains it.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::lines;
use casemate_schema::{Severity, Status};

/// Verdicts that say that nothing was found.
const CLEAN: [&str; 12] = [
    "not found",
    "not infected",
    "nothing found",
    "nothing detected",
    "nothing deleted",
    "no suspect files",
    "no suspect files found",
    "not vulnerable",
    "started",
    "finished",
    "ok",
    "not promisc",
];
/// Verdicts of checks that were not made.
const NOT_MADE: [&str; 2] = ["not tested", "skipped"];

/// Reads the output.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut open: Option<Draft> = None;
    // A check without a verdict, whose verdict is the list behind it.
    let mut undecided: Option<String> = None;
    for line in text.lines() {
        let stripped = line.trim();
        if let Some((check, verdict)) = result(stripped) {
            close(open.take(), out);
            undecided = None;
            let is_cut = text.ends_with(line) && begins_clean(verdict);
            if is_cut {
                out.note(format!("the output ends inside of the verdict on {check}"));
                let reason = Some("the output is cut".to_owned());
                out.check(&name_of(&check), "chkrootkit", Status::NotAssessed, reason);
            } else if verdict.is_empty() {
                undecided = Some(check);
            } else {
                open = take(&check, verdict, out);
            }
        } else if let Some((_, warning)) = stripped.split_once("WARNING:") {
            let warning = warning.trim();
            match &mut open {
                Some(draft) => draft.see("warning", warning),
                None if warning.is_empty() => {}
                None => out.finding(finding(warning, "WARNING", warning.to_owned())),
            }
        } else if stripped.starts_with("INFECTED") && open.is_none() {
            out.finding(finding(stripped, "INFECTED", stripped.to_owned()));
        } else if stripped.starts_with('/') {
            if let Some(check) = undecided.take() {
                let title = format!("{check}: suspicious files and directories");
                open = Some(finding(&check, "suspicious", title));
            }
            if let Some(draft) = &mut open {
                draft.see("listed", stripped);
            }
        } else if let Some(draft) = &mut open {
            draft.see("output", stripped);
        }
    }
    close(open, out);
    Ok(())
}

/// `Checking 'x'...   verdict`.
fn result(line: &str) -> Option<(String, &str)> {
    let starts = ["Checking ", "Searching for", "Verifying "];
    if !starts.iter().any(|start| line.starts_with(start)) {
        return None;
    }
    let (check, verdict) = line.split_once("...")?;
    let verdict = verdict.trim_start_matches('.').trim();
    let verdict = verdict
        .strip_prefix("it may take a while")
        .map_or(verdict, |rest| rest.trim_start_matches('.').trim());
    Some((check.trim().trim_end_matches(',').to_owned(), verdict))
}

/// Whether a verdict is the beginning of one that says "nothing".
fn begins_clean(verdict: &str) -> bool {
    let lower = verdict.to_lowercase();
    let is_part = |clean: &&str| clean.starts_with(&lower) && **clean != lower;
    CLEAN.iter().chain(&NOT_MADE).any(is_part)
}

/// The name of a check: `lkm` of ``Checking `lkm'``.
fn name_of(check: &str) -> String {
    let name = check.strip_prefix("Checking ").unwrap_or(check);
    name.trim_matches(['`', '\'', '"', ' ']).to_owned()
}

fn take(check: &str, verdict: &str, out: &mut Collector) -> Option<Draft> {
    let name = name_of(check);
    let lower = verdict.to_lowercase();
    if NOT_MADE.contains(&lower.as_str()) {
        let reason = Some(verdict.to_owned());
        out.check(&name, "chkrootkit", Status::NotAssessed, reason);
        return None;
    }
    if CLEAN.contains(&lower.as_str()) {
        out.check(&name, "chkrootkit", Status::Passed, None);
        return None;
    }
    // `not tested: can't exec ./ifpromisc`: nobody looked, and somebody should know.
    let is_unseen = lower.starts_with("not tested") || lower.starts_with("can't");
    let status = if is_unseen {
        Status::NotAssessed
    } else {
        Status::Hit
    };
    let reason = is_unseen.then(|| verdict.to_owned());
    out.check(&name, "chkrootkit", status, reason);
    Some(finding(check, verdict, format!("{check}: {verdict}")))
}

fn finding(check: &str, verdict: &str, title: String) -> Draft {
    let upper = verdict.to_uppercase();
    let lower = verdict.to_lowercase();
    // Older versions write what they looked at before the verdict: `chkproc: nothing detected`.
    let says_nothing = CLEAN
        .iter()
        .any(|clean| lower.contains(clean) && clean.len() > 7);
    let is_unseen = lower.starts_with("not tested") || lower.starts_with("can't");
    let level = if upper.starts_with("INFECTED") {
        Severity::High
    } else if upper.starts_with("VULNERABLE BUT DISABLED") {
        Severity::Low
    } else if says_nothing || is_unseen {
        Severity::Info
    } else {
        Severity::Medium
    };
    Draft {
        check: name_of(check),
        title,
        severity: Some(level),
        severity_word: verdict.to_owned(),
        category: "malware".to_owned(),
        ..Draft::default()
    }
}

fn close(open: Option<Draft>, out: &mut Collector) {
    if let Some(mut draft) = open {
        let explained = |name: &str| matches!(name, "warning" | "listed" | "output");
        let lines = draft.evidence.iter().filter(|(name, _)| explained(name));
        draft.description = lines
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        out.finding(draft);
    }
}
