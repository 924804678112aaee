//! Why a vulnerability does not count, in the words of CycloneDX.

use crate::facts::{line, lines};
use crate::object::Object;
use casemate_schema::Suppression;
use serde_json::{Value, json};

/// The analysis of a suppressed vulnerability. A word that CycloneDX does not have stands in the
/// detail, never as another word.
pub(super) fn analysis(suppression: &Suppression) -> Value {
    let word = |text: &str| text.trim().to_lowercase().replace(['-', ' '], "_");
    let status = word(&suppression.status);
    let justification = suppression.justification.as_deref();
    let known = justification.and_then(|text| justification_word(&word(text)));
    let mut detail: Vec<String> = Vec::new();
    detail.extend(suppression.statement.as_deref().map(lines));
    if state(&status).is_none() {
        detail.push(format!("Status: {}", line(&suppression.status)));
    }
    if let (Some(text), None) = (justification, known) {
        detail.push(format!("Justification: {}", line(text)));
    }
    let source = line(&suppression.source);
    detail.push(format!("Said by {} in {source}", line(&suppression.by)));
    let response = (state(&status) == Some("exploitable")).then(|| json!(["will_not_fix"]));
    Object::new()
        .some("state", state(&status))
        .some("justification", known)
        .some("response", response)
        .put("detail", detail.join("\n"))
        .build()
}

fn state(status: &str) -> Option<&'static str> {
    Some(match status {
        "not_affected" | "known_not_affected" => "not_affected",
        "fixed" | "resolved" => "resolved",
        "resolved_with_pedigree" => "resolved_with_pedigree",
        "false_positive" => "false_positive",
        "under_investigation" | "in_triage" => "in_triage",
        // Somebody decided to live with it.
        "accepted" | "risk_accepted" | "wont_fix" | "will_not_fix" | "affected" | "exploitable" => {
            "exploitable"
        }
        _ => return None,
    })
}

/// The words of OpenVEX and CSAF that have a counterpart, and CycloneDX's own.
fn justification_word(word: &str) -> Option<&'static str> {
    Some(match word {
        "component_not_present" | "vulnerable_code_not_present" | "code_not_present" => {
            "code_not_present"
        }
        "vulnerable_code_not_in_execute_path" | "code_not_reachable" => "code_not_reachable",
        "inline_mitigations_already_exist" | "protected_by_mitigating_control" => {
            "protected_by_mitigating_control"
        }
        "requires_configuration" => "requires_configuration",
        "requires_dependency" => "requires_dependency",
        "requires_environment" => "requires_environment",
        "protected_by_compiler" => "protected_by_compiler",
        "protected_at_runtime" => "protected_at_runtime",
        "protected_at_perimeter" => "protected_at_perimeter",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: &str, justification: &str, expected: &Value) {
        let suppression = Suppression {
            by: "openvex".into(),
            status: status.into(),
            justification: Some(justification.into()),
            source: "a.json".into(),
            ..Suppression::default()
        };
        assert_eq!(&analysis(&suppression), expected);
    }

    #[test]
    fn words_are_mapped_or_kept_in_the_detail() {
        check(
            "not_affected",
            "component_not_present",
            &json!({
                "state": "not_affected",
                "justification": "code_not_present",
                "detail": "Said by openvex in a.json",
            }),
        );
        check(
            "muted",
            "vulnerable_code_cannot_be_controlled_by_adversary",
            &json!({
                "detail": "Status: muted\nJustification: \
                    vulnerable_code_cannot_be_controlled_by_adversary\nSaid by openvex in a.json",
            }),
        );
    }
}
