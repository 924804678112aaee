//! CycloneDX bills of materials, JSON and XML, 1.0 to 1.7, with vulnerabilities and VEX.
//!
//! A finding is a vulnerability in one affected component. Before 1.4 the vulnerabilities were an
//! extension of the XML format, inside of the component or with a `ref`.

mod ratings;
mod vulnerability;

use super::bom;
use crate::collector::Collector;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use casemate_schema::Component;
use casemate_triage::Purl;
use serde_json::Value;
use std::collections::HashMap;

/// A component of the document.
#[derive(Clone, Debug, Default)]
struct Part {
    component: Component,
    /// Where the tool found it.
    path: String,
    /// Whether it is what the document is about.
    is_main: bool,
}

/// What a document says beside its vulnerabilities.
#[derive(Debug, Default)]
struct Bom {
    parts: HashMap<String, Part>,
    main: Option<Component>,
    /// The image or machine that the document is about.
    host: String,
    /// The document, for statements: its serial number or main component.
    source: String,
    timestamp: String,
    n_components: u64,
}

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let is_xml = input.head().trim_start().starts_with('<');
    let root = if is_xml { input.xml()? } else { input.json()? };
    let root = if is_xml {
        root.get("bom").unwrap_or(root)
    } else {
        root
    };
    for document in bom::documents(root) {
        if !document.is_object() {
            out.reject("the document", "it is no bill of materials");
            continue;
        }
        take(document, out);
    }
    Ok(())
}

fn take(document: &Value, out: &mut Collector) {
    let bom = about(document, out);
    out.suppressed_by("cyclonedx", &bom.source);
    let before = out.n_findings();
    let legacy = |at: &Value| at.get("@ref").is_some() || at.get("ref").is_some();
    for (index, item) in bom::list(document, "vulnerabilities", "vulnerability")
        .into_iter()
        .enumerate()
    {
        let place = format!("vulnerabilities[{index}]");
        if legacy(item) && item.get("affects").is_none() {
            let reference = field::named(item, "ref");
            vulnerability::legacy(&bom, item, &reference, &place, out);
        } else {
            vulnerability::take(&bom, item, &place, out);
        }
    }
    inside_components(&bom, document, "", out);
    let n = bom.n_components;
    let found = out.n_findings() - before;
    out.note(format!(
        "the document lists {n} components, with {found} findings"
    ));
}

/// Vulnerabilities that stand inside of their component.
fn inside_components(bom: &Bom, value: &Value, place: &str, out: &mut Collector) {
    for (index, item) in bom::list(value, "components", "component")
        .into_iter()
        .enumerate()
    {
        let place = format!("{place}components[{index}].");
        for (at, inner) in bom::list(item, "vulnerabilities", "vulnerability")
            .into_iter()
            .enumerate()
        {
            let own = part(item);
            let place = format!("{place}vulnerabilities[{at}]");
            vulnerability::of_part(bom, inner, &own, &place, out);
        }
        inside_components(bom, item, &place, out);
    }
}

/// Reads what the document says beside its vulnerabilities.
fn about(document: &Value, out: &mut Collector) -> Bom {
    let mut bom = Bom {
        source: field::named(document, "serialNumber"),
        ..Bom::default()
    };
    index(&mut bom, document);
    list_components(document, out);
    for service in bom::list(document, "services", "service") {
        let reference = field::named(service, "bom-ref");
        bom.parts.insert(reference, part(service));
    }
    if let Some(metadata) = document.get("metadata") {
        bom.timestamp = field::named(metadata, "timestamp");
        out.scanned_at(&bom.timestamp);
        tool(metadata, out);
        if let Some(main) = metadata.get("component") {
            main_component(&mut bom, main, out);
        }
    }
    if bom.source.is_empty() {
        let main = bom.main.as_ref().map(bom::label);
        bom.source = main.unwrap_or_else(|| "CycloneDX document".to_owned());
    }
    bom
}

/// All components, those inside of others too, in the order of the document.
fn list_components(value: &Value, out: &mut Collector) {
    for item in bom::list(value, "components", "component") {
        out.component(&part(item).component);
        list_components(item, out);
    }
}

