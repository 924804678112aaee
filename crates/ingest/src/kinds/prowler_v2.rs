//! Prowler 2: JSON lines or a list of objects, and a table with the same columns in capitals.

use super::words::joined;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::{ItemPath, text_of};
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::HashMap;

/// Most rules that are named as others with the same message.
const ALSO_MAX: usize = 100;

/// The account's columns.
const ACCOUNT: &[&str] = &["ACCOUNT_NUM", "Account Number"];

/// One record in either format.
struct Row<'a>(&'a Value);

impl Row<'_> {
    /// The first of these columns that says something.
    fn get(&self, names: &[&str]) -> String {
        names
            .iter()
            .find_map(|name| self.0.get(*name).and_then(text_of))
            .unwrap_or_default()
    }

    fn result(&self) -> String {
        self.get(&["CHECK_RESULT", "RESULT", "Status"])
            .to_uppercase()
    }

    fn control(&self) -> String {
        self.get(&["TITLE_TEXT", "Control"])
    }

    fn message(&self) -> String {
        self.get(&["CHECK_RESULT_EXTENDED", "NOTES", "Message"])
    }

    /// `check11` of `[check11] Avoid the use of the root account`; else the number of the control.
    fn check(&self) -> String {
        let control = self.control();
        let named = control
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .map(|(name, _)| name.trim().to_owned());
        named
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.get(&["TITLE_ID", "Control ID"]))
    }
}

/// Reads a report in either format.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let mut taken = Taken::default();
    let is_json = input.head().trim_start().starts_with(['{', '[']);
    if is_json {
        // Only what failed counts in this format; the rest says what was looked at.
        items::wrapped(input, &[], &mut |scope| {
            if scope.item.is_object() {
                taken.row(&Row(scope.item), false, out);
            } else {
                out.reject(scope.place, "it is no object");
            }
            Ok(())
        })?;
    } else {
        let header = ["TITLE_ID", "TITLE_TEXT"].map(str::to_owned);
        let path = ItemPath::parse("[]").map_err(|error| ImportError::damaged("path", error))?;
        items::each(input, Family::Csv, &path, &header, &mut |scope| {
            taken.row(&Row(scope.item), true, out);
            Ok(())
        })?;
    }
    for draft in taken.drafts {
        out.finding(draft);
    }
    Ok(())
}

/// The findings so far: records of one level, region and message are one finding.
#[derive(Default)]
struct Taken {
    drafts: Vec<Draft>,
    known: HashMap<String, usize>,
}

impl Taken {
    fn row(&mut self, row: &Row<'_>, is_table: bool, out: &mut Collector) {
        if self.drafts.is_empty() {
            out.target(&row.get(ACCOUNT));
            out.scanned_at(&row.get(&["TIMESTAMP", "Timestamp"]));
        }
        let check = row.check();
        let result = row.result();
        let message = row.message();
        let surface = row.get(&["CHECK_SERVICENAME", "Service"]);
        let (status, reason) = match result.as_str() {
            "PASS" => (Status::Passed, None),
            "FAIL" | "WARNING" => (Status::Hit, None),
            _ => (Status::NotAssessed, Some(message.clone())),
        };
        out.check(&check, &surface, status, reason);
        if status != Status::Hit && !is_table {
            return;
        }
        let draft = draft_of(row, check, &result);
        let level = if status == Status::Hit {
            draft.severity_word.as_str()
        } else {
            "Info"
        };
        let key = [level, &row.get(&["REGION", "Region"]), &message].join("|");
        let first = self.known.get(&key).and_then(|at| self.drafts.get_mut(*at));
        if let Some(first) = first {
            also(first, &draft, row);
        } else {
            self.known.insert(key, self.drafts.len());
            self.drafts.push(draft);
        }
    }
}

