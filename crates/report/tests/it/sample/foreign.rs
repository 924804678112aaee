//! What other tools find: a vulnerability with all that can be said of it, one that two tools
//! found, a secret, a weakness of a web site, a port; suppressed ones; the files they came from.

use super::{evidence, finding, full, reference, risk};
use casemate_schema::{
    Component, Coverage, Cvss, Finding, Host, InputFile, InstalledPackage, Location, Merged,
    PackageManager, ReferenceKind, RejectedRecord, Report, ScanMode, Severity, Source,
    SourceRecord, Summary, Suppression, Vulnerability, finding_id,
};

fn foreign(tool: &str, check: &str, category: &str, severity: Severity, title: &str) -> Finding {
    let mut finding = finding(check, severity, title, title);
    finding.id = finding_id(&format!("{tool}/{check}"), &[title.as_bytes()]).into();
    finding.category = category.into();
    finding.source.tool = tool.into();
    finding.location = Location::default();
    finding
}

/// A CVE in a library, with all that a scanner can say of it.
fn log4shell() -> Finding {
    let mut finding = foreign(
        "trivy",
        "CVE-2021-44228",
        "vulnerability",
        Severity::Critical,
        "log4j-core: remote code execution in JNDI features",
    );
    finding.location.path = Some("srv/app/lib/log4j-core-2.14.1.jar".into());
    finding.component = Some(Box::new(Component {
        name: "org.apache.logging.log4j:log4j-core".into(),
        version: Some("2.14.1".into()),
        purl: Some("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1".into()),
        kind: Some("maven".into()),
        fixed_version: Some("2.15.0".into()),
    }));
    let cvss = |version: &str, vector: &str, score: f64, source: &str| Cvss {
        version: Some(version.into()),
        vector: Some(vector.into()),
        score: Some(score),
        source: Some(source.into()),
    };
    finding.vulnerability = Some(Box::new(Vulnerability {
        id: "CVE-2021-44228".into(),
        aliases: vec!["GHSA-jfh8-c2jp-5v3q".into()],
        cvss: vec![
            cvss("2.0", "AV:N/AC:M/Au:N/C:C/I:C/A:C", 9.3, "nvd"),
            cvss(
                "3.1",
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
                10.0,
                "nvd",
            ),
        ],
        epss: Some(0.975),
        exploited: Some(true),
        published: Some("2021-12-10T10:15:09Z".into()),
    }));
    finding.first_seen = Some("2026-02-01T00:00:00Z".into());
    finding.last_seen = Some("2026-03-01T12:00:00Z".into());
    finding.references = vec![
        reference(ReferenceKind::Cve, "CVE-2021-44228"),
        reference(ReferenceKind::Cwe, "CWE-502"),
        reference(ReferenceKind::Cwe, "CWE-400"),
        reference(
            ReferenceKind::Url,
            "https://logging.example.org/security.html",
        ),
        reference(ReferenceKind::Url, "see the vendor's page"),
    ];
    finding.risk = risk(&[("severity", 60, "critical"), ("exploited", 30, "exploited")]);
    finding
}

/// The same weakness of two tools.
fn merged() -> Finding {
    let mut finding = foreign(
        "grype",
        "GHSA-xxxx-yyyy-zzzz",
        "vulnerability",
        Severity::High,
        "lodash: prototype pollution",
    );
    finding.component = Some(Box::new(Component {
        name: "lodash".into(),
        version: Some("4.17.15".into()),
        purl: Some("pkg:npm/lodash@4.17.15".into()),
        kind: Some("npm".into()),
        fixed_version: None,
    }));
    finding.vulnerability = Some(Box::new(Vulnerability {
        id: "GHSA-xxxx-yyyy-zzzz".into(),
        cvss: vec![Cvss {
            vector: Some("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N".into()),
            ..Cvss::default()
        }],
        ..Vulnerability::default()
    }));
    let record = |tool: &str, severity: Severity| SourceRecord {
        id: finding_id(&format!("{tool}/x"), &[b"lodash"]).into(),
        source: Source {
            tool: tool.into(),
            check: "GHSA-xxxx-yyyy-zzzz".into(),
            id: Some("77".into()),
            severity: Some("HIGH".into()),
        },
        title: "Prototype pollution in lodash".into(),
        severity,
        location: Location {
            path: Some("package-lock.json".into()),
            line: Some(120),
            ..Location::default()
        },
        evidence: vec![evidence("version", "4.17.15")],
    };
    finding.merged = Some(Box::new(Merged {
        keys: vec![
            "vulnerability GHSA-xxxx-yyyy-zzzz".into(),
            "component lodash".into(),
        ],
        records: vec![
            record("grype", Severity::High),
            record("npm-audit", Severity::Medium),
        ],
    }));
    finding
}

fn secret() -> Finding {
    let mut finding = foreign(
        "gitleaks",
        "aws-access-key",
        "secret",
        Severity::High,
        "AWS access key in `deploy/env.sh`",
    );
    finding.location.path = Some("deploy/env.sh".into());
    finding.location.line = Some(7);
    finding.evidence = vec![evidence("match", "AKIA\u{2026}")];
    finding.references = vec![reference(ReferenceKind::Cwe, "CWE-798")];
    finding
}

