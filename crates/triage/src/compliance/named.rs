//! Controls that an imported finding names itself.
//!
//! Benchmarks such as those of SCAP carry, rule by rule, the controls that their authors had in mind;
//! the readers keep them as evidence (`nist 800-53`, `pci dss`, `hipaa`, `nist csf`). What is named
//! is taken where the catalogue has it: an enhancement that the catalogue lacks counts for its base
//! control. Numbers of PCI DSS 3 and CSF 1.1 mean other things than those of today; what does not
//! stand in today's catalogue is passed over, and PCI DSS is taken only where the text says that it
//! is version 4.

use super::{Controls, Framework, Link};
use casemate_schema::{Finding, Severity};

/// The controls that a finding's evidence names.
pub(super) fn links(controls: &Controls, finding: &Finding) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for evidence in &finding.evidence {
        let framework = match evidence.name.as_str() {
            "nist 800-53" => Framework::Nist80053,
            "hipaa" => Framework::Hipaa,
            _ => continue,
        };
        let Some(catalogue) = controls.catalogue(framework) else {
            continue;
        };
        for written in evidence.value.split(',') {
            let Some(place) = place_of(written.trim(), |id| catalogue.place(id)) else {
                continue;
            };
            let control = catalogue.controls.get(place).map(|c| c.id.clone());
            links.push(Link {
                framework,
                place,
                control: control.unwrap_or_default(),
                why: format!("the rule itself names `{}`", written.trim()),
                floor: Severity::Low,
                only_fails: false,
                general: false,
            });
        }
    }
    links.sort_by_key(|link| (link.framework, link.place));
    links.dedup_by_key(|link| (link.framework, link.place));
    links
}

/// The place of an identifier, shortened from its end until the catalogue has it:
/// `CM-6(a)` is a part of `CM-6`, `AU-3(2)` an enhancement of `AU-3`.
fn place_of(written: &str, place: impl Fn(&str) -> Option<usize>) -> Option<usize> {
    let mut id = written;
    loop {
        if let Some(found) = place(id) {
            return Some(found);
        }
        id = id.rsplit_once('(')?.0.trim_end();
    }
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn parts_and_unknown_enhancements_count_for_what_the_catalogue_has() {
        let place = |id: &str| {
            ["CM-6", "AC-6(1)", "164.312(b)"]
                .iter()
                .position(|k| *k == id)
        };
        for (written, expected) in [
            ("CM-6(a)", Some(0)),
            ("CM-6 (a)", Some(0)),
            ("AC-6(1)", Some(1)),
            ("AC-6(2)", None),
            ("164.312(b)", Some(2)),
            ("CM-66", None),
            ("", None),
        ] {
            assert_eq!(place_of(written, place), expected, "{written}");
        }
    }
}
