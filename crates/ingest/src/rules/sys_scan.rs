//! The `.rule` files of sys-scan-graph: `key=value` lines, one rule a file.
//!
//! Their own program drops in silence what it does not know: unknown keys (`type=`, `tag.*`, which
//! its shipped example has), lines without `=`, a legacy condition beside numbered ones, patterns
//! that do not compile, severities that it cannot read. Here the same is dropped, and said. Limits
//! are the program's own.

use super::{Level, Problem, is_technique};
use casemate_schema::Severity;
use casemate_triage::{AnnotationRule, Condition, Pattern};
use std::collections::BTreeMap;

const RULES_MAX: usize = 1000;
const FILES_MAX: usize = 50;
const CONDITIONS_MAX: usize = 25;
const REGEX_MAX: usize = 512;
const LINE_MAX: usize = 1000;

/// Reads files in the order of their names.
pub(super) fn read(files: &[(String, String)]) -> (Vec<AnnotationRule>, Vec<Problem>) {
    let mut rules: Vec<AnnotationRule> = Vec::new();
    let mut problems = Vec::new();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for (number, (name, text)) in files.iter().enumerate() {
        let mut reader = Reader::new(name);
        if number >= FILES_MAX || rules.len() >= RULES_MAX {
            let reason = format!("more than {FILES_MAX} files or {RULES_MAX} rules are not read");
            reader.error(None, reason);
            problems.append(&mut reader.problems);
            continue;
        }
        if let Some(rule) = reader.rule(text) {
            match places.get(&rule.id) {
                Some(first) => {
                    let reason = format!("`{}` is the id of a rule in {first} too", rule.id);
                    reader.error(None, reason);
                }
                None => {
                    places.insert(rule.id.clone(), name.clone());
                    rules.push(rule);
                }
            }
        }
        problems.append(&mut reader.problems);
    }
    (rules, problems)
}

/// What stands in a file, with its lines.
struct Reader<'a> {
    name: &'a str,
    problems: Vec<Problem>,
}

/// A rule while its lines are read.
#[derive(Default)]
struct Draft {
    id: Option<(u64, String)>,
    scope: Option<String>,
    any: bool,
    severity: Option<Severity>,
    techniques: Vec<String>,
    legacy: Option<Condition>,
    numbered: BTreeMap<u64, Condition>,
}

impl<'a> Reader<'a> {
    const fn new(name: &'a str) -> Self {
        Self {
            name,
            problems: Vec::new(),
        }
    }

    fn say(&mut self, line: Option<u64>, level: Level, reason: String) {
        self.problems.push(Problem {
            file: self.name.to_owned(),
            line,
            level,
            reason,
        });
    }

    fn error(&mut self, line: Option<u64>, reason: String) {
        self.say(line, Level::Error, reason);
    }

    fn warn(&mut self, line: u64, reason: String) {
        self.say(Some(line), Level::Warning, reason);
    }

