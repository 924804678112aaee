//! Kubescape: results of each resource by its id, with the resources and the controls elsewhere in
//! the document.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text};
use crate::input::Input;
use crate::severity;
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::HashMap;

/// Reads a report of version 2 or 3.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let root = input.json()?;
    if at(root, "results").is_null() && at(root, "summaryDetails").is_null() {
        return Err(ImportError::NotThisKind {
            kind: "kubescape".to_owned(),
            reason: "there is neither `results` nor `summaryDetails`".to_owned(),
        });
    }
    out.tool_version(&text(root, "metadata.scanMetadata.kubescapeVersion"));
    let when = text(root, "generationTime");
    // The year 1 stands for "not said".
    if !when.starts_with("0001") {
        out.scanned_at(&when);
    }
    let report = Report {
        controls: at(root, "summaryDetails.controls"),
        resources: list(root, "resources")
            .iter()
            .map(|resource| (text(resource, "resourceID"), resource))
            .collect(),
        host: host(root),
    };
    out.target(&report.host);
    report.checks(out);
    for result in list(root, "results") {
        report.result(result, out);
    }
    Ok(())
}

/// The cluster. For files alone there is none: a machine's name would change from run to run.
fn host(root: &Value) -> String {
    first(
        root,
        [
            "clusterName",
            "metadata.targetMetadata.clusterContextMetadata.contextName",
            "metadata.clusterMetadata.contextMetadata.clusterName",
            "metadata.contextMetadata.clusterContextMetadata.contextName",
        ],
    )
}

struct Report<'v> {
    controls: &'v Value,
    resources: HashMap<String, &'v Value>,
    host: String,
}

impl<'v> Report<'v> {
    fn control(&self, id: &str) -> &'v Value {
        self.controls.get(id).unwrap_or(&Value::Null)
    }

    /// What each control came to, over all resources.
    fn checks(&self, out: &mut Collector) {
        let Value::Object(controls) = self.controls else {
            return;
        };
        for (id, control) in controls {
            let word = first(control, ["statusInfo.status", "status.status", "status"]);
            let sub = first(control, ["statusInfo.subStatus", "status.subStatus"]);
            let info = first(control, ["statusInfo.info", "status.info"]);
            let said = if info.is_empty() { sub.clone() } else { info };
            let reason = (!said.is_empty()).then_some(said);
            let (status, reason) = match (word.as_str(), sub.as_str()) {
                ("passed", "irrelevant") => {
                    let why = "there is no resource that it is about".to_owned();
                    (Status::NotApplicable, Some(why))
                }
                ("passed", _) => (Status::Passed, None),
                ("failed", _) => (Status::Hit, None),
                ("skipped" | "", _) => (Status::NotAssessed, reason),
                _ => continue,
            };
            out.check(id, "kubernetes", status, reason);
        }
    }

    /// Each rule of a failed control that the resource does not pass is a finding.
    fn result(&self, result: &Value, out: &mut Collector) {
        let id = text(result, "resourceID");
        for control in list(result, "controls") {
            let status = first(control, ["status.status", "status"]);
            // Before version 2.3 only the rules have a status.
            if !status.is_empty() && status != "failed" {
                continue;
            }
            for rule in list(control, "rules") {
                let status = first(rule, ["status.status", "status"]);
                if status != "passed" {
                    out.finding(self.draft(&id, control, rule, &status));
                }
            }
        }
    }

    fn draft(&self, id: &str, control: &Value, rule: &Value, status: &str) -> Draft {
        let check = first(control, ["controlID", "id"]);
        let summary = self.control(&check);
        let resource = self.resources.get(id).copied().unwrap_or(&Value::Null);
        let name = first(control, ["name"]);
        let name = if name.is_empty() {
            text(summary, "name")
        } else {
            name
        };
        let subject = subject(resource, id);
        let score = severity::number(&text(summary, "scoreFactor"));
        let path = first(resource, ["source.relativePath", "source.path"]);
        let mut draft = Draft {
            title: if name.is_empty() {
                format!("{check}: {subject}")
            } else {
                format!("{name}: {subject}")
            },
            severity: score.map(level),
            severity_word: text(summary, "scoreFactor"),
            category: "misconfiguration".to_owned(),
            description: text(summary, "description"),
            remediation: first(summary, ["remediation", "mitigation"]),
            host: self.host.clone(),
            path: if path.is_empty() {
                file_of(resource)
            } else {
                path
            },
            subject,
            key: text(rule, "name"),
            ..Draft::default()
        };
        if draft.severity.is_none() {
            draft.severity_word = text(summary, "severity");
        }
        if !check.is_empty() {
            let page = check.to_lowercase();
            draft
                .references
                .push(format!("https://hub.armosec.io/docs/{page}"));
        }
        draft.check = check;
        draft.see("rule", text(rule, "name"));
        draft.see("resource", id);
        let names = [
            text(summary, "category.name"),
            text(summary, "category.subCategory.name"),
        ];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        draft.see("category", super::words::joined(&names, " > "));
        if status != "failed" {
            draft.see("status", status);
        }
        rule_parts(rule, &mut draft);
        draft
    }
}

