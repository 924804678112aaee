//! The report as a CycloneDX 1.6 bill of materials with vulnerabilities, for dependency trackers.
//!
//! Invariants:
//! - valid against the schema of CycloneDX 1.6 whatever stands in the report;
//! - one vulnerability a finding that has one, suppressed ones included, these with their analysis;
//!   each affects a component that stands in the same document;
//! - findings that are no vulnerabilities have no place in a bill of materials: their number stands
//!   in the properties of the metadata;
//! - the serial number is made from the content, so that the same report gives the same bytes.
//!
//! Source: ECMA-424 (CycloneDX 1.6); RFC 9562, section 5.8 (UUID version 8). The mapping is
//! described in `docs/formats/cyclonedx.md`.

mod analysis;
mod components;
mod vulnerabilities;

use crate::group::ranked;
use crate::object::{Object, list, raw, value};
use crate::{Error, facts};
use casemate_base::hash::{Algorithm, Hasher};
use casemate_schema::{Finding, Report};
use components::Components;
use serde_json::{Value, json};
use std::io::{self, Write};

/// The report as canonical CycloneDX JSON, without a newline at the end.
///
/// # Errors
/// [`Error::Json`] when it holds a number that JSON cannot carry.
pub fn cyclonedx(report: &Report) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_cyclonedx(report, &mut out)?;
    Ok(out)
}

/// Writes what [`cyclonedx`] returns, component by component.
///
/// # Errors
/// [`Error::Json`] as there, [`Error::Write`] when the writer fails.
pub fn write_cyclonedx(report: &Report, out: &mut dyn Write) -> Result<(), Error> {
    let components = Components::of(report);
    // Made twice instead of kept: the number depends on all that follows it.
    let mut digest = Digest(Hasher::new(Algorithm::Blake3));
    write_document(report, &components, None, &mut digest)?;
    let serial = uuid(&digest.0.finish());
    write_document(report, &components, Some(&serial), out)
}

/// The members in canonical order.
fn write_document(
    report: &Report,
    components: &Components<'_>,
    serial: Option<&str>,
    out: &mut dyn Write,
) -> Result<(), Error> {
    raw(out, br#"{"bomFormat":"CycloneDX","components":"#)?;
    list(out, components.to_json())?;
    raw(out, br#","metadata":"#)?;
    value(out, &metadata(report))?;
    if let Some(serial) = serial {
        raw(out, br#","serialNumber":"#)?;
        value(out, &json!(format!("urn:uuid:{serial}")))?;
    }
    raw(
        out,
        br#","specVersion":"1.6","version":1,"vulnerabilities":"#,
    )?;
    let findings = vulnerable(&report.findings).chain(vulnerable(&report.suppressed));
    list(
        out,
        findings.map(|finding| vulnerabilities::vulnerability(report, finding)),
    )?;
    raw(out, b"}")
}

/// The findings that a bill of materials has a place for, the worst first.
fn vulnerable(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    ranked(findings)
        .into_iter()
        .filter(|finding| finding.vulnerability.is_some())
}

fn metadata(report: &Report) -> Value {
    let others = |findings: &[Finding]| {
        let others = findings.iter().filter(|f| f.vulnerability.is_none());
        others.count().to_string()
    };
    let mut properties = vec![property(
        "casemate:findings_not_included",
        others(&report.findings),
    )];
    if !report.suppressed.is_empty() {
        let number = others(&report.suppressed);
        properties.push(property("casemate:suppressed_not_included", number));
    }
    properties.push(property("casemate:partial", report.partial.to_string()));
    for input in &report.inputs {
        let words = format!("{} {}", input.name, input.digest);
        properties.push(property("casemate:input", facts::line(&words)));
    }
    let tool = Object::new()
        .put("type", "application")
        .put("name", facts::line(&report.tool.name))
        .text("version", version(&report.tool.version).unwrap_or_default());
    Object::new()
        .some("timestamp", facts::time(&report.scan.started_at))
        .put("tools", json!({ "components": [tool.build()] }))
        .some("component", components::host(report))
        .put("properties", properties)
        .build()
}

fn property(name: &str, value: impl Into<String>) -> Value {
    json!({ "name": name, "value": value.into() })
}

/// A version as the schema takes it: not too long.
fn version(text: &str) -> Option<String> {
    const LETTERS_MAX: usize = 1024;
    let shown = facts::line(text);
    (!shown.is_empty() && shown.chars().count() <= LETTERS_MAX).then_some(shown)
}

/// A UUID of version 8: sixteen bytes of a digest, with the bits of version and variant set.
fn uuid(digest: &[u8]) -> String {
    let mut hex: Vec<char> = Vec::with_capacity(36);
    for (at, byte) in digest.iter().take(16).enumerate() {
        let byte = match at {
            6 => (byte & 0x0f) | 0x80,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            hex.push('-');
        }
        hex.extend(format!("{byte:02x}").chars());
    }
    hex.into_iter().collect()
}

/// Takes bytes for their digest alone.
#[derive(Debug)]
struct Digest(Hasher);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        assert_eq!(uuid(&[0xff; 32]), "ffffffff-ffff-8fff-bfff-ffffffffffff");
        assert_eq!(uuid(&[0; 32]), "00000000-0000-8000-8000-000000000000");
    }
}
