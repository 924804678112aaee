//! What changed, and what cannot be said.

use crate::sample;
use casemate_schema::{Severity, Status, diff};

#[test]
fn new_gone_changed_and_the_same() {
    let a = sample::report(
        vec![
            sample::finding("ssh-a", "stays", Severity::Low),
            sample::finding("ssh-a", "worse", Severity::Low),
            sample::finding("ssh-a", "fixed", Severity::High),
        ],
        vec![
            sample::check("ssh-a", Status::Hit, 3),
            sample::check("ssh-b", Status::Passed, 0),
        ],
    );
    let b = sample::report(
        vec![
            sample::finding("ssh-a", "stays", Severity::Low),
            sample::finding("ssh-a", "worse", Severity::High),
            sample::finding("ssh-b", "appears", Severity::High),
        ],
        vec![
            sample::check("ssh-a", Status::Hit, 2),
            sample::check("ssh-b", Status::Hit, 1),
        ],
    );
    let diff = diff(&a, &b);
    assert_eq!(diff.unchanged, 1);
    assert_eq!(diff.new.len(), 1);
    assert_eq!(diff.new[0].location.subject.as_deref(), Some("appears"));
    assert_eq!(diff.gone.len(), 1);
    assert_eq!(diff.gone[0].location.subject.as_deref(), Some("fixed"));
    assert_eq!(diff.changed.len(), 1);
    assert_eq!(diff.changed[0].fields, ["severity"]);
    assert!(diff.not_compared.is_empty());
}

#[test]
fn a_check_that_could_not_look_makes_nothing_new_or_gone() {
    let seen = sample::report(
        vec![sample::finding("ssh-a", "x", Severity::High)],
        vec![
            sample::check("ssh-a", Status::Hit, 1),
            sample::check("sudo-b", Status::Passed, 0),
        ],
    );
    let unseen = sample::report(
        vec![sample::finding("sudo-b", "y", Severity::Low)],
        vec![
            sample::check("ssh-a", Status::NotAssessed, 0),
            sample::check("sudo-b", Status::Hit, 1),
        ],
    );
    let forth = diff(&seen, &unseen);
    assert!(forth.gone.is_empty(), "not seen is not fixed");
    assert_eq!(forth.not_compared.len(), 1);
    assert_eq!(forth.not_compared[0].missing_in, "b");
    assert_eq!(forth.not_compared[0].findings.len(), 1);
    assert_eq!(forth.new.len(), 1);
    let back = diff(&unseen, &seen);
    assert!(back.new.is_empty(), "seen for the first time is not new");
    assert_eq!(back.not_compared[0].missing_in, "a");
}

#[test]
fn a_check_of_another_scope_is_not_compared() {
    let a = sample::report(Vec::new(), Vec::new());
    let b = sample::report(
        vec![sample::finding("ssh-a", "x", Severity::High)],
        vec![sample::check("ssh-a", Status::Hit, 1)],
    );
    let diff = diff(&a, &b);
    assert!(diff.new.is_empty());
    assert_eq!(
        diff.not_compared[0].reason,
        "the check was not part of this scan"
    );
}
