//! What a file holds, as it is read: findings made uniform and given their ids.

use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::shared::Shared;
use crate::{dates, identity, severity};
use casemate_schema::{
    CheckCoverage, Component, Evidence, Finding, Location, RejectedRecord, Severity, Source,
    Statement, Status, Suppression, Text, Vulnerability,
};
use std::collections::{BTreeMap, HashMap};

/// Longest text of one field; what is longer is cut, and says so.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// Most rejected records of a file that are named one by one.
const REJECTED_MAX: usize = 1000;
/// Most places of findings that a tool repeats which are kept as evidence.
const ALSO_MAX: usize = 100;

/// What one file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// Name of the kind that read it.
    pub kind: String,
    /// The tool, as it names itself.
    pub tool: String,
    /// Its version.
    pub tool_version: Option<String>,
    /// When it ran, RFC 3339 UTC.
    pub scanned_at: Option<String>,
    /// What it looked at.
    pub target: Option<String>,
    /// The findings, in the order of the file.
    pub findings: Vec<Finding>,
    /// Findings that the tool itself does not count, with its reason.
    pub suppressed: Vec<Finding>,
    /// What a VEX document says about findings of other files.
    pub statements: Vec<Statement>,
    /// Rules that the tool says it checked, with their outcome.
    pub checks: Vec<CheckCoverage>,
    /// Records that could not be taken.
    pub rejected: Vec<RejectedRecord>,
    /// How many could not be taken; more than are named when there are very many.
    pub n_rejected: u64,
    /// What the reader should know: a scan that failed in part, for instance.
    pub notes: Vec<String>,
    /// A casemate report that the file was, with what is beyond its findings.
    pub report: Option<Box<casemate_schema::Report>>,
}

/// Takes what a reader finds in one file.
#[derive(Debug)]
pub struct Collector {
    out: Imported,
    interner: Shared,
    ids: HashMap<u64, u64>,
    same: HashMap<String, (bool, usize)>,
    checks: BTreeMap<String, CheckCoverage>,
}

impl Collector {
    /// For a file of a kind, written by a tool.
    #[must_use]
    pub fn new(kind: &str, tool: &str) -> Self {
        Self {
            out: Imported {
                kind: kind.to_owned(),
                tool: tool.to_owned(),
                ..Imported::default()
            },
            interner: Shared::default(),
            ids: HashMap::new(),
            same: HashMap::new(),
            checks: BTreeMap::new(),
        }
    }

    /// The tool as the file names it; it becomes part of the ids, so it is set before the first
    /// finding.
    pub fn tool(&mut self, name: &str) {
        if !name.trim().is_empty() {
            name.trim().clone_into(&mut self.out.tool);
        }
    }

    /// The tool's version.
    pub fn tool_version(&mut self, version: &str) {
        if !version.trim().is_empty() {
            self.out.tool_version = Some(version.trim().to_owned());
        }
    }

    /// When the tool ran, in whatever format it writes.
    pub fn scanned_at(&mut self, time: &str) {
        if let Some(time) = dates::rfc3339(time) {
            self.out.scanned_at = Some(time);
        }
    }

    /// What the tool looked at.
    pub fn target(&mut self, target: &str) {
        if !target.trim().is_empty() {
            self.out.target = Some(target.trim().to_owned());
        }
    }

    /// Something that the reader of the report should know.
    pub fn note(&mut self, note: impl Into<String>) {
        self.out.notes.push(note.into());
    }

    /// A record that cannot be taken; the others go on.
    pub fn reject(&mut self, place: impl std::fmt::Display, reason: impl Into<String>) {
        self.out.n_rejected += 1;
        if self.out.rejected.len() < REJECTED_MAX {
            self.out.rejected.push(RejectedRecord {
                place: place.to_string().into(),
                reason: reason.into().into(),
            });
        }
    }

    /// A VEX statement.
    pub fn statement(&mut self, statement: Statement) {
        self.out.statements.push(statement);
    }

    /// A rule that the tool says it checked. Said several times, the worst counts.
    pub fn check(&mut self, id: &str, surface: &str, status: Status, reason: Option<String>) {
        if id.trim().is_empty() {
            return;
        }
        let rank = |status: Status| match status {
            Status::Hit => 3,
            Status::NotAssessed => 2,
            Status::Passed => 1,
            Status::NotApplicable => 0,
        };
        let needs_reason = matches!(status, Status::NotAssessed | Status::NotApplicable);
        let reason =
            reason.or_else(|| needs_reason.then(|| "the tool does not say why".to_owned()));
        let new = CheckCoverage {
            id: id.trim().to_owned(),
            surface: surface.to_owned(),
            status,
            reason,
            privileges: false,
            findings: 0,
        };
        match self.checks.get_mut(&new.id) {
            Some(known) if rank(known.status) >= rank(status) => {}
            Some(known) => *known = new,
            None => drop(self.checks.insert(new.id.clone(), new)),
        }
    }

