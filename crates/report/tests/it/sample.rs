//! Reports made for the tests: one with every feature of our own scan, one with other tools'
//! findings too, those alone, one that was assessed, an empty one, a hostile one, a large one.

mod assessed;
mod foreign;

pub(crate) use assessed::assessed;
use assessed::hostile_case;
use casemate_schema::{
    CheckCoverage, Coverage, Evidence, Finding, Host, Location, OperatingSystem, Reference,
    ReferenceKind, Report, Risk, RiskFactor, SCHEMA_VERSION, ScanInfo, ScanMode, Severity, Source,
    Status, Summary, Tool, finding_id,
};
use foreign::hostile_parts;
pub(crate) use foreign::{import, mixed};

/// A finding of a check about a subject, with nothing else in it.
pub(crate) fn finding(check: &str, severity: Severity, subject: &str, title: &str) -> Finding {
    Finding {
        id: finding_id(check, &[subject.as_bytes()]).into(),
        title: title.into(),
        category: check.split('-').next().unwrap_or(check).into(),
        severity,
        source: Source {
            tool: "casemate".into(),
            check: check.into(),
            id: None,
            severity: None,
        },
        location: Location {
            subject: Some(subject.into()),
            ..Location::default()
        },
        evidence: Vec::new(),
        description: "It helps an attacker.".into(),
        remediation: "Set it right.".into(),
        references: Vec::new(),
        ..Finding::default()
    }
}

pub(crate) fn evidence(name: &str, value: &str) -> Evidence {
    Evidence {
        name: name.into(),
        value: value.into(),
        path: None,
        line: None,
    }
}

fn at(mut evidence: Evidence, path: &str, line: u64) -> Evidence {
    evidence.path = Some(path.into());
    evidence.line = Some(line);
    evidence
}

pub(crate) fn reference(kind: ReferenceKind, id: &str) -> Reference {
    Reference {
        kind,
        id: id.into(),
    }
}

pub(crate) fn risk(parts: &[(&str, u8, &str)]) -> Option<Risk> {
    Some(Risk {
        score: parts.iter().map(|(_, points, _)| points).sum(),
        factors: parts
            .iter()
            .map(|(name, points, reason)| RiskFactor {
                name: (*name).into(),
                points: *points,
                reason: (*reason).into(),
            })
            .collect(),
    })
}

pub(crate) fn check(
    id: &str,
    surface: &str,
    status: Status,
    reason: Option<&str>,
) -> CheckCoverage {
    CheckCoverage {
        id: id.to_owned(),
        surface: surface.to_owned(),
        status,
        reason: reason.map(str::to_owned),
        privileges: reason.is_some_and(|reason| reason.contains("denied")),
        findings: 0,
    }
}

/// A report around findings and checks; the coverage counts the findings of each check.
pub(crate) fn report(mut findings: Vec<Finding>, mut checks: Vec<CheckCoverage>) -> Report {
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    for check in &mut checks {
        let of_check = |finding: &&Finding| finding.source.check == check.id;
        check.findings = findings.iter().filter(of_check).count() as u64;
    }
    let coverage = Coverage::from_checks(checks);
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool {
            name: "casemate".to_owned(),
            version: "0.1.0".to_owned(),
        },
        scan: ScanInfo {
            started_at: "2026-03-04T05:06:07Z".to_owned(),
            mode: ScanMode::Quick,
            target: "host".to_owned(),
            privileged: false,
            surfaces: vec!["kernel".to_owned(), "ssh".to_owned()],
        },
        host: Host {
            name: Some("db-07".to_owned()),
            os: Some(OperatingSystem {
                id: "debian".to_owned(),
                version: Some("12".to_owned()),
                name: Some("Debian GNU/Linux 12 (bookworm)".to_owned()),
            }),
            kernel: Some("6.1.0-28-amd64".to_owned()),
            architecture: Some("x86_64".to_owned()),
        },
        summary: Summary::of(&findings, &coverage),
        coverage,
        partial: false,
        findings,
        ..Report::default()
    }
}

/// Twelve findings with every feature of the schema, and checks in all four states.
pub(crate) fn full() -> Report {
    let mut findings = vec![
        handler(),
        root_login(),
        listener("0.0.0.0:6379"),
        listener("[::]:5432"),
    ];
    findings.extend((0..4).map(suid));
    findings.push(imported());
    findings.push(not_utf8());
    let mut mount = finding(
        "mount-options",
        Severity::Low,
        "/tmp",
        "`/tmp` lacks nosuid",
    );
    mount.risk = risk(&[("severity", 16, "low")]);
    findings.push(mount);
    let mut boot = finding(
        "boot-secure",
        Severity::Info,
        "SecureBoot",
        "Secure boot is off",
    );
    boot.remediation = String::new().into();
    boot.risk = risk(&[("severity", 4, "info")]);
    findings.push(boot);
    let mut report = report(findings, checks());
    report
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.risk.as_ref().map(|risk| risk.score)));
    report
}

