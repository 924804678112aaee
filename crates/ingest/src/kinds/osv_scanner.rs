//! OSV-Scanner, JSON.

use super::netscan::{cvss, unfit};
use super::package_url::{titled, type_of_ecosystem};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text, texts};
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::Scope;
use crate::severity;
use casemate_schema::{Component, Cvss, Severity};
use serde_json::Value;

/// Reads a report.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = super::netscan::records("results[].packages[]")?;
    let root = items::around(input, Family::Json, &path)?;
    if root.get("results").is_none() {
        return Err(unfit("osv-scanner", "`results`"));
    }
    // An empty list says that all is well, so it has to be of this tool.
    let own = [
        "results",
        "experimental_config",
        "image_metadata",
        "license_summary",
    ];
    let names = root.as_object().into_iter().flatten().map(|(name, _)| name);
    let mut strange = names.filter(|name| !own.contains(&name.as_str()));
    let mut n_packages = 0_u64;
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        let package = scope.item;
        for known in list(package, "vulnerabilities") {
            if text(known, "id").is_empty() {
                out.reject(scope.place, "a vulnerability has no id");
            } else {
                out.finding(of_vulnerability(known, scope));
            }
        }
        for license in texts(package, "license_violations") {
            out.finding(of_license(&license, scope));
        }
        n_packages += 1;
        Ok(())
    })?;
    match strange.next() {
        Some(name) if n_packages == 0 => Err(unfit(
            "osv-scanner",
            &format!("package in it, and `{name}` is not of OSV-Scanner"),
        )),
        _ => Ok(()),
    }
}

fn of_package(scope: &Scope<'_>) -> (Component, String) {
    let package = at(scope.item, "package");
    let kind = type_of_ecosystem(&text(package, "ecosystem"));
    let version = first(package, ["version", "commit"]);
    let component = Component {
        name: text(package, "name").into(),
        version: (!version.is_empty()).then(|| version.into()),
        kind: kind.map(Into::into),
        ..Component::default()
    };
    let source = scope.parents.last().copied().unwrap_or(&Value::Null);
    (component, text(source, "source.path"))
}

fn of_vulnerability(known: &Value, scope: &Scope<'_>) -> Draft {
    let (mut component, path) = of_package(scope);
    let id = text(known, "id");
    let group = list(scope.item, "groups")
        .iter()
        .find(|group| texts(group, "ids").contains(&id))
        .unwrap_or(&Value::Null);
    let affected: Vec<&Value> = list(known, "affected")
        .iter()
        .filter(|entry| {
            let name = text(entry, "package.name");
            name.is_empty() || name == component.name.as_str()
        })
        .collect();
    let fixes = fixes(&affected);
    component.fixed_version = (!fixes.is_empty()).then(|| fixes.join(", ").into());
    let mut ids = vec![id.clone()];
    ids.extend(texts(known, "aliases"));
    let mut cwes = texts(known, "database_specific.cwe_ids");
    for entry in &affected {
        let listed = list(entry, "database_specific.cwes");
        cwes.extend(listed.iter().map(|cwe| text(cwe, "cweId")));
    }
    let top = text(group, "max_severity");
    let word = first(at(known, "database_specific"), ["severity"]);
    let scored = severity::number(&top).map(severity::of_cvss);
    let scores = scores(known, &top);
    // Without a word and a score it is taken for medium; a vector says it itself.
    let unknown = scores.is_empty().then_some(Severity::Medium);
    let summary = text(known, "summary");
    let mut draft = Draft {
        check: id,
        severity: severity::of_word(&word).or(scored).or(unknown),
        severity_word: word,
        category: "vulnerability".to_owned(),
        description: [summary.clone(), text(known, "details")]
            .join("\n\n")
            .trim()
            .to_owned(),
        path,
        ids,
        cwes,
        references: list(known, "references")
            .iter()
            .map(|entry| text(entry, "url"))
            .collect(),
        cvss: scores,
        published: text(known, "published"),
        ..Draft::default()
    };
    if !fixes.is_empty() {
        draft.remediation = format!("Update {} to {}.", component.name, fixes.join(" or "));
    }
    if text(known, "id").starts_with("MAL-") {
        draft.category = "malware".to_owned();
        draft.severity = Some(Severity::Critical);
    }
    draft.see("ecosystem", text(scope.item, "package.ecosystem"));
    draft.see("groups", texts(scope.item, "dependency_groups").join(", "));
    let version = component.version.as_deref().unwrap_or_default();
    draft.title = titled(&summary, &component.name, version);
    draft.component = Some(component);
    see_use(&mut draft, group);
    draft
}

/// Whether the vulnerable code is called, where the tool looked into it.
fn see_use(draft: &mut Draft, group: &Value) {
    let analysis = at(group, "experimentalAnalysis");
    let called = text(analysis, [&draft.check, "called"]);
    draft.see("called", called.as_str());
    if called == "false" {
        let reason = "vulnerable_code_not_in_execute_path".to_owned();
        draft.suppressed = Some(("not_affected".to_owned(), reason, String::new()));
    }
}

fn scores(known: &Value, top: &str) -> Vec<Cvss> {
    let vectors = list(known, "severity").iter();
    vectors
        .filter_map(|entry| {
            let version = match text(entry, "type").as_str() {
                "CVSS_V2" => "2.0",
                "CVSS_V4" => "4.0",
                _ => "3.1",
            };
            cvss(version, &text(entry, "score"), top)
        })
        .collect()
}

/// Versions that have the fix; of a repository its commits, if there is nothing better.
fn fixes(affected: &[&Value]) -> Vec<String> {
    let ranges = || affected.iter().flat_map(|entry| list(entry, "ranges"));
    let of = |is_git: bool| -> Vec<String> {
        let fitting = ranges().filter(|range| (text(range, "type") == "GIT") == is_git);
        let events = fitting.flat_map(|range| list(range, "events"));
        let mut out: Vec<String> = Vec::new();
        for version in events.map(|event| text(event, "fixed")) {
            if !version.is_empty() && !out.contains(&version) {
                out.push(version);
            }
        }
        out
    };
    let versions = of(false);
    if versions.is_empty() {
        of(true)
    } else {
        versions
    }
}

fn of_license(license: &str, scope: &Scope<'_>) -> Draft {
    let (component, path) = of_package(scope);
    let version = component.version.as_deref().unwrap_or_default();
    Draft {
        check: format!("license-{license}"),
        title: format!(
            "{} {version} is under {license}, which is not allowed",
            component.name
        ),
        severity: Some(Severity::Low),
        category: "license".to_owned(),
        key: format!("{} {version}", component.name),
        path,
        component: Some(component),
        ..Draft::default()
    }
}
