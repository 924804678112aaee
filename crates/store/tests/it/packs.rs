//! Packs as tables: the same answers as from memory, one version after the other, damage.

use casemate_schema::{
    Advisory, Affected, AttackPattern, ControlMapping, Countermeasure, CveRecord, EpssScore,
    Gtfobin, KevEntry, PackRecord, Technique, Weakness,
};
use casemate_store::packs::{
    Layers, MemoryLayer, PackDetail, PackFile, Packs, PacksError, Standing, Table,
};
use casemate_triage::{Knowledge, Memory};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn detail(name: &str, version: u64) -> PackDetail {
    PackDetail {
        name: name.to_owned(),
        version,
        as_of: "2024-05-06T00:00:00Z".to_owned(),
        imported_at: "2024-05-07T00:00:00Z".to_owned(),
        digest: format!("{name}-{version}-digest"),
        ..PackDetail::default()
    }
}

fn kev(id: &str, name: &str) -> PackRecord {
    PackRecord::Kev(KevEntry {
        id: id.into(),
        name: name.into(),
        ..KevEntry::default()
    })
}

/// Imports records as a pack, all of one date.
fn put(packs: &Packs, detail: &PackDetail, date: &str, records: &[PackRecord]) {
    let import = packs.import().expect("import");
    let mut builder = import.begin().expect("begin");
    for record in records {
        builder.add(record.clone(), date).expect("record");
    }
    import.commit(builder, detail).expect("commit");
}

fn opened(packs: &Packs) -> Vec<PackFile> {
    let listed = packs.list().expect("list");
    listed
        .into_iter()
        .map(|it| it.active.expect("pack"))
        .collect()
}

fn layered(files: Vec<PackFile>) -> Layers<'static> {
    let mut layers = Layers::default();
    files.into_iter().for_each(|file| layers.push(file));
    layers
}

fn named(knowledge: &dyn Knowledge, id: &str) -> Option<String> {
    let entry = knowledge.kev(id).expect("answer");
    entry.map(|it| it.name.to_string())
}

/// The table files below a folder.
fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("packs")).expect("folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "db"));
    files.sort();
    files
}

#[test]
fn a_version_replaces_the_one_before_and_can_be_taken_back() {
    let dir = tempfile::tempdir().expect("folder");
    let packs = Packs::of(dir.path());
    assert!(
        packs.list().expect("list").is_empty(),
        "nothing yet, and nothing made"
    );
    assert!(!dir.path().join("packs").exists());
    put(
        &packs,
        &detail("site", 1),
        "",
        &[kev("CVE-1", "one"), kev("CVE-0", "gone")],
    );
    put(&packs, &detail("site", 2), "", &[kev("CVE-1", "two")]);
    let now = layered(opened(&packs));
    assert_eq!(named(&now, "CVE-1").as_deref(), Some("two"));
    assert_eq!(
        named(&now, "CVE-0"),
        None,
        "a version replaces the whole pack"
    );
    assert_eq!(packs.list().expect("list")[0].former, Some(1));

    let import = packs.import().expect("import");
    assert_eq!(import.restore("site").expect("restore").version, 1);
    drop(import);
    assert_eq!(
        named(&layered(opened(&packs)), "CVE-1").as_deref(),
        Some("one")
    );
    let listed = packs.list().expect("list");
    assert_eq!((listed[0].former, listed[0].newest), (Some(2), 2));

    put(&packs, &detail("site", 3), "", &[kev("CVE-1", "three")]);
    put(&packs, &detail("site", 3), "", &[kev("CVE-1", "three")]);
    assert_eq!(
        packs.list().expect("list")[0].former,
        Some(1),
        "the same again changes nothing"
    );
    assert_eq!(
        files(dir.path()).len(),
        2,
        "the one in use and the one before"
    );
    assert_eq!(
        named(&now, "CVE-1").as_deref(),
        Some("two"),
        "who has it open keeps it"
    );
}

