//! Microsoft Secure Score from the Graph interface: scores of controls, with the catalogue of the
//! controls (`secureScoreControlProfiles`) if it was put into the same file.

use super::words::joined;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text};
use crate::input::Input;
use crate::{markup, severity};
use casemate_schema::{Severity, Status};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Reads scores; a catalogue alone says nothing of a tenant.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let root = input.json()?;
    // One answer, several after each other, or both answers under their names.
    let documents: Vec<&Value> = match root {
        Value::Array(documents) => documents.iter().collect(),
        single => vec![single],
    };
    let mut parts: Vec<&Value> = Vec::new();
    let mut profiles: HashMap<String, &Value> = HashMap::new();
    for document in documents {
        parts.push(document);
        for path in ["value", "secureScore.value", "secureScore"] {
            parts.extend(list(document, path));
        }
        for profile in list(document, "profiles.value") {
            profiles.insert(text(profile, "id"), profile);
        }
    }
    let is_profile =
        |part: &Value| !at(part, "maxScore").is_null() && !at(part, "actionType").is_null();
    for part in parts.iter().filter(|part| is_profile(part)) {
        profiles.insert(text(part, "id"), part);
    }
    parts.retain(|part| !at(part, "controlScores").is_null());
    if parts.is_empty() && !profiles.is_empty() {
        return Err(ImportError::NotThisKind {
            kind: "ms-secure-score".to_owned(),
            reason: "it is the catalogue of controls, without the scores of a tenant".to_owned(),
        });
    }
    for part in newest(&parts, out) {
        tenant(part, &profiles, out);
    }
    Ok(())
}

/// The newest scores of each tenant: the interface gives one for each day.
fn newest<'v>(parts: &[&'v Value], out: &mut Collector) -> Vec<&'v Value> {
    let mut newest: BTreeMap<String, (String, Vec<&'v Value>)> = BTreeMap::new();
    for part in parts {
        let day = text(part, "createdDateTime");
        let known = newest.entry(text(part, "azureTenantId")).or_default();
        match day.cmp(&known.0) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => known.1.push(part),
            std::cmp::Ordering::Greater => *known = (day, vec![part]),
        }
    }
    let taken: Vec<&Value> = newest.into_values().flat_map(|(_, parts)| parts).collect();
    if taken.len() < parts.len() {
        let n = parts.len() - taken.len();
        out.note(format!("scores of {n} earlier days are passed over"));
    }
    taken
}

fn tenant(part: &Value, profiles: &HashMap<String, &Value>, out: &mut Collector) {
    let tenant = text(part, "azureTenantId");
    out.target(&tenant);
    out.scanned_at(&text(part, "createdDateTime"));
    for score in list(part, "controlScores") {
        let id = text(score, "controlName");
        let profile = profiles.get(&id).copied().unwrap_or(&Value::Null);
        let got = severity::number(&text(score, "score"));
        let most = severity::number(&text(profile, "maxScore"));
        let percent = severity::number(&text(score, "scoreInPercentage"));
        let is_full = match (percent, got, most) {
            (Some(percent), ..) => percent >= 100.0,
            (None, Some(got), Some(most)) => got >= most,
            _ => false,
        };
        let is_known = percent.is_some() || got.is_some();
        let (status, reason) = match (is_full, is_known) {
            (true, _) => (Status::Passed, None),
            (false, true) => (Status::Hit, None),
            (false, false) => (Status::NotAssessed, Some("there is no score".to_owned())),
        };
        out.check(&id, &text(score, "controlCategory"), status, reason);
        if status == Status::Hit {
            out.finding(draft(score, profile, &tenant));
        }
    }
}

fn draft(score: &Value, profile: &Value, tenant: &str) -> Draft {
    let check = text(score, "controlName");
    let title = text(profile, "title");
    let most = severity::number(&text(profile, "maxScore"));
    let state = markup::plain(&text(score, "implementationStatus"));
    let mut draft = Draft {
        title: if title.is_empty() {
            joined(&[&check, &state], ": ")
        } else {
            title
        },
        // What a control is worth is all that the interface says of its weight.
        severity: most.map(|most| match most {
            most if most >= 8.0 => Severity::High,
            most if most >= 4.0 => Severity::Medium,
            _ => Severity::Low,
        }),
        category: "misconfiguration".to_owned(),
        description: markup::plain(&text(score, "description")),
        remediation: markup::plain(&text(profile, "remediation")),
        host: tenant.to_owned(),
        last_seen: text(score, "lastSynced"),
        ..Draft::default()
    };
    draft.severity = draft.severity.or(Some(Severity::Medium));
    draft
        .references
        .extend(crate::field::texts(profile, "actionUrl"));
    draft.check = check;
    let of = |path: &str| markup::plain(&first(profile, [path]));
    for (name, value) in [
        ("state", state),
        ("score", text(score, "score")),
        ("percent", text(score, "scoreInPercentage")),
        ("highest score", text(profile, "maxScore")),
        ("group", text(score, "controlCategory")),
        ("service", text(profile, "service")),
        ("threats", text(profile, "threats")),
        ("impact of the remedy", of("remediationImpact")),
        ("cost", of("implementationCost")),
        ("tier", of("tier")),
    ] {
        draft.see(name, value);
    }
    let state = list(profile, "controlStateUpdates")
        .iter()
        .last()
        .map(|last| text(last, "state"));
    if let Some(state) = state.filter(|state| matches!(state.as_str(), "Ignored" | "ThirdParty")) {
        let status = if state == "Ignored" {
            "accepted"
        } else {
            "not_affected"
        };
        let words = text(profile, "controlStateUpdates.comment");
        draft.suppressed = Some((status.to_owned(), state, words));
    }
    draft
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;
    use serde_json::json;

    #[test]
    fn the_newest_scores_with_their_profiles() {
        let day = |day: &str, percent: u32| {
            json!({"azureTenantId": "t", "createdDateTime": day, "controlScores": [
                {"controlName": "mfa", "controlCategory": "Identity", "score": 0,
                 "scoreInPercentage": percent},
                {"controlName": "old", "controlCategory": "Apps", "score": 3,
                 "scoreInPercentage": 100}]})
        };
        let document = json!({
            "secureScore": {"value": [day("2026-01-02T00:00:00Z", 50), day("2026-01-01T00:00:00Z", 0)]},
            "profiles": {"value": [{"id": "mfa", "title": "Use MFA", "maxScore": 10}]},
        });
        let text = document.to_string();
        let source = Bytes(text.as_bytes());
        let input = Input::new("x", &source).expect("text");
        let mut out = Collector::new("ms-secure-score", "Microsoft Secure Score");
        read(&input, &mut out).expect("read");
        let out = out.finish().expect("finished");
        assert_eq!(out.findings.len(), 1);
        assert_eq!(out.findings[0].title, "Use MFA");
        assert_eq!(out.findings[0].severity, Severity::High);
        assert_eq!((out.checks.len(), out.notes.len()), (2, 1));
    }
}
