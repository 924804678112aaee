//! What a site says of its hosts: role, owner, worth, data, and what protects them already.
//!
//! Read from the site's inventory file (`docs/formats/inventory.md`) by the application; here it is
//! a value. A host that no entry fits is of normal worth, and the report says that nobody said so.

use casemate_schema::Finding;
use serde::{Deserialize, Serialize};

/// What a host is worth to the site.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum AssetValue {
    /// Nobody would miss it.
    Low,
    /// One of many.
    #[default]
    Normal,
    /// Work stops without it.
    High,
    /// Lives, money or the whole site hang on it.
    Critical,
}

impl AssetValue {
    /// The word of the inventory file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Something that keeps findings from mattering as much as elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompensatingControl {
    /// Checks that it is about, with `*` as wildcard: `ssh-*`.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Categories that it is about: `sockets`.
    #[serde(default)]
    pub categories: Vec<String>,
    /// What it is, in words.
    pub reason: String,
}

/// What a site says of one host, or of all hosts that a pattern names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// The host's name, or a pattern with `*`.
    pub host: String,
    /// What it does: `database`, `workstation` ...
    #[serde(default)]
    pub role: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// What it is worth.
    #[serde(default)]
    pub value: AssetValue,
    /// Classes of the data on it: `patient`, `card`, `public` ...
    #[serde(default)]
    pub data_classes: Vec<String>,
    /// What protects it already.
    #[serde(default, rename = "compensating_control")]
    pub compensating_controls: Vec<CompensatingControl>,
}

/// A site's inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The hosts; the first entry that fits a host counts.
    #[serde(default, rename = "host")]
    pub hosts: Vec<Asset>,
}

impl Site {
    /// The first entry that fits a host's name; names are compared without regard to case.
    #[must_use]
    pub fn asset(&self, host: Option<&str>) -> Option<&Asset> {
        let host = host?.to_lowercase();
        self.hosts
            .iter()
            .find(|asset| fits(&asset.host.to_lowercase(), &host))
    }
}

impl Asset {
    /// The control that protects against a finding, if one does.
    #[must_use]
    pub fn control_for(&self, finding: &Finding) -> Option<&CompensatingControl> {
        self.compensating_controls.iter().find(|control| {
            control
                .categories
                .iter()
                .any(|category| *category == finding.category.as_str())
                || control
                    .checks
                    .iter()
                    .any(|check| fits(check, &finding.source.check))
        })
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some((_, after)) = rest.split_once(part) else {
                return false;
            };
            rest = after;
        }
    }
    match last {
        None => rest.is_empty(),
        Some(end) => rest.ends_with(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, text, expected) in [
            ("web1", "web1", true),
            ("web1", "web12", false),
            ("web*", "web12", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.example.com.evil", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXc", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_first_entry_that_fits_counts() {
        let asset = |host: &str, value| Asset {
            host: host.to_owned(),
            value,
            ..Asset::default()
        };
        let site = Site {
            hosts: vec![
                asset("db1", AssetValue::Critical),
                asset("db*", AssetValue::High),
            ],
        };
        let value = |host| site.asset(Some(host)).map(|asset| asset.value);
        assert_eq!(value("DB1"), Some(AssetValue::Critical));
        assert_eq!(value("db7"), Some(AssetValue::High));
        assert_eq!(value("web1"), None);
        assert_eq!(site.asset(None), None);
    }
}
