//! Which findings of different tools did a person say are not the same, whatever their keys say?
//!
//! Findings that have one id in two tools (same vulnerability, component, version, host and path)
//! can be taken apart too: the second tool's gets an id of its own, made from tool and old id.

use casemate_schema::{Finding, Text, finding_id};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs that are not to be merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    pairs: BTreeSet<(Text, Text)>,
    renamed: BTreeMap<(String, Text), Text>,
}

/// One tool's record of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The tool, in any case.
    pub tool: Text,
    /// Its rule.
    pub check: Text,
    /// The id that the finding has alone.
    pub id: Text,
}

impl Apart {
    /// Whether nothing was taken apart.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty() && self.renamed.is_empty()
    }

    /// Takes two records apart.
    pub fn add(&mut self, one: &Member, two: &Member) {
        let (one, two) = (one.min(two), one.max(two));
        if one.id == two.id && one.tool.eq_ignore_ascii_case(&two.tool) {
            return;
        }
        let other = if one.id == two.id {
            let id = Self::own_id(two);
            let key = (two.tool.to_lowercase(), two.id.clone());
            self.renamed.insert(key, id.clone());
            id
        } else {
            two.id.clone()
        };
        self.pairs
            .insert((one.id.clone().min(other.clone()), one.id.clone().max(other)));
    }

    /// The id of a record that was taken out of one that has the same id in another tool.
    #[must_use]
    pub fn own_id(member: &Member) -> Text {
        let tool = member.tool.to_lowercase();
        finding_id(&member.check, &[tool.as_bytes(), member.id.as_bytes()]).into()
    }

    /// Whether two findings were taken apart.
    #[must_use]
    pub fn holds(&self, one: &Text, two: &Text) -> bool {
        !self.pairs.is_empty()
            && self
                .pairs
                .contains(&(one.min(two).clone(), one.max(two).clone()))
    }

    /// Gives a finding the id of its own that it got when it was taken out of another.
    pub fn rename(&self, finding: &mut Finding) {
        if self.renamed.is_empty() {
            return;
        }
        let key = (finding.source.tool.to_lowercase(), finding.id.clone());
        if let Some(id) = self.renamed.get(&key) {
            finding.id = id.clone();
        }
    }
}
