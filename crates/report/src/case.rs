//! What does a case say, in words? The same in every page, summary and document.
//!
//! Invariants: no clock: the age of a pack is counted up to the time of the report; what was
//! skipped, is old or is not known is said, never left out.

use crate::{facts, words};
use casemate_base::text::printable;
use casemate_schema::{
    Action, Case, ChangeRisk, ControlStatus, Finding, FrameworkResult, PackInfo, Report, Review,
    StageStatus, Text,
};
use std::collections::BTreeMap;

/// Days after which a pack is old: feeds that are published daily or weekly, and all others.
const OLD_AFTER: [i64; 2] = [30, 365];
/// Records that come from feeds which are published daily or weekly.
const FREQUENT: [&str; 4] = ["advisory", "cve", "epss", "kev"];
const DAY: i64 = 86_400_000;

/// `10 min`, `2 h`, `1 h 30 min`.
pub(crate) fn effort(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// `2,681`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 action`, `2,681 findings`.
pub(crate) fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// A share between 0 and 1 in per cent, rounded down so that it never promises more than there is.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", (share * 100.0 + 1e-9).clamp(0.0, 100.0).floor())
}

/// What reading the case costs, in one line.
pub(crate) fn review(review: &Review) -> String {
    format!(
        "{}, {}, {}; {} need no reading of their own",
        count(review.findings_in, "finding", "findings"),
        count(
            review.weaknesses,
            "distinct weakness",
            "distinct weaknesses"
        ),
        count(review.actions, "action", "actions"),
        percent(review.share_without_reading),
    )
}

/// What a change may break, in one word.
pub(crate) const fn change_risk(risk: ChangeRisk) -> &'static str {
    match risk {
        ChangeRisk::Low => "low",
        ChangeRisk::Medium => "medium",
        ChangeRisk::High => "high",
    }
}

/// `removes 12 findings`.
pub(crate) fn removes(action: &Action) -> String {
    let removed = action.findings.len() as u64;
    format!("removes {}", count(removed, "finding", "findings"))
}

/// A control framework in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Framework {
    /// Name and version.
    pub(crate) title: String,
    /// Share of the assessed controls that passed; none when nothing was assessed.
    pub(crate) score: Option<String>,
    /// Share of the applicable controls that were assessed.
    pub(crate) coverage: String,
    /// Controls that passed, failed, were not assessed, do not apply.
    pub(crate) counts: [u64; 4],
}

impl Framework {
    pub(crate) fn of(result: &FrameworkResult) -> Self {
        const ORDER: [ControlStatus; 4] = [
            ControlStatus::Pass,
            ControlStatus::Fail,
            ControlStatus::NotAssessed,
            ControlStatus::NotApplicable,
        ];
        let of = |status| {
            let controls = result.controls.iter();
            controls.filter(|it| it.status == status).count() as u64
        };
        let mut title = printable(&result.title).into_owned();
        if !result.version.is_empty() && !title.contains(result.version.as_str()) {
            title.push(' ');
            title.push_str(&printable(&result.version));
        }
        Self {
            title,
            score: result.score.map(percent),
            coverage: percent(result.coverage),
            counts: ORDER.map(of),
        }
    }

    /// The same for a narrow place: `62 %: 13 passed, 8 failed; 13 % covered`.
    pub(crate) fn short(&self) -> String {
        let [passed, failed, ..] = self.counts;
        match &self.score {
            Some(score) => {
                let covered = &self.coverage;
                format!("{score}: {passed} passed, {failed} failed; {covered} covered")
            }
            None => "nothing was assessed: no score".to_owned(),
        }
    }

    /// `62 % of 21 assessed controls passed, 8 failed; covers 13 % of what applies`.
    pub(crate) fn line(&self) -> String {
        let [passed, failed, ..] = self.counts;
        match &self.score {
            Some(score) => format!(
                "{score} of {} passed, {failed} failed; covers {} of what applies",
                count(passed + failed, "assessed control", "assessed controls"),
                self.coverage
            ),
            None => "nothing was assessed, so there is no score".to_owned(),
        }
    }
}

/// A pack with its age when the report was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pack {
    pub(crate) name: String,
    pub(crate) version: u64,
    /// The day that its youngest source carries.
    pub(crate) as_of: Option<String>,
    pub(crate) days: Option<i64>,
    pub(crate) is_old: bool,
    /// Records of each kind.
    pub(crate) records: Vec<String>,
}

impl Pack {
    fn of(pack: &PackInfo, made_at: Option<i64>) -> Self {
        let whole = if pack.as_of.len() == "YYYY-MM-DD".len() {
            format!("{}T00:00:00Z", pack.as_of)
        } else {
            pack.as_of.to_string()
        };
        let at = facts::milliseconds(&whole);
        let days = made_at.zip(at).map(|(made, at)| ((made - at) / DAY).max(0));
        let is_frequent = FREQUENT.iter().any(|kind| pack.records.contains_key(*kind));
        let [often, seldom] = OLD_AFTER;
        let limit = if is_frequent { often } else { seldom };
        Self {
            name: printable(&pack.name).into_owned(),
            version: pack.version,
            as_of: facts::day(&whole),
            days,
            is_old: days.is_none_or(|days| days > limit),
            records: pack
                .records
                .iter()
                .map(|(kind, n)| format!("{} {}", number(*n), printable(kind).replace('_', " ")))
                .collect(),
        }
    }

    /// `12 days`, or that it is not known.
    pub(crate) fn age(&self) -> String {
        let days = self.days.and_then(|days| u64::try_from(days).ok());
        match days {
            Some(days) => count(days, "day", "days"),
            None => "not known".to_owned(),
        }
    }

