//! govulncheck, JSON: the one object of the first versions, and the messages since version 1.0 (as
//! a stream, or in a list).
//!
//! A finding is a vulnerability of a module. How far it is reached decides the level, since Go's
//! database has none.

use super::netscan::{cvss, unfit};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, each, list, text, texts};
use crate::input::Input;
use crate::severity;
use casemate_schema::{Component, Severity};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most frames of a call stack that are kept.
const FRAMES_MAX: usize = 30;

/// Reads a report.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    if document.get("Vulns").is_some() || document.get("Modules").is_some() {
        read_old(document, out);
    } else {
        let messages = each(document);
        let known = ["config", "osv", "finding", "progress", "SBOM"];
        let is_known = |message: &Value| known.iter().any(|name| message.get(name).is_some());
        if !messages.iter().any(is_known) {
            return Err(unfit("govulncheck", "message of it"));
        }
        read_messages(messages, out);
    }
    Ok(())
}

/// How far a vulnerability is reached, as the tool's scan levels are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Module,
    Package,
    Symbol,
}

impl Reach {
    const fn level(self) -> Severity {
        match self {
            Self::Module => Severity::Low,
            Self::Package => Severity::Medium,
            Self::Symbol => Severity::High,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Module => "the module is required",
            Self::Package => "the package is imported",
            Self::Symbol => "the vulnerable code is called",
        }
    }
}

/// What was found of one vulnerability.
struct Seen {
    reach: Reach,
    module: String,
    version: String,
    fixed: String,
    evidence: Vec<(String, String)>,
}

fn read_messages(messages: &[Value], out: &mut Collector) {
    let mut seen: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    for message in messages {
        let config = at(message, "config");
        out.tool_version(&text(config, "scanner_version"));
        let finding = at(message, "finding");
        let id = text(finding, "osv");
        if !id.is_empty() {
            note_finding(finding, seen.entry(id).or_default());
        }
    }
    for message in messages {
        let osv = at(message, "osv");
        let id = text(osv, "id");
        if id.is_empty() {
            continue;
        }
        match seen.remove(&id) {
            Some(all) => {
                for one in all {
                    out.finding(of_osv(osv, &id, Some(one)));
                }
            }
            None => {
                let mut draft = of_osv(osv, &id, None);
                let why = "the module is used, in a version that is not affected".to_owned();
                draft.suppressed = Some(("not_affected".to_owned(), String::new(), why));
                out.finding(draft);
            }
        }
    }
    for (id, all) in seen {
        for one in all {
            out.finding(of_osv(&Value::Null, &id, Some(one)));
        }
    }
}

/// Findings of one vulnerability in one module belong together; the farthest reach counts.
fn note_finding(finding: &Value, all: &mut Vec<Seen>) {
    let trace = list(finding, "trace");
    let first = trace.first().unwrap_or(&Value::Null);
    let reach = if !text(first, "function").is_empty() {
        Reach::Symbol
    } else if !text(first, "package").is_empty() {
        Reach::Package
    } else {
        Reach::Module
    };
    let (module, version) = (text(first, "module"), text(first, "version"));
    let mut evidence = Vec::new();
    if reach == Reach::Symbol {
        evidence.push(("call stack".to_owned(), stack(trace)));
    } else {
        evidence.push(("package".to_owned(), text(first, "package")));
    }
    let known = all
        .iter_mut()
        .find(|one| one.module == module && one.version == version);
    match known {
        Some(known) => {
            known.reach = known.reach.max(reach);
            for item in evidence {
                if known.evidence.len() < FRAMES_MAX && !known.evidence.contains(&item) {
                    known.evidence.push(item);
                }
            }
        }
        None => all.push(Seen {
            reach,
            module,
            version,
            fixed: text(finding, "fixed_version"),
            evidence,
        }),
    }
}

/// The calls, from the vulnerable function to one's own.
fn stack(trace: &[Value]) -> String {
    let frame = |frame: &Value| {
        let receiver = text(frame, "receiver");
        let dot = if receiver.is_empty() { "" } else { "." };
        let name = [text(frame, "package"), text(frame, "function")];
        let [package, function] = name;
        let mut out = format!(
            "{package}.{}{dot}{function}",
            receiver.trim_start_matches('*')
        );
        let file = text(frame, "position.filename");
        if !file.is_empty() {
            out.push_str(&format!(" at {file}:{}", text(frame, "position.line")));
        }
        out
    };
    let frames = trace.iter().take(FRAMES_MAX).map(frame);
    frames.collect::<Vec<_>>().join("\n")
}

