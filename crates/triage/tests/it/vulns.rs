//! The matcher on made-up records: each rule, one by one.

use casemate_schema::{
    Advisory, Affected, AffectedState, InstalledPackage, OperatingSystem, PackRecord,
    PackageManager, PackageNames, Severity, VersionRange,
};
use casemate_triage::Memory;
use casemate_triage::vulns::{Ecosystems, Match, Matched, Package, Verdict, vulnerabilities};

pub(crate) fn system(id: &str, version: &str) -> OperatingSystem {
    OperatingSystem {
        id: id.to_owned(),
        version: Some(version.to_owned()),
        name: None,
    }
}

pub(crate) fn fixed(version: &str) -> VersionRange {
    VersionRange {
        fixed: Some(version.into()),
        ..VersionRange::default()
    }
}

fn advisory(feed: &str, id: &str, affected: Vec<Affected>) -> Advisory {
    Advisory {
        id: id.into(),
        feed: feed.into(),
        affected,
        ..Advisory::default()
    }
}

fn part(ecosystem: &str, package: &str, names: PackageNames, fix: Option<&str>) -> Affected {
    Affected {
        ecosystem: ecosystem.into(),
        package: package.into(),
        names,
        ranges: fix.map(fixed).into_iter().collect(),
        ..Affected::default()
    }
}

fn memory(advisories: Vec<Advisory>) -> Memory {
    let mut memory = Memory::default();
    for advisory in advisories {
        memory.add(PackRecord::Advisory(Box::new(advisory)));
    }
    memory
}

fn package(
    manager: PackageManager,
    name: &str,
    version: &str,
    source: &str,
    source_version: &str,
) -> InstalledPackage {
    InstalledPackage {
        name: name.to_owned(),
        manager,
        version: version.to_owned(),
        arch: "amd64".to_owned(),
        source_name: source.to_owned(),
        source_version: source_version.to_owned(),
        module: None,
    }
}

fn run(system: &OperatingSystem, package: &InstalledPackage, memory: &Memory) -> Matched {
    let package = Package::installed(package, &Ecosystems::of_system(system));
    vulnerabilities(&[package], memory).expect("an answer")
}

fn one(matched: &Matched) -> &Match {
    assert_eq!(matched.matches.len(), 1, "{matched:#?}");
    matched.matches.first().expect("a match")
}

fn curl(version: &str) -> InstalledPackage {
    package(PackageManager::Dpkg, "libcurl4", version, "curl", version)
}

fn debian() -> OperatingSystem {
    system("debian", "12")
}

fn tracked(fix: Option<&str>) -> Affected {
    part("debian:12", "curl", PackageNames::Source, fix)
}

#[test]
fn source_packages_are_compared_and_the_reason_says_so() {
    let record = advisory(
        "debian-tracker",
        "CVE-2023-38545",
        vec![tracked(Some("7.88.1-10+deb12u4"))],
    );
    let memory = memory(vec![record]);
    // A binary rebuild has a version of its own; the source's counts.
    let rebuilt = package(
        PackageManager::Dpkg,
        "libcurl4",
        "9:1",
        "curl",
        "7.88.1-10+deb12u1",
    );
    let matched = run(&debian(), &rebuilt, &memory);
    let found = one(&matched);
    assert_eq!(found.verdict, Verdict::Affected);
    assert_eq!(found.fixed_version.as_deref(), Some("7.88.1-10+deb12u4"));
    let why = found.why();
    assert!(
        why.contains("source package curl 7.88.1-10+deb12u1"),
        "{why}"
    );
    let finding = found.finding().expect("a finding");
    assert_eq!(finding.category.as_str(), "packages");
    assert_eq!(finding.source.check.as_str(), "vulnerable-package");
    assert_eq!(finding.severity, Severity::Medium);
    let evidence = finding
        .evidence
        .iter()
        .find(|it| it.name.as_str() == "severity by");
    assert!(evidence.is_some_and(|it| it.value.contains("assumed")));
    // A backport is fixed, whatever the upstream number says.
    let matched = run(&debian(), &curl("7.88.1-10+deb12u5"), &memory);
    assert_eq!(one(&matched).verdict, Verdict::Fixed);
    assert_eq!(one(&matched).finding(), None);
}

#[test]
fn an_epoch_goes_before_the_version() {
    let fix = part(
        "rhel:8",
        "openssl-libs",
        PackageNames::Binary,
        Some("1:1.1.1k-5.el8_5"),
    );
    let memory = memory(vec![advisory(
        "redhat-csaf-vex",
        "CVE-2021-3712",
        vec![fix],
    )]);
    let rpm = |version| {
        package(
            PackageManager::Rpm,
            "openssl-libs",
            version,
            "openssl",
            "1.1.1k-4.el8",
        )
    };
    let verdict = |version| one(&run(&system("rhel", "8.5"), &rpm(version), &memory)).verdict;
    assert_eq!(verdict("1:1.1.1k-4.el8"), Verdict::Affected);
    assert_eq!(verdict("1:1.1.1k-6.el8"), Verdict::Fixed);
    assert_eq!(verdict("2:0.9-1.el8"), Verdict::Fixed);
    assert_eq!(verdict("9.9.9-1.el8"), Verdict::Affected);
}

