//! Texts of a draft made uniform: trimmed, capped, in one line, without the secrets themselves.

use crate::draft::{Draft, is_cve};
use crate::identity;
use casemate_schema::{Component, Text};

/// Longest text of one field; what is longer is cut, and says so.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// Observations of a secret that may hold the secret itself.
const SECRET_EVIDENCE: [&str; 10] = [
    "match", "secret", "raw", "line", "value", "offender", "snippet", "code", "strings", "matched",
];

pub(super) fn title_of(draft: &Draft) -> String {
    if !draft.title.is_empty() {
        return draft.title.clone();
    }
    match (&draft.component, draft.ids.first()) {
        (Some(component), Some(id)) => {
            let version = component.version.as_deref().unwrap_or_default();
            format!("{id} in {} {version}", component.name)
                .trim_end()
                .to_owned()
        }
        _ => draft
            .description
            .lines()
            .next()
            .filter(|line| !line.is_empty())
            .unwrap_or(&draft.check)
            .to_owned(),
    }
}

/// Makes texts of a draft uniform before they are used.
pub(super) fn tidy(draft: &mut Draft) {
    for text in [
        &mut draft.check,
        &mut draft.own_id,
        &mut draft.title,
        &mut draft.category,
        &mut draft.description,
        &mut draft.remediation,
        &mut draft.host,
        &mut draft.path,
        &mut draft.subject,
    ] {
        trim(text);
    }
    for (_, value) in &mut draft.evidence {
        trim(value);
    }
    draft.evidence.retain(|(_, value)| !value.is_empty());
    if draft.category == "secret" {
        for (name, value) in &mut draft.evidence {
            if SECRET_EVIDENCE.contains(&name.as_str()) {
                *value = redacted(value);
            }
        }
    }
    // A title is one line.
    if draft.title.contains(['\n', '\r', '\t']) {
        draft.title = draft.title.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut ids: Vec<String> = Vec::new();
    for id in &draft.ids {
        let id = id.trim();
        let id = if is_cve(id) {
            id.to_ascii_uppercase()
        } else {
            id.to_owned()
        };
        if !id.is_empty() && !ids.contains(&id) {
            ids.push(id);
        }
    }
    // The CVE is what others know it by.
    if let Some(at) = ids.iter().position(|id| is_cve(id)) {
        let cve = ids.remove(at);
        ids.insert(0, cve);
    }
    draft.ids = ids;
    if draft.check.is_empty() {
        draft.check = draft.ids.first().unwrap_or(&draft.title).clone();
    }
    if let Some(component) = &mut draft.component {
        tidy_component(component);
        if component.name.is_empty() {
            draft.component = None;
        }
    }
}

/// Enough of a secret to find it again, and no more: a report is read by more people than the file
/// that holds the secret.
fn redacted(value: &str) -> String {
    /// Characters that are shown of a long one.
    const SHOWN: usize = 4;
    let n = value.chars().count();
    let shown = if n >= 4 * SHOWN { SHOWN } else { 0 };
    let head: String = value.chars().take(shown).collect();
    format!("{head}... ({n} characters)")
}

fn tidy_component(component: &mut Component) {
    let empty = |text: &Option<Text>| text.as_deref().is_some_and(|text| text.trim().is_empty());
    for text in [
        &mut component.version,
        &mut component.purl,
        &mut component.kind,
        &mut component.fixed_version,
    ] {
        if empty(text) {
            *text = None;
        }
    }
    if component.purl.is_none()
        && let Some(kind) = &component.kind
    {
        let built = identity::purl(kind, &component.name, component.version.as_deref());
        component.purl = built.map(Text::from);
    }
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        *text = trimmed.to_owned();
    }
    if text.len() > TEXT_BYTES_MAX {
        let mut end = TEXT_BYTES_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let n_cut = text.len() - end;
        text.truncate(end);
        text.push_str(&format!(" [{n_cut} bytes more]"));
    }
}
