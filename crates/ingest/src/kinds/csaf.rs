//! CSAF 2.0 and 2.1 advisories and VEX.
//!
//! Each product of a vulnerability's status is a finding and a VEX statement. Products that are
//! known not to be affected, or that have the fix, do not count.

mod products;

use super::bom;
use crate::collector::Collector;
use crate::dates;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::severity;
use casemate_schema::{Cvss, Severity, Statement, Text, VexStatus};
use products::{Product, Products};
use serde_json::Value;
use std::collections::HashSet;

/// The lists of a product status, those that say the worst first: a product that stands in two of
/// them counts as the worse.
const STATUSES: [(&str, VexStatus); 8] = [
    ("known_affected", VexStatus::Affected),
    ("first_affected", VexStatus::Affected),
    ("last_affected", VexStatus::Affected),
    ("under_investigation", VexStatus::UnderInvestigation),
    ("fixed", VexStatus::Fixed),
    ("first_fixed", VexStatus::Fixed),
    ("recommended", VexStatus::Fixed),
    ("known_not_affected", VexStatus::NotAffected),
];

/// What the document says of all its vulnerabilities.
struct About {
    products: Products,
    source: String,
    title: String,
    publisher: String,
    timestamp: String,
    severity: Option<Severity>,
}

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    for file in bom::documents(input.json()?) {
        let document = file.get("document").unwrap_or(&Value::Null);
        let version = field::named(document, "csaf_version");
        if !version.is_empty() && !version.starts_with("2.") && version != "2" {
            return Err(ImportError::NotThisKind {
                kind: "csaf".to_owned(),
                reason: format!("it is of CSAF {version}; 2.0 and 2.1 are read"),
            });
        }
        let about = about(file, document, out);
        out.suppressed_by("csaf", &about.source);
        let vulnerabilities = bom::list(file, "vulnerabilities", "vulnerability");
        if vulnerabilities.is_empty() {
            out.note("the advisory names no vulnerability");
        }
        let mut seen = HashSet::new();
        for (index, item) in vulnerabilities.into_iter().enumerate() {
            let place = format!("vulnerabilities[{index}]");
            take(&about, item, &place, &mut seen, out);
        }
    }
    Ok(())
}

fn about(file: &Value, document: &Value, out: &mut Collector) -> About {
    let member = |value: &Value, name: &str| value.get(name).cloned().unwrap_or_default();
    let tracking = member(document, "tracking");
    let title = field::named(document, "title");
    let timestamp = ["current_release_date", "initial_release_date"]
        .iter()
        .map(|name| field::named(&tracking, name))
        .find(|time| !time.is_empty())
        .unwrap_or_default();
    out.scanned_at(&timestamp);
    let mut source = field::named(&tracking, "id");
    if source.is_empty() {
        source.clone_from(&title);
    }
    let aggregate = member(document, "aggregate_severity");
    About {
        products: Products::read(file.get("product_tree").unwrap_or(&Value::Null)),
        source,
        title,
        publisher: field::named(&member(document, "publisher"), "name"),
        timestamp,
        severity: severity::of_word(&field::named(&aggregate, "text")),
    }
}

/// Vulnerabilities with the products that had their finding already.
type Seen = HashSet<(String, String)>;

fn take(about: &About, item: &Value, place: &str, seen: &mut Seen, out: &mut Collector) {
    let ids = identifiers(item);
    if ids.is_empty() {
        out.reject(place, "a vulnerability without cve, ids and title");
        return;
    }
    let status = item.get("product_status").unwrap_or(&Value::Null);
    let name = ids.first().map(Text::to_string).unwrap_or_default();
    let mut is_said = false;
    for (list, state) in statuses(status) {
        for id in bom::texts(status, list, "product_id") {
            is_said = true;
            if !seen.insert((name.clone(), id.clone())) {
                continue;
            }
            let view = View {
                about,
                item,
                id: &id,
                list,
                state,
                product: about.products.get(&id),
            };
            let statement = view.statement(&ids, place);
            out.finding(view.draft(&ids, &statement));
            out.statement(statement);
        }
    }
    if !is_said {
        out.note(format!("{place}: {name} is said of no product"));
    }
}

