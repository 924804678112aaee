//! What a run says of its rules, made ready once and used for each of their results.

use super::hit::{Hit, Message, RuleRef};
use super::loose::Members;
use super::message;
use super::model::{Component, Rule, Run};
use casemate_schema::{Cvss, Severity};
use std::collections::HashMap;

/// A rule as findings need it.
#[derive(Default)]
pub(super) struct Known<'r> {
    pub(super) id: String,
    /// What it is about, in a line.
    pub(super) title: String,
    pub(super) description: String,
    pub(super) help: String,
    pub(super) references: Vec<String>,
    pub(super) cwes: Vec<String>,
    pub(super) techniques: Vec<String>,
    pub(super) severity: Option<Severity>,
    /// The number or word behind the severity.
    pub(super) word: String,
    pub(super) level: String,
    pub(super) cvss: Vec<Cvss>,
    pub(super) raw: Option<&'r Rule<'r>>,
}

/// All rules of a run.
pub(super) struct Book<'r> {
    /// Those of the driver first, then those of each extension.
    rules: Vec<Known<'r>>,
    /// Where the rules of each component begin: the driver, then the extensions.
    starts: Vec<usize>,
    by_id: HashMap<String, usize>,
    guids: HashMap<String, usize>,
    /// Names and guids of the extensions.
    components: Vec<(String, String)>,
    /// Messages that results of any rule may name.
    pub(super) strings: Vec<&'r Members<'r, Message<'r>>>,
}

impl<'r> Book<'r> {
    pub(super) fn new(run: &'r Run<'r>, more: &[&'r Component<'r>]) -> Self {
        let mut out = Self {
            rules: Vec::new(),
            starts: Vec::new(),
            by_id: HashMap::new(),
            guids: HashMap::new(),
            components: Vec::new(),
            strings: Vec::new(),
        };
        let taxa = taxa(run);
        let overrides = overrides(run);
        out.starts.push(0);
        if let Some(driver) = &run.tool.driver {
            out.add(&driver.rules.0, &taxa, &overrides);
            out.strings.push(&driver.global_message_strings);
        }
        out.add(&run.resources.rules.0, &taxa, &overrides);
        for extension in run.tool.extensions.iter().chain(more.iter().copied()) {
            out.starts.push(out.rules.len());
            let guid = extension.guid.to_lowercase();
            out.components.push((extension.name.to_string(), guid));
            out.add(&extension.rules.0, &taxa, &overrides);
            out.strings.push(&extension.global_message_strings);
        }
        out
    }

    fn add(
        &mut self,
        rules: &'r [Rule<'r>],
        taxa: &HashMap<String, String>,
        overrides: &HashMap<String, String>,
    ) {
        for rule in rules {
            let at = self.rules.len();
            self.by_id.entry(rule.id.to_string()).or_insert(at);
            if !rule.guid.is_empty() {
                self.guids.entry(rule.guid.to_lowercase()).or_insert(at);
            }
            let mut known = known(rule, taxa);
            if let Some(level) = overrides.get(known.id.as_str()) {
                known.level.clone_from(level);
            }
            self.rules.push(known);
        }
    }

    /// The rule of a result (section 3.52: by its place, its guid, its
    /// id, or the id of the rule that it is a part of).
    pub(super) fn of(&self, hit: &Hit<'_>) -> Option<&Known<'r>> {
        let id = if hit.rule_id.is_empty() {
            &hit.rule.id
        } else {
            &hit.rule_id
        };
        let component = self.component(&hit.rule);
        let index = hit.rule.index.index().or(hit.rule_index.index());
        let placed = index.and_then(|index| {
            let start = *self.starts.get(component)?;
            let end = self.starts.get(component + 1).copied();
            let at = start.checked_add(index)?;
            (at < end.unwrap_or(self.rules.len())).then_some(at)
        });
        if let Some(at) = placed
            && let Some(rule) = self.rules.get(at)
            && (id.is_empty() || rule.id.is_empty() || is_part(id, &rule.id))
        {
            return Some(rule);
        }
        let named = self.guids.get(&hit.rule.guid.to_lowercase()).copied();
        let at = named.or_else(|| self.by_name(id)).or(placed)?;
        self.rules.get(at)
    }

    fn by_name(&self, id: &str) -> Option<usize> {
        let mut id = id;
        loop {
            if let Some(at) = self.by_id.get(id) {
                return Some(*at);
            }
            id = id.rsplit_once('/')?.0;
        }
    }

    /// The number of the component that a rule is of.
    fn component(&self, rule: &RuleRef<'_>) -> usize {
        let of = &rule.tool_component;
        if let Some(index) = of.index.index() {
            return index + 1;
        }
        let guid = of.guid.to_lowercase();
        let found = self.components.iter().position(|(name, known)| {
            (!guid.is_empty() && guid == *known) || (!of.name.is_empty() && *of.name == **name)
        });
        found.map_or(0, |at| at + 1)
    }
}

