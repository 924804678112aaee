//! Scores of a published vulnerability as sources write them: a vector, a number, or both.
//!
//! A score is 0 to 10 and a vector of version 3 and later names its version (`CVSS:3.1/...`), so
//! that what it says counts before what a field or a column of the source stands for.

use casemate_schema::{Cvss, Text};

/// A vector and a score of one version; nothing if neither is there.
///
/// `version` is the one to take where the vector names none; empty for unknown. A score beyond 0 to
/// 10 is left out.
pub(crate) fn scored(
    version: &str,
    vector: &str,
    score: Option<f64>,
    source: &str,
) -> Option<Cvss> {
    let version = version_of(vector).unwrap_or(version);
    stated(version, vector, score, source)
}

/// The same of a source that says the version itself, which counts whatever the vector names.
pub(crate) fn stated(
    version: &str,
    vector: &str,
    score: Option<f64>,
    source: &str,
) -> Option<Cvss> {
    let score = score.filter(|score| (0.0..=10.0).contains(score));
    (!vector.is_empty() || score.is_some()).then(|| Cvss {
        version: some(version),
        vector: some(vector),
        score,
        source: some(source),
    })
}

/// The version that a vector names: `3.1` of `CVSS:3.1/AV:N`.
pub(crate) fn version_of(vector: &str) -> Option<&str> {
    vector.strip_prefix("CVSS:")?.split('/').next()
}

/// A score above 0: some tools write 0 where a source gives none.
pub(crate) fn given(score: Option<f64>) -> Option<f64> {
    score.filter(|score| *score > 0.0)
}

fn some(text: &str) -> Option<Text> {
    (!text.is_empty()).then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_names_the_version() {
        let both = scored("3.0", "CVSS:3.1/AV:N", Some(9.8), "nvd").expect("a score");
        assert_eq!(both.version.as_deref(), Some("3.1"));
        assert_eq!(both.vector.as_deref(), Some("CVSS:3.1/AV:N"));
        assert_eq!(
            (both.score, both.source.as_deref()),
            (Some(9.8), Some("nvd"))
        );
        let old = scored("2.0", "AV:N/AC:L", None, "").expect("a vector");
        assert_eq!((old.version.as_deref(), old.source), (Some("2.0"), None));
        assert_eq!(
            scored("", "AV:N", None, "").expect("a vector").version,
            None
        );
    }

    #[test]
    fn what_is_no_score_is_none() {
        assert_eq!(scored("3.1", "", None, "nvd"), None);
        assert_eq!(scored("3.1", "", Some(11.0), "nvd"), None);
        assert_eq!(scored("3.1", "", Some(-1.0), "nvd"), None);
        assert_eq!(scored("3.1", "", given(Some(0.0)), "nvd"), None);
        assert_eq!(
            scored("", "", Some(10.0), "").expect("a score").score,
            Some(10.0)
        );
        assert_eq!(
            scored("", "", Some(0.0), "").expect("a score").score,
            Some(0.0)
        );
    }
}
