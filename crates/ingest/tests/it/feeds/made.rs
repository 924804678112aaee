//! Feeds made for the test: archives, many rows, rows that make no sense.

use super::{before, bytes, says};
use casemate_ingest::ImportError;
use casemate_schema::{AffectedState, PackRecord};
use std::fmt::Write;

const OSV: &str = r#"{"id": "GHSA-aaaa-bbbb-cccc", "modified": "2024-01-02T00:00:00Z",
    "aliases": ["CVE-2024-0001"], "affected": [
      {"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.0"],
       "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]},
                  {"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"last_affected": "1.9.9"}]}]},
      {"package": {"ecosystem": "", "name": "nowhere"}}]}"#;
const EPSS: &str = "#model_version:v2025.03.14,score_date:2025-06-18T00:00:00+0000\n\
    cve,epss,percentile\n";

/// A tar archive of these files, without its last zeros when it is cut.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, text: &str| {
            header[at..at + text.len()].copy_from_slice(text.as_bytes());
        };
        put(0, name);
        put(100, "0000644\0");
        put(124, &format!("{:011o}\0", content.len()));
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// A zip archive of these files, stored.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = u32::try_from(out.len()).expect("small");
        let size = u32::try_from(content.len()).expect("small");
        let length = u16::try_from(name.len()).expect("short");
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32(content).to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend(length.to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let n = u16::try_from(files.len()).expect("few");
    let offset = u32::try_from(out.len()).expect("small");
    let length = u32::try_from(directory.len()).expect("small");
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(n.to_le_bytes());
    out.extend(n.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn archives_are_all_of_their_files() {
    let epss = format!("{EPSS}CVE-2024-0001,0.1,0.2\n");
    let files: [(&str, &[u8]); 4] = [
        ("osv/one.json", OSV.as_bytes()),
        ("osv/two.json", &OSV.as_bytes()[..200]),
        ("epss.csv", epss.as_bytes()),
        ("README", b"no feed"),
    ];
    for archive in [tar(&files), zip(&files)] {
        let (read, records) = bytes("all", &archive).expect("archive");
        assert_eq!((read.feed.as_str(), read.files), ("several", 2));
        assert_eq!(records.len(), 2, "nothing is left of the cut file");
        assert_eq!(read.as_of.as_deref(), Some("2025-06-18T00:00:00Z"));
        // The cut file, the file that is no feed, and the package without ecosystem.
        assert_eq!(read.rejected, 3, "{:?}", read.rejected_shown);
        let places: Vec<&str> = read
            .rejected_shown
            .iter()
            .map(|one| one.place.as_str())
            .collect();
        assert!(
            places.contains(&"osv/two.json") && places.contains(&"README"),
            "{places:?}"
        );
    }
    let nothing = bytes("none.tar", &tar(&[("README", b"no feed")]));
    assert!(
        matches!(nothing, Err(ImportError::NoFeed { .. })),
        "{nothing:?}"
    );
    let mut cut = tar(&files);
    cut.truncate(700);
    assert!(matches!(
        bytes("cut.tar", &cut),
        Err(ImportError::Damaged { .. })
    ));
    let deep = tar(&[("a.tar", &tar(&[("b.tar", &tar(&[("x", b"x")]))]))]);
    assert!(bytes("deep.tar", &deep).is_err());
}

#[test]
fn languages_keep_versions_and_ranges_of_versions() {
    let (read, records) = bytes("one.json", OSV.as_bytes()).expect("osv");
    let Some(PackRecord::Advisory(advisory)) = records.first() else {
        unreachable!("one advisory")
    };
    let left = says(advisory, "npm", "left");
    assert_eq!(left.versions, ["1.0.0"]);
    assert_eq!(left.ranges.len(), 1, "commits are passed over");
    assert_eq!(left.ranges[0].last_affected.as_deref(), Some("1.9.9"));
    assert!(
        read.rejected_shown[0]
            .reason
            .contains("of no known ecosystem")
    );
}

#[test]
fn rows_that_make_no_sense_stop_nothing() {
    let text = format!(
        "{EPSS}CVE-2024-0001,0.1,0.2\nCVE-2024-0002,1.5,0.2\nno,0.1,0.2\nCVE-2024-0003,0.1\n\
         CVE-2024-0004,NaN,0.2\nCVE-2024-0005,0,1\n"
    );
    let (read, records) = bytes("epss.csv", text.as_bytes()).expect("scores");
    assert_eq!((records.len(), read.rejected), (2, 4));
    let first = &read.rejected_shown[0];
    assert_eq!(first.place, "line 4");
    assert_eq!(
        first.reason,
        "`1.5` of CVE-2024-0002 is no share between 0 and 1"
    );
    let kev = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "x"}, 7,
        {"cveID": "CVE-2024-0001", "dateAdded": "2024-01-01"}]}"#;
    let (read, records) = bytes("kev.json", kev.as_bytes()).expect("catalogue");
    assert_eq!((records.len(), read.rejected), (1, 2));
}

