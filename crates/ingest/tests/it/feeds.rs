//! Feeds of knowledge: real samples with the counts of an independent reader, records checked by
//! hand, and damage of every kind.

use casemate_ingest::feeds::{self, FeedRead};
use casemate_ingest::{Bytes, ImportError, Source};
use casemate_schema::{
    Advisory, Affected, AffectedState, PackRecord, PackageNames, Severity, VersionRange,
};
use casemate_testkit::data_or_skip;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

mod made;

/// A file as it lies there, compressed or not.
struct OnDisk(PathBuf);

impl Source for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(fs::File::open(&self.0)?))
    }
}

fn file(path: &Path) -> Result<(FeedRead, Vec<PackRecord>), ImportError> {
    let mut records = Vec::new();
    let name = path.display().to_string();
    let read = feeds::read(&name, &OnDisk(path.to_owned()), &mut |record| {
        records.push(record);
    })?;
    Ok((read, records))
}

fn bytes(name: &str, bytes: &[u8]) -> Result<(FeedRead, Vec<PackRecord>), ImportError> {
    let mut records = Vec::new();
    let read = feeds::read(name, &Bytes(bytes), &mut |record| records.push(record))?;
    Ok((read, records))
}

/// The advisories of a sample, or none where the data is not there.
fn advisories(sample: &str) -> Option<Vec<Advisory>> {
    let path = data_or_skip(sample)?;
    let (_, records) = file(&path).expect(sample);
    let advisories = records.into_iter().filter_map(|record| match record {
        PackRecord::Advisory(advisory) => Some(*advisory),
        _ => None,
    });
    Some(advisories.collect())
}

fn of<'a>(advisories: &'a [Advisory], id: &str) -> &'a Advisory {
    let found = advisories.iter().find(|advisory| advisory.id == id);
    found.unwrap_or_else(|| unreachable!("{id} is among the advisories"))
}

/// What an advisory says of a package of a release.
fn says<'a>(advisory: &'a Advisory, ecosystem: &str, package: &str) -> &'a Affected {
    let found = advisory
        .affected
        .iter()
        .find(|affected| affected.ecosystem == ecosystem && affected.package == package);
    found.unwrap_or_else(|| unreachable!("{} says something of {package}", advisory.id))
}

fn before(version: &str) -> Vec<VersionRange> {
    vec![VersionRange {
        fixed: Some(version.into()),
        ..VersionRange::default()
    }]
}

