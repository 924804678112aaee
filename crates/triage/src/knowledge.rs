//! What triage asks of packs: a port with one answer per question.
//!
//! Triage is pure, so it never opens a pack. Who calls it hands in something that can answer:
//! [`Memory`] in tests and for small packs, the store's tables else. An answer of `None` means
//! "stands in no pack", never "does not exist".

use casemate_schema::{
    Advisory, AttackPattern, ControlMapping, Countermeasure, CveRecord, EpssScore, Gtfobin,
    KevEntry, PackInfo, PackRecord, Technique, Weakness,
};
use std::collections::BTreeMap;

/// Why a pack could not answer.
#[derive(Debug, thiserror::Error)]
#[error("the packs cannot be read: {reason}")]
pub struct KnowledgeError {
    /// The reason, from whoever keeps the packs.
    pub reason: String,
}

/// Answers from packs.
pub trait Knowledge: Sync {
    /// The packs, sorted by name.
    ///
    /// # Errors
    /// When the packs cannot be read; so for all other questions.
    fn packs(&self) -> Result<Vec<PackInfo>, KnowledgeError>;
    /// The ATT&CK technique with this id.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn technique(&self, id: &str) -> Result<Option<Technique>, KnowledgeError>;
    /// The CWE weakness with this id (`CWE-250`).
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn weakness(&self, id: &str) -> Result<Option<Weakness>, KnowledgeError>;
    /// CAPEC patterns that use this weakness, sorted by id.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn patterns_of(&self, weakness: &str) -> Result<Vec<AttackPattern>, KnowledgeError>;
    /// The entry of the catalogue of known exploited vulnerabilities.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn kev(&self, cve: &str) -> Result<Option<KevEntry>, KnowledgeError>;
    /// The newest EPSS score.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn epss(&self, cve: &str) -> Result<Option<EpssScore>, KnowledgeError>;
    /// The CVE record.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn cve(&self, cve: &str) -> Result<Option<CveRecord>, KnowledgeError>;
    /// Advisories that speak of this package in this ecosystem (`debian:12`, `npm`), sorted by
    /// feed and id.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn advisories(&self, ecosystem: &str, package: &str) -> Result<Vec<Advisory>, KnowledgeError>;
    /// Whether any advisory of this ecosystem is there at all: silence of a feed that was never
    /// loaded is no all-clear.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn has_ecosystem(&self, ecosystem: &str) -> Result<bool, KnowledgeError>;
    /// D3FEND countermeasures of this technique, sorted by id.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn countermeasures(&self, technique: &str) -> Result<Vec<Countermeasure>, KnowledgeError>;
    /// The program in GTFOBins.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn gtfobin(&self, program: &str) -> Result<Option<Gtfobin>, KnowledgeError>;
    /// What this control (`nist_800_53:AC-6`) is mapped onto.
    ///
    /// # Errors
    /// When the packs cannot be read.
    fn control_mappings(&self, control: &str) -> Result<Vec<ControlMapping>, KnowledgeError>;
}

/// Packs in memory.
#[derive(Debug, Default)]
pub struct Memory {
    packs: Vec<PackInfo>,
    techniques: BTreeMap<String, Technique>,
    weaknesses: BTreeMap<String, Weakness>,
    patterns: BTreeMap<String, Vec<AttackPattern>>,
    kev: BTreeMap<String, KevEntry>,
    epss: BTreeMap<String, EpssScore>,
    cves: BTreeMap<String, CveRecord>,
    advisories: BTreeMap<(String, String), Vec<Advisory>>,
    countermeasures: BTreeMap<String, Vec<Countermeasure>>,
    gtfobins: BTreeMap<String, Gtfobin>,
    mappings: BTreeMap<String, Vec<ControlMapping>>,
}

