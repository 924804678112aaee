//! A rule as it stands in its file, and what is wrong with it.

use casemate_schema::{EdgeKind, EdgeNeeds, NodeKind, Severity};
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

/// One line of a pattern: `node edge node`, then what the step may ask for, then `via` and the file
/// that the edge is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct StepPattern {
    /// Variable or node id.
    pub from: String,
    /// The edge.
    pub edge: EdgeKind,
    /// Variable or node id.
    pub to: String,
    /// What the step may ask for besides the rights of its start; anything when absent.
    pub asks: Option<Asks>,
    /// Variable or node id of the file whose path the edge has.
    pub via: Option<String>,
}

/// What a step asks for, as the fourth word of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// `freely`: nothing.
    Nothing,
    /// `by_password`, `by_weakness`, `by_guessing`.
    For(EdgeNeeds),
}

impl Asks {
    const WORDS: [(&'static str, Self); 4] = [
        ("freely", Self::Nothing),
        ("by_password", Self::For(EdgeNeeds::Password)),
        ("by_weakness", Self::For(EdgeNeeds::Weakness)),
        ("by_guessing", Self::For(EdgeNeeds::Guessing)),
    ];

    fn parse(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.iter();
        words.find(|(name, _)| *name == word).map(|(_, asks)| *asks)
    }

    fn word(self) -> &'static str {
        let mut words = Self::WORDS.iter();
        words
            .find(|(_, asks)| *asks == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether an edge asks for just this.
    #[must_use]
    pub fn fits(self, needs: Option<EdgeNeeds>) -> bool {
        match self {
            Self::Nothing => needs.is_none(),
            Self::For(wanted) => needs == Some(wanted),
        }
    }

    /// What an edge of an example has.
    #[must_use]
    pub const fn needs(self) -> Option<EdgeNeeds> {
        match self {
            Self::Nothing => None,
            Self::For(needs) => Some(needs),
        }
    }
}

impl StepPattern {
    /// All words that stand for nodes.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let ends = [self.from.as_str(), self.to.as_str()];
        ends.into_iter().chain(self.via.as_deref())
    }
}

impl TryFrom<String> for StepPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [from, edge, to, rest @ ..] = words.as_slice() else {
            return Err(format!(
                "`{text}` is no line `node edge node [freely|by_password|by_weakness|by_guessing] [via file]`"
            ));
        };
        let (asks, rest) = match rest {
            [word, rest @ ..] if Asks::parse(word).is_some() => (Asks::parse(word), rest),
            rest => (None, rest),
        };
        let via = match rest {
            [] => None,
            ["via", file] => Some((*file).to_owned()),
            _ => {
                let rest = rest.join(" ");
                return Err(format!(
                    "`{rest}` cannot stand at the end of `{text}`; what can: freely, by_password, by_weakness, by_guessing, via FILE"
                ));
            }
        };
        Ok(Self {
            from: (*from).to_owned(),
            edge: edge_of(edge)?,
            to: (*to).to_owned(),
            asks,
            via,
        })
    }
}

fn edge_of(word: &str) -> Result<EdgeKind, String> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|_| format!("`{word}` is no edge; the guide on rules lists them"))
}

impl fmt::Display for StepPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.from, edge_word(self.edge), self.to)?;
        if let Some(asks) = self.asks {
            write!(f, " {}", asks.word())?;
        }
        if let Some(via) = &self.via {
            write!(f, " via {via}")?;
        }
        Ok(())
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
    /// Variables whose node it must not be.
    #[serde(default)]
    pub differs: Vec<String>,
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
    /// Findings as `check [exploited] [severity] @ node`, the node being what they speak of.
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
    /// Examples that must and must not match.
    #[serde(default)]
    pub tests: Vec<SequenceTest>,
}

/// An example in the file of a sequence rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceTest {
    /// What it shows.
    pub name: String,
    /// The reports of one host.
    pub reports: Vec<SequenceReport>,
    /// Chains that must be found: one or none.
    pub chains: usize,
}

/// A report of an example.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceReport {
    /// Days since the first report.
    pub day: u32,
    /// Findings as `check` or `check: title`.
    pub findings: Vec<String>,
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
        let differs = self.variables.values().flat_map(|one| &one.differs);
        for name in self.variables.keys().chain(&self.each).chain(differs) {
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
            .flat_map(StepPattern::words)
            .filter(|word| is_variable(word))
            .collect()
    }

    /// Lines that share nothing would pair everything with everything.
    fn check_connected(&self) -> Result<(), String> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&StepPattern> = self.steps.iter().collect();
        if let Some(first) = open.first() {
            reached.extend(first.words());
        }
        while !open.is_empty() {
            let before = open.len();
            open.retain(|step| {
                let touches = step
                    .words()
                    .any(|end| is_variable(end) && reached.contains(end));
                let is_first = self.steps.first() == Some(*step);
                if touches || is_first {
                    reached.extend(step.words());
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

impl SequenceRule {
    /// Whether the rule can be matched: it has steps, and each asks for something.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), RuleError> {
        let wrong = |reason: &str| {
            Err(RuleError {
                rule: self.id.clone(),
                reason: reason.to_owned(),
            })
        };
        if self.sequence.len() < 2 {
            return wrong(
                "`sequence` has fewer than two steps, and what appears alone is a finding",
            );
        }
        if self.sequence.len() > STEPS_MAX {
            return wrong("`sequence` has more than 8 steps");
        }
        let is_any = |step: &SequenceStep| {
            step.check.is_empty() && step.category.is_empty() && step.title.is_empty()
        };
        if self.sequence.iter().any(is_any) {
            return wrong("a step under `sequence` fits every finding");
        }
        if self.within_days == 0 {
            return wrong("`within_days` is 0, so nothing can follow");
        }
        if self.techniques.is_empty() {
            return wrong("it names no ATT&CK technique");
        }
        let texts = [&self.title, &self.why, &self.break_at];
        if texts
            .iter()
            .any(|text| placeholders(text).any(|name| name != "host"))
        {
            return wrong("its texts may name `{host}` alone");
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