/// File, records, entries skipped, entries rejected: what testkit/reference/feeds.py prints.
const COUNTS: &[(&str, u64, u64, u64)] = &[
    ("epss/epss_example-1.csv", 5, 0, 0),
    ("epss/epss_scores-2021-04-14.csv", 2, 0, 0),
    ("epss/epss_scores-2021-09-01.csv", 2, 0, 0),
    ("epss/epss_scores-2023-03-07.csv", 2, 0, 0),
    ("epss/epss_scores-2024-10-25.csv", 29, 0, 0),
    ("epss/from_reports_2025-06-18.csv", 8, 0, 0),
    ("kev/known_exploited_vulnerabilities.json.zst", 1404, 0, 0),
    ("attack/enterprise-attack.json.zst", 835, 0, 0),
    ("attack/capec.json.zst", 558, 57, 0),
    ("cwe/cwe_research_1000.csv.zst", 938, 0, 0),
    ("cve_corpus/cve_corpus.jsonl.zst", 41417, 0, 0),
    ("cve_vulnrichment/cves.jsonl.zst", 2625, 0, 0),
    ("osv_go/osv.jsonl.zst", 800, 0, 0),
    ("distro_feeds/alma/osv/ALBA-2021_4378.json", 0, 1, 0),
    ("distro_feeds/alma/osv/ALSA-2022_8194.json", 1, 0, 0),
    ("distro_feeds/alma/osv/ALSA-2023_4520.json", 1, 0, 0),
    ("distro_feeds/alma/osv/vuls_ALBA-2022_8256.json", 0, 1, 0),
    ("distro_feeds/alma/osv/vuls_ALSA-2023_7465.json", 1, 0, 0),
    ("distro_feeds/alma/osv/vuls_ALSA-2023_7549.json", 1, 0, 0),
    (
        "distro_feeds/alpine/osv/ALPINE-CVE-2023-46850.json",
        1,
        0,
        0,
    ),
    ("distro_feeds/redhat/osv/vuls_RHBA-2024_6202.json", 1, 0, 0),
    ("distro_feeds/redhat/osv/vuls_RHEA-2024_1870.json", 1, 0, 0),
    ("distro_feeds/redhat/osv/vuls_RHSA-2024_8709.json", 1, 0, 0),
    ("distro_feeds/rocky/osv/RLSA-2021_3891.json", 1, 0, 0),
    ("distro_feeds/rocky/osv/RLSA-2023_3220.json", 1, 0, 0),
    ("distro_feeds/rocky/osv/vuls_RLSA-2023_0005.json", 1, 0, 0),
    (
        "distro_feeds/suse/osv/openSUSE-SU-2016_1623-1.json",
        1,
        0,
        0,
    ),
    ("distro_feeds/ubuntu/osv/LSN-0108-1.json.zst", 1, 0, 0),
    ("distro_feeds/ubuntu/osv/UBUNTU-CVE-2001-1593.json", 1, 0, 0),
    ("distro_feeds/ubuntu/osv/UBUNTU-CVE-2013-2208.json", 1, 0, 0),
    ("distro_feeds/ubuntu/osv/UBUNTU-CVE-2014-2901.json", 1, 0, 0),
    ("distro_feeds/ubuntu/osv/UBUNTU-CVE-2015-0209.json", 1, 0, 0),
    (
        "distro_feeds/ubuntu/osv/UBUNTU-CVE-2016-20013.json.zst",
        1,
        0,
        0,
    ),
    ("distro_feeds/ubuntu/osv/UBUNTU-CVE-2020-1944.json", 1, 0, 0),
    ("distro_feeds/ubuntu/osv/UBUNTU-CVE-2021-3782.json", 1, 0, 0),
    (
        "distro_feeds/ubuntu/osv/UBUNTU-CVE-2022-24823.json",
        1,
        0,
        0,
    ),
    (
        "distro_feeds/ubuntu/osv/UBUNTU-CVE-2024-51988.json",
        1,
        0,
        0,
    ),
    ("distro_feeds/ubuntu/osv/UBUNTU-CVE-2026-1403.json", 1, 0, 0),
    ("distro_feeds/ubuntu/osv/USN-5614-1.json", 1, 0, 0),
    ("distro_feeds/ubuntu/osv/USN-6332-1.json", 1, 0, 0),
    ("distro_feeds/debian/osv_DSA-135.json", 1, 0, 0),
    ("distro_feeds/debian/osv_DSA-3029-1.json", 1, 0, 0),
    ("distro_feeds/debian/osv_DTSA-1-1.json", 1, 0, 0),
    ("distro_feeds/debian/tracker_a.json", 3, 0, 0),
    ("distro_feeds/debian/tracker_b.json", 7, 0, 0),
    ("distro_feeds/debian/tracker_d.json", 4, 0, 0),
    ("distro_feeds/alpine/secdb_311-main.json", 2, 0, 0),
    ("distro_feeds/alpine/secdb_312-main.json", 1, 0, 0),
    ("distro_feeds/alpine/secdb_edge-main.json", 2, 0, 0),
    ("distro_feeds/alpine/secdb_v3.10_community.json", 9, 0, 0),
    ("distro_feeds/alpine/secdb_v3.15_community.yaml", 3, 0, 0),
    ("distro_feeds/alpine/secdb_v3.15_main.yaml", 13, 0, 0),
    ("distro_feeds/alpine/secdb_vuls_edge_main.json", 3, 0, 0),
    ("distro_feeds/alpine/secdb_vuls_v3.16_main.json", 2, 0, 0),
    ("distro_feeds/alpine/secdb_vuls_v3.2_main.json", 1, 0, 0),
    ("distro_feeds/chainguard/secdb_security.json", 40, 0, 0),
    (
        "distro_feeds/redhat/csaf_advisory/rhsa-2023_7025.json.zst",
        4,
        0,
        0,
    ),
    (
        "distro_feeds/redhat/csaf_advisory/rhsa-2024_6163.json",
        1,
        0,
        0,
    ),
    (
        "distro_feeds/redhat/csaf_advisory/rhsa-2025_23414.json.zst",
        2,
        0,
        0,
    ),
    (
        "distro_feeds/redhat/csaf_vex/cve-2023-38545.json.zst",
        1,
        0,
        0,
    ),
    (
        "distro_feeds/redhat/csaf_vex/cve-2023-42670.json.zst",
        1,
        0,
        0,
    ),
    (
        "distro_feeds/redhat/csaf_vex/cve-2024-0727-openssl.json.zst",
        1,
        0,
        0,
    ),
    (
        "distro_feeds/redhat/csaf_vex/cve-2024-24786-simple.json",
        1,
        0,
        0,
    ),
    (
        "distro_feeds/redhat/csaf_vex/cve-2026-0968.json.zst",
        1,
        0,
        0,
    ),
    (
        "distro_feeds/suse/csaf/opensuse-su-2016_1623-1.json.zst",
        1,
        0,
        0,
    ),
    ("distro_feeds/suse/csaf_vex/cve-2023-5568.json.zst", 1, 0, 0),
    ("distro_feeds/ubuntu/vex/CVE-2023-38545.json.zst", 1, 0, 0),
    ("distro_feeds/ubuntu/vex/CVE-2025-0167.json.zst", 1, 0, 0),
    ("distro_feeds/ubuntu/vex/USN-7372-1.json", 1, 0, 0),
    ("distro_feeds/amazon/updateinfo_2.xml", 1, 0, 0),
    ("distro_feeds/amazon/updateinfo_2023.xml", 1, 0, 0),
    ("distro_feeds/rocky/updateinfo.xml", 3, 1, 0),
    ("distro_feeds/alma/errata.full.json", 1, 1, 0),
    ("distro_feeds/alma/errata.json.zst", 3, 1, 0),
    ("nist80053_to_attack/mappings.jsonl.zst", 2721, 42, 0),
    ("cve_to_attack/kev_attack-16.1.jsonl.zst", 586, 0, 0),
    ("cve_to_attack/attack_to_cve.csv", 851, 0, 9),
    ("compliance_crosswalk/linux_rules.jsonl.zst", 20021, 0, 0),
    ("gtfobins/gtfobins.jsonl.zst", 478, 0, 0),
    ("sigma/rules.jsonl.zst", 1862, 0, 0),
    ("d3fend/d3fend-protege.ttl.zst", 250, 0, 0),
];