impl Memory {
    /// Adds one record; a later record of the same id replaces an earlier one.
    pub fn add(&mut self, record: PackRecord) {
        match record {
            PackRecord::Technique(it) => drop(self.techniques.insert(it.id.to_string(), it)),
            PackRecord::Weakness(it) => drop(self.weaknesses.insert(it.id.to_string(), it)),
            PackRecord::AttackPattern(it) => {
                for weakness in &it.weaknesses {
                    let list = self.patterns.entry(weakness.to_string()).or_default();
                    put(list, it.clone(), |pattern| pattern.id.to_string());
                }
            }
            PackRecord::Kev(it) => drop(self.kev.insert(it.id.to_string(), it)),
            PackRecord::Epss(it) => drop(self.epss.insert(it.id.to_string(), it)),
            PackRecord::Cve(it) => drop(self.cves.insert(it.id.to_string(), it)),
            PackRecord::Advisory(it) => self.add_advisory(&it),
            PackRecord::Countermeasure(it) => {
                for technique in &it.techniques {
                    let list = self
                        .countermeasures
                        .entry(technique.to_string())
                        .or_default();
                    put(list, it.clone(), |counter| counter.id.to_string());
                }
            }
            PackRecord::Gtfobin(it) => drop(self.gtfobins.insert(it.id.to_string(), it)),
            PackRecord::SigmaRule(_) => {}
            PackRecord::ControlMapping(it) => {
                let list = self.mappings.entry(it.id.to_string()).or_default();
                put(list, it, |mapping| {
                    format!("{} {}", mapping.mapping, mapping.to)
                });
            }
        }
    }

    /// Names the pack that the records came from.
    pub fn add_pack(&mut self, info: PackInfo) {
        put(&mut self.packs, info, |pack| pack.name.to_string());
    }

    /// An advisory stands under each of its packages, with that package's part alone.
    fn add_advisory(&mut self, advisory: &Advisory) {
        let mut parts: BTreeMap<(String, String), Advisory> = BTreeMap::new();
        for affected in &advisory.affected {
            let key = (affected.ecosystem.to_string(), affected.package.to_string());
            parts
                .entry(key)
                .or_insert_with(|| Advisory {
                    affected: Vec::new(),
                    ..advisory.clone()
                })
                .affected
                .push(affected.clone());
        }
        for (key, part) in parts {
            let list = self.advisories.entry(key).or_default();
            put(list, part, |it| format!("{} {}", it.feed, it.id));
        }
    }
}

/// Puts a value into a list that is sorted by a key, in place of one with the same key.
fn put<T>(list: &mut Vec<T>, value: T, key: impl Fn(&T) -> String) {
    let wanted = key(&value);
    match list.binary_search_by(|have| key(have).cmp(&wanted)) {
        Ok(at) => {
            if let Some(slot) = list.get_mut(at) {
                *slot = value;
            }
        }
        Err(at) => list.insert(at, value),
    }
}

impl Knowledge for Memory {
    fn packs(&self) -> Result<Vec<PackInfo>, KnowledgeError> {
        Ok(self.packs.clone())
    }

    fn technique(&self, id: &str) -> Result<Option<Technique>, KnowledgeError> {
        Ok(self.techniques.get(id).cloned())
    }

    fn weakness(&self, id: &str) -> Result<Option<Weakness>, KnowledgeError> {
        Ok(self.weaknesses.get(id).cloned())
    }

    fn patterns_of(&self, weakness: &str) -> Result<Vec<AttackPattern>, KnowledgeError> {
        Ok(self.patterns.get(weakness).cloned().unwrap_or_default())
    }

    fn kev(&self, cve: &str) -> Result<Option<KevEntry>, KnowledgeError> {
        Ok(self.kev.get(cve).cloned())
    }

    fn epss(&self, cve: &str) -> Result<Option<EpssScore>, KnowledgeError> {
        Ok(self.epss.get(cve).cloned())
    }

    fn cve(&self, cve: &str) -> Result<Option<CveRecord>, KnowledgeError> {
        Ok(self.cves.get(cve).cloned())
    }

