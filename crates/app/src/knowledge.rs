//! What this site knows of vulnerabilities and attacks: imported packs over the one in the program.
//!
//! The single place where anybody gets [`Knowledge`]. The pack in the program is made of the tables
//! in `assets/knowledge`, read once a process when first asked.

use crate::error::Error;
use crate::packs::{BUILTIN, Kept};
use casemate_base::Timestamp;
use casemate_schema::{AttackPattern, KevEntry, PackRecord, Technique, Text, Weakness};
use casemate_store::packs::{Layers, MemoryLayer, PackDetail, PackSource, Packs, Table};
use casemate_triage::{Knowledge, Memory, Unreadable};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// What answers: the packs of this data directory, and below them the one in the program.
///
/// # Errors
/// [`Error::Packs`], which names the file, when a pack is damaged: an answer without it would look
/// like an all-clear.
pub fn knowledge(data_dir: &Path) -> Result<Box<dyn Knowledge>, Error> {
    let mut layers = Layers::default();
    for listed in Packs::of(data_dir).list()? {
        layers.push(listed.active?);
    }
    layers.push(builtin().layer());
    Ok(Box::new(layers))
}

/// As [`knowledge`], where a pack that cannot be read does not end the work: every question is then
/// answered with the reason, so that whoever asks says so and the rest goes on.
#[must_use]
pub fn knowledge_or_reason(data_dir: Option<&Path>) -> Box<dyn Knowledge> {
    let opened = match data_dir {
        Some(data_dir) => knowledge(data_dir),
        None => {
            let mut layers = Layers::default();
            layers.push(builtin().layer());
            return Box::new(layers);
        }
    };
    opened.unwrap_or_else(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        Box::new(Unreadable {
            reason: format!("{error}{}", cause.unwrap_or_default()),
        })
    })
}

/// How old a feed is, in the pack where it is youngest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedAge {
    /// The feed.
    pub feed: String,
    /// The pack that has it.
    pub pack: String,
    /// The date that it carries.
    pub as_of: Timestamp,
    /// Days since then.
    pub days: i64,
    /// Days after which it is old.
    pub old_after_days: i64,
}

impl FeedAge {
    /// Whether it is old.
    #[must_use]
    pub const fn is_old(&self) -> bool {
        self.days > self.old_after_days
    }

    /// Whether it is published often, so that a limit of days says something.
    #[must_use]
    pub const fn is_frequent(&self) -> bool {
        self.old_after_days <= 30
    }

    /// One sentence for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "{} is {} days old (of {}, in pack `{}`); it is old after {} days",
            self.feed,
            self.days,
            self.as_of.date(),
            self.pack,
            self.old_after_days
        )
    }
}

/// How old what is known is, by feed. A feed that carries no date is left out: its age is unknown.
#[must_use]
pub fn ages(packs: &[Kept], now: Timestamp) -> Vec<FeedAge> {
    let mut youngest: BTreeMap<&str, FeedAge> = BTreeMap::new();
    for detail in packs.iter().filter_map(|kept| kept.detail.as_ref().ok()) {
        for source in &detail.sources {
            let Some(Ok(as_of)) = source.as_of.as_deref().map(str::parse::<Timestamp>) else {
                continue;
            };
            let age = FeedAge {
                feed: source.feed.clone(),
                pack: detail.name.clone(),
                as_of,
                days: as_of.days_until(now),
                old_after_days: old_after_days(&source.feed),
            };
            match youngest.get(source.feed.as_str()) {
                Some(have) if have.as_of >= as_of => {}
                _ => drop(youngest.insert(&source.feed, age)),
            }
        }
    }
    youngest.into_values().collect()
}

/// Days after which a feed is old. Exploitation changes by the day; most feeds are published daily.
/// ATT&CK, CWE and D3FEND come out a few times a year, so who has nothing of the last year missed
/// some; CAPEC's last release is of 2023.
fn old_after_days(feed: &str) -> i64 {
    match feed {
        "kev" | "epss" => 7,
        "attack" | "cwe" | "d3fend" => 365,
        "capec" => 3650,
        _ => 30,
    }
}

/// The pack in the program.
#[derive(Debug)]
pub struct Builtin {
    memory: Memory,
    dates: BTreeMap<Table, String>,
    detail: PackDetail,
}