#[test]
fn counts_are_those_of_the_reference() {
    let mut wrong = Vec::new();
    for (sample, n_records, skipped, rejected) in COUNTS {
        let Some(path) = data_or_skip(sample) else {
            return;
        };
        let (read, records) = file(&path).expect(sample);
        assert_eq!(records.len() as u64, read.n_records(), "{sample}");
        let found = (read.n_records(), read.skipped, read.rejected);
        if found != (*n_records, *skipped, *rejected) {
            wrong.push(format!("{sample}: {found:?}, {:?}", read.rejected_shown));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Beginnings of the names of files in data/distro_feeds that are no feed, with words of the reason.
const REFUSED: &[(&str, &str)] = &[
    ("LICENSE", "text that no feed begins with"),
    ("README.md", "text that no feed begins with"),
    ("amazon/repomd.xml", "`repomd`"),
    ("debian/DSA.list", "take the tracker's JSON"),
    ("debian/Sources", "text that no feed"),
    (
        "debian/tracker_git/static",
        "JSON with an object of `buster`",
    ),
    ("debian/tracker_git", "take the tracker's JSON"),
    ("match_labels/", "effective_cve"),
    ("packages/apk", "text that no feed"),
    ("packages/dpkg", "text that no feed"),
    ("packages/index_reports", "JSON with"),
    ("packages/rpm/lists", "JSON with"),
    ("packages/rpm", "it is no UTF-8"),
    ("packages/sbom", "with a"),
    ("redhat/csaf_advisory/changes.csv", "text that no feed"),
    ("redhat/csaf_advisory/deletions.csv", "text that no feed"),
    ("redhat/csaf_vex/expected", "JSON with"),
    ("redhat/csaf_vex/", "text that no feed"),
    ("redhat/oval/PULP_MANIFEST", "text that no feed"),
    ("redhat/oval/repository-to-cpe.json", "`data`"),
    ("rocky/repomd.xml", "`repomd`"),
    ("suse/csaf/LICENSE", "text that no feed"),
    ("suse/csaf/changes", "text that no feed"),
    (
        "suse/csaf/opensuse-su-2016_1623-1.json.",
        "text that no feed",
    ),
    ("suse/csaf_vex/cve-2023-5568.json.", "text that no feed"),
    ("suse/cvrf-opensuse-su-2016-0874-1.xml", "it is no UTF-8"),
    ("suse/cvrf-", "take the CSAF document"),
    ("trivy_db/cpe.yaml", "holds no advisories"),
    ("trivy_db/data-source.yaml", "holds no advisories"),
    ("trivy_db/expected_matches.tsv", "text that no feed"),
    ("ubuntu/security_api", "take Ubuntu's OSV"),
];

/// Every file under a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.push(path);
        }
    }
    out.sort();
    out
}

