//! Which of a vulnerability's ratings is its severity, and what the others say.

use super::super::bom;
use crate::draft::Draft;
use crate::field;
use crate::severity;
use casemate_schema::{Cvss, Severity};
use serde_json::Value;

struct Rating {
    source: String,
    word: String,
    score: Option<f64>,
    method: String,
    vector: String,
}

impl Rating {
    fn read(value: &Value) -> Self {
        let score = value.get("score");
        // Before 1.4 the score was an element with three parts.
        let base = score.and_then(|score| score.get("base")).or(score);
        let score = base
            .and_then(crate::path::text_of)
            .and_then(|text| severity::number(&text));
        let source = value.get("source").unwrap_or(&Value::Null);
        Self {
            source: field::named(source, "name"),
            word: field::named(value, "severity"),
            score,
            method: field::named(value, "method"),
            vector: field::named(value, "vector"),
        }
    }

    /// The version of CVSS; `None` for other methods.
    fn cvss_version(&self) -> Option<&str> {
        let method = self.method.to_ascii_lowercase();
        if let Some(rest) = self.vector.strip_prefix("CVSS:") {
            return rest.split('/').next();
        }
        match method.strip_prefix("cvssv").unwrap_or_default() {
            "4" | "40" => Some("4.0"),
            "31" => Some("3.1"),
            "3" | "30" => Some("3.0"),
            "2" | "20" => Some("2.0"),
            _ => None,
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(
            self.word.to_ascii_lowercase().as_str(),
            "" | "unknown" | "unassigned"
        )
    }

    fn level(&self) -> Option<Severity> {
        if !self.is_unknown() {
            return severity::of_word(&self.word);
        }
        let scored = self.cvss_version().is_some() || self.method.is_empty();
        let score = self.score.filter(|_| scored);
        let score = score.or_else(|| severity::of_vector(&self.vector));
        score.map(severity::of_cvss)
    }

    /// CVSS 3.1 and 4 before 3.0, before what names no CVSS version, before CVSS 2, which has other
    /// bands, and methods that rate for one business.
    fn rank(&self) -> u8 {
        match self.cvss_version() {
            Some("3.1" | "4.0") => 0,
            Some("3.0") => 1,
            None if !self.method.eq_ignore_ascii_case("owasp risk")
                && !self.method.eq_ignore_ascii_case("owasp") =>
            {
                2
            }
            _ => 3,
        }
    }
}

/// Fills in severity, scores and what else the ratings say.
pub(super) fn fill(vulnerability: &Value, draft: &mut Draft) {
    let source = vulnerability.get("source").unwrap_or(&Value::Null);
    let source = field::named(source, "name");
    let ratings = bom::list(vulnerability, "ratings", "rating");
    let ratings: Vec<Rating> = ratings.into_iter().map(Rating::read).collect();
    let best = ratings
        .iter()
        .filter(|rating| rating.level().is_some())
        .min_by_key(|rating| (rating.rank(), rating.source != source));
    match best {
        Some(best) => {
            draft.severity = best.level();
            draft.severity_word.clone_from(&best.word);
        }
        None if ratings.iter().any(|rating| !rating.word.is_empty()) => {
            draft.severity = Some(Severity::Info);
            "unknown".clone_into(&mut draft.severity_word);
        }
        // A published vulnerability that nobody has rated is more than a remark.
        None => draft.severity = Some(Severity::Medium),
    }
    for rating in &ratings {
        keep(rating, draft);
    }
}

fn keep(rating: &Rating, draft: &mut Draft) {
    let is_cvss = rating.cvss_version().is_some()
        || (rating.method.is_empty() && rating.vector.is_empty() && rating.score.is_some());
    if is_cvss {
        let score = rating.score.filter(|score| (0.0..=10.0).contains(score));
        if score.is_some() || !rating.vector.is_empty() {
            draft.cvss.push(Cvss {
                version: rating.cvss_version().map(Into::into),
                vector: bom::some(&rating.vector),
                score,
                source: bom::some(&rating.source),
            });
            return;
        }
    }
    let score = rating.score.map(|score| score.to_string());
    let parts = [&rating.word, &score.unwrap_or_default(), &rating.vector];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    let by = match (rating.source.as_str(), rating.method.as_str()) {
        ("", "") => return,
        ("", method) => method.to_owned(),
        (source, "") => source.to_owned(),
        (source, method) => format!("{source}, {method}"),
    };
    draft.see(&format!("severity ({by})"), parts.join(" "));
}