fn checks() -> Vec<CheckCoverage> {
    let denied = Some("permission denied: /etc/shadow");
    vec![
        check("kernel-core-pattern", "kernel", Status::Hit, None),
        check("ssh-root-login", "ssh", Status::Hit, None),
        check("socket-wildcard", "sockets", Status::Hit, None),
        check("suid-unknown", "suid", Status::Hit, denied),
        check("mount-options", "mounts", Status::Hit, None),
        check("boot-secure", "boot", Status::Hit, None),
        check("ssh-empty-passwords", "ssh", Status::Passed, None),
        check("kernel-modules-disabled", "kernel", Status::Passed, None),
        check("user-empty-password", "users", Status::NotAssessed, denied),
        check(
            "integrity-packages",
            "integrity",
            Status::NotAssessed,
            Some("part of the deep scan alone (--deep)"),
        ),
        check(
            "container-privileged",
            "containers",
            Status::NotApplicable,
            Some("no container engine is installed"),
        ),
    ]
}

fn handler() -> Finding {
    let mut finding = finding(
        "kernel-core-pattern",
        Severity::Critical,
        "core_pattern",
        "Core dump handler `/opt/crash/collect` can be replaced",
    );
    finding.location.path = Some("/opt/crash".into());
    finding.evidence = vec![
        evidence("mode", "0777"),
        at(
            evidence("core_pattern", "|/opt/crash/collect %p"),
            "/proc/sys/kernel/core_pattern",
            1,
        ),
    ];
    finding.description =
        "The kernel starts that program as root each time a process\ncrashes.\n\nAnybody may crash one."
            .into();
    finding.remediation = "Keep the handler in a folder of root:\n\n```\nchown root: /opt/crash\n\
        chmod 755 /opt/crash\n```\n\n- or write core dumps to files\n- or turn them off"
        .into();
    finding.references = vec![
        reference(ReferenceKind::Cwe, "CWE-732"),
        reference(ReferenceKind::Attack, "T1546"),
        reference(ReferenceKind::Man, "core(5)"),
    ];
    finding.risk = risk(&[
        ("severity", 70, "critical"),
        ("exposure", 20, "any local user"),
    ]);
    finding
}

fn root_login() -> Finding {
    let path = "/etc/ssh/sshd_config.d/50-cloud.conf";
    let mut finding = finding(
        "ssh-root-login",
        Severity::High,
        "PermitRootLogin",
        "SSH lets root log in with a password",
    );
    finding.location.path = Some(path.into());
    finding.location.line = Some(2);
    finding.evidence = vec![
        at(evidence("value", "yes"), path, 2),
        evidence("expected", "no"),
    ];
    finding.references = vec![
        reference(ReferenceKind::Cis, "Debian 12 5.1.20"),
        reference(ReferenceKind::Cwe, "CWE-308"),
    ];
    finding.risk = risk(&[
        ("severity", 50, "high"),
        ("exposure", 18, "port 22 is open"),
    ]);
    finding
}

fn listener(address: &str) -> Finding {
    let mut finding = finding(
        "socket-wildcard",
        Severity::Medium,
        &format!("tcp {address}"),
        &format!("Port of {address} listens on every address"),
    );
    finding.category = "sockets".into();
    finding.evidence = vec![evidence("address", address)];
    finding.remediation = format!("Bind it to `127.0.0.1` instead of `{address}`.").into();
    finding.risk = risk(&[
        ("severity", 32, "medium"),
        ("exposure", 20, "every address"),
    ]);
    finding
}

fn suid(number: u8) -> Finding {
    let path = format!("/usr/local/bin/tool{number}");
    let mut finding = finding(
        "suid-unknown",
        if number == 0 {
            Severity::High
        } else {
            Severity::Medium
        },
        &path,
        &format!("SUID program `{path}` belongs to no package"),
    );
    finding.location = Location {
        path: Some(path.into()),
        ..Location::default()
    };
    finding.evidence = vec![evidence("mode", "04755"), evidence("owner", "root")];
    finding.references = vec![reference(ReferenceKind::Attack, "T1548.001")];
    finding.risk = risk(&[
        ("severity", 32, "medium"),
        ("exposure", 10 - number, "any user"),
    ]);
    finding
}

fn imported() -> Finding {
    let mut finding = finding(
        "CVE-2026-0001",
        Severity::High,
        "openssl 3.0.1",
        "openssl: out-of-bounds read",
    );
    finding.category = "packages".into();
    finding.source = Source {
        tool: "trivy".into(),
        check: "CVE-2026-0001".into(),
        id: Some("42".into()),
        severity: Some("HIGH".into()),
    };
    finding.references = vec![
        reference(ReferenceKind::Cve, "CVE-2026-0001"),
        reference(ReferenceKind::Url, "https://example.org/advisory"),
    ];
    finding.location.path = Some("registry/image:tag".into());
    finding.risk = risk(&[("severity", 50, "high")]);
    finding
}