fn of_osv(osv: &Value, id: &str, seen: Option<Seen>) -> Draft {
    let affected = list(osv, "affected");
    let first = affected.first().unwrap_or(&Value::Null);
    let module = text(first, "package.name");
    let seen = seen.unwrap_or_else(|| Seen {
        reach: Reach::Module,
        module: String::new(),
        version: String::new(),
        fixed: String::new(),
        evidence: Vec::new(),
    });
    let name = if seen.module.is_empty() {
        module
    } else {
        seen.module
    };
    let fixed = if seen.fixed.is_empty() {
        fixes(affected)
    } else {
        seen.fixed
    };
    let word = text(osv, "severity");
    let mut ids = vec![id.to_owned()];
    ids.extend(texts(osv, "aliases"));
    let summary = text(osv, "summary");
    let parts = [summary.clone(), text(osv, "details")];
    let mut references: Vec<String> = list(osv, "references")
        .iter()
        .map(|entry| text(entry, "url"))
        .collect();
    references.push(text(osv, "database_specific.url"));
    references.push(text(first, "database_specific.url"));
    let scored = list(osv, "severity");
    let mut draft = Draft {
        check: id.to_owned(),
        title: if summary.is_empty() {
            String::new()
        } else {
            format!("{summary} ({name} {})", seen.version).replace(" )", ")")
        },
        severity: severity::of_word(&word).or(Some(seen.reach.level())),
        severity_word: word,
        category: "vulnerability".to_owned(),
        description: parts.join("\n\n").trim().to_owned(),
        remediation: if fixed.is_empty() {
            String::new()
        } else {
            format!("Update {name} to {fixed}.")
        },
        ids,
        references,
        cvss: scored
            .iter()
            .filter_map(|entry| cvss("3.1", &text(entry, "score"), ""))
            .collect(),
        published: text(osv, "published"),
        component: Some(Component {
            name: name.into(),
            version: (!seen.version.is_empty()).then(|| seen.version.into()),
            kind: Some("golang".into()),
            fixed_version: (!fixed.is_empty()).then(|| fixed.into()),
            ..Component::default()
        }),
        ..Draft::default()
    };
    see(first, seen.reach, &mut draft);
    draft.evidence.extend(seen.evidence);
    draft
}

fn see(first: &Value, reach: Reach, draft: &mut Draft) {
    draft.see("reach", reach.as_str());
    let imports = list(first, "ecosystem_specific.imports");
    let symbols: Vec<String> = imports
        .iter()
        .flat_map(|entry| texts(entry, "symbols"))
        .collect();
    let paths: Vec<String> = imports.iter().map(|entry| text(entry, "path")).collect();
    draft.see("packages", paths.join(", "));
    draft.see("vulnerable functions", symbols.join(", "));
}

fn fixes(affected: &[Value]) -> String {
    let ranges = affected.iter().flat_map(|entry| list(entry, "ranges"));
    let events = ranges.flat_map(|range| list(range, "events"));
    let mut out: Vec<String> = events.map(|event| text(event, "fixed")).collect();
    out.retain(|version| !version.is_empty());
    out.dedup();
    out.join(" or ")
}

/// The first versions: an entry for each vulnerable function.
fn read_old(document: &Value, out: &mut Collector) {
    let mut order: Vec<(String, Seen, &Value)> = Vec::new();
    for entry in list(document, "Vulns") {
        let osv = at(entry, "OSV");
        let id = text(osv, "id");
        let sink = |name: &str| text(entry, [name]).parse::<u64>().is_ok_and(|n| n > 0);
        let reach = if sink("CallSink") {
            Reach::Symbol
        } else if sink("ImportSink") {
            Reach::Package
        } else {
            Reach::Module
        };
        let module = text(entry, "ModPath");
        let node = text(entry, "RequireSink");
        let version = text(document, ["Requires", "Modules", &node, "Version"]);
        let symbol = format!("{}.{}", text(entry, "PkgPath"), text(entry, "Symbol"));
        let mut evidence = vec![("symbol".to_owned(), symbol)];
        let call = text(entry, "CallSink");
        let sites = at(document, ["Calls", "Functions", &call, "CallSites"]);
        for site in each(sites).iter().take(FRAMES_MAX) {
            let position = at(site, "Pos");
            let [file, line] = ["Filename", "Line"].map(|name| text(position, [name]));
            evidence.push(("called at".to_owned(), format!("{file}:{line}")));
        }
        let known = order
            .iter_mut()
            .find(|(known, seen, _)| *known == id && seen.module == module);
        match known {
            Some((_, seen, _)) => {
                seen.reach = seen.reach.max(reach);
                evidence.retain(|item| !seen.evidence.contains(item));
                seen.evidence.extend(evidence);
            }
            None => {
                let seen = Seen {
                    reach,
                    module,
                    version,
                    fixed: String::new(),
                    evidence,
                };
                order.push((id, seen, osv));
            }
        }
    }
    for (id, seen, osv) in order {
        out.finding(of_osv(osv, &id, Some(seen)));
    }
}
