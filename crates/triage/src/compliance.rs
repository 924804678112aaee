//! How a report stands against control frameworks.
//!
//! Idea: every control is judged by the checks and findings that speak of it, and by nothing else.
//! One hit fails it; it passes when at least one check that speaks of it passed and none hit; it does
//! not apply when all of them found nothing to look at; else it is not assessed, and the reason says
//! what a person would bring. A pass says that nothing technical that was looked at contradicts the
//! control, no more. See `docs/concepts/compliance.md`.
//!
//! Pure: catalogues and mappings are part of the program; the result does not depend on the order of
//! the report's findings or checks.

mod catalogue;
mod evaluate;
mod mapping;
mod named;

pub use catalogue::{Catalogue, Control, Framework};
pub use mapping::{Link, Said};

use casemate_schema::{ControlResult, ControlStatus, Finding, FrameworkResult, Report, Text};
use mapping::Mapping;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A catalogue or mapping that is part of the program cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the controls `{file}` cannot be read: {reason}")]
pub struct ComplianceError {
    /// Its file.
    pub file: &'static str,
    /// Why.
    pub reason: String,
}

/// The catalogues and what speaks of them.
#[derive(Debug)]
pub struct Controls {
    catalogues: BTreeMap<Framework, Catalogue>,
    mapping: Mapping,
}

impl Controls {
    /// The catalogues and mappings that are part of the program, read once.
    ///
    /// # Errors
    /// When one of them cannot be read; a test holds that this does not happen.
    pub fn embedded() -> Result<&'static Self, ComplianceError> {
        static CONTROLS: LazyLock<Result<Controls, ComplianceError>> = LazyLock::new(|| {
            let catalogues = Framework::ALL
                .into_iter()
                .map(|framework| Ok((framework, Catalogue::embedded(framework)?)))
                .collect::<Result<BTreeMap<_, _>, ComplianceError>>()?;
            let mapping = Mapping::embedded(&catalogues)?;
            Ok(Controls {
                catalogues,
                mapping,
            })
        });
        CONTROLS.as_ref().map_err(Clone::clone)
    }

    /// The catalogues, in the order of [`Framework::ALL`].
    pub fn catalogues(&self) -> impl Iterator<Item = &Catalogue> {
        self.catalogues.values()
    }

    /// The catalogue of a framework.
    #[must_use]
    pub fn catalogue(&self, framework: Framework) -> Option<&Catalogue> {
        self.catalogues.get(&framework)
    }

    /// How many controls of a framework something speaks of.
    #[must_use]
    pub fn n_mapped(&self, framework: Framework) -> usize {
        self.mapping.n_mapped(framework)
    }

    /// Checks of ours that the mapping knows, sorted; those that speak of no control included.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.mapping.our_checks()
    }

    /// The controls that a check of ours speaks of, with the reasons.
    #[must_use]
    pub fn of_check(&self, check: &str) -> Vec<Link> {
        self.mapping.of_check(check)
    }

    /// The controls that something another tool says speaks of, with the reasons.
    #[must_use]
    pub fn of_import(&self, said: &Said<'_>) -> Vec<Link> {
        self.mapping.of_import(said)
    }

    /// How a report stands against a framework.
    #[must_use]
    pub fn evaluate(&self, report: &Report, framework: Framework) -> FrameworkResult {
        self.evaluate_all(report, &[framework])
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// How a report stands against several frameworks; the report is read through once.
    #[must_use]
    pub fn evaluate_all(&self, report: &Report, frameworks: &[Framework]) -> Vec<FrameworkResult> {
        evaluate::evaluate(self, report, frameworks)
    }

    /// The controls that a finding speaks of, as `pci_dss:2.2.6`, in the catalogues' order.
    #[must_use]
    pub fn of_finding(&self, finding: &Finding) -> Vec<Text> {
        let links = evaluate::links_of(self, finding);
        let spoken = links.iter().filter(|link| finding.severity >= link.floor);
        spoken
            .map(|link| Text::from(format!("{}:{}", link.framework.as_str(), link.control)))
            .collect()
    }
}

/// The failed controls, the highest risk first; equal ones in the catalogue's order.
#[must_use]
pub fn gaps(result: &FrameworkResult) -> Vec<&ControlResult> {
    let failed = |control: &&ControlResult| control.status == ControlStatus::Fail;
    let mut gaps: Vec<&ControlResult> = result.controls.iter().filter(failed).collect();
    gaps.sort_by_key(|control| std::cmp::Reverse(control.risk));
    gaps
}
