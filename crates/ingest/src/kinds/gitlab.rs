//! GitLab's security reports, of every type and of old and new versions of the schema.

use super::trivy::naming;
use crate::collector::Collector;
use crate::cvss;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::field::{list, text};
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::{ItemPath, Scope, text_of};
use casemate_schema::{Component, Status, Text};
use serde_json::Value;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    // Before version 2 the records were the document.
    let path = if input.head().trim_start().starts_with('[') {
        "[]"
    } else {
        "vulnerabilities[]"
    };
    let path = ItemPath::parse(path).map_err(|reason| ImportError::damaged("the path", reason))?;
    let around = items::around(input, Family::Json, &path)?;
    about(&around, out);
    let status = text(&around, "scan.status");
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        if out.n_findings() == 0 {
            out.tool(known_name(&text(scope.item, "scanner.name")));
            let image = text(scope.item, "location.image");
            out.target(if image == "Unknown" { "" } else { &image });
        }
        match draft(scope) {
            Some(draft) => {
                if draft.category != "vulnerability" {
                    out.check(&draft.check, &draft.category, Status::Hit, None);
                }
                out.finding(draft);
            }
            None => out.reject(scope.place, "it has neither a name nor an identifier"),
        }
        Ok(())
    })?;
    if status == "failure" {
        let reason = messages(&around);
        if out.n_findings() == 0 {
            return Err(ImportError::ToolFailed { reason });
        }
        out.note(format!("the scan failed in part: {reason}"));
    }
    Ok(())
}

/// A tool's name as its own formats write it.
fn known_name(name: &str) -> &str {
    let known = [
        "Trivy", "Grype", "Semgrep", "Gitleaks", "KICS", "Checkov", "Bandit",
    ];
    known
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .unwrap_or(name)
}

fn about(root: &Value, out: &mut Collector) {
    let names = ["scan.scanner.name", "scan.analyzer.name"];
    let name = names
        .iter()
        .map(|path| text(root, path))
        .find(|name| !name.is_empty());
    out.tool(known_name(&name.unwrap_or_default()));
    out.tool_version(&text(root, "scan.scanner.version"));
    out.scanned_at(&text(root, "scan.start_time"));
    let image = root
        .pointer("/vulnerabilities/0/location/image")
        .and_then(text_of);
    out.target(
        image
            .filter(|image| image != "Unknown")
            .as_deref()
            .unwrap_or_default(),
    );
    let Some(scan) = root.get("scan") else { return };
    let kind = text(scan, "type");
    for rule in list(scan, "primary_identifiers") {
        out.check(
            &text(rule, "value"),
            category(&kind, &Value::Null),
            Status::Passed,
            None,
        );
    }
}

/// What the scanner says of its run.
fn messages(root: &Value) -> String {
    let empty = Value::Null;
    let scan = root.get("scan").unwrap_or(&empty);
    let all: Vec<String> = list(scan, "messages")
        .iter()
        .map(|it| text(it, "value"))
        .collect();
    if all.is_empty() {
        "the scan's status is `failure`".to_owned()
    } else {
        all.join("; ")
    }
}

fn category(kind: &str, location: &Value) -> &'static str {
    match kind {
        "sast" | "coverage_fuzzing" => "code",
        "secret_detection" | "secret_push_protection" => "secret",
        "dast" | "api_fuzzing" | "api_security" => "web",
        "container_scanning" | "dependency_scanning" | "cluster_image_scanning" => "vulnerability",
        "license_scanning" => "license",
        _ if location.get("dependency").is_some() => "vulnerability",
        _ if location.get("hostname").is_some() => "web",
        _ => "code",
    }
}

fn draft(scope: &Scope<'_>) -> Option<Draft> {
    let item = scope.item;
    let location = item.get("location").unwrap_or(&Value::Null);
    let kinds = [text(scope.root, "scan.type"), text(item, "category")];
    let kind = kinds.iter().find(|kind| !kind.is_empty());
    let mut draft = Draft {
        own_id: text(item, "id"),
        severity_word: text(item, "severity"),
        category: category(kind.map_or("", String::as_str), location).to_owned(),
        description: text(item, "description"),
        remediation: solution(item),
        first_seen: text(item, "discovered_at"),
        ..Draft::default()
    };
    identify(item, &mut draft);
    place(location, &mut draft);
    component(item, location, &mut draft);
    if draft.remediation.is_empty() {
        draft.remediation = remediation(scope.root, &draft.own_id);
    }
    let names = ["name", "message"].map(|path| text(item, path));
    let name = names
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default();
    if name.is_empty() && draft.check.is_empty() && draft.description.is_empty() {
        return None;
    }
    draft.title = title(&name, &draft);
    draft.references = list(item, "links")
        .iter()
        .map(|link| text(link, "url"))
        .collect();
    let urls = list(item, "identifiers")
        .iter()
        .map(|identifier| text(identifier, "url"));
    draft.references.extend(urls);
    observe(item, &mut draft);
    Some(draft)
}

