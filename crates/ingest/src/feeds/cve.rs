//! CVE records: cvelistV5 and CISA's vulnrichment (CVE JSON 5), single or line by line, and lines of
//! their gist.

use super::out::{Out, each};
use super::value::{at, cvss, cwe, is_cve, list, number, opt, summary, text, texts, time, unique};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{CveRecord, Cvss, PackRecord, Text};
use serde_json::Value;

/// Scores in a container, by CVSS version.
const SCORES: [&str; 4] = ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"];

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, record| {
        let metadata = at(record, &["cveMetadata"]);
        out.version(text(record, "dataVersion"));
        let containers = containers(record);
        let adp = containers.iter().skip(1);
        let updates = adp.map(|container| at(container, &["providerMetadata"]));
        for dated in updates.chain([metadata]) {
            out.dated(text(dated, "dateUpdated"));
        }
        match one(metadata, &containers) {
            Ok(record) => out.put(PackRecord::Cve(record)),
            Err(reason) => out.reject(place, reason),
        }
    })?;
    Ok(())
}

/// The container of the numbering authority, then those of others.
fn containers(record: &Value) -> Vec<&Value> {
    let cna = at(record, &["containers", "cna"]);
    let adp = list(at(record, &["containers"]), "adp");
    std::iter::once(cna).chain(adp).collect()
}

fn one(metadata: &Value, containers: &[&Value]) -> Result<CveRecord, String> {
    let id = text(metadata, "cveId");
    if !is_cve(id) {
        return Err(format!("`{id}` is no CVE"));
    }
    let cna = containers.first().copied().unwrap_or(&Value::Null);
    let rejected = text(metadata, "state").eq_ignore_ascii_case("rejected");
    let words = opt(cna, "title").or_else(|| english(list(cna, "descriptions")));
    let words = words.or_else(|| english(list(cna, "rejectedReasons")));
    let mut record = CveRecord {
        id: id.into(),
        summary: words.as_deref().and_then(summary).unwrap_or_default(),
        rejected,
        published: time(metadata, "datePublished"),
        products: products(cna),
        ..CveRecord::default()
    };
    let mut weaknesses = Vec::new();
    for container in containers {
        let source = opt(at(container, &["providerMetadata"]), "shortName");
        for metric in list(container, "metrics") {
            record.cvss.extend(scores(metric, source.as_ref()));
            ssvc(metric, &mut record);
        }
        for problem in list(container, "problemTypes") {
            let named = list(problem, "descriptions").iter();
            weaknesses.extend(named.filter_map(|named| cwe(text(named, "cweId"))));
        }
    }
    record.cwe = unique(weaknesses);
    Ok(record)
}

fn english(descriptions: &[Value]) -> Option<Text> {
    let is_english = |value: &&Value| text(value, "lang").starts_with("en");
    let found = descriptions.iter().find(is_english);
    opt(found.or(descriptions.first())?, "value")
}

fn scores(metric: &Value, source: Option<&Text>) -> Vec<Cvss> {
    let found = SCORES.iter().filter_map(|name| metric.get(*name));
    let read = found.filter_map(|score| {
        let vector = text(score, "vectorString");
        let mut read = cvss(vector, number(at(score, &["baseScore"])), source.cloned())?;
        read.version = read.version.or_else(|| opt(score, "version"));
        Some(read)
    });
    read.collect()
}

/// CISA's decision points.
fn ssvc(metric: &Value, record: &mut CveRecord) {
    let other = at(metric, &["other"]);
    if text(other, "type") != "ssvc" {
        return;
    }
    for option in list(at(other, &["content"]), "options") {
        decision(option, record);
    }
}

fn decision(option: &Value, record: &mut CveRecord) {
    let exploitation = text(option, "Exploitation").to_ascii_lowercase();
    if !exploitation.is_empty() {
        record.exploitation = Some(exploitation.into());
    }
    match text(option, "Automatable").to_ascii_lowercase().as_str() {
        "yes" => record.automatable = Some(true),
        "no" => record.automatable = Some(false),
        _ => {}
    }
}

fn products(cna: &Value) -> Vec<Text> {
    let known = |word: &str| !word.is_empty() && !word.eq_ignore_ascii_case("n/a");
    let all = list(cna, "affected").iter().filter_map(|affected| {
        let words = [text(affected, "vendor"), text(affected, "product")];
        let words: Vec<&str> = words.into_iter().filter(|word| known(word)).collect();
        (!words.is_empty()).then(|| words.join(" ").into())
    });
    unique(all)
}

/// Lines with the gist of CVE records: `cve`, `published`, `description`, `cwe`, `cvss`, `ssvc`.
pub(crate) fn corpus(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, line| {
        let id = text(line, "cve");
        if !is_cve(id) {
            out.reject(place, format!("`{id}` is no CVE"));
            return;
        }
        let published = rfc3339(text(line, "published")).map(Text::from);
        let score = at(line, &["cvss"]);
        let split = |name: &str| Some(name.split_once(':')?).map(|(a, b)| format!("{a} {b}"));
        let products = texts(line, "product").into_iter().filter_map(split);
        let mut record = CveRecord {
            id: id.into(),
            summary: summary(text(line, "description")).unwrap_or_default(),
            cvss: cvss(text(score, "vector"), number(at(score, &["score"])), None)
                .into_iter()
                .collect(),
            cwe: unique(texts(line, "cwe").into_iter().filter_map(cwe)),
            products: unique(products.filter(|name| name != "n/a n/a").map(Text::from)),
            published,
            ..CveRecord::default()
        };
        decision(at(line, &["ssvc"]), &mut record);
        if let Some(published) = &record.published {
            out.dated(published);
        }
        out.put(PackRecord::Cve(record));
    })?;
    Ok(())
}