    fn advisories(&self, ecosystem: &str, package: &str) -> Result<Vec<Advisory>, KnowledgeError> {
        let key = (ecosystem.to_owned(), package.to_owned());
        Ok(self.advisories.get(&key).cloned().unwrap_or_default())
    }

    fn has_ecosystem(&self, ecosystem: &str) -> Result<bool, KnowledgeError> {
        let from = (ecosystem.to_owned(), String::new());
        let next = self.advisories.range(from..).next();
        Ok(next.is_some_and(|((found, _), _)| found == ecosystem))
    }

    fn countermeasures(&self, technique: &str) -> Result<Vec<Countermeasure>, KnowledgeError> {
        Ok(self
            .countermeasures
            .get(technique)
            .cloned()
            .unwrap_or_default())
    }

    fn gtfobin(&self, program: &str) -> Result<Option<Gtfobin>, KnowledgeError> {
        Ok(self.gtfobins.get(program).cloned())
    }

    fn control_mappings(&self, control: &str) -> Result<Vec<ControlMapping>, KnowledgeError> {
        Ok(self.mappings.get(control).cloned().unwrap_or_default())
    }
}

/// Packs that cannot be read: every question is answered with the reason.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// Why.
    pub reason: String,
}

impl Unreadable {
    fn error(&self) -> KnowledgeError {
        KnowledgeError {
            reason: self.reason.clone(),
        }
    }
}

impl Knowledge for Unreadable {
    fn packs(&self) -> Result<Vec<PackInfo>, KnowledgeError> {
        Err(self.error())
    }

    fn technique(&self, _id: &str) -> Result<Option<Technique>, KnowledgeError> {
        Err(self.error())
    }

    fn weakness(&self, _id: &str) -> Result<Option<Weakness>, KnowledgeError> {
        Err(self.error())
    }

    fn patterns_of(&self, _weakness: &str) -> Result<Vec<AttackPattern>, KnowledgeError> {
        Err(self.error())
    }

    fn kev(&self, _cve: &str) -> Result<Option<KevEntry>, KnowledgeError> {
        Err(self.error())
    }

    fn epss(&self, _cve: &str) -> Result<Option<EpssScore>, KnowledgeError> {
        Err(self.error())
    }

    fn cve(&self, _cve: &str) -> Result<Option<CveRecord>, KnowledgeError> {
        Err(self.error())
    }

    fn advisories(
        &self,
        _ecosystem: &str,
        _package: &str,
    ) -> Result<Vec<Advisory>, KnowledgeError> {
        Err(self.error())
    }

    fn has_ecosystem(&self, _ecosystem: &str) -> Result<bool, KnowledgeError> {
        Err(self.error())
    }

    fn countermeasures(&self, _technique: &str) -> Result<Vec<Countermeasure>, KnowledgeError> {
        Err(self.error())
    }

    fn gtfobin(&self, _program: &str) -> Result<Option<Gtfobin>, KnowledgeError> {
        Err(self.error())
    }

    fn control_mappings(&self, _control: &str) -> Result<Vec<ControlMapping>, KnowledgeError> {
        Err(self.error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use casemate_schema::Affected;

    #[test]
    fn an_advisory_stands_under_each_of_its_packages() {
        let part = |ecosystem: &str, package: &str| Affected {
            ecosystem: ecosystem.into(),
            package: package.into(),
            ..Affected::default()
        };
        let mut memory = Memory::default();
        memory.add(PackRecord::Advisory(Box::new(Advisory {
            id: "CVE-2024-0001".into(),
            feed: "debian-tracker".into(),
            affected: vec![part("debian:12", "curl"), part("debian:11", "curl")],
            ..Advisory::default()
        })));
        let found = memory.advisories("debian:12", "curl").expect("answer");
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().map(|it| it.affected.len()), Some(1));
        assert!(memory.has_ecosystem("debian:11").expect("answer"));
        assert!(!memory.has_ecosystem("debian:1").expect("answer"));
        assert_eq!(memory.kev("CVE-2024-0001").expect("answer"), None);
    }
}