#[test]
fn every_sample_is_read_or_refused_with_a_reason() {
    let Some(folder) = data_or_skip("distro_feeds") else {
        return;
    };
    let (mut n_read, mut n_refused) = (0, 0);
    for path in files(&folder) {
        let name = path
            .strip_prefix(&folder)
            .expect("inside")
            .display()
            .to_string();
        match file(&path) {
            Ok((read, _)) => {
                n_read += 1;
                let n_all = read.n_records() + read.skipped + read.rejected;
                assert!(n_all > 0, "{name} says nothing of what it holds");
            }
            Err(error) => {
                n_refused += 1;
                let known = REFUSED.iter().find(|(start, _)| name.starts_with(start));
                let told = error.to_string();
                let fits = known.is_some_and(|(_, words)| told.contains(words));
                assert!(fits, "{name} is refused: {told}");
            }
        }
    }
    assert_eq!((n_read, n_refused), (N_READ, N_REFUSED));
}

/// Files of data/distro_feeds that are read, and that are none of a feed.
const N_READ: usize = 94;
const N_REFUSED: usize = 62;

#[test]
fn bad_scores_are_refused_with_their_place() {
    let Some(folder) = data_or_skip("epss") else {
        return;
    };
    let told = |name: &str| match file(&folder.join(name)) {
        Err(ImportError::Damaged { place, reason }) => format!("{place}: {reason}"),
        other => format!("{other:?}"),
    };
    let header = told("bad_invalid-header.csv");
    assert!(header.starts_with("line 2: the columns are"), "{header}");
    let date = told("bad_missing-date.csv");
    assert_eq!(date, "line 1: the comment has no `score_date`");
}

#[test]
fn catalogues_say_what_they_say() {
    let Some(data) = data_or_skip("attack/enterprise-attack.json.zst") else {
        return;
    };
    let (read, records) = file(&data).expect("attack");
    assert_eq!(read.as_of.as_deref(), Some("2025-11-12T22:03:39Z"));
    let technique = |id: &str| {
        records.iter().find_map(|record| match record {
            PackRecord::Technique(technique) if technique.id == id => Some(technique.clone()),
            _ => None,
        })
    };
    let sudo = technique("T1548.003").expect("T1548.003");
    assert_eq!(sudo.tactics, ["privilege-escalation", "defense-evasion"]);
    assert_eq!(sudo.name, "Sudo and Sudo Caching");
    let old = technique("T1066").expect("T1066");
    assert!(old.retired);
    assert_eq!(old.replaced_by.as_deref(), Some("T1027.005"));
    let n_active = records
        .iter()
        .filter(|record| matches!(record, PackRecord::Technique(one) if !one.retired))
        .count();
    assert_eq!(n_active, 691, "as the data's README says");

    let capec = data.with_file_name("capec.json.zst");
    let (_, records) = file(&capec).expect("capec");
    let found = records.iter().find_map(|record| match record {
        PackRecord::AttackPattern(pattern) if pattern.id == "CAPEC-13" => Some(pattern),
        _ => None,
    });
    let pattern = found.expect("CAPEC-13");
    assert_eq!(pattern.techniques, ["T1562.003", "T1574.006", "T1574.007"]);
    assert!(pattern.weaknesses.contains(&"CWE-353".into()));
}

