//! Every check against its fixture: the expected state, at least one hit and one clean case, and a
//! stored copy of all that it says.

use casemate_scan::fixture::{self, Expected};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

#[test]
fn every_check_says_what_its_fixture_expects() {
    let mut wrong = Vec::new();
    for check in casemate_scan::all_checks() {
        let path = folder().join(format!("{}.tree", check.id));
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let cases =
            fixture::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            cases
                .iter()
                .any(|case| matches!(case.expected, Expected::Hit(n) if n > 0)),
            "{}: no case hits",
            check.id
        );
        assert!(
            cases.iter().any(|case| case.expected == Expected::Passed),
            "{}: no case passes",
            check.id
        );
        let mut all = String::new();
        for case in &cases {
            let (found, said) = fixture::outcome_text(check, case);
            if found != case.expected {
                wrong.push(format!(
                    "{}: case `{}` expects {:?}, got {found:?}\n{said}",
                    check.id, case.name, case.expected
                ));
            }
            all.push_str(&said);
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("check-{}", check.id), all);
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_belongs_to_a_check() {
    for entry in std::fs::read_dir(folder()).expect("fixtures") {
        let name = entry
            .expect("entry")
            .file_name()
            .into_string()
            .expect("UTF-8 name");
        let id = name.strip_suffix(".tree").expect("only .tree files");
        assert!(casemate_scan::find_check(id).is_some(), "no check `{id}`");
    }
}

#[test]
fn every_card_is_whole() {
    let mut seen = std::collections::BTreeSet::new();
    for check in casemate_scan::all_checks() {
        let card = check.card();
        assert!(seen.insert(check.id), "`{}` twice", check.id);
        for (name, text) in [
            ("What it checks", &card.what),
            ("Why it matters", &card.why),
            ("Example", &card.example),
            ("Instead", &card.instead),
        ] {
            assert!(
                text.len() > 20,
                "{}: section `{name}` is missing or empty",
                check.id
            );
        }
        assert!(!check.references.is_empty(), "{}: no references", check.id);
        assert!(
            !check.title.ends_with('.'),
            "{}: title ends with a full stop",
            check.id
        );
    }
}
