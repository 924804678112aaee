//! The fourteen defects of an earlier scanner of this kind, each with the test that casemate does
//! not have it.

use crate::run::{CLOCK, Root, casemate, findings, own_copy, program, ran, status};
use serde_json::Value;
use std::collections::BTreeSet;

/// Rows of /proc/net/tcp: a listener on 0.0.0.0:8081 and one on 127.0.0.1:631.
const TCP: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1
   1: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4243 1
";

#[test]
fn d1_a_listener_without_a_peer_is_found() {
    let root = Root::new();
    root.file("proc/net/tcp", TCP);
    root.file("proc/sys/kernel/osrelease", "6.1.0\n");
    let report = root.scan(&["--surface", "sockets"]);
    let hits = findings(&report, "socket-wildcard-listener");
    assert_eq!(hits.len(), 1, "{report}");
    assert!(
        hits[0]["title"].as_str().expect("title").contains("8081"),
        "{}",
        hits[0]
    );
}

#[test]
fn d2_sarif_is_valid() {
    let Some(path) = casemate_testkit::data_or_skip("schemas/sarif-schema-2.1.0.json") else {
        return;
    };
    let schema: Value =
        serde_json::from_slice(&std::fs::read(path).expect("schema")).expect("schema");
    let root = Root::new();
    root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
    let home = tempfile::tempdir().expect("home");
    let sarif = casemate(
        home.path(),
        &["scan", "--root", root.name(), "--format", "sarif"],
    )
    .json();
    assert!(
        !sarif["runs"][0]["results"]
            .as_array()
            .expect("results")
            .is_empty()
    );
    assert!(
        jsonschema::validator_for(&schema)
            .expect("schema")
            .is_valid(&sarif)
    );
}

#[test]
fn d3_json_is_valid_against_the_published_schema() {
    let root = Root::new();
    root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
    let schema: Value = serde_json::from_str(casemate_schema::json_schema()).expect("schema");
    let validator = jsonschema::validator_for(&schema).expect("schema");
    let report = root.scan(&[]);
    assert!(validator.is_valid(&report));
}

#[test]
fn d4_a_frozen_clock_gives_the_same_bytes_and_our_own_process_is_not_in_them() {
    let home = tempfile::tempdir().expect("home");
    let copy = own_copy(home.path());
    let scan = || {
        let mut command = std::process::Command::new(&copy);
        command.args([
            "scan",
            "--surface",
            "processes",
            "--format",
            "json",
            "--clock",
            CLOCK,
        ]);
        ran(command.env_clear().output().expect("run")).json()
    };
    let (one, two) = (scan(), scan());
    // Other tests run at the same time: what is traced or has just ended may come and go.
    let others = |finding: &Value| {
        let text = finding.to_string();
        text.contains("casemate\"") || text.contains("/tmp/")
    };
    let ids = |report: &Value| -> Vec<String> {
        let list = report["findings"].as_array().expect("findings");
        list.iter()
            .filter(|f| !others(f))
            .map(|f| f["id"].to_string())
            .collect()
    };
    assert_eq!(ids(&one), ids(&two));
    // The copy runs from a temporary folder, so it would be found if it were looked at.
    let own = copy.to_str().expect("UTF-8");
    assert!(!one["findings"].to_string().contains(own), "{one}");
}

