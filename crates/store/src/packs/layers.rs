//! Several packs asked as one.
//!
//! Of the same record in several layers the newest wins, by the date that the record carries, else
//! that of its source; of equally new ones the layer that stands first. Lists (advisories, patterns,
//! countermeasures, mappings) are joined in the same way, entry by entry: two packs that know
//! different advisories of a package are both heard.

use super::table::{Layer, Row, Table, date_of, sub_of};
use casemate_schema::{
    Advisory, AttackPattern, ControlMapping, Countermeasure, CveRecord, EpssScore, Gtfobin,
    KevEntry, PackInfo, PackRecord, Technique, Weakness,
};
use casemate_triage::{Knowledge, KnowledgeError, Memory};
use std::collections::BTreeMap;
use std::fmt;

/// Packs in the order of their precedence.
#[derive(Default)]
pub struct Layers<'a> {
    layers: Vec<Box<dyn Layer + 'a>>,
}

impl<'a> Layers<'a> {
    /// Adds a layer below those that are there.
    pub fn push(&mut self, layer: impl Layer + 'a) {
        self.layers.push(Box::new(layer));
    }

    /// The newest record of each name under a key, sorted by name.
    fn all(
        &self,
        table: Table,
        key: &str,
        package: &str,
    ) -> Result<Vec<PackRecord>, KnowledgeError> {
        let mut best: BTreeMap<String, Row> = BTreeMap::new();
        for layer in &self.layers {
            for row in layer.rows(table, key, package)? {
                match best.get(&row.sub) {
                    Some(have) if have.date >= row.date => {}
                    _ => drop(best.insert(row.sub.clone(), row)),
                }
            }
        }
        Ok(best.into_values().map(|row| row.record).collect())
    }

    fn one(&self, table: Table, key: &str) -> Result<Option<PackRecord>, KnowledgeError> {
        Ok(self.all(table, key, "")?.into_iter().next())
    }
}

impl fmt::Debug for Layers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers")
            .field("n_layers", &self.layers.len())
            .finish()
    }
}

/// The record of the wanted kind. A layer gives the kind of its table and no other.
macro_rules! wanted {
    ($records:expr, $kind:ident) => {
        $records.into_iter().filter_map(|record| match record {
            PackRecord::$kind(it) => Some(it),
            _ => None,
        })
    };
}

impl Knowledge for Layers<'_> {
    fn packs(&self) -> Result<Vec<PackInfo>, KnowledgeError> {
        let mut packs = Vec::new();
        for layer in &self.layers {
            packs.extend(layer.packs()?);
        }
        packs.sort();
        Ok(packs)
    }

    fn technique(&self, id: &str) -> Result<Option<Technique>, KnowledgeError> {
        Ok(wanted!(self.one(Table::Technique, id)?, Technique).next())
    }

    fn weakness(&self, id: &str) -> Result<Option<Weakness>, KnowledgeError> {
        Ok(wanted!(self.one(Table::Weakness, id)?, Weakness).next())
    }

    fn patterns_of(&self, weakness: &str) -> Result<Vec<AttackPattern>, KnowledgeError> {
        Ok(wanted!(self.all(Table::Pattern, weakness, "")?, AttackPattern).collect())
    }

    fn kev(&self, cve: &str) -> Result<Option<KevEntry>, KnowledgeError> {
        Ok(wanted!(self.one(Table::Kev, cve)?, Kev).next())
    }

    fn epss(&self, cve: &str) -> Result<Option<EpssScore>, KnowledgeError> {
        Ok(wanted!(self.one(Table::Epss, cve)?, Epss).next())
    }

    fn cve(&self, cve: &str) -> Result<Option<CveRecord>, KnowledgeError> {
        Ok(wanted!(self.one(Table::Cve, cve)?, Cve).next())
    }

    fn advisories(&self, ecosystem: &str, package: &str) -> Result<Vec<Advisory>, KnowledgeError> {
        let records = self.all(Table::Advisory, ecosystem, package)?;
        Ok(wanted!(records, Advisory).map(|it| *it).collect())
    }

    fn has_ecosystem(&self, ecosystem: &str) -> Result<bool, KnowledgeError> {
        for layer in &self.layers {
            if layer.has(Table::Advisory, ecosystem)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn countermeasures(&self, technique: &str) -> Result<Vec<Countermeasure>, KnowledgeError> {
        Ok(wanted!(
            self.all(Table::Countermeasure, technique, "")?,
            Countermeasure
        )
        .collect())
    }

    fn gtfobin(&self, program: &str) -> Result<Option<Gtfobin>, KnowledgeError> {
        Ok(wanted!(self.one(Table::Gtfobin, program)?, Gtfobin).next())
    }

    fn control_mappings(&self, control: &str) -> Result<Vec<ControlMapping>, KnowledgeError> {
        Ok(wanted!(
            self.all(Table::ControlMapping, control, "")?,
            ControlMapping
        )
        .collect())
    }
}

/// Records in memory as a layer, each table with the date of its source.
#[derive(Debug)]
pub struct MemoryLayer<'a> {
    /// The records.
    pub memory: &'a Memory,
    /// How new the records of a table are, RFC 3339.
    pub dates: &'a BTreeMap<Table, String>,
}

impl Layer for MemoryLayer<'_> {
    fn rows(&self, table: Table, key: &str, package: &str) -> Result<Vec<Row>, KnowledgeError> {
        let it = self.memory;
        let records: Vec<PackRecord> = match table {
            Table::Technique => it
                .technique(key)?
                .map(PackRecord::Technique)
                .into_iter()
                .collect(),
            Table::Weakness => it
                .weakness(key)?
                .map(PackRecord::Weakness)
                .into_iter()
                .collect(),
            Table::Kev => it.kev(key)?.map(PackRecord::Kev).into_iter().collect(),
            Table::Epss => it.epss(key)?.map(PackRecord::Epss).into_iter().collect(),
            Table::Cve => it.cve(key)?.map(PackRecord::Cve).into_iter().collect(),
            Table::Gtfobin => it
                .gtfobin(key)?
                .map(PackRecord::Gtfobin)
                .into_iter()
                .collect(),
            Table::Pattern => it
                .patterns_of(key)?
                .into_iter()
                .map(PackRecord::AttackPattern)
                .collect(),
            Table::Countermeasure => it
                .countermeasures(key)?
                .into_iter()
                .map(PackRecord::Countermeasure)
                .collect(),
            Table::ControlMapping => it
                .control_mappings(key)?
                .into_iter()
                .map(PackRecord::ControlMapping)
                .collect(),
            Table::Advisory => {
                let found = it.advisories(key, package)?.into_iter();
                found
                    .map(|advisory| PackRecord::Advisory(Box::new(advisory)))
                    .collect()
            }
            Table::SigmaRule => Vec::new(),
        };
        let date = self.dates.get(&table).map_or("", String::as_str);
        let row = |record: PackRecord| Row {
            sub: sub_of(&record),
            date: date_of(&record, date).to_owned(),
            record,
        };
        Ok(records.into_iter().map(row).collect())
    }

    fn has(&self, table: Table, key: &str) -> Result<bool, KnowledgeError> {
        match table {
            Table::Advisory => self.memory.has_ecosystem(key),
            _ => Ok(!self.rows(table, key, "")?.is_empty()),
        }
    }

    fn packs(&self) -> Result<Vec<PackInfo>, KnowledgeError> {
        self.memory.packs()
    }
}
