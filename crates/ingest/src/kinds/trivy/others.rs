//! Secrets and licenses.

use super::naming;
use super::records::{Header, Layer, Take};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::lenient::{Maybe, Number, Word};
use casemate_schema::Component;
use serde::Deserialize;
use std::fmt::Display;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Secret<'a> {
    #[serde(borrow, rename = "RuleID")]
    rule_id: Word<'a>,
    #[serde(borrow)]
    category: Word<'a>,
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow)]
    title: Word<'a>,
    start_line: Number,
    #[serde(borrow)]
    r#match: Word<'a>,
    #[serde(borrow)]
    layer: Maybe<Layer<'a>>,
}

impl Take for Secret<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        if self.rule_id.is_empty() && self.title.is_empty() {
            out.reject(place, "it has neither a rule nor a title");
            return;
        }
        out.finding(self.draft(header));
    }
}

impl Secret<'_> {
    pub(super) fn draft(self, header: &Header) -> Draft {
        let name = if self.title.is_empty() {
            &self.rule_id
        } else {
            &self.title
        };
        let mut draft = Draft {
            title: format!("{name} in {}", header.target),
            category: "secret".to_owned(),
            path: header.target.clone(),
            line: self.start_line.line(),
            subject: header.subject.clone(),
            remediation: "Revoke the secret, and take it out of the file and its history.".into(),
            ..Draft::default()
        };
        draft.see("match", &*self.r#match);
        draft.see("secret type", &*self.category);
        self.layer.see(&mut draft);
        draft.check = self.rule_id.0.into_owned();
        draft.severity_word = self.severity.0.into_owned();
        draft
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct License<'a> {
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow)]
    category: Word<'a>,
    #[serde(borrow)]
    pkg_name: Word<'a>,
    #[serde(borrow)]
    file_path: Word<'a>,
    #[serde(borrow)]
    name: Word<'a>,
    #[serde(borrow)]
    text: Word<'a>,
    #[serde(borrow)]
    confidence: Word<'a>,
    #[serde(borrow)]
    link: Word<'a>,
}

impl Take for License<'_> {
    fn take(self, header: &Header, place: &dyn Display, out: &mut Collector) {
        if self.name.is_empty() && self.text.is_empty() {
            out.reject(place, "it has neither a name nor a text");
            return;
        }
        out.finding(self.draft(header));
    }
}

impl License<'_> {
    pub(super) fn draft(self, header: &Header) -> Draft {
        let name = if self.name.is_empty() {
            "Unknown license"
        } else {
            &*self.name
        };
        let of = [&*self.pkg_name, &*self.file_path, &header.target];
        let of = of.into_iter().find(|of| !of.is_empty()).unwrap_or_default();
        let subject = [header.subject.as_str(), &*self.pkg_name];
        let subject: Vec<&str> = subject
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let mut draft = Draft {
            check: name.to_owned(),
            title: format!("License {name} of {of}"),
            category: "license".to_owned(),
            path: naming::license_path(&header.target, &self.file_path).to_owned(),
            subject: subject.join(" "),
            component: Some(Component {
                name: (&*self.pkg_name).into(),
                ..Component::default()
            }),
            ..Draft::default()
        };
        draft.see("classification", &*self.category);
        draft.see("confidence", &*self.confidence);
        draft.severity_word = self.severity.0.into_owned();
        draft.description = self.text.0.into_owned();
        draft.references = vec![self.link.0.into_owned()];
        draft
    }
}
