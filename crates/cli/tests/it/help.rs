//! Help, completions, man page: from one definition, with an example each that runs.

use crate::run::casemate;

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("home")
}

#[test]
fn alone_it_says_what_it_is_with_two_examples() {
    let home = home();
    let ran = casemate(home.path(), &[]);
    assert_eq!(ran.code, 0);
    assert!(ran.text().contains("casemate assess"));
    assert!(ran.text().contains("casemate explain"));
    assert!(ran.text().lines().count() < 15, "concise");
}

#[test]
fn every_command_has_help_with_an_example_and_three_ways_to_it() {
    let home = home();
    for command in casemate::command().get_subcommands() {
        let name = command.get_name();
        let long = casemate(home.path(), &[name, "--help"]);
        assert_eq!(long.code, 0, "{name}");
        assert!(long.text().contains("Example"), "{name}: no example");
        let short = casemate(home.path(), &[name, "-h"]);
        assert_eq!(short.code, 0, "{name}");
        let topic = casemate(home.path(), &["help", name]);
        assert_eq!(topic.code, 0, "{name}: {}", topic.stderr);
        assert!(topic.text().contains("Example"), "{name}");
    }
}

#[test]
fn the_whole_help_is_this() {
    let home = home();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("help", casemate(home.path(), &["--help"]).text());
        insta::assert_snapshot!("help-exit-codes", casemate(home.path(), &["help", "exit-codes"]).text());
    });
}

#[test]
fn a_typo_is_answered_with_the_command_that_was_meant() {
    let home = home();
    let ran = casemate(home.path(), &["asess"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("assess"), "{}", ran.stderr);
    let ran = casemate(home.path(), &["help", "nothing"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn completions_and_man_page_name_every_command() {
    let home = home();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = casemate(home.path(), &["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.text().contains("doctor"), "{shell}");
    }
    assert_eq!(casemate(home.path(), &["completions", "tcsh"]).code, 2);
    let man = casemate(home.path(), &["man"]).text();
    assert!(man.contains(".TH casemate"), "{man}");
    assert!(
        man.contains("fail\\-on"),
        "options of the commands are in it"
    );
}
