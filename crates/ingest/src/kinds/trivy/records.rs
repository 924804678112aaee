//! The records of Trivy's results as they are written, and the findings that they are.

use super::{line, naming};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::lenient::{Many, Maybe, Number, Word};
use casemate_schema::{Component, Cvss, Status};
use serde::Deserialize;
use std::collections::BTreeMap;
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

/// A resource of a cluster, or nothing.
pub(super) type Wrapped<T> = Maybe<T>;

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
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Vulnerability<'a> {
    #[serde(borrow, rename = "VulnerabilityID")]
    id: Word<'a>,
    #[serde(borrow, rename = "VendorIDs")]
    vendor_ids: Many<Word<'a>>,
    #[serde(borrow)]
    pkg_name: Word<'a>,
    #[serde(borrow)]
    pkg_path: Word<'a>,
    #[serde(borrow)]
    pkg_identifier: Maybe<Identifier<'a>>,
    #[serde(borrow)]
    installed_version: Word<'a>,
    #[serde(borrow)]
    fixed_version: Word<'a>,
    #[serde(borrow)]
    status: Word<'a>,
    #[serde(borrow)]
    layer: Maybe<Layer<'a>>,
    #[serde(borrow)]
    severity_source: Word<'a>,
    #[serde(borrow, rename = "PrimaryURL")]
    primary_url: Word<'a>,
    #[serde(borrow)]
    data_source: Maybe<DataSource<'a>>,
    #[serde(borrow)]
    fingerprint: Word<'a>,
    #[serde(borrow)]
    title: Word<'a>,
    #[serde(borrow)]
    description: Word<'a>,
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow, rename = "CweIDs")]
    cwe_ids: Many<Word<'a>>,
    #[serde(borrow, rename = "CVSS")]
    cvss: Maybe<BTreeMap<String, Maybe<Scores<'a>>>>,
    #[serde(borrow)]
    references: Many<Word<'a>>,
    #[serde(borrow)]
    published_date: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identifier<'a> {
    #[serde(borrow, rename = "PURL")]
    purl: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Layer<'a> {
    #[serde(borrow, rename = "Digest")]
    digest: Word<'a>,
    #[serde(borrow, rename = "DiffID")]
    diff_id: Word<'a>,
    #[serde(borrow, rename = "CreatedBy")]
    created_by: Word<'a>,
}

impl Layer<'_> {
    fn see(&self, draft: &mut Draft) {
        let digest = if self.digest.is_empty() {
            &self.diff_id
        } else {
            &self.digest
        };
        draft.see("layer", &**digest);
        draft.see("layer made by", &*self.created_by);
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DataSource<'a> {
    #[serde(borrow, rename = "Name")]
    name: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Scores<'a> {
    #[serde(borrow, rename = "V2Vector")]
    v2_vector: Word<'a>,
    #[serde(borrow, rename = "V3Vector")]
    v3_vector: Word<'a>,
    #[serde(borrow, rename = "V40Vector")]
    v4_vector: Word<'a>,
    #[serde(rename = "V2Score")]
    v2_score: Number,
    #[serde(rename = "V3Score")]
    v3_score: Number,
    #[serde(rename = "V40Score")]
    v4_score: Number,
}

fn cvss(all: &BTreeMap<String, Maybe<Scores<'_>>>) -> Vec<Cvss> {
    let mut out = Vec::new();
    for (source, scores) in all {
        let each = [
            ("4.0", &scores.v4_vector, scores.v4_score),
            ("", &scores.v3_vector, scores.v3_score),
            ("2.0", &scores.v2_vector, scores.v2_score),
        ];
        for (version, vector, score) in each {
            // Trivy writes 0 where a source gives no score.
            let score = score.0.filter(|score| *score > 0.0 && *score <= 10.0);
            if vector.is_empty() && score.is_none() {
                continue;
            }
            let named = vector
                .strip_prefix("CVSS:")
                .and_then(|rest| rest.split('/').next());
            let version = named.unwrap_or(version);
            out.push(Cvss {
                version: some(version),
                vector: some(vector),
                score,
                source: some(source),
            });
        }
    }
    out
}

fn some(text: &str) -> Option<casemate_schema::Text> {
    (!text.is_empty()).then(|| text.into())
}

fn strings(all: Many<Word<'_>>) -> Vec<String> {
    all.0.into_iter().map(|word| word.0.into_owned()).collect()
}

impl Take for Vulnerability<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        match self.draft(header) {
            Some(draft) => out.finding(draft),
            None => out.reject(place, "it has neither an identifier nor a title"),
        }
    }
}

