//! Reports of sys-scan-graph: the scanner's JSON, NDJSON and SARIF, the agent's fact packs and
//! enriched reports, and its data sets of findings.

mod place;

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use casemate_schema::{Severity, Status};
use place::{category_of, place_of};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Surface of the checks, which are the scanners.
const SURFACE: &str = "host";

/// What is known of a file while its findings are read.
#[derive(Default)]
struct Run {
    /// How often each place was met; see [`Run::take`].
    seen: HashMap<String, u64>,
    /// Titles of correlations by the own id of the findings in them.
    correlations: HashMap<String, Vec<String>>,
    n: u64,
}

/// Reads a JSON or NDJSON report of the scanner or of its agent.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    let mut run = Run::default();
    if document.is_array() || document.get("type").is_some() {
        run.lines(field::each(document), out);
        return Ok(());
    }
    if document.get("top_outlier_hosts").is_some() {
        return Err(ImportError::NotThisKind {
            kind: "sys-scan-graph".to_owned(),
            reason: "a fleet report holds figures over hosts and no findings; import the reports \
                     of the hosts"
                .to_owned(),
        });
    }
    if let Some(data) = [document.get("data"), Some(document)]
        .into_iter()
        .flatten()
        .find(|data| data.get("findings").is_some_and(Value::is_object))
    {
        run.dataset(data, out);
    } else if let Some(findings) = ["enriched_findings", "findings"]
        .iter()
        .find_map(|name| document.get(*name))
    {
        run.correlations_of(document);
        out.target(&field::first(document, &["host_id"]));
        out.scanned_at(&field::text(document, "generated_at"));
        for (index, finding) in field::each(findings).iter().enumerate() {
            let scanner = tagged(finding, "scanner:");
            run.take(finding, &scanner, &format!("findings[{index}]"), out);
        }
        run.check_number(&field::text(document, "finding_count"), out);
    } else {
        run.report(document, out);
    }
    Ok(())
}

/// Reads the scanner's SARIF, which has no rules and levels that SARIF does not know.
pub(super) fn read_sarif(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let mut run = Run::default();
    for (at, sarif) in field::list(input.json()?, "runs").iter().enumerate() {
        if let Some(driver) = sarif.pointer("/tool/driver") {
            out.tool_version(&field::first(driver, &["semanticVersion", "version"]));
        }
        for (index, result) in field::list(sarif, "results").iter().enumerate() {
            let message = result.get("message").cloned().unwrap_or(Value::Null);
            let text = field::text(&message, "text");
            // A title holds " - " in no scanner; a description may.
            let (title, description) = text.split_once(" - ").unwrap_or((&text, ""));
            let properties = result.get("properties").cloned().unwrap_or(Value::Null);
            let finding = serde_json::json!({
                "id": result.get("ruleId"),
                "severity": result.get("level"),
                "title": title,
                "description": description,
                "base_severity_score": properties.get("baseSeverityScore"),
                "mitre_techniques": properties.get("mitreTechniqueIds"),
            });
            run.take(&finding, "", &format!("runs[{at}].results[{index}]"), out);
        }
    }
    Ok(())
}

impl Run {
    fn report(&mut self, document: &Value, out: &mut Collector) {
        let none = Value::Null;
        let meta = document.get("meta").unwrap_or(&none);
        let summary = document.get("summary").unwrap_or(&none);
        let version = field::text(meta, "tool_version");
        out.tool_version(&version);
        out.target(&field::text(meta, "hostname"));
        let mut scanned_at = field::first(summary, &["started_at", "finished_at"]);
        for (at, block) in field::list(document, "results").iter().enumerate() {
            let scanner = field::text(block, "scanner");
            if scanned_at.is_empty() {
                scanned_at = field::text(block, "start_time");
            }
            let findings = field::list(block, "findings");
            let mut status = Status::Passed;
            for (index, finding) in findings.iter().enumerate() {
                let place = format!("results[{at}].findings[{index}]");
                self.take(finding, &scanner, &place, out);
                if !has_passed(finding) {
                    status = Status::Hit;
                }
            }
            out.check(&scanner, SURFACE, status, None);
            if scanner == "network" && findings.is_empty() && version.starts_with("6.0.") {
                let reason = format!("version {version} of the scanner drops what it finds here");
                out.check(&scanner, SURFACE, Status::NotAssessed, Some(reason));
            }
        }
        out.scanned_at(&scanned_at);
        unseen(document, out);
        self.check_number(&field::text(summary, "finding_count_emitted"), out);
    }

