//! How bad a vulnerability is in this package: the distribution's word, else the score, else
//! `medium`, said as such.

use super::judge::Opinion;
use crate::cvss::base_score;
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

/// By the highest base score; one that is not given is computed from its vector.
fn by_score(cvss: &[Cvss]) -> Option<Rated> {
    let scored = cvss.iter().filter_map(|cvss| {
        let score = cvss
            .score
            .or_else(|| Some(base_score(cvss.vector.as_deref()?)?.score))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_score_rates_and_a_missing_one_is_computed() {
        let cvss = |vector: &str, score| Cvss {
            vector: Some(vector.into()),
            score,
            source: Some("nvd".into()),
            ..Cvss::default()
        };
        let local = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H";
        let newest = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        let rated = |scores: &[Cvss]| by_score(scores).map(|it| (it.level, it.by.to_string()));
        let high = |score: &str| Some((Severity::High, format!("CVSS {score} (nvd)")));
        assert_eq!(rated(&[cvss(local, None)]), high("7.8"));
        assert_eq!(
            rated(&[cvss(local, Some(5.0)), cvss(local, None)]),
            high("7.8")
        );
        assert_eq!(
            rated(&[cvss(newest, None)]),
            Some((Severity::Critical, "CVSS 9.3 (nvd)".to_owned()))
        );
        assert_eq!(rated(&[cvss("AV:Q", None)]), None);
    }
}