fn web() -> Finding {
    let mut finding = foreign(
        "zap",
        "40012",
        "web",
        Severity::Medium,
        "Cross-site scripting (reflected)",
    );
    finding.source.id = Some("4".into());
    finding.source.severity = Some("Medium (High)".into());
    finding.location.subject = Some("https://shop.example.com/search?q=1".into());
    finding.evidence = vec![evidence("parameter", "q"), evidence("attack", "=1+1")];
    finding.references = vec![reference(ReferenceKind::Cwe, "CWE-79")];
    finding
}

/// A remark about a host that was scanned over the network.
fn network() -> Finding {
    let mut finding = foreign(
        "nmap",
        "open-port",
        "network",
        Severity::Info,
        "Port 22 is open",
    );
    finding.location.host = Some("192.0.2.7".into());
    finding.location.subject = Some("22/tcp".into());
    finding
}

/// Two findings that do not count: a vulnerability by a VEX document, a check by an ignore file.
fn suppressed() -> Vec<Finding> {
    let mut vulnerability = log4shell();
    vulnerability.id = finding_id("trivy/CVE-2021-45046", &[b"log4j"]).into();
    vulnerability.title = "log4j-core: incomplete fix".into();
    if let Some(inner) = &mut vulnerability.vulnerability {
        inner.id = "CVE-2021-45046".into();
        inner.aliases = Vec::new();
        inner.exploited = None;
    }
    vulnerability.references.remove(0);
    vulnerability.suppression = Some(Box::new(Suppression {
        by: "openvex".into(),
        status: "not_affected".into(),
        justification: Some("vulnerable_code_not_in_execute_path".into()),
        statement: Some("JNDI lookups are switched off.".into()),
        source: "vex.json#/statements/0".into(),
    }));
    let mut check = secret();
    check.id = finding_id("gitleaks/aws-access-key", &[b"test"]).into();
    check.title = "AWS access key in `tests/key.txt`".into();
    check.suppression = Some(Box::new(Suppression {
        by: "ignore-file".into(),
        status: "accepted".into(),
        justification: None,
        statement: Some("Made up for a test.".into()),
        source: ".casemateignore:3".into(),
    }));
    vec![vulnerability, check]
}

/// The full report together with other tools' findings, suppressed ones, inputs and packages.
pub(crate) fn mixed() -> Report {
    let mut report = full();
    report
        .findings
        .extend([log4shell(), merged(), secret(), web(), network()]);
    report.findings.sort_by(|a, b| a.id.cmp(&b.id));
    report.suppressed = suppressed();
    report.inputs = vec![
        InputFile {
            name: "trivy.json".into(),
            digest: "0".repeat(64).into(),
            kind: "trivy".into(),
            tool: "Trivy".into(),
            tool_version: Some("0.58.1".into()),
            scanned_at: Some("2026-03-01T12:00:00Z".into()),
            target: Some("registry.example.com/shop:1.4".into()),
            findings: 3,
            statements: 0,
            rejected: vec![RejectedRecord {
                place: "Results[0].Vulnerabilities[7]".into(),
                reason: "no identifier".into(),
            }],
        },
        InputFile {
            name: "vex.json".into(),
            digest: "1".repeat(64).into(),
            kind: "openvex".into(),
            statements: 1,
            ..InputFile::default()
        },
    ];
    report.packages = vec![InstalledPackage {
        name: "libstdc++6".to_owned(),
        manager: PackageManager::Dpkg,
        version: "1:12.2.0-14".to_owned(),
        arch: "amd64".to_owned(),
        source_name: "gcc-12".to_owned(),
        source_version: "12.2.0-14".to_owned(),
        module: None,
    }];
    report.summary = Summary::of(&report.findings, &report.coverage);
    report
}

/// Other tools' findings alone.
pub(crate) fn import() -> Report {
    let mut report = mixed();
    report
        .findings
        .retain(|finding| finding.source.tool != "casemate");
    report.packages = Vec::new();
    report.coverage = Coverage::default();
    report.host = Host::default();
    report.scan.mode = ScanMode::Import;
    report.scan.target = "reports".to_owned();
    report.scan.surfaces = Vec::new();
    report.summary = Summary::of(&report.findings, &report.coverage);
    report
}

/// Hostile text for what other tools add.
pub(super) fn hostile_parts(finding: &mut Finding, text: &str) {
    let some = || Some(text.into());
    finding.component = Some(Box::new(Component {
        name: text.into(),
        version: some(),
        purl: Some(format!("pkg:npm/{text}").into()),
        kind: some(),
        fixed_version: some(),
    }));
    if let Some(vulnerability) = &mut finding.vulnerability {
        **vulnerability = Vulnerability {
            id: format!("CVE-{text}").into(),
            aliases: vec![text.into(), format!("GHSA-{text}").into()],
            cvss: vec![Cvss {
                version: some(),
                vector: some(),
                score: Some(1e300),
                source: some(),
            }],
            epss: Some(-1.0),
            exploited: Some(true),
            published: some(),
        };
    }
    finding.first_seen = some();
    finding.last_seen = some();
    if let Some(merged) = &mut finding.merged {
        merged.keys = vec![text.into()];
        for record in &mut merged.records {
            record.title = text.into();
            record.source.tool = text.into();
            record.location.path = some();
            record.evidence = vec![evidence(text, text)];
        }
    }
    if let Some(suppression) = &mut finding.suppression {
        **suppression = Suppression {
            by: text.into(),
            status: text.into(),
            justification: some(),
            statement: some(),
            source: text.into(),
        };
    }
}
