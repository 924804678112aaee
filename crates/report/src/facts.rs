//! What does a finding say, in the terms that other formats ask for? Identifiers, weaknesses,
//! addresses, scores, times and hosts, read in one place so that all writers agree.
//!
//! Invariant: what is not of the asked form is not returned; the writers say what they leave out.

use casemate_base::Timestamp;
use casemate_base::text::{printable, printable_lines};
use casemate_schema::{Component, Cvss, Finding, Reference, ReferenceKind, Report};
use std::collections::BTreeSet;

/// A text on one line, with deceptive characters made visible.
pub(crate) fn line(text: &str) -> String {
    printable(text).into_owned()
}

/// A text of several lines, with deceptive characters made visible.
pub(crate) fn lines(text: &str) -> String {
    printable_lines(text).into_owned()
}

/// Whether a text is a CVE identifier: `CVE-`, four digits, `-`, four or more digits.
pub(crate) fn is_cve(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = id
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(year, number)| {
        year.len() == 4 && digits(year) && number.len() >= 4 && digits(number)
    })
}

/// All identifiers of the vulnerability, CVE identifiers first, none twice.
pub(crate) fn identifiers(finding: &Finding) -> Vec<&str> {
    let own = finding.vulnerability.iter().flat_map(|vulnerability| {
        std::iter::once(vulnerability.id.as_str())
            .chain(vulnerability.aliases.iter().map(|alias| alias.as_str()))
    });
    let named = references(finding, ReferenceKind::Cve);
    let mut seen = BTreeSet::new();
    let mut all: Vec<&str> = own
        .chain(named)
        .filter(|id| !id.is_empty() && seen.insert(*id))
        .collect();
    // Stable: within both kinds the source's order stays.
    all.sort_by_key(|id| !is_cve(id));
    all
}

/// The ids of the references into one catalogue.
pub(crate) fn references(
    finding: &Finding,
    kind: ReferenceKind,
) -> impl Iterator<Item = &str> + '_ {
    finding
        .references
        .iter()
        .filter(move |reference| reference.kind == kind)
        .map(|reference| reference.id.as_str())
}

/// The numbers of the weaknesses (CWE), in the source's order.
pub(crate) fn weaknesses(finding: &Finding) -> Vec<u32> {
    let mut seen = BTreeSet::new();
    references(finding, ReferenceKind::Cwe)
        .filter_map(|id| id.strip_prefix("CWE-").unwrap_or(id).parse().ok())
        .filter(|number| *number > 0 && seen.insert(*number))
        .collect()
}

/// The references that are addresses of the web.
pub(crate) fn urls(finding: &Finding) -> Vec<&str> {
    references(finding, ReferenceKind::Url)
        .filter(|id| is_url(id))
        .collect()
}

/// Whether a text is an `http` or `https` address that RFC 3986 allows, letter by letter.
pub(crate) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let encoded = |rest: &str| {
        rest.split('%').skip(1).all(|part| {
            part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
        })
    };
    matches!(scheme, "http" | "https")
        && !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:~%@".contains(&b))
        && rest
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>\"{}|\\^`[]".contains(&b))
        && rest.matches('#').count() <= 1
        && encoded(rest)
}

/// The address of the web that a finding is about.
pub(crate) fn web_address(finding: &Finding) -> Option<&str> {
    let location = &finding.location;
    [location.subject.as_deref(), location.path.as_deref()]
        .into_iter()
        .flatten()
        .find(|text| is_url(text))
}

/// The host that a finding is about: its own, else, for what our own scan found, the scanned one.
/// Where another tool looked is not known unless it says so.
pub(crate) fn host<'a>(report: &'a Report, finding: &'a Finding) -> Option<&'a str> {
    let own = finding.location.host.as_deref();
    let scanned = report.host.name.as_deref();
    own.or(scanned.filter(|_| finding.source.tool == "casemate"))
        .filter(|name| !name.is_empty())
}

/// Milliseconds since 1970 of an RFC 3339 time.
pub(crate) fn milliseconds(rfc3339: &str) -> Option<i64> {
    let time: Timestamp = rfc3339.parse().ok()?;
    i64::try_from(time.unix_nanoseconds() / 1_000_000).ok()
}

/// The UTC day of an RFC 3339 time.
pub(crate) fn day(rfc3339: &str) -> Option<String> {
    rfc3339.parse::<Timestamp>().ok().map(Timestamp::date)
}

/// An RFC 3339 time as it was, if it is one.
pub(crate) fn time(rfc3339: &str) -> Option<&str> {
    rfc3339.parse::<Timestamp>().ok().map(|_| rfc3339)
}

