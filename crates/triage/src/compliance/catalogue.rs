//! Which controls a framework has: its identifiers, their titles and what a person would bring for
//! those that no scan can speak of.
//!
//! The catalogues lie in `assets/controls/*.toml` and are part of the program. The numbers are those
//! of the standards; titles of PCI DSS are our own words (its text is not free), the others shorten
//! texts in the public domain.

use super::ComplianceError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A control framework that casemate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Framework {
    /// PCI DSS 4.0.1.
    PciDss,
    /// HIPAA Security Rule, 45 CFR 164.308 to 164.316.
    Hipaa,
    /// NIST Cybersecurity Framework 2.0.
    NistCsf,
    /// NIST SP 800-53 revision 5.
    Nist80053,
}

impl Framework {
    /// All of them, in the order in which lists show them.
    pub const ALL: [Self; 4] = [Self::PciDss, Self::Hipaa, Self::NistCsf, Self::Nist80053];

    /// The word that names it on the command line and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PciDss => "pci_dss",
            Self::Hipaa => "hipaa",
            Self::NistCsf => "nist_csf",
            Self::Nist80053 => "nist_800_53",
        }
    }

    /// The framework that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::PciDss => include_str!("../../../../assets/controls/pci_dss.toml"),
            Self::Hipaa => include_str!("../../../../assets/controls/hipaa.toml"),
            Self::NistCsf => include_str!("../../../../assets/controls/nist_csf.toml"),
            Self::Nist80053 => include_str!("../../../../assets/controls/nist_800_53.toml"),
        }
    }
}

/// One control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The framework's identifier.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The title of the part of the framework that it belongs to.
    pub group: String,
    /// What a person would bring where no scan can speak of it.
    pub bring: String,
}

/// A framework's controls, with where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// The framework.
    pub framework: Framework,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Year and month of that version.
    pub published: String,
    /// Where its text is published.
    pub source: String,
    /// Under which terms its texts may be used here.
    pub licence: String,
    /// The controls, in its own order.
    pub controls: Vec<Control>,
    places: BTreeMap<String, usize>,
}

/// A catalogue's file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    framework: String,
    title: String,
    version: String,
    published: String,
    source: String,
    licence: String,
    group: Vec<WrittenGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGroup {
    #[serde(rename = "id")]
    _id: String,
    title: String,
    bring: String,
    controls: Vec<(String, String)>,
}

impl Catalogue {
    /// The catalogue that is part of the program.
    pub(super) fn embedded(framework: Framework) -> Result<Self, ComplianceError> {
        let wrong = |reason: String| ComplianceError {
            file: framework.as_str(),
            reason,
        };
        let written: Written =
            toml::from_str(framework.text()).map_err(|error| wrong(error.to_string()))?;
        if written.framework != framework.as_str() {
            return Err(wrong(format!("it is of `{}`", written.framework)));
        }
        let mut controls = Vec::new();
        let mut places = BTreeMap::new();
        for group in written.group {
            for (id, title) in group.controls {
                if places.insert(id.clone(), controls.len()).is_some() {
                    return Err(wrong(format!("`{id}` stands twice")));
                }
                controls.push(Control {
                    id,
                    title,
                    group: group.title.clone(),
                    bring: group.bring.clone(),
                });
            }
        }
        Ok(Self {
            framework,
            title: written.title,
            version: written.version,
            published: written.published,
            source: written.source,
            licence: written.licence,
            controls,
            places,
        })
    }

    /// The place of a control among the others.
    #[must_use]
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }
}
