//! JUnit XML, as security tools write it for build servers: a failed test case is a finding, one
//! that could not run was not assessed, the rest passed.
//!
//! Trivy's template is known by its suites: each is named by a target and has the property `type`.

use super::trivy::naming;
use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::field::text;
use crate::input::Input;
use crate::path::text_of;
use crate::severity;
use casemate_schema::{Component, Status, Text};
use serde_json::Value;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let root = input.xml()?;
    let suites = root.get("testsuites");
    let name = suites
        .map(|suites| text(suites, "@name"))
        .unwrap_or_default();
    let is_trivy = name.eq_ignore_ascii_case("trivy");
    if is_trivy {
        out.tool("Trivy");
    } else {
        out.tool(&name);
    }
    let around = Suite {
        is_trivy,
        ..Suite::default()
    };
    match (suites, root.get("testsuite")) {
        (Some(suites), _) => walk(suites, &around, out),
        (None, Some(suite)) => take_suite(suite, &around, out),
        (None, None) => {
            return Err(ImportError::damaged("the root", "there is no `testsuites`"));
        }
    }
    Ok(())
}

/// What a suite says of its cases.
#[derive(Clone, Debug, Default)]
struct Suite {
    name: String,
    kind: String,
    is_trivy: bool,
}

/// The elements of a name.
fn each<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    match value.get(name) {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(single) => vec![single],
        None => Vec::new(),
    }
}

fn walk(value: &Value, around: &Suite, out: &mut Collector) {
    for suite in each(value, "testsuite") {
        take_suite(suite, around, out);
    }
    for case in each(value, "testcase") {
        take_case(case, around, out);
    }
}

fn take_suite(value: &Value, around: &Suite, out: &mut Collector) {
    out.scanned_at(&text(value, "@timestamp"));
    let properties = value.get("properties").unwrap_or(&Value::Null);
    let kind = each(properties, "property")
        .into_iter()
        .find(|property| text(property, "@name") == "type")
        .map(|property| text(property, "@value"));
    let suite = Suite {
        name: text(value, "@name"),
        is_trivy: around.is_trivy || (kind.is_some() && has_trivy_cases(value)),
        kind: kind.unwrap_or_default(),
    };
    if suite.is_trivy {
        out.tool("Trivy");
        if naming::is_system_target(&suite.name) {
            out.target(naming::artifact(&suite.name));
        }
    }
    walk(value, &suite, out);
}

/// The types of failures that Trivy's template writes.
fn has_trivy_cases(suite: &Value) -> bool {
    each(suite, "testcase").first().is_some_and(|case| {
        let first = each(case, "failure").first().map(|it| text(it, "@type"));
        first.as_deref() == Some("description")
    })
}

fn take_case(case: &Value, suite: &Suite, out: &mut Collector) {
    let name = text(case, "@name");
    let class = text(case, "@classname");
    if name.is_empty() && class.is_empty() {
        out.reject(&suite.name, "a test case without a name");
        return;
    }
    let (marks, words) = marks(&name);
    let mut draft = Draft {
        title: words.to_owned(),
        category: "misconfiguration".to_owned(),
        path: text(case, "@file"),
        line: text(case, "@line").parse().ok().filter(|line| *line > 0),
        ..Draft::default()
    };
    for mark in marks {
        let is_level = severity::of_word(mark).is_some();
        if is_level && draft.severity_word.is_empty() {
            draft.severity_word = mark.to_owned();
        } else if draft.check.is_empty() {
            draft.check = mark.to_owned();
        }
    }
    let surface = if suite.name.is_empty() {
        "tests"
    } else {
        &suite.name
    };
    let failures = each(case, "failure");
    let rule = if draft.check.is_empty() {
        words
    } else {
        &draft.check
    }
    .to_owned();
    if failures.is_empty() {
        let error = each(case, "error").first().map(|it| said(it));
        let skipped = each(case, "skipped").first().map(|it| said(it));
        match (error, skipped) {
            (Some(reason), _) => out.check(&rule, surface, Status::NotAssessed, Some(reason)),
            (None, Some(reason)) => out.check(&rule, surface, Status::NotApplicable, Some(reason)),
            (None, None) => out.check(&rule, surface, Status::Passed, None),
        }
        return;
    }
    for failure in failures {
        take_failure(failure, &mut draft);
    }
    if suite.is_trivy {
        of_trivy(&class, words, suite, &mut draft);
    } else {
        general(&class, suite, &mut draft);
    }
    if draft.check.is_empty() {
        draft.check.clone_from(&rule);
    }
    if draft.ids.is_empty() {
        out.check(&draft.check, surface, Status::Hit, None);
    }
    out.finding(draft);
}

/// The words in brackets at the beginning of a name, and the rest: `[HIGH] CVE-2000-1`.
fn marks(name: &str) -> (Vec<&str>, &str) {
    let mut found = Vec::new();
    let mut rest = name.trim();
    while let Some((mark, after)) = rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
        found.push(mark.trim());
        rest = after.trim_start();
    }
    (found, rest)
}

/// What a failure, an error or a skipped case says.
fn said(element: &Value) -> String {
    let texts = [
        text(element, "@message"),
        text_of(element).unwrap_or_default(),
    ];
    let text = texts.into_iter().find(|text| !text.is_empty());
    text.unwrap_or_else(|| "the tool does not say why".to_owned())
}

