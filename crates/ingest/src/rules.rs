//! Correlation rules: one YAML file a rule, the built-in ones and those of a site.
//!
//! `docs/guide/rules.md` documents the files. What a rule means and how it is matched stands in
//! `casemate-triage`; here it is read and checked: unknown keys, lines that cannot match, names that
//! do not agree, and the examples in the file. Files that end in `.rule` are of sys-scan-graph's
//! format ([`sys_scan`]). Nothing here opens a file: the caller hands in names and texts.

mod sys_scan;

use crate::error::ImportError;
use casemate_triage::{
    AnnotationRule, Rule, SequenceRule, TestFailure, run_sequence_tests, run_tests,
};
use serde::de::DeserializeOwned;
use serde_saphyr::Options;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// Largest file of a rule.
pub const BYTES_MAX: usize = 256 << 10;
/// Most files of one site.
pub const FILES_MAX: usize = 2000;
/// Lists in lists; a rule has four levels.
const DEPTH_MAX: usize = 10;
/// Examples share their edges by aliases.
const ALIASES_MAX: usize = 500;

const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));
const BUILTIN_SEQUENCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sequences.rs"));

/// A rule of one file.
#[derive(Clone, Debug)]
pub enum RuleFile {
    /// Lines on the host graph.
    Graph(Box<Rule>),
    /// Steps from report to report.
    Sequence(Box<SequenceRule>),
}

impl RuleFile {
    /// The rule's id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Graph(rule) => &rule.id,
            Self::Sequence(rule) => &rule.id,
        }
    }

    /// The names of its examples, in their order.
    #[must_use]
    pub fn tests(&self) -> Vec<&str> {
        match self {
            Self::Graph(rule) => rule.tests.iter().map(|test| test.name.as_str()).collect(),
            Self::Sequence(rule) => rule.tests.iter().map(|test| test.name.as_str()).collect(),
        }
    }

    /// Runs its examples.
    #[must_use]
    pub fn run_tests(&self) -> Vec<TestFailure> {
        match self {
            Self::Graph(rule) => run_tests(rule),
            Self::Sequence(rule) => run_sequence_tests(rule),
        }
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is used, but perhaps not as it is meant.
    Warning,
    /// It cannot be used.
    Error,
}

/// What is wrong with a file of rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as it was named.
    pub file: String,
    /// One-based line, if one is to blame.
    pub line: Option<u64>,
    /// How bad it is.
    pub level: Level,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.reason),
            None => write!(f, "{}: {}", self.file, self.reason),
        }
    }
}

impl From<Problem> for ImportError {
    fn from(problem: Problem) -> Self {
        let place = match problem.line {
            Some(line) => format!("{}, line {line}", problem.file),
            None => problem.file,
        };
        Self::damaged(place, problem.reason)
    }
}

/// Rules of several files.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// Rules with the file that each stands in, in the order of the files.
    pub rules: Vec<(String, RuleFile)>,
    /// Rules on single findings, in the order in which they are applied.
    pub annotations: Vec<AnnotationRule>,
    /// What is wrong, by file and line.
    pub problems: Vec<Problem>,
}

impl RuleSet {
    /// The rules on the host graph.
    pub fn graph_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter_map(|(_, rule)| match rule {
            RuleFile::Graph(rule) => Some(rule.as_ref()),
            RuleFile::Sequence(_) => None,
        })
    }

    /// The rules on what changes from report to report.
    pub fn sequence_rules(&self) -> impl Iterator<Item = &SequenceRule> {
        self.rules.iter().filter_map(|(_, rule)| match rule {
            RuleFile::Sequence(rule) => Some(rule.as_ref()),
            RuleFile::Graph(_) => None,
        })
    }

    /// Whether a file cannot be used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|one| one.level == Level::Error)
    }
}

/// The rules that come with the program.
#[must_use]
pub fn builtin() -> &'static RuleSet {
    static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
        let file = |folder: &str, (name, text): &(&str, &str)| {
            (
                format!("assets/rules/{folder}{name}.yaml"),
                (*text).to_owned(),
            )
        };
        let rules = BUILTIN.iter().map(|one| file("", one));
        let sequences = BUILTIN_SEQUENCES.iter().map(|one| file("sequences/", one));
        read_all(rules.chain(sequences))
    });
    &RULES
}