impl Vulnerability<'_> {
    fn draft(self, header: &Header) -> Option<Draft> {
        if self.id.is_empty() && self.title.is_empty() {
            return None;
        }
        let path =
            naming::package_path(&header.class, &header.kind, &header.target, &self.pkg_path);
        let remediation = match (&*self.fixed_version, &*self.status) {
            ("", "" | "affected" | "unknown") => String::new(),
            ("", status) => format!("No fixed version; status: {}.", status.replace('_', " ")),
            (fixed, _) => format!("Upgrade {} to {fixed}.", self.pkg_name),
        };
        let purl = &*self.pkg_identifier.purl;
        let kind = purl
            .strip_prefix("pkg:")
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_else(|| naming::package_type(&header.kind));
        let mut draft = Draft {
            title: naming::title(
                &self.id,
                &self.pkg_name,
                &self.installed_version,
                &self.title,
            ),
            category: "vulnerability".to_owned(),
            path: path.to_owned(),
            subject: header.subject.clone(),
            remediation,
            component: Some(Component {
                name: (&*self.pkg_name).into(),
                version: some(&self.installed_version),
                purl: some(purl),
                kind: some(kind),
                fixed_version: some(&self.fixed_version),
            }),
            cvss: cvss(&self.cvss),
            ..Draft::default()
        };
        draft.see("status", &*self.status);
        draft.see("severity from", &*self.severity_source);
        draft.see("data from", &*self.data_source.name);
        draft.see("advisories", strings(self.vendor_ids).join(", "));
        self.layer.see(&mut draft);
        draft.check = self.id.to_string();
        draft.ids = vec![self.id.0.into_owned()];
        draft.own_id = self.fingerprint.0.into_owned();
        draft.severity_word = self.severity.0.into_owned();
        draft.description = self.description.0.into_owned();
        draft.cwes = strings(self.cwe_ids);
        draft.references = strings(self.references);
        draft.references.push(self.primary_url.0.into_owned());
        draft.published = self.published_date.0.into_owned();
        Some(draft)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Misconfiguration<'a> {
    #[serde(borrow)]
    r#type: Word<'a>,
    #[serde(borrow, rename = "ID")]
    id: Word<'a>,
    #[serde(borrow, rename = "AVDID")]
    avd_id: Word<'a>,
    #[serde(borrow)]
    title: Word<'a>,
    #[serde(borrow)]
    description: Word<'a>,
    #[serde(borrow)]
    message: Word<'a>,
    #[serde(borrow)]
    resolution: Word<'a>,
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow, rename = "PrimaryURL")]
    primary_url: Word<'a>,
    #[serde(borrow)]
    references: Many<Word<'a>>,
    #[serde(borrow)]
    status: Word<'a>,
    #[serde(borrow)]
    layer: Maybe<Layer<'a>>,
    #[serde(borrow, alias = "IacMetadata")]
    cause_metadata: Maybe<Cause<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Cause<'a> {
    #[serde(borrow)]
    resource: Word<'a>,
    #[serde(borrow)]
    provider: Word<'a>,
    #[serde(borrow)]
    service: Word<'a>,
    start_line: Number,
    end_line: Number,
    #[serde(borrow)]
    code: Maybe<Code<'a>>,
    #[serde(borrow)]
    occurrences: Many<Maybe<Occurrence<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Code<'a> {
    #[serde(borrow)]
    lines: Many<Maybe<CodeLine<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct CodeLine<'a> {
    #[serde(borrow)]
    content: Word<'a>,
    #[serde(borrow)]
    is_cause: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Occurrence<'a> {
    #[serde(borrow)]
    resource: Word<'a>,
    #[serde(borrow)]
    filename: Word<'a>,
    location: Maybe<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Span {
    start_line: Number,
}

impl Code<'_> {
    /// The lines that are the cause.
    fn cause(&self) -> String {
        let lines = self.lines.0.iter().filter(|line| &*line.is_cause == "true");
        lines
            .map(|line| &*line.content)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Take for Misconfiguration<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        if self.id.is_empty() && self.title.is_empty() {
            out.reject(place, "it has neither an identifier nor a title");
            return;
        }
        let surface = if header.kind.is_empty() {
            "configuration"
        } else {
            &header.kind
        };
        let id = if self.id.is_empty() {
            &self.title
        } else {
            &self.id
        };
        if self.status.eq_ignore_ascii_case("PASS") {
            out.check(id, surface, Status::Passed, None);
            return;
        }
        out.check(id, surface, Status::Hit, None);
        out.finding(self.draft(header));
    }
}

