//! `npm audit --json` of all versions, and `yarn audit --json` of version 1.
//!
//! Up to npm 6 there is a list of advisories; since npm 7 a list of packages, each with the
//! advisories or the other packages that make it vulnerable.

use super::netscan::{cves, cvss, cwes, unfit};
use super::package_url::{fixed, titled};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, each, first, list, text, texts};
use crate::input::Input;
use crate::severity;
use casemate_schema::{Component, Severity};
use serde_json::Value;

/// Most paths to a package that are kept.
const PATHS_MAX: usize = 25;

/// Reads what npm writes.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    // `npm audit fix` has the audit inside of what it did.
    let audit = document.get("audit").unwrap_or(document);
    let advisories = at(audit, "advisories").as_object();
    let packages = at(audit, "vulnerabilities").as_object();
    if advisories.is_none() && packages.is_none() {
        return Err(refused(document));
    }
    for (name, advisory) in advisories.into_iter().flatten() {
        take(advisory, name, out);
    }
    for (name, package) in packages.into_iter().flatten() {
        of_package(name, package, out);
    }
    Ok(())
}

/// Reads what yarn writes: a document in each line.
pub(super) fn read_yarn(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let lines = each(input.json()?);
    if !lines
        .iter()
        .any(|line| text(line, "type").starts_with("audit"))
    {
        let error = lines.iter().find(|line| text(line, "type") == "error");
        return Err(match error {
            Some(error) => ImportError::ToolFailed {
                reason: text(error, "data"),
            },
            None => unfit("yarn-audit", "message of an audit"),
        });
    }
    for line in lines {
        match text(line, "type").as_str() {
            "auditAdvisory" => take(at(line, "data.advisory"), "data.advisory", out),
            "error" | "warning" => out.note(text(line, "data")),
            _ => {}
        }
    }
    Ok(())
}

/// An audit that failed says nothing of the packages.
fn refused(document: &Value) -> ImportError {
    let error = at(document, "error");
    let parts = ["code", "summary", "detail", "message"].map(|name| text(error, [name]));
    let mut said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if said.is_empty() {
        said.extend([text(document, "message"), text(document, "error")]);
        said.retain(|part| !part.is_empty());
    }
    if said.is_empty() {
        return unfit("npm-audit", "list of advisories or vulnerabilities");
    }
    let reason = said.join(": ");
    ImportError::ToolFailed { reason }
}

fn take(advisory: &Value, place: &str, out: &mut Collector) {
    if first(advisory, ["id", "title", "module_name"]).is_empty() {
        out.reject(place, "it is no advisory");
        return;
    }
    let mut draft = of_advisory(advisory);
    // Yarn repeats an advisory for each way to the package.
    let version = draft.component.as_ref().and_then(|c| c.version.as_deref());
    let parts = [draft.check.as_str(), version.unwrap_or_default()];
    draft.same_as = parts.join(" ");
    out.finding(draft);
}

/// The identifiers of an advisory: CVEs, GitHub's, else npm's own number.
fn ids(known: Vec<String>, url: &str, number: &str) -> Vec<String> {
    let mut out = known;
    out.extend(ghsa(url));
    if out.is_empty() && !number.is_empty() {
        out.push(format!("NPM-{number}"));
    }
    out
}

fn ghsa(url: &str) -> Option<String> {
    let id = url.rsplit('/').next()?;
    id.starts_with("GHSA-").then(|| id.to_owned())
}

fn of_advisory(advisory: &Value) -> Draft {
    let number = text(advisory, "id");
    let name = text(advisory, "module_name");
    let url = text(advisory, "url");
    let found = list(advisory, "findings");
    let version = found
        .first()
        .map(|one| text(one, "version"))
        .unwrap_or_default();
    let mut known: Vec<String> = texts(advisory, "cves")
        .iter()
        .flat_map(|cve| cves(cve))
        .collect();
    known.extend(Some(text(advisory, "github_advisory_id")).filter(|id| !id.is_empty()));
    let word = text(advisory, "severity");
    let references = text(advisory, "references");
    let links = references.split(['(', ')', '[', ']', ' ', '\n', '"', ',', '<', '>']);
    let mut draft = Draft {
        check: number.clone(),
        title: titled(&text(advisory, "title"), &name, &version),
        severity: severity::of_word(&word),
        severity_word: word,
        category: "vulnerability".to_owned(),
        description: text(advisory, "overview"),
        remediation: text(advisory, "recommendation"),
        ids: ids(known, &url, &number),
        cwes: cwes(&texts(advisory, "cwe").join(" ")),
        references: links
            .filter(|word| word.contains("://"))
            .chain([url.as_str()])
            .map(str::to_owned)
            .collect(),
        component: component(&name, &version, &text(advisory, "patched_versions")),
        cvss: cvss(
            "3.1",
            &text(advisory, "cvss.vectorString"),
            &text(advisory, "cvss.score"),
        )
        .filter(|cvss| cvss.vector.is_some() || cvss.score > Some(0.0))
        .into_iter()
        .collect(),
        published: text(advisory, "created"),
        ..Draft::default()
    };
    let mut versions: Vec<String> = found.iter().map(|one| text(one, "version")).collect();
    let paths: Vec<String> = found.iter().flat_map(|one| texts(one, "paths")).collect();
    draft.see("paths", shown(&paths));
    versions.dedup();
    draft.see("versions", versions.join(", "));
    draft.see("vulnerable versions", text(advisory, "vulnerable_versions"));
    draft.see("patched versions", text(advisory, "patched_versions"));
    draft
}