#[test]
fn the_states_of_a_distribution_are_kept_apart() {
    let cases = [
        (AffectedState::Affected, Verdict::NoFix),
        (AffectedState::NotAffected, Verdict::NotAffected),
        (
            AffectedState::UnderInvestigation,
            Verdict::UnderInvestigation,
        ),
        (AffectedState::WillNotFix, Verdict::WillNotFix),
        (AffectedState::Deferred, Verdict::Deferred),
        (AffectedState::EndOfLife, Verdict::EndOfLife),
    ];
    for (state, verdict) in cases {
        let affected = Affected {
            state,
            note: Some("no-dsa: Minor issue".into()),
            ..tracked(None)
        };
        let memory = memory(vec![advisory(
            "debian-tracker",
            "CVE-2020-1",
            vec![affected],
        )]);
        let matched = run(&debian(), &curl("7.88.1-10"), &memory);
        assert_eq!(one(&matched).verdict, verdict);
        assert_eq!(one(&matched).finding().is_some(), verdict.is_affected());
        assert_eq!(
            one(&matched).reason.note.as_deref(),
            Some("no-dsa: Minor issue")
        );
    }
    // `fixed_version: 0` in the tracker: never affected.
    let memory = memory(vec![advisory(
        "debian-tracker",
        "CVE-2020-1",
        vec![tracked(Some("0"))],
    )]);
    let matched = run(&debian(), &curl("7.88.1-10"), &memory);
    assert_eq!(one(&matched).verdict, Verdict::NotAffected);
}

#[test]
fn the_distributions_word_wins_and_the_other_is_said() {
    let own = advisory(
        "debian-tracker",
        "CVE-2020-1",
        vec![Affected {
            state: AffectedState::NotAffected,
            ..tracked(None)
        }],
    );
    let mut other = advisory("osv", "DEBIAN-CVE-2020-1", vec![tracked(Some("8.0-1"))]);
    other.severity = Some(Severity::Critical);
    for order in [vec![own.clone(), other.clone()], vec![other, own]] {
        let matched = run(&debian(), &curl("7.88.1-10"), &memory(order));
        let found = one(&matched);
        assert_eq!(found.verdict, Verdict::NotAffected);
        assert_eq!(found.reason.feed.as_str(), "debian-tracker");
        let disagree = found.disagree.first().expect("the other word");
        assert_eq!(
            disagree.words(),
            "osv in DEBIAN-CVE-2020-1: affected, fixed in 8.0-1"
        );
        assert!(
            found
                .reason
                .remarks
                .iter()
                .any(|it| it.contains("osv says \"affected\""))
        );
    }
}

#[test]
fn what_was_never_loaded_and_what_was_withdrawn_match_nothing() {
    let mut withdrawn = advisory("osv", "CVE-2020-1", vec![tracked(Some("99"))]);
    withdrawn.withdrawn = Some("2024-01-01T00:00:00Z".into());
    let memory = memory(vec![withdrawn]);
    let matched = run(&debian(), &curl("7.88.1-10"), &memory);
    assert!(matched.matches.is_empty() && matched.not_loaded.is_empty());
    let matched = run(&system("debian", "11"), &curl("7.88.1-10"), &memory);
    assert!(matched.matches.is_empty());
    assert_eq!(
        matched.not_loaded.first().map(|it| it.ecosystem.as_str()),
        Some("debian:11")
    );
}

#[test]
fn a_stand_in_is_named_in_every_match() {
    let fix = part(
        "rhel:7",
        "bash",
        PackageNames::Binary,
        Some("4.2.46-35.el7"),
    );
    let memory = memory(vec![advisory(
        "redhat-csaf-vex",
        "CVE-2019-9924",
        vec![fix],
    )]);
    let bash = package(
        PackageManager::Rpm,
        "bash",
        "4.2.46-31.el7",
        "bash",
        "4.2.46-31.el7",
    );
    let matched = run(&system("centos", "7.6.1810"), &bash, &memory);
    assert!(
        one(&matched)
            .reason
            .remarks
            .iter()
            .any(|it| it.contains("rhel:7 stand in"))
    );
    assert_eq!(matched.remarks.len(), 1);
}