    /// A finding.
    pub fn finding(&mut self, mut draft: Draft) {
        tidy(&mut draft);
        if !draft.same_as.is_empty() && self.join(&draft) {
            return;
        }
        let mut id = identity::id_of(&self.out.tool, &draft);
        let n_before = self.ids.entry(identity::short(&id)).or_default();
        *n_before += 1;
        if *n_before > 1 {
            let first = id;
            let mut n = 1;
            loop {
                id = identity::id_of_repeated(&first, &draft, n);
                let seen = self.ids.entry(identity::short(&id)).or_default();
                *seen += 1;
                if *seen == 1 {
                    break;
                }
                n += 1;
            }
        }
        let same_as = std::mem::take(&mut draft.same_as);
        let finding = self.build(id, draft);
        let suppressed = finding.suppression.is_some();
        let list = if suppressed {
            &mut self.out.suppressed
        } else {
            &mut self.out.findings
        };
        list.push(finding);
        if !same_as.is_empty() {
            self.same.insert(same_as, (suppressed, list.len() - 1));
        }
    }

    /// Adds a finding that the tool repeats to its first occurrence.
    fn join(&mut self, draft: &Draft) -> bool {
        let Some((suppressed, at)) = self.same.get(&draft.same_as).copied() else {
            return false;
        };
        let list = if suppressed {
            &mut self.out.suppressed
        } else {
            &mut self.out.findings
        };
        let Some(first) = list.get_mut(at) else {
            return false;
        };
        let other_rule = first.source.check.as_str() != draft.check;
        let level = level_of(draft);
        if level > first.severity {
            first.severity = level;
        }
        let mut place = [draft.host.as_str(), &draft.path, &draft.subject]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if let Some(line) = draft.line {
            place.push_str(&format!(":{line}"));
        }
        // Another rule that says the same is named, since nothing else would.
        if other_rule {
            place = format!("{}: {place}", title_of(draft));
        }
        let known = |item: &Evidence| item.name == "also" && item.value == place;
        let n_also = first
            .evidence
            .iter()
            .filter(|item| item.name == "also")
            .count();
        if !place.is_empty() && n_also < ALSO_MAX && !first.evidence.iter().any(known) {
            first.evidence.push(Evidence {
                name: self.interner.text("also"),
                value: place.into(),
                path: None,
                line: None,
            });
        }
        true
    }

    fn build(&mut self, id: String, draft: Draft) -> Finding {
        let references = draft.catalogue();
        let severity = level_of(&draft);
        let word = draft.severity_word.trim();
        let other = !word.is_empty() && !word.eq_ignore_ascii_case(severity.as_str());
        let given = other.then(|| self.interner.text(word));
        // Texts that findings share are looked up before memory is taken for them.
        let mut finding = Finding {
            id: id.into(),
            title: title_of(&draft).into(),
            category: self.interner.text(&draft.category),
            severity,
            source: Source {
                tool: self.interner.text(&self.out.tool),
                check: self.interner.text(&draft.check),
                id: some(&draft.own_id),
                severity: given,
            },
            location: Location {
                host: self.shared(&draft.host),
                path: self.shared(&draft.path),
                path_base64: None,
                line: draft.line,
                subject: some(&draft.subject),
            },
            evidence: Vec::with_capacity(draft.evidence.len()),
            description: self.interner.text(&draft.description),
            remediation: self.interner.text(&draft.remediation),
            references,
            component: draft.component.map(Box::new),
            vulnerability: None,
            first_seen: dates::rfc3339(&draft.first_seen).map(Text::from),
            last_seen: dates::rfc3339(&draft.last_seen).map(Text::from),
            merged: None,
            suppression: None,
            risk: None,
        };
        for (name, value) in draft.evidence {
            let value = self.interner.short(value);
            finding.evidence.push(Evidence {
                name: self.interner.text(&name),
                value,
                path: None,
                line: None,
            });
        }
        if let Some((first, others)) = draft.ids.split_first() {
            finding.vulnerability = Some(Box::new(Vulnerability {
                id: first.as_str().into(),
                aliases: others.iter().map(Text::from).collect(),
                cvss: draft.cvss,
                epss: draft.epss.filter(|epss| (0.0..=1.0).contains(epss)),
                exploited: draft.exploited,
                published: dates::rfc3339(&draft.published).map(Text::from),
            }));
        }
        if let Some((status, justification, statement)) = draft.suppressed {
            finding.suppression = Some(Box::new(Suppression {
                by: "tool".into(),
                status: status.into(),
                justification: some(&justification),
                statement: some(&statement),
                source: self.interner.text(&self.out.tool),
            }));
        }
        self.interner.rest(&mut finding);
        finding
    }