    fn lines(&mut self, lines: &[Value], out: &mut Collector) {
        let mut scanners: BTreeMap<String, bool> = BTreeMap::new();
        let mut emitted = String::new();
        let mut n_messages = 0;
        for (index, line) in lines.iter().enumerate() {
            let scanner = field::text(line, "scanner");
            match field::text(line, "type").as_str() {
                "meta" => {
                    out.tool_version(&field::text(line, "tool_version"));
                    out.target(&field::text(line, "hostname"));
                }
                "finding" => {
                    self.take(line, &scanner, &format!("line {}", index + 1), out);
                    *scanners.entry(scanner).or_default() |= !has_passed(line);
                }
                "timing" => {
                    scanners.entry(scanner).or_default();
                }
                "summary" => {
                    emitted = field::text(line, "finding_count_emitted");
                    out.scanned_at(&field::first(line, &["started_at", "finished_at"]));
                }
                "summary_extension" => {}
                other => {
                    let note = format!("line {} is of unknown type `{other}`", index + 1);
                    out.note_some(&mut n_messages, &note);
                }
            }
        }
        for (scanner, has_findings) in &scanners {
            let status = if *has_findings {
                Status::Hit
            } else {
                Status::Passed
            };
            out.check(scanner, SURFACE, status, None);
        }
        self.check_number(&emitted, out);
    }

    /// A data set: findings by scanner and severity.
    fn dataset(&mut self, data: &Value, out: &mut Collector) {
        self.correlations_of(data);
        out.scanned_at(&field::text(data, "generated_at"));
        let groups = data.get("findings").and_then(Value::as_object);
        for (scanner, levels) in groups.into_iter().flatten() {
            let lists: Vec<(&str, &Value)> = match levels {
                Value::Object(map) => map
                    .iter()
                    .map(|(name, list)| (name.as_str(), list))
                    .collect(),
                list => vec![("", list)],
            };
            for (level, findings) in lists {
                for (index, finding) in field::each(findings).iter().enumerate() {
                    let at = format!("data.findings.{scanner}.{level}[{index}]");
                    self.take_made(finding, scanner, &at, out);
                }
            }
        }
        let total = data.pointer("/statistics/total_findings").map(field::shown);
        self.check_number(&total.unwrap_or_default(), out);
    }

    fn correlations_of(&mut self, document: &Value) {
        for correlation in field::list(document, "correlations") {
            let title = field::first(correlation, &["title", "id"]);
            let related = [
                "related_finding_ids",
                "correlation_refs",
                "related_findings",
            ];
            for id in related
                .iter()
                .flat_map(|name| field::texts(correlation, name))
            {
                self.correlations.entry(id).or_default().push(title.clone());
            }
        }
    }

    /// A finding of a scanner.
    fn take(&mut self, finding: &Value, scanner: &str, at: &str, out: &mut Collector) {
        let id = field::text(finding, "id");
        let title = field::text(finding, "title");
        if id.is_empty() && title.is_empty() {
            out.reject(at, "it has neither an id nor a title");
            return;
        }
        let place = place_of(scanner, &id, &title);
        let mut draft = self.draft_of(finding, scanner);
        draft.check = if place.check.is_empty() {
            title
        } else {
            place.check
        };
        draft.path = place.path;
        draft.subject = place.subject;
        place.category.clone_into(&mut draft.category);
        control(&draft.check, finding, out);
        // One own id may occur several times in a file: units that two directories hold, a file
        // that two scanners report. All formats list scanners and findings in the same order, and
        // drop different other parts, so the number of the occurrence tells them apart.
        let identity = format!("{}\u{1f}{}\u{1f}{}", draft.check, draft.path, draft.subject);
        let seen = self.seen.entry(identity).or_default();
        *seen += 1;
        if *seen > 1 {
            draft.key = format!("#{seen}");
        }
        out.finding(draft);
    }

    /// A finding of a data set, whose own id is made up.
    fn take_made(&mut self, finding: &Value, scanner: &str, at: &str, out: &mut Collector) {
        let mut draft = self.draft_of(finding, scanner);
        if draft.own_id.is_empty() && draft.title.is_empty() {
            out.reject(at, "it has neither an id nor a title");
            return;
        }
        let none = Value::Null;
        let metadata = finding.get("metadata").unwrap_or(&none);
        scanner.clone_into(&mut draft.check);
        category_of(scanner).clone_into(&mut draft.category);
        draft.host = field::text(metadata, "host");
        draft.path = field::text(metadata, "path");
        let about = ["user", "domain", "module", "foreign_address", "command"];
        draft.subject = field::first(metadata, &about);
        draft.key.clone_from(&draft.own_id);
        out.finding(draft);
    }