fn main_component(bom: &mut Bom, main: &Value, out: &mut Collector) {
    let mut own = part(main);
    own.is_main = true;
    let name = field::named(main, "name");
    out.target(&with_digest(&name, &field::named(main, "purl")));
    let is_host = matches!(
        field::named(main, "type").as_str(),
        "container" | "device" | "firmware" | "operating-system" | "platform"
    );
    if is_host {
        bom.host = name;
    }
    if !own.component.name.is_empty() {
        bom.main = Some(own.component.clone());
    }
    index(bom, main);
    let reference = field::named(main, "bom-ref");
    if !reference.is_empty() {
        bom.parts.insert(reference, own);
    }
}

/// An image's name with the digest of its package URL: VEX documents name images by digest.
fn with_digest(name: &str, purl: &str) -> String {
    let image = Purl::parse(purl).filter(Purl::is_image);
    let digest = image.and_then(|image| image.version);
    match digest.filter(|digest| digest.contains(':') && !name.contains('@')) {
        Some(digest) if !name.is_empty() => format!("{name}@{digest}"),
        _ => name.to_owned(),
    }
}

/// The tool that wrote the document: the first that is named.
fn tool(metadata: &Value, out: &mut Collector) {
    let Some(tools) = metadata.get("tools") else {
        return;
    };
    let mut all = bom::list(tools, "components", "component");
    all.extend(bom::list(tools, "services", "service"));
    if all.is_empty() {
        all = bom::list(metadata, "tools", "tool");
    }
    if let Some(first) = all.first() {
        out.tool(&field::named(first, "name"));
        out.tool_version(&field::named(first, "version"));
    }
}

/// Files the components under their references, those inside of others too.
fn index(bom: &mut Bom, value: &Value) {
    for item in bom::list(value, "components", "component") {
        bom.n_components += 1;
        let own = part(item);
        let reference = field::named(item, "bom-ref");
        let purl = own.component.purl.clone();
        for key in [Some(reference), purl.map(String::from)]
            .into_iter()
            .flatten()
        {
            if !key.is_empty() {
                bom.parts.entry(key).or_insert_with(|| own.clone());
            }
        }
        index(bom, item);
    }
}

fn part(item: &Value) -> Part {
    let reference = field::named(item, "bom-ref");
    let mut purl = field::named(item, "purl");
    if purl.is_empty() && reference.starts_with("pkg:") {
        purl = reference;
    }
    let group = field::named(item, "group");
    let (name, version) = (field::named(item, "name"), field::named(item, "version"));
    Part {
        component: bom::component(&group, &name, &version, &purl),
        path: path_of(item),
        is_main: false,
    }
}

/// Where a tool found the component, by the properties that tools use and by evidence.
fn path_of(item: &Value) -> String {
    for property in bom::list(item, "properties", "property") {
        let name = field::named(property, "name");
        let is_path = matches!(
            name.as_str(),
            "aquasecurity:trivy:FilePath" | "syft:location:0:path" | "SrcFile"
        );
        if is_path {
            let value = field::named(property, "value");
            return if value.is_empty() {
                crate::path::text_of(property).unwrap_or_default()
            } else {
                value
            };
        }
    }
    let evidence = item.get("evidence").unwrap_or(&Value::Null);
    let occurrences = bom::list(evidence, "occurrences", "occurrence");
    let first = occurrences.first();
    first
        .map(|occurrence| field::named(occurrence, "location"))
        .unwrap_or_default()
}

impl Bom {
    /// What a reference means: a component of this document, else what the reference itself says
    /// (a package URL, also at the end of a BOM-Link).
    fn resolve(&self, reference: &str) -> Option<Part> {
        if let Some(part) = self.parts.get(reference) {
            return Some(part.clone());
        }
        let inner = reference.rsplit_once('#').map(|(_, inner)| inner);
        let inner = inner.filter(|_| reference.starts_with("urn:cdx:"));
        for text in [Some(reference), inner].into_iter().flatten() {
            let decoded = casemate_triage::percent_decoded(text);
            if let Some(part) = self.parts.get(decoded.as_str()) {
                return Some(part.clone());
            }
            for text in [text, decoded.as_str()] {
                if Purl::parse(text).is_some() {
                    return Some(Part {
                        component: bom::component("", "", "", text),
                        ..Part::default()
                    });
                }
            }
        }
        None
    }
}