fn take_failure(failure: &Value, draft: &mut Draft) {
    let said = text_of(failure).unwrap_or_default();
    // Go's templates put texts in quotes.
    let said = match said.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(inner) => inner.replace("\\n", "\n").replace("\\\"", "\""),
        None => said,
    };
    let kind = text(failure, "@type");
    if kind == "severity" {
        draft.severity_word = said;
        return;
    }
    if draft.severity_word.is_empty() && severity::of_word(&kind).is_some() {
        draft.severity_word = kind;
    }
    draft.see("message", text(failure, "@message"));
    if draft.description.is_empty() {
        draft.description = said;
    } else if !said.is_empty() && said != draft.description {
        draft.description.push_str("\n\n");
        draft.description.push_str(&said);
    }
}

fn general(class: &str, suite: &Suite, draft: &mut Draft) {
    draft.see("suite", suite.name.as_str());
    if draft.path != class {
        class.clone_into(&mut draft.subject);
    }
    let id = [draft.check.as_str(), draft.title.as_str()]
        .into_iter()
        .find(|text| is_cve(text))
        .map(str::to_owned);
    if let Some(id) = id {
        draft.ids = vec![id];
        "vulnerability".clone_into(&mut draft.category);
    }
    if !class.is_empty() && !draft.title.contains(class) {
        draft.title = format!("{} in {class}", draft.title);
    }
}

/// A case of Trivy: a vulnerability (`package-version`), a misconfiguration (its type), or a secret
/// (its rule).
fn of_trivy(class: &str, words: &str, suite: &Suite, draft: &mut Draft) {
    let message = draft.evidence.iter().find(|(name, _)| name == "message");
    let message = message.map(|(_, text)| text.clone()).unwrap_or_default();
    let is_id = is_cve(words) || words.split('-').count() > 2 && !words.contains(' ');
    match package(class).filter(|_| is_id) {
        Some((name, version)) => {
            draft.evidence.clear();
            draft.title = naming::title(words, name, version, &message);
            words.clone_into(&mut draft.check);
            draft.ids = vec![words.to_owned()];
            "vulnerability".clone_into(&mut draft.category);
            naming::package_path("", &suite.kind, &suite.name, "").clone_into(&mut draft.path);
            draft.component = Some(Component {
                name: Text::from(name),
                version: Some(Text::from(version)),
                kind: Some(Text::from(naming::package_type(&suite.kind))),
                ..Component::default()
            });
        }
        None if class.contains(' ') || is_id || !message.eq_ignore_ascii_case(words) => {
            words.clone_into(&mut draft.check);
            let title = if message.is_empty() { words } else { &message };
            draft.title = format!("{title} in {}", suite.name);
            draft.path.clone_from(&suite.name);
            draft.see("type", class);
        }
        None => {
            class.clone_into(&mut draft.check);
            "secret".clone_into(&mut draft.category);
            draft.title = format!("{words} in {}", suite.name);
            draft.path.clone_from(&suite.name);
        }
    }
}

/// Takes `name-version` apart: the version begins at the first `-` with a digit behind it after
/// which every piece looks like part of a version.
fn package(text: &str) -> Option<(&str, &str)> {
    let cuts = text.match_indices('-').filter_map(|(at, _)| {
        let version = text.get(at + 1..)?;
        let digits = version.strip_prefix('v').unwrap_or(version);
        let starts = digits.starts_with(|c: char| c.is_ascii_digit());
        (starts && at > 0).then_some((text.get(..at)?, version))
    });
    let cuts: Vec<(&str, &str)> = cuts.collect();
    let whole = cuts
        .iter()
        .find(|(_, version)| version.split('-').all(is_version_piece));
    whole.or(cuts.first()).copied()
}

fn is_version_piece(piece: &str) -> bool {
    const WORDS: [&str; 10] = [
        "alpha",
        "beta",
        "dev",
        "final",
        "incubating",
        "jre",
        "pre",
        "rc",
        "release",
        "snapshot",
    ];
    let lower = piece.to_lowercase();
    let letters = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    piece.contains(|c: char| c.is_ascii_digit())
        && (letters.len() <= 2 || lower.starts_with(|c: char| c.is_ascii_digit()))
        || WORDS.contains(&letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_taken_apart() {
        for (text, name, version) in [
            ("libcrypto1.1-1.1.1c-r0", "libcrypto1.1", "1.1.1c-r0"),
            ("gcc-8-base-8.3.0-6", "gcc-8-base", "8.3.0-6"),
            (
                "e2fsprogs-1.44.1-1ubuntu1.1",
                "e2fsprogs",
                "1.44.1-1ubuntu1.1",
            ),
            ("spring-web-5.3.0-SNAPSHOT", "spring-web", "5.3.0-SNAPSHOT"),
            ("golang.org/x/net-v0.1.0", "golang.org/x/net", "v0.1.0"),
        ] {
            assert_eq!(package(text), Some((name, version)), "{text}");
        }
        assert_eq!(package("Dockerfile Security Check"), None);
        assert_eq!(
            marks("[HIGH][CKV_1] words"),
            (vec!["HIGH", "CKV_1"], "words")
        );
    }
}