#[test]
fn exploited_vulnerabilities_and_countermeasures() {
    let Some(data) = data_or_skip("kev/known_exploited_vulnerabilities.json.zst") else {
        return;
    };
    let (read, records) = file(&data).expect("kev");
    assert_eq!(read.version.as_deref(), Some("2025.08.25"));
    assert_eq!(read.as_of.as_deref(), Some("2025-08-25T17:04:19Z"));
    let found = records.iter().find_map(|record| match record {
        PackRecord::Kev(entry) if entry.id == "CVE-2021-44228" => Some(entry),
        _ => None,
    });
    let log4j = found.expect("CVE-2021-44228");
    assert!(log4j.ransomware);
    assert_eq!(
        (log4j.added.as_str(), log4j.due.as_deref()),
        ("2021-12-10", Some("2021-12-24"))
    );
    assert_eq!(log4j.product, "Apache Log4j2");

    let Some(data) = data_or_skip("d3fend/d3fend-protege.ttl.zst") else {
        return;
    };
    let (_, records) = file(&data).expect("d3fend");
    let found = records.iter().find_map(|record| match record {
        PackRecord::Countermeasure(one) if one.id == "D3-SCF" => Some(one),
        _ => None,
    });
    let filtering = found.expect("D3-SCF");
    assert_eq!(filtering.name, "System Call Filtering");
    // It filters system calls, which that technique invokes.
    assert!(
        filtering.techniques.contains(&"T1055.001".into()),
        "{filtering:?}"
    );
}

#[test]
fn aliases_of_programs_have_their_functions() {
    let Some(data) = data_or_skip("gtfobins/gtfobins.jsonl.zst") else {
        return;
    };
    let (_, records) = file(&data).expect("gtfobins");
    let functions = |id: &str| {
        records.iter().find_map(|record| match record {
            PackRecord::Gtfobin(program) if program.id == id => Some(program.functions.clone()),
            _ => None,
        })
    };
    assert_eq!(
        functions("aa-exec").expect("aa-exec"),
        ["shell", "sudo", "suid"]
    );
    assert_eq!(functions("awk"), functions("mawk"));
    assert!(functions("awk").expect("awk").contains(&"shell".into()));
}

#[test]
fn debian_says_which_release_is_affected() {
    let Some(all) = advisories("distro_feeds/debian/tracker_d.json") else {
        return;
    };
    let never = says(of(&all, "CVE-2012-0833"), "debian:11", "389-ds-base");
    assert_eq!(
        (never.state, never.severity),
        (AffectedState::NotAffected, Some(Severity::Info))
    );
    let fixed = says(of(&all, "CVE-2016-5405"), "debian:11", "389-ds-base");
    assert_eq!(
        (fixed.ranges.clone(), fixed.severity),
        (before("1.3.5.15-1"), None)
    );
    let ignored = says(of(&all, "CVE-2016-5416"), "debian:11", "389-ds-base");
    assert_eq!(ignored.state, AffectedState::WillNotFix);
    assert_eq!(ignored.note.as_deref(), Some("ignored: Minor issue"));
    let open = says(of(&all, "CVE-2016-5416"), "debian:sid", "389-ds-base");
    assert_eq!(
        open.ranges,
        [VersionRange::default()],
        "every version is affected"
    );
    assert_eq!(open.names, PackageNames::Source);
}

#[test]
fn osv_of_distributions() {
    let Some(all) = advisories("distro_feeds/ubuntu/osv/UBUNTU-CVE-2021-3782.json") else {
        return;
    };
    let wayland = of(&all, "UBUNTU-CVE-2021-3782");
    assert_eq!(wayland.aliases, ["CVE-2021-3782"]);
    let pro = says(wayland, "ubuntu:pro:16.04", "wayland");
    assert_eq!(pro.ranges, before("1.12.0-1~ubuntu16.04.3+esm1"));
    assert!(
        pro.note
            .as_deref()
            .is_some_and(|note| note.contains("Ubuntu Pro"))
    );
    assert!(says(wayland, "ubuntu:22.04", "wayland").versions.is_empty());
    let all = advisories("distro_feeds/ubuntu/osv/UBUNTU-CVE-2014-2901.json").expect("data");
    assert!(of(&all, "UBUNTU-CVE-2014-2901").withdrawn.is_some());
    let all = advisories("distro_feeds/alma/osv/ALSA-2023_4520.json").expect("data");
    let alma = of(&all, "ALSA-2023:4520");
    assert_eq!(
        (alma.severity, alma.aliases.clone()),
        (Some(Severity::Medium), vec!["CVE-2023-32681".into()])
    );
    let requests = says(alma, "almalinux:8", "python3-requests");
    assert_eq!(requests.notice.as_deref(), Some("ALSA-2023:4520"));
    let all = advisories("distro_feeds/suse/osv/openSUSE-SU-2016_1623-1.json").expect("data");
    let suse = of(&all, "openSUSE-SU-2016:1623-1");
    // Each package has its own version, not that of the source it is listed under.
    let imlib = says(suse, "suse:packagehub:12", "libImlib2-1");
    assert_eq!(imlib.ranges, before("1.4.5-5.1"));
}

