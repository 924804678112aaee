//! VEX documents of each format, read and applied to findings of another file.

use casemate_ingest::{Bytes, ImportError, Imported, Input, import};
use casemate_schema::{
    Component, Finding, Report, Severity, Statement, Text, VexStatus, Vulnerability,
};
use casemate_triage::suppress;
use std::fmt::Write;

const NOW: &str = "2026-11-21T12:00:00Z";
const CODEC: &str = "pkg:maven/com.example/codec@1.0";

fn read(text: &str) -> Result<Imported, ImportError> {
    let source = Bytes(text.as_bytes());
    import(&Input::new("document", &source)?, &[])
}

fn statements(text: &str) -> Vec<Statement> {
    read(text).expect("a document").statements
}

/// The status that statements give to a vulnerability in the codec.
fn status(statements: &[Statement], id: &str) -> Option<String> {
    let finding = Finding {
        component: Some(Box::new(Component {
            name: "com.example:codec".into(),
            version: Some("1.0".into()),
            purl: Some(CODEC.into()),
            ..Component::default()
        })),
        vulnerability: Some(Box::new(Vulnerability {
            id: id.into(),
            ..Vulnerability::default()
        })),
        ..Finding::default()
    };
    let mut report = Report {
        findings: vec![finding],
        ..Report::default()
    };
    suppress(&mut report, statements, &[], NOW);
    let moved = report.suppressed.first()?.suppression.as_deref()?;
    Some(format!("{} {}", moved.by, moved.status))
}

fn openvex(version: &str, statement: &str) -> String {
    format!(
        r#"{{"@context": "https://openvex.dev/ns{version}", "@id": "d", "author": "a",
            "timestamp": "2026-01-01T00:00:00Z", "statements": [{statement}]}}"#
    )
}

#[test]
fn openvex_of_all_versions() {
    let old = openvex(
        "",
        &format!(
            r#"{{"vulnerability": "CVE-2026-0001", "products": ["{CODEC}"], "status": "fixed"}}"#
        ),
    );
    assert_eq!(
        status(&statements(&old), "CVE-2026-0001").as_deref(),
        Some("openvex fixed")
    );
    let parts = openvex(
        "/v0.0.1",
        &format!(
            r#"{{"vulnerability": "CVE-2026-0001", "products": ["pkg:oci/shop"],
                "subcomponents": ["{CODEC}"], "status": "not_affected"}}"#
        ),
    );
    assert_eq!(
        status(&statements(&parts), "CVE-2026-0001").as_deref(),
        Some("openvex not_affected")
    );
    let new = openvex(
        "/v0.2.0",
        &format!(
            r#"{{"vulnerability": {{"@id": "https://nvd.nist.gov/vuln/detail/CVE-2026-0001",
                    "name": "GHSA-aaaa-bbbb-cccc", "aliases": ["OTHER-1"]}},
                "products": [{{"@id": "https://example.com/shop",
                    "identifiers": {{"purl": "{CODEC}", "cpe23": "cpe:2.3:a:x"}},
                    "hashes": {{"sha-256": "ab"}}}}],
                "status": "not_affected", "justification": "component_not_present"}}"#
        ),
    );
    for id in ["CVE-2026-0001", "GHSA-aaaa-bbbb-cccc", "OTHER-1"] {
        assert_eq!(
            status(&statements(&new), id).as_deref(),
            Some("openvex not_affected"),
            "{id}"
        );
    }
    let products = &statements(&new)[0].products;
    assert!(products.contains(&Text::from("sha256:ab")), "{products:?}");
    let attested = format!(
        r#"{{"_type": "https://in-toto.io/Statement/v0.1", "subject": [],
            "predicateType": "https://openvex.dev/ns/v0.2.0", "predicate": {new}}}"#
    );
    assert_eq!(statements(&attested), statements(&new));
}

#[test]
fn openvex_that_breaks_the_schema() {
    let rest = r#"{"vulnerability": {"name": "CVE-2026-0002"}, "status": "affected",
        "products": [{"@id": "pkg:npm/a@1"}, {"identifiers": {"purl": "pkg:npm/b@1"}}, {}]},
        {"vulnerability": {"name": "CVE-2026-0003"}, "products": [{"@id": "x"}]},
        {"status": "fixed", "products": null}, "text",
        {"vulnerability": "CVE-2026-0004", "status": "disputed", "products": "pkg:npm/c"}"#;
    let read = read(&openvex("/v0.2.0", rest)).expect("what can be read");
    assert_eq!((read.findings.len(), read.suppressed.len()), (3, 0));
    assert_eq!(read.n_rejected, 4);
    assert_eq!(
        read.statements.last().map(|last| last.status),
        Some(VexStatus::UnderInvestigation)
    );
}

