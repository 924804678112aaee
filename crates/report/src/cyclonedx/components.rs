//! The components: those that findings name, the installed packages, and for a vulnerability
//! without a component the host, file or subject that it was found on.

use super::{property, version};
use crate::facts::{self, line};
use crate::object::Object;
use casemate_base::hash;
use casemate_schema::{Finding, InstalledPackage, PackageManager, Report};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The components of a report by their reference, each once.
#[derive(Debug)]
pub(super) struct Components<'a>(BTreeMap<String, Entry<'a>>);

#[derive(Clone, Debug)]
enum Entry<'a> {
    /// As a finding names it.
    Component(&'a casemate_schema::Component),
    /// As the host's package manager names it.
    Package(&'a InstalledPackage),
    /// What else a vulnerability was found on: type and name.
    Place(&'static str, &'a str),
}

impl<'a> Components<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut entries = BTreeMap::new();
        for package in &report.packages {
            entries.insert(package_url(report, package), Entry::Package(package));
        }
        for finding in report.findings.iter().chain(&report.suppressed) {
            if finding.component.is_none() && finding.vulnerability.is_none() {
                continue;
            }
            let (reference, entry) = affected(report, finding);
            entries.entry(reference).or_insert(entry);
        }
        Self(entries)
    }

    /// The reference of what a finding affects; it stands among the components.
    pub(super) fn reference(report: &Report, finding: &Finding) -> String {
        affected(report, finding).0
    }

    pub(super) fn to_json(&self) -> impl Iterator<Item = Value> + '_ {
        self.0.iter().map(|(reference, entry)| match entry {
            Entry::Component(component) => of_finding(reference, component),
            Entry::Package(package) => of_host(reference, package),
            Entry::Place(kind, name) => Object::new()
                .put("bom-ref", reference.as_str())
                .put("type", *kind)
                .put("name", line(name))
                .build(),
        })
    }
}

/// The scanned host, as what the document is about.
pub(super) fn host(report: &Report) -> Option<Value> {
    let name = report
        .host
        .name
        .as_deref()
        .filter(|name| !name.is_empty())?;
    Some(
        Object::new()
            .put("bom-ref", digest_reference("scanned-host", &[name]))
            .put("type", "device")
            .put("name", line(name))
            .build(),
    )
}

/// What a finding affects, with its reference: the package URL where there is one, else a digest
/// of what tells it from others.
fn affected<'a>(report: &'a Report, finding: &'a Finding) -> (String, Entry<'a>) {
    let location = &finding.location;
    if let Some(component) = finding.component.as_deref() {
        let reference = match component.purl.as_deref().filter(|purl| is_purl(purl)) {
            Some(purl) => purl.to_owned(),
            None => {
                let kind = component.kind.as_deref().unwrap_or_default();
                let version = component.version.as_deref().unwrap_or_default();
                digest_reference("component", &[kind, &component.name, version])
            }
        };
        return (reference, Entry::Component(component));
    }
    let host = location.host.as_deref().filter(|host| !host.is_empty());
    let (kind, name) = match (&location.path, host) {
        (Some(path), _) => ("file", path.as_str()),
        (None, Some(host)) => ("device", host),
        (None, None) => match (&location.subject, facts::host(report, finding)) {
            (_, Some(host)) => ("device", host),
            (Some(subject), None) => ("application", subject.as_str()),
            (None, None) => ("application", "unknown"),
        },
    };
    (digest_reference(kind, &[name]), Entry::Place(kind, name))
}

fn of_finding(reference: &str, component: &casemate_schema::Component) -> Value {
    let kind = match component.kind.as_deref() {
        Some("docker" | "oci") => "container",
        Some("generic") => "application",
        _ => "library",
    };
    let purl = component.purl.as_deref();
    let mut properties = Vec::new();
    if let Some(kind) = component.kind.as_deref() {
        properties.push(property("casemate:package_type", line(kind)));
    }
    if let Some(purl) = purl.filter(|purl| !is_purl(purl)) {
        properties.push(property("casemate:purl_as_given", line(purl)));
    }
    Object::new()
        .put("bom-ref", reference)
        .put("type", kind)
        .put("name", line(&component.name))
        .some("version", component.version.as_deref().and_then(version))
        .some("purl", purl.filter(|purl| is_purl(purl)))
        .list("properties", properties)
        .build()
}

fn of_host(reference: &str, package: &InstalledPackage) -> Value {
    let properties = vec![
        property("casemate:source_name", line(&package.source_name)),
        property("casemate:source_version", line(&package.source_version)),
    ];
    Object::new()
        .put("bom-ref", reference)
        .put("type", "library")
        .put("name", line(&package.name))
        .some("version", version(&package.version))
        .put("purl", reference)
        .list("properties", properties)
        .build()
}

/// `pkg:deb/debian/libc6@2.36-9?arch=amd64`, as the purl specification writes it.
fn package_url(report: &Report, package: &InstalledPackage) -> String {
    let kind = match package.manager {
        PackageManager::Apk => "apk",
        PackageManager::Dpkg => "deb",
        PackageManager::Rpm => "rpm",
    };
    let system = report.host.os.as_ref();
    let distribution = system.map_or("unknown", |system| system.id.as_str());
    let mut url = format!(
        "pkg:{kind}/{}/{}@{}",
        encode(&distribution.to_lowercase()),
        encode(&package.name),
        encode(&package.version)
    );
    if !package.arch.is_empty() {
        // Writing to a string cannot fail.
        write!(url, "?arch={}", encode(&package.arch)).ok();
    }
    url
}

/// Percent-encoded but for what the purl specification leaves as it is.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(out, "%{byte:02X}").ok();
        }
    }
    out
}

/// Whether a text has the form of a package URL: `pkg:type/name`, printable ASCII.
fn is_purl(text: &str) -> bool {
    let parts = text
        .strip_prefix("pkg:")
        .and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(kind, name)| {
        !kind.is_empty()
            && kind
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".+-".contains(&b))
            && !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
    })
}

fn digest_reference(kind: &str, parts: &[&str]) -> String {
    let mut message = Vec::new();
    for part in parts {
        message.extend_from_slice(&(part.len() as u64).to_le_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    let hex: String = hash::blake3(&message).to_hex().chars().take(16).collect();
    format!("{kind}:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_are_told_from_other_text() {
        assert!(is_purl("pkg:npm/%40scope/name@1.0.0?x=y#z"));
        for bad in [
            "npm/name",
            "pkg:npm",
            "pkg:/x",
            "pkg:npm/",
            "pkg:npm/a b",
            "",
        ] {
            assert!(!is_purl(bad), "{bad}");
        }
        assert_eq!(encode("libstdc++6@1:2~3"), "libstdc%2B%2B6%401:2~3");
    }
}
