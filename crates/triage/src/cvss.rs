//! CVSS vectors: what version, which base score follows from them, and who can reach the weakness.
//!
//! The scoring is that of the `cvss` crate (FIRST's specifications 2.0, 3.0, 3.1, 4.0), compared
//! with an independent implementation in the tests. Temporal, threat, environmental and
//! supplemental metrics are left out before scoring: they are about another time or place than ours.

use casemate_schema::{Cvss, RecomputedCvss};
use std::str::FromStr;

/// Largest vector that is looked at; the longest sound one has about 200 characters.
const VECTOR_BYTES_MAX: usize = 512;

/// Base metrics of each major version, in the order of the specification.
const BASE_V2: [&str; 6] = ["AV", "AC", "Au", "C", "I", "A"];
const BASE_V3: [&str; 8] = ["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const BASE_V4: [&str; 11] = [
    "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA",
];

/// From where a weakness can be used, as its vector says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttackVector {
    /// With hands on the machine.
    Physical,
    /// By code or a person on the machine.
    Local,
    /// From the same network segment.
    Adjacent,
    /// From anywhere.
    Network,
}

/// A vector's base metrics, its version and score.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseScore {
    /// `2.0`, `3.0`, `3.1`, `4.0`.
    pub version: &'static str,
    /// The base metrics alone, in the specification's order.
    pub vector: String,
    /// The base score, 0 to 10 with one decimal.
    pub score: f64,
    /// From where it can be used.
    pub attack_vector: AttackVector,
    /// Whether it needs neither an account nor a person's help.
    pub unaided: bool,
}

/// Reads a vector and computes its base score; `None` for what is no sound vector.
#[must_use]
pub fn base_score(vector: &str) -> Option<BaseScore> {
    let text = vector.trim().trim_start_matches('(').trim_end_matches(')');
    if text.len() > VECTOR_BYTES_MAX {
        return None;
    }
    let (version, metrics): (&'static str, &str) = match text.split_once('/') {
        Some(("CVSS:3.0", rest)) => ("3.0", rest),
        Some(("CVSS:3.1", rest)) => ("3.1", rest),
        Some(("CVSS:4.0", rest)) => ("4.0", rest),
        Some(("CVSS:2.0", rest)) => ("2.0", rest),
        Some(_) => ("2.0", text),
        None => return None,
    };
    let wanted: &[&str] = match version {
        "2.0" => &BASE_V2,
        "4.0" => &BASE_V4,
        _ => &BASE_V3,
    };
    let mut parts = Vec::with_capacity(wanted.len());
    for name in wanted {
        let mut values = metrics
            .split('/')
            .filter_map(|part| part.split_once(':'))
            .filter(|(metric, _)| metric == name)
            .map(|(_, value)| value);
        let value = values.next()?;
        // The same metric twice makes a vector unsound in every version.
        if values.next().is_some() {
            return None;
        }
        parts.push((*name, value));
    }
    let joined: Vec<String> = parts
        .iter()
        .map(|(name, value)| format!("{name}:{value}"))
        .collect();
    let body = joined.join("/");
    let base = if version == "2.0" {
        body
    } else {
        format!("CVSS:{version}/{body}")
    };
    let score = cvss::Cvss::from_str(&base).ok()?.score();
    let value_of = |name: &str| {
        let found = parts.iter().find(|(metric, _)| *metric == name);
        found.map_or("", |(_, value)| *value)
    };
    Some(BaseScore {
        version,
        score,
        attack_vector: match value_of("AV") {
            "N" => AttackVector::Network,
            "A" => AttackVector::Adjacent,
            "L" => AttackVector::Local,
            _ => AttackVector::Physical,
        },
        unaided: match version {
            "2.0" => value_of("Au") == "N",
            _ => value_of("PR") == "N" && value_of("UI") == "N",
        },
        vector: base,
    })
}

/// The score of the newest version among the vectors, and of those the highest: versions measure
/// different things, so a 2.0 score never stands in for a 3.1 one.
#[must_use]
pub fn best(scores: &[Cvss]) -> Option<(RecomputedCvss, BaseScore)> {
    scores
        .iter()
        .filter_map(|given| Some((given, base_score(given.vector.as_deref()?)?)))
        .max_by(|(_, a), (_, b)| {
            a.version
                .cmp(b.version)
                .then(a.score.total_cmp(&b.score))
                .then_with(|| b.vector.cmp(&a.vector))
        })
        .map(|(given, base)| {
            let differs = given
                .score
                .filter(|score| (score - base.score).abs() > 0.049);
            let recomputed = RecomputedCvss {
                version: base.version.into(),
                vector: base.vector.as_str().into(),
                score: base.score,
                given: differs,
            };
            (recomputed, base)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Scores by FIRST's calculators' examples and the Python package `cvss` 3.4
    /// (`testkit/reference/cvss_scores.py` prints them anew).
    #[test]
    fn scores_equal_those_of_an_independent_implementation() {
        for (vector, version, expected) in [
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", 10.0),
            ("(AV:L/AC:H/Au:N/C:C/I:C/A:C)", "2.0", 6.2),
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C", "2.0", 7.8),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.0", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 10.0),
            (
                "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:P",
                "3.1",
                7.8,
            ),
            ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", "3.1", 1.6),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", 0.0),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                "4.0",
                9.3,
            ),
            (
                "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U",
                "4.0",
                7.3,
            ),
        ] {
            let base = base_score(vector).expect(vector);
            assert_eq!(base.version, version, "{vector}");
            assert!(
                (base.score - expected).abs() < 1e-9,
                "{vector}: {}",
                base.score
            );
        }
    }

    #[test]
    fn unsound_vectors_have_no_score() {
        for vector in [
            "",
            "7.5",
            "CVSS:3.1/AV:N",
            "CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        ] {
            assert_eq!(base_score(vector), None, "{vector}");
        }
    }

    #[test]
    fn the_newest_version_counts_and_a_wrong_score_is_told() {
        let given = |vector: &str, score: f64| Cvss {
            vector: Some(vector.into()),
            score: Some(score),
            ..Cvss::default()
        };
        let scores = [
            given("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
            given("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 9.9),
        ];
        let (best, base) = best(&scores).expect("score");
        assert_eq!(best.version, "3.1");
        assert_eq!(best.given, Some(9.9));
        assert_eq!(base.attack_vector, AttackVector::Local);
        assert!(!base.unaided);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "\\PC{0,80}") {
            let _score = base_score(&text);
        }
    }
}
