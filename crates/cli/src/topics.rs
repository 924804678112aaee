//! The offline manual: what `casemate` alone prints, and the topics of `casemate help`.

use crate::exit::CODES;
use casemate_app::config::KEYS;
use casemate_scan::Surface;
use std::fmt::Write;

/// What `casemate` without arguments prints.
pub(crate) const CONCISE: &str = "\
casemate finds out what is wrong with a Linux host, ranks and explains it, offline.
It also takes the reports of other scanners, and writes what a site's other tools read.

Usage: casemate <COMMAND>

Examples:
  casemate assess                 scan this host, rank, write ./casemate-report
  casemate assess trivy.json nessus.xml   rank what other tools found
  casemate explain ssh-root-login what a check looks at and how to fix what it finds

Commands: assess, scan, import, decide, case, remediate, compliance, vulns, report, diff, fleet, explain, graph, checks, rule, pack, config, doctor, completions, man, help
`casemate --help` tells more, `casemate help TOPIC` more about one thing.
";

/// The topics with one line each.
pub(crate) const LIST: &[(&str, &str)] = &[
    ("exit-codes", "what the process ends with"),
    ("configuration", "every configuration key"),
    (
        "formats",
        "what is written, and how names and numbers look in it",
    ),
    ("importing", "taking other tools' reports"),
    (
        "decisions",
        "deciding about findings, and what a report may undo",
    ),
    ("mappings", "describing a format of your own"),
    ("air-gap", "what to carry across the gap, and how often"),
    ("rules", "writing correlation rules"),
    ("coverage", "what \"not assessed\" means"),
    ("surfaces", "the parts of a host that are looked at"),
];

/// A topic's text.
pub(crate) fn text(topic: &str) -> Option<String> {
    match topic {
        "exit-codes" => Some(exit_codes()),
        "configuration" => Some(config()),
        "formats" => Some(FORMATS.to_owned()),
        "importing" => Some(IMPORT.to_owned()),
        "decisions" => Some(format!("{DECISIONS}\n{STATES}")),
        "mappings" => Some(MAPPINGS.to_owned()),
        "air-gap" => Some(AIR_GAP.to_owned()),
        "rules" => Some(RULES.to_owned()),
        "coverage" => Some(COVERAGE.to_owned()),
        "surfaces" => Some(surfaces()),
        _ => None,
    }
}

/// The guides are the manual too.
const IMPORT: &str = include_str!("../../../docs/guide/import.md");
const AIR_GAP: &str = include_str!("../../../docs/guide/air-gap.md");
const DECISIONS: &str = include_str!("../../../docs/guide/decisions.md");
const STATES: &str = include_str!("../../../docs/concepts/states.md");
const MAPPINGS: &str = include_str!("../../../docs/guide/import-mappings.md");
const RULES: &str = include_str!("../../../docs/guide/rules.md");

const FORMATS: &str = "\
json     One object, canonical (RFC 8785): sorted keys, no blanks, no newline at its end.
ndjson   The same, one object a line with a `kind`: report, coverage, summary, finding.
sarif    SARIF 2.1.0 for code scanning and ticket tools.
html     One self-contained page: nothing is fetched, it reads without script and prints.
md       Markdown for tickets and wikis.
csv      One row a finding; cells that a spreadsheet would compute are defused.
ocsf     OCSF 1.6.0: vulnerability, compliance and detection findings, for a SIEM.
cyclonedx    CycloneDX 1.6 with components and vulnerabilities, VEX decisions included.
defectdojo   DefectDojo's generic findings.
openvex      OpenVEX 0.2.0: what this site decided about the findings.
table    Text for people.

A path that is no valid UTF-8 shows the offending bytes as \\xNN, and `path_base64` holds the exact
bytes. Integers beyond 2^53 - 1 are written as text. Times are UTC.
Finding ids are made from content: the same weakness has the same id in the next scan.
";

const COVERAGE: &str = "\
Each check ends in one of four states:
  hit             it looked and found something
  passed          it looked at all there is and found nothing
  not_applicable  what it looks at does not exist here
  not_assessed    it could not look, or not at everything; the reason is given

A check that could not look is never counted as passed, in no count, table, score or comparison.
The score is passed / (passed + hit), and the number of checks that could not look stands beside it.
";

fn exit_codes() -> String {
    let mut text = String::new();
    for (code, meaning) in CODES {
        let _ignored = writeln!(text, "{code:<9} {meaning}");
    }
    text
}

fn config() -> String {
    let mut text = String::from(
        "One TOML file: --config FILE, else ~/.config/casemate/config.toml.\n\
         Flags go before CASEMATE_* variables, these before the file, the file before the built-in.\n\n",
    );
    for key in KEYS {
        let default = if key.default.is_empty() {
            "not set"
        } else {
            key.default
        };
        let _ignored = writeln!(
            text,
            "{} = {} ({})\n    {}\n    Environment: {}",
            key.name,
            default,
            key.takes(),
            key.doc,
            key.variable()
        );
    }
    text
}

fn surfaces() -> String {
    let mut text = String::new();
    for surface in Surface::ALL {
        let n_checks = casemate_scan::all_checks()
            .iter()
            .filter(|c| c.surface == surface)
            .count();
        let _ignored = writeln!(text, "{surface:<14}{n_checks} checks");
    }
    text
}
