//! What scripts of Nmap found: `vulners`, and those that report by Nmap's library `vulns`.

use super::ports::of_cpe;
use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::field;
use crate::severity;
use casemate_schema::{Component, Cvss, Severity, Status, Text};
use serde_json::Value;

/// Where a script looked.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) host: &'a str,
    /// `443/tcp`, empty for the host as a whole.
    pub(super) subject: &'a str,
    /// The software at that port.
    pub(super) component: Option<Component>,
}

/// One line or table of `vulners`.
struct Known {
    id: String,
    cvss: Option<f64>,
    /// `cve`, `exploitdb`, `metasploit` ...
    kind: String,
    is_exploit: bool,
    url: String,
}

/// Whether a script's result becomes findings, so that its output need not be kept.
pub(super) fn finds(id: &str, script: &Value) -> bool {
    id == "vulners" || tables(script).any(|table| !state(table).is_empty())
}

/// Takes what a script found.
pub(super) fn script(script: &Value, place: &Place<'_>, out: &mut Collector) {
    let id = field::text(script, "@id");
    if id == "vulners" {
        let mut n = 0;
        for software in tables(script) {
            let cpe = field::text(software, "@key");
            for table in tables(software) {
                n += 1;
                match of_table(table) {
                    Some(known) => out.finding(vulnerability(&known, &cpe, place)),
                    None => out.reject(
                        format!("{} {}", place.host, place.subject),
                        "a vulnerability of `vulners` has no id",
                    ),
                }
            }
        }
        if n == 0 {
            vulners_text(&field::text(script, "@output"), place, out);
        }
        return;
    }
    for table in tables(script) {
        if !state(table).is_empty() {
            library(&id, table, place, out);
        }
    }
}

fn tables(value: &Value) -> impl Iterator<Item = &Value> {
    field::list(value, "table").iter()
}

fn element(table: &Value, key: &str) -> String {
    field::list(table, "elem")
        .iter()
        .find(|elem| field::text(elem, "@key").eq_ignore_ascii_case(key))
        .and_then(crate::path::text_of)
        .unwrap_or_default()
}

/// The elements of an inner table.
fn elements(table: &Value, key: &str) -> Vec<String> {
    tables(table)
        .filter(|inner| field::text(inner, "@key") == key)
        .flat_map(|inner| field::texts(inner, "elem"))
        .collect()
}

/// The state of a vulnerability in the words of the library; empty for tables of other scripts,
/// which may have a state of something else.
fn state(table: &Value) -> String {
    let state = element(table, "state");
    if is_state(&state) {
        state
    } else {
        String::new()
    }
}

fn is_state(state: &str) -> bool {
    [
        "VULNERABLE",
        "LIKELY VULNERABLE",
        "NOT VULNERABLE",
        "UNKNOWN (unable to test)",
    ]
    .iter()
    .any(|known| state.starts_with(known))
}

/// Whether a script's text is that of the library.
pub(super) fn is_library_text(output: &str) -> bool {
    let states = output
        .lines()
        .filter_map(|line| line.trim().strip_prefix("State: "));
    states.into_iter().any(is_state)
}

fn of_table(table: &Value) -> Option<Known> {
    let id = element(table, "id");
    (!id.is_empty()).then(|| {
        let kind = element(table, "type");
        Known {
            url: address(&kind, &id),
            id,
            cvss: severity::number(&element(table, "cvss")),
            is_exploit: element(table, "is_exploit") == "true",
            kind,
        }
    })
}

fn address(kind: &str, id: &str) -> String {
    if kind.is_empty() {
        return String::new();
    }
    format!("https://vulners.com/{kind}/{id}")
}

/// Reads the script's text, which is all that older versions and Nmap's text output have.
pub(super) fn vulners_text(output: &str, place: &Place<'_>, out: &mut Collector) {
    let mut cpe = String::new();
    for line in output.lines() {
        let line = line.trim_start_matches(['|', '_', ' ', '\t']).trim_end();
        if line.starts_with("cpe:") {
            line.trim_end_matches(':').clone_into(&mut cpe);
            continue;
        }
        let mut words = line.split_whitespace();
        let (Some(id), Some(score)) = (words.next(), words.next()) else {
            continue;
        };
        let Some(cvss) = severity::number(score) else {
            continue;
        };
        let url = words.next().unwrap_or_default();
        let kind = url
            .strip_prefix("https://vulners.com/")
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default();
        let known = Known {
            id: id.to_owned(),
            cvss: Some(cvss),
            kind: kind.to_owned(),
            is_exploit: line.contains("*EXPLOIT*"),
            url: url.to_owned(),
        };
        out.finding(vulnerability(&known, &cpe, place));
    }
}