impl Builtin {
    /// It as the last to be asked.
    fn layer(&'static self) -> MemoryLayer<'static> {
        MemoryLayer {
            memory: &self.memory,
            dates: &self.dates,
        }
    }

    /// What it says of itself.
    #[must_use]
    pub const fn detail(&self) -> &PackDetail {
        &self.detail
    }

    /// Its records.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }
}

/// A table of the program: its feed, its text, and how a line becomes a record.
struct Asset {
    feed: &'static str,
    table: Table,
    name: &'static str,
    text: &'static str,
    licence: &'static str,
    record: fn(&[&str]) -> Option<PackRecord>,
}

const ASSETS: [Asset; 4] = [
    Asset {
        feed: "attack",
        table: Table::Technique,
        name: "technique.tsv",
        text: include_str!("../../../assets/knowledge/technique.tsv"),
        licence: "MITRE ATT&CK terms of use",
        record: technique,
    },
    Asset {
        feed: "capec",
        table: Table::Pattern,
        name: "attack-pattern.tsv",
        text: include_str!("../../../assets/knowledge/attack-pattern.tsv"),
        licence: "MITRE CAPEC terms of use",
        record: attack_pattern,
    },
    Asset {
        feed: "cwe",
        table: Table::Weakness,
        name: "weakness.tsv",
        text: include_str!("../../../assets/knowledge/weakness.tsv"),
        licence: "MITRE CWE terms of use",
        record: weakness,
    },
    Asset {
        feed: "kev",
        table: Table::Kev,
        name: "kev.tsv",
        text: include_str!("../../../assets/knowledge/kev.tsv"),
        licence: "CC0-1.0 (CISA)",
        record: kev,
    },
];

/// The notices that the tables' licences ask for.
pub const NOTICES: [&str; 4] = [
    include_str!("../../../assets/knowledge/ATTACK-NOTICE.txt"),
    include_str!("../../../assets/knowledge/CAPEC-NOTICE.txt"),
    include_str!("../../../assets/knowledge/CWE-NOTICE.txt"),
    include_str!("../../../assets/knowledge/KEV-NOTICE.txt"),
];

/// The pack in the program, read when it is first asked for.
pub fn builtin() -> &'static Builtin {
    static BUILTIN_PACK: OnceLock<Builtin> = OnceLock::new();
    BUILTIN_PACK.get_or_init(read_assets)
}

fn read_assets() -> Builtin {
    let mut memory = Memory::default();
    let mut dates = BTreeMap::new();
    let mut detail = PackDetail {
        name: BUILTIN.to_owned(),
        ..PackDetail::default()
    };
    for asset in &ASSETS {
        let as_of = asset
            .text
            .lines()
            .find_map(|line| line.strip_prefix("# as_of: "));
        let as_of = as_of.unwrap_or_default().to_owned();
        let mut source = PackSource {
            name: asset.name.to_owned(),
            feed: asset.feed.to_owned(),
            as_of: Some(as_of.clone()),
            licence: Some(asset.licence.to_owned()),
            digest: casemate_base::hash::blake3(asset.text.as_bytes()).to_hex(),
            ..PackSource::default()
        };
        for line in asset.text.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            // A test reads all lines; here one that is wrong is counted.
            match (asset.record)(&cells) {
                Some(record) => {
                    *source.records.entry(record.kind().to_owned()).or_default() += 1;
                    memory.add(record);
                }
                None => source.rejected += 1,
            }
        }
        for (kind, count) in &source.records {
            *detail.records.entry(kind.clone()).or_default() += count;
        }
        detail.as_of = detail.as_of.max(as_of.clone());
        detail.digest.push_str(&source.digest);
        detail.sources.push(source);
        dates.insert(asset.table, as_of);
    }
    detail.digest = casemate_base::hash::blake3(detail.digest.as_bytes()).to_hex();
    let digits = detail.as_of.chars().filter(char::is_ascii_digit).take(14);
    detail.version = digits.collect::<String>().parse().unwrap_or(0);
    detail.imported_at.clone_from(&detail.as_of);
    memory.add_pack(detail.info());
    Builtin {
        memory,
        dates,
        detail,
    }
}

