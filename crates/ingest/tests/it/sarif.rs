//! What SARIF says in its rarer ways.

use casemate_ingest::{Bytes, ImportError, Imported, Input, import};
use casemate_schema::{Severity, Status};

fn take(text: &str) -> Result<Imported, ImportError> {
    let source = Bytes(text.as_bytes());
    import(&Input::new("sample", &source)?, &[])
}

fn run(driver: &str, rest: &str) -> String {
    format!(r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {driver}}}, {rest}}}]}}"#)
}

#[test]
fn wrong_types_cost_no_finding() {
    let text = run(
        r#"{"name": "t", "version": 3, "rules": null}"#,
        r#""invocations": null, "artifacts": {}, "originalUriBaseIds": [], "results": [
            {"ruleId": 7, "ruleIndex": "x", "level": null, "message": "as text", "locations": null, "fixes": {}, "properties": []},
            {"ruleId": "r", "message": {"text": 5, "arguments": "no"}, "locations": {"physicalLocation": {"artifactLocation": "a.c", "region": {"startLine": "9", "startColumn": -1}}}, "suppressions": null, "taxa": {"id": "CWE-79"}},
            {"message": {}, "locations": [{"physicalLocation": null}], "codeFlows": [{"threadFlows": null}], "fingerprints": {"a": null}}
        ]"#,
    );
    let imported = take(&text).expect("a report");
    assert_eq!((imported.findings.len(), imported.n_rejected), (3, 0));
    let [first, second, _] = imported.findings.as_slice() else {
        panic!("three");
    };
    assert_eq!(
        (first.title.as_str(), first.source.check.as_str()),
        ("as text", "7")
    );
    assert_eq!(second.location.path.as_deref(), Some("a.c"));
    assert_eq!(second.location.line, Some(9));
    assert_eq!(second.references.len(), 1);
}

#[test]
fn only_failures_are_findings_and_each_location_is_one() {
    let text = run(
        r#"{"name": "t"}"#,
        r#""results": [
            {"ruleId": "a", "kind": "pass", "message": {"text": "x"}},
            {"ruleId": "b", "kind": "notApplicable", "message": {"text": "no such thing"}},
            {"ruleId": "c", "kind": "review", "message": {"text": "look"}},
            {"ruleId": "d", "kind": "informational", "message": {"text": "x"}},
            {"ruleId": "e", "kind": "fail", "level": "error", "message": {"text": "x"}, "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "one.c"}, "region": {"startLine": 1}}},
                {"physicalLocation": {"artifactLocation": {"uri": "two.c"}}}]},
            {"ruleId": "f", "message": {"text": "x"}, "suppressions": [{"kind": "external", "status": "rejected"}]},
            {"ruleId": "g", "message": {"text": "x"}, "suppressions": [{"kind": "inSource", "justification": "known"}]}
        ]"#,
    );
    let imported = take(&text).expect("a report");
    assert_eq!((imported.findings.len(), imported.suppressed.len()), (3, 1));
    let state = |id: &str| {
        let found = imported.checks.iter().find(|check| check.id == id);
        found.map(|check| check.status)
    };
    assert_eq!(state("a"), Some(Status::Passed));
    assert_eq!(state("b"), Some(Status::NotApplicable));
    assert_eq!(state("c"), Some(Status::NotAssessed));
    assert_eq!(state("d"), None);
    assert_eq!(state("e"), Some(Status::Hit));
    assert_eq!(imported.notes.len(), 1, "{:?}", imported.notes);
}