#[test]
fn vex_of_red_hat() {
    let Some(all) = advisories("distro_feeds/redhat/csaf_vex/cve-2024-0727-openssl.json.zst")
    else {
        return;
    };
    let openssl = of(&all, "CVE-2024-0727");
    assert_eq!(
        (openssl.feed.as_str(), openssl.severity),
        ("redhat-csaf-vex", Some(Severity::Low))
    );
    let fixed = says(openssl, "rhel:9", "openssl-libs");
    assert_eq!(fixed.ranges, before("1:3.0.7-27.el9"));
    assert_eq!(fixed.notice.as_deref(), Some("RHSA-2024:2447"));
    assert_eq!(
        fixed.architectures,
        ["aarch64", "i686", "ppc64le", "s390x", "x86_64"]
    );
    assert_eq!(
        fixed.cpe.as_deref(),
        Some("cpe:/a:redhat:enterprise_linux:9::appstream")
    );
    let old = says(openssl, "rhel:6", "openssl");
    assert_eq!(
        (old.state, old.ranges.clone()),
        (AffectedState::EndOfLife, vec![VersionRange::default()])
    );
    let firmware = says(openssl, "rhel:8", "edk2-ovmf");
    assert_eq!(firmware.state, AffectedState::WillNotFix);
    let put_off = says(openssl, "rhel:8", "compat-openssl10");
    assert_eq!(put_off.state, AffectedState::Deferred);
    let never = says(openssl, "rhel:9", "openssl-fips-provider");
    assert_eq!(never.state, AffectedState::NotAffected);
    assert_eq!(never.note.as_deref(), Some("vulnerable_code_not_present"));

    let all =
        advisories("distro_feeds/redhat/csaf_advisory/rhsa-2023_7025.json.zst").expect("data");
    let ruby = says(of(&all, "CVE-2023-28755"), "rhel:8", "ruby");
    assert_eq!(ruby.module.as_deref(), Some("ruby:2.5"));
    assert_eq!(ruby.notice.as_deref(), Some("RHSA-2023:7025"));

    // A package that is fixed on one architecture's build is not called unaffected beside it.
    let all =
        advisories("distro_feeds/redhat/csaf_advisory/rhsa-2025_23414.json.zst").expect("data");
    let bind = of(&all, "CVE-2021-25220");
    let states: Vec<AffectedState> = bind
        .affected
        .iter()
        .filter(|affected| affected.package == "bind")
        .map(|affected| affected.state)
        .collect();
    assert_eq!(states, [AffectedState::Affected]);
}

#[test]
fn vex_of_suse_and_ubuntu() {
    let Some(all) = advisories("distro_feeds/suse/csaf_vex/cve-2023-5568.json.zst") else {
        return;
    };
    let samba = of(&all, "CVE-2023-5568");
    let micro = says(samba, "suse:sl-micro:6.0", "samba-client-libs");
    assert_eq!(micro.ranges, before("4.19.4+git.339.acf1ccaa02-1.22"));
    let never = says(samba, "suse:sles:12.5", "samba");
    assert_eq!(never.state, AffectedState::NotAffected);

    let all = advisories("distro_feeds/ubuntu/vex/CVE-2023-38545.json.zst").expect("data");
    let curl = of(&all, "CVE-2023-38545");
    assert_eq!(curl.aliases, ["USN-6429-1", "USN-6429-3"]);
    assert_eq!(
        says(curl, "ubuntu:22.04", "curl").ranges,
        before("7.81.0-1ubuntu1.24")
    );
    assert_eq!(
        says(curl, "ubuntu:16.04", "curl").state,
        AffectedState::EndOfLife
    );
    assert_eq!(
        says(curl, "ubuntu:pro:18.04", "curl").state,
        AffectedState::NotAffected
    );
}

