//! D3FEND's ontology (Turtle): countermeasures and the ATT&CK techniques that they counter.
//!
//! The ontology says it through artifacts: a countermeasure `filters` system calls, a technique
//! `invokes` them. As in D3FEND's own matrix, a countermeasure counters a technique when both speak
//! of one artifact, or the technique of a kind of the countermeasure's artifact.
//!
//! Source: d3fend.mitre.org, "inferred relationships".

use super::out::Out;
use super::turtle::{self, Object};
use super::value::{sorted, technique};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Countermeasure, PackRecord, Text};
use std::collections::{BTreeMap, BTreeSet};

/// What is said of a class.
#[derive(Default)]
struct Class {
    label: String,
    d3fend: Option<Text>,
    attack: Option<Text>,
    parents: Vec<String>,
    /// Property, artifact.
    concerns: Vec<(String, String)>,
}

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut classes: BTreeMap<String, Class> = BTreeMap::new();
    turtle::read(&input.text()?, &mut |subject, said| {
        if subject.contains("d3fend.owl>") {
            about(said, out);
        } else {
            let class = classes.entry(subject.to_owned()).or_default();
            said.iter()
                .for_each(|(predicate, object)| class.take(predicate, object));
        }
    })?;
    // Artifact -> techniques that concern it.
    let mut techniques: BTreeMap<&str, BTreeSet<Text>> = BTreeMap::new();
    for class in classes.values() {
        let Some(id) = &class.attack else { continue };
        for (_, artifact) in &class.concerns {
            for name in with_ancestors(artifact, &classes) {
                techniques.entry(name).or_default().insert(id.clone());
            }
        }
    }
    let mut all: Vec<Countermeasure> = Vec::new();
    for class in classes.values() {
        let Some(id) = &class.d3fend else { continue };
        // What a countermeasure enables is a tactic, no artifact.
        let concerns = class
            .concerns
            .iter()
            .filter(|(property, _)| property != ":enables");
        let found = concerns.filter_map(|(_, artifact)| techniques.get(artifact.as_str()));
        all.push(Countermeasure {
            id: id.clone(),
            name: class.label.as_str().into(),
            techniques: sorted(found.flatten().cloned()),
        });
    }
    if all.is_empty() {
        return Err(ImportError::damaged(
            "the document",
            "no class has a `d3fend-id`",
        ));
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.into_iter()
        .for_each(|record| out.put(PackRecord::Countermeasure(record)));
    Ok(())
}

fn about(said: &[(String, Object)], out: &mut Out<'_>) {
    for (predicate, object) in said {
        let (Object::Text(text) | Object::Name(text)) = object else {
            continue;
        };
        match predicate.as_str() {
            "owl:versionInfo" => out.version(text),
            ":release-date" | "dcterms:modified" | "dcterms:issued" => drop(out.dated(text)),
            _ => {}
        }
    }
}

impl Class {
    fn take(&mut self, predicate: &str, object: &Object) {
        match (predicate, object) {
            ("rdfs:label", Object::Text(text)) => self.label.clone_from(text),
            // D3A- numbers kinds of analytics, which are no countermeasures.
            (":d3fend-id", Object::Text(text)) if text.starts_with("D3-") => {
                self.d3fend = Some(text.as_str().into());
            }
            (":attack-id", Object::Text(text)) => self.attack = technique(text),
            ("rdfs:subClassOf", Object::Name(name)) => self.parents.push(name.clone()),
            ("rdfs:subClassOf", Object::Blank(said)) => {
                let of = |wanted: &str| {
                    said.iter().find_map(|(predicate, object)| match object {
                        Object::Name(name) if predicate == wanted => Some(name.clone()),
                        _ => None,
                    })
                };
                self.concerns
                    .extend(of("owl:onProperty").zip(of("owl:someValuesFrom")));
            }
            _ => {}
        }
    }
}

/// An artifact and all that it is a kind of.
fn with_ancestors<'a>(
    artifact: &'a str,
    classes: &'a BTreeMap<String, Class>,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![artifact];
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            let parents = classes.get(name).map(|class| class.parents.as_slice());
            open.extend(parents.unwrap_or_default().iter().map(String::as_str));
        }
    }
    seen
}
