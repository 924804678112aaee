//! The terminal: narrow enough, without control sequences, and honest about what was not seen.

use crate::sample;
use casemate_report::{TerminalOptions, terminal, terminal_diff};
use casemate_schema::{Severity, Status, diff};

fn files() -> TerminalOptions {
    TerminalOptions {
        files: vec![
            (
                "report.html".to_owned(),
                "casemate-report/report.html".to_owned(),
            ),
            (
                "report.json".to_owned(),
                "casemate-report/report.json".to_owned(),
            ),
        ],
        ..TerminalOptions::default()
    }
}

#[test]
fn summaries_of_the_reports() {
    insta::assert_snapshot!("full.txt", terminal(&sample::full(), &files()));
    insta::assert_snapshot!(
        "empty.txt",
        terminal(&sample::empty(), &TerminalOptions::default())
    );
    insta::assert_snapshot!(
        "blind.txt",
        terminal(&sample::blind(), &TerminalOptions::default())
    );
    insta::assert_snapshot!(
        "mixed.txt",
        terminal(&sample::mixed(), &TerminalOptions::default())
    );
    insta::assert_snapshot!(
        "assessed.txt",
        terminal(&sample::assessed(), &TerminalOptions::default())
    );
    insta::assert_snapshot!(
        "import.txt",
        terminal(&sample::import(), &TerminalOptions::default())
    );
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for report in [
        sample::full(),
        sample::empty(),
        sample::blind(),
        sample::mixed(),
        sample::import(),
        sample::assessed(),
        sample::large(20),
    ] {
        for width in [60, 80, 120] {
            let options = TerminalOptions {
                width,
                ..TerminalOptions::default()
            };
            for line in terminal(&report, &options).lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn hostile_text_moves_no_cursor() {
    let text = terminal(&sample::hostile(), &files());
    for banned in ['\u{1b}', '\u{9b}', '\r', '\0', '\u{202e}', '\u{200b}'] {
        assert!(!text.contains(banned), "{banned:?}");
    }
    let coloured = TerminalOptions {
        colour: true,
        ..files()
    };
    let text = terminal(&sample::hostile(), &coloured);
    for sequence in text.split('\u{1b}').skip(1) {
        let (code, _) = sequence.split_once('m').expect("a colour");
        assert!(
            code.starts_with('[') && code.chars().skip(1).all(|c| c.is_ascii_digit() || c == ';')
        );
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = terminal(&sample::full(), &files());
    let coloured = TerminalOptions {
        colour: true,
        ..files()
    };
    let mut stripped = terminal(&sample::full(), &coloured);
    assert_ne!(stripped, plain);
    for code in ["[1m", "[0m", "[1;31m", "[31m", "[33m", "[36m", "[2m"] {
        stripped = stripped.replace(&format!("\u{1b}{code}"), "");
    }
    assert_eq!(stripped, plain);
}

#[test]
fn a_comparison_says_what_cannot_be_said() {
    let before = sample::full();
    let mut after = sample::full();
    after
        .findings
        .retain(|finding| finding.source.check != "mount-options");
    after
        .findings
        .retain(|finding| finding.source.check != "suid-unknown");
    for check in &mut after.coverage.checks {
        if check.id == "suid-unknown" {
            check.status = Status::NotAssessed;
        }
        if check.id == "mount-options" {
            check.status = Status::Passed;
        }
    }
    after.findings[0].severity = Severity::Medium;
    let new = sample::finding("ssh-root-login", Severity::High, "other", "Something new");
    after.findings.push(new);
    let text = terminal_diff(&diff(&before, &after), &TerminalOptions::default());
    insta::assert_snapshot!("diff.txt", text);
}