fn shown(paths: &[String]) -> String {
    let mut out = paths
        .iter()
        .take(PATHS_MAX)
        .map(|path| stable(path))
        .collect::<Vec<_>>();
    if paths.len() > PATHS_MAX {
        out.push(format!("and {} more", paths.len() - PATHS_MAX));
    }
    out.join("\n")
}

/// A package from a repository has a digest for a name, another one in each run.
fn stable(path: &str) -> String {
    let piece = |part: &str| {
        let is_digest = part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest {
            "(from a repository)"
        } else {
            part
        }
        .to_owned()
    };
    path.split('>').map(piece).collect::<Vec<_>>().join(">")
}

fn component(name: &str, version: &str, patched: &str) -> Option<Component> {
    (!name.is_empty()).then(|| Component {
        name: name.into(),
        version: (!version.is_empty()).then(|| version.into()),
        kind: Some("npm".into()),
        fixed_version: fixed(patched).map(Into::into),
        ..Component::default()
    })
}

/// A package of npm 7 and later: a finding for each advisory, or one that others pass on to it.
fn of_package(name: &str, package: &Value, out: &mut Collector) {
    let via = list(package, "via");
    let mut n_advisories = 0;
    for advisory in via.iter().filter(|entry| entry.is_object()) {
        n_advisories += 1;
        out.finding(of_via(name, package, advisory));
    }
    if n_advisories > 0 {
        return;
    }
    let others: Vec<&str> = via.iter().filter_map(|entry| entry.as_str()).collect();
    let word = text(package, "severity");
    let mut draft = Draft {
        check: "depends-on-vulnerable".to_owned(),
        title: format!(
            "{name} depends on vulnerable versions of {}",
            others.join(", ")
        ),
        severity: severity::of_word(&word).or(Some(Severity::Medium)),
        severity_word: word,
        category: "vulnerability".to_owned(),
        subject: name.to_owned(),
        component: component(name, "", ""),
        remediation: fix(package),
        ..Draft::default()
    };
    see_package(package, &mut draft);
    out.finding(draft);
}

fn of_via(name: &str, package: &Value, advisory: &Value) -> Draft {
    let url = text(advisory, "url");
    let number = text(advisory, "source");
    let affected = first(advisory, ["dependency", "name"]);
    let affected = if affected.is_empty() {
        name.to_owned()
    } else {
        affected
    };
    let word = first(advisory, ["severity"]);
    let mut draft = Draft {
        check: ghsa(&url).unwrap_or(number.clone()),
        title: titled(&text(advisory, "title"), &affected, ""),
        severity: severity::of_word(&word),
        severity_word: word,
        category: "vulnerability".to_owned(),
        ids: ids(Vec::new(), &url, &number),
        cwes: texts(advisory, "cwe"),
        references: vec![url],
        component: component(&affected, "", ""),
        cvss: cvss(
            "3.1",
            &text(advisory, "cvss.vectorString"),
            &text(advisory, "cvss.score"),
        )
        .filter(|cvss| cvss.vector.is_some())
        .into_iter()
        .collect(),
        remediation: fix(package),
        ..Draft::default()
    };
    draft.see("vulnerable versions", text(advisory, "range"));
    see_package(package, &mut draft);
    draft
}

fn see_package(package: &Value, draft: &mut Draft) {
    draft.see("nodes", shown(&texts(package, "nodes")));
    draft.see("effects", texts(package, "effects").join(", "));
    draft.see("range", text(package, "range"));
    draft.see("direct", text(package, "isDirect"));
}

fn fix(package: &Value) -> String {
    let fix = at(package, "fixAvailable");
    match fix {
        Value::Bool(true) => "Run `npm audit fix`.".to_owned(),
        Value::Object(_) => {
            let major = if text(fix, "isSemVerMajor") == "true" {
                ", a major change"
            } else {
                ""
            };
            let (name, version) = (text(fix, "name"), text(fix, "version"));
            format!("Update {name} to {version}{major}.")
        }
        _ => String::new(),
    }
}