/// Reads files of rules, YAML and `.rule`, and says everything that is wrong with them. Files are
/// taken in the order of their names.
#[must_use]
pub fn read_all(files: impl IntoIterator<Item = (String, String)>) -> RuleSet {
    let mut files: Vec<(String, String)> = files.into_iter().collect();
    files.sort();
    let mut set = RuleSet::default();
    if files.len() > FILES_MAX {
        set.problems.push(Problem {
            file: format!("{} files", files.len()),
            line: None,
            level: Level::Error,
            reason: format!("more than {FILES_MAX} files of rules are not read"),
        });
        files.truncate(FILES_MAX);
    }
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    let mut others: Vec<(String, String)> = Vec::new();
    for (name, text) in files {
        if name.ends_with(".rule") {
            others.push((name, text));
            continue;
        }
        match read_file(&name, &text) {
            Ok(rule) => {
                set.problems.extend(remarks(&name, &text, &rule));
                match places.get(rule.id()) {
                    Some(first) => set.problems.push(Problem {
                        line: line_of(&text, "id:"),
                        file: name,
                        level: Level::Error,
                        reason: format!("`{}` is the id of a rule in {first} too", rule.id()),
                    }),
                    None => {
                        places.insert(rule.id().to_owned(), name.clone());
                        set.rules.push((name, rule));
                    }
                }
            }
            Err(problem) => set.problems.push(problem),
        }
    }
    let (annotations, problems) = sys_scan::read(&others);
    set.annotations = annotations;
    set.problems.extend(problems);
    set.problems.sort();
    set
}

/// Reads one rule; `name` is for messages.
///
/// # Errors
/// What is wrong, with the line: no YAML, an unknown key, lines that cannot match.
pub fn read_file(name: &str, text: &str) -> Result<RuleFile, Problem> {
    if text.len() > BYTES_MAX {
        return Err(Problem {
            file: name.to_owned(),
            line: None,
            level: Level::Error,
            reason: format!("a file of a rule has at most {} KiB", BYTES_MAX >> 10),
        });
    }
    let is_sequence = text.lines().any(|line| line.starts_with("sequence:"));
    let (rule, checked) = if is_sequence {
        let rule: SequenceRule = parse(name, text)?;
        let checked = rule.check();
        (RuleFile::Sequence(Box::new(rule)), checked)
    } else {
        let rule: Rule = parse(name, text)?;
        let checked = rule.check();
        (RuleFile::Graph(Box::new(rule)), checked)
    };
    match checked {
        Ok(()) => Ok(rule),
        Err(error) => Err(Problem {
            file: name.to_owned(),
            line: to_blame(text, &error.reason),
            level: Level::Error,
            reason: error.reason,
        }),
    }
}

/// What is odd about a rule that can be used.
fn remarks(name: &str, text: &str, rule: &RuleFile) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut add = |line: Option<u64>, reason: String| {
        found.push(Problem {
            file: name.to_owned(),
            line,
            level: Level::Warning,
            reason,
        });
    };
    let id = rule.id();
    let stem = name.rsplit('/').next().unwrap_or(name);
    let stem = stem.strip_suffix(".yaml").or(stem.strip_suffix(".yml"));
    if stem.is_some_and(|stem| stem != id) {
        let line = line_of(text, "id:");
        add(
            line,
            format!("the file is not called `{id}.yaml`, as its rule is"),
        );
    }
    if !is_kebab(id) {
        let line = line_of(text, "id:");
        add(line, format!("`{id}` is not in lower case with hyphens"));
    }
    let techniques = match rule {
        RuleFile::Graph(rule) => &rule.techniques,
        RuleFile::Sequence(rule) => &rule.techniques,
    };
    for technique in techniques.iter().filter(|one| !is_technique(one)) {
        let line = line_of(text, "techniques:");
        add(
            line,
            format!("`{technique}` is no technique of ATT&CK (T1234 or T1234.001)"),
        );
    }
    if rule.tests().is_empty() {
        add(None, "it has no `tests`".to_owned());
    }
    found
}

fn is_kebab(id: &str) -> bool {
    let known =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    !id.is_empty() && id.chars().all(known) && !id.starts_with('-') && !id.ends_with('-')
}

/// Whether a text has the form of a technique's id.
pub(crate) fn is_technique(id: &str) -> bool {
    let digits =
        |text: &str, n: usize| text.len() == n && text.bytes().all(|one| one.is_ascii_digit());
    let Some(number) = id.strip_prefix('T') else {
        return false;
    };
    match number.split_once('.') {
        Some((main, sub)) => digits(main, 4) && digits(sub, 3),
        None => digits(number, 4),
    }
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Problem> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let line = error.location().map(|location| location.line());
        let words = error.without_snippet().to_string();
        let words = words.split(" at line ").next().unwrap_or(&words).trim();
        Problem {
            file: name.to_owned(),
            line: line.filter(|line| *line > 0),
            level: Level::Error,
            reason: in_our_words(words),
        }
    })
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_aliases: ALIASES_MAX,
            max_anchors: ALIASES_MAX,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_replay_stack_depth: DEPTH_MAX,
            max_total_replayed_events: 100_000,
        },
        with_snippet: false,
    }
}

