//! Falco: alerts as JSON lines (`json_output: true`), and as the lines that it prints.
//!
//! Every alert is a finding: something that happened, to one workload, at one time.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::items::{self, Family};
use crate::lines;
use crate::path::ItemPath;
use casemate_schema::{Severity, Status};
use serde_json::Value;

/// Falco's own events: it dropped system calls, or reports its figures.
const INTERNAL: &str = "Falco internal: ";

/// Reads JSON lines, or a list of alerts.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = ItemPath::parse("[]").map_err(|reason| ImportError::Mapping {
        name: "falco".to_owned(),
        reason,
    })?;
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        let alert = scope.item;
        let rule = field::text(alert, "rule");
        if rule.is_empty() && field::text(alert, "output").is_empty() {
            out.reject(scope.place, "it has neither a rule nor an output");
        } else {
            take(alert, rule, out);
        }
        Ok(())
    })
}

fn take(alert: &Value, rule: String, out: &mut Collector) {
    let none = Value::Null;
    let fields = alert.get("output_fields").unwrap_or(&none);
    let word = field::text(alert, "priority");
    let is_internal = rule.starts_with(INTERNAL);
    let output = field::text(alert, "output");
    if is_internal {
        note_drops(&rule, &output, out);
    } else {
        out.check(&rule, "falco", Status::Hit, None);
    }
    let workload = workload(fields);
    let file = field::first(fields, [["fd.name"], ["fs.path.name"]]);
    let is_path = file.starts_with('/');
    let time = field::text(alert, "time");
    let mut draft = Draft {
        check: if rule.is_empty() {
            message(&output).to_owned()
        } else {
            rule.clone()
        },
        title: match (rule.is_empty(), workload.is_empty()) {
            (true, _) => message(&output).to_owned(),
            (_, true) => rule,
            _ => format!("{rule} in {workload}"),
        },
        severity: Some(if is_internal {
            Severity::Info
        } else {
            level(&word)
        }),
        severity_word: word,
        category: "threat".to_owned(),
        description: output,
        host: field::text(alert, "hostname"),
        path: if is_path { file.clone() } else { String::new() },
        subject: [workload, if is_path { String::new() } else { file }]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        first_seen: time.clone(),
        last_seen: time.clone(),
        ..Draft::default()
    };
    for tag in field::texts(alert, "tags") {
        let is_technique = tag
            .strip_prefix('T')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if is_technique {
            draft.techniques.push(tag);
        } else {
            draft.see("tag", tag);
        }
    }
    for (name, value) in fields.as_object().into_iter().flatten() {
        draft.see(name, field::shown(value));
    }
    draft.see("source", field::text(alert, "source"));
    draft.see("time", time);
    out.finding(draft);
}

/// What it happened in: the pod, the container, or nothing for the host itself.
fn workload(fields: &Value) -> String {
    let known = |name: &str| {
        let text = field::text(fields, [name]);
        if matches!(text.as_str(), "<NA>" | "host") {
            String::new()
        } else {
            text
        }
    };
    let pod = known("k8s.pod.name");
    let namespace = known("k8s.ns.name");
    if !pod.is_empty() && !namespace.is_empty() {
        return format!("{namespace}/{pod}");
    }
    let names = ["container.name", "container.id", "ka.target.name"];
    let others = names.iter().map(|name| known(name));
    [pod]
        .into_iter()
        .chain(others)
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

/// The words of an output without its time, its priority and its fields.
fn message(output: &str) -> &str {
    let after = output.split_once(": ").map_or(output, |(_, rest)| rest);
    after.split(" (").next().unwrap_or(after).trim()
}

fn level(word: &str) -> Severity {
    match word.to_lowercase().as_str() {
        "emergency" | "alert" | "critical" => Severity::Critical,
        "error" => Severity::High,
        "notice" => Severity::Low,
        "informational" | "info" | "debug" => Severity::Info,
        _ => Severity::Medium,
    }
}

/// Dropped system calls: nobody looked at these.
fn note_drops(rule: &str, output: &str, out: &mut Collector) {
    if rule.contains("drop") {
        out.note(output);
        let reason = Some(output.to_owned());
        out.check(rule, "falco", Status::NotAssessed, reason);
    }
}

/// Reads lines: `03:04:05.678: Notice A shell was spawned (user=root container=x)`.
pub(super) fn read_text(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = lines::plain(&text);
    for (number, line) in text.lines().enumerate() {
        if let Some((time, word, output)) = alert(line) {
            out.finding(printed(time, word, output));
        } else if line.contains("Falco internal: syscall event drop") {
            note_drops("Falco internal: syscall event drop", line.trim(), out);
        } else if line.trim().starts_with('{') {
            let place = format!("line {}", number + 1);
            out.reject(place, "it is JSON among lines of text");
        }
    }
    Ok(())
}

/// Time, priority and the rest of an alert.
fn alert(line: &str) -> Option<(&str, &str, &str)> {
    const WORDS: [&str; 9] = [
        "Emergency",
        "Alert",
        "Critical",
        "Error",
        "Warning",
        "Notice",
        "Informational",
        "Info",
        "Debug",
    ];
    // Behind a syslog header the time is missing, as syslog has it.
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find(": ")) {
        let at = from + at;
        let rest = line.get(at + 2..)?;
        let (word, output) = rest.split_once(' ').unwrap_or((rest, ""));
        if WORDS.contains(&word) && !output.is_empty() {
            let time = line.get(..at)?;
            let time = time.rsplit_once(' ').map_or(time, |(_, last)| last);
            return Some((time, word, output));
        }
        from = at + 2;
    }
    None
}

fn printed(time: &str, word: &str, output: &str) -> Draft {
    let (title, fields) = output.split_once(" (").unwrap_or((output, ""));
    let mut draft = Draft {
        check: title.trim().to_owned(),
        title: title.trim().to_owned(),
        severity: Some(level(word)),
        severity_word: word.to_owned(),
        category: "threat".to_owned(),
        description: output.to_owned(),
        first_seen: time.to_owned(),
        ..Draft::default()
    };
    let mut name = String::new();
    let mut value: Vec<&str> = Vec::new();
    let mut pairs: Vec<(String, String)> = Vec::new();
    // A value may hold blanks: it goes to the next `name=`.
    for piece in fields.trim_end_matches(')').split(' ') {
        match piece.split_once('=') {
            Some((next, first)) if is_field(next) => {
                pairs.push((
                    std::mem::replace(&mut name, next.to_owned()),
                    value.join(" "),
                ));
                value = vec![first];
            }
            _ => value.push(piece),
        }
    }
    pairs.push((name, value.join(" ")));
    for (name, value) in pairs {
        if name.is_empty() || value == "<NA>" {
            continue;
        }
        match name.as_str() {
            "file" | "fd.name" | "connection" if value.starts_with('/') => {
                draft.path.clone_from(&value);
            }
            "container" | "container_name" | "k8s.pod" | "pod" | "container_id"
                if draft.subject.is_empty() =>
            {
                draft.subject.clone_from(&value);
            }
            _ => {}
        }
        draft.see(&name, value);
    }
    draft.see("time", time);
    draft
}

fn is_field(name: &str) -> bool {
    !name.is_empty()
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}
