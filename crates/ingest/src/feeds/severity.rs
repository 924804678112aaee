//! The words that distributions have for how bad something is, on our scale.
//!
//! Sources: Debian's "urgency" (security-team.debian.org), Ubuntu's priorities
//! (ubuntu.com/security/cves/about), Red Hat's and SUSE's four-step ratings, which Amazon, Oracle,
//! Alma and Rocky use too.

use casemate_schema::Severity;

/// The severity that a word means; `None` where the feed has not said anything.
pub(crate) fn of(word: &str) -> Option<Severity> {
    // Debian marks what an automatic tool said with stars.
    let word = word.trim().trim_end_matches('*').to_ascii_lowercase();
    Some(match word.as_str() {
        "critical" => Severity::Critical,
        "high" | "important" | "severe" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" | "minor" => Severity::Low,
        // No effect on a default installation, or none on security.
        "unimportant" | "negligible" | "informational" | "info" => Severity::Info,
        _ => return None,
    })
}

/// The severity before the colon of a title: `Important: kernel security update`.
pub(crate) fn of_title(title: &str) -> Option<Severity> {
    of(title.split_once(':')?.0)
}

/// The severity of Trivy's number: 1 is low, 4 critical.
pub(crate) fn of_number(number: f64) -> Option<Severity> {
    // Whole numbers that are written as 1 or as 1.0.
    [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ]
    .into_iter()
    .zip([1.0, 2.0, 3.0, 4.0])
    .find(|(_, known): &(Severity, f64)| (number - known).abs() < 0.01)
    .map(|(severity, _)| severity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_distributions() {
        assert_eq!(of("high**"), Some(Severity::High));
        assert_eq!(of("Important"), Some(Severity::High));
        assert_eq!(of("unimportant"), Some(Severity::Info));
        assert_eq!(of("not yet assigned"), None);
        assert_eq!(of("end-of-life"), None);
        assert_eq!(of_title("Moderate: bcel update"), Some(Severity::Medium));
        assert_eq!(of_number(1.0), Some(Severity::Low));
        assert_eq!(of_number(0.0), None);
    }
}
