//! XCCDF results, versions 1.1 and 1.2, alone, with their benchmark, or inside of ARF: what OpenSCAP,
//! SCC and other SCAP tools write; and what `oscap` prints.
//!
//! Rules and results are looked for wherever they stand, since groups nest and ARF wraps both.

mod rule;

use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::lines;
use casemate_schema::{Severity, Status};
use rule::Rule;
use serde_json::Value;
use std::collections::HashMap;

const SURFACE: &str = "xccdf";

/// Reads a document.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.xml()?;
    let mut rules: HashMap<String, Rule> = HashMap::new();
    let mut results: Vec<&Value> = Vec::new();
    rule::walk(document, "", &mut rules, &mut results);
    if results.is_empty() {
        return Err(ImportError::NotThisKind {
            kind: "xccdf".to_owned(),
            reason: "it is a checklist, or SCAP content, without results of a scan".to_owned(),
        });
    }
    for result in results {
        let host = about(result, out);
        for (index, outcome) in field::list(result, "rule-result").iter().enumerate() {
            take(outcome, index, &rules, &host, out);
        }
    }
    Ok(())
}

/// What a result says of the scan; returns the host.
fn about(result: &Value, out: &mut Collector) -> String {
    let mut tool = String::new();
    let mut version = String::new();
    for facts in field::list(result, "target-facts") {
        for fact in field::list(facts, "fact") {
            match field::text(fact, "@name").as_str() {
                "urn:xccdf:fact:scanner:name" => tool = field::text(fact, "#text"),
                "urn:xccdf:fact:scanner:version" => version = field::text(fact, "#text"),
                _ => {}
            }
        }
    }
    // `cpe:/a:redhat:openscap:1.3.5`
    let system = field::text(result, "@test-system");
    let mut parts = system.trim_start_matches("cpe:/a:").split(':').skip(1);
    if tool.is_empty() {
        parts.next().unwrap_or_default().clone_into(&mut tool);
    } else {
        parts.next();
    }
    if version.is_empty() {
        parts.next().unwrap_or_default().clone_into(&mut version);
    }
    out.tool(&match tool.to_lowercase().as_str() {
        // What the file does not name is taken for the tool that most write it with, so that what
        // it prints has the same ids.
        "" | "openscap" | "oscap" => "OpenSCAP".to_owned(),
        "scc" | "scap_compliance_checker" => "SCC".to_owned(),
        _ => tool,
    });
    out.tool_version(&version);
    out.scanned_at(&field::first(result, &["@start-time", "@end-time"]));
    let host = field::texts(result, "target").into_iter().next();
    let host = host.unwrap_or_else(|| field::first(result, &["target-address"]));
    out.target(&host);
    host
}

fn take(
    outcome: &Value,
    index: usize,
    rules: &HashMap<String, Rule>,
    host: &str,
    out: &mut Collector,
) {
    let id = field::text(outcome, "@idref");
    let word = field::text(outcome, "result").to_lowercase();
    if id.is_empty() || word.is_empty() {
        out.reject(
            format!("rule-result[{index}]"),
            "it names no rule, or has no result",
        );
        return;
    }
    let status = status_of(&word);
    let said = field::list(outcome, "message")
        .iter()
        .map(field::shown)
        .find(|text| !text.is_empty());
    let reason = match status {
        Status::NotAssessed | Status::NotApplicable => Some(said.unwrap_or_else(|| word.clone())),
        _ => None,
    };
    out.check(&id, SURFACE, status, reason);
    if status == Status::Hit {
        let rule = rules.get(&id);
        out.finding(draft_of(outcome, &id, rule, host));
    }
}

fn status_of(word: &str) -> Status {
    match word {
        "pass" | "fixed" | "informational" => Status::Passed,
        "notapplicable" | "notselected" => Status::NotApplicable,
        word if word.contains("fail") => Status::Hit,
        _ => Status::NotAssessed,
    }
}

