//! OWASP Dependency-Check, XML.
//!
//! A finding is a vulnerability in a file; files that hold the same library are findings too. What
//! is suppressed stays in sight, as suppressed.

use super::netscan::{Merged, cves, cvss, cwes, unfit};
use super::package_url;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text, texts};
use crate::input::Input;
use crate::items::{self, Family};
use crate::severity;
use casemate_schema::{Component, Cvss, Severity};
use serde_json::Value;

/// Reads a report.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = super::netscan::records("analysis.dependencies.dependency[]")?;
    let root = items::around(input, Family::Xml, &path)?;
    let analysis = at(&root, "analysis");
    if analysis.get("dependencies").is_none() && analysis.get("scanInfo").is_none() {
        return Err(unfit("dependency-check", "`analysis` with dependencies"));
    }
    out.tool_version(&text(analysis, "scanInfo.engineVersion"));
    out.scanned_at(&text(analysis, "projectInfo.reportDate"));
    out.target(&text(analysis, "projectInfo.name"));
    for problem in list(analysis, "scanInfo.analysisExceptions.exception") {
        out.note(format!(
            "the analysis failed in part: {}",
            text(problem, "message")
        ));
    }
    let mut merged = Merged::default();
    items::each(input, Family::Xml, &path, &[], &mut |scope| {
        of_dependency(scope.item, &mut merged);
        Ok(())
    })?;
    merged.finish(out);
    Ok(())
}

fn of_dependency(dependency: &Value, merged: &mut Merged) {
    let known = at(dependency, "vulnerabilities");
    let component = component(dependency);
    let mut files = vec![(text(dependency, "fileName"), text(dependency, "filePath"))];
    for related in list(dependency, "relatedDependencies.relatedDependency") {
        let name = text(related, "fileName");
        // Without a name it is the same file at another place.
        if !name.is_empty() {
            files.push((name, text(related, "filePath")));
        }
    }
    let all = list(known, "vulnerability").iter().map(|v| (v, false));
    let suppressed = list(known, "suppressedVulnerability")
        .iter()
        .map(|v| (v, true));
    for (entry, is_suppressed) in all.chain(suppressed) {
        for (name, path) in &files {
            let mut draft = of_vulnerability(entry, is_suppressed, name, path);
            draft.component.clone_from(&component);
            if draft.component.is_none() {
                draft.component = Some(Component {
                    name: name.as_str().into(),
                    ..Component::default()
                });
            }
            let version = component.as_ref().and_then(|c| c.version.as_deref());
            let library = component.as_ref().map_or("", |c| &c.name);
            let key = [
                draft.check.as_str(),
                library,
                version.unwrap_or_default(),
                &name.to_lowercase(),
            ];
            merged.add(key.join("\u{1f}"), draft);
        }
    }
}

fn of_vulnerability(entry: &Value, is_suppressed: bool, file: &str, path: &str) -> Draft {
    let name = text(entry, "name");
    let source = text(entry, "@source");
    let ids = ids(&name, &source);
    let mut weak = texts(entry, "cwes.cwe");
    weak.extend(texts(entry, "cwe"));
    if weak.is_empty() {
        weak.extend(cwes(&name));
    }
    let word = word(entry);
    let scores = scores(entry);
    let best = scores
        .iter()
        .find_map(|cvss| cvss.score)
        .map(severity::of_cvss);
    let known = Some(word.as_str()).filter(|word| !word.eq_ignore_ascii_case("unknown"));
    let references = list(entry, "references.reference");
    let mut draft = Draft {
        check: name.split_whitespace().collect::<Vec<_>>().join(" "),
        severity: known
            .and_then(severity::of_word)
            .or(best)
            .or(Some(Severity::Medium)),
        severity_word: word,
        category: "vulnerability".to_owned(),
        description: text(entry, "description"),
        path: path.split_whitespace().collect::<Vec<_>>().join(" "),
        ids,
        cwes: weak,
        references: references.iter().map(|item| text(item, "url")).collect(),
        cvss: scores,
        exploited: entry.get("knownExploitedVulnerability").map(|_| true),
        suppressed: is_suppressed.then(|| {
            let notes = texts(entry, "notes").join("\n");
            ("suppressed".to_owned(), String::new(), notes)
        }),
        ..Draft::default()
    };
    if draft.ids.is_empty() {
        // The sentence that is its name is the title.
        draft.title = format!("{} in {file}", draft.check);
        draft.key = file.to_owned();
    }
    draft.see("file", file);
    draft.see("source", source);
    let software = texts(entry, "vulnerableSoftware.software");
    draft.see(
        "vulnerable software",
        software.into_iter().take(20).collect::<Vec<_>>().join(" "),
    );
    draft
}

