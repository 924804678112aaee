//! Nikto's JSON, XML and CSV: the same rows, of which CSV lacks the number of the test.

use super::loose_json::repaired;
use crate::collector::Collector;
use crate::draft::{Draft, is_cve};
use crate::error::ImportError;
use crate::field;
use crate::input::{Bytes, Input};
use crate::items::{self, Family};
use crate::path::ItemPath;
use casemate_schema::Severity;
use serde_json::Value;

/// Longest part of a message that is a rule's name, where the file has no number for it.
const CHECK_CHARACTERS: usize = 100;

/// A finding as all formats have it.
#[derive(Default)]
struct Row {
    id: String,
    host: String,
    address: String,
    port: String,
    banner: String,
    method: String,
    path: String,
    message: String,
    /// Addresses and identifiers with anything between them.
    references: String,
    osvdb: String,
}

/// Reads JSON: a host, or a list of hosts.
pub(super) fn read_json(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    // Versions 2.1 end their lists with a comma, and do not quote numbers such as 001675.
    if input.is_whole()
        && let Err(error) = input.json()
    {
        let text = repaired(&input.text()?);
        let document: Value = serde_json::from_str(&text).map_err(|_| error)?;
        let bytes = serde_json::to_vec(&document).unwrap_or_default();
        let source = Bytes(&bytes);
        return read_sound(&Input::new(input.name(), &source)?, out);
    }
    read_sound(input, out)
}

fn read_sound(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    each(
        input,
        Family::Json,
        "[].vulnerabilities[]",
        out,
        |host, item| {
            let get = |name: &str| field::text(item, [name]);
            let row = Row {
                id: get("id"),
                host: field::first(host, ["host", "ip"]),
                address: field::text(host, "ip"),
                port: field::text(host, "port"),
                banner: field::text(host, "banner"),
                method: get("method"),
                path: get("url"),
                message: get("msg"),
                references: field::texts(item, "references").join(" "),
                osvdb: get("OSVDB"),
            };
            let mut draft = row.draft();
            // A message that is the same for several paths of a host is one finding.
            draft.same_as = [&row.host, &row.port, &row.id, &row.method, &row.message]
                .map(String::as_str)
                .join("\u{1f}");
            draft
        },
    )
}

/// Reads XML, in which a scan of several hosts is a list inside of an element of the same name.
pub(super) fn read_xml(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let nested = "niktoscan.niktoscan[].scandetails[].item[]";
    let path = item_path(nested)?;
    let around = items::around(input, Family::Xml, &path)?;
    let root = match field::at(&around, "niktoscan") {
        Value::Null => field::at(&around, "niktoscans"),
        root => root,
    };
    let scan = match field::at(root, "niktoscan") {
        Value::Null => root,
        scan => scan,
    };
    let details = field::at(scan, "scandetails");
    out.tool_version(&field::text(scan, "@version"));
    let started = field::text(details, "@starttime");
    let started = if started.is_empty() {
        field::text(scan, "@scanstart")
    } else {
        started
    };
    out.scanned_at(&started);
    out.target(&field::text(details, "@sitename"));
    for records in [
        nested,
        "niktoscan.scandetails[].item[]",
        "niktoscans.niktoscan[].scandetails[].item[]",
    ] {
        each(input, Family::Xml, records, out, |details, item| {
            let about = |name: &str| field::text(details, [name]);
            let row = Row {
                id: field::text(item, "@id"),
                host: field::first(details, ["@targethostname", "@targetip"]),
                address: about("@targetip"),
                port: about("@targetport"),
                banner: about("@targetbanner"),
                method: field::text(item, "@method"),
                path: field::text(item, "uri"),
                message: field::text(item, "description"),
                references: field::texts(item, "references").join(" "),
                osvdb: field::text(item, "@osvdbid"),
            };
            let mut draft = row.draft();
            let link = field::first(item, ["iplink", "namelink"]);
            draft.same_as = [&link, &row.id, &row.method, &row.message]
                .map(String::as_str)
                .join("\u{1f}");
            draft.see("link", field::first(item, ["namelink", "iplink"]));
            draft
        })?;
    }
    Ok(())
}

