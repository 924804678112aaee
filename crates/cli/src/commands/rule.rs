//! `casemate rule`: the correlation rules, whether their files are right and their examples hold.

use super::Ctx;
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::rules::{self, Level, RuleFile, RuleSet, builtin};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Correlation rules: list them, check their files, run their examples
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate rule test our-rules/ --junit rules.xml")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the rules with severity and title
    List(Files),
    /// Say what is wrong with files of rules; ends with code 1 for errors
    Lint(Files),
    /// Check the files and run the examples in them; ends with code 1 when one fails
    Test(TestArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Formats: table (default), json")]
struct Files {
    /// Files or folders of rules (*.yaml, and *.rule of sys-scan-graph); the built-in rules when none is named
    #[arg(value_name = "FILE|DIR")]
    places: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct TestArguments {
    #[command(flatten)]
    files: Files,
    /// Write the results as JUnit XML into this file too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let is_json = ctx.format(&["table", "json"])?.unwrap_or("table") == "json";
    match &arguments.verb {
        Verb::List(files) => list(ctx, &read(files)?, is_json),
        Verb::Lint(files) => lint(ctx, &read(files)?, is_json),
        Verb::Test(arguments) => test(ctx, arguments, is_json),
    }
}

fn read(files: &Files) -> Result<RuleSet, Failure> {
    if files.places.is_empty() {
        return Ok(builtin().clone());
    }
    Ok(rules::read(&files.places)?)
}

fn list(ctx: &Ctx<'_>, set: &RuleSet, is_json: bool) -> Result<Exit, Failure> {
    if is_json {
        let mut all: Vec<Value> = set.rules.iter().map(|(_, rule)| card(rule)).collect();
        all.extend(set.annotations.iter().map(|rule| {
            json!({ "id": rule.id, "kind": "finding", "severity": rule.severity, "techniques": rule.techniques })
        }));
        output::data(Value::Array(all).to_string().as_bytes())?;
    } else {
        let mut rows = vec![
            ["ID", "KIND", "SEVERITY", "TITLE"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(set.rules.iter().map(|(_, rule)| {
            let (kind, severity, title) = match rule {
                RuleFile::Graph(rule) => ("graph", rule.severity, &rule.title),
                RuleFile::Sequence(rule) => ("sequence", rule.severity, &rule.title),
            };
            vec![
                rule.id().to_owned(),
                kind.to_owned(),
                severity.to_string(),
                title.clone(),
            ]
        }));
        rows.extend(set.annotations.iter().map(|rule| {
            let severity = rule
                .severity
                .map_or_else(|| "-".to_owned(), |one| one.to_string());
            vec![
                rule.id.clone(),
                "finding".to_owned(),
                severity,
                rule.techniques.join(", "),
            ]
        }));
        output::data(output::columns(&rows).as_bytes())?;
    }
    let n = set.rules.len() + set.annotations.len();
    ctx.say(&format!(
        "{n} rules; `casemate explain ID` tells more about a built-in one"
    ));
    if set.has_errors() {
        say_problems(ctx, set);
        return Ok(Exit::Failure);
    }
    Ok(Exit::Done)
}

fn say_problems(ctx: &Ctx<'_>, set: &RuleSet) {
    for problem in &set.problems {
        ctx.say(&format!("{}: {problem}", level(problem.level)));
    }
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

fn lint(ctx: &Ctx<'_>, set: &RuleSet, is_json: bool) -> Result<Exit, Failure> {
    let strange = rules::unknown_checks(set);
    let n_errors = set
        .problems
        .iter()
        .filter(|one| one.level == Level::Error)
        .count();
    if is_json {
        let problems: Vec<Value> = set
            .problems
            .iter()
            .map(|one| json!({ "file": one.file, "line": one.line, "level": level(one.level), "reason": one.reason }))
            .collect();
        let all = json!({
            "rules": set.rules.len() + set.annotations.len(),
            "errors": n_errors,
            "problems": problems,
            "checks_of_other_tools": strange,
        });
        output::data(all.to_string().as_bytes())?;
    } else {
        let mut text = String::new();
        for problem in &set.problems {
            let _ignored = writeln!(text, "{}: {problem}", level(problem.level));
        }
        for one in &strange {
            let _ignored = writeln!(text, "note: {one} fits no check of this program");
        }
        output::data(text.as_bytes())?;
    }
    ctx.say(&format!(
        "{} rules, {n_errors} errors, {} warnings",
        set.rules.len() + set.annotations.len(),
        set.problems.len() - n_errors
    ));
    Ok(if n_errors > 0 {
        Exit::Failure
    } else {
        Exit::Done
    })
}

/// An example and how it ended.
struct Case {
    rule: String,
    file: String,
    name: String,
    failure: Option<String>,
}

fn cases(set: &RuleSet) -> Vec<Case> {
    let mut out = Vec::new();
    for (file, rule) in &set.rules {
        let mut failures = rule.run_tests();
        for name in rule.tests() {
            let at = failures.iter().position(|one| one.test == name);
            out.push(Case {
                rule: rule.id().to_owned(),
                file: file.clone(),
                name: name.to_owned(),
                failure: at.map(|at| failures.remove(at).reason),
            });
        }
        out.extend(failures.into_iter().map(|one| Case {
            rule: rule.id().to_owned(),
            file: file.clone(),
            name: one.test,
            failure: Some(one.reason),
        }));
    }
    for problem in set.problems.iter().filter(|one| one.level == Level::Error) {
        out.push(Case {
            rule: "files".to_owned(),
            file: problem.file.clone(),
            name: problem.file.clone(),
            failure: Some(problem.to_string()),
        });
    }
    out
}

fn test(ctx: &Ctx<'_>, arguments: &TestArguments, is_json: bool) -> Result<Exit, Failure> {
    let set = read(&arguments.files)?;
    let cases = cases(&set);
    if let Some(path) = &arguments.junit {
        output::data_to(Some(path), junit(&cases).as_bytes())?;
    }
    let n_failed = cases.iter().filter(|case| case.failure.is_some()).count();
    if is_json {
        let all: Vec<Value> = cases
            .iter()
            .map(|case| json!({ "rule": case.rule, "file": case.file, "test": case.name, "failure": case.failure }))
            .collect();
        let all = json!({ "tests": cases.len(), "failed": n_failed, "results": all });
        output::data(all.to_string().as_bytes())?;
    } else {
        let mut text = String::new();
        for case in &cases {
            if let Some(reason) = &case.failure {
                let _ignored = writeln!(text, "FAILED {} `{}`: {reason}", case.rule, case.name);
            }
        }
        output::data(text.as_bytes())?;
    }
    ctx.say(&format!(
        "{} examples of {} rules, {n_failed} failed",
        cases.len(),
        set.rules.len()
    ));
    Ok(if n_failed > 0 {
        Exit::Failure
    } else {
        Exit::Done
    })
}

/// The results as JUnit XML, one suite a rule; rules stand together in `cases`.
fn junit(cases: &[Case]) -> String {
    let n_failed = |cases: &[Case]| cases.iter().filter(|case| case.failure.is_some()).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ignored = writeln!(
        out,
        "<testsuites name=\"casemate rules\" tests=\"{}\" failures=\"{}\">",
        cases.len(),
        n_failed(cases)
    );
    for suite in cases.chunk_by(|a, b| a.rule == b.rule) {
        let Some(first) = suite.first() else { continue };
        let _ignored = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">",
            escaped(&first.rule),
            suite.len(),
            n_failed(suite)
        );
        for case in suite {
            let (rule, name) = (escaped(&case.rule), escaped(&case.name));
            let start = format!(
                "    <testcase classname=\"{rule}\" name=\"{name}\" file=\"{}\"",
                escaped(&case.file)
            );
            let _ignored = match &case.failure {
                None => writeln!(out, "{start}/>"),
                Some(reason) => writeln!(
                    out,
                    "{start}>\n      <failure message=\"{}\"/>\n    </testcase>",
                    escaped(reason)
                ),
            };
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// A text inside an attribute of XML 1.0; what cannot stand there becomes `?`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('?'),
            letter if letter.is_control() => out.push('?'),
            letter => out.push(letter),
        }
    }
    out
}

/// A rule as JSON, the same in `explain` and `rule list`.
pub(super) fn card(rule: &RuleFile) -> Value {
    match rule {
        RuleFile::Graph(rule) => json!({
            "id": rule.id,
            "kind": "graph",
            "title": rule.title,
            "severity": rule.severity,
            "why": rule.why,
            "techniques": rule.techniques,
            "break_at": rule.break_at,
            "match": rule.steps.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "tests": rule.tests.len(),
        }),
        RuleFile::Sequence(rule) => json!({
            "id": rule.id,
            "kind": "sequence",
            "title": rule.title,
            "severity": rule.severity,
            "why": rule.why,
            "techniques": rule.techniques,
            "break_at": rule.break_at,
            "within_days": rule.within_days,
            "tests": rule.tests.len(),
        }),
    }
}

/// The built-in rule of a name.
pub(super) fn find(id: &str) -> Option<&'static RuleFile> {
    let mut rules = builtin().rules.iter();
    rules
        .find(|(_, rule)| rule.id() == id)
        .map(|(_, rule)| rule)
}

/// A rule's card for people.
pub(super) fn text(rule: &RuleFile) -> String {
    let (kind, title, severity, why, break_at, techniques) = match rule {
        RuleFile::Graph(rule) => (
            "Correlation rule",
            &rule.title,
            rule.severity,
            &rule.why,
            &rule.break_at,
            &rule.techniques,
        ),
        RuleFile::Sequence(rule) => (
            "Sequence rule",
            &rule.title,
            rule.severity,
            &rule.why,
            &rule.break_at,
            &rule.techniques,
        ),
    };
    let mut out = format!(
        "# {}\n\n{title}\n\n{kind}, severity {severity}\n",
        rule.id()
    );
    if let RuleFile::Graph(rule) = rule {
        out.push_str("\n## Holds when\n");
        for step in &rule.steps {
            let _ignored = writeln!(out, "- {step}");
        }
    }
    let _ignored = write!(
        out,
        "\n## Why it matters\n{why}\n\n## What breaks it\n{break_at}\n\n## Techniques\n{}\n",
        techniques.join(", ")
    );
    out
}

#[cfg(test)]
mod tests {
    use super::{Case, escaped, junit};

    #[test]
    fn results_are_xml_whatever_they_say() {
        let case = |failure: Option<&str>| Case {
            rule: "a".to_owned(),
            file: "a & b.yaml".to_owned(),
            name: "\"x\" < \u{1}".to_owned(),
            failure: failure.map(str::to_owned),
        };
        let text = junit(&[case(None), case(Some("2 > 1\nnext"))]);
        assert!(text.contains("tests=\"2\" failures=\"1\""));
        assert!(text.contains("name=\"&quot;x&quot; &lt; ?\" file=\"a &amp; b.yaml\"/>"));
        assert!(text.contains("<failure message=\"2 &gt; 1 next\"/>"));
        assert_eq!(escaped("ä"), "ä");
    }
}