    fn rule(&mut self, text: &str) -> Option<AnnotationRule> {
        if let Some(line) = yara_line(text) {
            let reason = "this is YARA, which these rules do not take".to_owned();
            self.error(Some(line), reason);
            return None;
        }
        let mut draft = Draft::default();
        let mut seen: BTreeMap<String, u64> = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.len() > LINE_MAX {
                self.error(Some(number), format!("a line has at most {LINE_MAX} bytes"));
                return None;
            }
            let Some((key, value)) = line.split_once('=') else {
                let reason = "the line has no `=` and is dropped".to_owned();
                self.warn(number, reason);
                continue;
            };
            let (key, value) = (key.trim(), value.trim());
            if let Some(first) = seen.insert(key.to_owned(), number) {
                let reason = format!("`{key}` stands in line {first} too; this one counts");
                self.warn(number, reason);
            }
            self.take(&mut draft, number, key, value);
        }
        self.finish(draft)
    }

    fn take(&mut self, draft: &mut Draft, line: u64, key: &str, value: &str) {
        match key {
            "id" => draft.id = Some((line, value.to_owned())),
            "rule_version" if value == "1" => {}
            "rule_version" => self.warn(line, format!("version `{value}` is unknown; 1 is read")),
            "scope" => draft.scope = (value != "*" && !value.is_empty()).then(|| value.to_owned()),
            "logic" => match value {
                "any" | "ANY" => draft.any = true,
                "all" | "ALL" => draft.any = false,
                _ => self.warn(line, format!("`logic={value}` is taken as `all`")),
            },
            "severity" | "severity_override" => self.severity(draft, line, value),
            "mitre" => self.techniques(draft, line, value),
            "field" | "contains" | "equals" | "regex" => {
                let condition = draft.legacy.get_or_insert_default();
                self.attribute(condition, line, key, value);
            }
            _ => match numbered(key) {
                Some((number, attribute)) => {
                    let condition = draft.numbered.entry(number).or_default();
                    self.attribute(condition, line, attribute, value);
                }
                None => {
                    let reason = format!("`{key}` is no key of these rules and is dropped");
                    self.warn(line, reason);
                }
            },
        }
    }

    fn severity(&mut self, draft: &mut Draft, line: u64, value: &str) {
        let text = serde_json::Value::String(value.to_ascii_lowercase());
        match serde_json::from_value(text) {
            Ok(severity) => draft.severity = Some(severity),
            Err(_) => {
                let reason =
                    format!("`{value}` is no severity (info, low, medium, high, critical)");
                self.error(Some(line), reason);
            }
        }
    }

    fn techniques(&mut self, draft: &mut Draft, line: u64, value: &str) {
        for id in value.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            if !is_technique(id) {
                self.warn(line, format!("`{id}` is no technique of ATT&CK"));
            }
            if !draft.techniques.iter().any(|known| known == id) {
                draft.techniques.push(id.to_owned());
            }
        }
    }

    fn attribute(&mut self, condition: &mut Condition, line: u64, name: &str, value: &str) {
        let text = (!value.is_empty()).then(|| value.to_owned());
        match name {
            "field" => condition.field = value.to_owned(),
            "contains" => condition.contains = text,
            "equals" => condition.equals = text,
            "regex" if value.len() > REGEX_MAX => {
                let reason =
                    format!("a pattern has at most {REGEX_MAX} bytes; this one is dropped");
                self.error(Some(line), reason);
            }
            "regex" => match Pattern::new(value) {
                Ok(pattern) => condition.regex = Some(pattern),
                Err(reason) => {
                    let reason = format!("the pattern cannot be used and is dropped: {reason}");
                    self.error(Some(line), reason);
                }
            },
            _ => self.warn(line, format!("a condition has no `{name}`; it is dropped")),
        }
    }

    fn finish(&mut self, draft: Draft) -> Option<AnnotationRule> {
        let Some((line, id)) = draft.id else {
            let reason = "it has no `id` and is dropped".to_owned();
            self.error(None, reason);
            return None;
        };
        if id.is_empty() || !id.is_ascii() {
            self.error(Some(line), "an `id` is ASCII and not empty".to_owned());
            return None;
        }
        if draft.legacy.is_some() && !draft.numbered.is_empty() {
            let reason = "numbered conditions are there, so the one without a number is dropped";
            self.warn(line, reason.to_owned());
        }
        let mut conditions: Vec<Condition> = if draft.numbered.is_empty() {
            draft.legacy.into_iter().collect()
        } else {
            draft.numbered.into_values().collect()
        };
        if conditions.len() > CONDITIONS_MAX {
            let reason =
                format!("a rule has at most {CONDITIONS_MAX} conditions; the rest is dropped");
            self.error(Some(line), reason);
            conditions.truncate(CONDITIONS_MAX);
        }
        for condition in &mut conditions {
            if condition.field.is_empty() {
                "description".clone_into(&mut condition.field);
            }
            if condition.contains.is_none()
                && condition.equals.is_none()
                && condition.regex.is_none()
            {
                let field = &condition.field;
                self.warn(
                    line,
                    format!("the condition on `{field}` asks for nothing and never holds"),
                );
            }
        }
        if conditions.is_empty() {
            self.error(
                Some(line),
                "it has no condition and fits nothing".to_owned(),
            );
        }
        if draft.severity.is_none() && draft.techniques.is_empty() {
            let reason = "it sets neither a severity nor techniques".to_owned();
            self.warn(line, reason);
        }
        Some(AnnotationRule {
            id,
            scope: draft.scope,
            any: draft.any,
            severity: draft.severity,
            techniques: draft.techniques,
            conditions,
            source: format!("{}:{line}", self.name),
        })
    }
}

