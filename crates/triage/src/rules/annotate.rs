//! Rules in the format of sys-scan-graph, applied to findings: another severity, more techniques.
//!
//! Unlike a chain such a rule looks at one finding at a time. What its own program does silently is
//! kept, so that the same files mean the same, and is said: of several rules that set a severity the
//! last one in the order of the files counts. `casemate-ingest` reads the files.

use casemate_schema::{Finding, MappedTechnique, Severity};
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;

/// Largest compiled pattern.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// A rule that changes what is said of single findings.
#[derive(Clone, Debug)]
pub struct AnnotationRule {
    /// Identifier.
    pub id: String,
    /// The part of the scanner whose findings it looks at; all when absent.
    pub scope: Option<String>,
    /// Whether one condition is enough; otherwise all must hold.
    pub any: bool,
    /// The severity that its findings get.
    pub severity: Option<Severity>,
    /// ATT&CK techniques that its findings get in addition.
    pub techniques: Vec<String>,
    /// What it asks for; a rule without a condition fits nothing.
    pub conditions: Vec<Condition>,
    /// Where it stands: file and line.
    pub source: String,
}

/// What one condition asks of one field; all that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// `id`, `title`, `description`, or the name of a piece of evidence.
    pub field: String,
    /// Text that must stand in it.
    pub contains: Option<String>,
    /// What it must be.
    pub equals: Option<String>,
    /// A pattern that must be found in it.
    pub regex: Option<Pattern>,
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern. The format's own program takes ECMAScript; what both read is the same,
    /// what looks around or back is refused here.
    ///
    /// # Errors
    /// Why the pattern cannot be used, in words.
    pub fn new(text: &str) -> Result<Self, String> {
        RegexBuilder::new(text)
            .size_limit(REGEX_BYTES_MAX)
            .build()
            .map(Self)
            .map_err(|error| {
                let text = error.to_string();
                text.lines().last().unwrap_or(&text).trim().to_owned()
            })
    }
}

/// What was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotated {
    /// Findings that each rule fitted, by rule.
    pub fitted: BTreeMap<String, usize>,
    /// Findings whose severity is another one now.
    pub severities_changed: usize,
    /// Techniques added.
    pub techniques_added: usize,
    /// What a reader should know: rules that overruled others, and rules that fitted nothing.
    pub remarks: Vec<String>,
}

/// Applies rules in their order. The findings' order counts for nothing.
pub fn annotate(rules: &[AnnotationRule], findings: &mut [Finding]) -> Annotated {
    let mut out = Annotated::default();
    let mut overruled: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in findings.iter_mut() {
        let before = finding.severity;
        let mut set_by: Option<(&str, Severity)> = None;
        for rule in rules {
            if !rule.fits(finding) {
                continue;
            }
            *out.fitted.entry(rule.id.clone()).or_default() += 1;
            if let Some(severity) = rule.severity {
                if let Some((earlier, other)) = set_by
                    && other != severity
                {
                    *overruled.entry((&rule.id, earlier)).or_default() += 1;
                }
                set_by = Some((&rule.id, severity));
            }
            out.techniques_added += add_techniques(rule, finding);
        }
        // Conditions look at texts alone, so the severity can be set when all rules were asked.
        if let Some((_, severity)) = set_by {
            finding.severity = severity;
        }
        out.severities_changed += usize::from(finding.severity != before);
    }
    out.remarks.extend(overruled.iter().map(|((later, earlier), n)| {
        format!("rule `{later}` overrules the severity of rule `{earlier}` on {n} findings: the last match counts")
    }));
    let idle = rules
        .iter()
        .filter(|rule| !out.fitted.contains_key(&rule.id));
    let idle: Vec<String> = idle
        .map(|rule| format!("rule `{}` ({}) fits no finding", rule.id, rule.source))
        .collect();
    out.remarks.extend(idle);
    out
}

