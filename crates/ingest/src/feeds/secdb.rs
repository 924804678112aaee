//! Alpine's secdb, and those of Wolfi and Chainguard (JSON or YAML): which version of a source
//! package mends what. Version `0` says that the package never was affected.

use super::advisory::{before, package};
use super::out::Out;
use super::value::is_cve;
use super::yaml;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, AffectedState, PackageNames, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    distroversion: Option<String>,
    #[serde(default)]
    reponame: String,
    #[serde(default)]
    packages: Option<Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
struct Entry {
    pkg: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    secfixes: Option<BTreeMap<String, serde_json::Value>>,
}

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let text = input.text()?;
    let file: File = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(|error| ImportError::of_json(&error))?
    } else {
        yaml::read(&text)?
    };
    let (feed, ecosystem) = match (&file.distroversion, file.reponame.as_str()) {
        (Some(version), _) => (
            "alpine-secdb",
            format!("alpine:{}", version.trim_start_matches('v')),
        ),
        (None, "chainguard") => ("chainguard-secdb", "chainguard".to_owned()),
        (None, "os" | "wolfi") => ("wolfi-secdb", "wolfi".to_owned()),
        (None, other) => {
            let reason = format!("no `distroversion`, and the repository is `{other}`");
            return Err(ImportError::damaged("the document", reason));
        }
    };
    out.begin(feed);
    if let Some(version) = &file.distroversion {
        out.version(version);
    }
    for (idx, entry) in file.packages.unwrap_or_default().into_iter().enumerate() {
        match serde_json::from_value::<Entry>(entry) {
            Ok(entry) if !entry.pkg.name.trim().is_empty() => {
                one(&entry.pkg, feed, &ecosystem, out);
            }
            Ok(_) => out.reject(format!("package {}", idx + 1), "it has no name"),
            Err(error) => out.reject(format!("package {}", idx + 1), error.to_string()),
        }
    }
    Ok(())
}

fn one(pkg: &Package, feed: &str, ecosystem: &str, out: &mut Out<'_>) {
    // Vulnerability -> other names, versions with a fix. Two versions: the first fix was not whole.
    let mut fixes: BTreeMap<Text, (Vec<Text>, Vec<&str>)> = BTreeMap::new();
    for (version, entries) in pkg.secfixes.iter().flatten() {
        let entries = match entries {
            serde_json::Value::Array(entries) => entries.as_slice(),
            // A version that mends nothing is written as null or as `{}`.
            serde_json::Value::Null => &[],
            serde_json::Value::Object(none) if none.is_empty() => &[],
            _ => {
                out.reject(&pkg.name, format!("the entries of `{version}` are no list"));
                continue;
            }
        };
        for entry in entries {
            let Some(entry) = entry.as_str() else {
                out.reject(&pkg.name, format!("an entry of `{version}` is no text"));
                continue;
            };
            let (ids, others) = identifiers(entry);
            if ids.is_empty() {
                out.reject(&pkg.name, format!("`{entry}` is no identifier"));
            }
            for id in ids {
                let (aliases, versions) = fixes.entry(id).or_default();
                aliases.extend(others.clone());
                versions.push(version.trim());
            }
        }
    }
    for (id, (aliases, versions)) in fixes {
        let mut affected = package(ecosystem, &pkg.name, PackageNames::Source);
        let fixed = versions.iter().filter(|version| **version != "0");
        affected.ranges = fixed.map(|version| before(version)).collect();
        if affected.ranges.is_empty() {
            affected.state = AffectedState::NotAffected;
        }
        out.advisory(Advisory {
            id,
            aliases: super::value::sorted(aliases),
            feed: feed.into(),
            affected: vec![affected],
            ..Advisory::default()
        });
    }
}

/// The vulnerabilities of an entry such as `CVE-2019-13012 XSA-299` or `CVE-2017-2616 (+ regression
/// fix)`; names that are no CVE are other names of the first.
fn identifiers(entry: &str) -> (Vec<Text>, Vec<Text>) {
    let words = entry
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'))
        .filter(|word| word.contains('-') && word.contains(|c: char| c.is_ascii_digit()));
    let (cves, others): (Vec<&str>, Vec<&str>) = words.partition(|word| is_cve(word));
    let texts = |words: &[&str]| words.iter().copied().map(Text::from).collect::<Vec<Text>>();
    if cves.is_empty() {
        (
            texts(others.get(..1).unwrap_or_default()),
            texts(others.get(1..).unwrap_or_default()),
        )
    } else {
        (texts(&cves), texts(&others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_as_maintainers_write_them() {
        let shown = |entry| {
            let (ids, others) = identifiers(entry);
            format!("{ids:?} {others:?}")
        };
        assert_eq!(shown("CVE-2018-1333"), r#"["CVE-2018-1333"] []"#);
        assert_eq!(
            shown("CVE-2016-9914 XSA-200"),
            r#"["CVE-2016-9914"] ["XSA-200"]"#
        );
        assert_eq!(
            shown("CVE-2017-2616 (+ regression fix)"),
            r#"["CVE-2017-2616"] []"#
        );
        assert_eq!(
            shown("GHSA-w32m-9786-jp63"),
            r#"["GHSA-w32m-9786-jp63"] []"#
        );
        assert_eq!(shown("a fix"), "[] []");
    }
}
