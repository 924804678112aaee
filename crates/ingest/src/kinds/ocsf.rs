//! Findings in the Open Cybersecurity Schema Framework, versions 1.0 to 1.6: classes Security
//! Finding (2001), Vulnerability (2002), Compliance (2003), Detection (2004), Incident (2005), Data
//! Security (2006) and Application Security Posture Finding (2007). Prowler writes this too.

mod parts;

pub(super) use parts::kind_of_manager;

use super::words::joined;
use crate::collector::Collector;
use crate::draft::{CATEGORIES, Draft};
use crate::error::ImportError;
use crate::field::{at, first, list, text, texts};
use crate::input::Input;
use crate::items;
use casemate_schema::{Severity, Status};
use serde_json::Value;

/// Names that events stand under when they are no list by themselves.
const WRAPPERS: [&str; 4] = ["findings", "events", "records", "Records"];

/// Reads a document, a list of events or one event a line.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let mut n_records = 0_u64;
    let mut n_others = 0_u64;
    let is_mixed = about(input, out)?;
    items::wrapped(input, &WRAPPERS, &mut |scope| {
        let event = scope.item;
        if !event.is_object() {
            out.reject(scope.place, "it is no object");
            return Ok(());
        }
        n_records += 1;
        match class_of(event) {
            2000..=2099 => take(event, is_mixed, &scope.place.to_string(), out),
            _ => n_others += 1,
        }
        Ok(())
    })?;
    if n_records > 0 && n_others == n_records {
        return Err(ImportError::NotThisKind {
            kind: "ocsf".to_owned(),
            reason: "no event is of a class of findings (2001 to 2007)".to_owned(),
        });
    }
    if n_others > 0 {
        out.note(format!(
            "{n_others} events are of classes that are no findings"
        ));
    }
    Ok(())
}

/// What the first event says of the tool; gives whether the events are of several tools, which
/// then have no common name.
fn about(input: &Input<'_>, out: &mut Collector) -> Result<bool, ImportError> {
    let mut product: Option<String> = None;
    let mut is_mixed = false;
    items::wrapped(input, &WRAPPERS, &mut |scope| {
        let event = scope.item;
        let name = product_of(event);
        match &product {
            Some(known) => is_mixed |= *known != name,
            None => {
                out.tool_version(&text(event, "metadata.product.version"));
                out.scanned_at(&first(event, ["time_dt", "time", "metadata.logged_time"]));
                let target = ["cloud.account.uid", "device.hostname", "cloud.account.name"];
                out.target(&first(event, &target));
                product = Some(name);
            }
        }
        Ok(())
    })?;
    match product {
        Some(name) if !is_mixed => out.tool(&name),
        _ => {}
    }
    Ok(is_mixed)
}

fn product_of(event: &Value) -> String {
    let names = ["metadata.product.name", "metadata.product.vendor_name"];
    first(event, &names)
}

/// The class: as said, else by the type, which is the class with the activity behind it.
fn class_of(event: &Value) -> u64 {
    let number = |path: &str| text(event, path).parse::<u64>().ok();
    number("class_uid")
        .or_else(|| number("type_uid").map(|kind| kind / 100))
        .unwrap_or_else(|| u64::from(at(event, "finding_info").is_object()) * 2004)
}

/// How a check ended.
enum Outcome {
    Passed,
    Failed,
    /// A person has to look.
    Manual,
    NotApplicable,
    /// It could not look.
    Unknown,
}

/// The outcome of a check; `None` if the event is of none.
fn outcome(event: &Value) -> Option<Outcome> {
    let by_word = |path: &str| {
        Some(match text(event, path).to_lowercase().as_str() {
            "pass" | "passed" | "success" | "compliant" => Outcome::Passed,
            "fail" | "failed" | "warning" | "noncompliant" | "non_compliant" => Outcome::Failed,
            "manual" => Outcome::Manual,
            "not_applicable" | "not applicable" => Outcome::NotApplicable,
            "not_available" | "skipped" | "unknown" => Outcome::Unknown,
            _ => return None,
        })
    };
    let by_number = || {
        Some(match text(event, "compliance.status_id").as_str() {
            "1" => Outcome::Passed,
            "2" | "3" => Outcome::Failed,
            "0" => Outcome::Unknown,
            _ => return None,
        })
    };
    by_word("compliance.status")
        .or_else(|| by_word("compliance.status_code"))
        .or_else(by_number)
        .or_else(|| by_word("status_code"))
}

fn is_prowler(event: &Value) -> bool {
    let name = text(event, "metadata.product.name").to_lowercase();
    name.starts_with("prowler") || text(event, "finding_info.product_uid") == "prowler"
}