#[test]
fn csaf_of_both_shapes() {
    let document = |status: &str, version: &str| {
        format!(
            r#"{{"document": {{"category": "csaf_vex", "csaf_version": "{version}", "title": "t",
                "tracking": {{"id": "X-1", "current_release_date": "2026-01-01T00:00:00Z"}}}},
            "product_tree": {{
                "branches": [{{"category": "vendor", "name": "v", "branches": [
                    {{"category": "product_version", "name": "1.0", "product": {{
                        "product_id": "C", "name": "codec 1.0",
                        "product_identification_helper": {{"purl": "{CODEC}"}}}}}}]}}],
                "full_product_names": [{{"product_id": "S", "name": "Shop 1"}}],
                "relationships": [{{"category": "default_component_of",
                    "product_reference": "C", "relates_to_product_reference": "S",
                    "full_product_name": {{"product_id": "SC", "name": "codec in Shop"}}}}]}},
            "vulnerabilities": [{{"cve": "CVE-2026-0001", "ids": [{{"text": "BUG-1"}}],
                "product_status": {{{status}}}}}]}}"#
        )
    };
    for (list, expected) in [
        (r#""known_not_affected": ["SC"]"#, Some("csaf not_affected")),
        (r#""known_not_affected": ["C"]"#, Some("csaf not_affected")),
        (r#""fixed": ["C"]"#, Some("csaf fixed")),
        (r#""first_fixed": ["SC"]"#, Some("csaf fixed")),
        (r#""known_affected": ["C"], "fixed": ["C"]"#, None),
        (r#""under_investigation": ["C"]"#, None),
        (r#""known_not_affected": ["S"]"#, None),
    ] {
        for (version, id) in [("2.0", "CVE-2026-0001"), ("2.1", "bug-1")] {
            let said = statements(&document(list, version));
            assert_eq!(status(&said, id).as_deref(), expected, "{list} {version}");
        }
    }
    let error = read(&document("", "1.2")).expect_err("another schema");
    assert!(error.to_string().contains("CSAF 1.2"), "{error}");
}

#[test]
fn cyclonedx_in_and_beside_its_bill() {
    let document = |state: &str, reference: &str, rest: &str| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5", {rest}
            "vulnerabilities": [{{"id": "GHSA-aaaa-bbbb-cccc",
                "references": [{{"id": "CVE-2026-0001"}}],
                "analysis": {{"state": "{state}"}}, "affects": [{{"ref": "{reference}"}}]}}]}}"#
        )
    };
    let own = format!(
        r#""metadata": {{"component": {{"bom-ref": "app", "type": "application",
            "name": "shop", "version": "1"}}}},
        "components": [{{"bom-ref": "c", "name": "codec", "group": "com.example",
            "version": "1.0", "purl": "{CODEC}"}}],"#
    );
    let link = format!("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#{CODEC}");
    for (state, expected) in [
        ("not_affected", Some("cyclonedx not_affected")),
        ("false_positive", Some("cyclonedx not_affected")),
        ("resolved", Some("cyclonedx fixed")),
        ("in_triage", None),
        ("exploitable", None),
    ] {
        for (reference, rest) in [("c", own.as_str()), (&link, ""), (CODEC, "")] {
            let text = document(state, reference, rest);
            let said = statements(&text);
            assert_eq!(said.len(), 1, "{text}");
            let status = status(&said, "CVE-2026-0001");
            assert_eq!(status.as_deref(), expected, "{state} {reference}");
            let own = read(&text).expect("a document");
            assert_eq!(own.suppressed.len(), usize::from(expected.is_some()));
        }
    }
}

#[test]
fn cyclonedx_says_what_it_is_about() {
    let text = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {{"component": {{"type": "container", "name": "debian:12",
            "purl": "pkg:oci/debian@sha256%3Aab"}}}},
        "vulnerabilities": [
            {{"id": "CVE-2026-0001", "affects": [{{"ref": "{CODEC}",
                "versions": [{{"version": "1.0", "status": "unaffected"}}]}}]}},
            {{"id": "CVE-2026-0002", "ratings": [{{"method": "CVSSv3",
                "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}},
            {{"description": "no id"}}, {{}}]}}"#
    );
    let read = read(&text).expect("a document");
    assert_eq!(read.target.as_deref(), Some("debian:12@sha256:ab"));
    assert_eq!((read.findings.len(), read.suppressed.len()), (2, 1));
    assert_eq!((read.n_rejected, read.statements.len()), (1, 1));
    let second = &read.findings[0];
    assert_eq!(second.severity, Severity::Critical);
    assert_eq!(second.location.host.as_deref(), Some("debian:12"));
    let component = second.component.as_deref().expect("the main component");
    assert_eq!(&*component.name, "debian:12");
}

#[test]
fn spdx_3_is_refused_by_name() {
    let text = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}"#;
    let error = read(text).expect_err("another format").to_string();
    assert!(error.contains("SPDX 3"), "{error}");
}

#[test]
fn fields_of_other_types_are_no_end() {
    // Every member of the made-up samples, replaced by values of other types.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kinds");
    let mut refused = String::new();
    for kind in ["cyclonedx", "openvex", "csaf", "spdx", "github-snapshot"] {
        let text = std::fs::read_to_string(folder.join(format!("{kind}.sample.json")));
        let whole: serde_json::Value =
            serde_json::from_str(&text.expect("a sample")).expect("JSON");
        let mut places = Vec::new();
        pointers(&whole, String::new(), &mut places);
        for place in places {
            for other in [
                "null",
                "7",
                "\"x\"",
                "[]",
                "{}",
                "[null, 1, {\"a\": []}]",
                "true",
            ] {
                let mut changed = whole.clone();
                if let Some(value) = changed.pointer_mut(&place) {
                    *value = serde_json::from_str(other).expect("JSON");
                }
                if let Err(error) = read(&changed.to_string()) {
                    writeln!(refused, "{kind} {place} {other}: {error}").expect("text");
                }
            }
        }
    }
    // What tells the kind may keep a document from being read, and a document whose every record is
    // none is refused with the first one's place.
    let known = [
        "no known kind",
        "SPDX 3",
        "CSAF ",
        "a vulnerability without",
        "a statement without",
        "it is no package",
    ];
    let lines = refused.lines();
    let lines: Vec<&str> = lines
        .filter(|line| !known.iter().any(|part| line.contains(part)))
        .collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

fn pointers(value: &serde_json::Value, at: String, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (name, inner) in map {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(inner, format!("{at}/{name}"), out);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, format!("{at}/{index}"), out);
            }
        }
        _ => {}
    }
    out.push(at);
}
