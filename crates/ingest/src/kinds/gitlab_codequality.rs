//! GitLab's code quality reports: Code Climate issues, of any tool and of Trivy's template.

use super::trivy::naming;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::{ItemPath, text_of};
use casemate_schema::{Component, Severity, Text};
use serde_json::Value;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = ItemPath::parse("[]").map_err(|reason| ImportError::damaged("the path", reason))?;
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        let get = |path: &str| {
            scope
                .item
                .pointer(path)
                .and_then(text_of)
                .unwrap_or_default()
        };
        let mut draft = Draft {
            check: get("/check_name"),
            title: get("/description"),
            own_id: get("/fingerprint"),
            severity_word: get("/severity"),
            severity: level(&get("/severity")),
            category: category(scope.item).to_owned(),
            path: get("/location/path"),
            line: line(&get),
            ..Draft::default()
        };
        if draft.title.is_empty() && draft.check.is_empty() {
            out.reject(scope.place, "it has neither a rule nor a description");
            return Ok(());
        }
        let texts = ["/content/body", "/content"].map(get);
        draft.description = texts
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        if draft.check == "container_scanning" {
            of_trivy(&mut draft, out);
        }
        out.finding(draft);
        Ok(())
    })
}

fn line(get: &dyn Fn(&str) -> String) -> Option<u64> {
    let places = ["/location/lines/begin", "/location/positions/begin/line"];
    let found = places.iter().find_map(|path| get(path).parse().ok());
    found.filter(|line| *line > 0)
}

/// Code Climate's words, by what GitLab makes of them.
fn level(word: &str) -> Option<Severity> {
    Some(match word.to_lowercase().as_str() {
        "blocker" | "critical" => Severity::Critical,
        "major" => Severity::High,
        "minor" => Severity::Medium,
        "info" => Severity::Low,
        _ => return None,
    })
}

fn category(item: &Value) -> &'static str {
    let all = item.get("categories").and_then(text_of).unwrap_or_default();
    if all.contains("Security")
        && item
            .get("check_name")
            .is_some_and(|it| it == "container_scanning")
    {
        "vulnerability"
    } else {
        "code"
    }
}

/// Trivy's template writes `id - package - version - title`, and `id: title` for configurations.
fn of_trivy(draft: &mut Draft, out: &mut Collector) {
    out.tool("Trivy");
    let target = std::mem::take(&mut draft.path);
    let words = draft.title.clone();
    let parts: Vec<&str> = words.splitn(4, " - ").collect();
    if let [id, package, version, rest @ ..] = parts.as_slice() {
        let words = rest.first().copied().unwrap_or_default();
        draft.title = naming::title(id, package, version, words);
        draft.check = (*id).to_owned();
        draft.ids = vec![(*id).to_owned()];
        draft.component = Some(Component {
            name: Text::from(*package),
            version: Some(Text::from(*version)),
            ..Component::default()
        });
        naming::package_path("", "", &target, "").clone_into(&mut draft.path);
        if naming::is_system_target(&target) {
            out.target(naming::artifact(&target));
        }
        return;
    }
    "misconfiguration".clone_into(&mut draft.category);
    if let Some((id, _)) = words.split_once(": ") {
        draft.check = id.to_owned();
    }
    draft.path = target;
}