/// `conditionN.attribute` taken apart; without a number it is 0.
fn numbered(key: &str) -> Option<(u64, &str)> {
    let (condition, attribute) = key.split_once('.')?;
    let number = condition.strip_prefix("condition")?;
    let number = if number.is_empty() {
        0
    } else {
        number.parse().ok()?
    };
    Some((number, attribute))
}

/// The line at which a rule of YARA begins: `rule NAME {`, or its sections.
fn yara_line(text: &str) -> Option<u64> {
    let is_yara = |line: &str| {
        let line = line.trim();
        let named = line
            .strip_prefix("rule ")
            .is_some_and(|rest| !rest.contains('='));
        named || matches!(line, "strings:" | "condition:" | "meta:")
    };
    let mut lines = (1..).zip(text.lines());
    lines
        .find(|(_, line)| is_yara(line))
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(text: &str) -> (Vec<AnnotationRule>, Vec<String>) {
        let (rules, problems) = read(&[("a.rule".to_owned(), text.to_owned())]);
        (rules, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_rule_is_read() {
        let text = "# open ports\nid = ports\nscope = network\nlogic = any\nseverity = high\n\
                    mitre = T1190, T1046,T1190\ncondition1.field = title\ncondition1.contains = port\n\
                    condition2.regex = ^listen\n";
        let (rules, problems) = read_one(text);
        assert_eq!(problems, Vec::<String>::new());
        let rule = rules.first().expect("rule");
        assert_eq!((rule.scope.as_deref(), rule.any), (Some("network"), true));
        assert_eq!(rule.techniques, ["T1190", "T1046"]);
        assert_eq!(rule.conditions.len(), 2);
        assert_eq!(rule.conditions[1].field, "description");
        assert_eq!(rule.source, "a.rule:2");
    }

    #[test]
    fn what_is_dropped_is_said() {
        let text = "id=env\ntype=and\ntag.team=ops\nnonsense\nseverity=urgent\nlogic=or\n\
                    field=title\ncondition1.contains=LD_PRELOAD\ncondition2.field=path\n\
                    condition3.regex=(?=x)\nid=env2\nmitre=1574\n";
        let (rules, problems) = read_one(text);
        assert_eq!(rules.first().map(|rule| rule.id.as_str()), Some("env2"));
        for words in [
            "line 2: `type` is no key",
            "line 3: `tag.team` is no key",
            "line 4: the line has no `=`",
            "line 5: `urgent` is no severity",
            "line 6: `logic=or` is taken as `all`",
            "line 10: the pattern cannot be used",
            "line 11: `id` stands in line 1 too",
            "line 12: `1574` is no technique",
            "the one without a number is dropped",
            "the condition on `path` asks for nothing",
        ] {
            assert!(
                problems.iter().any(|one| one.contains(words)),
                "{words}: {problems:#?}"
            );
        }
    }

    #[test]
    fn limits_doubles_and_yara() {
        let (rules, problems) = read_one("rule evil {\n strings:\n}\n");
        assert!(
            rules.is_empty() && problems[0].contains("YARA"),
            "{problems:?}"
        );
        let many: String = (0..30)
            .map(|n| format!("condition{n}.equals=x\n"))
            .collect();
        let (rules, problems) = read_one(&format!("id=a\nseverity=low\n{many}"));
        assert_eq!(rules[0].conditions.len(), 25);
        assert!(problems[0].contains("at most 25"));
        let long = format!("id=a\nseverity=low\nregex={}\n", "a".repeat(513));
        assert!(read_one(&long).1.iter().any(|one| one.contains("512")));
        let file = |name: &str| {
            (
                name.to_owned(),
                "id=a\nseverity=low\ncontains=x\n".to_owned(),
            )
        };
        let (rules, problems) = read(&[file("a.rule"), file("b.rule")]);
        assert_eq!(rules.len(), 1);
        assert!(problems[0].to_string().contains("in a.rule too"));
        assert!(read_one("severity=low\n").1[0].contains("no `id`"));
    }
}
