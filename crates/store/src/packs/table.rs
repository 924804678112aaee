//! Where a record stands: which table, under which keys, and how it is read again.

use casemate_schema::{Advisory, PackInfo, PackRecord};
use casemate_triage::KnowledgeError;
use std::collections::BTreeMap;

/// The kinds of records; the numbers stand in files and are never given to another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Table {
    /// ATT&CK techniques by id.
    Technique = 1,
    /// CWE weaknesses by id.
    Weakness = 2,
    /// CAPEC patterns by weakness.
    Pattern = 3,
    /// Known exploited vulnerabilities by CVE.
    Kev = 4,
    /// EPSS scores by CVE.
    Epss = 5,
    /// CVE records by CVE.
    Cve = 6,
    /// Advisories by ecosystem and package.
    Advisory = 7,
    /// Countermeasures by technique.
    Countermeasure = 8,
    /// Programs of GTFOBins by name.
    Gtfobin = 9,
    /// Sigma rules by id.
    SigmaRule = 10,
    /// Control mappings by control.
    ControlMapping = 11,
}

/// A record under one of its keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) table: Table,
    pub(crate) key: String,
    pub(crate) package: String,
    /// What tells records under the same key apart, and the order in which they are given.
    pub(crate) sub: String,
    pub(crate) record: PackRecord,
}

/// An answer of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What tells records under the same key apart, and the order in which they are given.
    pub sub: String,
    /// How new it is: a date in RFC 3339 or its beginning; empty if nobody says.
    pub date: String,
    /// The record.
    pub record: PackRecord,
}

/// Something that holds records, to be asked together with others.
pub trait Layer: Send + Sync {
    /// The records under a key (and for advisories a package), sorted by [`Row::sub`].
    ///
    /// # Errors
    /// When the records cannot be read.
    fn rows(&self, table: Table, key: &str, package: &str) -> Result<Vec<Row>, KnowledgeError>;

    /// Whether anything stands under this key.
    ///
    /// # Errors
    /// When the records cannot be read.
    fn has(&self, table: Table, key: &str) -> Result<bool, KnowledgeError>;

    /// The packs that it holds.
    ///
    /// # Errors
    /// When they cannot be read.
    fn packs(&self) -> Result<Vec<PackInfo>, KnowledgeError>;
}

/// All the places of a record.
pub(crate) fn places(record: PackRecord) -> Vec<Place> {
    let place = |table, key: &str, sub: String, record: PackRecord| Place {
        table,
        key: key.to_owned(),
        package: String::new(),
        sub,
        record,
    };
    let single =
        |table, key: &str, record: PackRecord| vec![place(table, key, String::new(), record)];
    match &record {
        PackRecord::Technique(it) => single(Table::Technique, &it.id.clone(), record),
        PackRecord::Weakness(it) => single(Table::Weakness, &it.id.clone(), record),
        PackRecord::Kev(it) => single(Table::Kev, &it.id.clone(), record),
        PackRecord::Epss(it) => single(Table::Epss, &it.id.clone(), record),
        PackRecord::Cve(it) => single(Table::Cve, &it.id.clone(), record),
        PackRecord::Gtfobin(it) => single(Table::Gtfobin, &it.id.clone(), record),
        PackRecord::SigmaRule(it) => single(Table::SigmaRule, &it.id.clone(), record),
        PackRecord::AttackPattern(it) => it
            .weaknesses
            .iter()
            .map(|key| place(Table::Pattern, key, sub_of(&record), record.clone()))
            .collect(),
        PackRecord::Countermeasure(it) => it
            .techniques
            .iter()
            .map(|key| place(Table::Countermeasure, key, sub_of(&record), record.clone()))
            .collect(),
        PackRecord::ControlMapping(it) => {
            let sub = sub_of(&record);
            vec![place(Table::ControlMapping, &it.id.clone(), sub, record)]
        }
        PackRecord::Advisory(it) => advisory_places(it, &sub_of(&record)),
    }
}

