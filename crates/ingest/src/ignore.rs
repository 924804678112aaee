//! The site's ignore file: YAML with the fields of Trivy's `.trivyignore.yaml`.
//!
//! Its lists are `vulnerabilities`, `misconfigurations`, `secrets` and `licenses`, and for anything
//! `findings`; what a rule means is said at [`IgnoreRule`].

use crate::dates;
use crate::error::ImportError;
use casemate_triage::{IgnoreRule, IgnoreSection, Purl};
use serde::Deserialize;
use serde_saphyr::{Options, Spanned};

/// Largest ignore file.
const BYTES_MAX: usize = 4 << 20;
/// The file has lists of rules with lists: three levels; the rest is for a clear error.
const DEPTH_MAX: usize = 8;
/// Aliases are allowed, as a list of paths that several rules share, and not more.
const ALIASES_MAX: usize = 1000;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vulnerabilities: Option<Vec<Spanned<Rule>>>,
    misconfigurations: Option<Vec<Spanned<Rule>>>,
    secrets: Option<Vec<Spanned<Rule>>>,
    licenses: Option<Vec<Spanned<Rule>>>,
    findings: Option<Vec<Spanned<Rule>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: Spanned<String>,
    paths: Option<Vec<String>>,
    purls: Option<Vec<Spanned<String>>>,
    statement: Option<String>,
    expired_at: Option<Spanned<String>>,
}

