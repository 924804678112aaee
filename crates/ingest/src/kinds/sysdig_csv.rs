//! Sysdig's reports as tables: the columns changed their names and their case over the years.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::{ItemPath, text_of};
use crate::severity;
use casemate_schema::{Component, Cvss, Severity, Text};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = ItemPath::parse("").map_err(|reason| ImportError::damaged("the path", reason))?;
    items::each(input, Family::Csv, &path, &[], &mut |scope| {
        let row = Row::new(scope.item);
        let id = row.get(&["vulnerability id", "vulnerability name", "cve id"]);
        if is_id(id) {
            out.finding(draft(id, &row));
        } else {
            let reason = format!("`{id}` is no identifier of a vulnerability: columns are missing");
            out.reject(scope.place, reason);
        }
        Ok(())
    })
}

/// `CVE-2000-1`, `GHSA-x`, `VULNDB-1`: a row with a column too few has a severity there.
fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(prefix, rest)| {
        !prefix.is_empty()
            && prefix.chars().all(|c| c.is_ascii_alphanumeric())
            && rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !text.contains(' ')
    })
}

/// A row by its columns in lower case.
struct Row(BTreeMap<String, String>);

impl Row {
    fn new(item: &Value) -> Self {
        let cells = item.as_object().into_iter().flatten();
        let cells = cells.filter_map(|(name, cell)| Some((name.to_lowercase(), text_of(cell)?)));
        Self(cells.collect())
    }

    /// The first of these columns that has something.
    fn get(&self, names: &[&str]) -> &str {
        let found = names.iter().find_map(|name| self.0.get(*name));
        found.map_or("", String::as_str)
    }
}

fn draft(id: &str, row: &Row) -> Draft {
    let package = row.get(&["package name"]);
    let version = row.get(&["package version"]);
    let fixed = row.get(&["fix version", "package suggested fix"]);
    let image = row.get(&["image", "image name"]);
    let word = row.get(&["severity", "vulnerability severity"]);
    let mut draft = Draft {
        check: id.to_owned(),
        title: format!("{id} in {package} {version}").trim_end().to_owned(),
        severity: word.eq_ignore_ascii_case("other").then_some(Severity::Info),
        severity_word: word.to_owned(),
        category: "vulnerability".to_owned(),
        path: row.get(&["package path"]).to_owned(),
        subject: workload(row).unwrap_or_else(|| image.to_owned()),
        ids: vec![id.to_owned()],
        references: vec![row.get(&["vuln link", "vulnerability link"]).to_owned()],
        published: row
            .get(&["vuln publish date", "disclosure date"])
            .to_owned(),
        component: Some(Component {
            name: Text::from(package),
            version: Some(Text::from(version)),
            kind: Some(Text::from(package_type(row.get(&["package type"])))),
            fixed_version: Some(Text::from(fixed)),
            ..Component::default()
        }),
        ..Draft::default()
    };
    if !fixed.is_empty() {
        draft.remediation = format!("Upgrade {package} to {fixed}.");
    }
    let vector = row.get(&["cvss vector"]);
    let score = severity::number(row.get(&["cvss score"])).filter(|n| (0.0..=10.0).contains(n));
    if !vector.is_empty() || score.is_some() {
        draft.cvss.push(Cvss {
            version: some(row.get(&["cvss version"])),
            vector: some(vector),
            score,
            source: None,
        });
    }
    let known = row.get(&["cisa kev publish date"]);
    if !known.is_empty() {
        draft.exploited = Some(true);
    }
    if row.get(&["risk accepted"]).eq_ignore_ascii_case("true") {
        draft.suppressed = Some(("risk accepted".to_owned(), String::new(), String::new()));
    }
    observe(row, image, &mut draft);
    draft
}

fn workload(row: &Row) -> Option<String> {
    let parts = [
        "cluster",
        "namespace",
        "workload type",
        "workload",
        "container",
    ]
    .map(|part| {
        let name = if part == "workload type" {
            part.to_owned()
        } else {
            format!("{part} name")
        };
        row.get(&[&format!("k8s {name}"), &format!("kubernetes {name}")])
            .to_owned()
    });
    parts
        .first()
        .is_some_and(|cluster| !cluster.is_empty())
        .then(|| parts.join("/"))
}

fn observe(row: &Row, image: &str, draft: &mut Draft) {
    draft.see("image", image);
    for (name, columns) in [
        ("image id", ["image id", ""]),
        ("operating system", ["os name", ""]),
        ("package type", ["package type", ""]),
        ("in use", ["in use", "package in use"]),
        ("exploit known", ["public exploit", ""]),
        ("fix since", ["vuln fix date", "fix available date"]),
        ("suggested version", ["package suggested fix", ""]),
        ("registry", ["registry name", ""]),
        ("repository", ["registry image repository", ""]),
        ("cloud account", ["cloud provider account id", ""]),
        ("cloud region", ["cloud provider region", ""]),
        ("pods", ["k8s pod count", ""]),
        ("known exploited since", ["cisa kev publish date", ""]),
        ("used by ransomware", ["cisa kev known ransomware", ""]),
    ] {
        draft.see(name, row.get(&columns));
    }
}

fn some(text: &str) -> Option<Text> {
    (!text.is_empty()).then(|| text.into())
}

/// The type of a package URL; packages of the operating system say no family.
fn package_type(word: &str) -> &'static str {
    match word.to_lowercase().as_str() {
        "python" => "pypi",
        "javascript" | "npm" => "npm",
        "java" => "maven",
        "golang" | "go" => "golang",
        "ruby" => "gem",
        "php" => "composer",
        "rust" => "cargo",
        "csharp" | "c#" | "nuget" => "nuget",
        _ => "",
    }
}
