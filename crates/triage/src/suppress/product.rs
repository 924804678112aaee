//! Whether a statement's product is what a finding is about; the rules stand in the parent module.

use super::image::Image;
use crate::purl::Purl;
use casemate_schema::{Component, Finding, Report, Statement};

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
    known: Vec<&'a str>,
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
        Self { known }
    }

    /// Whether a product is what was looked at.
    fn is(&self, product: &str, purl: Option<&Purl>) -> bool {
        self.known.iter().any(|target| {
            if product.eq_ignore_ascii_case(target.trim()) {
                return true;
            }
            if let (Some(wanted), Some(own)) = (purl, Purl::parse(target)) {
                return wanted.covers(&own);
            }
            let Some(image) = Image::parse(target) else {
                return false;
            };
            match purl {
                Some(purl) => purl.is_image() && image.is_of(purl),
                None => {
                    image.has_digest(product)
                        || Image::parse(product).is_some_and(|one| one.is_sure() && one == image)
                }
            }
        })
    }

    /// Whether it is known that something else than these images was looked at.
    fn is_another(&self, products: &[(&str, Option<Purl>)]) -> bool {
        let is_image = |purl: &Option<Purl>| purl.as_ref().is_some_and(Purl::is_image);
        let are_images = products.iter().any(|(_, purl)| is_image(purl));
        let sure = |target: &&str| Image::parse(target).is_some_and(|image| image.is_sure());
        are_images
            && !self.known.is_empty()
            && self.known.iter().all(sure)
            && !products
                .iter()
                .any(|(product, purl)| self.is(product, purl.as_ref()))
    }
}

/// Whether a statement is about a finding, as far as products go.
pub(super) fn applies(statement: &Statement, subject: &Subject<'_>, place: &Place<'_>) -> bool {
    let products: Vec<(&str, Option<Purl>)> = statement
        .products
        .iter()
        .map(|product| (product.trim(), Purl::parse(product)))
        .collect();
    if !statement.subcomponents.is_empty() {
        let is_part = statement
            .subcomponents
            .iter()
            .any(|part| match Purl::parse(part) {
                Some(purl) => subject.is(&purl),
                None => subject.is_called(part.trim(), true),
            });
        return is_part && !products.is_empty() && !place.is_another(&products);
    }
    products.iter().any(|(product, purl)| {
        let is_component = match purl {
            Some(purl) => subject.is(purl),
            None => subject.is_called(product, false),
        };
        is_component || place.is(product, purl.as_ref())
    })
}