#[test]
fn older_and_different_versions_are_refused() {
    let dir = tempfile::tempdir().expect("folder");
    let packs = Packs::of(dir.path());
    put(&packs, &detail("site", 4), "", &[]);
    put(&packs, &detail("site", 5), "", &[]);
    let import = packs.import().expect("import");
    let standing = |version, digest: &str| import.standing("site", version, digest);
    assert!(matches!(
        standing(4, "site-4-digest"),
        Err(PacksError::Older { newest: 5, .. })
    ));
    assert!(matches!(
        standing(5, "other"),
        Err(PacksError::OtherContent { .. })
    ));
    assert_eq!(standing(5, "site-5-digest").expect("same"), Standing::Same);
    assert_eq!(standing(6, "x").expect("newer"), Standing::Newer);
    import.restore("site").expect("restore");
    assert!(matches!(
        standing(4, "site-4-digest"),
        Err(PacksError::Older { .. })
    ));
    assert_eq!(
        standing(5, "site-5-digest").expect("former"),
        Standing::Former
    );
    assert!(matches!(
        import.restore("other"),
        Err(PacksError::NoSuchPack { .. })
    ));
    let error = import.commit(import.begin().expect("begin"), &detail("site", 3));
    assert!(matches!(error, Err(PacksError::Older { .. })));
}

#[test]
fn one_import_at_a_time_and_a_leftover_is_swept() {
    let dir = tempfile::tempdir().expect("folder");
    let packs = Packs::of(dir.path());
    let import = packs.import().expect("import");
    assert!(matches!(packs.import(), Err(PacksError::Busy { .. })));
    let mut builder = import.begin().expect("begin");
    builder.add(kev("CVE-1", "one"), "").expect("record");
    drop(builder);
    drop(import);
    assert_eq!(files(dir.path()).len(), 1, "left by an import that died");
    drop(packs.import().expect("import"));
    assert!(files(dir.path()).is_empty());
    let import = packs.import().expect("import");
    assert!(matches!(
        import.restore("site"),
        Err(PacksError::NoSuchPack { .. })
    ));
}

#[test]
fn of_two_packs_the_newer_record_wins_and_lists_are_joined() {
    let advisory = |id: &str, modified: &str| {
        PackRecord::Advisory(Box::new(Advisory {
            id: id.into(),
            feed: "osv".into(),
            modified: Some(modified.into()),
            affected: vec![Affected {
                ecosystem: "debian:12".into(),
                package: "curl".into(),
                ..Affected::default()
            }],
            ..Advisory::default()
        }))
    };
    let dir = tempfile::tempdir().expect("folder");
    let packs = Packs::of(dir.path());
    let (old, new) = ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z");
    put(
        &packs,
        &detail("a", 1),
        old,
        &[kev("CVE-1", "a"), kev("CVE-2", "a"), advisory("X", old)],
    );
    put(
        &packs,
        &detail("b", 1),
        new,
        &[kev("CVE-1", "b"), advisory("X", new), advisory("W", old)],
    );
    let mut memory = Memory::default();
    memory.add(kev("CVE-1", "builtin"));
    memory.add(kev("CVE-3", "builtin"));
    let dates = BTreeMap::from([(Table::Kev, new.to_owned())]);
    let mut layers = layered(opened(&packs));
    layers.push(MemoryLayer {
        memory: &memory,
        dates: &dates,
    });
    assert_eq!(
        named(&layers, "CVE-1").as_deref(),
        Some("b"),
        "newer than a, before the builtin"
    );
    assert_eq!(named(&layers, "CVE-2").as_deref(), Some("a"));
    assert_eq!(named(&layers, "CVE-3").as_deref(), Some("builtin"));
    let found = layers.advisories("debian:12", "curl").expect("answer");
    let found: Vec<_> = found
        .iter()
        .map(|it| (it.id.as_str(), it.modified.as_deref()))
        .collect();
    assert_eq!(found, [("W", Some(old)), ("X", Some(new))]);
    // A newer program beats an import that has become old.
    let dates = BTreeMap::from([(Table::Kev, "2025-01-01T00:00:00Z".to_owned())]);
    let mut layers = layered(opened(&packs));
    layers.push(MemoryLayer {
        memory: &memory,
        dates: &dates,
    });
    assert_eq!(named(&layers, "CVE-1").as_deref(), Some("builtin"));
}

