//! The kinds: one file each under `kinds/`, and the code of those that a mapping cannot read.

mod aide;
mod asff;
mod bom;
mod cargo_audit;
mod casemate;
mod chkrootkit;
mod clair_v4;
mod clamav;
mod conveyor;
mod csaf;
mod cyclonedx;
mod dependency_check;
mod dependency_track;
mod falco;
mod generic;
mod github_snapshot;
mod gitlab;
mod gitlab_codequality;
mod govulncheck;
mod grype;
mod inspec;
mod junit;
mod kubescape;
mod loose_json;
mod lynis;
mod masscan;
mod naabu;
mod netscan;
mod nexpose;
mod nikto;
mod nmap;
mod nmap_text;
mod npm_audit;
mod nse;
mod nuclei;
mod ocsf;
mod openvas;
mod openvex;
mod osv_scanner;
mod oval;
mod package_url;
mod package_verify;
mod pip_audit;
mod ports;
mod prowler_v2;
mod qualys;
mod rkhunter;
mod sarif;
mod secure_score;
mod spdx;
mod ssh_audit;
mod sslscan;
mod sslyze;
mod sslyze_tls;
mod sys_scan;
mod sysdig_csv;
mod tenable;
mod tenable_table;
mod testssl;
mod trivy;
mod trivy_operator;
mod wapiti;
mod wazuh;
mod words;
mod xccdf;
mod yara;
mod zap;

use crate::collector::{Collector, Imported};
use crate::detect;
use crate::error::ImportError;
use crate::input::Input;
use crate::mapping::Mapping;
use std::sync::OnceLock;

/// Code that reads a kind: fills the collector, or says why not.
type Reader = fn(&Input<'_>, &mut Collector) -> Result<(), ImportError>;

/// The readers that are code, by the name that `reader` in a kind's file has.
#[rustfmt::skip]
const READERS: &[(&str, Reader)] = &[
    ("aide", aide::read),
    ("aide_json", aide::read_json),
    ("asff", asff::read),
    ("cargo-audit", cargo_audit::read),
    ("casemate", casemate::read),
    ("chkrootkit", chkrootkit::read),
    ("clair-v4", clair_v4::read),
    ("clamav", clamav::read),
    ("conveyor", conveyor::read),
    ("csaf", csaf::read),
    ("cyclonedx", cyclonedx::read),
    ("dependency-check", dependency_check::read),
    ("dependency-track", dependency_track::read),
    ("falco", falco::read),
    ("falco_text", falco::read_text),
    ("generic", generic::json),
    ("generic-csv", generic::csv),
    ("github_snapshot", github_snapshot::read),
    ("gitlab", gitlab::read),
    ("gitlab-codequality", gitlab_codequality::read),
    ("govulncheck", govulncheck::read),
    ("grype", grype::read),
    ("inspec", inspec::read),
    ("junit", junit::read),
    ("kubescape", kubescape::read),
    ("lynis", lynis::read),
    ("lynis_console", lynis::read_console),
    ("masscan", masscan::read),
    ("masscan-list", masscan::read_list),
    ("naabu", naabu::read),
    ("nessus", tenable::read_xml),
    ("nessus-csv", tenable_table::read),
    ("nexpose", nexpose::read),
    ("nikto", nikto::read_json),
    ("nikto-csv", nikto::read_csv),
    ("nikto-xml", nikto::read_xml),
    ("nmap", nmap::read),
    ("nmap-grep", nmap_text::read_greppable),
    ("nmap-text", nmap_text::read_normal),
    ("npm-audit", npm_audit::read),
    ("nuclei", nuclei::read),
    ("ocsf", ocsf::read),
    ("openvas", openvas::read_xml),
    ("openvas-csv", openvas::read_csv),
    ("openvex", openvex::read),
    ("osv-scanner", osv_scanner::read),
    ("oval", oval::read),
    ("package_verify", package_verify::read),
    ("pip-audit", pip_audit::read),
    ("prowler_v2", prowler_v2::read),
    ("qualys", qualys::read_xml),
    ("qualys-csv", qualys::read_csv),
    ("rkhunter", rkhunter::read),
    ("sarif", sarif::read),
    ("secure_score", secure_score::read),
    ("spdx", spdx::read),
    ("ssh_audit", ssh_audit::read),
    ("sslscan", sslscan::read),
    ("sslyze", sslyze::read_json),
    ("sslyze-xml", sslyze::read_xml),
    ("sys_scan", sys_scan::read),
    ("sys_scan_sarif", sys_scan::read_sarif),
    ("sysdig-csv", sysdig_csv::read),
    ("testssl", testssl::read_csv),
    ("testssl-json", testssl::read_json),
    ("trivy", trivy::read),
    ("trivy-html", trivy::html::read),
    ("trivy-operator", trivy_operator::read),
    ("wapiti", wapiti::read_json),
    ("wapiti-xml", wapiti::read_xml),
    ("wazuh", wazuh::read),
    ("xccdf", xccdf::read),
    ("xccdf_console", xccdf::read_console),
    ("yara", yara::read),
    ("yarn-audit", npm_audit::read_yarn),
    ("zap", zap::read_xml),
    ("zap-json", zap::read_json),
];

/// The files of the kinds: name and content, sorted by name.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// A kind of report that is read.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    mapping: &'static Mapping,
}

