//! OpenVEX, 0.0.1 to 0.2.0, alone or inside of an in-toto attestation.
//!
//! Every statement is handed on for other files' findings. Read alone, the document's own findings
//! are its statements of each product: `affected` and `under_investigation` count, `not_affected`
//! and `fixed` do not.

use super::bom;
use crate::collector::Collector;
use crate::dates;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use casemate_schema::{Severity, Statement, Text, VexStatus};
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    for document in bom::documents(input.json()?) {
        if !document.is_object() {
            out.reject("the document", "it is no OpenVEX document");
            continue;
        }
        let mut about = About::read(document);
        out.scanned_at(&about.timestamp);
        out.suppressed_by("openvex", &about.source);
        let statements = bom::list(document, "statements", "statement");
        if statements.is_empty() {
            out.note("the document makes no statement");
        }
        for (index, item) in statements.into_iter().enumerate() {
            take(&mut about, item, &format!("statements[{index}]"), out);
        }
    }
    Ok(())
}

/// What the document says of all its statements.
struct About {
    source: String,
    author: String,
    timestamp: String,
    /// Products and vulnerabilities that had their finding already.
    seen: HashSet<(String, String)>,
}

impl About {
    fn read(document: &Value) -> Self {
        let author = field::named(document, "author");
        let mut source = id(document);
        if source.is_empty() {
            source = if author.is_empty() {
                "OpenVEX document".to_owned()
            } else {
                format!("OpenVEX document by {author}")
            };
        }
        Self {
            source,
            author,
            timestamp: time(document),
            seen: HashSet::new(),
        }
    }
}

fn id(value: &Value) -> String {
    ["@id", "id"]
        .iter()
        .map(|name| field::named(value, name))
        .find(|id| !id.is_empty())
        .unwrap_or_default()
}

fn time(value: &Value) -> String {
    ["last_updated", "timestamp"]
        .iter()
        .map(|name| field::named(value, name))
        .find(|time| !time.is_empty())
        .unwrap_or_default()
}

fn take(about: &mut About, item: &Value, place: &str, out: &mut Collector) {
    let ids = vulnerability(item.get("vulnerability").unwrap_or(&Value::Null));
    let word = field::named(item, "status").to_ascii_lowercase();
    if ids.is_empty() || word.is_empty() {
        let what = if ids.is_empty() {
            "vulnerability"
        } else {
            "status"
        };
        out.reject(place, format!("a statement without {what}"));
        return;
    }
    let status = match word.as_str() {
        "not_affected" => VexStatus::NotAffected,
        "fixed" => VexStatus::Fixed,
        "affected" => VexStatus::Affected,
        // A word of a later version settles nothing.
        _ => VexStatus::UnderInvestigation,
    };
    let products = bom::list(item, "products", "product");
    if products.is_empty() {
        out.reject(place, "a statement without products");
    }
    for product in products {
        let names = identifiers(product);
        let Some(first) = names.first().cloned() else {
            out.reject(place, "a product without identifier");
            continue;
        };
        let mut parts = Vec::new();
        for part in bom::list(product, "subcomponents", "subcomponent") {
            identifiers(part)
                .iter()
                .for_each(|name| bom::add(&mut parts, name));
        }
        // Before 0.2.0 they belong to the statement.
        for part in bom::list(item, "subcomponents", "subcomponent") {
            identifiers(part)
                .iter()
                .for_each(|name| bom::add(&mut parts, name));
        }
        let statement = statement(about, item, place, &ids, names, parts, status);
        let key = (
            first.to_string(),
            ids.first().map(Text::to_string).unwrap_or_default(),
        );
        if about.seen.insert(key) {
            out.finding(draft(about, item, &word, &statement, &first));
        }
        out.statement(statement);
    }
}

/// The vulnerability's name, what its address ends in, and its aliases.
fn vulnerability(value: &Value) -> Vec<Text> {
    let mut out = Vec::new();
    match value {
        Value::Object(_) => {
            bom::add(&mut out, &field::named(value, "name"));
            let address = id(value);
            let last = bom::last_segment(&address);
            if out.is_empty() || (last != address && is_identifier(last)) {
                bom::add(&mut out, last);
            }
            for alias in bom::texts(value, "aliases", "alias") {
                bom::add(&mut out, bom::last_segment(&alias));
            }
        }
        other => {
            let text = crate::path::text_of(other).unwrap_or_default();
            bom::add(&mut out, bom::last_segment(&text));
        }
    }
    out
}

