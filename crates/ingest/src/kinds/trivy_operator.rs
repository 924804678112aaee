//! Trivy Operator's reports: Kubernetes resources, one, a list of them, or a dump of a cluster by
//! their types.
//!
//! The subject of a finding is the Kubernetes resource and the container. Reports with failed
//! checks alone are its default; a check that passed is no finding.

use super::trivy::naming;
use crate::collector::Collector;
use crate::cvss;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, list, text};
use crate::input::Input;
use crate::items::{self, Family};
use crate::json;
use crate::path::{ItemPath, text_of};
use casemate_schema::{Component, Cvss, Status, Text};
use serde_json::Value;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let outline = json::outline(input.head());
    let path = match &outline {
        Value::Array(all) if all.first().is_some_and(Value::is_array) => "[][]",
        Value::Array(_) => "[]",
        one if one.get("items").is_some() => "items[]",
        one if one.get("kind").is_some() || one.get("metadata").is_some() => "",
        _ => "{}[]",
    };
    let path = ItemPath::parse(path).map_err(|reason| ImportError::damaged("the path", reason))?;
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        let item = scope.item;
        // A list that `kubectl` wrote inside of a list.
        let inner = item.get("items").and_then(Value::as_array);
        match inner {
            Some(inner) => inner.iter().for_each(|one| take(one, out)),
            None if item.get("metadata").is_some() => take(item, out),
            None => out.reject(scope.place, "it is no Kubernetes resource"),
        }
        Ok(())
    })
}

/// What a resource says of all of its records.
struct About {
    subject: String,
    image: String,
    /// Family of the operating system of the image.
    family: String,
}

fn take(item: &Value, out: &mut Collector) {
    let about = about(item);
    if let Some(report) = item.get("report") {
        out.tool_version(&text(report, "scanner.version"));
        out.scanned_at(&text(report, "updateTimestamp"));
        out.target(if about.image.is_empty() {
            &about.subject
        } else {
            &about.image
        });
        for record in list(report, "vulnerabilities") {
            out.finding(vulnerability(record, &about));
        }
        for record in list(report, "checks") {
            take_check(record, &about, out);
        }
        for record in list(report, "secrets") {
            out.finding(secret(record, &about));
        }
    }
    if let Some(status) = item.get("status") {
        out.scanned_at(&text(status, "updateTimestamp"));
        compliance(item, status, out);
    }
}

fn about(item: &Value) -> About {
    let labels = at(item, "metadata.labels");
    let annotations = at(item, "metadata.annotations");
    let label = |name: &str| {
        let name = format!("trivy-operator.{name}");
        let found = labels.get(&name).or_else(|| annotations.get(&name));
        found.and_then(text_of).unwrap_or_default()
    };
    let parts = [
        "resource.namespace",
        "resource.kind",
        "resource.name",
        "container.name",
    ];
    let mut parts: Vec<String> = parts.iter().map(|name| label(name)).collect();
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        parts = vec![
            text(item, "metadata.namespace"),
            text(item, "metadata.name"),
        ];
        parts.retain(|part| !part.is_empty());
    }
    let report = item.get("report").unwrap_or(&Value::Null);
    let names = [
        text(report, "registry.server"),
        text(report, "artifact.repository"),
    ];
    let mut image = names.join("/").trim_matches('/').to_owned();
    let tag = text(report, "artifact.tag");
    let digest = text(report, "artifact.digest");
    match (tag.is_empty(), digest.is_empty()) {
        (false, _) => image = format!("{image}:{tag}"),
        (true, false) => image = format!("{image}@{digest}"),
        (true, true) => {}
    }
    About {
        subject: parts.join("/"),
        image,
        family: text(report, "os.family"),
    }
}

fn vulnerability(record: &Value, about: &About) -> Draft {
    let id = text(record, "vulnerabilityID");
    let name = text(record, "resource");
    let version = text(record, "installedVersion");
    let fixed = text(record, "fixedVersion");
    let kind = text(record, "packageType");
    let purl = text(record, "packagePURL");
    let class = text(record, "class");
    let target = text(record, "target");
    let own_path = text(record, "packagePath");
    let named = purl
        .strip_prefix("pkg:")
        .and_then(|rest| rest.split('/').next());
    let of_system = if class == "os-pkgs" {
        about.family.as_str()
    } else {
        ""
    };
    let kind = if kind.is_empty() { of_system } else { &kind };
    let mut draft = Draft {
        check: id.clone(),
        title: naming::title(&id, &name, &version, &text(record, "title")),
        category: "vulnerability".to_owned(),
        severity_word: text(record, "severity"),
        description: text(record, "description"),
        path: naming::package_path(&class, kind, &target, &own_path).to_owned(),
        subject: about.subject.clone(),
        component: Some(Component {
            name: Text::from(name.as_str()),
            version: Some(Text::from(version)),
            kind: Some(Text::from(
                named.unwrap_or_else(|| naming::package_type(kind)),
            )),
            fixed_version: Some(Text::from(fixed.as_str())),
            purl: Some(Text::from(purl.as_str())),
        }),
        ids: vec![id],
        published: text(record, "publishedDate"),
        ..Draft::default()
    };
    if !fixed.is_empty() {
        draft.remediation = format!("Upgrade {name} to {fixed}.");
    }
    draft.references.push(text(record, "primaryLink"));
    draft
        .references
        .extend(list(record, "links").iter().filter_map(text_of));
    draft.cvss = cvss(record);
    draft.see("image", about.image.as_str());
    draft.see("target", target);
    draft.see("last modified", text(record, "lastModifiedDate"));
    draft
}

