//! Reports for the tests.

use casemate_schema::{
    CheckCoverage, Coverage, Evidence, Finding, Host, Location, OperatingSystem, Reference,
    ReferenceKind, Report, SCHEMA_VERSION, ScanInfo, ScanMode, Severity, Source, Status, Summary,
    Tool, finding_id,
};

pub(crate) fn finding(check: &str, subject: &str, severity: Severity) -> Finding {
    Finding {
        id: finding_id(check, &[subject.as_bytes()]).into(),
        title: format!("{check} on {subject}").into(),
        category: check.split('-').next().unwrap_or_default().into(),
        severity,
        source: Source {
            tool: "casemate".into(),
            check: check.into(),
            id: None,
            severity: None,
        },
        location: Location {
            path: Some("/etc/na\\xffme".into()),
            path_base64: Some("L2V0Yy9uYf9tZQ==".into()),
            line: Some(7),
            subject: Some(subject.into()),
            host: None,
        },
        evidence: vec![Evidence {
            name: "value".into(),
            value: "\u{1b}[31m\u{202e}\"\\ \u{1f600}\0".into(),
            path: Some("/etc/x".into()),
            line: None,
        }],
        description: "why".into(),
        remediation: "how".into(),
        references: vec![Reference {
            kind: ReferenceKind::Cwe,
            id: "CWE-1".into(),
        }],
        ..Finding::default()
    }
}

pub(crate) fn check(id: &str, status: Status, findings: u64) -> CheckCoverage {
    let reason = matches!(status, Status::NotAssessed | Status::NotApplicable)
        .then(|| "no permission".to_owned());
    CheckCoverage {
        id: id.to_owned(),
        surface: id.split('-').next().unwrap_or_default().to_owned(),
        status,
        reason,
        privileges: status == Status::NotAssessed,
        findings,
    }
}

pub(crate) fn report(findings: Vec<Finding>, checks: Vec<CheckCoverage>) -> Report {
    let coverage = Coverage::from_checks(checks);
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool {
            name: "casemate".to_owned(),
            version: "0.1.0".to_owned(),
        },
        scan: ScanInfo {
            started_at: "2026-01-02T03:04:05Z".to_owned(),
            mode: ScanMode::Quick,
            target: "host".to_owned(),
            privileged: false,
            surfaces: vec!["ssh".to_owned()],
        },
        host: Host {
            name: Some("web".to_owned()),
            os: Some(OperatingSystem {
                id: "debian".to_owned(),
                version: Some("12".to_owned()),
                name: None,
            }),
            kernel: None,
            architecture: Some("x86_64".to_owned()),
        },
        summary: Summary::of(&findings, &coverage),
        coverage,
        partial: false,
        findings,
        ..Report::default()
    }
}
