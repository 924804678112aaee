//! The knowledge that is in the binary: sorted text tables made from the catalogues' own files.
//!
//! Reads the folder of the sources (`CASEMATE_DATA`, else its argument) and writes
//! `assets/knowledge/*.tsv`, which are committed, so that a review sees what changes and a build
//! needs no source. Taken are names, numbers and links; descriptions are left to imported packs.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// A table to be written.
struct Table {
    name: &'static str,
    title: &'static str,
    notice: &'static str,
    as_of: String,
    columns: &'static [&'static str],
    rows: BTreeSet<Vec<String>>,
}

/// Makes the tables from the catalogues below this folder.
pub(crate) fn run(folder: Option<&str>) -> Result<()> {
    let named = folder
        .map(Into::into)
        .or_else(|| std::env::var_os("CASEMATE_DATA"));
    let folder = named.context("name the folder of the sources, or set CASEMATE_DATA")?;
    let folder = Path::new(&folder);
    let attack = json(&folder.join("attack/enterprise-attack.json.zst"))?;
    let capec = json(&folder.join("attack/capec.json.zst"))?;
    let kev = json(&folder.join("kev/known_exploited_vulnerabilities.json.zst"))?;
    let tables = [
        techniques(&attack)?,
        patterns(&capec)?,
        exploited(&kev)?,
        weaknesses(&folder.join("cwe"))?,
    ];
    for table in tables {
        let path = crate::tool::root().join(format!("assets/knowledge/{}.tsv", table.name));
        let text = text(&table)?;
        std::fs::write(&path, &text).with_context(|| path.display().to_string())?;
        println!(
            "{}: {} rows, {} bytes",
            path.display(),
            table.rows.len(),
            text.len()
        );
    }
    Ok(())
}

fn text(table: &Table) -> Result<String> {
    let mut out = String::new();
    writeln!(out, "# {}", table.title)?;
    writeln!(out, "# notice: {}", table.notice)?;
    writeln!(out, "# as_of: {}", table.as_of)?;
    writeln!(out, "# columns: {}", table.columns.join("\t"))?;
    for row in &table.rows {
        if let Some(odd) = row.iter().find(|cell| cell.contains(['\t', '\n', '\r'])) {
            bail!("{}: a cell with a tab or a line break: {odd:?}", table.name);
        }
        writeln!(out, "{}", row.join("\t"))?;
    }
    Ok(out)
}