/// How many findings a sample holds.
pub type SampleCount = crate::mapping::Count;

impl Kind {
    /// Its name, as `--kind` takes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        &self.mapping.kind
    }

    /// One line on what it is.
    #[must_use]
    pub fn title(&self) -> &'static str {
        &self.mapping.title
    }

    /// The tool that writes it.
    #[must_use]
    pub fn tool(&self) -> &'static str {
        &self.mapping.tool
    }

    /// The format of its files: `json`, `xml`, `csv` or `text`.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.mapping.family.as_str()
    }

    /// Where the format is described.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        &self.mapping.docs
    }

    /// Whether it is data alone, without code.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        self.mapping.reader.is_none()
    }

    /// Counts of sample files.
    #[must_use]
    pub fn counts(&self) -> &'static [SampleCount] {
        &self.mapping.counts
    }
}

fn mappings() -> &'static [Mapping] {
    static ALL: OnceLock<Vec<Mapping>> = OnceLock::new();
    ALL.get_or_init(|| {
        // A test reads every file with its errors, so none is left out here.
        FILES
            .iter()
            .filter_map(|(name, text)| Mapping::parse(name, text).ok())
            .collect()
    })
}

/// All kinds, by name.
pub fn kinds() -> impl Iterator<Item = Kind> {
    mappings().iter().map(|mapping| Kind { mapping })
}

/// The kind of this name.
///
/// # Errors
/// [`ImportError::NoSuchKind`] with the nearest name.
pub fn kind(name: &str) -> Result<Kind, ImportError> {
    let wanted = name.trim().to_ascii_lowercase();
    kinds()
        .find(|kind| kind.name() == wanted)
        .ok_or_else(|| ImportError::NoSuchKind {
            name: name.to_owned(),
            nearest: kinds()
                .map(|kind| {
                    (
                        strsim::damerau_levenshtein(kind.name(), &wanted),
                        kind.name(),
                    )
                })
                .min()
                .filter(|(distance, _)| *distance <= 3)
                .map(|(_, nearest)| nearest.to_owned()),
        })
}

/// Finds out what a file is and reads it. `own` are mappings of the site, which come first.
///
/// # Errors
/// [`ImportError`]: the file is damaged, or no kind fits.
pub fn import(input: &Input<'_>, own: &[Mapping]) -> Result<Imported, ImportError> {
    if detect::is_empty_list(input) {
        // Many tools write an empty list when they found nothing; which one does not matter.
        return Collector::new("empty", "unknown").finish();
    }
    let site: Vec<&Mapping> = own.iter().collect();
    let mapping = match detect::detect(input, &site) {
        Ok(mapping) if !site.is_empty() => mapping,
        _ => detect::detect(input, &mappings().iter().collect::<Vec<_>>())?,
    };
    read(input, mapping)
}

/// Reads a file as the kind that is named.
///
/// # Errors
/// [`ImportError`]: there is no such kind, the file is damaged, or not of that kind.
pub fn import_as(input: &Input<'_>, name: &str, own: &[Mapping]) -> Result<Imported, ImportError> {
    let site = own.iter().find(|mapping| mapping.kind == name);
    let mapping = match site {
        Some(mapping) => mapping,
        None => kind(name)?.mapping,
    };
    if detect::is_empty_list(input) || input.head().trim().is_empty() {
        return Collector::new(&mapping.kind, &mapping.tool).finish();
    }
    let imported = read(input, mapping)?;
    // A foreign file read as a kind that somebody named would look like a clean scan.
    if imported.is_empty() && !detect::fits(input, mapping) {
        return Err(ImportError::NotThisKind {
            kind: mapping.kind.clone(),
            reason: detect::missing(input, mapping),
        });
    }
    Ok(imported)
}

fn read(input: &Input<'_>, mapping: &Mapping) -> Result<Imported, ImportError> {
    let mut out = Collector::new(&mapping.kind, &mapping.tool);
    match &mapping.reader {
        None => mapping.read(input, &mut out)?,
        Some(name) => {
            let reader = READERS.iter().find(|(known, _)| known == name);
            let (_, reader) = reader.ok_or_else(|| ImportError::Mapping {
                name: mapping.kind.clone(),
                reason: format!("there is no reader `{name}`"),
            })?;
            reader(input, &mut out)?;
        }
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_sound() {
        for (name, text) in FILES {
            let mapping = Mapping::parse(name, text).expect("a sound kind");
            assert_eq!(mapping.kind, *name, "the kind has the name of its file");
            assert!(
                !mapping.title.is_empty() && !mapping.tool.is_empty(),
                "{name}"
            );
            assert!(!mapping.detect.is_empty(), "{name} is recognised");
            if let Some(reader) = &mapping.reader {
                assert!(
                    READERS.iter().any(|(known, _)| known == reader),
                    "{name}: {reader}"
                );
            }
        }
    }
}