/// Whether the end of an address looks like an identifier and not like a page.
fn is_identifier(text: &str) -> bool {
    text.contains('-')
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.starts_with(|first: char| first.is_ascii_uppercase())
}

/// All names of a product or part: its id, identifiers and digests.
fn identifiers(value: &Value) -> Vec<Text> {
    let mut out = Vec::new();
    if let Value::String(text) = value {
        bom::add(&mut out, text);
        return out;
    }
    bom::add(&mut out, &id(value));
    for member in ["identifiers", "hashes"] {
        let Some(Value::Object(map)) = value.get(member) else {
            continue;
        };
        for (name, value) in map {
            let text = crate::path::text_of(value).unwrap_or_default();
            if member == "hashes" && !text.is_empty() {
                let algorithm = name.to_ascii_lowercase().replace('-', "");
                bom::add(&mut out, &format!("{algorithm}:{text}"));
            } else {
                bom::add(&mut out, &text);
            }
        }
    }
    out
}

fn statement(
    about: &About,
    item: &Value,
    place: &str,
    ids: &[Text],
    products: Vec<Text>,
    subcomponents: Vec<Text>,
    status: VexStatus,
) -> Statement {
    let said = ["impact_statement", "action_statement", "status_notes"]
        .iter()
        .map(|name| field::named(item, name))
        .find(|text| !text.is_empty());
    let own = time(item);
    let time = if own.is_empty() {
        &about.timestamp
    } else {
        &own
    };
    Statement {
        by: "openvex".into(),
        ids: ids.to_vec(),
        products,
        subcomponents,
        status,
        justification: bom::some(&field::named(item, "justification")),
        statement: said.map(Text::from),
        source: format!("{} {place}", about.source).into(),
        timestamp: dates::rfc3339(time).map(Text::from),
    }
}

fn draft(about: &About, item: &Value, word: &str, said: &Statement, product: &str) -> Draft {
    let details = item.get("vulnerability").unwrap_or(&Value::Null);
    let address = id(details);
    let parts: Vec<&str> = said.subcomponents.iter().map(|part| &**part).collect();
    // With one part, that is what scanners name; the product is where it is.
    let (about_it, subject) = match parts.as_slice() {
        [part] => (*part, product),
        _ => (product, ""),
    };
    let component = if about_it.starts_with("pkg:") {
        bom::component("", "", "", about_it)
    } else {
        bom::component("", about_it, "", "")
    };
    let mut description = vec![
        field::named(details, "description"),
        field::named(item, "vuln_description"),
    ];
    description.extend(["impact_statement", "status_notes"].map(|name| field::named(item, name)));
    description.retain(|text| !text.is_empty());
    if description.is_empty() {
        description.push(format!(
            "The supplier states that {product} is {}.",
            word.replace('_', " ")
        ));
    }
    let justification = said.justification.as_deref().unwrap_or_default();
    let reason = said.statement.as_deref().unwrap_or_default();
    let mut draft = Draft {
        category: "vulnerability".to_owned(),
        check: said.ids.first().map(Text::to_string).unwrap_or_default(),
        own_id: id(item),
        severity: Some(match said.status {
            // The format has no severity; what a supplier confirms is more than a remark.
            VexStatus::Affected => Severity::Medium,
            _ => Severity::Info,
        }),
        description: description.join("\n\n"),
        remediation: field::named(item, "action_statement"),
        ids: said.ids.iter().map(Text::to_string).collect(),
        component: Some(component),
        subject: subject.to_owned(),
        suppressed: said.status.suppresses().then(|| {
            let status = said.status.as_str().to_owned();
            (status, justification.to_owned(), reason.to_owned())
        }),
        ..Draft::default()
    };
    if address.contains("://") {
        draft.references.push(address);
    }
    draft.see("status", word);
    draft.see("justification", justification);
    draft.see("product", product);
    draft.see("subcomponents", parts.join(", "));
    draft.see("supplier", field::named(item, "supplier"));
    draft.see("author", about.author.as_str());
    draft
}
