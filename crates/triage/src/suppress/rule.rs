//! The site's own rules on what does not count.

use super::glob;
use super::product::Subject;
use crate::purl::Purl;
use casemate_schema::{Finding, Suppression};
use std::collections::HashMap;

/// The list of an ignore file that a rule stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum IgnoreSection {
    /// Published vulnerabilities.
    Vulnerabilities,
    /// Misconfigurations and failed compliance rules; every check of casemate's own scan.
    Misconfigurations,
    /// Secrets.
    Secrets,
    /// Licences.
    Licenses,
    /// Anything.
    #[default]
    Findings,
}

impl IgnoreSection {
    /// The name of the list in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerabilities => "vulnerabilities",
            Self::Misconfigurations => "misconfigurations",
            Self::Secrets => "secrets",
            Self::Licenses => "licenses",
            Self::Findings => "findings",
        }
    }

    fn holds(self, finding: &Finding) -> bool {
        let category = finding.category.as_str();
        match self {
            Self::Findings => true,
            Self::Vulnerabilities => finding.vulnerability.is_some() || category == "vulnerability",
            Self::Secrets => category == "secret",
            Self::Licenses => category == "license",
            Self::Misconfigurations => {
                let is_own = finding.source.tool.eq_ignore_ascii_case("casemate");
                matches!(category, "misconfiguration" | "compliance")
                    || (is_own && finding.vulnerability.is_none() && category != "secret")
            }
        }
    }
}

/// One rule. All that is given has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoreRule {
    /// Where it applies.
    pub section: IgnoreSection,
    /// The finding's id, its tool's rule, or the vulnerability's identifier or an alias, in any
    /// case; `*` stands for anything.
    pub id: String,
    /// Patterns, one of which has to fit the finding's path. A finding with several places is
    /// ignored only if each of them fits.
    pub paths: Vec<String>,
    /// Package URLs, one of which has to be the component's; without a version, any version.
    pub purls: Vec<String>,
    /// The reason in words.
    pub statement: Option<String>,
    /// When it ends, RFC 3339 UTC; a day ends a rule when it begins.
    pub expired_at: Option<String>,
    /// The file and line.
    pub source: String,
}

impl IgnoreRule {
    /// Whether it has ended. Both times are in UTC, so that they compare as text up to the second.
    pub(super) fn is_expired(&self, now: &str) -> bool {
        let second = |time: &str| time.get(..19).unwrap_or(time).to_owned();
        let end = self.expired_at.as_deref();
        end.is_some_and(|end| second(end) < second(now))
    }

    pub(super) fn suppression(&self) -> Suppression {
        Suppression {
            by: "ignore-file".into(),
            status: "accepted".into(),
            justification: None,
            statement: self.statement.as_deref().map(Into::into),
            source: self.source.as_str().into(),
        }
    }

    /// Whether all but the id fits.
    fn fits(&self, finding: &Finding) -> bool {
        self.section.holds(finding) && self.fits_paths(finding) && self.fits_purls(finding)
    }

    fn fits_paths(&self, finding: &Finding) -> bool {
        if self.paths.is_empty() {
            return true;
        }
        let one = |path: &str| self.paths.iter().any(|pattern| glob::path(pattern, path));
        let own = finding.location.path.as_deref();
        let others = finding.evidence.iter().filter(|item| item.name == "also");
        // Other places are written as host, path and subject with the line.
        let mut others = others.map(|item| item.value.as_str());
        let records = finding.merged.iter().flat_map(|merged| &merged.records);
        let mut records = records.filter_map(|record| record.location.path.as_deref());
        own.is_some_and(one)
            && others.all(|place| place.split(' ').any(|part| one(without_line(part))))
            && records.all(one)
    }

    fn fits_purls(&self, finding: &Finding) -> bool {
        if self.purls.is_empty() {
            return true;
        }
        let subject = Subject::of(finding);
        let mut purls = self.purls.iter().filter_map(|purl| Purl::parse(purl));
        purls.any(|purl| subject.is(&purl))
    }
}

fn without_line(place: &str) -> &str {
    match place.rsplit_once(':') {
        Some((path, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => path,
        _ => place,
    }
}

/// The rules that are looked at, by their ids.
pub(super) struct Active<'a> {
    rules: &'a [IgnoreRule],
    exact: HashMap<String, Vec<usize>>,
    patterns: Vec<usize>,
}

impl<'a> Active<'a> {
    pub(super) fn new(rules: &'a [IgnoreRule], active: &[usize]) -> Self {
        let mut out = Self {
            rules,
            exact: HashMap::new(),
            patterns: Vec::new(),
        };
        for at in active {
            let Some(rule) = rules.get(*at) else { continue };
            if glob::is_pattern(&rule.id) {
                out.patterns.push(*at);
            } else {
                let id = rule.id.trim().to_lowercase();
                out.exact.entry(id).or_default().push(*at);
            }
        }
        out
    }

    /// The rules that fit a finding, in the order of the file.
    pub(super) fn all(&self, finding: &Finding) -> Vec<usize> {
        let mut ids = vec![finding.id.as_str(), finding.source.check.as_str()];
        if let Some(vulnerability) = &finding.vulnerability {
            ids.push(&vulnerability.id);
            ids.extend(vulnerability.aliases.iter().map(|alias| alias.as_str()));
        }
        let mut out: Vec<usize> = Vec::new();
        for id in &ids {
            let known = self.exact.get(&id.to_lowercase());
            out.extend(known.into_iter().flatten());
        }
        for at in &self.patterns {
            let rule = self.rules.get(*at);
            if rule.is_some_and(|rule| ids.iter().any(|id| glob::name(&rule.id, id))) {
                out.push(*at);
            }
        }
        out.sort_unstable();
        out.dedup();
        out.retain(|at| self.rules.get(*at).is_some_and(|rule| rule.fits(finding)));
        out
    }
}