/// Keeps what another record with the same message is about.
fn also(first: &mut Draft, other: &Draft, row: &Row<'_>) {
    let place = joined(&[&row.control(), &other.host, &other.subject], " ");
    let known = |item: &(String, String)| item.0 == "also" && item.1 == place;
    let n_also = first
        .evidence
        .iter()
        .filter(|item| item.0 == "also")
        .count();
    let is_same = first.check == other.check && first.subject == other.subject;
    if !is_same && n_also < ALSO_MAX && !first.evidence.iter().any(known) {
        first.see("also", place);
    }
    // What failed once has not passed.
    if first.suppressed.is_some() && other.suppressed.is_none() {
        first.suppressed = None;
    }
}

fn draft_of(row: &Row<'_>, check: String, result: &str) -> Draft {
    let message = row.message();
    let word = row.get(&["CHECK_SEVERITY", "SEVERITY", "Severity"]);
    let level = row.get(&["ITEM_LEVEL", "LEVEL", "Level"]);
    let severity = match (result, word.is_empty()) {
        ("PASS" | "INFO", _) => Some(Severity::Info),
        // It failed, so it is more than information.
        _ if word.eq_ignore_ascii_case("informational") => Some(Severity::Low),
        (_, false) => None,
        // Versions before 2.4 give only the level of the benchmark: 1 is for everybody.
        _ if level.ends_with('1') => Some(Severity::High),
        _ => Some(Severity::Medium),
    };
    let control = row.control();
    let rule = control
        .split_once("] ")
        .map_or(control.as_str(), |(_, rule)| rule);
    let mut draft = Draft {
        check,
        title: if message.is_empty() {
            rule.to_owned()
        } else {
            message.clone()
        },
        severity,
        severity_word: word,
        category: "misconfiguration".to_owned(),
        description: joined(&[rule, &row.get(&["CHECK_RISK", "Risk"])], "\n\n"),
        remediation: row.get(&["CHECK_REMEDIATION", "Remediation"]),
        host: row.get(ACCOUNT),
        subject: row.get(&["Resource ID", "RESOURCE_ID"]),
        references: vec![row.get(&["CHECK_DOC", "Doc link"])],
        // The table has no column for the resource; the message names it.
        key: joined(&[&row.get(&["REGION", "Region"]), &message], " "),
        ..Draft::default()
    };
    draft.references.retain(|url| url.contains("://"));
    for (name, columns) in [
        ("control", &["TITLE_ID", "Control ID"]),
        ("region", &["REGION", "Region"]),
        ("service", &["CHECK_SERVICENAME", "Service"]),
        (
            "resource type",
            &["CHECK_ASFF_RESOURCE_TYPE", "Resource Type"],
        ),
        ("compliance", &["CHECK_ASFF_COMPLIANCE_TYPE", "Compliance"]),
        ("type", &["CHECK_ASFF_TYPE", "Type"]),
        ("epic", &["CHECK_CAF_EPIC", "CAF Epic"]),
    ] {
        draft.see(name, row.get(columns));
    }
    draft.see("level", level);
    draft.see("result", result);
    if result == "PASS" {
        let statement = "the check passed".to_owned();
        draft.suppressed = Some(("passed".to_owned(), String::new(), statement));
    }
    draft
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    #[test]
    fn the_table_counts_what_is_alike_once() {
        let table = "PROFILE,ACCOUNT_NUM,REGION,TITLE_ID,CHECK_RESULT,TITLE_TEXT,\
            CHECK_RESULT_EXTENDED,CHECK_SEVERITY\n\
            ,0,eu,1,FAIL,[check1] A,nothing found,High\n\
            ,0,eu,2,FAIL,[check2] B,nothing found,High\n\
            ,0,eu,3,PASS,[check3] C,well,High\n\
            ,0,eu,4,INFO,[check4] D,look yourself,High\n";
        let source = Bytes(table.as_bytes());
        let input = Input::new("x", &source).expect("text");
        let mut out = Collector::new("prowler-v2-csv", "Prowler");
        read(&input, &mut out).expect("read");
        let out = out.finish().expect("finished");
        assert_eq!((out.findings.len(), out.suppressed.len()), (2, 1));
        assert_eq!(out.checks.len(), 4);
        let also = out.findings[0]
            .evidence
            .iter()
            .find(|item| item.name == "also");
        assert!(also.is_some_and(|item| item.value.contains("check2")));
    }
}
