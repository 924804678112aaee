//! Which check or imported finding speaks of which controls, and why.
//!
//! The mapping is data: `assets/controls/mappings/*.toml`, one theme a thing that can be right or
//! wrong on a host. A theme names our checks exactly, and what other tools report by patterns of
//! their rules, by CWE, by category or by tool; for each control it says in one line why. A theme
//! may include another, whose controls then follow its own.

use super::{Catalogue, ComplianceError, Framework};
use casemate_schema::Severity;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const FILES: [(&str, &str); 5] = [
    (
        "identity",
        include_str!("../../../../assets/controls/mappings/identity.toml"),
    ),
    (
        "logging",
        include_str!("../../../../assets/controls/mappings/logging.toml"),
    ),
    (
        "network",
        include_str!("../../../../assets/controls/mappings/network.toml"),
    ),
    (
        "software",
        include_str!("../../../../assets/controls/mappings/software.toml"),
    ),
    (
        "system",
        include_str!("../../../../assets/controls/mappings/system.toml"),
    ),
];

/// Why something speaks of a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The framework.
    pub framework: Framework,
    /// The control's place in its catalogue.
    pub place: usize,
    /// The control's identifier.
    pub control: String,
    /// Why, in one line.
    pub why: String,
    /// Findings below this severity do not speak of it.
    pub floor: Severity,
    /// A hit contradicts the control, and a pass shows nothing.
    pub only_fails: bool,
    /// It counts only where nothing more particular of the same framework is spoken of.
    pub general: bool,
}

/// What is known of an imported finding or of a check in an imported report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// The rule's identifier in its tool.
    pub rule: &'a str,
    /// The tool, or the surface that stands for it where only coverage is known.
    pub tool: &'a str,
    /// The finding's category.
    pub category: &'a str,
    /// The path that the finding is about.
    pub path: &'a str,
    /// CWE identifiers of the finding.
    pub weaknesses: &'a [&'a str],
    /// Whether it is a published vulnerability.
    pub vulnerability: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    unheard: Vec<String>,
    #[serde(default)]
    theme: Vec<Theme>,
    #[serde(default)]
    silent: Vec<Silent>,
}

/// Checks that speak of no control.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Silent {
    checks: Vec<String>,
    #[serde(rename = "because")]
    _because: String,
}

/// One thing that can be right or wrong on a host, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Theme {
    id: String,
    #[serde(rename = "says")]
    _says: String,
    checks: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    cwe: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    tools: Vec<String>,
    #[serde(default)]
    vulnerabilities: bool,
    #[serde(default)]
    only_fails: bool,
    #[serde(default)]
    include: Vec<String>,
    controls: Vec<Vec<String>>,
}

/// The whole mapping.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    themes: Vec<Theme>,
    /// Links of each theme, those of included ones after its own.
    links: Vec<Vec<Link>>,
    /// Places of the themes that name a check of ours.
    checks: BTreeMap<String, Vec<usize>>,
    unheard: BTreeSet<String>,
    mapped: BTreeSet<(Framework, usize)>,
}

impl Mapping {
    /// The mapping that is part of the program.
    pub(super) fn embedded(
        catalogues: &BTreeMap<Framework, Catalogue>,
    ) -> Result<Self, ComplianceError> {
        let mut mapping = Self::default();
        for (file, text) in FILES {
            let wrong = |reason: String| ComplianceError { file, reason };
            let written: Written =
                toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
            mapping.unheard.extend(written.unheard);
            for check in written.silent.into_iter().flat_map(|silent| silent.checks) {
                mapping.checks.entry(check).or_default();
            }
            for mut theme in written.theme {
                for pattern in theme.rules.iter_mut().chain(&mut theme.tools) {
                    *pattern = pattern.to_lowercase();
                }
                let own = links_of(&theme, catalogues).map_err(wrong)?;
                mapping
                    .mapped
                    .extend(own.iter().map(|l| (l.framework, l.place)));
                for check in &theme.checks {
                    let places = mapping.checks.entry(check.clone()).or_default();
                    places.push(mapping.themes.len());
                }
                mapping.links.push(own);
                mapping.themes.push(theme);
            }
        }
        mapping.links = mapping.with_included()?;
        Ok(mapping)
    }

    /// The links of each theme, followed by those of the themes that it includes.
    fn with_included(&self) -> Result<Vec<Vec<Link>>, ComplianceError> {
        let places: BTreeMap<&str, usize> = self
            .themes
            .iter()
            .enumerate()
            .map(|(place, theme)| (theme.id.as_str(), place))
            .collect();
        let mut all = Vec::with_capacity(self.themes.len());
        for start in 0..self.themes.len() {
            let mut order = vec![start];
            let mut next = 0;
            while let Some(place) = order.get(next).copied() {
                next += 1;
                for name in self.themes.get(place).map_or(&[][..], |t| &t.include) {
                    let found = places.get(name.as_str()).ok_or_else(|| ComplianceError {
                        file: "mappings",
                        reason: format!("no theme is called `{name}`"),
                    })?;
                    if !order.contains(found) {
                        order.push(*found);
                    }
                }
            }
            let links = order.iter().filter_map(|place| self.links.get(*place));
            all.push(unique(links.flatten()));
        }
        Ok(all)
    }

