//! Findings that do not count: by VEX statements, and by the site's own ignore rules.
//!
//! A finding is never dropped: it moves from `findings` to `suppressed`, with what says so. The
//! counts of the summary follow; the score does not, since an accepted weakness is no passed check.
//!
//! **A VEX statement applies to a finding** when both name the same vulnerability (by identifier or
//! any alias, of either side) and the product fits:
//!
//! 1. With subcomponents, one of them has to be the finding's component. The product itself need
//!    not be found again, since few scanners say what they looked at; but when it is a container
//!    image, and the finding is known to be of another image, the statement does not apply.
//! 2. Without subcomponents, the product has to be the finding's component, or what was looked at
//!    (the finding's host, or the target of the report that it came from). A product that is an
//!    image stands for all components in it; if it is not known what was looked at, it stands for
//!    none.
//!
//! A package URL is a component's when type and name are equal, and version and qualifiers too where
//! the statement has them. Other names fit a component only with the version (`name version`,
//! `name@version`), as a subcomponent also without. An image given with a digest fits that digest
//! alone.
//!
//! **Of several statements** that apply the latest counts; of those made at the same time, the one
//! that settles least (affected, then under investigation, fixed, not affected). Statements without
//! a time count as oldest. Only `not_affected` and `fixed` suppress.
//!
//! **An ignore rule applies** when its section, its id (a pattern), all of its paths' patterns and
//! its package URLs fit: see [`IgnoreRule`]. One that has expired does not, and one that fits
//! nothing is told, so that the file does not rot. Statements are looked at before rules.

mod glob;
mod image;
mod product;
mod rule;

pub use glob::{name as fits_name, path as fits_path};
pub use rule::{IgnoreRule, IgnoreSection};

use casemate_schema::{Finding, Report, Statement, Summary, Suppression};
use product::{Place, Scope, Subject};
use std::collections::{BTreeSet, HashMap};

/// What was suppressed, and which rules did nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suppressed {
    /// Findings that a statement moved.
    pub by_statement: u64,
    /// Findings that a rule moved.
    pub by_rule: u64,
    /// Rules that have expired and were not applied.
    pub expired: Vec<RuleRemark>,
    /// Rules that fit no finding, suppressed ones included.
    pub unmatched: Vec<RuleRemark>,
}

/// A rule to tell about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleRemark {
    /// Its number in the list.
    pub index: usize,
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub source: String,
}

/// Moves the findings that do not count to `report.suppressed`. `now` is in RFC 3339, UTC.
pub fn suppress(
    report: &mut Report,
    statements: &[Statement],
    rules: &[IgnoreRule],
    now: &str,
) -> Suppressed {
    let mut done = Suppressed::default();
    let known = Known::new(statements);
    let (active, expired): (Vec<usize>, Vec<usize>) =
        (0..rules.len()).partition(|at| rules.get(*at).is_some_and(|rule| !rule.is_expired(now)));
    let active = rule::Active::new(rules, &active);
    let mut used: BTreeSet<usize> = BTreeSet::new();
    for finding in &report.suppressed {
        used.extend(active.all(finding));
    }
    let mut kept = Vec::with_capacity(report.findings.len());
    for mut finding in std::mem::take(&mut report.findings) {
        let said = known.said_of(&finding, report);
        let fitting = active.all(&finding);
        used.extend(&fitting);
        let reason = if let Some(statement) = said.filter(|said| said.status.suppresses()) {
            done.by_statement += 1;
            Some(of_statement(statement))
        } else {
            let rule = fitting.first().and_then(|at| rules.get(*at));
            done.by_rule += u64::from(rule.is_some());
            rule.map(IgnoreRule::suppression)
        };
        match reason {
            Some(reason) => {
                finding.suppression = Some(Box::new(reason));
                report.suppressed.push(finding);
            }
            None => kept.push(finding),
        }
    }
    report.findings = kept;
    count(report);
    let remark = |at: usize| RuleRemark {
        index: at,
        id: rules
            .get(at)
            .map(|rule| rule.id.clone())
            .unwrap_or_default(),
        source: rules
            .get(at)
            .map(|rule| rule.source.clone())
            .unwrap_or_default(),
    };
    done.expired = expired.iter().map(|at| remark(*at)).collect();
    let unused = (0..rules.len()).filter(|at| !used.contains(at) && !expired.contains(at));
    done.unmatched = unused.map(remark).collect();
    done
}

/// Makes the summary anew; what other steps counted stays.
fn count(report: &mut Report) {
    let counts = std::mem::take(&mut report.summary.counts);
    report.summary = Summary::of(&report.findings, &report.coverage);
    report.summary.counts = counts;
    let n = report.suppressed.len() as u64;
    report.summary.counts.insert("suppressed".to_owned(), n);
}

/// The statements, read once for all findings.
struct Known<'s> {
    all: Vec<(&'s Statement, Scope<'s>)>,
    /// By the vulnerabilities that they name.
    by_id: HashMap<String, Vec<usize>>,
}

impl<'s> Known<'s> {
    fn new(statements: &'s [Statement]) -> Self {
        let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, statement) in statements.iter().enumerate() {
            for id in &statement.ids {
                let list = by_id.entry(id.trim().to_uppercase()).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        let all = statements.iter().map(|one| (one, Scope::of(one)));
        Self {
            all: all.collect(),
            by_id,
        }
    }

    /// The statement that counts for a finding.
    fn said_of(&self, finding: &Finding, report: &Report) -> Option<&'s Statement> {
        let vulnerability = finding.vulnerability.as_deref()?;
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for id in std::iter::once(&vulnerability.id).chain(&vulnerability.aliases) {
            let known = self.by_id.get(&id.trim().to_uppercase());
            found.extend(known.into_iter().flatten());
        }
        if found.is_empty() {
            return None;
        }
        let subject = Subject::of(finding);
        let place = Place::of(finding, report);
        let mut best: Option<&'s Statement> = None;
        for (statement, scope) in found.into_iter().filter_map(|at| self.all.get(at)) {
            let key = |one: &'s Statement| {
                let time = one.timestamp.as_deref().unwrap_or_default();
                (time, one.status)
            };
            if best.is_none_or(|best| key(statement) > key(best)) && scope.holds(&subject, &place) {
                best = Some(statement);
            }
        }
        best
    }
}

fn of_statement(statement: &Statement) -> Suppression {
    Suppression {
        by: statement.by.clone(),
        status: statement.status.as_str().into(),
        justification: statement.justification.clone(),
        statement: statement.statement.clone(),
        source: statement.source.clone(),
    }
}
