//! How packs and keys are shown: rows, texts and JSON.

use casemate_app::knowledge::FeedAge;
use casemate_app::packs::{Imported, Kept, Taken};
use casemate_base::Timestamp;
use casemate_bundle::{Manifest, PublicKey};
use casemate_store::packs::{PackDetail, PackSource};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A key, and where it lies.
pub(super) type KeyAndFile = (PublicKey, Option<PathBuf>);

const UNSIGNED: &str = "nobody";

/// Days from a time until now; none for a text that is no time.
fn days(as_of: &str, now: Timestamp) -> Option<i64> {
    let as_of: Timestamp = as_of.parse().ok()?;
    Some(as_of.days_until(now))
}

fn days_text(as_of: &str, now: Timestamp) -> String {
    days(as_of, now).map_or_else(|| "unknown".to_owned(), |days| format!("{days} days"))
}

/// The date of a pack; none when its sources carry none, whatever it was built or imported.
fn known(detail: &PackDetail) -> &str {
    let is_dated = detail.sources.iter().any(|source| source.as_of.is_some());
    if is_dated { &detail.as_of } else { "" }
}

fn date(as_of: &str) -> String {
    let as_of: Option<Timestamp> = as_of.parse().ok();
    as_of.map_or_else(|| "unknown".to_owned(), Timestamp::date)
}

fn signer(detail: &PackDetail) -> String {
    if detail.name == casemate_app::packs::BUILTIN {
        return "part of the program".to_owned();
    }
    detail
        .signed_by
        .clone()
        .unwrap_or_else(|| UNSIGNED.to_owned())
}

fn imported_at(detail: &PackDetail) -> String {
    if detail.name == casemate_app::packs::BUILTIN {
        return "-".to_owned();
    }
    detail.imported_at.clone()
}

fn result(imported: &Imported) -> String {
    match (imported.taken, imported.before) {
        (Taken::Same, _) => "in use already".to_owned(),
        (Taken::Again, _) => "in use again".to_owned(),
        (Taken::New, None) => "new".to_owned(),
        (Taken::New, Some((version, records))) => {
            format!("replaces {version} ({records} records)")
        }
    }
}

/// What to think about when a feed lost files.
pub(super) fn lost(imported: &Imported) -> Option<String> {
    let first = imported.gone.first()?;
    let name = &imported.detail.name;
    let more = match imported.gone.len() {
        1 => String::new(),
        n => format!(" and {} more files", n - 1),
    };
    Some(format!(
        "{name} no longer holds what came from {first}{more}: give all files of a feed in one \
         import, or go back with `casemate pack restore {name}`"
    ))
}

/// A row of what was imported.
pub(super) fn imported_row(imported: &Imported) -> Vec<String> {
    let detail = &imported.detail;
    let rejected: u64 = detail.sources.iter().map(|it| it.rejected).sum();
    vec![
        detail.name.clone(),
        detail.version.to_string(),
        date(known(detail)),
        detail.n_records().to_string(),
        rejected.to_string(),
        signer(detail),
        result(imported),
    ]
}

/// What was imported, for programs.
pub(super) fn imported_json(imported: &Imported) -> Value {
    json!({
        "pack": imported.detail,
        "result": match imported.taken {
            Taken::New => "new",
            Taken::Same => "same",
            Taken::Again => "again",
        },
        "before": imported.before.map(|(version, records)| json!({
            "version": version,
            "records": records,
        })),
    })
}

/// A row of a pack that is in use.
pub(super) fn kept_row(kept: &Kept, now: Timestamp) -> Vec<String> {
    let former = kept
        .former
        .map_or_else(|| "-".to_owned(), |version| version.to_string());
    let Ok(detail) = &kept.detail else {
        let mut row = vec![kept.name.clone()];
        row.extend(["damaged", "-", "-", "-", "-"].map(str::to_owned));
        row.push(former);
        return row;
    };
    vec![
        kept.name.clone(),
        detail.version.to_string(),
        date(known(detail)),
        days_text(known(detail), now),
        detail.n_records().to_string(),
        signer(detail),
        former,
    ]
}

/// A pack that is in use, for programs.
pub(super) fn kept_json(kept: &Kept, now: Timestamp) -> Value {
    match &kept.detail {
        Ok(detail) => json!({
            "name": kept.name,
            "pack": detail,
            "age_days": days(known(detail), now),
            "former": kept.former,
        }),
        Err(error) => json!({
            "name": kept.name,
            "error": error.to_string(),
            "former": kept.former,
        }),
    }
}