#[test]
fn d5_json_is_canonical_also_with_arguments_that_are_not_utf8() {
    let root = Root::new();
    root.file("proc/sys/kernel/osrelease", "6.1.0\n");
    let arguments = b"/usr/bin/\xff\xfe\0--password=hunter2222\0";
    root.process(77, "x", 0, arguments, "/tmp/evil\u{fffd} (deleted)");
    let home = tempfile::tempdir().expect("home");
    let ran = casemate(
        home.path(),
        &[
            "scan",
            "--root",
            root.name(),
            "--format",
            "json",
            "--clock",
            CLOCK,
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let canonical = serde_json_canonicalizer::to_vec(&ran.json()).expect("canonical");
    assert_eq!(ran.stdout, canonical);
    assert!(
        !findings(&ran.json(), "proc-deleted-exe").is_empty(),
        "{}",
        ran.text()
    );
}

#[test]
fn d6_a_changed_package_file_is_found_and_an_unchanged_one_is_not() {
    let root = Root::new();
    root.file(
        "var/lib/dpkg/status",
        "Package: tool\nStatus: install ok installed\nPriority: optional\nArchitecture: amd64\n\
         Version: 1.0-1\nDescription: x\n\n",
    );
    root.file(
        "var/lib/dpkg/info/tool.list",
        "/.\n/usr\n/usr/bin\n/usr/bin/good\n/usr/bin/bad\n/usr/bin/gone\n",
    );
    let md5 = |text: &str| {
        casemate_base::encoding::hex_encode(&casemate_base::hash::md5(text.as_bytes()))
    };
    root.file(
        "var/lib/dpkg/info/tool.md5sums",
        format!(
            "{}  usr/bin/good\n{}  usr/bin/bad\n{}  usr/bin/gone\n",
            md5("good\n"),
            md5("was\n"),
            md5("gone\n")
        ),
    );
    root.file("usr/bin/good", "good\n");
    root.file("usr/bin/bad", "now\n");
    let report = root.scan(&["--surface", "integrity", "--deep"]);
    let hits = findings(&report, "integrity-package-files");
    let text = serde_json::to_string(&hits).expect("text");
    assert!(
        text.contains("/usr/bin/bad") && text.contains("/usr/bin/gone"),
        "{report}"
    );
    assert!(!text.contains("/usr/bin/good"), "{text}");
}

#[test]
fn d7_units_behind_a_linked_lib_are_counted_once() {
    let root = Root::new();
    root.file(
        "usr/lib/systemd/system/tool.service",
        "[Service]\nExecStart=/usr/bin/tool\n[Install]\nWantedBy=multi-user.target\n",
    );
    root.file("usr/bin/tool", "x");
    root.link("lib", "usr/lib");
    root.link(
        "etc/systemd/system/multi-user.target.wants/tool.service",
        "/lib/systemd/system/tool.service",
    );
    let report = root.scan(&["--surface", "units"]);
    let hits = findings(&report, "unit-exposure");
    assert_eq!(hits.len(), 1, "{report}");
    let ids: BTreeSet<String> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["id"].to_string())
        .collect();
    assert_eq!(
        ids.len(),
        report["findings"].as_array().expect("findings").len()
    );
}

#[test]
fn d8_each_surface_and_each_check_stands_once() {
    let report = Root::new().scan(&[]);
    for (list, key) in [("surfaces", "surface"), ("checks", "id")] {
        let all = report["coverage"][list].as_array().expect("list");
        let names: BTreeSet<&str> = all.iter().map(|e| e[key].as_str().expect("name")).collect();
        assert_eq!(names.len(), all.len(), "{list}");
    }
    assert_eq!(
        report["coverage"]["surfaces"]
            .as_array()
            .expect("surfaces")
            .len(),
        22
    );
}

#[test]
fn d9_what_passed_is_never_a_finding() {
    let root = Root::new();
    root.file(
        "etc/ssh/sshd_config",
        "PermitRootLogin no\nPermitEmptyPasswords yes\n",
    );
    let report = root.scan(&[]);
    assert_eq!(status(&report, "ssh-root-login"), "passed");
    for finding in report["findings"].as_array().expect("findings") {
        let check = finding["source"]["check"].as_str().expect("check");
        assert_eq!(status(&report, check), "hit", "{finding}");
    }
    for entry in report["coverage"]["checks"].as_array().expect("checks") {
        let check = entry["id"].as_str().expect("id");
        let n_findings = findings(&report, check).len() as u64;
        assert_eq!(entry["findings"], n_findings, "{entry}");
        assert_eq!(entry["status"] == "hit", n_findings > 0, "{entry}");
    }
}

#[test]
fn d10_ndjson_keeps_title_description_and_evidence() {
    let root = Root::new();
    root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
    let home = tempfile::tempdir().expect("home");
    let run = |format: &str| {
        let arguments = [
            "scan",
            "--root",
            root.name(),
            "--format",
            format,
            "--clock",
            CLOCK,
        ];
        casemate(home.path(), &arguments).stdout
    };
    let json: Value = serde_json::from_slice(&run("json")).expect("JSON");
    let lines = String::from_utf8(run("ndjson")).expect("text");
    let from_lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("object"))
        .filter(|line| line["kind"] == "finding")
        .map(|mut line| {
            line.as_object_mut().expect("object").remove("kind");
            line
        })
        .collect();
    assert_eq!(&from_lines, json["findings"].as_array().expect("findings"));
    assert!(!from_lines.is_empty());
}

