//! Other tools' words and numbers for severity on our scale.

use casemate_schema::Severity;
use casemate_triage::cvss::base_score;

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

/// The base score of a CVSS v3 vector, with or without its prefix; `None` for other versions, whose
/// bands differ, and for vectors without all base metrics.
#[must_use]
pub(crate) fn of_vector(vector: &str) -> Option<f64> {
    let vector = vector.trim();
    let base = if vector.starts_with("CVSS:") {
        base_score(vector)
    } else {
        base_score(&format!("CVSS:3.1/{vector}"))
    };
    base.filter(|base| base.version.starts_with('3'))
        .map(|base| base.score)
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
    fn vectors_have_the_scores_of_the_specification() {
        // From the examples that FIRST publishes for CVSS v3.1.
        for (vector, score) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
            ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
            ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
            ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H/E:P", 7.8),
            ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ] {
            assert_eq!(of_vector(vector), Some(score), "{vector}");
        }
        for vector in [
            "AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "CVSS:4.0/AV:N",
            "",
            "CVSS:3.1/S:X",
        ] {
            assert_eq!(of_vector(vector), None, "{vector}");
        }
    }

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
