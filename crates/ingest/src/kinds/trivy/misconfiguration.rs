//! A configuration that breaks a rule, or keeps it.

use super::records::{Header, Layer, Take, strings};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::lenient::{Many, Maybe, Number, Word};
use casemate_schema::Status;
use serde::Deserialize;
use std::fmt::Display;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Misconfiguration<'a> {
    #[serde(borrow)]
    r#type: Word<'a>,
    #[serde(borrow, rename = "ID")]
    id: Word<'a>,
    #[serde(borrow, rename = "AVDID")]
    avd_id: Word<'a>,
    #[serde(borrow)]
    title: Word<'a>,
    #[serde(borrow)]
    description: Word<'a>,
    #[serde(borrow)]
    message: Word<'a>,
    #[serde(borrow)]
    resolution: Word<'a>,
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow, rename = "PrimaryURL")]
    primary_url: Word<'a>,
    #[serde(borrow)]
    references: Many<Word<'a>>,
    #[serde(borrow)]
    status: Word<'a>,
    #[serde(borrow)]
    layer: Maybe<Layer<'a>>,
    #[serde(borrow, alias = "IacMetadata")]
    cause_metadata: Maybe<Cause<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Cause<'a> {
    #[serde(borrow)]
    resource: Word<'a>,
    #[serde(borrow)]
    provider: Word<'a>,
    #[serde(borrow)]
    service: Word<'a>,
    start_line: Number,
    end_line: Number,
    #[serde(borrow)]
    code: Maybe<Code<'a>>,
    #[serde(borrow)]
    occurrences: Many<Maybe<Occurrence<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Code<'a> {
    #[serde(borrow)]
    lines: Many<Maybe<CodeLine<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct CodeLine<'a> {
    #[serde(borrow)]
    content: Word<'a>,
    #[serde(borrow)]
    is_cause: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Occurrence<'a> {
    #[serde(borrow)]
    resource: Word<'a>,
    #[serde(borrow)]
    filename: Word<'a>,
    location: Maybe<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Span {
    start_line: Number,
}

impl Code<'_> {
    /// The lines that are the cause.
    fn cause(&self) -> String {
        let lines = self.lines.0.iter().filter(|line| &*line.is_cause == "true");
        lines
            .map(|line| &*line.content)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Take for Misconfiguration<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        if self.id.is_empty() && self.title.is_empty() {
            out.reject(place, "it has neither an identifier nor a title");
            return;
        }
        let surface = if header.kind.is_empty() {
            "configuration"
        } else {
            &header.kind
        };
        let id = if self.id.is_empty() {
            &self.title
        } else {
            &self.id
        };
        if self.status.eq_ignore_ascii_case("PASS") {
            out.check(id, surface, Status::Passed, None);
            return;
        }
        out.check(id, surface, Status::Hit, None);
        out.finding(self.draft(header));
    }
}

impl Misconfiguration<'_> {
    pub(super) fn draft(self, header: &Header) -> Draft {
        let cause = &self.cause_metadata;
        let line = cause.start_line.line();
        let names = [&self.title, &self.message, &self.id];
        let name = names
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or(&self.id);
        let mut draft = Draft {
            title: format!(
                "{} in {}",
                name.trim_end().trim_end_matches('.'),
                header.target
            ),
            category: "misconfiguration".to_owned(),
            path: header.target.clone(),
            line,
            subject: header.subject.clone(),
            ..Draft::default()
        };
        if line.is_none() {
            draft.key = self.message.to_string();
        }
        draft.see("message", &*self.message);
        draft.see("resource", &*cause.resource);
        draft.see("provider", &*cause.provider);
        draft.see("service", &*cause.service);
        if let (Some(first), Some(last)) = (line, cause.end_line.line())
            && last > first
        {
            draft.see("lines", format!("{first}-{last}"));
        }
        draft.see("code", cause.code.cause());
        for occurrence in &cause.occurrences.0 {
            let at = occurrence.location.start_line.line();
            let at = at.map(|line| format!(":{line}")).unwrap_or_default();
            let text = format!("{} {}{at}", occurrence.resource, occurrence.filename);
            draft.see("called from", text.trim());
        }
        draft.see("type", &*self.r#type);
        if self.avd_id != self.id {
            draft.see("avd id", &*self.avd_id);
        }
        draft.see("control", header.control.as_str());
        self.layer.see(&mut draft);
        if self.status.eq_ignore_ascii_case("EXCEPTION") {
            let statement = self.message.to_string();
            draft.suppressed = Some(("exception".to_owned(), String::new(), statement));
        }
        draft.check = self.id.0.into_owned();
        draft.severity_word = self.severity.0.into_owned();
        draft.description = self.description.0.into_owned();
        draft.remediation = self.resolution.0.into_owned();
        draft.references = strings(self.references);
        draft.references.push(self.primary_url.0.into_owned());
        of_control(&mut draft, header);
        draft
    }
}

/// A control of a compliance report may repeat what another one has.
fn of_control(draft: &mut Draft, header: &Header) {
    if !header.control.is_empty() {
        let line = draft.line.unwrap_or_default();
        draft.same_as = [&*draft.check, &draft.path, &draft.subject, &draft.key].join("\u{1f}");
        draft.same_as.push_str(&format!("\u{1f}{line}"));
    }
}
