//! Which vectors are valid? DefectDojo computes scores from them and drops what it cannot read.
//!
//! Source: CVSS 3.1 specification, section 6 (vector string), and CVSS 4.0 specification,
//! section 7. Order of metrics is free here, none may be missing or named twice.

use crate::facts;
use casemate_schema::Cvss;

/// A vector and a score of one version.
#[derive(Debug, Default)]
pub(super) struct Best<'a> {
    pub(super) vector: Option<&'a str>,
    pub(super) score: Option<f64>,
}

/// Metric, values, whether it has to be there.
type Metric = (&'static str, &'static str, bool);

const V3: [Metric; 22] = [
    ("AV", "NALP", true),
    ("AC", "LH", true),
    ("PR", "NLH", true),
    ("UI", "NR", true),
    ("S", "UC", true),
    ("C", "HLN", true),
    ("I", "HLN", true),
    ("A", "HLN", true),
    ("E", "XUPFH", false),
    ("RL", "XOTWU", false),
    ("RC", "XURC", false),
    ("CR", "XLMH", false),
    ("IR", "XLMH", false),
    ("AR", "XLMH", false),
    ("MAV", "XNALP", false),
    ("MAC", "XLH", false),
    ("MPR", "XNLH", false),
    ("MUI", "XNR", false),
    ("MS", "XUC", false),
    ("MC", "XNLH", false),
    ("MI", "XNLH", false),
    ("MA", "XNLH", false),
];

const V4: [Metric; 31] = [
    ("AV", "NALP", true),
    ("AC", "LH", true),
    ("AT", "NP", true),
    ("PR", "NLH", true),
    ("UI", "NPA", true),
    ("VC", "HLN", true),
    ("VI", "HLN", true),
    ("VA", "HLN", true),
    ("SC", "HLN", true),
    ("SI", "HLN", true),
    ("SA", "HLN", true),
    ("E", "XAPU", false),
    ("CR", "XHML", false),
    ("IR", "XHML", false),
    ("AR", "XHML", false),
    ("MAV", "XNALP", false),
    ("MAC", "XLH", false),
    ("MAT", "XNP", false),
    ("MPR", "XNLH", false),
    ("MUI", "XNPA", false),
    ("MVC", "XHLN", false),
    ("MVI", "XHLN", false),
    ("MVA", "XHLN", false),
    ("MSC", "XHLN", false),
    ("MSI", "XSHLN", false),
    ("MSA", "XSHLN", false),
    ("S", "XNP", false),
    ("AU", "XNY", false),
    ("R", "XAUI", false),
    ("V", "XDC", false),
    ("RE", "XLMH", false),
];

/// The highest entry of version 3 and of version 4.
pub(super) fn best<'a>(entries: impl Iterator<Item = &'a Cvss>) -> (Best<'a>, Best<'a>) {
    let mut v3 = Best::default();
    let mut v4 = Best::default();
    for cvss in entries {
        let version = facts::cvss_version(cvss).unwrap_or_default();
        let (best, tables): (_, fn(&str) -> bool) = match version {
            version if version.starts_with('3') => (&mut v3, is_v3),
            version if version.starts_with('4') => (&mut v4, is_v4),
            _ => continue,
        };
        let vector = cvss.vector.as_deref().filter(|vector| tables(vector));
        let score = facts::cvss_score(cvss);
        let is_first = best.vector.is_none() && best.score.is_none();
        if is_first || score > best.score {
            *best = Best { vector, score };
        }
    }
    (v3, v4)
}

fn is_v3(vector: &str) -> bool {
    let metrics = ["CVSS:3.1/", "CVSS:3.0/"]
        .into_iter()
        .find_map(|prefix| vector.strip_prefix(prefix));
    metrics.is_some_and(|metrics| is_valid(metrics, &V3))
}

fn is_v4(vector: &str) -> bool {
    vector
        .strip_prefix("CVSS:4.0/")
        .is_some_and(|metrics| is_valid(metrics, &V4))
}

fn is_valid(metrics: &str, table: &[Metric]) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    for part in metrics.split('/') {
        let Some((name, value)) = part.split_once(':') else {
            return false;
        };
        let known = table.iter().any(|(metric, values, _)| {
            *metric == name && value.len() == 1 && values.contains(value)
        });
        if !known || seen.contains(&name) {
            return false;
        }
        seen.push(name);
    }
    table
        .iter()
        .all(|(name, _, required)| !required || seen.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_valid_or_left_out() {
        assert!(is_v3("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"));
        assert!(is_v3(
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O"
        ));
        assert!(is_v4(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A"
        ));
        for bad in [
            "",
            "AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
            "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
            "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        ] {
            assert!(!is_v3(bad) && !is_v4(bad), "{bad}");
        }
    }
}
