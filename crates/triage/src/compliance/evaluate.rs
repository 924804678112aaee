//! From a report to a verdict on each control.
//!
//! First everything that a report says is gathered by check ([`Voice`]): what came of it, and its
//! findings. Then each voice speaks of the controls that the mapping names. Last each control gets
//! its verdict.

use super::{Control, Controls, Framework, Link, Said};
use crate::risk::risk_of;
use casemate_schema::{
    ControlEvidence, ControlResult, ControlStatus, Finding, FrameworkResult, ReferenceKind, Report,
    Severity, Status, Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// What one check (of ours or of another tool) says.
struct Voice<'a> {
    outcome: Status,
    findings: Vec<&'a Finding>,
    links: Vec<Link>,
    /// Why the outcome is not the one that the report gives.
    remark: Option<&'static str>,
}

/// What a control was told.
#[derive(Default)]
struct Told {
    evidence: Vec<ControlEvidence>,
    risk: u8,
    /// Only checks whose pass shows nothing spoke of it, and none of them hit.
    only_contradicted: bool,
}

/// Judges a report by several frameworks.
pub(super) fn evaluate(
    controls: &Controls,
    report: &Report,
    frameworks: &[Framework],
) -> Vec<FrameworkResult> {
    let voices = voices(controls, report);
    let mut told: BTreeMap<(Framework, usize), Told> = BTreeMap::new();
    for (check, voice) in &voices {
        for link in voice
            .links
            .iter()
            .filter(|l| frameworks.contains(&l.framework))
        {
            let told = told.entry((link.framework, link.place)).or_default();
            hear(told, check, voice, link);
        }
    }
    frameworks
        .iter()
        .filter_map(|framework| result(controls, *framework, &mut told))
        .collect()
}

fn hear(told: &mut Told, check: &str, voice: &Voice<'_>, link: &Link) {
    let mut findings = Vec::new();
    if voice.outcome == Status::Hit {
        let spoken = voice.findings.iter().filter(|f| f.severity >= link.floor);
        for finding in spoken {
            let risk = finding
                .risk
                .as_ref()
                .map_or_else(|| risk_of(finding).score, |r| r.score);
            told.risk = told.risk.max(risk);
            findings.push(finding.id.clone());
        }
        if findings.is_empty() && !voice.findings.is_empty() {
            return;
        }
    } else if link.only_fails {
        told.only_contradicted = true;
        return;
    }
    findings.sort();
    findings.dedup();
    let reasoning = match voice.remark {
        Some(remark) => Text::from(format!("{}; {remark}", link.why)),
        None => Text::from(link.why.as_str()),
    };
    told.evidence.push(ControlEvidence {
        check: Text::from(check),
        outcome: Text::from(voice.outcome.as_str()),
        findings,
        reasoning,
    });
}

fn result(
    controls: &Controls,
    framework: Framework,
    told: &mut BTreeMap<(Framework, usize), Told>,
) -> Option<FrameworkResult> {
    let catalogue = controls.catalogue(framework)?;
    let judged: Vec<ControlResult> = catalogue
        .controls
        .iter()
        .enumerate()
        .map(|(place, control)| {
            let told = told.remove(&(framework, place)).unwrap_or_default();
            judge(control, told, controls.mapping.speaks_of(framework, place))
        })
        .collect();
    let count = |status| judged.iter().filter(|c| c.status == status).count();
    let (passed, failed) = (count(ControlStatus::Pass), count(ControlStatus::Fail));
    let assessed = passed + failed;
    let applicable = judged.len() - count(ControlStatus::NotApplicable);
    Some(FrameworkResult {
        framework: Text::from(framework.as_str()),
        title: Text::from(catalogue.title.as_str()),
        version: Text::from(catalogue.version.as_str()),
        score: (assessed > 0).then(|| share(passed, assessed)),
        coverage: share(assessed, applicable),
        controls: judged,
    })
}

/// `part / whole`; 0 of nothing.
fn share(part: usize, whole: usize) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a framework has some hundred controls"
    )]
    let share = part as f64 / whole.max(1) as f64;
    share
}

/// The verdict on one control.
fn judge(control: &Control, mut told: Told, is_mapped: bool) -> ControlResult {
    let has = |status: Status| told.evidence.iter().any(|e| e.outcome == status.as_str());
    let unseen = told
        .evidence
        .iter()
        .filter(|e| e.outcome == Status::NotAssessed.as_str())
        .count();
    let all = told.evidence.len();
    let (status, reason) = if has(Status::Hit) {
        (ControlStatus::Fail, None)
    } else if has(Status::Passed) {
        let partly = format!("{unseen} of {all} checks that speak of it could not look");
        (ControlStatus::Pass, (unseen > 0).then_some(partly))
    } else if unseen > 0 {
        let reason = format!("none of the {all} checks that speak of it could look");
        (ControlStatus::NotAssessed, Some(reason))
    } else if all > 0 {
        let reason = "what the checks look at does not exist here".to_owned();
        (ControlStatus::NotApplicable, Some(reason))
    } else {
        let why = if told.only_contradicted {
            "a scan can contradict it but not show it"
        } else if is_mapped {
            "nothing in this report speaks of it"
        } else {
            "no scan of a host can show it"
        };
        let reason = format!("{why}; a person would bring {}", control.bring);
        (ControlStatus::NotAssessed, Some(reason))
    };
    let rank = |evidence: &ControlEvidence| {
        Status::ALL
            .iter()
            .position(|status| evidence.outcome == status.as_str())
    };
    told.evidence
        .sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    ControlResult {
        id: Text::from(control.id.as_str()),
        title: Text::from(control.title.as_str()),
        status,
        evidence: told.evidence,
        risk: told.risk,
        reason: reason.map(Text::from),
    }
}