#[test]
fn damage_is_an_error_that_names_the_file_and_never_a_panic() {
    let dir = tempfile::tempdir().expect("folder");
    let packs = Packs::of(dir.path());
    let records: Vec<_> = (0..200)
        .map(|n| kev(&format!("CVE-{n}"), "a flaw"))
        .collect();
    put(&packs, &detail("site", 1), "", &records);
    let path = files(dir.path()).remove(0);
    let whole = std::fs::read(&path).expect("file");
    let name = path.file_name().expect("name").to_str().expect("UTF-8");
    for at in (0..whole.len()).step_by(31).chain(0..120) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xa5;
        std::fs::write(&path, &bytes).expect("write");
        match packs.list().expect("list").remove(0).active {
            Err(error) => assert!(error.to_string().contains(name), "{error}"),
            Ok(file) => {
                let error = file.verify().expect_err("every byte counts").to_string();
                assert!(error.contains(name) && error.contains("digest"), "{error}");
                let layers = layered(vec![file]);
                for n in [0, 57, 199] {
                    match layers.kev(&format!("CVE-{n}")) {
                        Ok(found) => drop(found),
                        Err(error) => assert!(error.to_string().contains(name), "{error}"),
                    }
                }
            }
        }
    }
    for content in [&whole[..whole.len() - 1], &[], b"hello"] {
        std::fs::write(&path, content).expect("write");
        let listed = packs.list().expect("list").remove(0);
        let error = listed.active.expect_err("cut").to_string();
        assert!(error.contains(name) && error.contains("bytes"), "{error}");
    }
    std::fs::remove_file(&path).expect("remove");
    assert!(packs.list().expect("list").remove(0).active.is_err());
    std::fs::write(dir.path().join("packs/active.json"), "{").expect("write");
    let error = packs.list().expect_err("pointer").to_string();
    assert!(
        error.contains("active.json") && error.contains("damaged"),
        "{error}"
    );
}

#[test]
fn a_file_with_other_tables_is_not_asked() {
    let dir = tempfile::tempdir().expect("folder");
    let packs = Packs::of(dir.path());
    put(&packs, &detail("site", 1), "", &[kev("CVE-1", "one")]);
    let path = files(dir.path()).remove(0);
    let connection = rusqlite::Connection::open(&path).expect("open");
    connection.execute("DROP TABLE record", []).expect("drop");
    connection
        .execute(
            "CREATE VIEW record AS SELECT 1 kind, 'a' key, '' package, '' sub, '' date, x'' body",
            [],
        )
        .expect("view");
    connection.execute_batch("VACUUM").expect("vacuum");
    drop(connection);
    let pointer = dir.path().join("packs/active.json");
    let text = std::fs::read_to_string(&pointer).expect("pointer");
    let bytes = std::fs::metadata(&path).expect("metadata").len();
    let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    value["packs"]["site"]["active"]["bytes"] = bytes.into();
    std::fs::write(&pointer, value.to_string()).expect("write");
    let error = packs
        .list()
        .expect("list")
        .remove(0)
        .active
        .expect_err("other tables");
    assert!(error.to_string().contains("tables"), "{error}");
}

#[test]
fn a_few_thousand_lookups_take_milliseconds() {
    let dir = tempfile::tempdir().expect("folder");
    let packs = Packs::of(dir.path());
    let records: Vec<_> = (0..20_000)
        .map(|n| {
            PackRecord::Epss(EpssScore {
                id: format!("CVE-2024-{n}").into(),
                probability: f64::from(n) / 1e6,
                ..EpssScore::default()
            })
        })
        .collect();
    put(&packs, &detail("epss", 1), "", &records);
    let layers = layered(opened(&packs));
    let found = (0..5000).filter(|n| {
        let score = layers.epss(&format!("CVE-2024-{}", n * 3)).expect("answer");
        score.is_some_and(|it| (it.probability - f64::from(n * 3) / 1e6).abs() < 1e-12)
    });
    assert_eq!(found.count(), 5000);
}