fn technique(cells: &[&str]) -> Option<PackRecord> {
    let [id, name, tactics, platforms, retired, replaced_by] = *cells else {
        return None;
    };
    Some(PackRecord::Technique(Technique {
        id: id.into(),
        name: name.into(),
        tactics: list(tactics),
        platforms: list(platforms),
        retired: !retired.is_empty(),
        replaced_by: some(replaced_by),
    }))
}

fn attack_pattern(cells: &[&str]) -> Option<PackRecord> {
    let [id, name, weaknesses, techniques] = *cells else {
        return None;
    };
    Some(PackRecord::AttackPattern(AttackPattern {
        id: id.into(),
        name: name.into(),
        weaknesses: list(weaknesses),
        techniques: list(techniques),
    }))
}

fn weakness(cells: &[&str]) -> Option<PackRecord> {
    let [id, name, parents] = *cells else {
        return None;
    };
    Some(PackRecord::Weakness(Weakness {
        id: id.into(),
        name: name.into(),
        parents: list(parents),
    }))
}

fn kev(cells: &[&str]) -> Option<PackRecord> {
    let [id, added, due, ransomware, product, name] = *cells else {
        return None;
    };
    Some(PackRecord::Kev(KevEntry {
        id: id.into(),
        added: added.into(),
        due: some(due),
        ransomware: !ransomware.is_empty(),
        product: product.into(),
        name: name.into(),
    }))
}

fn list(cell: &str) -> Vec<Text> {
    cell.split(',')
        .filter(|word| !word.is_empty())
        .map(Text::from)
        .collect()
}

fn some(cell: &str) -> Option<Text> {
    (!cell.is_empty()).then(|| cell.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_run_knows_something_and_from_when() {
        let builtin = builtin();
        let sources = &builtin.detail.sources;
        assert!(
            sources
                .iter()
                .all(|it| it.rejected == 0 && it.as_of.is_some()),
            "{sources:?}"
        );
        let size: usize = ASSETS.iter().map(|asset| asset.text.len()).sum();
        assert!(size < 1 << 20, "{size} bytes in the binary");
        let dir = tempfile::tempdir().expect("folder");
        let known = knowledge(dir.path()).expect("knowledge");
        let log4shell = known.kev("CVE-2021-44228").expect("answer").expect("entry");
        assert!(
            log4shell.ransomware && log4shell.product.contains("Log4j"),
            "{log4shell:?}"
        );
        let sudo = known
            .technique("T1548.003")
            .expect("answer")
            .expect("technique");
        assert_eq!(sudo.tactics, ["privilege-escalation", "defense-evasion"]);
        let privileges = known
            .weakness("CWE-250")
            .expect("answer")
            .expect("weakness");
        assert_eq!(privileges.parents, ["CWE-269", "CWE-657"]);
        assert!(!known.patterns_of("CWE-89").expect("answer").is_empty());
        assert!(
            known.gtfobin("find").expect("answer").is_none(),
            "GPL content is not in it"
        );
        assert_eq!(known.packs().expect("answer").len(), 1);
    }

    #[test]
    fn age_counts_from_the_youngest_source_of_a_feed() {
        let source = |feed: &str, as_of: &str| PackSource {
            feed: feed.to_owned(),
            as_of: Some(as_of.to_owned()),
            ..PackSource::default()
        };
        let kept = |name: &str, sources| Kept {
            name: name.to_owned(),
            detail: Ok(PackDetail {
                name: name.to_owned(),
                sources,
                ..PackDetail::default()
            }),
            former: None,
        };
        let packs = [
            kept(
                "a",
                vec![
                    source("kev", "2025-01-01T00:00:00Z"),
                    source("cwe", "2025-01-01T00:00:00Z"),
                ],
            ),
            kept("b", vec![source("kev", "2025-01-03T00:00:00Z")]),
        ];
        let now = "2025-01-11T00:00:00Z".parse().expect("time");
        let ages = ages(&packs, now);
        let shown: Vec<_> = ages
            .iter()
            .map(|it| (it.feed.as_str(), it.pack.as_str(), it.days, it.is_old()))
            .collect();
        assert_eq!(shown, [("cwe", "a", 10, false), ("kev", "b", 8, true)]);
        let frequent: Vec<bool> = ages.iter().map(FeedAge::is_frequent).collect();
        assert_eq!(frequent, [false, true]);
    }
}
