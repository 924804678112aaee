//! What is written is valid by judges that nobody here wrote.

use crate::run::{CLOCK, Ran, Root, casemate, findings};
use serde_json::Value;

fn hostile() -> Root {
    use std::os::unix::ffi::OsStrExt;
    let root = Root::new();
    root.file("srv/<script>alert(1)</script>", "x");
    root.mode("srv/<script>alert(1)</script>", 0o666);
    let raw = root
        .path()
        .join(std::ffi::OsStr::from_bytes(b"srv/na\xffme\x1b[31m"));
    std::fs::write(&raw, "x").expect("file");
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    std::fs::set_permissions(&raw, permissions).expect("mode");
    root.file(
        "etc/ssh/sshd_config",
        "PermitRootLogin yes\nPermitEmptyPasswords yes\n",
    );
    root
}

fn assess(root: &Root, format: &str) -> Ran {
    let home = tempfile::tempdir().expect("home");
    let ran = casemate(
        home.path(),
        &[
            "assess",
            "--root",
            root.name(),
            "--format",
            format,
            "--clock",
            CLOCK,
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let left = std::fs::read_dir(home.path()).expect("home").count();
    assert_eq!(left, 0, "with --format nothing is written");
    ran
}

#[test]
fn json_is_canonical_for_an_independent_library_and_valid_against_our_schema() {
    let ran = assess(&hostile(), "json");
    let value = ran.json();
    let canonical = serde_json_canonicalizer::to_vec(&value).expect("canonical");
    assert_eq!(ran.stdout, canonical);
    let schema: Value = serde_json::from_str(casemate_schema::json_schema()).expect("schema");
    let validator = jsonschema::validator_for(&schema).expect("schema");
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let hits = findings(&value, "file-world-writable");
    assert_eq!(hits.len(), 2, "{hits:?}");
    let raw = hits
        .iter()
        .find(|f| f["location"]["path_base64"].is_string())
        .expect("raw name");
    assert!(
        raw["location"]["path"]
            .as_str()
            .expect("path")
            .contains("\\xff")
    );
}

#[test]
fn ndjson_is_lossless() {
    let root = hostile();
    let json = assess(&root, "json");
    let ndjson = assess(&root, "ndjson");
    let from_lines = casemate_schema::read_report(&ndjson.stdout).expect("ndjson");
    let from_object = casemate_schema::read_report(&json.stdout).expect("json");
    assert_eq!(from_lines, from_object);
    for line in ndjson.text().lines() {
        let value: Value = serde_json::from_str(line).expect("a line is an object");
        assert!(value["kind"].is_string());
    }
}

#[test]
fn sarif_is_valid_against_the_oasis_schema() {
    let Some(path) = casemate_testkit::data_or_skip("schemas/sarif-schema-2.1.0.json") else {
        return;
    };
    let schema: Value =
        serde_json::from_slice(&std::fs::read(path).expect("schema")).expect("schema");
    let validator = jsonschema::validator_for(&schema).expect("schema");
    let value = assess(&hostile(), "sarif").json();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let run = &value["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert!(!results.is_empty());
    for result in results {
        assert!(result["partialFingerprints"].is_object());
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("level")));
    }
}

#[test]
fn html_stands_alone_shows_hostile_names_as_text_and_every_finding_once() {
    let root = hostile();
    let html = assess(&root, "html").text();
    assert!(!html.contains("<script>alert"));
    for outside in [
        "src=\"http",
        "href=\"http",
        "url(h",
        "url(\"",
        "@import",
        "style=\"",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("Content-Security-Policy"));
    let report = assess(&root, "json").json();
    for finding in report["findings"].as_array().expect("findings") {
        let id = finding["id"].as_str().expect("id");
        assert_eq!(html.matches(&format!(">{id}<")).count(), 1, "{id}");
    }
}