/// Whether `id` is the rule's id, or one of its parts (`CA2101/Marshal`).
fn is_part(id: &str, rule: &str) -> bool {
    id.strip_prefix(rule)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The name of the taxonomy of each guid of its entries and of itself.
fn taxa(run: &Run<'_>) -> HashMap<String, String> {
    let mut out = HashMap::new();
    for taxonomy in run.taxonomies.iter().chain(run.tool.extensions.iter()) {
        out.insert(taxonomy.guid.to_lowercase(), taxonomy.name.to_string());
        for entry in &taxonomy.taxa.0 {
            out.insert(entry.guid.to_lowercase(), entry.id.to_string());
        }
    }
    out.remove("");
    out
}

fn overrides(run: &Run<'_>) -> HashMap<String, String> {
    let all = run.invocations.iter();
    all.flat_map(|invocation| invocation.rule_configuration_overrides.iter())
        .filter(|change| !change.configuration.level.is_empty())
        .map(|change| {
            (
                change.descriptor.id.to_string(),
                change.configuration.level.to_string(),
            )
        })
        .collect()
}

fn known<'r>(rule: &'r Rule<'r>, taxa: &HashMap<String, String>) -> Known<'r> {
    let strings = [&rule.message_strings];
    let text = |message: &Message<'_>| message::text(message, &strings).trim().to_owned();
    let short = text(&rule.short_description);
    let full = text(&rule.full_description);
    let name = text(&rule.name);
    let help = text(&rule.help);
    let title = [&short, &name, &full]
        .into_iter()
        .find(|text| !text.is_empty());
    let title = title
        .map(|text| message::title(text, &name))
        .unwrap_or_default();
    let description = if full.is_empty() { short } else { full };
    let mut out = Known {
        id: rule.id.to_string(),
        title,
        references: vec![rule.help_uri.to_string()],
        level: rule.default_configuration.level.to_string(),
        cvss: scores(rule),
        raw: Some(rule),
        ..Known::default()
    };
    if help.starts_with("http") && !help.contains(char::is_whitespace) {
        out.references.push(help);
    } else if help != description {
        out.help = help;
    }
    out.description = description;
    for relationship in rule.relationships.iter() {
        taxon(
            &relationship.target,
            taxa,
            &mut out.cwes,
            &mut out.techniques,
        );
    }
    let tags = rule.properties.texts("tags");
    for tag in &tags {
        tagged(tag, &mut out.cwes, &mut out.techniques);
    }
    for cwe in ["cwe", "cwes", "CWE"]
        .iter()
        .flat_map(|name| rule.properties.texts(name))
    {
        tagged(cwe, &mut out.cwes, &mut out.techniques);
    }
    rule.properties
        .text("security-severity")
        .clone_into(&mut out.word);
    out.severity = level(&out.word);
    if out.severity.is_none() {
        rule.properties.text("severity").clone_into(&mut out.word);
        out.severity = level(&out.word);
    }
    if out.severity.is_none() {
        out.word.clear();
    }
    out
}

/// The level that a CVSS number or a plain word means.
pub(super) fn level(word: &str) -> Option<Severity> {
    if word.is_empty() {
        return None;
    }
    if let Some(score) = crate::severity::number(word) {
        return (0.0..=10.0)
            .contains(&score)
            .then(|| crate::severity::of_cvss(score));
    }
    match word.to_ascii_lowercase().as_str() {
        "critical" => Some(Severity::Critical),
        "high" => Some(Severity::High),
        "medium" | "moderate" => Some(Severity::Medium),
        "low" => Some(Severity::Low),
        "info" | "informational" => Some(Severity::Info),
        _ => None,
    }
}

/// Scores as Trivy and others put them into the properties of rules.
fn scores(rule: &Rule<'_>) -> Vec<Cvss> {
    let mut out = Vec::new();
    for (version, vector, score) in [
        ("4.0", "cvssv40_vector", "cvssv40_score"),
        ("3.1", "cvssv3_vector", "cvssv3_baseScore"),
        ("2.0", "cvssv2_vector", "cvssv2_score"),
    ] {
        let score = crate::severity::number(rule.properties.text(score));
        let vector = rule.properties.text(vector);
        out.extend(crate::cvss::scored(version, vector, score, ""));
    }
    out
}

/// An entry of a taxonomy: a weakness or a technique, by its taxonomy's name or its own look.
pub(super) fn taxon(
    target: &RuleRef<'_>,
    taxa: &HashMap<String, String>,
    cwes: &mut Vec<String>,
    techniques: &mut Vec<String>,
) {
    let by_guid = taxa.get(&target.guid.to_lowercase());
    let id = by_guid.map_or(&*target.id.0, String::as_str);
    let component = &target.tool_component;
    let name = taxa.get(&component.guid.to_lowercase());
    let name = name.map_or(&*component.name.0, String::as_str);
    if name.eq_ignore_ascii_case("cwe") {
        cwes.push(id.to_owned());
    } else {
        tagged(id, cwes, techniques);
    }
}

/// A tag that is a weakness (`external/cwe/cwe-079`, `CWE-79: ...`) or a technique
/// (`attack.t1059`, `T1059.001`).
pub(super) fn tagged(tag: &str, cwes: &mut Vec<String>, techniques: &mut Vec<String>) {
    let lower = tag.trim().to_ascii_lowercase();
    let last = lower.rsplit('/').next().unwrap_or_default();
    if let Some(at) = lower.find("cwe-") {
        cwes.push(lower.get(at..).unwrap_or_default().to_owned());
        return;
    }
    let technique = last.strip_prefix("attack.").unwrap_or(last);
    let mut digits = technique.strip_prefix('t').unwrap_or_default().split('.');
    let number = |text: Option<&str>, length: usize| {
        text.is_some_and(|text| text.len() == length && text.bytes().all(|b| b.is_ascii_digit()))
    };
    if number(digits.next(), 4) {
        let part = digits.next();
        if part.is_none() || number(part, 3) {
            techniques.push(technique.to_ascii_uppercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_in_every_way() {
        let run: Run<'_> = serde_json::from_str(
            r#"{"tool": {"driver": {"name": "d", "rules": [{"id": "A"}, {"id": "B", "guid": "G"}]},
                "extensions": [{"name": "e", "rules": [{"id": "E", "defaultConfiguration": {"level": "error"}}]}]}}"#,
        )
        .expect("a run");
        let book = Book::new(&run, &[]);
        let id = |hit: &str| {
            let hit: Hit<'_> = serde_json::from_str(hit).expect("a result");
            book.of(&hit).map(|rule| rule.id.clone())
        };
        assert_eq!(
            id(r#"{"ruleId": "B/part/x", "ruleIndex": 1}"#).as_deref(),
            Some("B")
        );
        assert_eq!(id(r#"{"ruleId": "A/part"}"#).as_deref(), Some("A"));
        assert_eq!(id(r#"{"ruleIndex": 0}"#).as_deref(), Some("A"));
        assert_eq!(
            id(r#"{"ruleId": "A", "ruleIndex": 1}"#).as_deref(),
            Some("A")
        );
        assert_eq!(
            id(r#"{"rule": {"index": 0, "toolComponent": {"index": 0}}}"#).as_deref(),
            Some("E")
        );
        assert_eq!(id(r#"{"rule": {"guid": "g"}}"#).as_deref(), Some("B"));
        assert_eq!(id(r#"{"ruleId": "Z", "ruleIndex": -1}"#), None);
    }

    #[test]
    fn tags_name_weaknesses_and_techniques() {
        let (mut cwes, mut techniques) = (Vec::new(), Vec::new());
        for tag in [
            "external/cwe/cwe-079",
            "CWE-89: x",
            "attack.t1059.001",
            "T1003",
            "test",
            "t12345",
        ] {
            tagged(tag, &mut cwes, &mut techniques);
        }
        assert_eq!(cwes, ["cwe-079", "cwe-89: x"]);
        assert_eq!(techniques, ["T1059.001", "T1003"]);
    }
}