/// The parser's words without its own terms, and with the key that was probably meant.
fn in_our_words(reason: &str) -> String {
    if reason.starts_with("budget breached") || reason.contains("replay") {
        return "a rule is one document, with few levels and aliases".to_owned();
    }
    let reason = reason
        .replace("sequence start", "a list")
        .replace("mapping start", "names with values")
        .replace("string scalar", "text");
    if !reason.starts_with("unknown field") {
        return reason;
    }
    let Some(wrong) = reason.split('`').nth(1) else {
        return reason;
    };
    let (_, list) = reason.split_once("expected").unwrap_or_default();
    let list = list.trim_start().trim_start_matches("one of");
    let known: Vec<&str> = list
        .split([',', ' '])
        .map(|word| word.trim_matches('`'))
        .filter(|word| !word.is_empty())
        .collect();
    let nearest = known
        .iter()
        .map(|key| (strsim::damerau_levenshtein(wrong, key), *key))
        .min()
        .filter(|(distance, key)| *distance <= 2.max(key.len() / 3));
    match nearest {
        Some((_, key)) => format!("`{wrong}` is no key here; is `{key}` meant?"),
        None => format!("`{wrong}` is no key here; known are {}", known.join(", ")),
    }
}

/// The first line that starts with a key.
fn line_of(text: &str, key: &str) -> Option<u64> {
    let mut lines = (1..).zip(text.lines());
    lines
        .find(|(_, line)| line.starts_with(key))
        .map(|(number, _)| number)
}

/// The line that holds what a reason quotes.
fn to_blame(text: &str, reason: &str) -> Option<u64> {
    let quoted = reason.split('`').nth(1)?;
    let mut lines = (1..).zip(text.lines());
    lines
        .find(|(_, line)| line.contains(quoted))
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
id: a-rule
title: \"{who} may change {file}\"
why: because
severity: high
techniques: [T1574]
break_at: take the right away
match:
  - who may_write file
  - user:root loads file
tests:
  - name: holds
    edges: [\"group:* may_write file:/a\", \"user:root loads file:/a\"]
    chains: 1
  - name: does not
    edges: [\"group:* may_write file:/a\", \"user:root loads file:/b\"]
    chains: 0
";

    fn problem(text: &str) -> String {
        read_file("a-rule.yaml", text)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn a_rule_is_read_and_its_examples_hold() {
        let rule = read_file("a-rule.yaml", GOOD).expect("rule");
        assert_eq!(rule.id(), "a-rule");
        assert_eq!(rule.run_tests(), []);
        let wrong = GOOD.replace("chains: 1", "chains: 2");
        let failures = read_file("a-rule.yaml", &wrong).expect("rule").run_tests();
        assert_eq!(failures.len(), 1);
        assert!(
            failures[0]
                .reason
                .contains("2 chains are expected, 1 are found")
        );
        let blind = GOOD.replace("user:root loads file:/b", "user:root loads file:/a");
        let failures = read_file("a-rule.yaml", &blind.replace("chains: 0", "chains: 1"));
        let failures = failures.expect("rule").run_tests();
        assert!(
            failures[0]
                .reason
                .contains("no example that does not match")
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let text = problem(&GOOD.replace("severity:", "severty:"));
        assert_eq!(
            text,
            "a-rule.yaml, line 4: `severty` is no key here; is `severity` meant?"
        );
        let text = problem(&GOOD.replace("may_write file\n  -", "may_paint file\n  -"));
        assert!(text.contains("`may_paint` is no edge"), "{text}");
        let text = problem(&GOOD.replace("{who} may", "{nobody} may"));
        assert!(
            text.starts_with("a-rule.yaml, line 2: `{nobody}`"),
            "{text}"
        );
        let text = problem(&GOOD.replace("techniques: [T1574]\n", ""));
        assert!(text.contains("techniques"), "{text}");
        assert!(
            problem("[1, 2]").contains("a-rule.yaml"),
            "a list is no rule"
        );
        assert!(problem(&" ".repeat(BYTES_MAX + 1)).contains("KiB"));
    }

    #[test]
    fn doubled_ids_and_odd_names_are_said() {
        let file = |name: &str| (name.to_owned(), GOOD.to_owned());
        let set = read_all([file("b.yaml"), file("a-rule.yaml")]);
        assert_eq!(set.rules.len(), 1);
        assert!(set.has_errors());
        let texts: Vec<String> = set.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "b.yaml, line 1: the file is not called `a-rule.yaml`, as its rule is",
                "b.yaml, line 1: `a-rule` is the id of a rule in a-rule.yaml too",
            ]
        );
    }

    #[test]
    fn the_built_in_rules_are_sound_and_their_examples_hold() {
        let set = builtin();
        assert_eq!(set.problems, []);
        assert!(
            set.graph_rules().count() >= 40,
            "{}",
            set.graph_rules().count()
        );
        assert!(set.sequence_rules().count() >= 6);
        let failures: Vec<String> = set
            .rules
            .iter()
            .flat_map(|(name, rule)| {
                let failures = rule.run_tests();
                failures
                    .into_iter()
                    .map(move |one| format!("{name}: {one}"))
            })
            .collect();
        assert_eq!(failures, Vec::<String>::new());
    }
}