    /// A warning, if the pack is old or nobody knows how old.
    pub(crate) fn warning(&self) -> Option<String> {
        if !self.is_old {
            return None;
        }
        Some(match (&self.as_of, self.days) {
            (Some(day), Some(_)) => format!(
                "pack `{}` is old: {} (of {day}); what was published since is not known here",
                self.name,
                self.age()
            ),
            _ => format!("nobody knows how old pack `{}` is", self.name),
        })
    }
}

/// The packs that the case rests on.
pub(crate) fn packs(report: &Report, case: &Case) -> Vec<Pack> {
    let made_at = facts::milliseconds(&report.scan.started_at);
    let packs = case.packs.iter();
    packs.map(|pack| Pack::of(pack, made_at)).collect()
}

/// The stages that were not done whole: name, `skipped` or `degraded`, reason.
pub(crate) fn stages(case: &Case) -> Vec<(String, &'static str, String)> {
    let stages = case.stages.iter().filter_map(|stage| {
        let word = match stage.status {
            StageStatus::Done => return None,
            StageStatus::Degraded => "degraded",
            StageStatus::Skipped => "skipped",
        };
        let reason = stage.reason.as_deref().unwrap_or("no reason was given");
        let name = printable(&stage.stage).into_owned();
        Some((name, word, printable(reason).into_owned()))
    });
    stages.collect()
}

/// Names of techniques, as the findings carry them.
#[derive(Debug)]
pub(crate) struct TechniqueNames<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> TechniqueNames<'a> {
    pub(crate) fn of(findings: &'a [Finding]) -> Self {
        let techniques = findings
            .iter()
            .filter_map(|finding| finding.enrichment.as_deref())
            .flat_map(|enrichment| &enrichment.techniques);
        Self(
            techniques
                .filter_map(|it| Some((it.id.as_str(), it.name.as_deref()?)))
                .collect(),
        )
    }

    /// `T1548.001 Setuid and Setgid`; the identifier alone where no finding names it.
    pub(crate) fn list(&self, ids: &[Text]) -> Vec<String> {
        ids.iter()
            .map(|id| match self.0.get(id.as_str()) {
                Some(name) => printable(&format!("{id} {name}")).into_owned(),
                None => printable(id).into_owned(),
            })
            .collect()
    }
}

/// Where a finding stands with the people, in one line; nothing of one that nobody has looked at.
pub(crate) fn state(finding: &Finding) -> Option<String> {
    let state = finding.state.as_deref()?;
    let word = |text: &str| text.replace('_', " ");
    let mut said = Vec::new();
    if let Some(decision) = state.decision.as_deref() {
        let mut line = word(state.state.as_str());
        if let Some(reason) = state.reason {
            line.push_str(": ");
            line.push_str(close_reason(reason));
        }
        if let Some(other) = decision.duplicate_of.as_deref() {
            line.push_str(&format!(" {other}"));
        }
        if let Some(until) = decision.until.as_deref() {
            line.push_str(&format!(" until {until}"));
        }
        line.push_str(&format!(
            ", {} by {}: {}",
            words::time(&decision.when),
            decision.who,
            decision.why
        ));
        if let Some(second) = decision.approved_by.as_deref() {
            line.push_str(&format!(" (approved by {second})"));
        }
        said.push(line);
    } else if state.state != casemate_schema::State::New {
        let reason = state.reason.map(|it| format!(": {}", close_reason(it)));
        said.push(word(state.state.as_str()) + &reason.unwrap_or_default());
    }
    if let Some(waiting) = state.waiting.as_deref() {
        said.push(format!(
            "waits for a second person's approval: {} by {}: {}",
            waiting.verb, waiting.who, waiting.why
        ));
    }
    (!said.is_empty()).then(|| printable(&said.join("; ")).into_owned())
}

const fn close_reason(reason: casemate_schema::CloseReason) -> &'static str {
    use casemate_schema::CloseReason;
    match reason {
        CloseReason::Fixed => "fixed",
        CloseReason::FalsePositive => "false positive",
        CloseReason::Accepted => "accepted",
        CloseReason::OutOfScope => "out of scope",
        CloseReason::DuplicateOf => "duplicate of",
        CloseReason::NotAffected => "not affected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_shares_never_promise_too_much() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(12_345_678), "12,345,678");
        assert_eq!(percent(0.9999), "99 %");
        assert_eq!(percent(0.29), "29 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(effort(90), "1 h 30 min");
        assert_eq!(effort(120), "2 h");
        assert_eq!(effort(5), "5 min");
    }

    #[test]
    fn a_pack_is_old_by_what_it_holds_and_when_nobody_knows() {
        let pack = |as_of: &str, kind: &str| PackInfo {
            name: "p".into(),
            version: 1,
            as_of: as_of.into(),
            records: std::iter::once((kind.to_owned(), 1)).collect(),
        };
        let made = facts::milliseconds("2026-03-04T05:06:07Z");
        let kev = Pack::of(&pack("2026-01-01T00:00:00Z", "kev"), made);
        assert_eq!((kev.days, kev.is_old), (Some(62), true));
        let cwe = Pack::of(&pack("2026-01-01", "weakness"), made);
        assert_eq!((cwe.days, cwe.is_old), (Some(62), false));
        let undated = Pack::of(&pack("", "weakness"), made);
        assert!(
            undated
                .warning()
                .is_some_and(|it| it.contains("nobody knows"))
        );
    }
}