fn vulnerability(known: &Known, cpe: &str, place: &Place<'_>) -> Draft {
    let (mut product, mut version) = of_cpe(cpe);
    if product.is_empty()
        && let Some(component) = &place.component
    {
        product = component.name.to_string();
        version = component.version.as_deref().unwrap_or_default().to_owned();
    }
    let what = if known.is_exploit { "Exploit " } else { "" };
    let mut software = format!("{product} {version}");
    if product.is_empty() {
        "the service".clone_into(&mut software);
    }
    let mut draft = Draft {
        check: "vulners".to_owned(),
        title: format!("{what}{} for {}", known.id, software.trim_end()),
        category: "vulnerability".to_owned(),
        severity: known.cvss.map(severity::of_cvss),
        host: place.host.to_owned(),
        subject: place.subject.to_owned(),
        ids: vec![known.id.clone()],
        component: (!product.is_empty()).then(|| Component {
            name: product.as_str().into(),
            version: Some(version.as_str().into()),
            ..Component::default()
        }),
        references: vec![known.url.clone()],
        same_as: format!("{} {}", place.host, known.id),
        ..Draft::default()
    };
    if !known.is_exploit {
        draft.title = format!("{} in {}", known.id, software.trim_end());
    }
    // Without a component, the rule alone would be the same for all.
    draft.key = if draft.component.is_none() {
        known.id.clone()
    } else {
        String::new()
    };
    if let Some(score) = known.cvss.filter(|score| (0.0..=10.0).contains(score)) {
        draft.cvss.push(Cvss {
            version: None,
            vector: None,
            score: Some(score),
            source: Some(Text::from("vulners")),
        });
    }
    draft.see("cpe", cpe);
    draft.see("type", &known.kind);
    if known.is_exploit {
        draft.see("exploit", "yes");
    }
    draft
}

/// One vulnerability of a script that uses Nmap's library `vulns`.
fn library(script: &str, table: &Value, place: &Place<'_>, out: &mut Collector) {
    let state = state(table);
    if state.starts_with("NOT VULNERABLE") {
        out.check(script, "network", Status::Passed, None);
        return;
    }
    if state.starts_with("UNKNOWN") {
        let reason = format!(
            "{script} could not tell on {} {}",
            place.host, place.subject
        );
        out.check(script, "network", Status::NotAssessed, Some(reason));
        return;
    }
    let title = element(table, "title");
    let key = field::text(table, "@key");
    let named = elements(table, "ids");
    let mut ids: Vec<String> = named
        .iter()
        .map(|id| {
            id.split_once(':')
                .map_or(id.as_str(), |(_, id)| id)
                .to_owned()
        })
        .collect();
    if ids.is_empty() && is_cve(&key) {
        ids.push(key.clone());
    }
    let score = elements(table, "scores")
        .iter()
        .find_map(|score| severity::number(score.split_whitespace().next()?));
    let mut draft = Draft {
        check: script.to_owned(),
        title: if title.is_empty() {
            format!("{script}: {state}")
        } else {
            title
        },
        category: "vulnerability".to_owned(),
        // The library knows no level; what was proven by a test of the host itself is taken seriously.
        severity: score.map(severity::of_cvss).or(Some(Severity::High)),
        description: elements(table, "description").join("\n"),
        host: place.host.to_owned(),
        subject: place.subject.to_owned(),
        ids,
        references: elements(table, "refs"),
        published: element(table, "disclosure"),
        ..Draft::default()
    };
    draft.key = draft.ids.first().unwrap_or(&key).clone();
    draft.cvss.extend(score.map(|score| Cvss {
        version: None,
        vector: None,
        score: Some(score),
        source: None,
    }));
    draft.see("state", &state);
    for text in elements(table, "extra_info")
        .iter()
        .chain(&elements(table, "check_results"))
    {
        draft.see("observed", text);
    }
    out.check(script, "network", Status::Hit, None);
    out.finding(draft);
}

/// The same as text: `State: VULNERABLE` below a title, with identifiers and references.
pub(super) fn library_text(script: &str, output: &str, place: &Place<'_>, out: &mut Collector) {
    let lines: Vec<&str> = output.lines().map(str::trim).collect();
    let states = lines.iter().enumerate().filter_map(|(at, line)| {
        let state = line
            .strip_prefix("State: ")
            .filter(|state| is_state(state))?;
        let title = at.checked_sub(1).and_then(|before| lines.get(before));
        Some((at, state, title.copied().unwrap_or_default()))
    });
    for (at, state, title) in states {
        if state.starts_with("NOT VULNERABLE") {
            out.check(script, "network", Status::Passed, None);
            continue;
        }
        if state.starts_with("UNKNOWN") {
            let reason = format!(
                "{script} could not tell on {} {}",
                place.host, place.subject
            );
            out.check(script, "network", Status::NotAssessed, Some(reason));
            continue;
        }
        // Up to the next title, which is the line before the next state.
        let rest = lines.get(at + 1..).unwrap_or_default();
        let next = rest.iter().position(|line| line.starts_with("State: "));
        let mine = rest.get(..next.map_or(rest.len(), |next| next.saturating_sub(1)));
        let mine = mine.unwrap_or_default();
        let mut draft = Draft {
            check: script.to_owned(),
            title: title.to_owned(),
            category: "vulnerability".to_owned(),
            severity: Some(Severity::High),
            description: mine.join("\n"),
            host: place.host.to_owned(),
            subject: place.subject.to_owned(),
            ..Draft::default()
        };
        for line in mine {
            if let Some(ids) = line.strip_prefix("IDs:") {
                let ids = ids.split_whitespace().filter(|word| word.contains(':'));
                draft
                    .ids
                    .extend(ids.filter_map(|id| Some(id.split_once(':')?.1.to_owned())));
            } else if line.starts_with("http://") || line.starts_with("https://") {
                draft.references.push((*line).to_owned());
            }
        }
        draft.key = draft.ids.first().cloned().unwrap_or_default();
        draft.see("state", state);
        out.check(script, "network", Status::Hit, None);
        out.finding(draft);
    }
}