    /// What every format says of a finding, without its place.
    fn draft_of(&mut self, finding: &Value, scanner: &str) -> Draft {
        self.n += 1;
        let none = Value::Null;
        let metadata = finding.get("metadata").unwrap_or(&none);
        let own_id = field::text(finding, "id");
        let is_operational = field::text(finding, "operational_error") == "true";
        let mut draft = Draft {
            title: title_of(finding, scanner, &own_id),
            severity: is_operational.then_some(Severity::Info),
            severity_word: field::text(finding, "severity"),
            description: field::text(finding, "description"),
            remediation: remediation_of(metadata, &own_id),
            techniques: techniques_of(finding, metadata),
            first_seen: field::first(metadata, &["timestamp", "query_timestamp"]),
            ..Draft::default()
        };
        if !scanner.is_empty() {
            draft.see("scanner", scanner);
        }
        for (name, value) in metadata.as_object().into_iter().flatten() {
            draft.see(name, field::shown(value));
        }
        for name in [
            "base_severity_score",
            "risk_score",
            "baseline_status",
            "tags",
            "rationale",
        ] {
            draft.see(
                name,
                finding.get(name).map(field::shown).unwrap_or_default(),
            );
        }
        if is_operational {
            draft.see("operational error", "true");
        }
        for title in self.correlations.get(&own_id).into_iter().flatten() {
            draft.see("correlation", title);
        }
        let allowed = field::text(finding, "allowlist_reason");
        if !allowed.is_empty() {
            draft.suppressed = Some(("accepted".to_owned(), String::new(), allowed));
        } else if has_passed(finding) {
            // The scanner writes passed controls among its findings, with the severity that a
            // failed one has.
            let reason = "the control passed".to_owned();
            draft.severity = Some(Severity::Info);
            draft.suppressed = Some(("passed".to_owned(), String::new(), reason));
        }
        draft.own_id = own_id;
        draft
    }

    /// Says so when a file does not hold what it counts.
    fn check_number(&self, stated: &str, out: &mut Collector) {
        if let Ok(stated) = stated.parse::<u64>()
            && stated != self.n
        {
            out.note(format!(
                "the report counts {stated} findings and holds {}",
                self.n
            ));
        }
    }
}

/// Whether this is a control of a standard that the host meets: the scanner writes those among its
/// findings.
fn has_passed(finding: &Value) -> bool {
    let passed = finding.pointer("/metadata/passed").map(field::shown);
    passed.as_deref() == Some("true")
}

/// Notes in the coverage how a control of a standard ended, where the file says so.
fn control(check: &str, finding: &Value, out: &mut Collector) {
    if finding.pointer("/metadata/passed").is_some() {
        let status = if has_passed(finding) {
            Status::Passed
        } else {
            Status::Hit
        };
        out.check(check, SURFACE, status, None);
    }
}

/// A title that names its subject.
fn title_of(finding: &Value, scanner: &str, id: &str) -> String {
    let title = field::text(finding, "title");
    let description = field::text(finding, "description");
    if title.is_empty() && scanner.is_empty() {
        id.to_owned()
    } else if title.is_empty() {
        format!("{scanner}: {id}")
    } else if title == id && !description.is_empty() {
        format!("{description}: {id}")
    } else if id.starts_with('/') && !title.contains(id) {
        format!("{title}: {id}")
    } else {
        // Other own ids are made up, or repeat the title.
        title
    }
}

fn remediation_of(metadata: &Value, id: &str) -> String {
    let wanted = field::first(metadata, &["desired", "expected"]);
    if wanted.is_empty() || wanted == field::first(metadata, &["current", "value"]) {
        return String::new();
    }
    let mut name = field::first(metadata, &["key", "path"]);
    if name.is_empty() {
        id.clone_into(&mut name);
    }
    format!("Set {name} to {wanted}.")
}

fn techniques_of(finding: &Value, metadata: &Value) -> Vec<String> {
    let mut all = field::texts(finding, "mitre_techniques");
    all.extend(field::texts(metadata, "mitre_techniques"));
    let split = all.iter().flat_map(|text| text.split([',', ' ', ';']));
    split
        .filter(|text| text.starts_with('T'))
        .map(str::to_owned)
        .collect()
}

/// What a tag such as `scanner:mac` names.
fn tagged(finding: &Value, prefix: &str) -> String {
    let tags = field::texts(finding, "tags");
    let named = tags.iter().find_map(|tag| tag.strip_prefix(prefix));
    named.unwrap_or_default().to_owned()
}

/// What the scanners could not look at.
fn unseen(document: &Value, out: &mut Collector) {
    let mut by_scanner: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for list in ["collection_warnings", "partial_warnings", "scanner_errors"] {
        for warning in field::list(document, list) {
            let mut scanner = field::text(warning, "scanner");
            if scanner.is_empty() {
                "scan".clone_into(&mut scanner);
            }
            let what = field::first(warning, &["code", "message", "detail"]);
            *by_scanner
                .entry(scanner)
                .or_default()
                .entry(what)
                .or_default() += 1;
        }
    }
    for (scanner, whats) in by_scanner {
        let whats: Vec<String> = whats
            .into_iter()
            .map(|(what, n)| {
                if n > 1 {
                    format!("{what} ({n} times)")
                } else {
                    what
                }
            })
            .collect();
        let reason = format!("could not look everywhere: {}", whats.join(", "));
        out.note(format!("{scanner} {reason}"));
        out.check(&scanner, SURFACE, Status::NotAssessed, Some(reason));
    }
}