#[test]
fn a_notice_mends_each_of_its_cves() {
    let fix = part(
        "rocky:8",
        "openssl-libs",
        PackageNames::Binary,
        Some("1:1.1.1k-5.el8_5"),
    );
    let mut notice = advisory("rocky-errata", "RLSA-2021:5226", vec![fix]);
    notice.aliases = vec!["CVE-2021-3712".into(), "CVE-2021-3449".into()];
    let rpm = package(
        PackageManager::Rpm,
        "openssl-libs",
        "1:1.1.1k-4.el8",
        "openssl",
        "1.1.1k-4.el8",
    );
    let matched = run(&system("rocky", "8.5"), &rpm, &memory(vec![notice]));
    let cves: Vec<&str> = matched
        .matches
        .iter()
        .map(|it| it.vulnerability.as_str())
        .collect();
    assert_eq!(cves, ["CVE-2021-3449", "CVE-2021-3712"]);
    assert!(matched.matches.iter().all(|it| it.aliases.is_empty()));
    assert!(
        matched
            .matches
            .iter()
            .all(|it| it.reason.advisory.as_str() == "RLSA-2021:5226")
    );
}

#[test]
fn the_newest_fix_of_one_feed_counts() {
    let fixes = ["1.1.1d-r0", "1.1.1g-r0"]
        .map(|fix| part("alpine:3.10", "openssl", PackageNames::Source, Some(fix)));
    let memory = memory(vec![advisory("alpine-secdb", "CVE-2020-1", fixes.to_vec())]);
    let apk = |version| {
        package(
            PackageManager::Apk,
            "libssl1.1",
            version,
            "openssl",
            version,
        )
    };
    let matched = run(&system("alpine", "3.10.2"), &apk("1.1.1e-r0"), &memory);
    assert_eq!(one(&matched).fixed_version.as_deref(), Some("1.1.1g-r0"));
    let matched = run(&system("alpine", "3.10.2"), &apk("1.1.1c-r0"), &memory);
    assert_eq!(one(&matched).fixed_version.as_deref(), Some("1.1.1g-r0"));
}

#[test]
fn architectures_and_layered_products_keep_to_themselves() {
    let only = |arch: &str| Affected {
        architectures: vec![arch.into()],
        ..part(
            "oracle:8",
            "curl",
            PackageNames::Binary,
            Some("7.61.1-11.el8"),
        )
    };
    let rpm = package(
        PackageManager::Rpm,
        "curl",
        "7.61.1-8.el8",
        "curl",
        "7.61.1-8.el8",
    );
    let run_with = |affected: Affected| {
        let memory = memory(vec![advisory(
            "oracle-oval",
            "CVE-2019-3823",
            vec![affected],
        )]);
        run(&system("ol", "8.0"), &rpm, &memory).matches.len()
    };
    assert_eq!(run_with(only("x86_64")), 1);
    assert_eq!(run_with(only("aarch64")), 0);
    let product = |cpe: &str| {
        let affected = Affected {
            cpe: Some(cpe.into()),
            ..part("rhel:8", "curl", PackageNames::Binary, None)
        };
        let memory = memory(vec![advisory(
            "redhat-csaf-vex",
            "CVE-2019-3823",
            vec![affected],
        )]);
        run(&system("rhel", "8.6"), &rpm, &memory).matches.len()
    };
    assert_eq!(product("cpe:/o:redhat:enterprise_linux:8"), 1);
    assert_eq!(product("cpe:/a:redhat:openshift:4"), 0);
}

#[test]
fn module_streams_keep_to_themselves() {
    let stream = |module: Option<&str>, fix: &str| Affected {
        module: module.map(Into::into),
        ..part("rhel:8", "nodejs", PackageNames::Binary, Some(fix))
    };
    let fixes = vec![
        stream(
            Some("nodejs:14"),
            "1:14.21.3-1.module+el8.7.0+18531+81d21ca6",
        ),
        stream(Some("nodejs:18"), "1:18.14.2-2.module+el8.7.0+18454+aa"),
    ];
    let memory = memory(vec![advisory("redhat-csaf-vex", "CVE-2023-23918", fixes)]);
    let verdict = |version: &str, module: Option<&str>| {
        let rpm = package(PackageManager::Rpm, "nodejs", version, "nodejs", version);
        let mut package = Package::installed(&rpm, &Ecosystems::of_system(&system("rhel", "8.7")));
        package.module = module.map(Into::into);
        let matched = vulnerabilities(&[package], &memory).expect("an answer");
        matched
            .matches
            .first()
            .map(|found| (found.verdict, found.fixed_version.clone()))
    };
    let label = Some("nodejs:14:8070020230306170042:bd1311ed");
    let mended = "1:14.21.3-1.module+el8.7.0+18531+81d21ca6";
    assert_eq!(verdict(mended, label).map(|it| it.0), Some(Verdict::Fixed));
    assert_eq!(
        verdict("1:14.21.1-2.module+el8.7.0+17528+a329cd47", label).map(|it| it.0),
        Some(Verdict::Affected)
    );
    // Without a label the nearest stream by number counts, so 14 is not held against 18.
    assert_eq!(verdict(mended, None).map(|it| it.0), Some(Verdict::Fixed));
    // A package of no module is not spoken of.
    assert_eq!(verdict("1:14.0.0-1.el8", None), None);
}