/// ATT&CK: technique, name, tactics in the matrix's order, platforms, retired, replaced by.
fn techniques(bundle: &Value) -> Result<Table> {
    let by_id: BTreeMap<&str, &Value> = objects(bundle)
        .filter_map(|it| Some((it["id"].as_str()?, it)))
        .collect();
    let matrix = objects(bundle).find(|it| it["type"] == "x-mitre-matrix");
    let order: Vec<&str> = list(&matrix.context("no matrix")?["tactic_refs"])
        .filter_map(|id| by_id.get(id)?["x_mitre_shortname"].as_str())
        .collect();
    let replaced: BTreeMap<&str, &str> = objects(bundle)
        .filter(|it| it["relationship_type"] == "revoked-by")
        .filter_map(|it| Some((it["source_ref"].as_str()?, it["target_ref"].as_str()?)))
        .collect();
    let mut rows = BTreeSet::new();
    for it in objects(bundle).filter(|it| it["type"] == "attack-pattern") {
        let id = external(it, "mitre-attack")
            .next()
            .context("a technique without id")?;
        let phases = it["kill_chain_phases"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let tactics: BTreeSet<usize> = phases
            .iter()
            .filter_map(|phase| order.iter().position(|name| phase["phase_name"] == *name))
            .collect();
        let tactics: Vec<&str> = tactics
            .iter()
            .filter_map(|place| order.get(*place).copied())
            .collect();
        let retired = it["revoked"] == true || it["x_mitre_deprecated"] == true;
        let target = it["id"]
            .as_str()
            .and_then(|id| by_id.get(replaced.get(id)?));
        let replaced_by = target.and_then(|it| external(it, "mitre-attack").next());
        let platforms: Vec<&str> = list(&it["x_mitre_platforms"]).collect();
        rows.insert(vec![
            id.to_owned(),
            word(&it["name"]),
            tactics.join(","),
            platforms.join(","),
            if retired { "retired" } else { "" }.to_owned(),
            replaced_by.unwrap_or_default().to_owned(),
        ]);
    }
    Ok(Table {
        name: "technique",
        title: "MITRE ATT&CK Enterprise: techniques with names, tactics and platforms",
        notice: "ATTACK-NOTICE.txt",
        as_of: youngest(bundle)?,
        columns: &[
            "id",
            "name",
            "tactics",
            "platforms",
            "retired",
            "replaced_by",
        ],
        rows,
    })
}

/// CAPEC: pattern, name, weaknesses, techniques; those that are out of use are left out.
fn patterns(bundle: &Value) -> Result<Table> {
    let mut rows = BTreeSet::new();
    let in_use = |it: &&Value| {
        let status = it["x_capec_status"].as_str().unwrap_or_default();
        it["type"] == "attack-pattern" && !["Deprecated", "Obsolete"].contains(&status)
    };
    for it in objects(bundle).filter(in_use) {
        let id = external(it, "capec")
            .next()
            .context("a pattern without id")?;
        let weaknesses: BTreeSet<&str> = external(it, "cwe").collect();
        let techniques: BTreeSet<&str> = external(it, "ATTACK").collect();
        rows.insert(vec![
            id.to_owned(),
            word(&it["name"]),
            joined(weaknesses),
            joined(techniques),
        ]);
    }
    Ok(Table {
        name: "attack-pattern",
        title: "CAPEC: attack patterns with the weaknesses that they use and the techniques that they are",
        notice: "CAPEC-NOTICE.txt",
        as_of: youngest(bundle)?,
        columns: &["id", "name", "weaknesses", "techniques"],
        rows,
    })
}

/// KEV: CVE, day of entry, due day, ransomware, product, name.
fn exploited(catalogue: &Value) -> Result<Table> {
    let entries = catalogue["vulnerabilities"]
        .as_array()
        .context("no vulnerabilities")?;
    let rows = entries.iter().map(|it| {
        let product = format!("{} {}", word(&it["vendorProject"]), word(&it["product"]));
        let ransomware = it["knownRansomwareCampaignUse"] == "Known";
        vec![
            word(&it["cveID"]),
            word(&it["dateAdded"]),
            word(&it["dueDate"]),
            if ransomware { "ransomware" } else { "" }.to_owned(),
            product,
            word(&it["vulnerabilityName"]),
        ]
    });
    Ok(Table {
        name: "kev",
        title: "CISA: known exploited vulnerabilities",
        notice: "KEV-NOTICE.txt",
        as_of: seconds(catalogue["dateReleased"].as_str().context("no date")?)?,
        columns: &["id", "added", "due", "ransomware", "product", "name"],
        rows: rows.collect(),
    })
}

/// CWE: weakness, name, parents (those of the research view, the primary one first).
fn weaknesses(folder: &Path) -> Result<Table> {
    let text = unpacked(&folder.join("cwe_research_1000.csv.zst"))?;
    let mut rows = BTreeSet::new();
    for record in csv_records(&text).iter().skip(1) {
        let cell = |number: usize| record.get(number).map(String::as_str).unwrap_or_default();
        if cell(0).parse::<u32>().is_err() {
            bail!("CWE: `{}` is no number", cell(0));
        }
        if cell(3) == "Deprecated" {
            continue;
        }
        // `::NATURE:ChildOf:CWE ID:319:VIEW ID:1000:ORDINAL:Primary::`
        let mut parents: Vec<(bool, &str)> = cell(6)
            .split("::")
            .filter_map(|part| part.strip_prefix("NATURE:ChildOf:CWE ID:"))
            .filter(|part| part.contains("VIEW ID:1000"))
            .filter_map(|part| Some((!part.contains("Primary"), part.split(':').next()?)))
            .collect();
        parents.sort_by_key(|(is_secondary, _)| *is_secondary);
        parents.dedup();
        let parents: Vec<String> = parents.iter().map(|(_, id)| format!("CWE-{id}")).collect();
        let name = cell(1).split_whitespace().collect::<Vec<_>>().join(" ");
        rows.insert(vec![format!("CWE-{}", cell(0)), name, parents.join(",")]);
    }
    // The table carries no date; its origin does.
    let readme = std::fs::read_to_string(folder.join("README.md"))?;
    let origin = readme.lines().find(|line| line.contains("**Origin:**"));
    let date = origin
        .and_then(|line| line.split_whitespace().last())
        .context("no origin")?;
    Ok(Table {
        name: "weakness",
        title: "CWE: weaknesses of the research view with their parents",
        notice: "CWE-NOTICE.txt",
        as_of: seconds(&format!("{date}T00:00:00Z"))?,
        columns: &["id", "name", "parents"],
        rows,
    })
}

fn objects(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle["objects"].as_array().into_iter().flatten()
}

fn list(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn external<'a>(object: &'a Value, source: &str) -> impl Iterator<Item = &'a str> {
    let references = object["external_references"]
        .as_array()
        .into_iter()
        .flatten();
    references
        .filter(move |it| it["source_name"] == source)
        .filter_map(|it| it["external_id"].as_str())
}

/// The youngest change of a STIX bundle's objects.
fn youngest(bundle: &Value) -> Result<String> {
    let newest = objects(bundle)
        .filter_map(|it| it["modified"].as_str())
        .max();
    seconds(newest.context("no object has a date")?)
}

/// A time without its fraction.
fn seconds(time: &str) -> Result<String> {
    let head = time
        .get(.."2026-01-31T00:00:00".len())
        .context("a time that is too short")?;
    Ok(format!("{head}Z"))
}

fn word(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn joined(words: BTreeSet<&str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(",")
}

fn json(path: &Path) -> Result<Value> {
    serde_json::from_str(&unpacked(path)?).with_context(|| path.display().to_string())
}

fn unpacked(path: &Path) -> Result<String> {
    let output = Command::new("zstd")
        .arg("-dc")
        .arg(path)
        .output()
        .context("cannot start zstd")?;
    if !output.status.success() {
        bail!("cannot unpack {}", path.display());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The records of a CSV text (RFC 4180).
fn csv_records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let Some(cells) = records.last_mut() else {
            break;
        };
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cells
                    .last_mut()
                    .map(|cell| cell.push('"'))
                    .unwrap_or_default();
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            '\n' if !is_quoted => records.push(vec![String::new()]),
            '\r' if !is_quoted => {}
            other => cells
                .last_mut()
                .map(|cell| cell.push(other))
                .unwrap_or_default(),
        }
    }
    records.retain(|cells| cells.len() > 1);
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_quotes_commas_and_lines() {
        let records = csv_records("a,\"b \"\"x\"\", c\nd\",e\r\nf,g,h\n");
        assert_eq!(records, [["a", "b \"x\", c\nd", "e"], ["f", "g", "h"]]);
    }
}
