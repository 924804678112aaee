//! pip-audit, JSON: the list of old, and the object with `dependencies`.

use super::netscan::unfit;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{each, first, list, text, texts};
use crate::input::Input;
use casemate_schema::{Component, Severity, Status};
use serde_json::Value;

/// Reads a report.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    let all = document.get("dependencies").unwrap_or(document);
    if !all.is_array() {
        return Err(unfit("pip-audit", "list of dependencies"));
    }
    for (index, dependency) in each(all).iter().enumerate() {
        let name = text(dependency, "name");
        if name.is_empty() {
            out.reject(format!("dependency {index}"), "it has no name");
            continue;
        }
        let reason = text(dependency, "skip_reason");
        let known = list(dependency, "vulns");
        let status = match (reason.is_empty(), known.is_empty()) {
            (false, _) => Status::NotAssessed,
            (true, true) => Status::Passed,
            (true, false) => Status::Hit,
        };
        out.check(
            &name,
            "python packages",
            status,
            Some(reason).filter(|text| !text.is_empty()),
        );
        for entry in known {
            out.finding(of_vulnerability(entry, &name, dependency));
        }
    }
    Ok(())
}

fn of_vulnerability(entry: &Value, name: &str, dependency: &Value) -> Draft {
    let version = text(dependency, "version");
    let fixes = texts(entry, "fix_versions");
    let id = text(entry, "id");
    let mut ids = vec![id.clone()];
    ids.extend(texts(entry, "aliases"));
    Draft {
        check: id,
        // The tool does not say how severe it is.
        severity: Some(Severity::Medium),
        category: "vulnerability".to_owned(),
        description: first(entry, ["description", "details"]),
        remediation: match fixes.as_slice() {
            [] => String::new(),
            some => format!("Update {name} to {}.", some.join(" or ")),
        },
        ids,
        component: Some(Component {
            name: name.into(),
            version: (!version.is_empty()).then(|| version.into()),
            kind: Some("pypi".into()),
            fixed_version: (!fixes.is_empty()).then(|| fixes.join(", ").into()),
            ..Component::default()
        }),
        ..Draft::default()
    }
}