fn add_techniques(rule: &AnnotationRule, finding: &mut Finding) -> usize {
    let mut added = 0;
    for id in &rule.techniques {
        let enrichment = finding.enrichment.get_or_insert_default();
        if enrichment
            .techniques
            .iter()
            .any(|one| &*one.id == id.as_str())
        {
            continue;
        }
        enrichment.techniques.push(MappedTechnique {
            id: id.as_str().into(),
            name: None,
            tactics: Vec::new(),
            reason: format!("rule `{}` says so", rule.id).into(),
        });
        added += 1;
    }
    added
}

impl AnnotationRule {
    /// Whether the rule is for a finding.
    #[must_use]
    pub fn fits(&self, finding: &Finding) -> bool {
        let in_scope = self.scope.as_deref().is_none_or(|scope| {
            scope == &*finding.category || evidence(finding, "scanner") == Some(scope)
        });
        if !in_scope || self.conditions.is_empty() {
            return false;
        }
        let mut conditions = self.conditions.iter();
        if self.any {
            conditions.any(|condition| condition.holds(finding))
        } else {
            conditions.all(|condition| condition.holds(finding))
        }
    }
}

impl Condition {
    fn holds(&self, finding: &Finding) -> bool {
        let value = match self.field.as_str() {
            "id" => Some(finding.source.id.as_deref().unwrap_or(&finding.id)),
            "title" => Some(&*finding.title),
            "description" => Some(&*finding.description),
            name => evidence(finding, name),
        };
        let Some(value) = value else { return false };
        if self.contains.is_none() && self.equals.is_none() && self.regex.is_none() {
            return false;
        }
        self.contains
            .as_deref()
            .is_none_or(|part| value.contains(part))
            && self.equals.as_deref().is_none_or(|whole| value == whole)
            && self
                .regex
                .as_ref()
                .is_none_or(|pattern| pattern.0.is_match(value))
    }
}

fn evidence<'a>(finding: &'a Finding, name: &str) -> Option<&'a str> {
    let mut items = finding.evidence.iter();
    items
        .find(|item| &*item.name == name)
        .map(|item| &*item.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(title: &str) -> Finding {
        Finding {
            id: title.into(),
            title: title.into(),
            category: "network".into(),
            severity: Severity::Low,
            ..Finding::default()
        }
    }

    fn rule(id: &str, contains: &str, severity: Severity) -> AnnotationRule {
        AnnotationRule {
            id: id.to_owned(),
            scope: Some("network".to_owned()),
            any: false,
            severity: Some(severity),
            techniques: vec!["T1190".to_owned()],
            conditions: vec![Condition {
                field: "title".to_owned(),
                contains: Some(contains.to_owned()),
                ..Condition::default()
            }],
            source: "a.rule:1".to_owned(),
        }
    }

    #[test]
    fn the_last_match_counts_and_is_said() {
        let rules = [
            rule("first", "open", Severity::High),
            rule("second", "port", Severity::Info),
            rule("idle", "nothing", Severity::High),
        ];
        let mut findings = [finding("open port"), finding("open door")];
        let done = annotate(&rules, &mut findings);
        assert_eq!(
            findings.each_ref().map(|one| one.severity),
            [Severity::Info, Severity::High]
        );
        assert_eq!(done.severities_changed, 2);
        assert_eq!(done.techniques_added, 2, "each technique once");
        assert!(
            done.remarks
                .iter()
                .any(|text| text.contains("`second` overrules"))
        );
        assert!(done.remarks.iter().any(|text| text.contains("`idle`")));
    }

    #[test]
    fn scope_logic_and_patterns() {
        let mut one = rule("one", "open", Severity::High);
        one.conditions.push(Condition {
            field: "title".to_owned(),
            regex: Some(Pattern::new("^po.t").expect("pattern")),
            ..Condition::default()
        });
        assert!(!one.fits(&finding("open port")));
        one.any = true;
        assert!(one.fits(&finding("open port")));
        one.scope = Some("suid".to_owned());
        assert!(!one.fits(&finding("open port")));
        one.scope = None;
        one.conditions.clear();
        assert!(
            !one.fits(&finding("open port")),
            "no condition fits nothing"
        );
        assert!(Pattern::new("(?=x)").is_err());
    }
}
