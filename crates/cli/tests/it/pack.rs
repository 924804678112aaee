//! Sessions with packs: building, carrying, refusing, going back, being killed.

use crate::run::{CLOCK, Ran, casemate, program};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// A home with a connected machine's folder and this machine's data directory.
struct Site {
    dir: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("folder");
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file of records: so many entries of the catalogue of exploited vulnerabilities.
    fn records(&self, name: &str, count: usize, word: &str) {
        let line = |n: usize| {
            format!(
                "{{\"record\":\"kev\",\"id\":\"CVE-2024-{n:05}\",\"added\":\"2024-01-02\",\
                 \"product\":\"a b\",\"name\":\"{word}\"}}\n"
            )
        };
        std::fs::write(self.at(name), (0..count).map(line).collect::<String>()).expect("file");
    }

    fn pack(&self, arguments: &[&str]) -> Ran {
        self.pack_at(CLOCK, arguments)
    }

    fn pack_at(&self, clock: &str, arguments: &[&str]) -> Ran {
        let global = ["pack", "--data-dir", "data", "--clock", clock];
        casemate(self.dir.path(), &[&global, arguments].concat())
    }

    fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.pack(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        ran
    }

    /// A key, and a pack of it built at that time.
    fn built(&self, key: &str, clock: &str, file: &str, output: &str) {
        if !self.at(key).exists() {
            self.done(&["key", "new", key, "--comment", "security team"]);
        }
        let ran = self.pack_at(clock, &["build", "-o", output, "--key-file", key, file]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }

    fn list(&self) -> Value {
        self.done(&["list", "--format", "json"]).json()
    }

    /// Version and number of records of a pack in use.
    fn in_use(&self, name: &str) -> Option<(u64, u64)> {
        let list = self.list();
        let packs = list["packs"].as_array().expect("packs");
        let pack = &packs.iter().find(|it| it["name"] == name)?["pack"];
        Some((pack["version"].as_u64()?, pack["records"]["kev"].as_u64()?))
    }
}

const DAY_1: &str = "2026-01-01T00:00:00Z";
const DAY_2: &str = "2026-01-02T00:00:00Z";
const VERSION_1: u64 = 20_260_101_000_000;
const VERSION_2: u64 = 20_260_102_000_000;

#[test]
fn a_pack_is_believed_once_its_key_is_pinned() {
    let site = Site::new();
    site.records("kev.ndjson", 5, "a flaw");
    site.built("site.key", DAY_1, "kev.ndjson", "site.pack");
    let ran = site.pack(&["import", "site.pack"]);
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    let shown = site
        .done(&["key", "show", "site.key.pub", "--format", "json"])
        .json();
    let fingerprint = shown["keys"][0]["fingerprint"]
        .as_str()
        .expect("fingerprint")
        .to_owned();
    assert!(ran.stderr.contains(&fingerprint), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("casemate pack import site.pack --trust KEY.pub"),
        "{}",
        ran.stderr
    );
    assert_eq!(site.pack(&["verify", "site.pack"]).code, 6);
    assert_eq!(
        site.pack(&["verify", "site.pack", "--trust", "site.key.pub"])
            .code,
        0
    );
    assert_eq!(site.in_use("knowledge"), None, "checking keeps nothing");

    let ran = site.done(&["import", "site.pack", "--trust", "site.key.pub"]);
    assert!(ran.stderr.contains("pinned the key"), "{}", ran.stderr);
    assert!(ran.text().contains(&fingerprint), "{}", ran.text());
    assert_eq!(site.in_use("knowledge"), Some((VERSION_1, 5)));
    assert!(
        site.done(&["import", "site.pack"])
            .text()
            .contains("in use already")
    );
    let shown = site.done(&["show", "knowledge"]).text();
    assert!(
        shown.contains("5 kev") && shown.contains(&fingerprint),
        "{shown}"
    );
    assert!(site.done(&["key", "show"]).text().contains("security team"));
}

#[test]
fn another_key_than_the_named_one_pins_nothing() {
    let site = Site::new();
    site.records("kev.ndjson", 1, "a flaw");
    site.built("ours.key", DAY_1, "kev.ndjson", "ours.pack");
    site.built("theirs.key", DAY_1, "kev.ndjson", "theirs.pack");
    let ran = site.pack(&["import", "theirs.pack", "--trust", "ours.key.pub"]);
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    assert!(ran.stderr.contains(", not with "), "{}", ran.stderr);
    assert!(!site.at("data/keys").exists());
    let ran = site.pack(&["import", "ours.pack", "--trust", "ours.key"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("it is the secret key"),
        "{}",
        ran.stderr
    );
}

#[test]
fn versions_go_forward_and_back_by_hand_alone() {
    let site = Site::new();
    site.records("one.ndjson", 10, "one");
    site.records("two.ndjson", 12, "two");
    site.built("k", DAY_1, "one.ndjson", "one.pack");
    site.built("k", DAY_2, "two.ndjson", "two.pack");
    site.done(&["import", "one.pack", "--trust", "k.pub"]);
    let ran = site.done(&["import", "two.pack"]);
    assert!(
        ran.text().contains("replaces 20260101000000 (10 records)"),
        "{}",
        ran.text()
    );
    let ran = site.pack(&["import", "one.pack"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("older than version 20260102000000"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("casemate pack restore knowledge"),
        "{}",
        ran.stderr
    );
    site.done(&["restore", "knowledge"]);
    assert_eq!(site.in_use("knowledge"), Some((VERSION_1, 10)));
    assert_eq!(
        site.pack(&["import", "one.pack"]).code,
        2,
        "still older than what was imported"
    );
    assert!(
        site.done(&["import", "two.pack"])
            .text()
            .contains("in use again")
    );
    assert_eq!(site.in_use("knowledge"), Some((VERSION_2, 12)));
    assert_eq!(site.pack(&["restore", "nothing"]).code, 2);
}

#[test]
fn spoilt_packs_are_refused_each_with_its_reason() {
    let site = Site::new();
    site.records("kev.ndjson", 50, "a flaw");
    site.built("k", DAY_1, "kev.ndjson", "good.pack");
    let good = std::fs::read(site.at("good.pack")).expect("pack");
    let middle = good.len() - 10;
    let mut altered = good.clone();
    altered[middle] ^= 1;
    let mut head = good.clone();
    head[130] ^= 1;
    let cases = [
        (altered, "was altered"),
        (head, "signature does not fit"),
        (good[..middle].to_vec(), "cut short"),
        ([good, b"x".to_vec()].concat(), "appended"),
        (b"#!/bin/sh\n".to_vec(), "no feed"),
    ];
    for (bytes, expected) in cases {
        std::fs::write(site.at("bad.pack"), bytes).expect("file");
        let ran = site.pack(&["import", "bad.pack", "--trust", "k.pub"]);
        assert_eq!(ran.code, 2, "{expected}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
        assert!(ran.stderr.contains("hint:"), "{}", ran.stderr);
    }
    assert!(!site.at("data/keys").exists(), "nothing was pinned");
    assert_eq!(site.in_use("knowledge"), None);
}

#[test]
fn a_feed_as_it_is_is_said_to_be_unsigned() {
    let site = Site::new();
    site.records("kev.ndjson", 3, "a flaw");
    let ran = site.done(&["import", "kev.ndjson"]);
    assert!(
        ran.text().contains("feed-records") && ran.text().contains("nobody"),
        "{}",
        ran.text()
    );
    assert!(ran.stderr.contains("no signature"), "{}", ran.stderr);
    let pack = &site.list()["packs"][0]["pack"];
    assert_eq!(pack["name"], "feed-records");
    assert_eq!(pack["signed_by"], Value::Null);
    assert_eq!(
        pack["sources"][0]["as_of"],
        Value::Null,
        "no date is invented"
    );
    assert_eq!(site.list()["packs"][0]["age_days"].as_i64(), None);
    // A feed of many files that lost one says so.
    site.records("other.ndjson", 3, "another flaw");
    let ran = site.pack_at("2026-01-03T00:00:00Z", &["import", "other.ndjson"]);
    assert!(
        ran.stderr
            .contains("no longer holds what came from kev.ndjson"),
        "{}",
        ran.stderr
    );
    // A signed pack cannot take such a name.
    site.done(&["key", "new", "k"]);
    let build = ["build", "-o", "p", "--key-file", "k", "--name"];
    for name in ["feed-kev", "builtin", "../x", "A"] {
        assert_eq!(
            site.pack(&[&build[..], &[name, "kev.ndjson"]].concat())
                .code,
            2,
            "{name}"
        );
    }
    // Bad records are named, the rest is taken.
    std::fs::write(site.at("mixed.ndjson"), "{\"record\":\"kev\"}\n").expect("file");
    let files = ["import", "mixed.ndjson", "kev.ndjson", "absent"];
    let ran = site.pack_at("2026-01-04T00:00:00Z", &files);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("mixed.ndjson: line 1: missing field"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("`absent`"), "{}", ran.stderr);
}

#[test]
fn age_is_counted_from_the_clock_and_can_fail_a_timer() {
    let site = Site::new();
    let age = |clock: &str, more: &[&str]| site.pack_at(clock, &[&["list"], more].concat());
    let young = age("2025-08-27T00:00:00Z", &["--max-age", "30"]);
    assert_eq!(young.code, 0, "{}", young.stderr);
    assert!(!young.stderr.contains("kev is"), "{}", young.stderr);
    let old = age("2025-10-08T18:00:00Z", &["--max-age", "30"]);
    assert_eq!(old.code, 5, "{}", old.stderr);
    assert!(
        old.stderr.contains("kev is 44 days old (of 2025-08-25"),
        "{}",
        old.stderr
    );
    assert!(
        old.stderr.contains("casemate help air-gap"),
        "{}",
        old.stderr
    );
    assert_eq!(
        age("2025-10-08T18:00:00Z", &[]).code,
        0,
        "only with the flag"
    );
    let show = site.pack_at(
        "2026-02-01T00:00:00Z",
        &["show", "builtin", "--max-age", "7"],
    );
    assert_eq!(show.code, 5);
    assert!(
        show.text().contains("MITRE ATT&CK terms of use"),
        "{}",
        show.text()
    );
}

#[test]
fn a_secret_key_is_not_shared_and_not_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new();
    site.records("kev.ndjson", 1, "a flaw");
    site.done(&["key", "new", "k"]);
    let mode = |name: &str| {
        let metadata = std::fs::metadata(site.at(name)).expect("metadata");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode("k"), 0o600);
    assert_eq!(
        site.pack(&["key", "new", "k"]).code,
        2,
        "it is there already"
    );
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(site.at("k"), open).expect("mode");
    let ran = site.pack(&["build", "-o", "p", "--key-file", "k", "kev.ndjson"]);
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    assert!(ran.stderr.contains("chmod 600 k"), "{}", ran.stderr);
    assert!(!site.at("p").exists());
}

#[test]
fn the_same_feeds_key_and_time_give_the_same_pack() {
    let site = Site::new();
    site.records("kev.ndjson", 30, "a flaw");
    site.built("k", DAY_1, "kev.ndjson", "a.pack");
    site.built("k", DAY_1, "kev.ndjson", "b.pack");
    let [a, b] = ["a.pack", "b.pack"].map(|name| std::fs::read(site.at(name)).expect("pack"));
    assert_eq!(a, b);
}

#[test]
fn a_damaged_table_is_named_and_the_others_are_listed() {
    let site = Site::new();
    site.records("kev.ndjson", 3, "a flaw");
    site.done(&["import", "kev.ndjson"]);
    let folder = std::fs::read_dir(site.at("data/packs")).expect("packs");
    let mut tables = folder.map(|entry| entry.expect("entry").path());
    let table = tables
        .find(|path| path.extension().is_some_and(|it| it == "db"))
        .expect("table");
    let mut bytes = std::fs::read(&table).expect("table");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&table, &bytes).expect("write");
    let ran = site.pack(&["show", "feed-records"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("feed-records@") && ran.stderr.contains("damaged"),
        "{}",
        ran.stderr
    );
    std::fs::write(&table, b"").expect("write");
    let ran = site.pack(&["list"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.text().contains("builtin") && ran.text().contains("damaged"),
        "{}",
        ran.text()
    );
    // Importing again mends it.
    site.done(&["import", "kev.ndjson"]);
    site.done(&["show", "feed-records"]);
}

#[test]
fn an_import_that_is_killed_leaves_what_was_in_use() {
    let site = Site::new();
    site.records("one.ndjson", 2000, "one");
    site.records("two.ndjson", 3000, "two");
    site.built("k", DAY_1, "one.ndjson", "one.pack");
    site.built("k", DAY_2, "two.ndjson", "two.pack");
    site.done(&["import", "one.pack", "--trust", "k.pub"]);
    let started = std::time::Instant::now();
    site.done(&["import", "one.pack"]);
    let start_up = started.elapsed();
    let (mut killed, mut finished) = (0, 0);
    for round in 0..60_u32 {
        let arguments = [
            "pack",
            "--data-dir",
            "data",
            "--clock",
            CLOCK,
            "import",
            "two.pack",
        ];
        let mut child = program(site.dir.path())
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("start");
        // Spread over the time that an import takes; whatever the machine does, all must hold.
        std::thread::sleep(start_up * (round * 7 % 60) / 15 + Duration::from_micros(200));
        child.kill().expect("kill");
        let status = child.wait().expect("wait");
        if status.success() {
            finished += 1;
        } else {
            killed += 1;
        }
        let in_use = site.in_use("knowledge");
        let whole = [Some((VERSION_1, 2000)), Some((VERSION_2, 3000))];
        assert!(whole.contains(&in_use), "round {round}: {in_use:?}");
        site.done(&["show", "knowledge"]);
        if in_use == whole[1] {
            // Done after all (or killed after the last step): back to the start.
            site.done(&["restore", "knowledge"]);
            assert_eq!(site.in_use("knowledge"), whole[0]);
            let folder = site.at("data");
            std::fs::remove_dir_all(&folder).expect("remove");
            site.done(&["import", "one.pack", "--trust", "k.pub"]);
        }
    }
    assert!(
        killed > 0,
        "{finished} of 60 imports ran to their end, none was killed"
    );
    site.done(&["import", "two.pack"]);
    assert_eq!(site.in_use("knowledge"), Some((VERSION_2, 3000)));
    let leftovers = std::fs::read_dir(site.at("data/packs"))
        .expect("packs")
        .filter(|entry| {
            let name = entry.as_ref().expect("entry").file_name();
            let name = name.to_string_lossy();
            name.starts_with("building") || name.starts_with(".durable")
        });
    assert_eq!(leftovers.count(), 0, "the next import cleans up");
}