#[test]
fn a_full_day_of_scores_is_read_row_by_row() {
    let mut text = EPSS.to_owned();
    for n in 0..300_000 {
        writeln!(text, "CVE-2024-{:05},0.{:05},0.5", n + 10_000, n % 100_000).expect("text");
    }
    let mut n_records = 0;
    let source = casemate_ingest::Bytes(text.as_bytes());
    let read = casemate_ingest::feeds::read("epss.csv", &source, &mut |_| n_records += 1);
    assert_eq!(read.expect("scores").n_records(), 300_000);
    assert_eq!(n_records, 300_000);
}

/// A document larger than what is held whole, cut in its last package.
#[test]
fn a_large_tracker_is_read_as_a_stream() {
    let mut text = String::from("{");
    for n in 0..20_000 {
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}"package-{n}": {{"CVE-2024-{:05}": {{"description": "{}", "releases": {{
                "bookworm": {{"status": "open", "urgency": "low", "nodsa": "Minor", "nodsa_reason": "postponed"}},
                "trixie": {{"status": "resolved", "fixed_version": "1.{n}-1", "urgency": "low"}}}}}}}}"#,
            n + 10_000,
            "x".repeat(300)
        )
        .expect("text");
    }
    text.push('}');
    assert!(text.len() > 8 << 20);
    let (read, records) = bytes("tracker.json", text.as_bytes()).expect("tracker");
    assert_eq!(read.n_records(), 20_000);
    let Some(PackRecord::Advisory(last)) = records.last() else {
        unreachable!("an advisory")
    };
    let trixie = says(last, "debian:13", "package-19999");
    assert_eq!(trixie.ranges, before("1.19999-1"));
    assert_eq!(
        says(last, "debian:12", "package-19999").state,
        AffectedState::Deferred
    );
    let cut = text.get(..text.len() - 40).expect("ascii");
    let refused = bytes("tracker.json", cut.as_bytes());
    assert!(matches!(refused, Err(ImportError::Damaged { .. })), "cut");
}

#[test]
fn the_whole_catalogue_of_weaknesses() {
    let text = r#"<Weakness_Catalog Name="CWE" Version="4.18" Date="2025-09-09"><Weaknesses>
        <Weakness ID="250" Name="Execution with Unnecessary Privileges" Status="Draft">
          <Related_Weaknesses>
            <Related_Weakness Nature="ChildOf" CWE_ID="657" View_ID="699"/>
            <Related_Weakness Nature="ChildOf" CWE_ID="269" View_ID="1000"/>
            <Related_Weakness Nature="CanFollow" CWE_ID="1" View_ID="1000"/>
          </Related_Weaknesses></Weakness>
        <Weakness ID="1" Name="Old" Status="Deprecated"/></Weaknesses>
        <Categories><Category ID="16" Name="Configuration" Status="Stable"/></Categories>
        </Weakness_Catalog>"#;
    let (read, records) = bytes("cwec.xml", text.as_bytes()).expect("catalogue");
    assert_eq!((read.version.as_deref(), read.skipped), (Some("4.18"), 1));
    let [PackRecord::Weakness(one), PackRecord::Weakness(category)] = records.as_slice() else {
        unreachable!("{records:?}")
    };
    assert_eq!(
        one.parents,
        ["CWE-269", "CWE-657"],
        "that of the research view first"
    );
    assert_eq!(category.id, "CWE-16");
}
