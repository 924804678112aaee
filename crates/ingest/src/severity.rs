//! Other tools' words and numbers for severity on our scale.

use casemate_schema::Severity;

/// The level that a word commonly means; `None` for words that mean different things to different
/// tools, which a mapping has to translate.
#[must_use]
pub(crate) fn of_word(word: &str) -> Option<Severity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "crit" | "blocker" | "urgent" | "emergency" | "fatal" | "defcon1"
        | "very-high" | "very high" => Severity::Critical,
        "high" | "important" | "severe" | "error" | "major" | "alert" | "serious" => Severity::High,
        "medium" | "moderate" | "med" | "warning" | "warn" | "average" => Severity::Medium,
        "low" | "minor" | "notice" | "very-low" | "very low" => Severity::Low,
        "info" | "informational" | "information" | "none" | "note" | "negligible" | "log"
        | "debug" | "unknown" | "undefined" | "unspecified" | "unassigned" | "ok" | "pass"
        | "passed" | "false positive" => Severity::Info,
        _ => return None,
    })
}

/// The qualitative rating of a CVSS v3 or v4 score (CVSS v3.1 specification, section 5; the same
/// bands in v4.0, section 6).
#[must_use]
pub(crate) fn of_cvss(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::Info,
    }
}

/// A number as tools write it: with a decimal comma too, `None` for anything else.
#[must_use]
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| text.replace(',', ".").parse().ok())
        .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_bands() {
        assert_eq!(of_word(" Important "), Some(Severity::High));
        assert_eq!(of_word("5"), None);
        assert_eq!(number("9,8"), Some(9.8));
        assert_eq!(number("n/a"), None);
        assert_eq!(number("NaN"), None);
        for (score, level) in [
            (0.0, Severity::Info),
            (3.9, Severity::Low),
            (4.0, Severity::Medium),
            (8.9, Severity::High),
            (9.0, Severity::Critical),
        ] {
            assert_eq!(of_cvss(score), level);
        }
    }
}