/// Reads an ignore file; `name` is for messages and for the findings that it suppresses.
///
/// # Errors
/// [`ImportError::Damaged`] with file and line: no YAML, an unknown key, no date;
/// [`ImportError::Limit`] for a file that is larger than any real one.
pub fn parse(name: &str, text: &str) -> Result<Vec<IgnoreRule>, ImportError> {
    if text.len() > BYTES_MAX {
        return Err(ImportError::Limit {
            place: name.to_owned(),
            reason: "an ignore file has at most 4 MiB".to_owned(),
        });
    }
    let file: Option<File> = serde_saphyr::from_str_with_options(text, options())
        .map_err(|error| damaged(name, &error))?;
    let file = file.unwrap_or_default();
    let lists = [
        (IgnoreSection::Vulnerabilities, file.vulnerabilities),
        (IgnoreSection::Misconfigurations, file.misconfigurations),
        (IgnoreSection::Secrets, file.secrets),
        (IgnoreSection::Licenses, file.licenses),
        (IgnoreSection::Findings, file.findings),
    ];
    let mut out: Vec<(u64, IgnoreRule)> = Vec::new();
    for (section, rules) in lists {
        for rule in rules.into_iter().flatten() {
            let line = rule.referenced.line();
            out.push((line, checked(name, section, line, rule.value)?));
        }
    }
    // In the order of the file, which numbers them for people.
    out.sort_by_key(|(line, _)| *line);
    Ok(out.into_iter().map(|(_, rule)| rule).collect())
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

fn checked(
    name: &str,
    section: IgnoreSection,
    line: u64,
    rule: Rule,
) -> Result<IgnoreRule, ImportError> {
    let wrong = |line: u64, reason: String| {
        Err(ImportError::damaged(format!("{name}, line {line}"), reason))
    };
    if rule.id.value.trim().is_empty() {
        let reason = "`id` is empty; `*` stands for any".to_owned();
        return wrong(rule.id.referenced.line(), reason);
    }
    let mut purls = Vec::new();
    for purl in rule.purls.into_iter().flatten() {
        if Purl::parse(&purl.value).is_none() {
            let reason = format!("`{}` is no package URL (pkg:type/name)", purl.value);
            return wrong(purl.referenced.line(), reason);
        }
        purls.push(purl.value);
    }
    let mut expired_at = None;
    if let Some(date) = rule.expired_at {
        expired_at = day(&date.value);
        if expired_at.is_none() {
            let reason = format!(
                "`expired_at: {}` is no date (2026-12-31, or a time in RFC 3339)",
                date.value
            );
            return wrong(date.referenced.line(), reason);
        }
    }
    Ok(IgnoreRule {
        section,
        id: rule.id.value.trim().to_owned(),
        paths: rule.paths.unwrap_or_default(),
        purls,
        statement: rule.statement,
        expired_at,
        source: format!("{name}:{line}"),
    })
}

/// A date or time with the year first; other orders are ambiguous.
fn day(text: &str) -> Option<String> {
    let text = text.trim();
    let year = text.split('-').next()?;
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let has_parts = text.len() >= 10 && text.get(7..8) == Some("-");
    (is_year && has_parts).then(|| dates::rfc3339(text))?
}

fn damaged(name: &str, error: &serde_saphyr::Error) -> ImportError {
    let line = error.location().map(|location| location.line());
    let text = error.without_snippet().to_string();
    let reason = in_our_words(text.split(" at line ").next().unwrap_or(&text).trim());
    let place = match line.filter(|line| *line > 0) {
        Some(line) => format!("{name}, line {line}"),
        None => name.to_owned(),
    };
    ImportError::damaged(place, reason)
}

/// The parser's words without its own terms.
fn in_our_words(reason: &str) -> String {
    if reason.starts_with("budget breached") || reason.contains("replay") {
        return "an ignore file is one document, with few levels and aliases".to_owned();
    }
    let reason = reason.split(", set ").next().unwrap_or(reason);
    reason
        .replace("sequence start", "a list")
        .replace("mapping start", "names with values")
        .replace("string scalar", "text")
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, parse};
    use casemate_triage::IgnoreSection;

    const GOOD: &str = "\
# accepted by the shop's owner
vulnerabilities:
  - id: CVE-2026-0001
    paths:
      - \"srv/**/parser.js\"
    purls:
      - pkg:npm/%40example/parser
    statement: never called
    expired_at: 2026-12-31
misconfigurations:
  - id: AVD-DS-0002
secrets: []
licenses:
findings:
  - id: 12345
    expired_at: 2026-12-31T10:00:00+01:00
";

    #[test]
    fn rules_are_read_with_their_lines() {
        let rules = parse("ignore.yaml", GOOD).expect("rules");
        assert_eq!(rules.len(), 3);
        let first = &rules[0];
        assert_eq!(first.section, IgnoreSection::Vulnerabilities);
        assert_eq!(first.source, "ignore.yaml:3");
        assert_eq!(first.expired_at.as_deref(), Some("2026-12-31T00:00:00Z"));
        assert_eq!(first.paths, ["srv/**/parser.js"]);
        let last = &rules[2];
        assert_eq!(
            (last.id.as_str(), last.section),
            ("12345", IgnoreSection::Findings)
        );
        assert_eq!(last.expired_at.as_deref(), Some("2026-12-31T09:00:00Z"));
        for empty in ["", "# nothing\n", "---\n", "vulnerabilities:\n"] {
            assert_eq!(parse("x", empty).expect("no rules"), [], "{empty:?}");
        }
    }

    #[test]
    fn errors_name_file_line_and_reason() {
        for (text, line, reason) in [
            ("vulnerabilities:\n  - id: a\n    path: b\n", 3, "path"),
            ("vulns: []\n", 1, "vulns"),
            ("secrets:\n  - paths: [a]\n", 2, "id"),
            ("secrets:\n  - id: a\n    expired_at: soon\n", 3, "soon"),
            (
                "secrets:\n  - id: a\n    expired_at: 12/31/2026\n",
                3,
                "12/31/2026",
            ),
            (
                "secrets:\n  - id: a\n    expired_at: 2026-13-01\n",
                3,
                "2026-13-01",
            ),
            ("secrets:\n  - id: ''\n", 2, "empty"),
            (
                "secrets:\n  - id: a\n    purls:\n      - npm/a\n",
                4,
                "npm/a",
            ),
            ("secrets:\n  - id: a\n    id: b\n", 3, "duplicate"),
            ("secrets: {a: 1}\n", 1, "expected a list"),
            ("secrets:\n  - [\n", 2, "unclosed"),
            ("- a\n", 1, "expected names with values"),
            ("secrets: []\n---\nsecrets: []\n", 2, "one document"),
        ] {
            let error = parse("i.yaml", text).expect_err(text).to_string();
            assert!(error.starts_with("i.yaml, line "), "{text:?}: {error}");
            assert!(error.contains(reason), "{text:?}: {error}");
            let is_there = error.starts_with(&format!("i.yaml, line {line}:"));
            assert!(is_there, "{text:?}: {error}");
        }
    }

    #[test]
    fn aliases_do_not_blow_up() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let uses = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{uses}]\n"));
        }
        assert!(parse("x", &bomb).is_err());
        // The same inside of a field that is read.
        let mut bomb = "secrets:\n".to_owned();
        bomb.push_str("  - id: a\n    paths: &a [x, x, x, x, x, x, x, x, x, x, x, x, x, x, x]\n");
        for _ in 0..200_000 {
            bomb.push_str("  - {id: a, paths: *a}\n");
        }
        assert!(bomb.len() < BYTES_MAX * 2);
        let bomb = bomb.get(..BYTES_MAX - 30).unwrap_or(&bomb);
        assert!(parse("x", bomb).is_err());
        let deep = "[".repeat(100_000);
        assert!(parse("x", &format!("secrets: {deep}")).is_err());
        assert!(parse("x", &"#".repeat(BYTES_MAX + 1)).is_err());
        let shared = "secrets:\n  - {id: a, paths: &p [x, y]}\n  - {id: b, paths: *p}\n";
        assert_eq!(parse("x", shared).expect("rules")[1].paths, ["x", "y"]);
    }
}
