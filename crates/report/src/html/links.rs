//! Where does a finding, a chain or an action stand in the page? Anchors and the links to them.
//!
//! Invariant: a link leads to an anchor that the page has; what the page does not hold is named by
//! its id and is no link.

use crate::rich::{Span, plain, spans};
use casemate_base::text::printable;
use casemate_schema::{Case, Report, Text};
use std::collections::BTreeMap;

/// Chains and actions that are shown whole; the sentence below each list says where the rest is.
pub(super) const CHAINS_MAX: usize = 25;
pub(super) const ACTIONS_MAX: usize = 60;

/// A name with the anchor that it leads to, if the page has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) anchor: Option<String>,
    pub(super) text: String,
}

/// Findings with links; those that are too many to name are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) named: Vec<Link>,
    pub(super) more: usize,
}

/// What the page holds.
#[derive(Debug)]
pub(super) struct Places<'a> {
    findings: BTreeMap<&'a str, (&'a str, Vec<Span>)>,
    /// Chains and actions that a finding takes part in.
    chains: BTreeMap<&'a str, Vec<Link>>,
    actions: BTreeMap<&'a str, Vec<Link>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(report: &'a Report, anchors: &'a BTreeMap<&'a str, String>) -> Self {
        let findings = report.findings.iter().filter_map(|finding| {
            let anchor = anchors.get(finding.id.as_str())?;
            Some((
                finding.id.as_str(),
                (anchor.as_str(), spans(&finding.title)),
            ))
        });
        let case = report.case.as_deref();
        let chains = case.map_or(&[][..], |case: &Case| &case.chains).iter();
        let actions = case.map_or(&[][..], |case: &Case| &case.actions).iter();
        Self {
            findings: findings.collect(),
            chains: taking_part(
                chains
                    .take(CHAINS_MAX)
                    .map(|it| (&it.title, it.members.as_slice())),
                "chain",
            ),
            actions: taking_part(
                actions
                    .take(ACTIONS_MAX)
                    .map(|it| (&it.title, it.findings.as_slice())),
                "action",
            ),
        }
    }

    /// A finding by its id.
    pub(super) fn finding(&self, id: &str) -> Link {
        match self.findings.get(id) {
            Some((anchor, title)) => Link {
                anchor: Some((*anchor).to_owned()),
                text: plain(title).replace('`', ""),
            },
            None => Link {
                anchor: None,
                text: printable(id).into_owned(),
            },
        }
    }

    /// As many of the findings as may be named.
    pub(super) fn findings(&self, ids: &[Text], most: usize) -> Links {
        Links {
            named: ids.iter().take(most).map(|id| self.finding(id)).collect(),
            more: ids.len().saturating_sub(most),
        }
    }

    /// The chains that a finding takes part in.
    pub(super) fn chains(&self, id: &str) -> &[Link] {
        self.chains.get(id).map_or(&[], Vec::as_slice)
    }

    /// The actions that remove a finding.
    pub(super) fn actions(&self, id: &str) -> &[Link] {
        self.actions.get(id).map_or(&[], Vec::as_slice)
    }
}

fn taking_part<'a>(
    all: impl Iterator<Item = (&'a Text, &'a [Text])>,
    prefix: &str,
) -> BTreeMap<&'a str, Vec<Link>> {
    let mut out: BTreeMap<&str, Vec<Link>> = BTreeMap::new();
    for (number, (title, ids)) in (1..).zip(all) {
        let number: usize = number;
        let link = Link {
            anchor: Some(format!("{prefix}-{number}")),
            text: printable(title).replace('`', ""),
        };
        for id in ids {
            let links = out.entry(id.as_str()).or_default();
            if links.last() != Some(&link) {
                links.push(link.clone());
            }
        }
    }
    out
}
