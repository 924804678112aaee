//! A report judged by a control framework, written in the format that was asked for.

use crate::error::Error;
use casemate_report::Compliance;
use casemate_schema::{ControlResult, FrameworkResult, Report, to_canonical};
pub use casemate_triage::Framework;
use casemate_triage::{Controls, gaps};

/// The formats that a judgement is written in.
pub const FORMATS: [&str; 6] = ["table", "json", "oscal", "csv", "html", "md"];

/// A framework as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The word that names it.
    pub name: &'static str,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Year and month of that version.
    pub published: String,
    /// Where its text is published.
    pub source: String,
    /// Under which terms its texts are used here.
    pub licence: String,
    /// How many controls it has.
    pub controls: usize,
    /// How many of them something speaks of.
    pub mapped: usize,
}

/// The frameworks, with their versions and sources.
///
/// # Errors
/// [`Error::Controls`] when what is part of the program cannot be read.
pub fn frameworks() -> Result<Vec<Known>, Error> {
    let controls = Controls::embedded()?;
    let known = controls.catalogues().map(|catalogue| Known {
        name: catalogue.framework.as_str(),
        title: catalogue.title.clone(),
        version: catalogue.version.clone(),
        published: catalogue.published.clone(),
        source: catalogue.source.clone(),
        licence: catalogue.licence.clone(),
        controls: catalogue.controls.len(),
        mapped: controls.n_mapped(catalogue.framework),
    });
    Ok(known.collect())
}

/// Judges a report; its findings should be ranked, for the order of the gaps.
///
/// # Errors
/// [`Error::Controls`] when what is part of the program cannot be read.
pub fn evaluate(report: &Report, framework: Framework) -> Result<FrameworkResult, Error> {
    Ok(Controls::embedded()?.evaluate(report, framework))
}

/// Judges a report and writes the result, of one of [`FORMATS`]. With `gaps_only` the failed controls
/// alone, the highest risk first.
///
/// # Errors
/// [`Error::Controls`] or [`Error::Format`].
pub fn render(
    report: &Report,
    framework: Framework,
    format: &str,
    gaps_only: bool,
) -> Result<Vec<u8>, Error> {
    let result = evaluate(report, framework)?;
    let catalogue = Controls::embedded()?.catalogue(framework);
    let groups: Vec<String> = catalogue
        .map(|catalogue| catalogue.controls.iter().map(|c| c.group.clone()).collect())
        .unwrap_or_default();
    let view = Compliance {
        report,
        result: &result,
        source: catalogue.map_or("", |catalogue| &catalogue.source),
        published: catalogue.map_or("", |catalogue| &catalogue.published),
        groups: &groups,
        gaps_only,
    };
    let (format, written) = match format {
        "json" => ("json", json(&result, gaps_only)),
        "oscal" => ("oscal", casemate_report::oscal(&view)),
        "csv" => (
            "csv",
            Ok(casemate_report::compliance_csv(&view).into_bytes()),
        ),
        "html" => (
            "html",
            casemate_report::compliance_html(&view).map(String::into_bytes),
        ),
        "md" => (
            "md",
            Ok(casemate_report::compliance_markdown(&view).into_bytes()),
        ),
        _ => (
            "table",
            Ok(casemate_report::compliance_table(&view).into_bytes()),
        ),
    };
    written.map_err(|source| Error::Format { format, source })
}

fn json(result: &FrameworkResult, gaps_only: bool) -> Result<Vec<u8>, casemate_report::Error> {
    let mut bytes = if gaps_only {
        let controls: Vec<ControlResult> = gaps(result).into_iter().cloned().collect();
        to_canonical(&FrameworkResult {
            controls,
            ..result.clone()
        })?
    } else {
        to_canonical(result)?
    };
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_check_speaks_of_controls_or_is_named_as_silent() {
        let ours: BTreeSet<&str> = casemate_scan::all_checks()
            .iter()
            .map(|check| check.id)
            .collect();
        let controls = Controls::embedded().expect("what is part of the program can be read");
        let mapped: BTreeSet<&str> = controls.checks().collect();
        assert_eq!(ours, mapped);
    }

    #[test]
    fn the_list_names_every_framework_with_its_source() {
        let known = frameworks().expect("frameworks");
        assert_eq!(known.len(), Framework::ALL.len());
        for one in known {
            assert!(one.source.starts_with("https://") && !one.version.is_empty());
            assert!(one.mapped > 0 && one.mapped < one.controls, "{}", one.name);
        }
    }
}
