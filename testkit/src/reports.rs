//! Reports made from a seed: any size, always the same for the same seed, with awkward text in it.

use casemate_base::random::{Random, Seed};
use casemate_schema::{
    CheckCoverage, Coverage, Evidence, Finding, Host, Location, OperatingSystem, Reference,
    ReferenceKind, Report, SCHEMA_VERSION, ScanInfo, ScanMode, Severity, Source, Status, Summary,
    Tool, finding_id,
};

const SURFACES: [&str; 6] = ["ssh", "files", "sockets", "kernel", "users", "units"];
/// Text that breaks careless writers: markup, escapes, direction overrides, formulas, long words.
const AWKWARD: [&str; 7] = [
    "plain",
    "</script><script>alert(1)</script>",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{202e}gpj.exe",
    "=HYPERLINK(1)",
    "quote\" and \\ and 'tick'",
    "\u{1f600} \u{e9}\u{301} \u{0}",
];

/// One finding; `number` tells it from the others of the same seed.
#[must_use]
pub fn finding(random: &mut Random, number: u64) -> Finding {
    let surface = random.choose(&SURFACES).copied().unwrap_or("ssh");
    let check = format!("{surface}-check-{}", random.below(9));
    let severity = random
        .choose(&Severity::ALL)
        .copied()
        .unwrap_or(Severity::Info);
    let awkward = random.choose(&AWKWARD).copied().unwrap_or_default();
    let subject = format!("subject {number} {awkward}");
    Finding {
        id: finding_id(&check, &[subject.as_bytes()]).into(),
        title: format!("Something is wrong with {subject}").into(),
        category: surface.into(),
        severity,
        source: Source {
            tool: "casemate".into(),
            check: check.into(),
            id: None,
            severity: None,
        },
        location: Location {
            path: Some(format!("/etc/{awkward}/{number}").into()),
            line: Some(1 + random.below(900)),
            subject: Some(subject.into()),
            ..Location::default()
        },
        evidence: vec![Evidence {
            name: "value".into(),
            value: awkward.into(),
            path: None,
            line: None,
        }],
        description: "Why it matters.".into(),
        remediation: "chmod 644 /etc/x".into(),
        references: vec![Reference {
            kind: ReferenceKind::Cwe,
            id: "CWE-732".into(),
        }],
        ..Finding::default()
    }
}

/// A report with that many findings and the coverage that belongs to them.
#[must_use]
pub fn report(seed: u64, n_findings: u64) -> Report {
    let mut random = Random::new(&Seed::from(seed));
    let findings: Vec<Finding> = (0..n_findings).map(|n| finding(&mut random, n)).collect();
    let mut checks: Vec<CheckCoverage> = Vec::new();
    for surface in SURFACES {
        for number in 0..9 {
            let id = format!("{surface}-check-{number}");
            let n = findings.iter().filter(|f| f.source.check == id).count() as u64;
            let status = match (n, number % 3) {
                (1.., _) => Status::Hit,
                (_, 0) => Status::NotAssessed,
                (_, 1) => Status::NotApplicable,
                _ => Status::Passed,
            };
            let reason = (n == 0 && status != Status::Passed).then(|| "not there".to_owned());
            let surface = surface.to_owned();
            checks.push(CheckCoverage {
                id,
                surface,
                status,
                reason,
                privileges: false,
                findings: n,
            });
        }
    }
    let coverage = Coverage::from_checks(checks);
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool {
            name: "casemate".to_owned(),
            version: "0.0.0".to_owned(),
        },
        scan: ScanInfo {
            started_at: "2026-01-02T03:04:05Z".to_owned(),
            mode: ScanMode::Quick,
            target: "host".to_owned(),
            privileged: true,
            surfaces: SURFACES.map(str::to_owned).to_vec(),
        },
        host: Host {
            name: Some("made-up".to_owned()),
            os: Some(OperatingSystem {
                id: "debian".to_owned(),
                version: None,
                name: None,
            }),
            ..Host::default()
        },
        summary: Summary::of(&findings, &coverage),
        coverage,
        partial: false,
        findings,
        ..Report::default()
    }
}
