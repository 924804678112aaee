//! A rule as it stands in its file, and what is wrong with it.

use casemate_schema::{EdgeKind, NodeKind, Severity};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Most lines of a rule: matching costs grow with each.
const STEPS_MAX: usize = 8;

/// A rule on the host graph.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Identifier in kebab case; the file has the same name.
    pub id: String,
    /// One line, in which `{variable}` stands for the node's label.
    pub title: String,
    /// Why it matters, in plain words; variables as in the title.
    pub why: String,
    /// How bad it is.
    pub severity: Severity,
    /// ATT&CK techniques in the order of the path.
    pub techniques: Vec<String>,
    /// What breaks it most cheaply; variables as in the title.
    pub break_at: String,
    /// Lines `node edge node`, all of which must hold.
    #[serde(rename = "match")]
    pub steps: Vec<StepPattern>,
    /// What the variables may stand for.
    #[serde(default, rename = "where")]
    pub variables: BTreeMap<String, VarPattern>,
    /// Findings that must or may speak of the bound nodes.
    #[serde(default)]
    pub findings: Vec<FindingPattern>,
    /// Variables that tell one chain from another; all when absent.
    #[serde(default)]
    pub each: Vec<String>,
    /// Examples that must and must not match.
    #[serde(default)]
    pub tests: Vec<RuleTest>,
}

/// One line of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct StepPattern {
    /// Variable or node id.
    pub from: String,
    /// The edge.
    pub edge: EdgeKind,
    /// Variable or node id.
    pub to: String,
}

impl TryFrom<String> for StepPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [from, edge, to] = words.as_slice() else {
            return Err(format!(
                "`{text}` is no line of three words `node edge node`"
            ));
        };
        let kind = serde_json::from_value(serde_json::Value::String((*edge).to_owned()))
            .map_err(|_| format!("`{edge}` is no edge; the guide on rules lists them"))?;
        Ok(Self {
            from: (*from).to_owned(),
            edge: kind,
            to: (*to).to_owned(),
        })
    }
}

impl fmt::Display for StepPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.from, edge_word(self.edge), self.to)
    }
}

/// The word of an edge in rules, chains and drawings.
#[must_use]
pub(crate) fn edge_word(edge: EdgeKind) -> String {
    match serde_json::to_value(edge) {
        Ok(serde_json::Value::String(word)) => word,
        _ => format!("{edge:?}").to_lowercase(),
    }
}

/// What a variable may stand for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VarPattern {
    /// Kinds of nodes; any when empty.
    #[serde(default)]
    pub kind: Vec<NodeKind>,
    /// Ids with `*`; any when empty.
    #[serde(default)]
    pub is: Vec<String>,
    /// Ids with `*` that it must not be.
    #[serde(default)]
    pub not: Vec<String>,
}

/// Findings that speak of a bound node.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingPattern {
    /// The variable whose node they speak of; absent for what is said of the whole host, which can
    /// only ever be optional.
    #[serde(default)]
    pub on: Option<String>,
    /// Checks with `*`; any when empty.
    #[serde(default)]
    pub check: Vec<String>,
    /// Categories; any when empty.
    #[serde(default)]
    pub category: Vec<String>,
    /// The least severity.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Only vulnerabilities that are known to be exploited.
    #[serde(default)]
    pub exploited: bool,
    /// Whether the rule holds without them.
    #[serde(default)]
    pub optional: bool,
}

/// An example in a rule's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTest {
    /// What it shows.
    pub name: String,
    /// Edges of its graph, as lines of node ids.
    #[serde(default)]
    pub edges: Vec<StepPattern>,
    /// Findings as `check @ node`.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Chains that must be found.
    pub chains: usize,
}