/// What the rule says of the places in the resource, and whether the site accepted it.
fn rule_parts(rule: &Value, draft: &mut Draft) {
    for path in list(rule, "paths") {
        draft.see(
            "failed path",
            first(path, ["failedPath", "reviewPath", "deletePath"]),
        );
        let fix = [text(path, "fixPath.path"), text(path, "fixPath.value")];
        if !fix.concat().is_empty() {
            draft.see("fix", fix.join(" = "));
        }
        draft.see("fix command", text(path, "fixCommand"));
    }
    if let Some(exception) = list(rule, "exception").first() {
        let words = first(exception, ["reason", "name"]);
        draft.suppressed = Some(("accepted".to_owned(), String::new(), words));
    }
}

/// The tool's own bands for its factor of 0 to 10.
fn level(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score >= 1.0 => Severity::Low,
        _ => Severity::Info,
    }
}

/// `namespace/Kind/name`, else the end of the id.
fn subject(resource: &Value, id: &str) -> String {
    let object = at(resource, "object");
    let kind = text(object, "kind");
    let name = first(object, ["metadata.name", "name"]);
    if kind.is_empty() || name.is_empty() {
        return id.to_owned();
    }
    let namespace = first(object, ["metadata.namespace", "namespace"]);
    super::words::joined(&[&namespace, &kind, &name], "/")
}

/// The file that the resource comes from; behind it stands its number in the file.
fn file_of(resource: &Value) -> String {
    let place = text(resource, "object.sourcePath");
    match place.rsplit_once(':') {
        Some((file, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => file.to_owned(),
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;
    use serde_json::json;

    #[test]
    fn each_failed_rule_is_a_finding() {
        let rules = json!([{"name": "r1", "status": "failed", "paths": [{"failedPath": "spec.a"}]},
                           {"name": "r2", "status": "passed"}]);
        let document = json!({
            "clusterName": "c",
            "summaryDetails": {"controls": {
                "C-1": {"status": "failed", "scoreFactor": 8, "name": "N"},
                "C-2": {"statusInfo": {"status": "passed", "subStatus": "irrelevant"}}}},
            "resources": [{"resourceID": "x", "object": {"kind": "Pod", "metadata": {"name": "p"}}}],
            "results": [{"resourceID": "x", "controls": [
                {"controlID": "C-1", "name": "N", "status": {"status": "failed"}, "rules": rules},
                {"controlID": "C-2", "status": {"status": "passed"}, "rules": rules},
                {"controlID": "C-3", "rules": rules}]}],
        });
        let text = document.to_string();
        let source = Bytes(text.as_bytes());
        let input = Input::new("x", &source).expect("text");
        let mut out = Collector::new("kubescape", "Kubescape");
        read(&input, &mut out).expect("read");
        let out = out.finish().expect("finished");
        assert_eq!(out.findings.len(), 2);
        assert_eq!(out.findings[0].severity, Severity::High);
        assert_eq!(out.findings[0].title, "N: Pod/p");
        assert_eq!(out.checks.len(), 2);
    }
}
