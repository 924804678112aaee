//! How bad a vulnerability is in this package: the distribution's word, else the score, else
//! `medium`, said as such.

use super::judge::Opinion;
use casemate_schema::{Cvss, Severity, Text};
use serde::Serialize;

/// A severity and who gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rated {
    /// On our scale.
    pub level: Severity,
    /// The feed, `CVSS 9.8 (nvd)`, or `nobody` where `medium` is assumed.
    pub by: Text,
}

/// Rates by the record that decided, then by the others of its package, then by CVSS.
pub(super) fn rate(winner: &Opinion<'_>, all: &[&Opinion<'_>], cvss: &[Cvss]) -> Rated {
    let own = |opinion: &Opinion<'_>| {
        let level = opinion.affected.severity.or(opinion.advisory.severity)?;
        Some(Rated {
            level,
            by: opinion.advisory.feed.clone(),
        })
    };
    let others = || {
        all.iter()
            .filter(|it| it.rank == winner.rank)
            .find_map(|it| own(it))
    };
    own(winner)
        .or_else(others)
        .or_else(|| by_score(cvss))
        .or_else(|| all.iter().find_map(|it| own(it)))
        .unwrap_or_else(|| Rated {
            level: Severity::Medium,
            by: "nobody".into(),
        })
}

/// By the highest base score; one is computed from a vector of version 3.
fn by_score(cvss: &[Cvss]) -> Option<Rated> {
    let scored = cvss.iter().filter_map(|cvss| {
        let score = cvss
            .score
            .or_else(|| base_score_v3(cvss.vector.as_deref()?))?;
        Some((score, cvss))
    });
    let (score, cvss) = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    let by = match &cvss.source {
        Some(source) => format!("CVSS {score:.1} ({source})"),
        None => format!("CVSS {score:.1}"),
    };
    Some(Rated {
        level: level_of(score),
        by: by.into(),
    })
}

/// The qualitative scale of CVSS 3.1, section 5.
fn level_of(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::Info,
    }
}

/// The base score of a CVSS 3.0 or 3.1 vector (CVSS 3.1 specification, section 7.1); `None` for
/// any other text.
fn base_score_v3(vector: &str) -> Option<f64> {
    let metrics = vector.strip_prefix("CVSS:3.")?.split('/').skip(1);
    let metrics: Vec<(&str, &str)> = metrics.filter_map(|part| part.split_once(':')).collect();
    let value = |key: &str| {
        metrics
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| *value)
    };
    let is_changed = value("S")? == "C";
    let attack_vector = match value("AV")? {
        "N" => 0.85,
        "A" => 0.62,
        "L" => 0.55,
        "P" => 0.2,
        _ => return None,
    };
    let complexity = match value("AC")? {
        "L" => 0.77,
        "H" => 0.44,
        _ => return None,
    };
    let privileges = match (value("PR")?, is_changed) {
        ("N", _) => 0.85,
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        ("H", false) => 0.27,
        ("H", true) => 0.5,
        _ => return None,
    };
    let interaction = match value("UI")? {
        "N" => 0.85,
        "R" => 0.62,
        _ => return None,
    };
    let lost = |key: &str| match value(key)? {
        "H" => Some(0.56),
        "L" => Some(0.22),
        "N" => Some(0.0),
        _ => None,
    };
    let base: f64 = 1.0 - (1.0 - lost("C")?) * (1.0 - lost("I")?) * (1.0 - lost("A")?);
    let impact = if is_changed {
        7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15)
    } else {
        6.42 * base
    };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let exploitability = 8.22 * attack_vector * complexity * privileges * interaction;
    let factor = if is_changed { 1.08 } else { 1.0 };
    let score = (factor * (impact + exploitability)).min(10.0);
    // Rounded up to one place, free of the errors of binary fractions (Appendix A).
    let scaled = (score * 100_000.0).round();
    Some(if scaled % 10_000.0 == 0.0 {
        scaled / 100_000.0
    } else {
        ((scaled / 10_000.0).floor() + 1.0) / 10.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_give_the_scores_of_the_specification() {
        let cases = [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ];
        for (vector, score) in cases {
            let found = base_score_v3(vector).expect("a score");
            assert!((found - score).abs() < 1e-9, "{vector}: {found}");
        }
        assert_eq!(base_score_v3("AV:N/AC:L/Au:N/C:P/I:P/A:P"), None);
    }
}
