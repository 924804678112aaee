//! What a file holds, as it is read: findings made uniform and given their ids.

mod tidy;

use crate::draft::Draft;
use crate::error::ImportError;
use crate::shared::Shared;
use crate::{dates, identity, severity};
use casemate_schema::{
    CheckCoverage, Component, Evidence, Finding, Location, RejectedRecord, Severity, Source,
    Statement, Status, Suppression, Text, Vulnerability,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most rejected records of a file that are named one by one.
const REJECTED_MAX: usize = 1000;
/// Most places of findings that a tool repeats which are kept as evidence.
const ALSO_MAX: usize = 100;
/// Most messages of a tool that are noted.
const NOTES_MAX: u64 = 20;

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
    /// Packages that a bill of materials lists, with or without findings; those with a package URL.
    pub components: Vec<Component>,
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

impl Imported {
    /// Whether nothing at all was read: no finding, statement, check, report or note.
    pub(crate) fn is_empty(&self) -> bool {
        self.findings.is_empty()
            && self.suppressed.is_empty()
            && self.statements.is_empty()
            && self.checks.is_empty()
            && self.notes.is_empty()
            && self.report.is_none()
    }
}

/// Takes what a reader finds in one file.
#[derive(Debug)]
pub struct Collector {
    out: Imported,
    interner: Shared,
    ids: HashSet<u64>,
    /// Of ids that came more than once, the number that the next repetition tries.
    repeated: HashMap<u64, u64>,
    same: HashMap<String, (bool, usize)>,
    /// What says that a finding does not count, and where: the tool, or a VEX document.
    suppressed_by: Option<(Text, Text)>,
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
            ids: HashSet::new(),
            repeated: HashMap::new(),
            same: HashMap::new(),
            suppressed_by: None,
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

    /// A package that the file lists; one without a package URL cannot be looked up and is left.
    pub fn component(&mut self, component: &Component) {
        if component.purl.is_some() {
            self.out.components.push(component.clone());
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

    /// A line that the tool wrote between its results; after some of them (`n` counts) no more.
    pub(crate) fn note_some(&mut self, n: &mut u64, line: &str) {
        *n += 1;
        if *n <= NOTES_MAX {
            self.note(line.trim());
        } else if *n == NOTES_MAX + 1 {
            self.note("there are more messages of the tool, which are left out here");
        }
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

    /// The format and document that suppressed findings from here on are suppressed by, instead of
    /// the tool itself.
    pub(crate) fn suppressed_by(&mut self, format: &str, document: &str) {
        self.suppressed_by = Some((format.into(), document.into()));
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
        tidy::tidy(&mut draft);
        if !draft.same_as.is_empty() && self.join(&draft) {
            return;
        }
        let mut id = identity::id_of(&self.out.tool, &draft);
        if !self.ids.insert(identity::short(&id)) {
            let first = id;
            id = identity::id_of_repeated(&first, &draft, 1);
            // Each repetition goes on where the last one ended, else a file that says one thing a
            // hundred thousand times would be read for hours.
            let n = self.repeated.entry(identity::short(&id)).or_insert(1);
            while !self.ids.insert(identity::short(&id)) {
                *n += 1;
                id = identity::id_of_repeated(&first, &draft, *n);
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
        let place = place_of(
            Some(&draft.host),
            Some(&draft.path),
            Some(&draft.subject),
            draft.line,
        );
        let own = &first.location;
        let own = place_of(
            own.host.as_deref(),
            own.path.as_deref(),
            own.subject.as_deref(),
            own.line,
        );
        // Said again of the same place, what was seen there besides is kept; of another, the place.
        let seen = if other_rule {
            // Another rule that says the same is named, since nothing else would.
            vec![(
                "also".to_owned(),
                format!("{}: {place}", tidy::title_of(draft)),
            )]
        } else if place == own {
            draft.evidence.clone()
        } else {
            vec![("also".to_owned(), place)]
        };
        for (name, value) in seen {
            let named = || first.evidence.iter().filter(|item| item.name == *name);
            let is_new = !value.is_empty() && !named().any(|item| item.value == *value);
            if is_new && named().count() < ALSO_MAX {
                first.evidence.push(Evidence {
                    name: self.interner.text(&name),
                    value: value.into(),
                    path: None,
                    line: None,
                });
            }
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
            title: tidy::title_of(&draft).into(),
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
            enrichment: None,
            state: None,
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
        finding.suppression = draft.suppressed.map(|reason| self.suppression(reason));
        self.interner.rest(&mut finding);
        finding
    }

    /// Why the tool, or the VEX document, does not count a finding.
    fn suppression(&mut self, reason: (String, String, String)) -> Box<Suppression> {
        let (status, justification, statement) = reason;
        let (by, source) = match &self.suppressed_by {
            Some((by, source)) => (by.clone(), source.clone()),
            None => ("tool".into(), self.interner.text(&self.out.tool)),
        };
        Box::new(Suppression {
            by,
            status: status.into(),
            justification: some(&justification),
            statement: some(&statement),
            source,
        })
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

/// A place for people.
fn place_of(
    host: Option<&str>,
    path: Option<&str>,
    subject: Option<&str>,
    line: Option<u64>,
) -> String {
    let parts = [host, path, subject].into_iter().flatten().map(str::trim);
    let mut place = parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if let Some(line) = line {
        place.push_str(&format!(":{line}"));
    }
    place
}

/// The level: as given, by the word, or by the highest score.
fn level_of(draft: &Draft) -> Severity {
    let score = || {
        let of_vector = |cvss: &casemate_schema::Cvss| {
            let vector = cvss.vector.as_deref();
            cvss.score.or_else(|| severity::of_vector(vector?))
        };
        let scores = draft.cvss.iter().filter_map(of_vector);
        scores.max_by(f64::total_cmp).map(severity::of_cvss)
    };
    draft
        .severity
        .or_else(|| severity::of_word(&draft.severity_word))
        .or_else(score)
        .unwrap_or(Severity::Info)
}

fn some(text: &str) -> Option<Text> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_spread() {
        let mut out = Collector::new("k", "t");
        let mut draft = Draft {
            check: "key".to_owned(),
            category: "secret".to_owned(),
            ..Draft::default()
        };
        draft.see("match", "AKIAIOSFODNN7EXAMPLE");
        draft.see("author", "someone");
        out.finding(draft);
        let found = out.finish().expect("imported");
        let text = serde_json::to_string(&found.findings).expect("json");
        assert!(text.contains("AKIA... (20 characters)") && text.contains("someone"));
        assert!(!text.contains("IOSFODNN"));
    }

    #[test]
    fn one_thing_said_a_hundred_thousand_times_is_read_in_time() {
        let mut out = Collector::new("k", "t");
        for _ in 0..100_000 {
            out.finding(Draft {
                check: "rule".to_owned(),
                path: "a".to_owned(),
                ..Draft::default()
            });
        }
        let found = out.finish().expect("imported").findings;
        let ids: HashSet<_> = found.iter().map(|finding| finding.id.clone()).collect();
        assert_eq!(ids.len(), 100_000);
    }

    #[test]
    fn repeated_findings_get_ids_of_their_own_and_joined_ones_count_once() {
        let mut out = Collector::new("k", "t");
        let draft = |same_as: &str, path: &str| Draft {
            check: "rule".to_owned(),
            path: path.to_owned(),
            same_as: same_as.to_owned(),
            ..Draft::default()
        };
        out.finding(draft("", "a"));
        out.finding(draft("", "a"));
        out.finding(draft("x", "b"));
        out.finding(draft("x", "c"));
        let found = out.finish().expect("imported").findings;
        assert_eq!(found.len(), 3);
        assert_ne!(found[0].id, found[1].id);
        assert_eq!(found[2].evidence[0].value, "c");
    }

    #[test]
    fn records_that_all_fail_are_a_damaged_file() {
        let mut out = Collector::new("k", "t");
        out.reject("line 3", "no rule");
        assert_eq!(
            out.finish().expect_err("damaged").to_string(),
            "line 3: no rule"
        );
    }
}