fn draft_of(outcome: &Value, id: &str, rule: Option<&Rule>, host: &str) -> Draft {
    let none = Rule::default();
    let rule = rule.unwrap_or(&none);
    let mut word = field::text(outcome, "@severity");
    if word.is_empty() {
        word.clone_from(&rule.severity);
    }
    let mut draft = Draft {
        check: id.to_owned(),
        title: if rule.title.is_empty() {
            plain_id(id)
        } else {
            rule.title.clone()
        },
        severity: Some(match word.to_lowercase().as_str() {
            "high" | "critical" => Severity::High,
            "low" => Severity::Low,
            "info" | "unknown" => Severity::Info,
            _ => Severity::Medium,
        }),
        severity_word: word,
        category: "compliance".to_owned(),
        description: rule.description.clone(),
        remediation: rule.fix.clone(),
        host: host.to_owned(),
        references: rule.addresses.clone(),
        ..Draft::default()
    };
    // One rule may be tried on several things: a line, a file, a user.
    let instances: Vec<String> = field::list(outcome, "instance")
        .iter()
        .map(field::shown)
        .collect();
    draft.subject = instances.join(", ");
    let mut idents = rule.idents.clone();
    idents.extend(field::list(outcome, "ident").iter().map(rule::ident_of));
    for (name, ident) in idents {
        if is_cve(&ident) {
            draft.ids.push(ident);
        } else if !draft.evidence.iter().any(|(_, known)| *known == ident) {
            draft.see(&name, ident);
        }
    }
    if !draft.ids.is_empty() {
        "vulnerability".clone_into(&mut draft.category);
    }
    for (name, text) in &rule.references {
        draft.see(name, text);
    }
    draft.see("rationale", rule.rationale.clone());
    let version = field::text(outcome, "@version");
    let version = if version.is_empty() {
        &rule.version
    } else {
        &version
    };
    draft.see("version of the rule", version);
    draft.see("group", rule.group.clone());
    for check in field::list(outcome, "check") {
        for content in field::list(check, "check-content-ref") {
            draft.see("check", field::text(content, "@name"));
        }
    }
    for message in field::list(outcome, "message") {
        draft.see("message", field::shown(message));
    }
    draft
}

/// A rule's id as words: `xccdf_org.ssgproject.content_rule_sshd_disable_root_login`.
fn plain_id(id: &str) -> String {
    let short = id.split_once("_rule_").map_or(id, |(_, short)| short);
    short.replace('_', " ")
}

/// Reads what `oscap xccdf eval` prints: blocks of `Title`, `Rule`, `Ident` and `Result`.
pub(super) fn read_console(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    let mut block = Block::default();
    let mut n_messages = 0;
    for (number, line) in text.lines().enumerate() {
        let Some((name, value)) = line.split_once(['\t', '\r', ':']) else {
            continue;
        };
        let value = value.trim();
        match name.trim() {
            "Title" => {
                block.cut(number, out);
                value.clone_into(&mut block.title);
            }
            "Rule" | "Rule ID" => value.clone_into(&mut block.rule),
            "Ident" => block.idents.push(value.to_owned()),
            "Result" if !block.rule.is_empty() => std::mem::take(&mut block).close(value, out),
            "W" | "E" | "WARNING" | "OpenSCAP Error" => {
                out.note_some(&mut n_messages, line);
            }
            _ => {}
        }
    }
    block.cut(text.lines().count(), out);
    Ok(())
}

/// A rule while its block is read.
#[derive(Default)]
struct Block {
    title: String,
    rule: String,
    idents: Vec<String>,
}

impl Block {
    /// A block that ends before its result: a cut file, or a scan that stopped.
    fn cut(&mut self, line: usize, out: &mut Collector) {
        let block = std::mem::take(self);
        if !block.rule.is_empty() {
            let reason = format!("the output ends before the result, at line {line}");
            out.note(format!("{}: {reason}", block.rule));
            out.check(&block.rule, SURFACE, Status::NotAssessed, Some(reason));
        }
    }

    fn close(self, word: &str, out: &mut Collector) {
        let word = word.to_lowercase();
        let status = status_of(&word);
        let needs_reason = matches!(status, Status::NotAssessed | Status::NotApplicable);
        out.check(&self.rule, SURFACE, status, needs_reason.then_some(word));
        if status != Status::Hit {
            return;
        }
        let mut draft = Draft {
            title: if self.title.is_empty() {
                plain_id(&self.rule)
            } else {
                self.title
            },
            // The severity is in the results file alone.
            severity: Some(Severity::Medium),
            category: "compliance".to_owned(),
            check: self.rule,
            ..Draft::default()
        };
        for ident in self.idents {
            if is_cve(&ident) {
                draft.ids.push(ident);
            } else {
                draft.see("ident", ident);
            }
        }
        out.finding(draft);
    }
}