fn cvss(record: &Value) -> Vec<Cvss> {
    let mut out = Vec::new();
    let sources = record.get("cvss").and_then(Value::as_object);
    for (source, scores) in sources.into_iter().flatten() {
        for (version, vector, score) in [
            ("4.0", "V40Vector", "V40Score"),
            ("", "V3Vector", "V3Score"),
            ("2.0", "V2Vector", "V2Score"),
        ] {
            let score = cvss::given(scores.get(score).and_then(Value::as_f64));
            let vector = text(scores, [vector]);
            out.extend(cvss::scored(version, &vector, score, source));
        }
    }
    if out.is_empty() {
        let score = cvss::given(record.get("score").and_then(Value::as_f64));
        out.extend(cvss::scored("", "", score, ""));
    }
    out
}

fn messages(record: &Value) -> String {
    let all: Vec<String> = list(record, "messages")
        .iter()
        .filter_map(text_of)
        .collect();
    all.join("\n")
}

fn take_check(record: &Value, about: &About, out: &mut Collector) {
    let id = text(record, "checkID");
    let surface = "kubernetes";
    if record.get("success") == Some(&Value::Bool(true)) {
        out.check(&id, surface, Status::Passed, None);
        return;
    }
    out.check(&id, surface, Status::Hit, None);
    let messages = messages(record);
    let mut draft = Draft {
        title: format!(
            "{} in {}",
            text(record, "title").trim_end_matches('.'),
            about.subject
        ),
        category: "misconfiguration".to_owned(),
        severity_word: text(record, "severity"),
        description: text(record, "description"),
        remediation: text(record, "remediation"),
        subject: about.subject.clone(),
        key: messages.clone(),
        references: vec![address(&id)],
        check: id,
        ..Draft::default()
    };
    draft.see("message", messages);
    draft.see("scope", text(record, "scope.value"));
    draft.see("group", text(record, "category"));
    out.finding(draft);
}

/// Where Aqua describes a check of Kubernetes.
fn address(id: &str) -> String {
    if id.is_empty() {
        return String::new();
    }
    format!("https://avd.aquasec.com/misconfig/{}", id.to_lowercase())
}

fn secret(record: &Value, about: &About) -> Draft {
    let target = text(record, "target");
    let place = if target.is_empty() {
        about.subject.clone()
    } else {
        target.clone()
    };
    let mut draft = Draft {
        check: text(record, "ruleID"),
        title: format!("{} in {place}", text(record, "title")),
        category: "secret".to_owned(),
        severity_word: text(record, "severity"),
        path: target,
        subject: about.subject.clone(),
        remediation: "Revoke the secret, and take it out of the image.".to_owned(),
        ..Draft::default()
    };
    draft.see("match", text(record, "match"));
    draft.see("secret type", text(record, "category"));
    draft.see("image", about.image.as_str());
    draft
}

/// A benchmark: each failed check of the detailed report, or each control of the summary.
fn compliance(item: &Value, status: &Value, out: &mut Collector) {
    let benchmark = text(item, "spec.compliance.title");
    for control in status
        .get("detailReport")
        .into_iter()
        .flat_map(|it| list(it, "results"))
    {
        for record in list(control, "checks") {
            let id = format!("{} {}", text(control, "id"), text(record, "checkID"));
            if record.get("success") != Some(&Value::Bool(false)) {
                out.check(&id, "compliance", Status::Passed, None);
                continue;
            }
            out.check(&id, "compliance", Status::Hit, None);
            out.finding(failed(control, record, &id, &benchmark));
        }
    }
    for control in status
        .get("summaryReport")
        .into_iter()
        .flat_map(|it| list(it, "controlCheck"))
    {
        let id = text(control, "id");
        match text(control, "totalFail").parse::<u64>() {
            Ok(0) => out.check(&id, "compliance", Status::Passed, None),
            Ok(n) => {
                out.check(&id, "compliance", Status::Hit, None);
                out.finding(summed(item, control, n, &benchmark));
            }
            Err(_) => {
                let reason = "it has to be checked by hand".to_owned();
                out.check(&id, "compliance", Status::NotAssessed, Some(reason));
            }
        }
    }
}

fn failed(control: &Value, record: &Value, id: &str, benchmark: &str) -> Draft {
    let words = [text(record, "severity"), text(control, "severity")];
    let target = text(record, "target");
    let messages = messages(record);
    let mut draft = Draft {
        check: id.to_owned(),
        title: format!("{} in {target}", text(record, "title")),
        category: "compliance".to_owned(),
        severity_word: words
            .into_iter()
            .find(|word| !word.is_empty())
            .unwrap_or_default(),
        description: text(record, "description"),
        remediation: text(record, "remediation"),
        subject: target,
        key: messages.clone(),
        references: vec![address(&text(record, "checkID"))],
        ..Draft::default()
    };
    draft.see("message", messages);
    draft.see("benchmark", benchmark);
    draft.see(
        "control",
        format!("{} {}", text(control, "id"), text(control, "name")),
    );
    draft.see("control description", text(control, "description"));
    draft.see("group", text(record, "category"));
    draft
}

fn summed(item: &Value, control: &Value, n: u64, benchmark: &str) -> Draft {
    let id = text(control, "id");
    let none = Value::Null;
    let spec = at(item, "spec.compliance");
    let described = list(spec, "controls")
        .iter()
        .find(|it| text(it, "id") == id)
        .unwrap_or(&none);
    let checks: Vec<String> = list(described, "checks")
        .iter()
        .map(|it| text(it, "id"))
        .collect();
    let mut draft = Draft {
        title: format!("{id} {}: {n} failed", text(control, "name")),
        category: "compliance".to_owned(),
        severity_word: text(control, "severity"),
        description: text(described, "description"),
        check: id,
        ..Draft::default()
    };
    draft.see("benchmark", benchmark);
    draft.see("failed", n.to_string());
    draft.see("checks", checks.join(", "));
    draft
}
