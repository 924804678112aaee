//! THIRD-PARTY-NOTICES.md: what the binary contains of others, with their licence texts.

use crate::tool;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Licences that may be in the binary, as in deny.toml.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "Unlicense",
    "Zlib",
    "0BSD",
    "Unicode-3.0",
    "MIT-0",
    "BSL-1.0",
];

/// Makes the notice, or with `check` fails when the committed one differs.
pub(crate) fn run(check: bool) -> Result<()> {
    tool::generated(
        &tool::root().join("THIRD-PARTY-NOTICES.md"),
        &text()?,
        check,
    )
}

fn text() -> Result<String> {
    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let metadata: Value = serde_json::from_str(&tool::output("cargo", &arguments)?)?;
    let linked = linked(&metadata)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let mut rows = BTreeSet::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages
        .iter()
        .filter(|p| linked.contains(p["id"].as_str().unwrap_or_default()))
    {
        let field = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        if package["source"].is_null() {
            continue;
        }
        let (name, version, licence) = (field("name"), field("version"), field("license"));
        if !allowed(&licence) {
            bail!("{name} {version}: licence `{licence}` is not allowed");
        }
        rows.insert(format!("| {name} | {version} | {licence} |"));
        let manifest = field("manifest_path");
        for text in licence_texts(Path::new(&manifest).parent().unwrap_or(Path::new(""))) {
            texts
                .entry(text)
                .or_default()
                .insert(format!("{name} {version}"));
        }
    }
    let mut out = String::from(
        "# Third-party notices\n<!-- Made by `cargo xtask notice`. -->\n\n\
         The casemate binary contains these packages.\n\n| package | version | licence |\n|---|---|---|\n",
    );
    for row in rows {
        out.push_str(&row);
        out.push('\n');
    }
    for (text, users) in texts {
        let users: Vec<String> = users.into_iter().collect();
        out.push_str(&format!(
            "\n## {}\n\n```text\n{}\n```\n",
            users.join(", "),
            text
        ));
    }
    Ok(out)
}

/// Ids of the packages that the binary is built from: normal dependencies, for Linux, transitively.
fn linked(metadata: &Value) -> Result<BTreeSet<&str>> {
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .context("no resolve")?;
    let by_id: BTreeMap<&str, &Value> = nodes
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let root = by_id
        .keys()
        .copied()
        .find(|id| id.contains("crates/cli"))
        .context("no package of the binary")?;
    let mut found = BTreeSet::new();
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        if !found.insert(id) {
            continue;
        }
        let deps = by_id.get(id).and_then(|node| node["deps"].as_array());
        for dependency in deps.into_iter().flatten() {
            let kinds = dependency["dep_kinds"].as_array();
            let normal = kinds.into_iter().flatten().any(|kind| {
                let target = kind["target"].as_str().unwrap_or_default();
                kind["kind"].is_null() && !target.contains("windows") && !target.contains("wasm")
            });
            if let (true, Some(next)) = (normal, dependency["pkg"].as_str()) {
                todo.push(next);
            }
        }
    }
    Ok(found)
}

/// Whether one of the alternatives, with all its parts, is allowed.
fn allowed(licence: &str) -> bool {
    licence.replace('/', " OR ").split(" OR ").any(|choice| {
        choice
            .split(" AND ")
            .all(|part| ALLOWED.contains(&part.trim().trim_matches(['(', ')'])))
    })
}

/// Texts of the licence files in a package, blanks at line ends removed.
fn licence_texts(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = BTreeSet::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let wanted = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];
        // The Apache text stands once in LICENSE; a package's own copy adds nothing.
        if wanted.iter().any(|prefix| name.starts_with(prefix))
            && !name.contains("APACHE")
            && let Ok(text) = std::fs::read_to_string(entry.path())
        {
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            found.insert(lines.join("\n").trim().replace("```", "'''"));
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_and_conjunctions_of_licences() {
        assert!(allowed("MIT OR GPL-3.0"));
        assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!allowed("GPL-3.0-only"));
        assert!(!allowed("MIT AND LGPL-2.1"));
    }
}