/// How old a feed is, for programs.
pub(super) fn age_json(age: &FeedAge) -> Value {
    json!({
        "feed": age.feed,
        "pack": age.pack,
        "as_of": age.as_of.to_string(),
        "age_days": age.days,
        "old_after_days": age.old_after_days,
        "old": age.is_old(),
    })
}

/// Everything about a pack.
pub(super) fn detail_text(detail: &PackDetail, former: Option<u64>, now: Timestamp) -> String {
    let mut out = facts(&[
        ("pack", detail.name.clone()),
        ("version", detail.version.to_string()),
        (
            "as of",
            format!("{}, {}", date(known(detail)), days_text(known(detail), now)),
        ),
        (
            "built",
            detail.created.clone().unwrap_or_else(|| "-".to_owned()),
        ),
        ("imported", imported_at(detail)),
        ("signed by", signer(detail)),
        ("digest", detail.digest.clone()),
        (
            "former",
            former.map_or_else(|| "-".to_owned(), |version| version.to_string()),
        ),
        ("records", counts(&detail.records)),
    ]);
    out.push('\n');
    out.push_str(&sources_text(&detail.sources, now));
    out
}

/// Everything about a pack file.
pub(super) fn manifest_text(manifest: &Manifest, now: Timestamp) -> String {
    let is_dated = manifest
        .sections
        .iter()
        .any(|section| section.as_of.is_some());
    let as_of = if is_dated {
        manifest.as_of.as_str()
    } else {
        ""
    };
    let mut out = facts(&[
        ("pack", manifest.name.clone()),
        ("version", manifest.version.to_string()),
        (
            "as of",
            format!("{}, {}", date(as_of), days_text(as_of, now)),
        ),
        ("built", manifest.created.clone()),
        ("signed by", manifest.key.clone()),
        ("records", counts(&manifest.records())),
    ]);
    let sources: Vec<PackSource> = manifest
        .sections
        .iter()
        .map(|section| PackSource {
            name: section.source.clone(),
            feed: section.feed.clone(),
            as_of: section.as_of.clone(),
            licence: section.licence.clone(),
            digest: section.digest.clone(),
            records: section.records.clone(),
            rejected: section.rejected,
        })
        .collect();
    out.push('\n');
    out.push_str(&sources_text(&sources, now));
    out
}

fn facts(facts: &[(&str, String)]) -> String {
    let rows: Vec<Vec<String>> = facts
        .iter()
        .map(|(name, value)| vec![(*name).to_owned(), value.clone()])
        .collect();
    crate::output::columns(&rows)
}

fn sources_text(sources: &[PackSource], now: Timestamp) -> String {
    let head = [
        "SOURCE", "FEED", "AS OF", "AGE", "RECORDS", "REJECTED", "LICENCE",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for source in sources {
        let as_of = source.as_of.as_deref().unwrap_or_default();
        rows.push(vec![
            source.name.clone(),
            source.feed.clone(),
            date(as_of),
            days_text(as_of, now),
            counts(&source.records),
            source.rejected.to_string(),
            source
                .licence
                .clone()
                .unwrap_or_else(|| "not known".to_owned()),
        ]);
    }
    crate::output::columns(&rows)
}

/// `1404 kev, 835 technique`.
fn counts(records: &BTreeMap<String, u64>) -> String {
    if records.is_empty() {
        return "none".to_owned();
    }
    let parts: Vec<String> = records
        .iter()
        .map(|(kind, n)| format!("{n} {kind}"))
        .collect();
    parts.join(", ")
}

/// A row of a key.
pub(super) fn key_row((key, file): &KeyAndFile) -> Vec<String> {
    let comment = if key.comment().is_empty() {
        "-"
    } else {
        key.comment()
    };
    let file = file.as_ref().map(|file| file.display().to_string());
    vec![
        key.fingerprint(),
        comment.to_owned(),
        file.unwrap_or_default(),
    ]
}

/// A key, for programs.
pub(super) fn key_json(key: &PublicKey) -> Value {
    json!({ "fingerprint": key.fingerprint(), "comment": key.comment() })
}

/// A key with its file, for programs.
pub(super) fn key_file_json((key, file): &KeyAndFile) -> Value {
    let mut value = key_json(key);
    if let (Some(object), Some(file)) = (value.as_object_mut(), file) {
        object.insert("file".to_owned(), file.display().to_string().into());
    }
    value
}