/// What tells a record from others under the same key.
pub(crate) fn sub_of(record: &PackRecord) -> String {
    match record {
        PackRecord::AttackPattern(it) => it.id.to_string(),
        PackRecord::Countermeasure(it) => it.id.to_string(),
        PackRecord::ControlMapping(it) => format!("{} {}", it.mapping, it.to),
        PackRecord::Advisory(it) => format!("{} {}", it.feed, it.id),
        _ => String::new(),
    }
}

/// An advisory under each of its packages, with that package's part alone.
fn advisory_places(advisory: &Advisory, sub: &str) -> Vec<Place> {
    let mut parts: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
    for affected in &advisory.affected {
        let key = (affected.ecosystem.as_str(), affected.package.as_str());
        parts.entry(key).or_default().push(affected.clone());
    }
    let whole = Advisory {
        affected: Vec::new(),
        ..advisory.clone()
    };
    parts
        .into_iter()
        .map(|((ecosystem, package), affected)| Place {
            table: Table::Advisory,
            key: ecosystem.to_owned(),
            package: package.to_owned(),
            sub: sub.to_owned(),
            record: PackRecord::Advisory(Box::new(Advisory {
                affected,
                ..whole.clone()
            })),
        })
        .collect()
}

/// How new a record is: the date that it carries, else that of its source.
pub(crate) fn date_of<'a>(record: &'a PackRecord, source: &'a str) -> &'a str {
    let own = match record {
        PackRecord::Epss(it) => it.date.as_deref(),
        PackRecord::Advisory(it) => it.modified.as_deref(),
        _ => None,
    };
    own.unwrap_or(source)
}

/// The body that is stored: the record without the word for its kind, which the table says.
pub(crate) fn body(record: &PackRecord) -> Result<Vec<u8>, serde_json::Error> {
    match record {
        PackRecord::Technique(it) => serde_json::to_vec(it),
        PackRecord::Weakness(it) => serde_json::to_vec(it),
        PackRecord::AttackPattern(it) => serde_json::to_vec(it),
        PackRecord::Kev(it) => serde_json::to_vec(it),
        PackRecord::Epss(it) => serde_json::to_vec(it),
        PackRecord::Cve(it) => serde_json::to_vec(it),
        PackRecord::Advisory(it) => serde_json::to_vec(it),
        PackRecord::Countermeasure(it) => serde_json::to_vec(it),
        PackRecord::Gtfobin(it) => serde_json::to_vec(it),
        PackRecord::SigmaRule(it) => serde_json::to_vec(it),
        PackRecord::ControlMapping(it) => serde_json::to_vec(it),
    }
}

/// The record in a stored body.
pub(crate) fn record(table: Table, body: &[u8]) -> Result<PackRecord, serde_json::Error> {
    Ok(match table {
        Table::Technique => PackRecord::Technique(serde_json::from_slice(body)?),
        Table::Weakness => PackRecord::Weakness(serde_json::from_slice(body)?),
        Table::Pattern => PackRecord::AttackPattern(serde_json::from_slice(body)?),
        Table::Kev => PackRecord::Kev(serde_json::from_slice(body)?),
        Table::Epss => PackRecord::Epss(serde_json::from_slice(body)?),
        Table::Cve => PackRecord::Cve(serde_json::from_slice(body)?),
        Table::Advisory => PackRecord::Advisory(serde_json::from_slice(body)?),
        Table::Countermeasure => PackRecord::Countermeasure(serde_json::from_slice(body)?),
        Table::Gtfobin => PackRecord::Gtfobin(serde_json::from_slice(body)?),
        Table::SigmaRule => PackRecord::SigmaRule(serde_json::from_slice(body)?),
        Table::ControlMapping => PackRecord::ControlMapping(serde_json::from_slice(body)?),
    })
}