    fn shared(&mut self, text: &str) -> Option<Text> {
        let text = text.trim();
        (!text.is_empty()).then(|| self.interner.text(text))
    }

    /// A finding of a casemate report, which is as it should be already.
    pub(crate) fn own(&mut self, report: casemate_schema::Report) {
        self.out.tool.clone_from(&report.tool.name);
        self.out.tool_version = Some(report.tool.version.clone());
        self.out.scanned_at = Some(report.scan.started_at.clone());
        self.out.target.clone_from(&report.host.name);
        self.out.report = Some(Box::new(report));
    }

    /// How many findings were taken, with those that the tool does not count.
    #[must_use]
    pub fn n_findings(&self) -> usize {
        self.out.findings.len() + self.out.suppressed.len()
    }

    /// What the file holds.
    ///
    /// # Errors
    /// [`ImportError::Damaged`] when records were met and not one could be taken.
    pub fn finish(mut self) -> Result<Imported, ImportError> {
        let nothing =
            self.n_findings() == 0 && self.checks.is_empty() && self.out.statements.is_empty();
        if let (true, Some(first)) = (nothing, self.out.rejected.first()) {
            let n = self.out.n_rejected;
            let more = if n > 1 {
                format!(" (and {} more records)", n - 1)
            } else {
                String::new()
            };
            return Err(ImportError::damaged(
                first.place.as_str(),
                format!("{}{more}", first.reason),
            ));
        }
        self.out.checks = self.checks.into_values().collect();
        Ok(self.out)
    }
}

/// The level: as given, by the word, or by the highest score.
fn level_of(draft: &Draft) -> Severity {
    let score = || {
        let scores = draft.cvss.iter().filter_map(|cvss| cvss.score);
        scores.max_by(f64::total_cmp).map(severity::of_cvss)
    };
    draft
        .severity
        .or_else(|| severity::of_word(&draft.severity_word))
        .or_else(score)
        .unwrap_or(Severity::Info)
}

fn title_of(draft: &Draft) -> String {
    if !draft.title.is_empty() {
        return draft.title.clone();
    }
    match (&draft.component, draft.ids.first()) {
        (Some(component), Some(id)) => {
            let version = component.version.as_deref().unwrap_or_default();
            format!("{id} in {} {version}", component.name)
                .trim_end()
                .to_owned()
        }
        _ => draft
            .description
            .lines()
            .next()
            .filter(|line| !line.is_empty())
            .unwrap_or(&draft.check)
            .to_owned(),
    }
}

/// Makes texts of a draft uniform before they are used.
fn tidy(draft: &mut Draft) {
    for text in [
        &mut draft.check,
        &mut draft.own_id,
        &mut draft.title,
        &mut draft.category,
        &mut draft.description,
        &mut draft.remediation,
        &mut draft.host,
        &mut draft.path,
        &mut draft.subject,
    ] {
        trim(text);
    }
    for (_, value) in &mut draft.evidence {
        trim(value);
    }
    draft.evidence.retain(|(_, value)| !value.is_empty());
    // A title is one line.
    if draft.title.contains(['\n', '\r', '\t']) {
        draft.title = draft.title.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut ids: Vec<String> = Vec::new();
    for id in &draft.ids {
        let id = id.trim();
        let id = if is_cve(id) {
            id.to_ascii_uppercase()
        } else {
            id.to_owned()
        };
        if !id.is_empty() && !ids.contains(&id) {
            ids.push(id);
        }
    }
    // The CVE is what others know it by.
    if let Some(at) = ids.iter().position(|id| is_cve(id)) {
        let cve = ids.remove(at);
        ids.insert(0, cve);
    }
    draft.ids = ids;
    if draft.check.is_empty() {
        draft.check = draft.ids.first().unwrap_or(&draft.title).clone();
    }
    if let Some(component) = &mut draft.component {
        tidy_component(component);
        if component.name.is_empty() {
            draft.component = None;
        }
    }
}

fn tidy_component(component: &mut Component) {
    let empty = |text: &Option<Text>| text.as_deref().is_some_and(|text| text.trim().is_empty());
    for text in [
        &mut component.version,
        &mut component.purl,
        &mut component.kind,
        &mut component.fixed_version,
    ] {
        if empty(text) {
            *text = None;
        }
    }
    if component.purl.is_none()
        && let Some(kind) = &component.kind
    {
        let built = identity::purl(kind, &component.name, component.version.as_deref());
        component.purl = built.map(Text::from);
    }
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        *text = trimmed.to_owned();
    }
    if text.len() > TEXT_BYTES_MAX {
        let mut end = TEXT_BYTES_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let n_cut = text.len() - end;
        text.truncate(end);
        text.push_str(&format!(" [{n_cut} bytes more]"));
    }
}

fn some(text: &str) -> Option<Text> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}