impl Misconfiguration<'_> {
    fn draft(self, header: &Header) -> Draft {
        let cause = &self.cause_metadata;
        let line = line(cause.start_line);
        let mut draft = Draft {
            title: format!(
                "{} in {}",
                self.title.trim_end().trim_end_matches('.'),
                header.target
            ),
            category: "misconfiguration".to_owned(),
            path: header.target.clone(),
            line,
            subject: header.subject.clone(),
            ..Draft::default()
        };
        if line.is_none() {
            draft.key = self.message.to_string();
        }
        draft.see("message", &*self.message);
        draft.see("resource", &*cause.resource);
        draft.see("provider", &*cause.provider);
        draft.see("service", &*cause.service);
        if let (Some(first), Some(last)) = (line, super::line(cause.end_line))
            && last > first
        {
            draft.see("lines", format!("{first}-{last}"));
        }
        draft.see("code", cause.code.cause());
        for occurrence in &cause.occurrences.0 {
            let at = super::line(occurrence.location.start_line);
            let at = at.map(|line| format!(":{line}")).unwrap_or_default();
            let text = format!("{} {}{at}", occurrence.resource, occurrence.filename);
            draft.see("called from", text.trim());
        }
        draft.see("type", &*self.r#type);
        if self.avd_id != self.id {
            draft.see("avd id", &*self.avd_id);
        }
        draft.see("control", header.control.as_str());
        self.layer.see(&mut draft);
        if self.status.eq_ignore_ascii_case("EXCEPTION") {
            let statement = self.message.to_string();
            draft.suppressed = Some(("exception".to_owned(), String::new(), statement));
        }
        draft.check = self.id.0.into_owned();
        draft.severity_word = self.severity.0.into_owned();
        draft.description = self.description.0.into_owned();
        draft.remediation = self.resolution.0.into_owned();
        draft.references = strings(self.references);
        draft.references.push(self.primary_url.0.into_owned());
        of_control(&mut draft, header);
        draft
    }
}

/// A control of a compliance report may repeat what another one has.
fn of_control(draft: &mut Draft, header: &Header) {
    if !header.control.is_empty() {
        let line = draft.line.unwrap_or_default();
        draft.same_as = [&*draft.check, &draft.path, &draft.subject, &draft.key].join("\u{1f}");
        draft.same_as.push_str(&format!("\u{1f}{line}"));
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Secret<'a> {
    #[serde(borrow, rename = "RuleID")]
    rule_id: Word<'a>,
    #[serde(borrow)]
    category: Word<'a>,
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow)]
    title: Word<'a>,
    start_line: Number,
    #[serde(borrow)]
    r#match: Word<'a>,
    #[serde(borrow)]
    layer: Maybe<Layer<'a>>,
}

impl Take for Secret<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        if self.rule_id.is_empty() && self.title.is_empty() {
            out.reject(place, "it has neither a rule nor a title");
            return;
        }
        out.finding(self.draft(header));
    }
}

impl Secret<'_> {
    fn draft(self, header: &Header) -> Draft {
        let name = if self.title.is_empty() {
            &self.rule_id
        } else {
            &self.title
        };
        let mut draft = Draft {
            title: format!("{name} in {}", header.target),
            category: "secret".to_owned(),
            path: header.target.clone(),
            line: line(self.start_line),
            subject: header.subject.clone(),
            remediation: "Revoke the secret, and take it out of the file and its history.".into(),
            ..Draft::default()
        };
        draft.see("match", &*self.r#match);
        draft.see("secret type", &*self.category);
        self.layer.see(&mut draft);
        draft.check = self.rule_id.0.into_owned();
        draft.severity_word = self.severity.0.into_owned();
        draft
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct License<'a> {
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow)]
    category: Word<'a>,
    #[serde(borrow)]
    pkg_name: Word<'a>,
    #[serde(borrow)]
    file_path: Word<'a>,
    #[serde(borrow)]
    name: Word<'a>,
    #[serde(borrow)]
    text: Word<'a>,
    #[serde(borrow)]
    confidence: Word<'a>,
    #[serde(borrow)]
    link: Word<'a>,
}

impl Take for License<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        if self.name.is_empty() && self.text.is_empty() {
            out.reject(place, "it has neither a name nor a text");
            return;
        }
        out.finding(self.draft(header));
    }
}

impl License<'_> {
    fn draft(self, header: &Header) -> Draft {
        let name = if self.name.is_empty() {
            "Unknown license"
        } else {
            &*self.name
        };
        let of = [&*self.pkg_name, &*self.file_path, &header.target];
        let of = of.into_iter().find(|of| !of.is_empty()).unwrap_or_default();
        let subject = [header.subject.as_str(), &*self.pkg_name];
        let subject: Vec<&str> = subject
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let mut draft = Draft {
            check: name.to_owned(),
            title: format!("License {name} of {of}"),
            category: "license".to_owned(),
            path: naming::license_path(&header.target, &self.file_path).to_owned(),
            subject: subject.join(" "),
            component: Some(Component {
                name: (&*self.pkg_name).into(),
                ..Component::default()
            }),
            ..Draft::default()
        };
        draft.see("classification", &*self.category);
        draft.see("confidence", &*self.confidence);
        draft.severity_word = self.severity.0.into_owned();
        draft.description = self.text.0.into_owned();
        draft.references = vec![self.link.0.into_owned()];
        draft
    }
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
