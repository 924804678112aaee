//! Which statements and rules suppress which findings.

use casemate_schema::{
    Component, Evidence, Finding, InputFile, Location, Report, Source, Statement, Text, VexStatus,
    Vulnerability,
};
use casemate_triage::{IgnoreRule, IgnoreSection, Suppressed, suppress};
use proptest::prelude::*;

const NOW: &str = "2026-11-21T12:00:00Z";

fn finding(id: &str, name: &str, version: &str, purl: &str) -> Finding {
    let text = |text: &str| (!text.is_empty()).then(|| Text::from(text));
    Finding {
        id: format!("{id}:{name}{version}").into(),
        category: "vulnerability".into(),
        source: Source {
            tool: "Trivy".into(),
            check: id.into(),
            ..Source::default()
        },
        component: Some(Box::new(Component {
            name: name.into(),
            version: text(version),
            purl: text(purl),
            ..Component::default()
        })),
        vulnerability: Some(Box::new(Vulnerability {
            id: id.into(),
            aliases: vec!["GHSA-aaaa-bbbb-cccc".into()],
            ..Vulnerability::default()
        })),
        ..Finding::default()
    }
}

fn statement(products: &[&str], parts: &[&str], status: VexStatus) -> Statement {
    let texts = |all: &[&str]| all.iter().map(|text| Text::from(*text)).collect();
    Statement {
        by: "openvex".into(),
        ids: vec!["cve-2026-0001".into()],
        products: texts(products),
        subcomponents: texts(parts),
        status,
        source: "document".into(),
        ..Statement::default()
    }
}

fn report(findings: Vec<Finding>, target: &str) -> Report {
    let inputs = vec![InputFile {
        tool: "Trivy".into(),
        target: (!target.is_empty()).then(|| target.into()),
        ..InputFile::default()
    }];
    Report {
        findings,
        inputs,
        ..Report::default()
    }
}

/// Whether a statement on these products and parts suppresses the finding that was made there.
fn suppresses(target: &str, products: &[&str], parts: &[&str]) -> bool {
    let purl = "pkg:deb/debian/bash@5.0-4?arch=amd64&distro=debian-10.2";
    let one = finding("CVE-2026-0001", "bash", "5.0-4", purl);
    let mut report = report(vec![one], target);
    let said = statement(products, parts, VexStatus::NotAffected);
    suppress(&mut report, &[said], &[], NOW);
    report.findings.is_empty()
}

#[test]
fn products_and_parts_decide() {
    let digest = "pkg:oci/shop@sha256%3Aab?repository_url=registry.example.com%2Fshop";
    let table: &[(&str, &[&str], &[&str], bool)] = &[
        // OpenVEX: the component as the product.
        ("", &["pkg:deb/debian/bash"], &[], true),
        ("", &["pkg:deb/debian/bash@5.0-4"], &[], true),
        ("", &["pkg:deb/debian/bash@5.0-4?arch=amd64"], &[], true),
        ("", &["pkg:deb/debian/bash@5.0-4?arch=arm64"], &[], false),
        ("", &["pkg:deb/debian/bash@5.1"], &[], false),
        ("", &["pkg:deb/ubuntu/bash"], &[], false),
        ("", &["pkg:deb/debian/dash"], &[], false),
        // OpenVEX: the image as the product, with parts and without.
        ("", &["pkg:oci/debian"], &["pkg:deb/debian/bash"], true),
        (
            "debian:10",
            &["pkg:oci/debian"],
            &["pkg:deb/debian/bash"],
            true,
        ),
        (
            "alpine:3",
            &["pkg:oci/debian"],
            &["pkg:deb/debian/bash"],
            false,
        ),
        (
            "alpine:3",
            &["pkg:deb/x/app"],
            &["pkg:deb/debian/bash"],
            true,
        ),
        (
            "debian:10",
            &["pkg:oci/debian"],
            &["pkg:deb/debian/dash"],
            false,
        ),
        ("", &["pkg:oci/debian"], &[], false),
        ("debian:10", &["pkg:oci/debian"], &[], true),
        ("alpine:3", &["pkg:oci/debian"], &[], false),
        ("registry.example.com/shop@sha256:ab", &[digest], &[], true),
        ("registry.example.com/shop@sha256:ac", &[digest], &[], false),
        ("registry.example.com/shop:1", &[digest], &[], false),
        (
            "registry.example.com/shop@sha256:ab",
            &["sha256:ab"],
            &[],
            true,
        ),
        ("debian:10", &["docker.io/library/debian:10"], &[], true),
        // CSAF: names, CPEs and relationships.
        ("Shop 1.2", &["cpe:2.3:a:x:shop:1.2", "Shop 1.2"], &[], true),
        ("", &["Shop 1.2"], &[], false),
        ("", &["bash 5.0-4"], &[], true),
        ("", &["bash"], &[], false),
        ("", &["Shop 1.2"], &["bash"], true),
        ("", &["Shop 1.2"], &["bash 5.1"], false),
        (
            "",
            &["Shop 1.2"],
            &["cpe:2.3:a:x:bash", "pkg:deb/debian/bash"],
            true,
        ),
        // CycloneDX: the application, and a component with its reference alone.
        (
            "",
            &["app 1.0"],
            &["pkg:deb/debian/bash@5.0-4?distro=debian-10.2"],
            true,
        ),
        ("", &["bash@5.0-4"], &[], true),
        // Nothing named, nothing meant.
        ("debian:10", &[], &[], false),
        ("debian:10", &[], &["pkg:deb/debian/bash"], false),
        ("debian:10", &[""], &[], false),
    ];
    for (target, products, parts, expected) in table {
        let is = suppresses(target, products, parts);
        assert_eq!(is, *expected, "{target:?} {products:?} {parts:?}");
    }
}

