//! The parts of an event: what it names as vulnerable, evidence, references, techniques.

use crate::collector::Collector;
use crate::cvss;
use crate::draft::Draft;
use crate::field::{at, first, list, text, texts};
use crate::path::text_of;
use crate::severity;
use casemate_schema::{Component, Cvss, Text};
use serde_json::Value;

/// Hands over a finding for each vulnerability and package that the event names; one if none.
pub(super) fn vulnerabilities(event: &Value, draft: Draft, out: &mut Collector) {
    let all = list(event, "vulnerabilities");
    let all: Vec<&Value> = all.iter().filter(|one| one.is_object()).collect();
    if all.is_empty() {
        out.finding(draft);
        return;
    }
    for one in &all {
        let mut draft = draft.clone();
        known(one, &mut draft);
        let packages: Vec<&Value> = ["affected_packages", "packages"]
            .iter()
            .flat_map(|name| list(one, name))
            .filter(|package| package.is_object())
            .collect();
        if packages.is_empty() {
            out.finding(draft);
            continue;
        }
        for package in packages {
            let mut draft = draft.clone();
            draft.component = component(package);
            if draft.path.is_empty() {
                draft.path = text(package, "path");
            }
            if draft.remediation.is_empty() {
                draft.remediation = text(package, "remediation.desc");
            }
            out.finding(draft);
        }
    }
}

/// What is known of one vulnerability.
fn known(one: &Value, draft: &mut Draft) {
    let cve = at(one, "cve");
    draft.ids.extend(texts(cve, "uid"));
    draft.ids.extend(texts(one, "advisory.uid"));
    draft.ids.extend(texts(one, "related_vulnerabilities"));
    for path in ["cve.cwe_uid", "cve.cwe.uid", "cwe.uid"] {
        draft.cwes.extend(texts(one, path));
    }
    for cwe in list(cve, "related_cwes") {
        draft.cwes.extend(texts(cwe, "uid"));
    }
    draft
        .cvss
        .extend(list(cve, "cvss").iter().filter_map(score_of));
    draft.epss = severity::number(&text(cve, "epss.score"));
    draft.published = first(cve, ["created_time_dt", "created_time"]);
    draft.references.extend(texts(one, "references"));
    draft.references.extend(texts(cve, "references"));
    draft.references.extend(texts(one, "advisory.src_url"));
    let put = |to: &mut String, from: String| {
        if to.is_empty() {
            *to = from;
        }
    };
    put(&mut draft.title, first(one, ["title", "cve.title"]));
    put(&mut draft.description, first(one, ["desc", "cve.desc"]));
    put(&mut draft.remediation, text(one, "remediation.desc"));
    put(&mut draft.severity_word, text(one, "severity"));
    put(
        &mut draft.first_seen,
        first(one, ["first_seen_time_dt", "first_seen_time"]),
    );
    put(
        &mut draft.last_seen,
        first(one, ["last_seen_time_dt", "last_seen_time"]),
    );
    let code = at(one, "affected_code");
    put(&mut draft.path, first(code, ["file.path", "file.name"]));
    draft.line = draft.line.or_else(|| text(code, "start_line").parse().ok());
    draft.see(
        "exploit available",
        first(one, ["is_exploit_available", "exploit_type"]),
    );
}

fn score_of(from: &Value) -> Option<Cvss> {
    cvss::stated(
        &text(from, "version"),
        &text(from, "vector_string"),
        severity::number(&first(from, ["base_score", "overall_score"])),
        &text(from, "vendor_name"),
    )
}

fn component(package: &Value) -> Option<Component> {
    let some = |text: String| (!text.is_empty()).then(|| Text::from(text));
    let name = first(package, ["name", "uid", "purl"]);
    let purl = text(package, "purl");
    // The type of a package URL stands between `pkg:` and the first slash.
    let kind = purl
        .strip_prefix("pkg:")
        .and_then(|rest| rest.split_once('/'))
        .map(|(kind, _)| kind.to_owned())
        .or_else(|| kind_of_manager(&text(package, "package_manager")).map(str::to_owned));
    let version = text(package, "version");
    let release = text(package, "release");
    let version = match (version.is_empty(), release.is_empty()) {
        (false, false) if !version.ends_with(&release) => format!("{version}-{release}"),
        _ => version,
    };
    (!name.is_empty()).then(|| Component {
        name: name.into(),
        version: some(version),
        purl: some(purl),
        kind: kind.map(Text::from),
        fixed_version: some(text(package, "fixed_in_version")),
    })
}

/// The type of a package by its manager's name, in the words of the purl specification.
pub(in crate::kinds) fn kind_of_manager(manager: &str) -> Option<&'static str> {
    Some(match manager.trim().to_lowercase().as_str() {
        "npm" | "yarn" | "pnpm" | "nodejs" | "nodepkg" => "npm",
        "pip" | "pypi" | "pipenv" | "poetry" | "python" | "pythonpkg" => "pypi",
        "maven" | "jar" | "java" | "gradle" | "pom" => "maven",
        "go" | "gomod" | "gobinary" | "golang" => "golang",
        "cargo" | "rust" | "rustbinary" => "cargo",
        "gem" | "bundler" | "gemspec" | "rubygems" => "gem",
        "composer" | "php" => "composer",
        "nuget" | "dotnet-core" | "dotnet" => "nuget",
        "deb" | "dpkg" | "apt" => "deb",
        "rpm" | "yum" | "dnf" => "rpm",
        "apk" | "alpine" => "apk",
        _ => return None,
    })
}

