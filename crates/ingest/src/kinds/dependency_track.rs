//! OWASP Dependency-Track, finding packaging format.

use super::netscan::{cvss, unfit};
use super::package_url;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text};
use crate::input::Input;
use crate::items::{self, Family};
use crate::severity;
use casemate_schema::{Component, Severity};
use serde_json::Value;

/// Names of a vulnerability in other databases.
const ALIASES: [&str; 7] = [
    "cveId",
    "ghsaId",
    "osvId",
    "snykId",
    "sonatypeId",
    "gsdId",
    "vulnDbId",
];

/// Reads an export.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = super::netscan::records("findings[]")?;
    let root = items::around(input, Family::Json, &path)?;
    if root.get("meta").is_none() && root.get("findings").is_none() {
        return Err(unfit("dependency-track", "`findings`"));
    }
    out.tool_version(&text(&root, "meta.version"));
    out.scanned_at(&text(&root, "meta.timestamp"));
    let project = ["name", "version"].map(|name| text(&root, ["project", name]));
    out.target(project.join(" ").trim());
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        let known = at(scope.item, "vulnerability");
        if text(known, "vulnId").is_empty() && text(known, "title").is_empty() {
            out.reject(scope.place, "it has no vulnerability");
        } else {
            out.finding(of_finding(scope.item));
        }
        Ok(())
    })
}

fn of_finding(finding: &Value) -> Draft {
    let known = at(finding, "vulnerability");
    let word = text(known, "severity");
    let is_said = !matches!(word.to_lowercase().as_str(), "" | "unassigned");
    let score = [
        cvss(
            "4.0",
            &text(known, "cvssV4Vector"),
            &first(known, ["cvssV4Score", "cvssV4BaseScore"]),
        ),
        cvss(
            "3.0",
            &text(known, "cvssV3Vector"),
            &text(known, "cvssV3BaseScore"),
        ),
        cvss(
            "2.0",
            &text(known, "cvssV2Vector"),
            &text(known, "cvssV2BaseScore"),
        ),
    ];
    let scores: Vec<_> = score.into_iter().flatten().collect();
    let best = scores
        .iter()
        .find_map(|cvss| cvss.score)
        .map(severity::of_cvss);
    let unknown = scores.is_empty().then_some(Severity::Medium);
    let said = is_said.then(|| severity::of_word(&word)).flatten();
    let cwes = list(known, "cwes").iter().map(|cwe| text(cwe, "cweId"));
    let id = text(known, "vulnId");
    let title = text(known, "title");
    let mut draft = Draft {
        check: id.clone(),
        own_id: text(finding, "matrix"),
        // A score that is not known is no reason to overlook it.
        severity: said.or(best).or(unknown),
        severity_word: word,
        category: "vulnerability".to_owned(),
        description: first(known, ["description", "detail"]),
        remediation: text(known, "recommendation"),
        ids: ids(known, &id),
        cwes: cwes.chain([text(known, "cweId")]).collect(),
        references: text(known, "references")
            .split(['(', ')', '[', ']', ' ', '\n', '*'])
            .chain([text(finding, "attribution.referenceUrl").as_str()])
            .filter(|word| word.contains("://"))
            .map(str::to_owned)
            .collect(),
        component: component(at(finding, "component")),
        cvss: scores,
        epss: severity::number(&text(known, "epssScore")),
        published: text(known, "published"),
        first_seen: text(finding, "attribution.attributedOn"),
        suppressed: state(at(finding, "analysis")),
        ..Draft::default()
    };
    if let Some(component) = &draft.component {
        let version = component.version.as_deref().unwrap_or_default();
        draft.title = package_url::titled(&title, &component.name, version);
    }
    see(finding, &mut draft);
    draft
}

fn see(finding: &Value, draft: &mut Draft) {
    let known = at(finding, "vulnerability");
    for (seen, from) in [
        ("title", text(known, "title")),
        ("subtitle", text(known, "subtitle")),
        ("source", text(known, "source")),
        ("analyzer", text(finding, "attribution.analyzerIdentity")),
        ("latest version", text(finding, "component.latestVersion")),
        ("analysis", text(finding, "analysis.state")),
        ("project", text(finding, "component.projectName")),
    ] {
        draft.see(seen, from);
    }
}

/// The identifier with those of other databases; a mere number says which database it is of.
fn ids(known: &Value, id: &str) -> Vec<String> {
    let source = text(known, "source");
    let own = if id.contains('-') || source.is_empty() {
        id.to_owned()
    } else {
        format!("{source}-{id}")
    };
    let mut out = vec![own];
    for alias in list(known, "aliases") {
        out.extend(ALIASES.iter().map(|name| text(alias, *name)));
        if let Some(named) = alias.as_str() {
            out.push(named.to_owned());
        }
    }
    out
}

fn component(component: &Value) -> Option<Component> {
    let version = text(component, "version");
    let found = package_url::component(&text(component, "purl"));
    let name = ["group", "name"].map(|name| text(component, [name]));
    let name = name
        .iter()
        .filter(|part| !part.is_empty())
        .map(String::as_str);
    let mut found = found.unwrap_or_else(|| Component {
        name: name.collect::<Vec<_>>().join(":").into(),
        ..Component::default()
    });
    if !version.is_empty() {
        found.version = Some(version.into());
    }
    (!found.name.is_empty()).then_some(found)
}

fn state(analysis: &Value) -> Option<(String, String, String)> {
    let state = text(analysis, "state");
    let is_settled = matches!(
        state.as_str(),
        "FALSE_POSITIVE" | "NOT_AFFECTED" | "RESOLVED"
    );
    let is_suppressed = text(analysis, "isSuppressed") == "true";
    (is_suppressed || is_settled).then(|| {
        let status = if matches!(state.as_str(), "" | "NOT_SET") {
            "suppressed"
        } else {
            &state
        };
        let reason = text(analysis, "justification");
        (status.to_lowercase(), reason, text(analysis, "details"))
    })
}