/// The rule, and the identifiers in their catalogues.
fn identify(item: &Value, draft: &mut Draft) {
    let mut first = String::new();
    for identifier in list(item, "identifiers") {
        let kind = text(identifier, "type").to_lowercase();
        let values = [text(identifier, "value"), text(identifier, "name")];
        let value = values
            .into_iter()
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        match kind.as_str() {
            "cwe" => draft.cwes.push(value),
            "owasp" | "wasc" | "capec" => draft.see(&kind, value),
            "cve" | "ghsa" | "osv" | "rustsec" | "pysec" | "go" => draft.ids.push(value),
            _ if is_cve(&value) || value.starts_with("GHSA-") => draft.ids.push(value),
            _ if first.is_empty() => first = value,
            // A scanner's rule may have names in several catalogues.
            kind => draft.see(kind, value),
        }
    }
    let old = text(item, "cve");
    if draft.ids.is_empty() && is_cve(&old) {
        draft.ids.push(old);
    }
    draft.check = if draft.category == "vulnerability" {
        draft.ids.first().cloned().unwrap_or(first)
    } else {
        first
    };
    if draft.check.is_empty() {
        let cwe = draft
            .cwes
            .first()
            .map(|cwe| format!("CWE-{}", cwe.trim_start_matches("CWE-")));
        let name = [text(item, "name"), text(item, "message")];
        let name = name.into_iter().find(|name| !name.is_empty());
        draft.check = draft
            .ids
            .first()
            .cloned()
            .or(cwe)
            .or(name)
            .unwrap_or_default();
    }
}

fn place(location: &Value, draft: &mut Draft) {
    draft.path = text(location, "file");
    draft.line = text(location, "start_line")
        .parse()
        .ok()
        .filter(|line| *line > 0);
    if let Some(resource) = location.get("kubernetes_resource") {
        let parts = ["namespace", "kind", "name", "container_name"];
        let parts: Vec<String> = parts.iter().map(|path| text(resource, path)).collect();
        draft.subject = parts.join("/");
    }
    let host = text(location, "hostname");
    if !host.is_empty() {
        let bare = host
            .split_once("://")
            .map_or(host.as_str(), |(_, rest)| rest);
        bare.split(['/', ':'])
            .next()
            .unwrap_or(bare)
            .clone_into(&mut draft.host);
        // The path of an address is no file.
        let parts = [
            text(location, "method"),
            format!("{host}{}", text(location, "path")),
            text(location, "param"),
        ];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|it| !it.is_empty())
            .collect();
        draft.subject = parts.join(" ");
    }
    let class = text(location, "class");
    let method = text(location, "method");
    if host.is_empty() && !(class.is_empty() && method.is_empty()) {
        draft.see("in", format!("{class} {method}").trim());
    }
    draft.see("image", text(location, "image"));
    draft.see("operating system", text(location, "operating_system"));
    draft.see("commit", text(location, "commit.sha"));
    draft.see("crash", text(location, "crash_type"));
    draft.see("stack trace", text(location, "stacktrace_snippet"));
}

fn component(item: &Value, location: &Value, draft: &mut Draft) {
    let name = text(location, "dependency.package.name");
    if name.is_empty() {
        return;
    }
    let system = text(location, "operating_system");
    let family = system.split([' ', ':']).next().unwrap_or_default();
    let fixed = solution(item);
    let fixed = fixed.strip_prefix(&format!("Upgrade {name} to "));
    draft.component = Some(Component {
        name: Text::from(name.as_str()),
        version: Some(Text::from(text(location, "dependency.version"))),
        kind: Some(Text::from(naming::package_type(family))),
        fixed_version: fixed.map(Text::from),
        ..Component::default()
    });
}

fn title(name: &str, draft: &Draft) -> String {
    if let Some(component) = &draft.component {
        let version = component.version.as_deref().unwrap_or_default();
        return naming::title(&draft.check, &component.name, version, name);
    }
    let name = match name {
        "" => draft.description.lines().next().unwrap_or(&draft.check),
        name => name,
    };
    let places = [&draft.path, &draft.subject];
    match places.into_iter().find(|place| !place.is_empty()) {
        Some(place) if !name.contains(place.as_str()) => format!("{name} in {place}"),
        _ => name.to_owned(),
    }
}

/// What to do, without the words that Trivy writes for nothing.
fn solution(item: &Value) -> String {
    let text = text(item, "solution");
    if text == "No solution provided" {
        String::new()
    } else {
        text
    }
}

/// A fix that stands apart from the vulnerabilities.
fn remediation(root: &Value, id: &str) -> String {
    let fits = |fix: &&Value| {
        list(fix, "fixes")
            .iter()
            .any(|it| text(it, "id") == id && !id.is_empty())
    };
    let found = list(root, "remediations").iter().find(fits);
    found.map(|fix| text(fix, "summary")).unwrap_or_default()
}

fn observe(item: &Value, draft: &mut Draft) {
    for vector in list(item, "cvss_vectors") {
        let written = text(vector, "vector");
        let vendor = text(vector, "vendor");
        draft
            .cvss
            .extend(cvss::scored("2.0", &written, None, &vendor));
    }
    draft.see("confidence", text(item, "confidence"));
    draft.see("code", text(item, "raw_source_code_extract"));
    draft.see("evidence", text(item, "evidence.summary"));
    let request = ["evidence.request.method", "evidence.request.url"];
    draft.see("request", request.map(|path| text(item, path)).join(" "));
    draft.see("response", text(item, "evidence.response.status_code"));
    for flag in list(item, "flags") {
        let text = format!("{}: {}", text(flag, "type"), text(flag, "description"));
        draft.see("flag", text);
    }
}
