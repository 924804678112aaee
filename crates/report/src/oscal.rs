//! The verdicts of a framework as OSCAL assessment results (JSON, model version 1.2.1).
//!
//! Invariants:
//! - the same report and result give the same bytes; identifiers are UUIDs of version 5 made from
//!   content (RFC 9562, section 5.5), never random;
//! - every control is among the reviewed ones; a finding stands for each that passed
//!   (`satisfied`) or failed (`not-satisfied`), and none for what was not assessed;
//! - each check that was heard is one observation, which the findings refer to; what it found is its
//!   relevant evidence;
//! - the document refers to nothing outside itself: the assessment plan that it imports is a resource
//!   of its own back matter.
//!
//! Source: OSCAL 1.2.1, JSON schema `oscal_assessment-results_schema.json`.

use crate::compliance::{Compliance, word};
use crate::object::Object;
use crate::{Error, words};
use casemate_base::text::printable;
use casemate_base::{Timestamp, hash};
use casemate_schema::{
    ControlEvidence, ControlResult, ControlStatus, Finding, canonical_json, to_canonical,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The model's version.
const OSCAL_VERSION: &str = "1.2.1";
/// Space of names of our identifiers: version 5 of `casemate/oscal` in the space of URLs.
const NAMESPACE: [u8; 16] = [
    0x0d, 0x5a, 0x41, 0x6f, 0x2b, 0x7e, 0x5c, 0x1d, 0x9f, 0x3a, 0x6c, 0x1e, 0x88, 0x42, 0x10, 0xb7,
];
/// Namespace of our properties.
const PROPERTIES: &str = "urn:casemate:oscal";

/// Writes a framework's result as OSCAL assessment results.
///
/// # Errors
/// [`Error::Time`] when the report's time is no RFC 3339 time, [`Error::Json`] when a value has no
/// canonical form.
pub fn oscal(view: &Compliance<'_>) -> Result<Vec<u8>, Error> {
    let time = time_of(view)?;
    let names = Names::of(view)?;
    let observations = observations(view, &names, &time);
    let findings = findings(view, &names);
    let selection = Object::new()
        .put("description", "Every control of the framework.")
        .list("include-controls", reviewed(view))
        .build();
    let result = Object::new()
        .put("uuid", names.uuid("result"))
        .put("title", title(view))
        .put("description", view.sentences().join(" "))
        .put("start", time.as_str())
        .put("end", time.as_str())
        .put("props", figures(view))
        .put(
            "reviewed-controls",
            json!({ "control-selections": [selection] }),
        )
        .list("observations", observations)
        .list("findings", findings)
        .build();
    let plan = names.uuid("plan");
    let document = json!({ "assessment-results": {
        "uuid": names.uuid("document"),
        "metadata": {
            "title": title(view),
            "last-modified": time,
            "version": text(&view.report.schema_version, "1"),
            "oscal-version": OSCAL_VERSION,
            "props": [property("tool", &format!("{} {}", view.report.tool.name, view.report.tool.version))],
        },
        "import-ap": {
            "href": format!("#{plan}"),
            "remarks": "No assessment plan was given; the resource says what was done instead.",
        },
        "results": [result],
        "back-matter": { "resources": [{
            "uuid": plan,
            "title": "What was assessed",
            "description": format!(
                "Checks of casemate and findings of imported reports, mapped to the controls of {}; \
                 the framework's text: {}",
                view.name(), view.source
            ),
        }] },
    } });
    let mut bytes = canonical_json(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn time_of(view: &Compliance<'_>) -> Result<String, Error> {
    let time = &view.report.scan.started_at;
    match time.parse::<Timestamp>() {
        Ok(parsed) => Ok(parsed.to_string()),
        Err(_) => Err(Error::Time { time: time.clone() }),
    }
}

fn title(view: &Compliance<'_>) -> String {
    format!("{}: {}", view.name(), words::subject(view.report))
}

/// Text that is neither empty nor edged with blanks, on one line.
fn text(given: &str, otherwise: &str) -> String {
    let shown = printable(given);
    let shown = shown.trim();
    if shown.is_empty() { otherwise } else { shown }.to_owned()
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": PROPERTIES, "value": text(value, "none") })
}

fn figures(view: &Compliance<'_>) -> Vec<Value> {
    let result = view.result;
    let mut figures = vec![
        property("framework", &result.framework),
        property("framework-version", &result.version),
        property("coverage", &result.coverage.to_string()),
    ];
    figures.extend(
        result
            .score
            .map(|score| property("score", &score.to_string())),
    );
    for status in [
        ControlStatus::Pass,
        ControlStatus::Fail,
        ControlStatus::NotApplicable,
        ControlStatus::NotAssessed,
    ] {
        figures.push(property(word(status), &view.count(status).to_string()));
    }
    figures
}

fn reviewed(view: &Compliance<'_>) -> Vec<Value> {
    let controls = view.controls().into_iter();
    controls
        .map(|control| json!({ "control-id": control_id(&view.result.framework, &control.id) }))
        .collect()
}

/// A control's identifier as OSCAL's tokens allow it: `ac-6.1` as NIST's own catalogue writes it,
/// `PR.AA-01`, `pci_dss-1.2.1`, `hipaa-164.308_a_1_ii_A`.
fn control_id(framework: &str, id: &str) -> String {
    match framework {
        "nist_800_53" => id.to_lowercase().replace('(', ".").replace(')', ""),
        "nist_csf" => id.to_owned(),
        _ => {
            let plain = id.replace(")(", "_").replace('(', "_").replace(')', "");
            format!("{framework}-{plain}")
        }
    }
}

/// Names of the parts of one document: its content gives the space in which they are unique.
struct Names {
    content: String,
}

impl Names {
    fn of(view: &Compliance<'_>) -> Result<Self, Error> {
        let host = words::subject(view.report);
        let mut content = to_canonical(view.result)?;
        content.extend_from_slice(host.as_bytes());
        content.extend_from_slice(view.report.scan.started_at.as_bytes());
        content.push(u8::from(view.gaps_only));
        Ok(Self {
            content: hash::blake3(&content).to_hex(),
        })
    }

    fn uuid(&self, name: &str) -> String {
        uuid_v5(&format!("{}/{name}", self.content))
    }
}

/// A UUID of version 5 in our space of names (RFC 9562, section 5.5).
fn uuid_v5(name: &str) -> String {
    let mut input = NAMESPACE.to_vec();
    input.extend_from_slice(name.as_bytes());
    let mut bytes: Vec<u8> = hash::sha1(&input).into_iter().take(16).collect();
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x50;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let mut out = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push_str(&casemate_base::encoding::hex_encode(&[*byte]));
    }
    out
}

/// One observation a check; checks speak of many controls.
fn observations(view: &Compliance<'_>, names: &Names, time: &str) -> Vec<Value> {
    let known = view.findings();
    let mut heard: BTreeMap<&str, &ControlEvidence> = BTreeMap::new();
    for evidence in view
        .controls()
        .into_iter()
        .flat_map(|control| &control.evidence)
    {
        let entry = heard.entry(&evidence.check).or_insert(evidence);
        // A control may leave the minor findings of a check out: the one that names most is whole.
        if evidence.findings.len() > entry.findings.len() {
            *entry = evidence;
        }
    }
    heard
        .into_iter()
        .map(|(check, evidence)| {
            let outcome = &evidence.outcome;
            Object::new()
                .put("uuid", names.uuid(&format!("observation/{check}")))
                .put("title", text(check, "check"))
                .put(
                    "description",
                    text(&format!("The check {check} ended as {outcome}."), "check"),
                )
                .put("props", vec![property("outcome", outcome)])
                .put("methods", vec!["TEST"])
                .put("types", vec!["finding"])
                .list("relevant-evidence", relevant(evidence, &known))
                .put("collected", time)
                .build()
        })
        .collect()
}

fn relevant(evidence: &ControlEvidence, known: &BTreeMap<&str, &Finding>) -> Vec<Value> {
    let findings = evidence.findings.iter();
    findings
        .map(|id| {
            let finding = known.get(id.as_str());
            let title = finding.map_or("", |finding| finding.title.as_str());
            json!({
                "description": text(title, "a finding"),
                "props": [property("finding", id)],
            })
        })
        .collect()
}

fn findings(view: &Compliance<'_>, names: &Names) -> Vec<Value> {
    let controls = view.controls().into_iter();
    controls
        .filter_map(|control| {
            let state = match control.status {
                ControlStatus::Pass => "satisfied",
                ControlStatus::Fail => "not-satisfied",
                ControlStatus::NotApplicable | ControlStatus::NotAssessed => return None,
            };
            Some(finding(view, names, control, state))
        })
        .collect()
}

fn finding(view: &Compliance<'_>, names: &Names, control: &ControlResult, state: &str) -> Value {
    let id = control_id(&view.result.framework, &control.id);
    let related: Vec<Value> = control
        .evidence
        .iter()
        .map(|evidence| {
            json!({
                "observation-uuid": names.uuid(&format!("observation/{}", evidence.check)),
                "remarks": text(&evidence.reasoning, "it speaks of this control"),
            })
        })
        .collect();
    let mut props = vec![property("control", &control.id)];
    if control.status == ControlStatus::Fail {
        props.push(property("risk", &control.risk.to_string()));
    }
    let status = json!({ "state": state, "reason": word(control.status) });
    Object::new()
        .put("uuid", names.uuid(&format!("finding/{id}")))
        .put(
            "title",
            text(&format!("{} {}", control.id, control.title), "control"),
        )
        .put(
            "description",
            text(
                control.reason.as_deref().unwrap_or_default(),
                &control.title,
            ),
        )
        .put("props", props)
        .put(
            "target",
            json!({ "type": "objective-id", "target-id": id, "status": status }),
        )
        .list("related-observations", related)
        .build()
}

#[cfg(test)]
mod tests {
    use super::{control_id, uuid_v5};

    #[test]
    fn identifiers_are_of_version_five() {
        let uuid = uuid_v5("a");
        assert_eq!(uuid, uuid_v5("a"));
        assert_ne!(uuid, uuid_v5("b"));
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes().get(14), Some(&b'5'));
        assert!(uuid.as_bytes().get(19).is_some_and(|b| b"89ab".contains(b)));
    }

    #[test]
    fn controls_are_tokens() {
        assert_eq!(control_id("nist_800_53", "AC-6(10)"), "ac-6.10");
        assert_eq!(control_id("nist_csf", "PR.AA-01"), "PR.AA-01");
        assert_eq!(control_id("pci_dss", "1.2.1"), "pci_dss-1.2.1");
        assert_eq!(
            control_id("hipaa", "164.308(a)(1)(ii)(A)"),
            "hipaa-164.308_a_1_ii_A"
        );
    }
}
