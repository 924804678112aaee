//! Package upgrades: one action a package, whatever the number of its vulnerabilities.

use super::draft::{Draft, Step};
use crate::version::Scheme;
use casemate_schema::{ChangeRisk, Component, Finding};
use std::cmp::Ordering;

/// Package types that a distribution's package manager installs.
const OF_HOST: [&str; 4] = ["deb", "rpm", "apk", "alpm"];

/// The upgrade of a finding's package; none for a finding that is no vulnerability of one.
pub(crate) fn draft(finding: &Finding) -> Option<Draft> {
    let component = finding.component.as_deref()?;
    finding.vulnerability.as_ref()?;
    let kind = kind_of(component);
    let name = named(component, kind);
    let fixed = component
        .fixed_version
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty());
    let host = finding.location.host.as_deref().unwrap_or_default();
    let mut draft = match fixed {
        Some(_) => Draft {
            key: format!("upgrade {name} {host}"),
            title: format!("Upgrade {name}"),
            minutes: if OF_HOST.contains(&kind) { 10 } else { 30 },
            risk: if OF_HOST.contains(&kind) {
                ChangeRisk::Low
            } else {
                ChangeRisk::Medium
            },
            breaks: if OF_HOST.contains(&kind) {
                "services that use it restart; the distribution keeps its behaviour the same"
            } else {
                "the program has to be built and tested anew with the newer release"
            }
            .to_owned(),
            ..Draft::default()
        },
        None => Draft {
            key: format!("unfixed {name} {host}"),
            title: format!("Decide about {name}, for which no fixed version is named"),
            minutes: 15,
            risk: ChangeRisk::Medium,
            breaks: "nothing until something is decided".to_owned(),
            ..Draft::default()
        },
    };
    draft.minutes_each = 0;
    let installed = component.version.as_deref().unwrap_or("unknown version");
    draft.targets.insert(format!("{name} {installed}"));
    match fixed {
        Some(version) => draft.step(Step::Upgrade {
            package: name,
            scheme: Scheme::of_ecosystem(kind),
            version: Some(version.to_owned()),
        }),
        None => draft.manual(
            "The source names no version with a fix: see whether the package is needed at all \
             (remove it), whether the weakness can be reached here (`casemate decide`), and look \
             again when its feed is newer.",
        ),
    }
    draft.countermeasures.insert("D3-SU".to_owned());
    Some(draft)
}

/// The package type, from the package URL where it is not said.
fn kind_of(component: &Component) -> &str {
    let of_url = || {
        let url = component.purl.as_deref()?.strip_prefix("pkg:")?;
        url.split('/').next()
    };
    component
        .kind
        .as_deref()
        .or_else(of_url)
        .unwrap_or_default()
}

fn named(component: &Component, kind: &str) -> String {
    if OF_HOST.contains(&kind) {
        component.name.to_string()
    } else if kind.is_empty() {
        // Nobody says which tool installed it: no package manager may be asked for it.
        format!("generic:{}", component.name)
    } else {
        format!("{kind}:{}", component.name)
    }
}

/// The version that has all the fixes: the highest of them, when each is one plain version.
///
/// They are ordered as the package's ecosystem does. Where that is not known, or one of them is no
/// version there, only digits and words are compared.
pub(crate) fn highest(versions: &[String], scheme: Option<Scheme>) -> Option<String> {
    let plain = |version: &&String| !version.contains([',', ' ', '|', '<', '>']);
    if !versions.iter().all(|version| plain(&version)) {
        return None;
    }
    let scheme = scheme.filter(|scheme| versions.iter().all(|it| scheme.is_valid(it)));
    let order = |one: &str, other: &str| {
        let known = scheme.and_then(|scheme| scheme.compare(one, other).ok());
        known.unwrap_or_else(|| compare(one, other))
    };
    versions
        .iter()
        .max_by(|one, other| order(one, other).then_with(|| one.cmp(other)))
        .cloned()
}

/// Epoch first, then runs of digits by value and all else by character.
fn compare(one: &str, other: &str) -> Ordering {
    let epoch = |text: &str| -> (u64, String) {
        match text.split_once(':') {
            Some((epoch, rest)) if epoch.bytes().all(|b| b.is_ascii_digit()) => {
                (epoch.parse().unwrap_or(0), rest.to_owned())
            }
            _ => (0, text.to_owned()),
        }
    };
    let ((epoch_a, a), (epoch_b, b)) = (epoch(one), epoch(other));
    epoch_a.cmp(&epoch_b).then_with(|| runs(&a).cmp(&runs(&b)))
}

/// A run of digits counts more than its absence, a tilde less than the end.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    Tilde,
    End,
    Word(String),
    Number(u128),
}

fn runs(text: &str) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    let mut digits = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\0']) {
        if !c.is_ascii_digit() && !digits.is_empty() {
            all.push(Run::Number(digits.parse().unwrap_or(u128::MAX)));
            digits.clear();
        }
        if !c.is_ascii_alphabetic() && !word.is_empty() {
            all.push(Run::Word(std::mem::take(&mut word)));
        }
        match c {
            '~' => all.push(Run::Tilde),
            _ if c.is_ascii_digit() => digits.push(c),
            _ if c.is_ascii_alphabetic() => word.push(c),
            _ => {}
        }
    }
    all.push(Run::End);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_has_all_fixes() {
        let by = |scheme: Option<Scheme>, list: &[&str]| {
            let list: Vec<String> = list.iter().map(|it| (*it).to_owned()).collect();
            highest(&list, scheme)
        };
        let all = |list: &[&str]| by(None, list);
        assert_eq!(all(&["1.9.2", "1.10.0"]).as_deref(), Some("1.10.0"));
        assert_eq!(all(&["1:1.0", "2.0"]).as_deref(), Some("1:1.0"));
        assert_eq!(all(&["1.0~rc1", "1.0"]).as_deref(), Some("1.0"));
        assert_eq!(all(&["1.0", "1.0.1"]).as_deref(), Some("1.0.1"));
        assert_eq!(all(&["1.0, 2.0"]), None);
        let npm = Scheme::of_ecosystem("npm");
        let list = ["2.0.0-rc.1", "2.0.0"];
        assert_eq!(by(npm, &list).as_deref(), Some("2.0.0"));
        let deb = Scheme::of_ecosystem("deb");
        assert_eq!(by(deb, &["1.0+b1", "1.0a"]).as_deref(), Some("1.0+b1"));
        assert_eq!(by(npm, &["1.0.0", "not one"]), None);
    }
}
