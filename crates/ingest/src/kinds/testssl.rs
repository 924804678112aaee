//! testssl.sh: its CSV, its flat and its pretty JSON. All hold the same rows.

use super::words;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::ItemPath;
use casemate_schema::{Severity, Status};
use serde_json::Value;

/// Longest part of a title that is the tool's text, in characters.
const TITLE_CHARACTERS: usize = 120;
/// Rows on the rating of the server as a whole, which is made from the other rows.
const RATING: [&str; 10] = [
    "rating_spec",
    "rating_doc",
    "protocol_support_score",
    "protocol_support_score_weighted",
    "key_exchange_score",
    "key_exchange_score_weighted",
    "cipher_strength_score",
    "cipher_strength_score_weighted",
    "final_score",
    "overall_grade",
];

/// Where a row belongs.
struct Target {
    host: String,
    address: String,
    port: String,
}

#[derive(Default)]
struct Seen {
    n_rows: u64,
    /// Why nothing could be tested, in the tool's words.
    fatal: Vec<String>,
}

/// Reads CSV.
pub(super) fn read_csv(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let header = ["id", "fqdn/ip", "severity", "finding"].map(str::to_owned);
    let mut seen = Seen::default();
    let rows = ItemPath { steps: Vec::new() };
    items::each(input, Family::Csv, &rows, &header, &mut |scope| {
        let target = Target::of(scope.item, &field::text(scope.item, "fqdn/ip"));
        seen.row(scope.item, &target, scope.place, out);
        Ok(())
    })?;
    seen.end(out)
}

/// Reads JSON of both forms.
pub(super) fn read_json(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    let mut seen = Seen::default();
    if document.get("scanResult").is_none() {
        for (index, row) in field::each(document).iter().enumerate() {
            let target = Target::of(row, &field::text(row, "ip"));
            seen.row(row, &target, &format!("[{index}]"), out);
        }
        return seen.end(out);
    }
    let version = field::text(document, "version");
    out.tool_version(version.split_whitespace().next().unwrap_or_default());
    out.scanned_at(&field::text(document, "startTime"));
    for (index, result) in field::list(document, "scanResult").iter().enumerate() {
        let named = format!(
            "{}/{}",
            field::text(result, "targetHost"),
            field::text(result, "ip")
        );
        let target = Target::of(result, &named);
        if result.get("finding").is_some() {
            // What failed before the first test stands beside the results.
            seen.row(result, &target, &format!("scanResult[{index}]"), out);
            continue;
        }
        let sections = result.as_object().into_iter().flatten();
        for (name, section) in sections.filter(|(_, section)| section.is_array()) {
            for (row, at) in field::each(section).iter().zip(0_u64..) {
                let place = format!("scanResult[{index}].{name}[{at}]");
                seen.row(row, &target, &place, out);
            }
        }
    }
    seen.end(out)
}

impl Target {
    /// Reads `www.example.com/192.0.2.1`, where either part may be missing.
    fn of(row: &Value, named: &str) -> Self {
        let (host, address) = named.split_once('/').unwrap_or((named, ""));
        let host = if host.is_empty() { address } else { host };
        Self {
            host: host.trim().to_owned(),
            address: address.trim().to_owned(),
            port: field::text(row, "port"),
        }
    }
}

impl Seen {
    fn row(
        &mut self,
        row: &Value,
        target: &Target,
        place: &dyn std::fmt::Display,
        out: &mut Collector,
    ) {
        let id = field::text(row, "id");
        let severity = field::text(row, "severity").to_ascii_uppercase();
        let finding = field::text(row, "finding");
        if id.is_empty() {
            out.reject(place, "it has no id");
            return;
        }
        if id == "overall_grade" && severity != "FATAL" {
            out.note(format!("{}: overall grade {finding}", target.host));
        }
        if RATING.contains(&id.as_str()) || id.starts_with("grade_cap_reason_") {
            return;
        }
        self.n_rows += 1;
        let could_not = || Some(format!("{}: {finding}", target.host));
        match severity.as_str() {
            "OK" => return out.check(&id, "tls", Status::Passed, None),
            "FATAL" => {
                self.fatal.push(finding.clone());
                out.check(&id, "tls", Status::NotAssessed, could_not());
            }
            "WARN" => out.check(&id, "tls", Status::NotAssessed, could_not()),
            "INFO" | "DEBUG" => {}
            _ => out.check(&id, "tls", Status::Hit, None),
        }
        let cves: Vec<String> = field::text(row, "cve")
            .split([' ', ','])
            .filter(|cve| !cve.is_empty())
            .map(str::to_owned)
            .collect();
        // A row that names several vulnerabilities is one finding for each.
        let n = cves.len().max(1);
        for at in 0..n {
            out.finding(draft(row, target, &id, &severity, cves.get(at)));
        }
    }

    fn end(self, out: &mut Collector) -> Result<(), ImportError> {
        let n_fatal = self.fatal.len() as u64;
        match self.fatal.into_iter().next() {
            Some(reason) if n_fatal == self.n_rows => Err(ImportError::ToolFailed { reason }),
            Some(reason) => {
                out.note(format!("part of the scan failed: {reason}"));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn draft(row: &Value, target: &Target, id: &str, word: &str, cve: Option<&String>) -> Draft {
    let finding = field::text(row, "finding");
    let named = cve.map_or_else(|| id.to_owned(), |cve| format!("{id} ({cve})"));
    let short = finding.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut draft = Draft {
        check: id.to_owned(),
        title: format!(
            "{named} on {}:{}: {}",
            target.host,
            target.port,
            words::cut(&short, TITLE_CHARACTERS)
        ),
        category: "tls".to_owned(),
        // A warning is that something could not be tested, not a level.
        severity: matches!(word, "WARN" | "FATAL").then_some(Severity::Info),
        severity_word: word.to_owned(),
        description: finding.clone(),
        host: target.host.clone(),
        subject: format!("{}/tcp", target.port)
            .trim_start_matches('/')
            .to_owned(),
        ids: cve.into_iter().cloned().collect(),
        cwes: field::text(row, "cwe")
            .split([' ', ','])
            .map(str::to_owned)
            .collect(),
        key: cve.cloned().unwrap_or_default(),
        ..Draft::default()
    };
    let cve = draft.key.as_str();
    // The addresses of one name usually answer the same.
    draft.same_as = [&target.host, &target.port, id, cve, &finding].join("\u{1f}");
    draft.see("address", &target.address);
    draft.see("hint", field::text(row, "hint"));
    draft
}