#[test]
fn a_run_that_did_not_look_is_not_clean() {
    let failed = r#""invocations": [{"executionSuccessful": false, "toolExecutionNotifications": [{"level": "error", "message": {"text": "no rules"}}]}]"#;
    let error = take(&run(r#"{"name": "t"}"#, failed)).expect_err("it failed");
    assert_eq!(
        error.to_string(),
        "the tool reports that it failed: no rules"
    );
    let partly = format!("{failed}, \"results\": []");
    let imported = take(&run(r#"{"name": "t"}"#, &partly)).expect("it looked");
    assert!(imported.notes.iter().any(|note| note.contains("no rules")));
    let nothing = take(&run(r#"{"name": "t"}"#, r#""results": null"#)).expect("a report");
    assert!(
        nothing
            .notes
            .iter()
            .any(|note| note.contains("did not look"))
    );
}

#[test]
fn severity_comes_from_the_number_before_the_level() {
    let text = run(
        r#"{"name": "t", "rules": [{"id": "a", "properties": {"security-severity": "9.1"}}, {"id": "b", "properties": {"security-severity": "MEDIUM"}, "defaultConfiguration": {"level": "error"}}, {"id": "c", "defaultConfiguration": {"level": "note"}}]}"#,
        r#""results": [{"ruleId": "a", "level": "note", "message": {"text": "x"}}, {"ruleId": "b", "message": {"text": "x"}}, {"ruleId": "c", "message": {"text": "x"}}, {"ruleId": "d", "message": {"text": "x"}}]"#,
    );
    let imported = take(&text).expect("a report");
    let levels: Vec<Severity> = imported.findings.iter().map(|one| one.severity).collect();
    assert_eq!(
        levels,
        [
            Severity::Critical,
            Severity::Medium,
            Severity::Info,
            Severity::Medium
        ]
    );
}

#[test]
fn tools_that_write_their_own_format_too_have_the_same_ids() {
    let sarif = run(
        r#"{"name": "Semgrep OSS", "rules": [{"id": "a.b"}]}"#,
        r#""results": [{"ruleId": "a.b", "message": {"text": "x"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "app.py", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 3, "startColumn": 1}}}]}]"#,
    );
    let json = r#"{"errors": [], "paths": {}, "results": [{"check_id": "a.b", "path": "app.py", "start": {"line": 3, "col": 1}, "extra": {"message": "x", "severity": "ERROR"}}]}"#;
    let ids = |text: &str| take(text).expect("a report").findings.remove(0).id;
    assert_eq!(ids(&sarif), ids(json));
    let sarif = run(
        r#"{"name": "gitleaks", "rules": [{"id": "aws"}]}"#,
        r#""results": [{"ruleId": "aws", "message": {"text": "x"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "env"}, "region": {"startLine": 3}}}]}]"#,
    );
    let json = r#"[{"RuleID": "aws", "Description": "x", "File": "env", "StartLine": 3, "Secret": "s", "Match": "m", "Commit": "c"}]"#;
    assert_eq!(ids(&sarif), ids(json));
}

#[test]
fn packages_are_read_from_the_messages_of_trivy_and_grype() {
    let trivy = run(
        r#"{"name": "Trivy", "rules": [{"id": "CVE-2024-1", "name": "OsPackageVulnerability"}]}"#,
        r#""results": [{"ruleId": "CVE-2024-0001", "level": "note", "message": {"text": "Package: made-up\nInstalled Version: 1.0\nVulnerability CVE-2024-0001\nSeverity: HIGH\nFixed Version: 1.1\nLink: [CVE-2024-0001](https://example.com)"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "image"}, "region": {"startLine": 1}}}]}]"#,
    );
    let grype = run(
        r#"{"name": "Grype", "rules": [{"id": "CVE-2024-0001-made-up", "help": {"text": "Vulnerability CVE-2024-0001\nSeverity: high\nPackage: made-up\nVersion: 1.0\nFix Version: 1.1\nType: deb"}}]}"#,
        r#""results": [{"ruleId": "CVE-2024-0001-made-up", "message": {"text": "A high vulnerability in deb package: made-up, version 1.0 was found in image x at: /var/lib/dpkg/status"}}]"#,
    );
    for text in [trivy, grype] {
        let finding = take(&text).expect("a report").findings.remove(0);
        let component = finding.component.expect("a package");
        assert_eq!(finding.severity, Severity::High);
        assert_eq!(component.name.as_str(), "made-up");
        assert_eq!(component.version.as_deref(), Some("1.0"));
        assert_eq!(component.fixed_version.as_deref(), Some("1.1"));
        let vulnerability = finding.vulnerability.expect("a vulnerability");
        assert_eq!(vulnerability.id.as_str(), "CVE-2024-0001");
        assert!(vulnerability.aliases.is_empty());
    }
}
