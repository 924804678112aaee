//! Whether a statement's product is what a finding is about; the rules stand in the parent module.

use super::image::Image;
use crate::purl::Purl;
use casemate_schema::{Component, Finding, Report, Statement, Text};

/// What a finding is about.
pub(super) struct Subject<'a> {
    component: Option<&'a Component>,
    purl: Option<Purl>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        let component = finding.component.as_deref();
        let purl = component.and_then(|component| Purl::parse(component.purl.as_deref()?));
        Self { component, purl }
    }

    /// Whether a package URL of a document is this component's.
    pub(super) fn is(&self, wanted: &Purl) -> bool {
        let Some(component) = self.component else {
            return false;
        };
        let version = component.version.as_deref().unwrap_or_default();
        if let Some(own) = &self.purl {
            return wanted.covers(own) || wanted.covers_version(own, version);
        }
        let is_named = [wanted.full_name(), wanted.name.clone()]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&component.name));
        let wanted_version = wanted.version.as_deref();
        let is_version = wanted_version.is_some_and(|one| wanted.is_version(one, version));
        match &component.kind {
            Some(kind) => {
                is_named && **kind == *wanted.kind && (wanted_version.is_none() || is_version)
            }
            // A name without a type is a weak sign; the version has to make up for it.
            None => is_named && is_version,
        }
    }

    /// Whether a name that is no package URL is this component's.
    fn is_called(&self, wanted: &str, without_version: bool) -> bool {
        let Some(component) = self.component else {
            return false;
        };
        let name = component.name.as_str();
        if wanted.eq_ignore_ascii_case(name) {
            return without_version;
        }
        let Some(version) = component.version.as_deref() else {
            return false;
        };
        [" ", "@", " v"]
            .iter()
            .any(|between| wanted.eq_ignore_ascii_case(&format!("{name}{between}{version}")))
    }
}

/// What was looked at when a finding was made, as far as the report says.
pub(super) struct Place<'a> {
    known: Vec<Target<'a>>,
}

/// One thing that was looked at, under its name.
struct Target<'a> {
    name: &'a str,
    purl: Option<Purl>,
    image: Option<Image>,
}

impl<'a> Target<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name: name.trim(),
            purl: Purl::parse(name),
            image: Image::parse(name),
        }
    }

    fn is(&self, product: &Name<'_>) -> bool {
        if !product.text.is_empty() && product.text.eq_ignore_ascii_case(self.name) {
            return true;
        }
        if let (Some(wanted), Some(own)) = (&product.purl, &self.purl) {
            return wanted.covers(own);
        }
        let Some(image) = &self.image else {
            return false;
        };
        match &product.purl {
            Some(purl) => purl.is_image() && image.is_of(purl),
            None => {
                let same = |other: &Image| other.is_sure() && other == image;
                image.has_digest(product.text) || product.image.as_ref().is_some_and(same)
            }
        }
    }
}

impl<'a> Place<'a> {
    pub(super) fn of(finding: &'a Finding, report: &'a Report) -> Self {
        let mut known: Vec<&str> = finding.location.host.as_deref().into_iter().collect();
        let tool = &finding.source.tool;
        if known.is_empty() && tool.eq_ignore_ascii_case("casemate") {
            known.extend(report.host.name.as_deref());
        }
        // A finding does not name its file; the tool's files have to agree on what they are about.
        let mut targets = report
            .inputs
            .iter()
            .filter(|input| input.tool.eq_ignore_ascii_case(tool))
            .map(|input| input.target.as_deref());
        if let Some(Some(first)) = targets.next()
            && targets.all(|target| target == Some(first))
        {
            known.push(first);
        }
        Self {
            known: known.into_iter().map(Target::new).collect(),
        }
    }

    /// Whether a product is what was looked at.
    fn is(&self, product: &Name<'_>) -> bool {
        self.known.iter().any(|target| target.is(product))
    }

    /// Whether it is known that something else than these images was looked at.
    fn is_another(&self, products: &[Name<'_>]) -> bool {
        let is_image = |name: &Name<'_>| name.purl.as_ref().is_some_and(Purl::is_image);
        let is_sure = |target: &Target<'_>| target.image.as_ref().is_some_and(Image::is_sure);
        products.iter().any(is_image)
            && !self.known.is_empty()
            && self.known.iter().all(is_sure)
            && !products.iter().any(|product| self.is(product))
    }
}

/// A product or part as a statement names it.
struct Name<'a> {
    text: &'a str,
    purl: Option<Purl>,
    image: Option<Image>,
}

/// What a statement is about, read once for all findings.
pub(super) struct Scope<'a> {
    products: Vec<Name<'a>>,
    parts: Vec<Name<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) fn of(statement: &'a Statement) -> Self {
        let names = |all: &'a [Text]| {
            let named = all.iter().map(|text| text.trim());
            let named = named.filter(|text| !text.is_empty());
            named
                .map(|text| Name {
                    text,
                    purl: Purl::parse(text),
                    image: Image::parse(text),
                })
                .collect()
        };
        Self {
            products: names(&statement.products),
            parts: names(&statement.subcomponents),
        }
    }

    /// Whether it is about a finding, as far as products go.
    pub(super) fn holds(&self, subject: &Subject<'_>, place: &Place<'_>) -> bool {
        let is_component = |name: &Name<'_>, without_version| match &name.purl {
            Some(purl) => subject.is(purl),
            None => subject.is_called(name.text, without_version),
        };
        if !self.parts.is_empty() {
            let is_part = self.parts.iter().any(|part| is_component(part, true));
            return is_part && !self.products.is_empty() && !place.is_another(&self.products);
        }
        let mut products = self.products.iter();
        products.any(|product| is_component(product, false) || place.is(product))
    }
}