    /// Whether a check is one of ours.
    pub(super) fn is_ours(&self, check: &str) -> bool {
        self.checks.contains_key(check)
    }

    /// Checks of ours, sorted.
    pub(super) fn our_checks(&self) -> impl Iterator<Item = &str> {
        self.checks.keys().map(String::as_str)
    }

    /// Whether anything at all speaks of a control.
    pub(super) fn speaks_of(&self, framework: Framework, place: usize) -> bool {
        self.mapped.contains(&(framework, place))
    }

    /// How many controls of a framework something speaks of.
    pub(super) fn n_mapped(&self, framework: Framework) -> usize {
        self.mapped
            .iter()
            .filter(|(known, _)| *known == framework)
            .count()
    }

    /// Whether the coverage of an imported surface names rules that were tried.
    pub(super) fn hears(&self, surface: &str) -> bool {
        !self.unheard.contains(surface)
    }

    /// What a check of ours speaks of.
    pub(super) fn of_check(&self, check: &str) -> Vec<Link> {
        let places = self.checks.get(check).map_or(&[][..], Vec::as_slice);
        self.of_themes(places.iter().copied())
    }

    /// What something that another tool says speaks of.
    pub(super) fn of_import(&self, said: &Said<'_>) -> Vec<Link> {
        let rule = said.rule.to_lowercase();
        let tool = said.tool.to_lowercase();
        let holds = |theme: &Theme| {
            // A published vulnerability of a component says nothing of the host's settings, whatever
            // its CWE is.
            if said.vulnerability {
                return theme.vulnerabilities;
            }
            theme.rules.iter().any(|pattern| {
                let text = if pattern.starts_with('/') {
                    said.path
                } else {
                    &rule
                };
                matches(pattern, text)
            }) || theme.categories.iter().any(|known| known == said.category)
                || theme.tools.iter().any(|pattern| matches(pattern, &tool))
                || said
                    .weaknesses
                    .iter()
                    .any(|cwe| theme.cwe.iter().any(|known| known == cwe))
        };
        let places = self
            .themes
            .iter()
            .enumerate()
            .filter(|(_, theme)| holds(theme));
        self.of_themes(places.map(|(place, _)| place))
    }

    fn of_themes(&self, places: impl Iterator<Item = usize>) -> Vec<Link> {
        unique(places.filter_map(|place| self.links.get(place)).flatten())
    }
}

/// Each control once, with the reason that stands first. That a pass shows nothing holds only where
/// every reason says so; the lowest floor counts.
fn unique<'a>(links: impl Iterator<Item = &'a Link>) -> Vec<Link> {
    let mut by_control: BTreeMap<(Framework, usize), Link> = BTreeMap::new();
    for link in links {
        let known = by_control
            .entry((link.framework, link.place))
            .or_insert_with(|| link.clone());
        known.only_fails &= link.only_fails;
        known.floor = known.floor.min(link.floor);
        known.general &= link.general;
    }
    let particular: BTreeSet<Framework> = by_control
        .values()
        .filter(|link| !link.general)
        .map(|link| link.framework)
        .collect();
    by_control
        .into_values()
        .filter(|link| !link.general || !particular.contains(&link.framework))
        .collect()
}

fn links_of(
    theme: &Theme,
    catalogues: &BTreeMap<Framework, Catalogue>,
) -> Result<Vec<Link>, String> {
    let mut links = Vec::with_capacity(theme.controls.len());
    for written in &theme.controls {
        let (framework, control, why, word) = match written.as_slice() {
            [framework, control, why] => (framework, control, why, None),
            [framework, control, why, word] => (framework, control, why, Some(word.as_str())),
            _ => {
                return Err(format!(
                    "theme `{}`: a control is framework, id, why",
                    theme.id
                ));
            }
        };
        let only_fails = word == Some("fails");
        let floor = match word {
            None | Some("fails" | "else") => Some(Severity::Info),
            Some(word) => Severity::parse(word),
        };
        let known = Framework::parse(framework)
            .and_then(|framework| Some((framework, catalogues.get(&framework)?.place(control)?)));
        let (Some((framework, place)), Some(floor)) = (known, floor) else {
            return Err(format!(
                "theme `{}`: no control `{framework}:{control}`",
                theme.id
            ));
        };
        links.push(Link {
            framework,
            place,
            control: control.clone(),
            why: why.clone(),
            floor,
            only_fails: theme.only_fails || only_fails,
            general: word == Some("else"),
        });
    }
    Ok(links)
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("*b", "aba", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxa", false),
            ("ab*ba", "aba", false),
            ("*", "", true),
            ("*ab*b", "xab", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