/// Gathers what a report says, by check.
fn voices<'a>(controls: &Controls, report: &'a Report) -> BTreeMap<String, Voice<'a>> {
    let mapping = &controls.mapping;
    let surfaces: BTreeMap<&str, &str> = report
        .coverage
        .checks
        .iter()
        .map(|check| (check.id.as_str(), check.surface.as_str()))
        .collect();
    let suppressed: BTreeSet<&str> = report.suppressed.iter().flat_map(checks_of).collect();
    let (mut voices, remarks) = of_findings(controls, &surfaces, &report.findings);
    for check in &report.coverage.checks {
        let ours = mapping.is_ours(&check.id);
        // A finding outweighs whatever coverage says of its check.
        if voices.contains_key(&check.id) || (remarks.contains(check.id.as_str()) && !ours) {
            continue;
        }
        if !ours && !mapping.hears(&check.surface) {
            continue;
        }
        let links = if ours {
            mapping.of_check(&check.id)
        } else {
            mapping.of_import(&Said {
                rule: &check.id,
                tool: &check.surface,
                ..Said::default()
            })
        };
        let decided = check.status == Status::Hit && suppressed.contains(check.id.as_str());
        let outcome = if decided {
            Status::NotAssessed
        } else {
            check.status
        };
        let remark = decided.then_some("its findings were decided not to count");
        let voice = Voice {
            outcome,
            findings: Vec::new(),
            links,
            remark,
        };
        voices.insert(check.id.clone(), voice);
    }
    voices
}

/// The checks that a finding belongs to: its own, and those of the tools that say the same.
fn checks_of(finding: &Finding) -> impl Iterator<Item = &str> {
    let merged = finding.merged.iter().flat_map(|merged| &merged.records);
    std::iter::once(finding.source.check.as_str())
        .chain(merged.map(|record| record.source.check.as_str()))
}

/// Hits, by check; and the checks of other tools whose findings are remarks or stand elsewhere.
fn of_findings<'a>(
    controls: &Controls,
    surfaces: &BTreeMap<&str, &str>,
    findings: &'a [Finding],
) -> (BTreeMap<String, Voice<'a>>, BTreeSet<&'a str>) {
    let mut voices: BTreeMap<String, Voice<'a>> = BTreeMap::new();
    let mut remarks = BTreeSet::new();
    for finding in findings {
        let ours = is_ours(controls, finding);
        let vulnerability = is_vulnerability(finding);
        let key = if !ours && vulnerability {
            format!("{}: published vulnerabilities", finding.source.tool)
        } else {
            finding.source.check.to_string()
        };
        remarks.extend(checks_of(finding));
        // What another tool tells for information is no weakness.
        if !ours && finding.severity == Severity::Info {
            continue;
        }
        let is_new = !voices.contains_key(&key);
        let voice = voices.entry(key).or_insert_with(|| Voice {
            outcome: Status::Hit,
            findings: Vec::new(),
            links: Vec::new(),
            remark: None,
        });
        // Findings of one rule may differ in path or weakness, those of one tool's vulnerabilities
        // and of our checks do not differ in what they speak of.
        if is_new || !(ours || vulnerability) {
            let surface = surfaces.get(finding.source.check.as_str()).copied();
            join(&mut voice.links, links_with(controls, finding, surface));
        }
        voice.findings.push(finding);
    }
    (voices, remarks)
}

fn join(links: &mut Vec<Link>, more: Vec<Link>) {
    for link in more {
        let place = (link.framework, link.place);
        match links.binary_search_by_key(&place, |known| (known.framework, known.place)) {
            // Which of two reasons stands must not depend on which finding came first.
            Ok(at) => {
                if let Some(known) = links.get_mut(at) {
                    if link.why < known.why {
                        known.why = link.why;
                    }
                    known.only_fails &= link.only_fails;
                    known.floor = known.floor.min(link.floor);
                }
            }
            Err(at) => links.insert(at, link),
        }
    }
}

fn is_ours(controls: &Controls, finding: &Finding) -> bool {
    controls.mapping.is_ours(&finding.source.check) && finding.source.tool == "casemate"
}

fn is_vulnerability(finding: &Finding) -> bool {
    finding.vulnerability.is_some() || finding.category == "vulnerability"
}

/// What a finding speaks of.
pub(super) fn links_of(controls: &Controls, finding: &Finding) -> Vec<Link> {
    if !is_ours(controls, finding) && finding.severity == Severity::Info {
        return Vec::new();
    }
    links_with(controls, finding, None)
}

fn links_with(controls: &Controls, finding: &Finding, surface: Option<&str>) -> Vec<Link> {
    if is_ours(controls, finding) {
        return controls.of_check(&finding.source.check);
    }
    let weaknesses: Vec<&str> = finding
        .references
        .iter()
        .filter(|reference| reference.kind == ReferenceKind::Cwe)
        .map(|reference| reference.id.as_str())
        .collect();
    let said = Said {
        rule: &finding.source.check,
        tool: &finding.source.tool,
        category: &finding.category,
        path: finding.location.path.as_deref().unwrap_or_default(),
        weaknesses: &weaknesses,
        vulnerability: is_vulnerability(finding),
    };
    let mut links = controls.of_import(&said);
    // The same rule passed would be known by its surface alone; it must speak of the same.
    if let Some(surface) = surface.filter(|_| !said.vulnerability) {
        let by_surface = controls.of_import(&Said {
            rule: &finding.source.check,
            tool: surface,
            ..Said::default()
        });
        join(&mut links, by_surface);
    }
    join(&mut links, super::named::links(controls, finding));
    links
}
