//! The rules of a SARIF run: one a check that hit, and one a check that could not look.

use super::text::{plain, prose};
use crate::facts;
use crate::group::{common_title, ranked};
use casemate_base::text::printable;
use casemate_schema::{Finding, ReferenceKind, Report, Severity, Status};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Catalogues that are written as taxonomies: kind of reference, name, publisher.
const CATALOGUES: [(ReferenceKind, &str, &str, &str); 2] = [
    (
        ReferenceKind::Cwe,
        "CWE",
        "MITRE",
        "Common Weakness Enumeration",
    ),
    (
        ReferenceKind::Attack,
        "ATT&CK",
        "MITRE",
        "Techniques of adversaries",
    ),
];

/// The rules of a report, sorted by id.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    findings: BTreeMap<String, Vec<&'a Finding>>,
    /// Position of each rule by its id.
    positions: BTreeMap<String, usize>,
    /// Entries of each catalogue that the report refers to, sorted.
    taxa: Vec<Vec<String>>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut findings: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
        let suppressed = ranked(&report.suppressed);
        for finding in ranked(&report.findings).into_iter().chain(suppressed) {
            findings.entry(rule_id(finding)).or_default().push(finding);
        }
        for check in &report.coverage.checks {
            if check.status == Status::NotAssessed {
                findings
                    .entry(printable(&check.id).into_owned())
                    .or_default();
            }
        }
        let taxa = CATALOGUES
            .iter()
            .map(|(kind, ..)| {
                let all = report.findings.iter().chain(&report.suppressed);
                let references = all.flat_map(|finding| &finding.references);
                let ids: BTreeSet<String> = references
                    .filter(|reference| reference.kind == *kind)
                    .map(|reference| printable(&reference.id).into_owned())
                    .collect();
                ids.into_iter().collect()
            })
            .collect();
        let positions = findings.keys().cloned().zip(0..).collect();
        Self {
            findings,
            positions,
            taxa,
        }
    }

    /// Position of a finding's rule.
    pub(super) fn index(&self, finding: &Finding) -> Option<usize> {
        self.position(&rule_id(finding))
    }

    /// Position of the rule of one of casemate's own checks.
    pub(super) fn index_of_check(&self, id: &str) -> Option<usize> {
        self.position(&printable(id))
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.positions.get(id).copied()
    }

    pub(super) fn to_json(&self) -> Vec<Value> {
        self.findings
            .iter()
            .map(|(id, findings)| self.rule(id, findings))
            .collect()
    }

    fn rule(&self, id: &str, findings: &[&Finding]) -> Value {
        let mut rule = Map::new();
        let mut put = |name: &str, value: Value| {
            rule.insert(name.to_owned(), value);
        };
        put("id", json!(id));
        put("name", json!(pascal_case(id)));
        let Some(first) = findings.first() else {
            let text = format!("Check {id}, which could not look.");
            put("shortDescription", json!({ "text": plain(&text) }));
            return Value::Object(rule);
        };
        let worst = findings.iter().map(|finding| finding.severity).max();
        let worst = worst.unwrap_or(first.severity);
        let short = common_title(findings).unwrap_or_else(|| first.title.clone().into());
        put("shortDescription", json!({ "text": plain(&short) }));
        if let Some(full) = prose(&first.description) {
            put("fullDescription", full);
        }
        if let Some(help) = prose(&first.remediation) {
            put("help", help);
        }
        put("defaultConfiguration", json!({ "level": level(worst) }));
        put(
            "properties",
            json!({
                "tags": tags(findings),
                "security-severity": security_severity(findings, worst),
            }),
        );
        let relationships = self.relationships(findings);
        if !relationships.is_empty() {
            put("relationships", Value::Array(relationships));
        }
        Value::Object(rule)
    }

    fn relationships(&self, findings: &[&Finding]) -> Vec<Value> {
        let mut out = Vec::new();
        for (taxonomy, (kind, name, ..)) in self.present() {
            let ids: BTreeSet<String> = findings
                .iter()
                .flat_map(|finding| &finding.references)
                .filter(|reference| reference.kind == *kind)
                .map(|reference| printable(&reference.id).into_owned())
                .collect();
            for id in ids {
                let position = self
                    .taxa_of(*kind)
                    .and_then(|taxa| taxa.binary_search(&id).ok());
                if let Some(position) = position {
                    out.push(json!({
                        "target": {
                            "id": id,
                            "index": position,
                            "toolComponent": { "name": name, "index": taxonomy },
                        },
                        "kinds": ["relevant"],
                    }));
                }
            }
        }
        out
    }

    fn taxa_of(&self, wanted: ReferenceKind) -> Option<&Vec<String>> {
        let position = CATALOGUES.iter().position(|(kind, ..)| *kind == wanted)?;
        self.taxa.get(position)
    }

    /// The catalogues that the report refers to, with their position in the run.
    fn present(
        &self,
    ) -> impl Iterator<
        Item = (
            usize,
            &'static (ReferenceKind, &'static str, &'static str, &'static str),
        ),
    > {
        CATALOGUES
            .iter()
            .zip(&self.taxa)
            .filter(|(_, taxa)| !taxa.is_empty())
            .map(|(catalogue, _)| catalogue)
            .enumerate()
    }

    pub(super) fn taxonomies(&self) -> Vec<Value> {
        self.present()
            .map(|(_, (kind, name, organization, description))| {
                let taxa: Vec<Value> = self
                    .taxa_of(*kind)
                    .into_iter()
                    .flatten()
                    .map(|id| json!({ "id": id }))
                    .collect();
                json!({
                    "name": name,
                    "organization": organization,
                    "shortDescription": { "text": description },
                    "isComprehensive": false,
                    "taxa": taxa,
                })
            })
            .collect()
    }

    pub(super) fn supported_taxonomies(&self) -> Vec<Value> {
        self.present()
            .map(|(position, (_, name, ..))| json!({ "name": name, "index": position }))
            .collect()
    }
}