#[test]
fn a_component_without_package_url_needs_its_version() {
    let fits = |product: &str, version: &str, kind: Option<&str>| {
        let mut one = finding("CVE-2026-0001", "libssl3", version, "");
        if let Some(component) = &mut one.component {
            component.kind = kind.map(Text::from);
        }
        let mut report = report(vec![one], "");
        let said = statement(&[product], &[], VexStatus::Fixed);
        suppress(&mut report, &[said], &[], NOW).by_statement == 1
    };
    assert!(fits("pkg:apk/alpine/libssl3@3.0.8-r3", "3.0.8-r3", None));
    assert!(!fits("pkg:apk/alpine/libssl3", "3.0.8-r3", None));
    assert!(fits("pkg:apk/alpine/libssl3", "3.0.8-r3", Some("apk")));
    assert!(!fits("pkg:apk/alpine/libssl3", "3.0.8-r3", Some("deb")));
    assert!(!fits(
        "pkg:apk/alpine/libssl3@3.0.8-r3",
        "3.0.8-r4",
        Some("apk")
    ));
}

#[test]
fn a_finding_is_of_its_own_target() {
    let mut one = finding("CVE-2026-0001", "bash", "5", "");
    let said = statement(&["pkg:oci/debian"], &[], VexStatus::NotAffected);
    let moved = |one: &Finding, targets: &[&str]| {
        let mut report = report(
            vec![one.clone()],
            targets.first().copied().unwrap_or_default(),
        );
        for target in targets.iter().skip(1) {
            let input = report.inputs.first().cloned().unwrap_or_default();
            report.inputs.push(InputFile {
                target: Some((*target).into()),
                ..input
            });
        }
        suppress(&mut report, std::slice::from_ref(&said), &[], NOW).by_statement == 1
    };
    assert!(moved(&one, &["debian:12"]));
    // Two files of the tool, and the finding does not say of which it is.
    assert!(!moved(&one, &["debian:12", "alpine:3"]));
    one.location.host = Some("debian:12".into());
    assert!(moved(&one, &["debian:12", "alpine:3"]));
    one.location.host = Some("alpine:3".into());
    assert!(!moved(&one, &["debian:12", "alpine:3"]));
}

#[test]
fn ids_and_aliases_of_either_side_count() {
    let purl = "pkg:npm/a@1";
    let moved = |ids: &[&str]| {
        let mut report = report(vec![finding("CVE-2026-0001", "a", "1", purl)], "");
        let mut said = statement(&[purl], &[], VexStatus::NotAffected);
        said.ids = ids.iter().map(|id| Text::from(*id)).collect();
        suppress(&mut report, &[said], &[], NOW).by_statement == 1
    };
    assert!(moved(&["CVE-2026-0001"]) && moved(&["OTHER-1", "ghsa-AAAA-bbbb-cccc"]));
    assert!(!moved(&["CVE-2026-00011"]) && !moved(&[]));
}