#[test]
fn extended_support_counts_for_its_own_versions() {
    let main = part(
        "rhel:8",
        "openssl",
        PackageNames::Binary,
        Some("1:1.1.1k-5.el8_5"),
    );
    let eus = part(
        "redhat:rhel_eus:8.4",
        "openssl",
        PackageNames::Binary,
        Some("1:1.1.1g-16.el8_4"),
    );
    let rhel = memory(vec![advisory(
        "redhat-csaf-vex",
        "CVE-2021-3712",
        vec![main, eus],
    )]);
    let rpm = |version| package(PackageManager::Rpm, "openssl", version, "openssl", version);
    let verdict = |version| one(&run(&system("rhel", "8.4"), &rpm(version), &rhel)).verdict;
    assert_eq!(verdict("1:1.1.1g-16.el8_4"), Verdict::Fixed);
    assert_eq!(verdict("1:1.1.1g-15.el8_3"), Verdict::Affected);

    let open = part("ubuntu:16.04", "curl", PackageNames::Source, None);
    let pro = part(
        "ubuntu:pro:16.04",
        "curl",
        PackageNames::Source,
        Some("7.47.0-1ubuntu2.19+esm10"),
    );
    let ubuntu = memory(vec![advisory(
        "osv",
        "UBUNTU-CVE-2023-38545",
        vec![open, pro],
    )]);
    let matched = run(
        &system("ubuntu", "16.04"),
        &curl("7.47.0-1ubuntu2.19"),
        &ubuntu,
    );
    let found = one(&matched);
    assert_eq!(found.verdict, Verdict::Affected);
    assert!(
        found
            .reason
            .remarks
            .iter()
            .any(|it| it.contains("ubuntu:pro:16.04"))
    );
    assert!(
        found
            .finding()
            .expect("a finding")
            .remediation
            .contains("Ubuntu Pro")
    );
    let matched = run(
        &system("ubuntu", "16.04"),
        &curl("7.47.0-1ubuntu2.19+esm11"),
        &ubuntu,
    );
    assert_eq!(one(&matched).verdict, Verdict::Fixed);
}

#[test]
fn languages_have_ranges_and_their_own_names() {
    let range = |from: &str, fix: &str| VersionRange {
        introduced: Some(from.into()),
        ..fixed(fix)
    };
    let affected = Affected {
        ecosystem: "pypi".into(),
        package: "django".into(),
        names: PackageNames::Binary,
        ranges: vec![range("3.2", "3.2.5"), range("4.0", "4.0.1")],
        ..Affected::default()
    };
    let mut record = advisory("osv", "GHSA-xxxx", vec![affected]);
    record.aliases = vec!["CVE-2021-35042".into(), "PYSEC-2021-109".into()];
    let memory = memory(vec![record]);
    let verdict = |version: &str| {
        let component = casemate_schema::Component {
            purl: Some(format!("pkg:pypi/Django@{version}").into()),
            ..casemate_schema::Component::default()
        };
        let package = Package::component(&component, None).expect("a package");
        let matched = vulnerabilities(&[package], &memory).expect("an answer");
        let found = one(&matched);
        assert_eq!(found.vulnerability.as_str(), "CVE-2021-35042");
        assert_eq!(found.aliases.len(), 2);
        found.verdict
    };
    assert_eq!(verdict("3.1.9"), Verdict::NotAffected);
    assert_eq!(verdict("3.2.4"), Verdict::Affected);
    assert_eq!(verdict("3.2.5"), Verdict::Fixed);
    assert_eq!(verdict("4.0rc1"), Verdict::Fixed);
    assert_eq!(verdict("4.0"), Verdict::Affected);
    assert_eq!(verdict("4.0.1"), Verdict::Fixed);
}

#[test]
fn what_cannot_be_compared_is_unknown() {
    let affected = Affected {
        ecosystem: "npm".into(),
        package: "left-pad".into(),
        ranges: vec![fixed("latest")],
        ..Affected::default()
    };
    let memory = memory(vec![advisory("osv", "GHSA-1", vec![affected])]);
    let component = casemate_schema::Component {
        purl: Some("pkg:npm/left-pad@1.0.0".into()),
        ..casemate_schema::Component::default()
    };
    let package = Package::component(&component, None).expect("a package");
    let matched = vulnerabilities(&[package], &memory).expect("an answer");
    assert_eq!(one(&matched).verdict, Verdict::Unknown);
    assert!(one(&matched).reason.against.contains("no npm version"));
}