/// The check's id, with the tool before it when it is another's.
pub(super) fn rule_id(finding: &Finding) -> String {
    let source = &finding.source;
    let id = if source.tool == "casemate" {
        source.check.clone()
    } else {
        format!("{}/{}", source.tool, source.check).into()
    };
    printable(&id).into_owned()
}

/// `kernel-core-pattern` as `KernelCorePattern`.
fn pascal_case(id: &str) -> String {
    id.split(|letter: char| !letter.is_alphanumeric())
        .filter_map(|word| {
            let mut letters = word.chars();
            let first = letters.next()?;
            Some(first.to_uppercase().chain(letters).collect::<String>())
        })
        .collect()
}

/// SARIF knows three levels.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A number from 0 to 10: the highest CVSS score of the findings, where they are vulnerabilities
/// with one; else the middle of the range that code-scanning services give each severity
/// (critical from 9, high from 7, medium from 4, low above 0).
fn security_severity(findings: &[&Finding], worst: Severity) -> String {
    let scores = findings
        .iter()
        .filter_map(|finding| facts::cvss(finding).and_then(facts::cvss_score));
    match scores.reduce(f64::max) {
        Some(score) => format!("{score:.1}"),
        None => of_severity(worst).to_owned(),
    }
}

const fn of_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

fn tags(findings: &[&Finding]) -> BTreeSet<String> {
    let mut tags: BTreeSet<String> = BTreeSet::from(["security".to_owned()]);
    for finding in findings {
        tags.insert(printable(&finding.category).into_owned());
        tags.extend(finding.references.iter().map(crate::words::reference));
        if finding.vulnerability.is_some() {
            tags.extend(facts::identifiers(finding).into_iter().map(facts::line));
        }
    }
    tags
}