fn item_path(records: &str) -> Result<ItemPath, ImportError> {
    ItemPath::parse(records).map_err(|reason| ImportError::Mapping {
        name: "nikto".to_owned(),
        reason,
    })
}

fn each(
    input: &Input<'_>,
    family: Family,
    records: &str,
    out: &mut Collector,
    draft_of: impl Fn(&Value, &Value) -> Draft,
) -> Result<(), ImportError> {
    let path = item_path(records)?;
    items::each(input, family, &path, &[], &mut |scope| {
        let host = scope.parents.last().copied().unwrap_or(&Value::Null);
        let draft = draft_of(host, scope.item);
        if draft.check.is_empty() {
            out.reject(scope.place, "it has neither a number nor a message");
        } else {
            out.finding(draft);
        }
        Ok(())
    })
}

/// Reads CSV: host, address, port, OSVDB number or references, method, path, message.
pub(super) fn read_csv(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .escape(Some(b'\\'))
        .from_reader(input.reader()?);
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|error| ImportError::damaged("a row", error.to_string()))?;
        if !more {
            return Ok(());
        }
        let line = record.position().map_or(0, csv::Position::line);
        let field = |at: usize| record.get(at).unwrap_or_default().trim().to_owned();
        if let Some(version) = field(0).strip_prefix("Nikto - v") {
            out.tool_version(version.split('/').next().unwrap_or(version));
            continue;
        }
        let row = Row {
            host: field(0),
            address: field(1),
            port: field(2),
            references: field(3),
            method: field(4),
            path: field(5),
            message: field(6),
            ..Row::default()
        };
        if record.len() < 7 {
            out.reject(format!("line {line}"), "it has fewer than seven fields");
        } else if row.method.is_empty() && row.path.is_empty() && row.references.is_empty() {
            // It names the server, with its banner where the others have the message.
        } else if row.message.is_empty() {
            out.reject(format!("line {line}"), "it has no message");
        } else {
            out.finding(row.draft());
        }
    }
}

impl Row {
    fn draft(&self) -> Draft {
        let told = self.told();
        let place = format!("{}:{}{}", self.host, self.port, self.path);
        let check = if self.id.is_empty() {
            told.chars().take(CHECK_CHARACTERS).collect()
        } else {
            self.id.clone()
        };
        let mut draft = Draft {
            check,
            title: format!("{} ({place})", told.trim_end_matches('.')),
            // Nikto has no levels.
            severity: Some(Severity::Info),
            category: "web".to_owned(),
            description: told.to_owned(),
            host: self.host.clone(),
            subject: format!("{} {place}", self.method).trim_start().to_owned(),
            key: header(told).to_owned(),
            ..Draft::default()
        };
        for word in self.references.split([' ', ',', '\n']) {
            if word.starts_with("http") {
                draft.references.push(word.to_owned());
            } else if is_cve(word) {
                draft.ids.push(word.to_owned());
            } else if word != "OSVDB-0" {
                draft.see("reference", word);
            }
        }
        let words = told.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        draft
            .ids
            .extend(words.filter(|word| is_cve(word)).map(str::to_owned));
        draft.see("address", &self.address);
        draft.see("banner", &self.banner);
        if self.osvdb != "0" {
            draft.see("osvdb", &self.osvdb);
        }
        draft
    }

    /// The message without the path, with which newer versions begin it.
    fn told(&self) -> &str {
        let message = self.message.trim();
        let rest = message.strip_prefix(self.path.as_str()).unwrap_or(message);
        rest.strip_prefix(':').unwrap_or(message).trim()
    }
}

/// The header that a message is about: what tells the findings of one test at one place apart.
fn header(message: &str) -> &str {
    message
        .split_once("header '")
        .and_then(|(_, rest)| rest.split_once('\''))
        .map_or("", |(name, _)| name)
}