fn not_utf8() -> Finding {
    let mut finding = finding(
        "file-world-writable",
        Severity::Medium,
        "x",
        "`/srv/größe\\xff` can be written by anybody",
    );
    finding.location = Location {
        path: Some("/srv/größe\\xff".into()),
        path_base64: Some(
            casemate_base::encoding::base64_encode(
                "/srv/größe"
                    .as_bytes()
                    .iter()
                    .chain(b"\xff")
                    .copied()
                    .collect::<Vec<u8>>()
                    .as_slice(),
            )
            .into(),
        ),
        ..Location::default()
    };
    finding.risk = risk(&[("severity", 32, "medium")]);
    finding
}

/// A good host: nothing was found, and all that was looked at passed.
pub(crate) fn empty() -> Report {
    let mut report = report(
        Vec::new(),
        vec![check("ssh-root-login", "ssh", Status::Passed, None)],
    );
    report.scan.privileged = true;
    report
}

/// A host of which nothing is known: no name, no check that could look.
pub(crate) fn blind() -> Report {
    let denied = Some("permission denied: /");
    let mut report = report(
        Vec::new(),
        vec![check("ssh-root-login", "ssh", Status::NotAssessed, denied)],
    );
    report.host = Host::default();
    report.scan.target = "tree".to_owned();
    report.partial = true;
    report
}

/// All reports, for what has to hold of each.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("full", full()),
        ("empty", empty()),
        ("blind", blind()),
        ("mixed", mixed()),
        ("import", import()),
        ("assessed", assessed()),
        ("hostile", hostile()),
        ("large", large(50)),
    ]
}

/// Text that attacks every writer at once.
pub(crate) const HOSTILE: &str = "</script></style></title><script>alert(1)</script>\"'><img src=x \
    onerror=alert(1)>`<b>`\u{1b}[31mred\u{9b}2J\u{202e}gpj\u{2066}\u{200b}\u{0}\r\n--> {{0}} {1} \
    [click](https://evil.example/) https://evil.example/ ]]> &lt; %n \u{fffd}";

/// [`HOSTILE`] and a very long word in every field that comes from outside.
pub(crate) fn hostile() -> Report {
    let text = format!("{HOSTILE}{}", "W".repeat(500));
    let mut report = mixed();
    report.host.name = Some(text.clone());
    report.host.kernel = Some(text.clone());
    if let Some(os) = &mut report.host.os {
        os.name = Some(text.clone());
    }
    report.tool.version.clone_from(&text);
    report.scan.started_at.clone_from(&text);
    report.scan.target.clone_from(&text);
    let suppressed = report.suppressed.iter_mut();
    for (number, finding) in report.findings.iter_mut().chain(suppressed).enumerate() {
        hostile_parts(finding, &text);
        finding.id = format!("{number}{text}").into();
        finding.title.clone_from(&text.as_str().into());
        finding.category = text.clone().into();
        finding.description.clone_from(&text.as_str().into());
        finding.remediation = format!("{text}\n\n```\n{text}\n```\n- {text}").into();
        finding.location = Location {
            host: None,
            path: Some(format!("/{text}").into()),
            path_base64: Some("not base64 <".into()),
            line: Some(0),
            subject: Some(text.clone().into()),
        };
        finding.evidence = vec![at(evidence(&text, &text), &text, 0)];
        finding.source.check = format!("{text}{}", number % 3).into();
        finding.source.id = Some(text.clone().into());
        finding.references = vec![
            reference(ReferenceKind::Cwe, &text),
            reference(ReferenceKind::Url, &text),
        ];
        finding.risk = risk(&[(&text, 50, &text)]);
    }
    for check in &mut report.coverage.checks {
        check.reason = Some(text.clone());
        check.surface.clone_from(&text);
    }
    for surface in &mut report.coverage.surfaces {
        surface.surface.clone_from(&text);
    }
    for input in &mut report.inputs {
        input.name = text.as_str().into();
        input.tool = text.as_str().into();
        input.target = Some(text.as_str().into());
        input.scanned_at = Some(text.as_str().into());
        for record in &mut input.rejected {
            record.place = text.as_str().into();
            record.reason = text.as_str().into();
        }
    }
    for package in &mut report.packages {
        package.name.clone_from(&text);
        package.version.clone_from(&text);
    }
    hostile_case(&mut report, &text);
    report
}

/// One check with very many findings.
pub(crate) fn large(number: u32) -> Report {
    let findings = (0..number)
        .map(|number| {
            let path = format!("/opt/vendor/share/data/{number}");
            let mut finding = finding(
                "file-world-writable",
                Severity::Medium,
                &path,
                &format!("`{path}` can be written by anybody"),
            );
            finding.evidence = vec![evidence("mode", "0666"), evidence("owner", "vendor")];
            finding
        })
        .collect();
    report(
        findings,
        vec![check("file-world-writable", "files", Status::Hit, None)],
    )
}