#[test]
fn trivys_red_hat_entries_need_its_platforms() {
    let Some(folder) = data_or_skip("distro_feeds/trivy_db") else {
        return;
    };
    let entries = fs::read(folder.join("redhat.yaml")).expect("file");
    let (read, records) = bytes("redhat.yaml", &entries).expect("entries");
    assert_eq!((records.len(), read.rejected), (0, 5));
    let mut both = fs::read(folder.join("cpe.yaml")).expect("file");
    both.extend_from_slice(&entries);
    let (read, records) = bytes("both.yaml", &both).expect("entries");
    assert_eq!((records.len(), read.rejected), (5, 0));
    let found = records.iter().find_map(|record| match record {
        PackRecord::Advisory(one) if one.id == "CVE-2019-18276" => Some(one),
        _ => None,
    });
    let bash = says(found.expect("CVE-2019-18276"), "rhel:7", "bash");
    assert_eq!(bash.state, AffectedState::WillNotFix);
}

#[test]
fn other_distributions_by_their_own_files() {
    let Some(all) = advisories("distro_feeds/oracle/oval_ELSA-2007-0057.xml") else {
        return;
    };
    let elsa = of(&all, "ELSA-2007-0057");
    assert_eq!(elsa.affected.len(), 8);
    assert_eq!(says(elsa, "ol:5", "bind").ranges, before("30:9.3.3-8.el5"));
    let all = advisories("distro_feeds/azure/azurelinux-3.0-oval.xml").expect("data");
    let golang = says(of(&all, "CVE-2023-29409"), "azurelinux:3.0", "golang");
    assert_eq!(golang.ranges, before("1.20.7-1.azl3"));
    let all = advisories("distro_feeds/rocky/updateinfo.xml").expect("data");
    let ruby = says(of(&all, "RLSA-2019:1972"), "rocky:8", "rubygem-abrt");
    assert_eq!(ruby.module.as_deref(), Some("ruby:2.6"));
    let all = advisories("distro_feeds/redhat/security_data_api/CVE-2019-7614.json").expect("data");
    let fuse = says(
        of(&all, "CVE-2019-7614"),
        "redhat:jboss_fuse:6",
        "elasticsearch",
    );
    assert_eq!(fuse.state, AffectedState::EndOfLife);
    let all = advisories("distro_feeds/arch/advisory.json").expect("data");
    let tiff = says(of(&all, "AVG-5"), "arch", "libtiff");
    assert_eq!(tiff.ranges, before("4.0.8-2"));
    let all = advisories("distro_feeds/ubuntu/cve_tracker/include_pending").expect("data");
    let oem = says(of(&all, "CVE-2020-0009"), "ubuntu:18.04", "linux-oem");
    assert_eq!(oem.ranges, before("4.15.0-1080.90"));
}

/// Cut and altered files end in an error or in rejected records, never in a panic.
#[test]
fn damaged_samples_are_survived() {
    let folders = ["distro_feeds", "epss"];
    for folder in folders {
        let Some(folder) = data_or_skip(folder) else {
            return;
        };
        for path in files(&folder) {
            let whole = fs::read(&path).expect("file");
            if whole.len() > 12_000 {
                continue;
            }
            let name = path.display().to_string();
            for eighth in [1, 4, 7] {
                let cut = whole.get(..whole.len() * eighth / 8).unwrap_or_default();
                survive(&name, cut);
                let mut altered = whole.clone();
                let at = whole.len() * eighth / 8;
                for (offset, byte) in [b'"', b'{', 0xff, b'<'].into_iter().enumerate() {
                    if let Some(old) = altered.get_mut(at + offset * 7) {
                        *old = byte;
                    }
                }
                survive(&name, &altered);
            }
        }
    }
}

fn survive(name: &str, damaged: &[u8]) {
    let mut n_records = 0;
    let read = feeds::read(name, &Bytes(damaged), &mut |_| n_records += 1);
    match read {
        Ok(read) => assert_eq!(read.n_records(), n_records, "{name}"),
        Err(error) => assert!(!error.to_string().is_empty(), "{name}"),
    }
}