/// The rule, as far as possible one that is the same in the next run.
fn check_of(event: &Value) -> String {
    let named = first(
        event,
        [
            "metadata.event_code",
            "finding_info.analytic.uid",
            "analytic.uid",
            "compliance.checks.uid",
            "compliance.control",
            "finding_info.analytic.name",
            "analytic.name",
            "vulnerabilities.affected_code.rule.uid",
        ],
    );
    if !named.is_empty() {
        return named;
    }
    // GuardDuty: `TTPs/Discovery/Recon:EC2-Portscan`.
    let types = texts(event, "finding_info.types");
    let rule = types.first().and_then(|kind| kind.rsplit('/').next());
    rule.filter(|rule| rule.contains(':'))
        .unwrap_or_default()
        .to_owned()
}

fn take(event: &Value, is_mixed: bool, place: &str, out: &mut Collector) {
    let check = check_of(event);
    let detail = first(
        event,
        ["status_detail", "compliance.status_detail", "message"],
    );
    let said = outcome(event);
    let status = match said {
        None => None,
        Some(Outcome::Passed) => Some((Status::Passed, None)),
        Some(Outcome::Failed) => Some((Status::Hit, None)),
        Some(Outcome::Manual) => {
            let reason = joined(&["needs manual review", &detail], ": ");
            Some((Status::NotAssessed, Some(reason)))
        }
        Some(Outcome::NotApplicable) => Some((Status::NotApplicable, Some(detail))),
        Some(Outcome::Unknown) => Some((Status::NotAssessed, Some(detail))),
    };
    if let Some((status, reason)) = status {
        let title = first(event, ["finding_info.title", "finding.title"]);
        let id = if check.is_empty() { &title } else { &check };
        let surface = first(event, ["cloud.provider", "metadata.product.name"]);
        out.check(id, &surface, status, reason);
    }
    // What a person has to look at is an open task, so it is a finding, of level info.
    let is_manual = matches!(said, Some(Outcome::Manual));
    if !(is_manual || matches!(said, None | Some(Outcome::Failed))) {
        return;
    }
    let mut draft = draft_of(event, check);
    if draft.title.is_empty() && draft.check.is_empty() && draft.description.is_empty() {
        out.reject(place, "it has neither a rule nor a title");
        return;
    }
    if is_mixed {
        draft.see("product", product_of(event));
    }
    if is_manual {
        draft.severity = Some(Severity::Info);
        draft.title = format!("Needs manual review: {}", draft.title);
    }
    if let Some(reason) = suppressed(event) {
        draft.suppressed = Some(reason);
    }
    parts::vulnerabilities(event, draft, out);
}

/// Where the times of a finding stand, by the version of OCSF.
const FIRST_SEEN: [&str; 4] = [
    "finding_info.first_seen_time_dt",
    "finding_info.first_seen_time",
    "finding.first_seen_time_dt",
    "finding.first_seen_time",
];
const LAST_SEEN: [&str; 4] = [
    "finding_info.last_seen_time_dt",
    "finding_info.last_seen_time",
    "finding.last_seen_time_dt",
    "finding.last_seen_time",
];

fn draft_of(event: &Value, check: String) -> Draft {
    let prowler = is_prowler(event);
    let title = first(event, ["finding_info.title", "finding.title"]);
    let message = first(event, ["message", "status_detail"]);
    let resource = resource(event);
    let mut draft = Draft {
        check,
        own_id: first(event, ["finding_info.uid", "finding.uid", "metadata.uid"]),
        // Prowler's title is the rule's; its message says what is wrong with what.
        title: match (prowler, title.is_empty(), message.is_empty()) {
            (true, _, false) | (false, true, _) => message.clone(),
            _ => title.clone(),
        },
        severity: severity(event),
        severity_word: text(event, "severity"),
        category: category(event, prowler).to_owned(),
        description: joined(
            &[
                &first(event, ["finding_info.desc", "finding.desc"]),
                &text(event, "risk_details"),
            ],
            "\n\n",
        ),
        remediation: first(event, ["remediation.desc", "finding.remediation.desc"]),
        host: first(
            event,
            [
                "device.hostname",
                "device.name",
                "device.ip",
                "cloud.account.uid",
                "resources.hostname",
                "device.uid",
            ],
        ),
        subject: first(resource, ["uid", "name"]),
        first_seen: first(event, &FIRST_SEEN),
        last_seen: first(event, &LAST_SEEN),
        techniques: parts::techniques(event),
        references: parts::references(event),
        ..Draft::default()
    };
    if draft.subject == draft.host {
        draft.subject.clear();
    }
    if prowler {
        // As in the table that Prowler writes.
        draft.key = first(resource, ["region", "namespace"]);
        let name = text(resource, "name");
        draft.same_as = [
            &draft.check,
            &message,
            &draft.host,
            &draft.key,
            &draft.subject,
            &name,
        ]
        .map(String::as_str)
        .join("|");
        draft.see("rule", title);
    } else if message != draft.title {
        draft.see("message", message);
    }
    parts::observations(event, resource, &mut draft);
    draft
}

