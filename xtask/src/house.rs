//! The house: ranks of crates and homes of dependencies, read from the manifests.
//!
//! A crate may use only crates of a lower rank, and only its home may name a heavy or dangerous
//! dependency. The tables stand in the workspace manifest; normal and build dependencies count.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// What is wrong with the house, one line each; empty when it stands.
pub(crate) fn problems(root: &Path) -> Result<Vec<String>> {
    let workspace = manifest(&root.join("Cargo.toml"))?;
    let tables = workspace
        .get("workspace")
        .and_then(|w| w.get("metadata")?.get("casemate"))
        .context("no [workspace.metadata.casemate]")?;
    let ranks = ranks(tables)?;
    let homes = homes(tables)?;
    let mut crates = BTreeMap::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        crates.insert(name, manifest(&path.join("Cargo.toml"))?);
    }
    let mut problems = Vec::new();
    for (name, manifest) in &crates {
        problems.extend(crate_problems(name, manifest, &ranks, &homes));
    }
    Ok(problems)
}

/// What is wrong with one crate's manifest.
fn crate_problems(
    name: &str,
    manifest: &Table,
    ranks: &BTreeMap<String, i64>,
    homes: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let Some(rank) = ranks.get(name) else {
        return vec![format!(
            "crate `{name}` has no rank in the workspace manifest"
        )];
    };
    let mut problems = Vec::new();
    for dependency in dependencies(manifest) {
        if let Some(below) = dependency.strip_prefix("casemate-") {
            match ranks.get(below) {
                Some(other) if other < rank => {}
                Some(other) => problems.push(format!(
                    "`{name}` (rank {rank}) uses `{below}` (rank {other}): an edge must go down"
                )),
                None => problems.push(format!(
                    "`{name}` uses `{below}`, which has no rank and is for tests alone"
                )),
            }
        }
        if let Some(home) = homes.get(&dependency)
            && !home.iter().any(|crate_name| crate_name == name)
        {
            problems.push(format!(
                "`{name}` names `{dependency}`, whose home is {}",
                home.join(", ")
            ));
        }
    }
    problems
}

/// Names of the normal and build dependencies, of all targets.
fn dependencies(manifest: &Table) -> Vec<String> {
    let mut tables: Vec<&Table> = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        tables.extend(targets.values().filter_map(Value::as_table));
    }
    let mut names = Vec::new();
    for table in tables {
        for section in ["dependencies", "build-dependencies"] {
            let Some(listed) = table.get(section).and_then(Value::as_table) else {
                continue;
            };
            for (name, value) in listed {
                let real = value.get("package").and_then(Value::as_str).unwrap_or(name);
                names.push(real.to_owned());
            }
        }
    }
    names
}

/// Ranks by crate.
pub(crate) fn ranks(tables: &Value) -> Result<BTreeMap<String, i64>> {
    let table = tables
        .get("ranks")
        .and_then(Value::as_table)
        .context("no ranks")?;
    Ok(table
        .iter()
        .filter_map(|(name, rank)| Some((name.clone(), rank.as_integer()?)))
        .collect())
}

fn homes(tables: &Value) -> Result<BTreeMap<String, Vec<String>>> {
    let table = tables
        .get("homes")
        .and_then(Value::as_table)
        .context("no homes")?;
    let words = |value: &Value| -> Option<Vec<String>> {
        Some(
            value
                .as_array()?
                .iter()
                .filter_map(|v| Some(v.as_str()?.to_owned()))
                .collect(),
        )
    };
    Ok(table
        .iter()
        .filter_map(|(name, home)| Some((name.clone(), words(home)?)))
        .collect())
}

fn manifest(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    text.parse().with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_stands() {
        let problems = problems(&crate::tool::root()).expect("manifests");
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    fn problems_of(name: &str, manifest: &str) -> Vec<String> {
        let ranks = BTreeMap::from([("base".to_owned(), 0), ("scan".to_owned(), 5)]);
        let ranks = ranks
            .into_iter()
            .chain([("report".to_owned(), 5), ("net".to_owned(), 5)]);
        let homes = BTreeMap::from([("rustls".to_owned(), vec!["net".to_owned()])]);
        crate_problems(
            name,
            &manifest.parse().expect("toml"),
            &ranks.collect(),
            &homes,
        )
    }

    #[test]
    fn an_edge_to_the_same_rank_or_up_is_refused_by_name() {
        let up = problems_of("base", "[dependencies]\ncasemate-scan.workspace = true");
        assert_eq!(
            up,
            ["`base` (rank 0) uses `scan` (rank 5): an edge must go down"]
        );
        let same = problems_of(
            "scan",
            "[build-dependencies]\ncasemate-report = { path = \"x\" }",
        );
        assert_eq!(
            same,
            ["`scan` (rank 5) uses `report` (rank 5): an edge must go down"]
        );
        assert!(problems_of("scan", "[dependencies]\ncasemate-base.workspace = true").is_empty());
        assert!(
            problems_of("base", "[dev-dependencies]\ncasemate-scan.workspace = true").is_empty()
        );
    }

    #[test]
    fn a_heavy_dependency_outside_its_home_is_refused_also_when_renamed_or_for_one_target() {
        let renamed = "[dependencies]\ntls = { package = \"rustls\", version = \"0.23\" }";
        assert_eq!(
            problems_of("scan", renamed),
            ["`scan` names `rustls`, whose home is net"]
        );
        let target = "[target.'cfg(unix)'.dependencies]\nrustls = \"0.23\"";
        assert_eq!(problems_of("base", target).len(), 1);
        assert!(problems_of("net", renamed).is_empty());
        assert_eq!(problems_of("cellar", "").len(), 1, "a crate without a rank");
    }
}