#[test]
fn the_latest_statement_counts_and_doubt_wins_a_tie() {
    use VexStatus::{Affected, Fixed, NotAffected, UnderInvestigation};
    let purl = "pkg:npm/a@1";
    let status = |said: &[(&str, VexStatus)]| {
        let mut report = report(vec![finding("CVE-2026-0001", "a", "1", purl)], "");
        let said: Vec<Statement> = said
            .iter()
            .map(|(time, status)| Statement {
                timestamp: (!time.is_empty()).then(|| Text::from(*time)),
                ..statement(&[purl], &[], *status)
            })
            .collect();
        suppress(&mut report, &said, &[], NOW);
        let first = report.suppressed.first();
        first.map(|finding| {
            let reason = finding.suppression.as_deref().expect("a reason");
            reason.status.to_string()
        })
    };
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let not_affected = Some("not_affected".to_owned());
    assert_eq!(status(&[(old, Affected), (new, NotAffected)]), not_affected);
    assert_eq!(status(&[(new, NotAffected), (old, Affected)]), not_affected);
    assert_eq!(status(&[(new, Affected), (old, NotAffected)]), None);
    assert_eq!(status(&[(new, NotAffected), (new, Affected)]), None);
    assert_eq!(
        status(&[(new, NotAffected), (new, UnderInvestigation)]),
        None
    );
    assert_eq!(
        status(&[(new, NotAffected), (new, Fixed)]).as_deref(),
        Some("fixed")
    );
    assert_eq!(status(&[("", Affected), (old, NotAffected)]), not_affected);
    assert_eq!(status(&[(new, UnderInvestigation)]), None);
}

fn rule(section: IgnoreSection, id: &str) -> IgnoreRule {
    IgnoreRule {
        section,
        id: id.to_owned(),
        source: "ignore.yaml:2".to_owned(),
        ..IgnoreRule::default()
    }
}

fn apply(finding: &Finding, rule: &IgnoreRule) -> Suppressed {
    let mut report = report(vec![finding.clone()], "");
    suppress(&mut report, &[], std::slice::from_ref(rule), NOW)
}

#[test]
fn rules_fit_by_section_id_path_and_package() {
    use IgnoreSection::{Findings, Licenses, Misconfigurations, Secrets, Vulnerabilities};
    let mut vulnerable = finding("CVE-2026-0001", "a", "1", "pkg:npm/a@1");
    vulnerable.location.path = Some("srv/app/package-lock.json".into());
    let scanned = Finding {
        id: "ssh-root-login:0123456789ab".into(),
        category: "ssh".into(),
        source: Source {
            tool: "casemate".into(),
            check: "ssh-root-login".into(),
            ..Source::default()
        },
        location: Location {
            path: Some("/etc/ssh/sshd_config".into()),
            ..Location::default()
        },
        ..Finding::default()
    };
    let mut secret = scanned.clone();
    secret.category = "secret".into();
    let fits = |finding: &Finding, rule: &IgnoreRule| apply(finding, rule).by_rule == 1;
    for (one, section, id, expected) in [
        (&vulnerable, Vulnerabilities, "cve-2026-0001", true),
        (&vulnerable, Vulnerabilities, "GHSA-aaaa-bbbb-cccc", true),
        (&vulnerable, Vulnerabilities, "CVE-2026-*", true),
        (&vulnerable, Vulnerabilities, "CVE-2026-0002", false),
        (&vulnerable, Misconfigurations, "CVE-2026-0001", false),
        (&vulnerable, Findings, "*", true),
        (&scanned, Misconfigurations, "ssh-root-login", true),
        (&scanned, Findings, "ssh-root-login:0123456789ab", true),
        (&scanned, Vulnerabilities, "ssh-root-login", false),
        (&scanned, Licenses, "*", false),
        (&secret, Secrets, "ssh-*", true),
        (&secret, Misconfigurations, "ssh-*", false),
    ] {
        assert_eq!(fits(one, &rule(section, id)), expected, "{section:?} {id}");
    }
    let with = |paths: &[&str], purls: &[&str]| IgnoreRule {
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
        purls: purls.iter().map(|&purl| purl.to_owned()).collect(),
        ..rule(Findings, "*")
    };
    assert!(fits(&scanned, &with(&["/etc/ssh/*"], &[])));
    assert!(fits(&scanned, &with(&["x", "**/sshd_config"], &[])));
    assert!(!fits(&scanned, &with(&["/etc/*"], &[])));
    assert!(!fits(&scanned, &with(&[], &["pkg:npm/a"])));
    assert!(fits(
        &vulnerable,
        &with(&["srv/**"], &["pkg:npm/b", "pkg:npm/a"])
    ));
    assert!(!fits(&vulnerable, &with(&["srv/**"], &["pkg:npm/a@2"])));
    // A second place that the rule does not name keeps the finding.
    let mut twice = vulnerable;
    let also = |value: &str| Evidence {
        name: "also".into(),
        value: value.into(),
        ..Evidence::default()
    };
    twice
        .evidence
        .push(also("host srv/other/package-lock.json:7"));
    assert!(fits(&twice, &with(&["srv/**"], &[])));
    assert!(!fits(&twice, &with(&["srv/app/**"], &[])));
}

