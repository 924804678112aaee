//! How urgent a finding is on this host: a sum of few factors that a reader can check by hand.
//!
//! `score = severity + reach + consequence`, 0 to 100; `docs/concepts/risk.md` shows the same table.
//! Severity decides the band, reach and consequence order within it: the steps between two
//! severities (18 points and more) are larger than reach and consequence together (16), so a
//! finding never overtakes one of a higher severity. Deterministic, and monotone in each factor.

use casemate_schema::{Finding, ReferenceKind, Report, Risk, RiskFactor, Severity};

/// Points of each severity, lowest first.
const SEVERITY_POINTS: [(Severity, u8); 5] = [
    (Severity::Info, 4),
    (Severity::Low, 22),
    (Severity::Medium, 42),
    (Severity::High, 62),
    (Severity::Critical, 82),
];

/// Points when the weakness can be reached over the network.
const REACH_NETWORK: u8 = 10;
/// Points when any local account can reach it.
const REACH_LOCAL: u8 = 5;
/// Points when it gives an attacker entry, rights or credentials.
const CONSEQUENCE: u8 = 6;

/// Surfaces whose weaknesses are reached over the network.
const NETWORK_SURFACES: [&str; 6] = ["sockets", "ssh", "firewall", "network", "web", "tls"];
/// Surfaces whose weaknesses any local account reaches.
const LOCAL_SURFACES: [&str; 11] = [
    "processes",
    "files",
    "suid",
    "users",
    "sudo",
    "pam",
    "cron",
    "units",
    "mounts",
    "containers",
    "secrets",
];
/// ATT&CK techniques that give entry, rights or credentials, by their main number.
const ENTRY_TECHNIQUES: [(&str, &str); 10] = [
    ("T1003", "gives credentials"),
    ("T1021", "gives entry"),
    ("T1068", "gives rights"),
    ("T1078", "gives entry"),
    ("T1110", "gives entry"),
    ("T1133", "gives entry"),
    ("T1190", "gives entry"),
    ("T1548", "gives rights"),
    ("T1552", "gives credentials"),
    ("T1611", "gives rights"),
];

/// What each factor means, for the page that explains the score: name and meaning.
pub const FACTORS: [(&str, &str); 3] = [
    (
        "severity",
        "info 4, low 22, medium 42, high 62, critical 82",
    ),
    (
        "reach",
        "10 when reachable over the network (sockets, ssh, firewall; of imported findings network, \
         web, tls), 5 when any local account reaches it, else 0",
    ),
    (
        "consequence",
        "6 when an ATT&CK technique of the check gives entry, rights or credentials, else 0",
    ),
];

/// The risk of one finding, with the part of each factor.
#[must_use]
pub fn risk_of(finding: &Finding) -> Risk {
    let severity = SEVERITY_POINTS
        .iter()
        .find(|(level, _)| *level == finding.severity)
        .map_or(0, |(_, points)| *points);
    let mut factors = vec![RiskFactor {
        name: "severity".into(),
        points: severity,
        reason: finding.severity.as_str().into(),
    }];
    let reach = if NETWORK_SURFACES.contains(&finding.category.as_str()) {
        Some((REACH_NETWORK, "reachable over the network"))
    } else if LOCAL_SURFACES.contains(&finding.category.as_str()) {
        Some((REACH_LOCAL, "reachable by local accounts"))
    } else {
        None
    };
    if let Some((points, reason)) = reach {
        factors.push(factor("reach", points, reason.to_owned()));
    }
    if let Some((technique, effect)) = entry_technique(finding) {
        factors.push(factor(
            "consequence",
            CONSEQUENCE,
            format!("{technique}: {effect}"),
        ));
    }
    let score = factors
        .iter()
        .map(|factor| factor.points)
        .fold(0, u8::saturating_add)
        .min(100);
    Risk {
        score,
        factors: factors.into(),
    }
}

fn factor(name: &str, points: u8, reason: String) -> RiskFactor {
    RiskFactor {
        name: name.into(),
        points,
        reason: reason.into(),
    }
}

fn entry_technique(finding: &Finding) -> Option<(&str, &'static str)> {
    finding
        .references
        .iter()
        .filter(|r| r.kind == ReferenceKind::Attack)
        .find_map(|reference| {
            let main = reference.id.split('.').next().unwrap_or_default();
            let (_, effect) = ENTRY_TECHNIQUES.iter().find(|(id, _)| *id == main)?;
            Some((reference.id.as_str(), *effect))
        })
}

/// Gives each finding its risk and puts the highest first; equal risks are ordered by id, so the
/// ranking does not depend on the order in which the findings came.
pub fn rank(report: &mut Report) {
    for finding in &mut report.findings {
        finding.risk = Some(risk_of(finding));
    }
    let score = |finding: &Finding| finding.risk.as_ref().map_or(0, |risk| risk.score);
    report.findings.sort_by(|a, b| {
        score(b)
            .cmp(&score(a))
            .then(b.severity.cmp(&a.severity))
            .then_with(|| a.id.cmp(&b.id))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use casemate_schema::{Location, Reference, Source};
    use proptest::prelude::*;

    fn finding(severity: Severity, category: &str, technique: Option<&str>) -> Finding {
        let references = technique
            .map(|id| Reference {
                kind: ReferenceKind::Attack,
                id: id.into(),
            })
            .into_iter()
            .collect();
        Finding {
            id: format!("{category}-x:{}", severity.as_str()).into(),
            title: "t".into(),
            category: category.into(),
            severity,
            source: Source {
                tool: "casemate".into(),
                check: "x".into(),
                id: None,
                severity: None,
            },
            location: Location::default(),
            evidence: Vec::new(),
            description: String::new().into(),
            remediation: String::new().into(),
            references,
            ..Finding::default()
        }
    }

    #[test]
    fn golden_table() {
        for (severity, category, technique, expected) in [
            (Severity::Info, "boot", None, 4),
            (Severity::Low, "kernel", None, 22),
            (Severity::Medium, "ssh", None, 52),
            (Severity::High, "sudo", Some("T1548.003"), 73),
            (Severity::Critical, "sockets", Some("T1190"), 98),
            (Severity::Medium, "logging", Some("T1070"), 42),
        ] {
            let risk = risk_of(&finding(severity, category, technique));
            assert_eq!(risk.score, expected, "{severity} {category}");
            let sum: u8 = risk.factors.iter().map(|factor| factor.points).sum();
            assert_eq!(sum, expected, "the factors add up");
        }
    }

    proptest! {
        #[test]
        fn a_higher_severity_is_never_overtaken(
            low in 0_usize..4,
            a in prop::sample::select(vec!["boot", "ssh", "files", "kernel"]),
            b in prop::sample::select(vec!["boot", "ssh", "files", "kernel"]),
            technique in prop::option::of(Just("T1548.001")),
        ) {
            let weaker = risk_of(&finding(Severity::ALL[low], a, technique));
            let stronger = risk_of(&finding(Severity::ALL[low + 1], b, None));
            prop_assert!(stronger.score > weaker.score);
        }
    }
}
