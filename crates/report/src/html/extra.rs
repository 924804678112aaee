//! What other tools' findings hold beyond our own: component, vulnerability, records of several
//! tools.

use super::findings::{Seen, seen};
use super::{Level, level};
use crate::rich::{Span, spans};
use crate::{facts, words};
use casemate_base::text::printable;
use casemate_schema::{Finding, Merged, SourceRecord};

/// The parts of one finding; all may be absent.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub(super) host: Option<String>,
    pub(super) component: Option<String>,
    pub(super) fix: Option<String>,
    pub(super) purl: Option<String>,
    pub(super) ids: Vec<String>,
    pub(super) scores: Vec<String>,
    pub(super) epss: Option<String>,
    pub(super) exploited: bool,
    /// First and last time that it was seen, and when it was published.
    pub(super) times: Vec<(&'static str, String)>,
    pub(super) merged: Option<Several>,
}

/// A weakness that several tools found.
#[derive(Debug)]
pub(super) struct Several {
    pub(super) tools: usize,
    pub(super) keys: Vec<String>,
    pub(super) records: Vec<Record>,
}

/// What one of them says.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) tool: String,
    pub(super) level: Level,
    pub(super) title: Vec<Span>,
    pub(super) place: Option<String>,
    pub(super) id: String,
    pub(super) evidence: Vec<Seen>,
}

impl Extra {
    pub(super) fn of(finding: &Finding) -> Self {
        let shown = |text: &str| printable(text).into_owned();
        let component = finding.component.as_deref();
        let vulnerability = finding.vulnerability.as_deref();
        let ids = vulnerability.map(|_| facts::identifiers(finding));
        let times = [
            ("first seen", finding.first_seen.as_deref()),
            ("last seen", finding.last_seen.as_deref()),
            (
                "published",
                vulnerability.and_then(|v| v.published.as_deref()),
            ),
        ];
        Self {
            host: finding.location.host.as_deref().map(shown),
            component: component.map(facts::component),
            fix: component
                .and_then(|c| c.fixed_version.as_deref())
                .map(shown),
            purl: component.and_then(|c| c.purl.as_deref()).map(shown),
            ids: ids.into_iter().flatten().map(shown).collect(),
            scores: vulnerability
                .map(|v| v.cvss.iter().map(words::cvss).collect())
                .unwrap_or_default(),
            epss: facts::epss(finding).map(words::epss),
            exploited: facts::is_exploited(finding),
            times: times
                .into_iter()
                .filter_map(|(name, time)| Some((name, words::time(time?))))
                .collect(),
            merged: finding
                .merged
                .as_deref()
                .map(|merged| several(finding, merged)),
        }
    }

    /// Leaves out what the card says for all of its findings.
    pub(super) fn drop_vulnerability(&mut self) {
        self.ids.clear();
        self.scores.clear();
        self.epss = None;
        self.exploited = false;
        self.times.retain(|(name, _)| *name != "published");
    }

    /// Whether there is a part about the vulnerability itself.
    pub(super) fn is_vulnerability(&self) -> bool {
        !self.ids.is_empty() || !self.scores.is_empty() || self.epss.is_some()
    }
}

fn several(finding: &Finding, merged: &Merged) -> Several {
    Several {
        tools: facts::tools(finding).len(),
        keys: merged
            .keys
            .iter()
            .map(|key| printable(key).into_owned())
            .collect(),
        records: merged.records.iter().map(record).collect(),
    }
}

fn record(record: &SourceRecord) -> Record {
    let source = &record.source;
    let own = [source.id.as_deref(), source.severity.as_deref()];
    let own: Vec<&str> = own.into_iter().flatten().collect();
    let mut tool = format!("{} {}", source.tool, source.check);
    if !own.is_empty() {
        tool.push_str(&format!(" ({})", own.join(", ")));
    }
    Record {
        tool: printable(&tool).into_owned(),
        level: level(record.severity),
        title: spans(&record.title),
        place: words::place(&record.location),
        id: printable(&record.id).into_owned(),
        evidence: record.evidence.iter().map(seen).collect(),
    }
}