/// Techniques of ATT&CK; a sub-technique says more than its technique.
pub(super) fn techniques(event: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for path in ["finding_info.attacks", "attacks"] {
        for attack in list(event, path) {
            let sub = text(attack, "sub_technique.uid");
            if sub.is_empty() {
                out.extend(texts(attack, "technique.uid"));
            } else {
                out.push(sub);
            }
        }
    }
    out.extend(texts(event, "unmapped.compliance.MITRE-ATTACK"));
    out
}

/// Addresses that the event names.
pub(super) fn references(event: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for path in [
        "remediation.references",
        "remediation.kb_articles",
        "finding_info.src_url",
        "finding.src_url",
        "src_url",
        "unmapped.related_url",
        "unmapped.additional_urls",
    ] {
        out.extend(texts(event, path));
    }
    for article in list(event, "remediation.kb_article_list") {
        out.extend(texts(article, "src_url"));
    }
    let is_address = |text: &String| text.contains("://");
    out.retain(is_address);
    out
}

/// What was seen, and where.
pub(super) fn observations(event: &Value, resource: &Value, draft: &mut Draft) {
    for (name, value) in [
        (
            "status detail",
            first(event, ["status_detail", "compliance.status_detail"]),
        ),
        ("status", first(event, ["compliance.status", "status_code"])),
        ("resource name", text(resource, "name")),
        ("resource type", text(resource, "type")),
        ("service", text(resource, "group.name")),
        (
            "region",
            first(event, ["resources.region", "cloud.region", "device.region"]),
        ),
        ("namespace", text(resource, "namespace")),
        ("cloud", text(event, "cloud.provider")),
        ("account", text(event, "cloud.account.name")),
        ("requirements", text(event, "compliance.requirements")),
        ("standards", text(event, "compliance.standards")),
        ("control", text(event, "compliance.control")),
        ("compliance", catalogues(at(event, "unmapped.compliance"))),
        ("notes", text(event, "unmapped.notes")),
        ("confidence", text(event, "confidence")),
    ] {
        if value != draft.title && value != draft.check {
            draft.see(name, value);
        }
    }
    for other in list(event, "resources").iter().skip(1) {
        draft.see("resource", first(other, ["uid", "name"]));
    }
    for one in list(event, "evidences") {
        evidence(one, draft);
    }
    for one in list(event, "observables") {
        let name = first(one, ["name", "type"]);
        draft.see(&name, text(one, "value"));
    }
}

/// `CIS-2.0: 1.12 | SOC2: cc_6_7` of an object of lists.
fn catalogues(of: &Value) -> String {
    let Value::Object(map) = of else {
        return String::new();
    };
    let one = |(name, value): (&String, &Value)| {
        let numbers = text_of(value)?;
        Some(format!("{name}: {numbers}"))
    };
    map.iter().filter_map(one).collect::<Vec<_>>().join(" | ")
}

/// One piece of evidence: named data, or what was involved.
fn evidence(one: &Value, draft: &mut Draft) {
    let name = first(one, ["name", "uid"]);
    let name = if name.is_empty() {
        "evidence".to_owned()
    } else {
        name
    };
    match at(one, "data") {
        Value::Object(map) => {
            let label = map.get("name").and_then(text_of);
            let value = map.get("value").and_then(text_of);
            if let (Some(label), Some(value)) = (&label, &value) {
                draft.see(label, value.as_str());
            } else {
                for (key, value) in map {
                    let value = text_of(value).unwrap_or_else(|| match value {
                        Value::Null => String::new(),
                        other => other.to_string(),
                    });
                    draft.see(key, value);
                }
            }
            if draft.path.is_empty() {
                draft.path = map.get("path").and_then(text_of).unwrap_or_default();
            }
        }
        other => draft.see(&name, text_of(other).unwrap_or_default()),
    }
    let file = first(one, ["file.path", "file.name"]);
    if draft.path.is_empty() {
        draft.path.clone_from(&file);
    }
    for (label, value) in [
        ("file", file),
        ("process", first(one, ["process.cmd_line", "process.name"])),
        (
            "user",
            first(one, ["user.name", "actor.user.name", "user.uid"]),
        ),
        ("url", text(one, "url.url_string")),
        ("query", text(one, "query.hostname")),
        ("operation", text(one, "api.operation")),
        ("source", endpoint(at(one, "src_endpoint"))),
        ("destination", endpoint(at(one, "dst_endpoint"))),
    ] {
        draft.see(label, value);
    }
}

fn endpoint(of: &Value) -> String {
    let host = first(of, ["ip", "hostname", "domain", "uid"]);
    let port = text(of, "port");
    match (host.is_empty(), port.is_empty()) {
        (false, false) => format!("{host}:{port}"),
        _ => host,
    }
}
