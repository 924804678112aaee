//! A fix as data: what it is called, what it costs, what it may break, and how it is drafted.

use super::draft::Draft;
use casemate_schema::{ChangeRisk, Finding};

/// Drafts what has to be done about one finding.
pub(crate) type How = fn(&mut Draft, &Finding);

/// The fix of one check.
#[derive(Debug)]
pub(crate) struct Fix {
    /// The check's identifier.
    pub(crate) check: &'static str,
    /// One line for people, imperative.
    pub(crate) title: &'static str,
    /// Minutes for the first subject.
    pub(crate) minutes: u32,
    /// What the change may break.
    pub(crate) risk: ChangeRisk,
    /// The same in words.
    pub(crate) breaks: &'static str,
    /// The way; what adds no step leaves the card's own words to a person.
    pub(crate) how: How,
}

/// A change that nothing depends on.
pub(crate) const fn low(
    check: &'static str,
    title: &'static str,
    minutes: u32,
    breaks: &'static str,
    how: How,
) -> Fix {
    fix(check, title, minutes, ChangeRisk::Low, breaks, how)
}

/// A change after which something may behave differently.
pub(crate) const fn medium(
    check: &'static str,
    title: &'static str,
    minutes: u32,
    breaks: &'static str,
    how: How,
) -> Fix {
    fix(check, title, minutes, ChangeRisk::Medium, breaks, how)
}

/// A change that may cost access or a service.
pub(crate) const fn high(
    check: &'static str,
    title: &'static str,
    minutes: u32,
    breaks: &'static str,
    how: How,
) -> Fix {
    fix(check, title, minutes, ChangeRisk::High, breaks, how)
}

/// What a person has to decide or to find out: the card's own words.
pub(crate) const fn person(
    check: &'static str,
    title: &'static str,
    minutes: u32,
    why: &'static str,
) -> Fix {
    fix(check, title, minutes, ChangeRisk::Medium, why, nothing)
}

const fn fix(
    check: &'static str,
    title: &'static str,
    minutes: u32,
    risk: ChangeRisk,
    breaks: &'static str,
    how: How,
) -> Fix {
    Fix {
        check,
        title,
        minutes,
        risk,
        breaks,
        how,
    }
}

/// Adds no step.
pub(crate) fn nothing(_draft: &mut Draft, _finding: &Finding) {}