/// A rule on what changes from report to report of one host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceRule {
    /// Identifier in kebab case.
    pub id: String,
    /// One line; `{host}` stands for the host.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// How bad it is.
    pub severity: Severity,
    /// ATT&CK techniques in order.
    pub techniques: Vec<String>,
    /// What breaks it most cheaply.
    pub break_at: String,
    /// What has to appear, in this order.
    pub sequence: Vec<SequenceStep>,
    /// Days within which all must appear.
    pub within_days: u32,
}

/// Something that appears (or, with `gone`, disappears) between two reports.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceStep {
    /// Checks with `*`; any when empty.
    #[serde(default)]
    pub check: Vec<String>,
    /// Categories; any when empty.
    #[serde(default)]
    pub category: Vec<String>,
    /// Words of which one stands in the title; any when empty.
    #[serde(default)]
    pub title: Vec<String>,
    /// Whether it disappears instead.
    #[serde(default)]
    pub gone: bool,
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule `{rule}`: {reason}")]
pub struct RuleError {
    /// The rule.
    pub rule: String,
    /// What is wrong.
    pub reason: String,
}

impl Rule {
    /// Whether the rule can be matched: it has lines, they hang together, names are known.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), RuleError> {
        let wrong = |reason: String| RuleError {
            rule: self.id.clone(),
            reason,
        };
        if self.steps.is_empty() {
            let reason =
                "it has no line under `match`, and findings that merely share a host are no chain";
            return Err(wrong(reason.to_owned()));
        }
        if self.steps.len() > STEPS_MAX {
            return Err(wrong(format!("it has more than {STEPS_MAX} lines")));
        }
        let bound = self.bound();
        self.check_connected().map_err(wrong)?;
        for name in self.variables.keys().chain(&self.each) {
            if !bound.contains(name.as_str()) {
                return Err(wrong(format!("`{name}` stands in no line under `match`")));
            }
        }
        for pattern in &self.findings {
            match &pattern.on {
                Some(on) if !bound.contains(on.as_str()) => {
                    return Err(wrong(format!("`on: {on}` stands in no line under `match`")));
                }
                None if !pattern.optional => {
                    let reason = "findings of the whole host can only be `optional: true`";
                    return Err(wrong(reason.to_owned()));
                }
                _ => {}
            }
        }
        for text in [&self.title, &self.why, &self.break_at] {
            for name in placeholders(text) {
                if !bound.contains(name) {
                    return Err(wrong(format!(
                        "`{{{name}}}` stands in no line under `match`"
                    )));
                }
            }
        }
        if self.techniques.is_empty() {
            return Err(wrong("it names no ATT&CK technique".to_owned()));
        }
        Ok(())
    }

    /// The variables of the lines.
    fn bound(&self) -> BTreeSet<&str> {
        self.steps
            .iter()
            .flat_map(|step| [step.from.as_str(), step.to.as_str()])
            .filter(|word| is_variable(word))
            .collect()
    }

    /// Lines that share nothing would pair everything with everything.
    fn check_connected(&self) -> Result<(), String> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&StepPattern> = self.steps.iter().collect();
        if let Some(first) = open.first() {
            reached.extend([first.from.as_str(), first.to.as_str()]);
        }
        while !open.is_empty() {
            let before = open.len();
            open.retain(|step| {
                let ends = [step.from.as_str(), step.to.as_str()];
                let touches = ends
                    .iter()
                    .any(|end| is_variable(end) && reached.contains(end));
                let is_first = self.steps.first() == Some(*step);
                if touches || is_first {
                    reached.extend(ends);
                }
                !(touches || is_first)
            });
            if open.len() == before {
                let line = open.first().map(ToString::to_string).unwrap_or_default();
                return Err(format!(
                    "the line `{line}` shares no variable with the others"
                ));
            }
        }
        Ok(())
    }
}

/// Whether a word of a line is a variable: node ids have a colon, `network` and `kernel` are single.
pub(super) fn is_variable(word: &str) -> bool {
    !word.contains(':') && word != "network" && word != "kernel"
}

/// Names in braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