/// The first resource; an old name is the singular.
fn resource(event: &Value) -> &Value {
    let several = list(event, "resources");
    several
        .iter()
        .next()
        .unwrap_or_else(|| at(event, "resource"))
}

/// By the number, which is fixed; the word may be in any language.
fn severity(event: &Value) -> Option<Severity> {
    Some(match text(event, "severity_id").as_str() {
        "1" => Severity::Info,
        "2" => Severity::Low,
        "3" => Severity::Medium,
        "4" => Severity::High,
        "5" | "6" => Severity::Critical,
        _ => return None,
    })
}

fn category(event: &Value, prowler: bool) -> &'static str {
    // A writer that knows our words says it itself.
    let types = texts(event, "finding_info.types");
    let known = CATEGORIES
        .iter()
        .find(|word| types.iter().any(|kind| kind.eq_ignore_ascii_case(word)));
    if let Some(word) = known {
        return word;
    }
    let has = |path: &str| !list(event, path).is_empty();
    match class_of(event) {
        2002 => "vulnerability",
        2003 => "compliance",
        _ if prowler => "misconfiguration",
        2007 if has("vulnerabilities.cve") => "vulnerability",
        2007 => "code",
        _ if has("malware") => "malware",
        2001 if has("compliance") => "compliance",
        _ if has("vulnerabilities") => "vulnerability",
        _ => "threat",
    }
}

/// Whether the event says that it does not count any more.
fn suppressed(event: &Value) -> Option<(String, String, String)> {
    let word = first(event, ["status", "state"]).to_lowercase();
    let number = first(event, ["status_id", "state_id"]);
    // Prowler 4 writes `New` with the number of `Suppressed`: the word is what it means.
    let status = match (word.as_str(), number.as_str()) {
        ("suppressed", _) | ("", "3") => "suppressed",
        ("resolved", _) | ("", "4") => "fixed",
        ("archived", _) | ("", "5") => "archived",
        ("deleted", _) | ("", "6") => "deleted",
        _ if text(event, "activity_id") == "3" => "fixed",
        _ => return None,
    };
    let statement = first(event, ["comment", "status_detail"]);
    Some((status.to_owned(), String::new(), statement))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bytes, Imported};
    use serde_json::json;

    fn read_all(document: &Value) -> Imported {
        let text = document.to_string();
        let source = Bytes(text.as_bytes());
        let input = Input::new("x", &source).expect("text");
        let mut out = Collector::new("ocsf", "OCSF");
        read(&input, &mut out).expect("read");
        out.finish().expect("finished")
    }

    #[test]
    fn outcomes_of_checks() {
        let event = |code: &str| {
            json!({"class_uid": 2003, "metadata": {"product": {"name": "P"}},
                   "finding_info": {"title": code, "uid": code},
                   "compliance": {"control": code, "status": code}})
        };
        let all = read_all(&json!([
            event("Pass"),
            event("Fail"),
            event("MANUAL"),
            event("99")
        ]));
        // What has no known outcome is a finding rather than nothing.
        assert_eq!(all.findings.len(), 3);
        assert_eq!(all.checks.len(), 3);
        assert_eq!(all.tool, "P");
    }

    #[test]
    fn one_finding_for_each_vulnerable_package() {
        let event = json!({
            "class_uid": 2002, "severity_id": 4, "status": "Suppressed",
            "device": {"hostname": "web.example.com"},
            "finding_info": {"title": "t", "uid": "u"},
            "vulnerabilities": [{
                "cve": {"uid": "CVE-2024-1", "cwe_uid": "CWE-79", "epss": {"score": "0.5"},
                        "cvss": [{"base_score": 7.5, "version": "3.1"}]},
                "affected_packages": [
                    {"name": "a", "version": "1", "purl": "pkg:npm/a@1"}, {"name": "b"}],
            }],
        });
        let all = read_all(&event);
        assert_eq!(all.suppressed.len(), 2);
        let component = all.suppressed[0].component.as_ref().expect("a component");
        assert_eq!(component.kind.as_deref(), Some("npm"));
        let known = all.suppressed[0].vulnerability.as_ref().expect("known");
        assert_eq!((known.id.as_str(), known.epss), ("CVE-2024-1", Some(0.5)));
    }
}
