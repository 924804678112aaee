//! From what the stages found to one case: id, title, risk, and what reading it costs.

use super::Work;
use casemate_schema::{Case, Finding, finding_id};

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
        review: casemate_triage::review(findings, work.report.suppressed.len(), &work.actions),
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
