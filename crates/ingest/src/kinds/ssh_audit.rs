//! ssh-audit's JSON: one server, or a list of them.

use super::ports::split_software;
use super::words;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::severity;
use casemate_schema::{Component, Cvss, Severity, Status};
use serde_json::Value;

/// The kinds of algorithms: name in the document, words for people.
const ALGORITHMS: [(&str, &str); 4] = [
    ("kex", "key exchange"),
    ("key", "host key"),
    ("enc", "cipher"),
    ("mac", "MAC"),
];

/// Reads an audit.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    for (index, audit) in field::each(input.json()?).iter().enumerate() {
        let named = field::first(audit, ["target", "host"]);
        if named.is_empty() && !audit.is_object() {
            out.reject(format!("[{index}]"), "it is no audit");
            continue;
        }
        let server = Server::of(audit, &named);
        server.take(audit, out);
    }
    Ok(())
}

struct Server {
    host: String,
    subject: String,
    banner: String,
    component: Option<Component>,
}

impl Server {
    fn of(audit: &Value, named: &str) -> Self {
        let host = words::host_of(named);
        let port = named
            .rsplit_once(':')
            .map(|(_, port)| port)
            .filter(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
            .unwrap_or("22");
        // `OpenSSH_7.9p1`, `dropbear_2019.78`
        let software = field::text(audit, "banner.software").replacen('_', " ", 1);
        let (name, version, _) = split_software(&software);
        Self {
            host: host.to_owned(),
            subject: format!("{port}/tcp"),
            banner: field::text(audit, "banner.raw"),
            component: (!name.is_empty()).then(|| Component {
                name: name.into(),
                version: Some(version.into()),
                ..Component::default()
            }),
        }
    }

    fn draft(&self) -> Draft {
        let mut draft = Draft {
            host: self.host.clone(),
            subject: self.subject.clone(),
            component: self.component.clone(),
            ..Draft::default()
        };
        draft.see("banner", &self.banner);
        draft
    }

    fn take(&self, audit: &Value, out: &mut Collector) {
        for known in field::list(audit, "cves") {
            self.vulnerability(known, out);
        }
        for (list, words) in ALGORITHMS {
            for algorithm in field::list(audit, [list]) {
                self.algorithm(audit, list, words, algorithm, out);
            }
        }
        let policy = field::text(audit, "policy");
        for error in field::list(audit, "errors") {
            self.policy(&policy, error, out);
        }
    }

    fn vulnerability(&self, known: &Value, out: &mut Collector) {
        let mut draft = self.draft();
        draft.category = "vulnerability".to_owned();
        draft.ids = vec![field::text(known, "name")];
        draft.description = field::text(known, "description");
        let score = severity::number(&field::first(known, ["cvssv2", "cvss"]));
        draft.severity = score.map(severity::of_cvss);
        draft.cvss.extend(score.map(|score| Cvss {
            version: Some("2.0".into()),
            vector: None,
            score: Some(score),
            source: None,
        }));
        let software = self.component.as_ref().map(|component| {
            let version = component.version.as_deref().unwrap_or_default();
            format!(" in {} {version}", component.name)
        });
        let id = draft.ids.first().cloned().unwrap_or_default();
        draft.title = format!(
            "{id}{}: {}",
            software.unwrap_or_default(),
            draft.description
        );
        draft.check = id;
        out.finding(draft);
    }

    fn algorithm(
        &self,
        audit: &Value,
        list: &str,
        words: &str,
        algorithm: &Value,
        out: &mut Collector,
    ) {
        let name = field::text(algorithm, "algorithm");
        let name = if name.is_empty() {
            // Versions before 2.5 name ciphers and MACs alone.
            crate::path::text_of(algorithm).unwrap_or_default()
        } else {
            name
        };
        let notes = |level: &str| field::texts(algorithm, ["notes", level]);
        let (fail, warn) = (notes("fail"), notes("warn"));
        let check = format!("{list}/{name}");
        let severity = match (fail.is_empty(), warn.is_empty()) {
            (false, _) => Severity::High,
            (true, false) => Severity::Medium,
            (true, true) => {
                if algorithm.get("notes").is_some() {
                    out.check(&check, "ssh", Status::Passed, None);
                }
                return;
            }
        };
        out.check(&check, "ssh", Status::Hit, None);
        let mut draft = self.draft();
        let reason = fail.first().or(warn.first()).cloned().unwrap_or_default();
        draft.check = check;
        draft.title = format!("SSH {words} algorithm {name} on {}: {reason}", self.host);
        draft.category = "misconfiguration".to_owned();
        draft.severity = Some(severity);
        draft.severity_word = if fail.is_empty() { "warn" } else { "fail" }.to_owned();
        draft.description = [fail, warn].concat().join("\n");
        draft.remediation = advice(audit, list, &name);
        draft.cwes.push("327".to_owned());
        draft.see("keysize", field::text(algorithm, "keysize"));
        for info in notes("info") {
            draft.see("info", info);
        }
        out.finding(draft);
    }

    /// A point in which the server differs from a policy that was asked for.
    fn policy(&self, policy: &str, error: &Value, out: &mut Collector) {
        let field = field::text(error, "mismatched_field");
        if field.is_empty() {
            return;
        }
        let mut draft = self.draft();
        draft.check = format!("policy/{field}");
        draft.title = format!("{field} of {} differ from the policy {policy}", self.host);
        draft.category = "compliance".to_owned();
        draft.severity = Some(Severity::Medium);
        draft.see(
            "expected",
            field::texts(error, "expected_required").join(", "),
        );
        draft.see("actual", field::texts(error, "actual").join(", "));
        out.finding(draft);
    }
}

/// What ssh-audit recommends for an algorithm.
fn advice(audit: &Value, list: &str, name: &str) -> String {
    let levels = audit.get("recommendations").and_then(Value::as_object);
    for (_, level) in levels.into_iter().flatten() {
        for (action, what) in [("del", "Remove it"), ("chg", "Change it")] {
            let found = field::list(level, [action, list])
                .iter()
                .find(|entry| field::text(entry, "name") == name);
            if let Some(entry) = found {
                let note = field::text(entry, "notes");
                let note = if note.is_empty() {
                    note
                } else {
                    format!(": {note}")
                };
                return format!("{what} from the server's configuration{note}.");
            }
        }
    }
    String::new()
}