#[test]
fn d11_an_argument_with_tmp_and_a_sealed_runtime_are_no_findings() {
    let root = Root::new();
    root.file("proc/sys/kernel/osrelease", "6.1.0\n");
    root.file("usr/bin/editor", "x");
    root.process(
        80,
        "editor",
        1000,
        "/usr/bin/editor\0/tmp/notes\0/home/x/y\0",
        "/usr/bin/editor",
    );
    let sealed = "/memfd:runc_cloned:/proc/self/exe (deleted)";
    root.process(81, "runc", 1000, "runc\0init\0", sealed);
    let report = root.scan(&["--surface", "processes"]);
    let all = report["findings"].as_array().expect("findings");
    assert!(all.is_empty(), "{all:?}");
}

#[test]
fn d12_flags_do_what_they_say() {
    let root = Root::new();
    root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
    let home = tempfile::tempdir().expect("home");
    let run = |more: &[&str]| {
        let mut arguments = vec!["assess", "--root", root.name(), "--format", "json"];
        arguments.extend_from_slice(more);
        casemate(home.path(), &arguments)
    };
    let only_ssh = run(&["--surface", "ssh"]).json();
    assert_eq!(
        only_ssh["coverage"]["surfaces"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(run(&["--deep"]).json()["scan"]["mode"], "deep");
    assert_eq!(run(&["--clock", CLOCK]).json()["scan"]["started_at"], CLOCK);
    assert_eq!((run(&[]).code, run(&["--fail-on", "info"]).code), (0, 3));
}

#[test]
fn d13_suid_is_found_in_any_system_folder_hidden_or_deep() {
    let root = Root::new();
    let planted = [
        "opt/app/bin/helper",
        "usr/local/lib/a/b/c/d/e/f/.hidden",
        "var/spool/x/y",
    ];
    for path in planted {
        root.file(path, "x");
        root.mode(path, 0o4755);
    }
    root.file("srv/a/b/c/open", "x");
    root.mode("srv/a/b/c/open", 0o666);
    let report = root.scan(&["--surface", "suid,files"]);
    let text = serde_json::to_string(&findings(&report, "suid-unexpected")).expect("text");
    for path in planted {
        assert!(text.contains(path), "{path}: {text}");
    }
    assert_eq!(findings(&report, "file-world-writable").len(), 1);
}

#[test]
fn d14_a_scan_never_sleeps() {
    let home = tempfile::tempdir().expect("home");
    let log = home.path().join("trace");
    let traced = std::process::Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=nanosleep,clock_nanosleep,poll,select",
            "-o",
        ])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_casemate"))
        .args(["scan", "--surface", "processes,sockets", "--format", "json"])
        .output();
    let Some(output) = traced.ok().filter(|output| output.status.success()) else {
        eprintln!("SKIPPED: strace is missing or may not trace here");
        let plain = program(home.path())
            .args(["scan", "--surface", "mac"])
            .output();
        assert_eq!(ran(plain.expect("run")).code, 0);
        return;
    };
    assert!(!output.stdout.is_empty());
    let trace = std::fs::read_to_string(&log).expect("trace");
    let sleeps: Vec<&str> = trace
        .lines()
        // The runtime looks once, without waiting, whether its standard streams are open.
        .filter(|line| !line.contains("+++") && !line.contains("], 3, 0)"))
        .collect();
    assert!(sleeps.is_empty(), "{sleeps:?}");
}