#[test]
fn expired_and_idle_rules_are_told() {
    let vulnerable = finding("CVE-2026-0001", "a", "1", "pkg:npm/a@1");
    let until = |time: &str| IgnoreRule {
        expired_at: Some(time.to_owned()),
        ..rule(IgnoreSection::Vulnerabilities, "CVE-2026-0001")
    };
    for (time, expired) in [
        ("2026-11-21T11:59:59Z", true),
        ("2026-11-21T00:00:00Z", true),
        ("2026-11-21T12:00:00Z", false),
        ("2026-11-22T00:00:00Z", false),
    ] {
        let done = apply(&vulnerable, &until(time));
        assert_eq!(done.expired.len(), usize::from(expired), "{time}");
        assert_eq!(done.by_rule, u64::from(!expired), "{time}");
        assert_eq!(done.unmatched, [], "{time}");
    }
    let rules = [
        until("2026-12-01T00:00:00Z"),
        rule(IgnoreSection::Secrets, "CVE-2026-0001"),
    ];
    let mut report = report(vec![vulnerable], "");
    let first = suppress(&mut report, &[], &rules, NOW);
    assert_eq!(first.unmatched.len(), 1);
    let remark = first.unmatched.first().expect("a remark");
    assert_eq!((remark.index, remark.id.as_str()), (1, "CVE-2026-0001"));
    let reason = report
        .suppressed
        .first()
        .and_then(|one| one.suppression.as_deref());
    let reason = reason.expect("a reason");
    assert_eq!((&*reason.by, &*reason.status), ("ignore-file", "accepted"));
    assert_eq!(report.summary.counts.get("suppressed"), Some(&1));
    assert_eq!(report.summary.findings, 0);
    // What it suppressed before still counts as matched.
    let again = suppress(&mut report, &[], &rules, NOW);
    assert_eq!((again.by_rule, again.unmatched.len()), (0, 1));
}

fn any_finding() -> impl Strategy<Value = Finding> {
    (0..4u8, 0..3u8, 0..3u8, proptest::option::of(0..3u8)).prop_map(|(id, name, version, path)| {
        let purl = format!("pkg:npm/n{name}@{version}");
        let id = format!("CVE-2026-000{id}");
        let mut one = finding(&id, &format!("n{name}"), &version.to_string(), &purl);
        one.location.path = path.map(|path| format!("p{path}/x").into());
        one
    })
}

fn any_statement() -> impl Strategy<Value = Statement> {
    let status = prop_oneof![
        Just(VexStatus::NotAffected),
        Just(VexStatus::Fixed),
        Just(VexStatus::UnderInvestigation),
        Just(VexStatus::Affected),
    ];
    (0..4u8, 0..3u8, proptest::option::of(0..3u8), status, 0..3u8).prop_map(
        |(id, name, version, status, month)| {
            let version = version.map(|version| format!("@{version}"));
            let purl = format!("pkg:npm/n{name}{}", version.unwrap_or_default());
            Statement {
                ids: vec![format!("CVE-2026-000{id}").into()],
                timestamp: (month > 0).then(|| format!("2026-0{month}-01T00:00:00Z").into()),
                ..statement(&[&purl], &[], status)
            }
        },
    )
}

fn any_rule() -> impl Strategy<Value = IgnoreRule> {
    (0..6u8, 0..4u8, any::<bool>()).prop_map(|(id, path, is_old)| IgnoreRule {
        id: if id > 4 {
            "*".to_owned()
        } else {
            format!("CVE-2026-000{id}")
        },
        paths: (path > 0)
            .then(|| format!("p{path}/*"))
            .into_iter()
            .collect(),
        expired_at: is_old.then(|| "2026-01-01T00:00:00Z".to_owned()),
        ..IgnoreRule::default()
    })
}

proptest! {
    #[test]
    fn no_finding_is_lost_and_twice_is_once(
        findings in proptest::collection::vec(any_finding(), 0..12),
        statements in proptest::collection::vec(any_statement(), 0..6),
        rules in proptest::collection::vec(any_rule(), 0..4),
    ) {
        let mut after = report(findings.clone(), "");
        let done = suppress(&mut after, &statements, &rules, NOW);
        prop_assert_eq!(done.by_statement + done.by_rule, after.suppressed.len() as u64);
        prop_assert!(after.findings.iter().all(|one| one.suppression.is_none()));
        prop_assert!(after.suppressed.iter().all(|one| one.suppression.is_some()));
        let key = |one: &Finding| (one.id.to_string(), one.location.path.clone());
        let mut before: Vec<_> = findings.iter().map(key).collect();
        let mut all: Vec<_> = after.findings.iter().chain(&after.suppressed).map(key).collect();
        before.sort();
        all.sort();
        prop_assert_eq!(before, all);
        let mut twice = after.clone();
        let again = suppress(&mut twice, &statements, &rules, NOW);
        prop_assert_eq!(again.by_statement + again.by_rule, 0);
        prop_assert_eq!(twice, after);
    }
}
