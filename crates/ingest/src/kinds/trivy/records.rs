//! Trivy's results as they are written; what is in them is in the modules beside this one.

use super::misconfiguration::Misconfiguration;
use super::others::{License, Secret};
use super::vulnerability::Vulnerability;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::lenient::{Many, Maybe, Word};
use casemate_schema::Text;
use serde::Deserialize;
use std::fmt::Display;

/// What a result says of its records.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    pub(super) has_target: bool,
    pub(super) target: String,
    pub(super) class: String,
    pub(super) kind: String,
    /// The resource of a cluster.
    pub(super) subject: String,
    /// The control of a compliance report.
    pub(super) control: String,
}

/// A record that becomes findings or checks.
pub(super) trait Take {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector);
}

/// Whether a member of a result is a list of records.
pub(super) fn is_known(name: &str) -> bool {
    matches!(
        name,
        "Vulnerabilities"
            | "Misconfigurations"
            | "Secrets"
            | "Licenses"
            | "Results"
            | "ExperimentalModifiedFindings"
            | "ModifiedFindings"
    )
}

/// One result, held whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Scan<'a> {
    #[serde(borrow)]
    target: Word<'a>,
    #[serde(borrow)]
    class: Word<'a>,
    #[serde(borrow)]
    r#type: Word<'a>,
    #[serde(borrow)]
    vulnerabilities: Many<Maybe<Vulnerability<'a>>>,
    #[serde(borrow)]
    misconfigurations: Many<Maybe<Misconfiguration<'a>>>,
    #[serde(borrow)]
    secrets: Many<Maybe<Secret<'a>>>,
    #[serde(borrow)]
    licenses: Many<Maybe<License<'a>>>,
    #[serde(borrow, alias = "ModifiedFindings")]
    experimental_modified_findings: Many<Maybe<Modified<'a>>>,
}

impl Take for Scan<'_> {
    fn take(self, around: &Header, place: &dyn Display, out: &mut Collector) {
        let header = Header {
            has_target: true,
            target: self.target.0.into_owned(),
            class: self.class.0.into_owned(),
            kind: self.r#type.0.into_owned(),
            subject: around.subject.clone(),
            control: around.control.clone(),
        };
        each(self.vulnerabilities, &header, place, out);
        each(self.misconfigurations, &header, place, out);
        each(self.secrets, &header, place, out);
        each(self.licenses, &header, place, out);
        each(self.experimental_modified_findings, &header, place, out);
    }
}

fn each<T: Take>(all: Many<Maybe<T>>, header: &Header, place: &dyn Display, out: &mut Collector) {
    for one in all.0 {
        one.0.take(header, place, out);
    }
}

/// A resource of a cluster with its results.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Resource<'a> {
    #[serde(borrow)]
    namespace: Word<'a>,
    #[serde(borrow)]
    kind: Word<'a>,
    #[serde(borrow)]
    name: Word<'a>,
    #[serde(borrow)]
    error: Word<'a>,
    #[serde(borrow)]
    results: Many<Maybe<Scan<'a>>>,
}

impl Maybe<Resource<'_>> {
    pub(super) fn take(self, place: &dyn Display, out: &mut Collector) {
        let resource = self.0;
        let parts = [&resource.namespace, &resource.kind, &resource.name];
        let parts: Vec<&str> = parts
            .into_iter()
            .map(|part| &**part)
            .filter(|part| !part.is_empty())
            .collect();
        let header = Header {
            subject: parts.join("/"),
            ..Header::default()
        };
        if !resource.error.is_empty() {
            out.note(format!(
                "{} was not scanned: {}",
                header.subject, resource.error
            ));
        }
        for scan in resource.results.0 {
            scan.0.take(&header, place, out);
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Layer<'a> {
    #[serde(borrow, rename = "Digest")]
    digest: Word<'a>,
    #[serde(borrow, rename = "DiffID")]
    diff_id: Word<'a>,
    #[serde(borrow, rename = "CreatedBy")]
    created_by: Word<'a>,
}

impl Layer<'_> {
    pub(super) fn see(&self, draft: &mut Draft) {
        let digest = if self.digest.is_empty() {
            &self.diff_id
        } else {
            &self.digest
        };
        draft.see("layer", &**digest);
        draft.see("layer made by", &*self.created_by);
    }
}

pub(super) fn some(text: &str) -> Option<Text> {
    (!text.is_empty()).then(|| text.into())
}

pub(super) fn strings(all: Many<Word<'_>>) -> Vec<String> {
    all.0.into_iter().map(|word| word.0.into_owned()).collect()
}

/// A finding that a VEX document, an ignore file or a policy took out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Modified<'a> {
    #[serde(borrow)]
    r#type: Word<'a>,
    #[serde(borrow)]
    status: Word<'a>,
    #[serde(borrow)]
    statement: Word<'a>,
    #[serde(borrow)]
    source: Word<'a>,
    finding: serde_json::Value,
    #[serde(skip)]
    marker: std::marker::PhantomData<&'a ()>,
}

impl Take for Modified<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        let finding = &self.finding;
        let kind = match &*self.r#type {
            "" if finding.get("VulnerabilityID").is_some() => "vulnerability",
            kind => kind,
        };
        let draft = match kind {
            "vulnerability" => Vulnerability::deserialize(finding).map(|it| it.draft(header)),
            "misconfiguration" => {
                Misconfiguration::deserialize(finding).map(|it| Some(it.draft(header)))
            }
            "secret" => Secret::deserialize(finding).map(|it| Some(it.draft(header))),
            "license" => License::deserialize(finding).map(|it| Some(it.draft(header))),
            _ => Ok(None),
        };
        match draft {
            Ok(Some(mut draft)) => {
                draft.suppressed = Some((
                    self.status.0.into_owned(),
                    self.source.0.into_owned(),
                    self.statement.0.into_owned(),
                ));
                out.finding(draft);
            }
            Ok(None) => out.reject(place, format!("a modified finding of type `{kind}`")),
            Err(error) => out.reject(place, error.to_string()),
        }
    }
}

/// A control of a compliance report that says only how many checks failed.
pub(super) fn control(id: &str, name: &str, severity: &str, n: u64, title: &str) -> Draft {
    let mut draft = Draft {
        check: id.to_owned(),
        title: format!("{id} {name}: {n} failed"),
        category: "compliance".to_owned(),
        severity_word: severity.to_owned(),
        ..Draft::default()
    };
    draft.see("benchmark", title);
    draft.see("failed", n.to_string());
    draft
}