/// The version of CVSS that an entry is of, from its vector, else as the source says.
pub(crate) fn cvss_version(cvss: &Cvss) -> Option<&str> {
    let vector = cvss.vector.as_deref().unwrap_or_default();
    let prefix = vector
        .strip_prefix("CVSS:")
        .and_then(|rest| rest.split('/').next());
    let said = cvss.version.as_deref().map(str::trim);
    prefix
        .or(said)
        .or_else(|| vector.contains("/Au:").then_some("2.0"))
        .filter(|version| !version.is_empty())
}

/// A score that CVSS can give.
pub(crate) fn cvss_score(cvss: &Cvss) -> Option<f64> {
    cvss.score.filter(|score| (0.0..=10.0).contains(score))
}

/// The entry to show where there is room for one: with a score, of the newest version, the highest.
pub(crate) fn cvss(finding: &Finding) -> Option<&Cvss> {
    let all = &finding.vulnerability.as_ref()?.cvss;
    all.iter().reduce(|best, next| {
        if cvss_rank(next) > cvss_rank(best) {
            next
        } else {
            best
        }
    })
}

/// Tenths, so that ranks can be compared exactly.
fn cvss_rank(cvss: &Cvss) -> (bool, &str, i64) {
    let score = cvss_score(cvss);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the score is between 0 and 10"
    )]
    let tenths = score.map_or(-1, |score| (score * 10.0).round() as i64);
    let version = cvss_version(cvss).filter(|v| v.starts_with(['2', '3', '4']));
    (score.is_some(), version.unwrap_or_default(), tenths)
}

/// A probability between 0 and 1 (EPSS).
pub(crate) fn epss(finding: &Finding) -> Option<f64> {
    let epss = finding.vulnerability.as_ref()?.epss?;
    (0.0..=1.0).contains(&epss).then_some(epss)
}

/// Whether the source or CISA's catalogue says that the vulnerability is exploited.
pub(crate) fn is_exploited(finding: &Finding) -> bool {
    let vulnerability = finding.vulnerability.as_deref();
    let enrichment = finding.enrichment.as_deref();
    vulnerability.is_some_and(|vulnerability| vulnerability.exploited == Some(true))
        || enrichment.is_some_and(|enrichment| enrichment.kev.is_some())
}

/// `name@version`, or the name alone.
pub(crate) fn component(component: &Component) -> String {
    let name = printable(&component.name);
    match component.version.as_deref() {
        Some(version) => format!("{name}@{}", printable(version)),
        None => name.into_owned(),
    }
}

/// The tools that report a finding, the one that stands above first, none twice.
pub(crate) fn tools(finding: &Finding) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let merged = finding.merged.iter().flat_map(|merged| &merged.records);
    std::iter::once(&finding.source)
        .chain(merged.map(|record| &record.source))
        .map(|source| source.tool.as_str())
        .filter(|tool| seen.insert(*tool))
        .collect()
}

/// Whether a finding does not come from our own scan alone, so that its tools are worth naming.
pub(crate) fn is_imported(finding: &Finding) -> bool {
    tools(finding).iter().any(|tool| *tool != "casemate")
}

/// A reference as an entry of a list, with the catalogue's name where its id does not hold it.
pub(crate) fn reference(reference: &Reference) -> String {
    crate::words::reference(reference)
}

#[cfg(test)]
mod tests {
    use super::*;
    use casemate_schema::Vulnerability;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["https://example.com/a?b=%20c#d", "http://192.0.2.1:80"] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "https://",
            "https://a b",
            "https://a/%zz",
            "https://a/<b>",
            "ftp://a/",
            "https://a/#b#c",
            "https://\u{e4}.example/",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn cve_identifiers_come_first_and_once() {
        let finding = Finding {
            vulnerability: Some(Box::new(Vulnerability {
                id: "GHSA-1".into(),
                aliases: vec!["CVE-2020-1234".into(), "GHSA-1".into()],
                ..Vulnerability::default()
            })),
            ..Finding::default()
        };
        assert_eq!(identifiers(&finding), ["CVE-2020-1234", "GHSA-1"]);
        for bad in ["CVE-20-1234", "CVE-2020-123", "CVE-2020-12x4", "cve"] {
            assert!(!is_cve(bad), "{bad}");
        }
    }

    #[test]
    fn the_newest_cvss_with_a_score_counts() {
        let entry = |version: &str, score: Option<f64>| Cvss {
            version: Some(version.into()),
            score,
            ..Cvss::default()
        };
        let vulnerability = Vulnerability {
            cvss: vec![
                entry("2.0", Some(10.0)),
                entry("3.1", Some(7.5)),
                entry("3.1", Some(9.8)),
                entry("4.0", None),
                entry("x", Some(11.0)),
            ],
            ..Vulnerability::default()
        };
        let finding = Finding {
            vulnerability: Some(Box::new(vulnerability)),
            ..Finding::default()
        };
        assert_eq!(cvss(&finding).and_then(cvss_score), Some(9.8));
    }
}