fn word() -> impl Strategy<Value = String> {
    // Few words, so that records meet; an apostrophe and a NUL, so that nothing is pasted.
    proptest::sample::select(vec!["a", "b", "c'", "d\0e", "ä"]).prop_map(str::to_owned)
}

fn any_record() -> impl Strategy<Value = PackRecord> {
    let words = proptest::collection::vec(word(), 0..3);
    (0_u8..11, word(), words, word(), word()).prop_map(|(kind, id, list, other, name)| {
        let (id, name) = (id.as_str().into(), name.as_str().into());
        let list: Vec<_> = list.iter().map(|it| it.as_str().into()).collect();
        match kind {
            0 => PackRecord::Technique(Technique {
                id,
                name,
                tactics: list,
                ..Technique::default()
            }),
            1 => PackRecord::Weakness(Weakness {
                id,
                name,
                parents: list,
            }),
            2 => PackRecord::AttackPattern(AttackPattern {
                id,
                name,
                weaknesses: list,
                techniques: Vec::new(),
            }),
            3 => PackRecord::Kev(KevEntry {
                id,
                name,
                ..KevEntry::default()
            }),
            4 => PackRecord::Epss(EpssScore {
                id,
                probability: name.len() as f64 / 8.0,
                ..EpssScore::default()
            }),
            5 => PackRecord::Cve(CveRecord {
                id,
                summary: name,
                cwe: list,
                ..CveRecord::default()
            }),
            6 => PackRecord::Countermeasure(Countermeasure {
                id,
                name,
                techniques: list,
            }),
            7 => PackRecord::Gtfobin(Gtfobin {
                id,
                functions: list,
            }),
            8 => PackRecord::ControlMapping(ControlMapping {
                id,
                mapping: name,
                to: other.as_str().into(),
                relation: None,
            }),
            _ => PackRecord::Advisory(Box::new(Advisory {
                id,
                feed: other.as_str().into(),
                affected: list
                    .iter()
                    .map(|package| Affected {
                        ecosystem: name.clone(),
                        package: package.clone(),
                        ..Affected::default()
                    })
                    .collect(),
                ..Advisory::default()
            })),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn tables_answer_every_question_as_memory_does(records in proptest::collection::vec(any_record(), 0..60)) {
        let dir = tempfile::tempdir().expect("folder");
        let packs = Packs::of(dir.path());
        put(&packs, &detail("site", 1), "", &records);
        let mut memory = Memory::default();
        records.iter().for_each(|record| memory.add(record.clone()));
        memory.add_pack(detail("site", 1).info());
        let dates = BTreeMap::new();
        let mut alone = Layers::default();
        alone.push(MemoryLayer { memory: &memory, dates: &dates });
        let tables = layered(opened(&packs));
        for other in [&tables as &dyn Knowledge, &alone] {
            prop_assert_eq!(other.packs().unwrap(), memory.packs().unwrap());
            for key in ["a", "b", "c'", "d\0e", "ä", "", "d", "A"] {
                prop_assert_eq!(other.technique(key).unwrap(), memory.technique(key).unwrap());
                prop_assert_eq!(other.weakness(key).unwrap(), memory.weakness(key).unwrap());
                prop_assert_eq!(other.patterns_of(key).unwrap(), memory.patterns_of(key).unwrap());
                prop_assert_eq!(other.kev(key).unwrap(), memory.kev(key).unwrap());
                prop_assert_eq!(other.epss(key).unwrap(), memory.epss(key).unwrap());
                prop_assert_eq!(other.cve(key).unwrap(), memory.cve(key).unwrap());
                prop_assert_eq!(other.has_ecosystem(key).unwrap(), memory.has_ecosystem(key).unwrap());
                prop_assert_eq!(other.countermeasures(key).unwrap(), memory.countermeasures(key).unwrap());
                prop_assert_eq!(other.gtfobin(key).unwrap(), memory.gtfobin(key).unwrap());
                prop_assert_eq!(other.control_mappings(key).unwrap(), memory.control_mappings(key).unwrap());
                for package in ["a", "b", "c'", "d\0e", "ä", ""] {
                    prop_assert_eq!(other.advisories(key, package).unwrap(), memory.advisories(key, package).unwrap());
                }
            }
        }
    }
}