/// CVEs in the name, an identifier that it is, or the number of an advisory.
fn ids(name: &str, source: &str) -> Vec<String> {
    let mut out = cves(name);
    let is_id = !name.contains(' ')
        && name.contains('-')
        && name.starts_with(|c: char| c.is_ascii_uppercase());
    if name.bytes().all(|byte| byte.is_ascii_digit()) && !source.is_empty() {
        // A number is an identifier of its database alone.
        out.push(format!("{source}-{name}"));
    } else if out.is_empty() && is_id {
        out.push(name.to_owned());
    }
    out
}

/// The word for the severity, wherever it is.
fn word(entry: &Value) -> String {
    let words = [
        text(entry, "severity"),
        text(entry, "cvssV4.baseSeverity"),
        text(entry, "cvssV3.baseSeverity"),
        text(entry, "cvssV2.severity"),
    ];
    words
        .into_iter()
        .find(|word| !word.is_empty())
        .unwrap_or_default()
}

/// The vector that the elements spell out.
fn vector(entry: &Value, metrics: &[(&str, &[&str])]) -> String {
    let mut parts = Vec::new();
    for (short, names) in metrics {
        let word = first(entry, *names);
        let Some(letter) = word.chars().next() else {
            return String::new();
        };
        parts.push(format!("{short}:{}", letter.to_ascii_uppercase()));
    }
    parts.join("/")
}

fn scores(entry: &Value) -> Vec<Cvss> {
    let three = at(entry, "cvssV3");
    let two = at(entry, "cvssV2");
    let four = at(entry, "cvssV4");
    let version = first(three, ["version"]);
    let version = if version.is_empty() { "3.0" } else { &version };
    let new = vector(
        three,
        &[
            ("AV", &["attackVector"]),
            ("AC", &["attackComplexity"]),
            ("PR", &["privilegesRequired"]),
            ("UI", &["userInteraction"]),
            ("S", &["scope"]),
            ("C", &["confidentialityImpact"]),
            ("I", &["integrityImpact"]),
            ("A", &["availabilityImpact"]),
        ],
    );
    let old = vector(
        two,
        &[
            ("AV", &["accessVector"]),
            ("AC", &["accessComplexity"]),
            ("Au", &["authenticationr", "authentication"]),
            ("C", &["confidentialImpact", "confidentialityImpact"]),
            ("I", &["integrityImpact"]),
            ("A", &["availabilityImpact"]),
        ],
    );
    let oldest = vector(
        entry,
        &[
            ("AV", &["cvssAccessVector"]),
            ("AC", &["cvssAccessComplexity"]),
            ("Au", &["cvssAuthenticationr", "cvssAuthentication"]),
            ("C", &["cvssConfidentialImpact"]),
            ("I", &["cvssIntegrityImpact"]),
            ("A", &["cvssAvailabilityImpact"]),
        ],
    );
    [
        cvss("4.0", &text(four, "vectorString"), &text(four, "baseScore")),
        cvss(version, &new, &text(three, "baseScore")),
        cvss("2.0", &old, &text(two, "score")),
        cvss("2.0", &oldest, &text(entry, "cvssScore")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The library: a package URL, a CPE, Maven's coordinates, or what the evidence says.
fn component(dependency: &Value) -> Option<Component> {
    let known = at(dependency, "identifiers");
    // Some versions nest the element in itself.
    let inner = at(known, "identifiers");
    let packages = list(known, "package").iter().chain(list(inner, "package"));
    let mut urls = packages.map(|package| text(package, "id"));
    if let Some(found) = urls.find_map(|url| package_url::component(&url)) {
        return Some(found);
    }
    let named = |kind: &str| {
        let all = list(known, "identifier").iter();
        let mut fits = all.filter(|item| text(item, "@type") == kind);
        fits.next()
            .map(|item| text(item, "name").trim_matches(['(', ')']).to_owned())
    };
    let of = |name: &str, version: Option<&str>, kind: Option<&str>| Component {
        name: name.into(),
        version: version.map(Into::into),
        kind: kind.map(Into::into),
        ..Component::default()
    };
    if let Some(maven) = named("maven")
        && let Some((name, version)) = maven.rsplit_once(':')
    {
        return Some(of(name, Some(version), Some("maven")));
    }
    if let Some(cpe) = named("cpe") {
        let mut parts = cpe.trim_start_matches("cpe:/").split(':').skip(1);
        if let (Some(vendor), Some(product)) = (parts.next(), parts.next()) {
            return Some(of(&format!("{vendor}:{product}"), parts.next(), None));
        }
    }
    let seen = list(dependency, "evidenceCollected.evidence");
    let first_of = |kind: &str| {
        let mut fits = seen.iter().filter(|item| text(item, "@type") == kind);
        fits.next().map(|item| text(item, "value"))
    };
    first_of("product").map(|name| of(&name, first_of("version").as_deref(), None))
}
