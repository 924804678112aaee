//! The exposure score against what systemd itself recorded.

use super::*;
use crate::systemd::files::MemoryFiles;
use crate::systemd::resolve::Units;
use proptest::prelude::*;
use std::path::Path;

/// The badness of each row, one character a row: `A` is 10, `-` does not apply.
fn letters(exposure: &Exposure) -> String {
    exposure
        .assessments
        .iter()
        .map(|one| match one.badness {
            None => '-',
            Some(10) => 'A',
            Some(badness) => char::from_digit(badness, 10).unwrap(),
        })
        .collect()
}

fn of(text: &str) -> Result<Exposure, Refusal> {
    let text = format!("[Service]\nExecStart=/bin/true\n{text}");
    let files = MemoryFiles::new().with_file("/etc/systemd/system/a.service", text);
    exposure(&Units::open(files).load("a.service").unwrap())
}

fn badness(text: &str, id: &str) -> Option<u32> {
    of(text)
        .unwrap()
        .assessments
        .into_iter()
        .find(|one| one.id == id)
        .unwrap()
        .badness
}

#[test]
fn equals_systemd_on_every_recorded_unit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/systemd/exposure.json");
    let fixture: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows = fixture["rows"].as_array().unwrap();
    assert_eq!(rows.len(), ROWS.len());
    for (row, recorded) in ROWS.iter().zip(rows) {
        let ours = serde_json::json!([row.id, row.name, row.weight, row.range]);
        assert_eq!(&ours, recorded);
    }
    let cases = fixture["cases"].as_array().unwrap();
    let (mut refused, mut different) = (0, Vec::new());
    for case in cases {
        let found = of_case(case);
        let score = case["score"].as_str();
        refused += usize::from(score.is_none());
        if found.as_ref().map(|(score, _)| score.as_str()) == score
            && found.as_ref().map(|(_, badness)| badness.as_str()) == case["badness"].as_str()
        {
            continue;
        }
        different.push(format!("{case:#}\nwe say {found:?}"));
    }
    assert_eq!(
        different,
        Vec::<String>::new(),
        "{} of {}",
        different.len(),
        cases.len()
    );
    assert!(cases.len() >= 500 && (20..100).contains(&refused));
}

/// Score and badness of a recorded tree; `None` when the unit is refused.
fn of_case(case: &serde_json::Value) -> Option<(String, String)> {
    let mut files = MemoryFiles::new();
    for (path, text) in case["files"].as_object().unwrap() {
        files = match text["link"].as_str() {
            Some(target) => files.with_link(path, target),
            None => files.with_file(path, text.as_str().unwrap()),
        };
    }
    let unit = Units::open(files)
        .load(case["unit"].as_str().unwrap())
        .unwrap();
    let found = exposure(&unit).ok()?;
    let tenths = found.score_tenths;
    Some((
        format!("{}.{} {}", tenths / 10, tenths % 10, found.level),
        letters(&found),
    ))
}

#[test]
fn resets_differ_by_kind_of_setting() {
    // A yes/no setting and a word keep what they had, a list is emptied.
    assert_eq!(
        badness("PrivateTmp=yes\nPrivateTmp=\n", "PrivateTmp"),
        Some(0)
    );
    assert_eq!(
        badness("ProtectHome=yes\nProtectHome=\n", "ProtectHome"),
        Some(0)
    );
    assert_eq!(
        badness("IPAddressDeny=any\nIPAddressDeny=\n", "IPAddressDeny"),
        Some(10)
    );
    assert_eq!(badness("Delegate=no\nDelegate=\n", "Delegate"), Some(1));
}

#[test]
fn what_is_refused_says_where() {
    let refusal = of("User=a:b\n").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "value of `User` is refused at `/etc/systemd/system/a.service:3`",
    );
    assert_eq!(of("ExecStart=/bin/false\n"), Err(Refusal::Commands));
    assert_eq!(
        of("[broken\n"),
        Err(Refusal::Incomplete {
            kind: Some(ProblemKind::SectionHeader)
        }),
    );
}

#[test]
fn the_worst_come_first_and_name_their_call() {
    let found = of("SystemCallFilter=@system-service\n").unwrap();
    assert_eq!(found.worst()[0].id, "PrivateNetwork");
    let call = found
        .assessments
        .iter()
        .find(|one| one.id == "SystemCallFilter_privileged");
    assert_eq!(
        call.unwrap().description,
        "can use calls of @privileged, such as capset"
    );
    assert_eq!(call.unwrap().is_set(), Some(false));
}

#[test]
fn every_level_has_its_word() {
    let words: Vec<_> = [0, 1, 10, 50, 75, 90, 100]
        .map(|tenths| Level::of(tenths).as_str())
        .into();
    assert_eq!(
        words,
        [
            "PERFECT",
            "SAFE",
            "OK",
            "MEDIUM",
            "EXPOSED",
            "UNSAFE",
            "DANGEROUS"
        ]
    );
    assert_eq!(
        [9, 49, 74, 89, 99].map(Level::of),
        [
            Level::Safe,
            Level::Ok,
            Level::Medium,
            Level::Exposed,
            Level::Unsafe,
        ]
    );
}

proptest! {
    #[test]
    fn any_text_ends_as_a_score_or_a_refusal(
        lines in proptest::collection::vec(("[a-zA-Z]{1,12}|SystemCallFilter|User|DeviceAllow\
            |IPAddressAllow|CapabilityBoundingSet|RestrictNamespaces|ExecStart|UMask\
            |SetCredentialEncrypted|MountImages", "\\PC{0,20}"), 0..20)
    ) {
        let text: String = lines.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        if let Ok(found) = of(&text) {
            prop_assert!(found.score_tenths <= 100);
            prop_assert_eq!(found.assessments.len(), ROWS.len());
            prop_assert!(found.assessments.iter().all(|one| one.badness <= Some(one.range)));
        }
    }
}
