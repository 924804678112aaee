//! From what the stages found to one case: id, title, risk, and what reading it costs.

use super::Work;
use casemate_schema::{Case, Finding, Review, finding_id};
use std::collections::BTreeSet;

/// The case without the parts that are moved into it as they are.
pub(super) fn case(work: &Work) -> Case {
    let findings = &work.report.findings;
    let mut ids: Vec<&[u8]> = findings
        .iter()
        .map(|finding| finding.id.as_bytes())
        .collect();
    ids.sort_unstable();
    let host = work.report.host.name.clone().unwrap_or_default();
    let mut parts = vec![host.as_bytes()];
    parts.extend(ids);
    let of_findings = findings.iter().filter_map(|finding| finding.risk.as_ref());
    let of_chains = work.chains.iter().map(|chain| chain.risk);
    Case {
        id: finding_id("case", &parts).into(),
        title: title(&host, findings, work.chains.len()).into(),
        risk: of_findings
            .map(|risk| risk.score)
            .chain(of_chains)
            .max()
            .unwrap_or(0),
        review: review(work),
        ..Case::default()
    }
}

fn title(host: &str, findings: &[Finding], n_chains: usize) -> String {
    let counted = |n: usize, noun: &str| {
        let ending = if n == 1 { "" } else { "s" };
        format!("{n} {noun}{ending}")
    };
    let mut title = counted(findings.len(), "finding");
    if let Some(worst) = findings.iter().map(|finding| finding.severity).max() {
        title.push_str(&format!(", the worst {worst}"));
    }
    if n_chains > 0 {
        title.push_str(&format!(", {}", counted(n_chains, "attack path")));
    }
    if host.is_empty() {
        title
    } else {
        format!("{host}: {title}")
    }
}

/// What distinguishes one weakness from another: the vulnerability, else tool and check.
fn weakness(finding: &Finding) -> (&str, &str) {
    match &finding.vulnerability {
        Some(vulnerability) => ("", vulnerability.id.as_str()),
        None => (finding.source.tool.as_str(), finding.source.check.as_str()),
    }
}

fn review(work: &Work) -> Review {
    let findings = &work.report.findings;
    let weaknesses: BTreeSet<(&str, &str)> = findings.iter().map(weakness).collect();
    // The first finding of an action is read, those that it mends besides are not.
    let mut covered: BTreeSet<&str> = BTreeSet::new();
    let mut n_unread = work.report.suppressed.len();
    for action in &work.actions {
        let fresh = action
            .findings
            .iter()
            .filter(|id| covered.insert(id.as_str()));
        n_unread += fresh.count().saturating_sub(1);
    }
    let n_in = findings.len() + work.report.suppressed.len();
    Review {
        findings_in: n_in as u64,
        weaknesses: weaknesses.len() as u64,
        actions: work.actions.len() as u64,
        share_without_reading: if n_in == 0 {
            0.0
        } else {
            n_unread as f64 / n_in as f64
        },
    }
}