/// The lists that are there; a list of a later version counts as affected, which settles nothing.
fn statuses(status: &Value) -> Vec<(&str, VexStatus)> {
    let mut out: Vec<(&str, VexStatus)> = STATUSES.to_vec();
    for name in status.as_object().into_iter().flat_map(|map| map.keys()) {
        if !STATUSES.iter().any(|(known, _)| known == name) {
            out.push((name, VexStatus::UnderInvestigation));
        }
    }
    out
}

/// The CVE, then the other identifiers; the title for what has none.
fn identifiers(item: &Value) -> Vec<Text> {
    let mut out = Vec::new();
    bom::add(&mut out, &field::named(item, "cve"));
    for other in bom::list(item, "ids", "id") {
        bom::add(&mut out, &field::named(other, "text"));
    }
    if out.is_empty() {
        bom::add(&mut out, &field::named(item, "title"));
    }
    out
}

/// One product of one vulnerability.
struct View<'a> {
    about: &'a About,
    item: &'a Value,
    id: &'a str,
    /// The list of the status that it stands in.
    list: &'a str,
    state: VexStatus,
    product: Product,
}

impl<'a> View<'a> {
    /// The entries of a list that are about this product: those that name it or a group with it,
    /// and those that name nothing.
    fn entries(&self, name: &str) -> Vec<&'a Value> {
        let of_this = |entry: &&Value| {
            let ids = bom::texts(entry, "product_ids", "product_id");
            let groups = bom::texts(entry, "group_ids", "group_id");
            let in_group = |group: &String| self.about.products.is_in(self.id, group);
            (ids.is_empty() && groups.is_empty())
                || ids.iter().any(|id| id == self.id)
                || groups.iter().any(in_group)
        };
        bom::list(self.item, name, "")
            .into_iter()
            .filter(of_this)
            .collect()
    }

    fn justification(&self) -> String {
        let flags = self.entries("flags");
        let labels = flags.iter().map(|flag| field::named(flag, "label"));
        labels.collect::<Vec<_>>().join(", ")
    }

    /// What the supplier says of the impact on this product.
    fn impact(&self) -> String {
        let threats = self.entries("threats");
        let impacts = threats
            .iter()
            .filter(|threat| field::named(threat, "category") == "impact")
            .map(|threat| field::named(threat, "details"));
        impacts.collect::<Vec<_>>().join("\n")
    }

    fn statement(&self, ids: &[Text], place: &str) -> Statement {
        let impact = self.impact();
        let reason = if impact.is_empty() {
            self.remediation()
        } else {
            impact
        };
        Statement {
            by: "csaf".into(),
            ids: ids.to_vec(),
            products: self.product.names.clone(),
            subcomponents: self.product.parts.clone(),
            status: self.state,
            justification: bom::some(&self.justification()),
            statement: bom::some(&reason),
            source: format!("{} {place}", self.about.source).into(),
            timestamp: dates::rfc3339(&self.about.timestamp).map(Text::from),
        }
    }

    fn remediation(&self) -> String {
        let mut out = Vec::new();
        for entry in self.entries("remediations") {
            let details = field::named(entry, "details");
            let url = field::named(entry, "url");
            let category = field::named(entry, "category").replace('_', " ");
            let mut text = match (category.is_empty(), details.is_empty()) {
                (false, false) => format!("{category}: {details}"),
                _ => format!("{category}{details}"),
            };
            if !url.is_empty() && !text.contains(&url) {
                text = format!("{text} {url}");
            }
            if !out.contains(&text) {
                out.push(text);
            }
        }
        out.join("\n\n")
    }

    /// The scores of this product: `scores` in 2.0, `metrics` in 2.1.
    fn scores(&self) -> Vec<&'a Value> {
        let mut out = Vec::new();
        for entry in bom::list(self.item, "scores", "score") {
            if bom::texts(entry, "products", "product").contains(&self.id.to_owned()) {
                out.push(entry);
            }
        }
        for entry in bom::list(self.item, "metrics", "metric") {
            if bom::texts(entry, "products", "product").contains(&self.id.to_owned()) {
                out.extend(entry.get("content"));
            }
        }
        out
    }

    fn rate(&self, draft: &mut Draft) {
        let mut word = None;
        for name in ["cvss_v4", "cvss_v31", "cvss_v3", "cvss_v30", "cvss_v2"] {
            for score in self.scores() {
                let Some(cvss) = score.get(name) else {
                    continue;
                };
                let number = severity::number(&field::named(cvss, "baseScore"));
                let said = field::named(cvss, "baseSeverity");
                let level = severity::of_word(&said).or(number.map(severity::of_cvss));
                if word.is_none() && level.is_some() {
                    word = Some((level, said));
                }
                draft.cvss.push(Cvss {
                    version: bom::some(&field::named(cvss, "version")),
                    vector: bom::some(&field::named(cvss, "vectorString")),
                    score: number.filter(|score| (0.0..=10.0).contains(score)),
                    source: bom::some(&self.about.publisher),
                });
            }
        }
        let impact = severity::of_word(&self.impact());
        let others = impact.or(self.about.severity).or(Some(Severity::Medium));
        match word {
            Some((level, said)) => {
                draft.severity = level;
                draft.severity_word = said;
            }
            // An advisory without a score is more than a remark.
            None => draft.severity = others,
        }
        let epss = self
            .scores()
            .into_iter()
            .find_map(|score| score.get("epss"));
        draft.epss = epss.and_then(|epss| severity::number(&field::named(epss, "probability")));
    }

    fn draft(&self, ids: &[Text], statement: &Statement) -> Draft {
        let (name, word) = (&self.product.label, self.list.replace('_', " "));
        let mut draft = Draft {
            category: "vulnerability".to_owned(),
            check: ids.first().map(Text::to_string).unwrap_or_default(),
            description: description(self.item),
            remediation: self.remediation(),
            ids: ids.iter().map(Text::to_string).collect(),
            component: Some(self.product.component.clone()),
            subject: self.product.inside.clone(),
            cwes: cwes(self.item),
            published: field::named(self.item, "release_date"),
            references: addresses(self.item),
            suppressed: self.state.suppresses().then(|| {
                let text = |text: &Option<Text>| text.as_deref().unwrap_or_default().to_owned();
                let status = self.state.as_str().to_owned();
                (
                    status,
                    text(&statement.justification),
                    text(&statement.statement),
                )
            }),
            ..Draft::default()
        };
        if draft.description.is_empty() {
            draft.description = format!("{}: {name} is {word}.", self.about.title);
        }
        self.rate(&mut draft);
        draft.see("status", word);
        draft.see("product", name.as_str());
        draft.see("justification", self.justification());
        draft.see("impact", self.impact());
        let exploits = self
            .entries("threats")
            .into_iter()
            .filter(|threat| field::named(threat, "category") == "exploit_status");
        let exploits: Vec<String> = exploits
            .map(|threat| field::named(threat, "details"))
            .collect();
        draft.see("exploit status", exploits.join("\n"));
        draft.see(
            "advisory",
            format!("{} {}", self.about.source, self.about.title),
        );
        draft.see("publisher", self.about.publisher.as_str());
        draft
    }
}

fn description(item: &Value) -> String {
    let title = field::named(item, "title");
    let mut out = Vec::new();
    for note in bom::list(item, "notes", "note") {
        let category = field::named(note, "category");
        let text = field::named(note, "text");
        let is_about = matches!(
            category.as_str(),
            "description" | "summary" | "details" | "general" | ""
        );
        if is_about && !text.is_empty() && !out.contains(&text) {
            out.push(text);
        }
    }
    if out.is_empty() {
        title
    } else {
        out.join("\n\n")
    }
}

fn cwes(item: &Value) -> Vec<String> {
    let mut all = bom::list(item, "cwe", "");
    all.extend(bom::list(item, "cwes", ""));
    all.into_iter().map(|cwe| field::named(cwe, "id")).collect()
}

fn addresses(item: &Value) -> Vec<String> {
    let all = bom::list(item, "references", "reference");
    all.into_iter()
        .map(|entry| field::named(entry, "url"))
        .collect()
}
