//! The same weakness, said by several tools, is one finding that shows what each of them says.
//!
//! Two findings of different tools are the same weakness when they agree on a whole set of keys:
//!
//! | what | keys |
//! |---|---|
//! | vulnerability of a component | vulnerability (or an alias), name and version of the component, host, path |
//! | vulnerability of a service | vulnerability (or an alias), host, port |
//! | secret | path and line |
//! | weakness in code | CWE, path and line |
//!
//! A host or path that one of the two does not say agrees with every host or path, as long as only
//! one finding of the other tool can be meant: with two hosts to choose from nothing is merged. A
//! component's name is compared without its namespace (`log4j-core`, not `org.apache...`), since
//! half of the tools leave it out; vulnerability and version have to agree as well, so that two
//! packages of one name are not mixed.
//!
//! Findings of one tool are never merged with each other: what it lists twice it means twice.

use crate::apart::Apart;
use casemate_schema::{
    Finding, Merged, Reference, ReferenceKind, SourceRecord, Text, Vulnerability,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Merges what different tools say of the same weakness. The order of the findings does not matter;
/// they come back in the order of their ids.
#[must_use]
pub fn same(findings: Vec<Finding>) -> Vec<Finding> {
    same_except(findings, &Apart::default())
}

/// As [`same`], without making one of what a person took apart.
#[must_use]
pub fn same_except(mut findings: Vec<Finding>, apart: &Apart) -> Vec<Finding> {
    for finding in &mut findings {
        apart.rename(finding);
    }
    // In place: a stable sort takes half the list again, and a list can hold a million.
    findings.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    let tools: BTreeSet<&str> = findings
        .iter()
        .map(|finding| finding.source.tool.as_str())
        .collect();
    let tools: BTreeSet<String> = tools.into_iter().map(str::to_lowercase).collect();
    if tools.len() < 2 {
        return findings;
    }
    let mut classes: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        for key in keys_of(finding) {
            classes.entry(key).or_default().push(at);
        }
    }
    for pair in findings.windows(2).enumerate() {
        if let (at, [one, two]) = pair
            && one.id == two.id
        {
            let key = Key::Identity {
                id: one.id.to_string(),
            };
            classes.entry(key).or_default().extend([at, at + 1]);
        }
    }
    // A finding with several identifiers is in several classes; it joins in the first of them.
    let mut joined = Joined::new(apart);
    for (key, mut members) in classes {
        members.dedup();
        joined.pair(&findings, &key, &members);
    }
    let into = joined.into;
    join(findings, &into)
}

/// What findings are put in order by; those that agree in all of it are told apart by nothing that
/// a reader sees first.
fn order(finding: &Finding) -> (&Text, &Text, &Text, Option<&Text>, &Text) {
    let source = &finding.source;
    let own = source.id.as_ref();
    (
        &finding.id,
        &source.tool,
        &source.check,
        own,
        &finding.title,
    )
}

/// The tool, however a format spells it.
fn tool_of(finding: &Finding) -> String {
    finding.source.tool.to_lowercase()
}

/// What two findings have to agree on, apart from host and path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Identity {
        id: String,
    },
    Component {
        id: String,
        name: String,
        version: String,
    },
    Service {
        id: String,
        port: String,
    },
    Secret {
        path: String,
        line: u64,
    },
    Code {
        cwe: String,
        path: String,
        line: u64,
    },
}

impl Key {
    /// The keys in words, for the report.
    fn words(&self) -> Vec<String> {
        match self {
            Self::Identity { id } => vec![format!("identity {id}")],
            Self::Component { id, name, version } => vec![
                format!("vulnerability {id}"),
                format!("component {name} {version}"),
            ],
            Self::Service { id, port } => {
                vec![format!("vulnerability {id}"), format!("port {port}")]
            }
            Self::Secret { path, line } => vec![format!("secret at {path}:{line}")],
            Self::Code { cwe, path, line } => {
                vec![format!("weakness {cwe}"), format!("place {path}:{line}")]
            }
        }
    }
}

fn keys_of(finding: &Finding) -> Vec<Key> {
    if let Some(vulnerability) = &finding.vulnerability {
        return vulnerability_keys(finding, vulnerability);
    }
    let (Some(path), Some(line)) = (&finding.location.path, finding.location.line) else {
        return Vec::new();
    };
    let path = path.trim_start_matches("./").to_owned();
    match &*finding.category {
        "secret" | "secrets" => vec![Key::Secret { path, line }],
        "code" => finding
            .references
            .iter()
            .filter(|reference| reference.kind == ReferenceKind::Cwe)
            .map(|reference| Key::Code {
                cwe: reference.id.to_string(),
                path: path.clone(),
                line,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn vulnerability_keys(finding: &Finding, vulnerability: &Vulnerability) -> Vec<Key> {
    let ids = std::iter::once(&vulnerability.id).chain(&vulnerability.aliases);
    match (&finding.component, &finding.location.host) {
        (Some(component), _) => {
            let Some(version) = component.version.as_deref() else {
                return Vec::new();
            };
            let name = component.name.to_lowercase();
            let name = name.rsplit(['/', ':']).next().unwrap_or(&name);
            ids.map(|id| Key::Component {
                id: id.to_uppercase(),
                name: name.to_owned(),
                version: version.strip_prefix('v').unwrap_or(version).to_owned(),
            })
            .collect()
        }
        (None, Some(_)) => {
            let subject = finding.location.subject.as_deref().unwrap_or_default();
            let Some(port) = port_of(subject) else {
                return Vec::new();
            };
            // A plugin about many vulnerabilities is not one of them.
            ids.take(1)
                .map(|id| Key::Service {
                    id: id.to_uppercase(),
                    port: port.to_owned(),
                })
                .collect()
        }
        (None, None) => Vec::new(),
    }
}

/// The port in `tcp/443`, `443/tcp` or `:443`.
pub(crate) fn port_of(subject: &str) -> Option<&str> {
    subject
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|part| part.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Which findings join which.
struct Joined<'a> {
    /// What a person took apart.
    apart: &'a Apart,
    /// The finding that one joins, and the key that says so.
    into: HashMap<usize, (usize, Key)>,
    /// The findings that are joined by others.
    heads: HashSet<usize>,
}

impl<'a> Joined<'a> {
    fn new(apart: &'a Apart) -> Self {
        Self {
            apart,
            into: HashMap::new(),
            heads: HashSet::new(),
        }
    }

    fn are_apart(&self, findings: &[Finding], one: usize, two: usize) -> bool {
        match (findings.get(one), findings.get(two)) {
            (Some(one), Some(two)) => self.apart.holds(&one.id, &two.id),
            _ => false,
        }
    }

    /// Finds for each finding of a class the finding of another tool that it is the same as.
    fn pair(&mut self, findings: &[Finding], key: &Key, members: &[usize]) {
        let mut by_tool: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for at in members {
            if let Some(finding) = findings.get(*at) {
                by_tool.entry(tool_of(finding)).or_default().push(*at);
            }
        }
        // The tool that tells most places apart stands; of two that tell as many, the first by name.
        let Some((first, _)) = by_tool
            .iter()
            .max_by(|(a, x), (b, y)| x.len().cmp(&y.len()).then_with(|| b.cmp(a)))
        else {
            return;
        };
        let first = first.clone();
        let heads = by_tool.get(&first).cloned().unwrap_or_default();
        for (tool, others) in &by_tool {
            if *tool == first {
                continue;
            }
            for other in others {
                if self.into.contains_key(other) || self.heads.contains(other) {
                    continue;
                }
                let fits: Vec<usize> = heads
                    .iter()
                    .copied()
                    .filter(|head| !self.into.contains_key(head) && agree(findings, *head, *other))
                    .filter(|head| !self.are_apart(findings, *head, *other))
                    .collect();
                let exact = fits
                    .iter()
                    .find(|head| equal_place(findings, **head, *other));
                let head = match (exact, fits.as_slice()) {
                    (Some(head), _) => *head,
                    (None, [only]) => *only,
                    _ => continue,
                };
                self.heads.insert(head);
                self.into.insert(*other, (head, key.clone()));
            }
        }
    }
}

fn places(finding: &Finding) -> [Option<&str>; 2] {
    let path = finding.location.path.as_deref();
    [
        finding.location.host.as_deref(),
        path.map(|path| path.trim_start_matches("./").trim_start_matches('/')),
    ]
}

fn agree(findings: &[Finding], a: usize, b: usize) -> bool {
    let (Some(a), Some(b)) = (findings.get(a), findings.get(b)) else {
        return false;
    };
    places(a).iter().zip(places(b)).all(|pair| match pair {
        (Some(one), Some(two)) => *one == two,
        _ => true,
    })
}

fn equal_place(findings: &[Finding], a: usize, b: usize) -> bool {
    matches!((findings.get(a), findings.get(b)), (Some(a), Some(b)) if places(a) == places(b))
}

fn join(findings: Vec<Finding>, into: &HashMap<usize, (usize, Key)>) -> Vec<Finding> {
    let mut joining: BTreeMap<usize, Vec<(Key, Finding)>> = BTreeMap::new();
    let mut heads: BTreeMap<usize, Finding> = BTreeMap::new();
    for (at, finding) in findings.into_iter().enumerate() {
        match into.get(&at) {
            Some((head, key)) => joining
                .entry(*head)
                .or_default()
                .push((key.clone(), finding)),
            None => drop(heads.insert(at, finding)),
        }
    }
    for (head, others) in joining {
        if let Some(head) = heads.get_mut(&head) {
            for (key, other) in others {
                merge_into(head, other, &key);
            }
        }
    }
    heads.into_values().collect()
}

/// One tool's own record of a finding.
fn record(finding: &Finding) -> SourceRecord {
    SourceRecord {
        id: finding.id.clone(),
        source: finding.source.clone(),
        title: finding.title.clone(),
        severity: finding.severity,
        location: finding.location.clone(),
        evidence: finding.evidence.clone(),
    }
}

/// Adds what another tool says. The worse severity counts, lists are joined, gaps are filled.
fn merge_into(head: &mut Finding, mut other: Finding, key: &Key) {
    let mut merged = head.merged.take().unwrap_or_else(|| {
        Box::new(Merged {
            keys: Vec::new(),
            records: vec![record(head)],
        })
    });
    for words in key.words() {
        if !merged.keys.iter().any(|known| *known == words) {
            merged.keys.push(words.into());
        }
    }
    match other.merged.take() {
        Some(theirs) => merged.records.extend(theirs.records),
        None => merged.records.push(record(&other)),
    }
    head.merged = Some(merged);
    head.severity = head.severity.max(other.severity);
    absorb(head, other);
}

/// Fills what a finding does not say from another record of the same.
pub(crate) fn absorb(head: &mut Finding, other: Finding) {
    let fill = |mine: &mut Text, theirs: Text| {
        if mine.is_empty() {
            *mine = theirs;
        }
    };
    fill(&mut head.description, other.description);
    fill(&mut head.remediation, other.remediation);
    head.location.host = head.location.host.take().or(other.location.host);
    head.location.path = head.location.path.take().or(other.location.path);
    head.location.line = head.location.line.or(other.location.line);
    head.first_seen = earliest(head.first_seen.take(), other.first_seen);
    head.last_seen = latest(head.last_seen.take(), other.last_seen);
    let mut references: BTreeSet<Reference> =
        std::mem::take(&mut head.references).into_iter().collect();
    references.extend(other.references);
    head.references = references.into_iter().collect();
    match (&mut head.component, other.component) {
        (Some(mine), Some(theirs)) => {
            mine.purl = mine.purl.take().or(theirs.purl);
            mine.kind = mine.kind.take().or(theirs.kind);
            mine.fixed_version = mine.fixed_version.take().or(theirs.fixed_version);
        }
        (mine @ None, theirs) => *mine = theirs,
        _ => {}
    }
    match (&mut head.vulnerability, other.vulnerability) {
        (Some(mine), Some(theirs)) => absorb_vulnerability(mine, *theirs),
        (mine @ None, theirs) => *mine = theirs,
        _ => {}
    }
}

fn absorb_vulnerability(mine: &mut Vulnerability, theirs: Vulnerability) {
    for id in std::iter::once(theirs.id).chain(theirs.aliases) {
        if id != mine.id && !mine.aliases.contains(&id) {
            mine.aliases.push(id);
        }
    }
    for cvss in theirs.cvss {
        if !mine.cvss.contains(&cvss) {
            mine.cvss.push(cvss);
        }
    }
    mine.epss = mine.epss.or(theirs.epss);
    mine.exploited = match (mine.exploited, theirs.exploited) {
        (Some(one), Some(two)) => Some(one || two),
        (one, two) => one.or(two),
    };
    mine.published = mine.published.take().or(theirs.published);
}

/// The earlier of two times; RFC 3339 in UTC sorts as text.
fn earliest(a: Option<Text>, b: Option<Text>) -> Option<Text> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn latest(a: Option<Text>, b: Option<Text>) -> Option<Text> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use casemate_schema::{Component, Location, Severity, Source};
    use proptest::prelude::*;

    fn found(tool: &str, cve: &str, name: &str, host: Option<&str>, path: Option<&str>) -> Finding {
        Finding {
            id: format!(
                "{cve}:{tool}{name}{}{}",
                host.unwrap_or_default(),
                path.unwrap_or_default()
            )
            .into(),
            severity: if tool == "b" {
                Severity::High
            } else {
                Severity::Low
            },
            source: Source {
                tool: tool.into(),
                check: cve.into(),
                ..Source::default()
            },
            location: Location {
                host: host.map(Text::from),
                path: path.map(Text::from),
                ..Location::default()
            },
            component: Some(Box::new(Component {
                name: name.into(),
                version: Some("1.0".into()),
                ..Component::default()
            })),
            vulnerability: Some(Box::new(Vulnerability {
                id: cve.into(),
                ..Vulnerability::default()
            })),
            ..Finding::default()
        }
    }

    #[test]
    fn what_a_person_took_apart_is_not_merged_again() {
        let one = found("a", "CVE-1", "lib", Some("h"), Some("/x"));
        let two = found("b", "CVE-1", "lib", Some("h"), Some("/x"));
        assert_eq!(same(vec![one.clone(), two.clone()]).len(), 1);
        let member = |finding: &Finding| crate::Member {
            tool: finding.source.tool.clone(),
            check: finding.source.check.clone(),
            id: finding.id.clone(),
        };
        let mut apart = Apart::default();
        apart.add(&member(&one), &member(&two));
        assert_eq!(same_except(vec![one.clone(), two.clone()], &apart).len(), 2);
        // One id in two tools: the second gets an id of its own, again and again the same.
        let twin = Finding {
            id: one.id.clone(),
            ..two
        };
        let mut apart = Apart::default();
        apart.add(&member(&twin), &member(&one));
        let out = same_except(vec![twin, one.clone()], &apart);
        assert_eq!(out.len(), 2);
        assert!(out.iter().any(|finding| finding.id == one.id));
        assert!(out.iter().all(|finding| finding.merged.is_none()));
        let again = same_except(out.clone(), &apart);
        assert_eq!(again, out);
    }

    #[test]
    fn two_tools_are_one_finding_with_both_records() {
        let one = same(vec![
            found("a", "CVE-1", "org.x:lib", None, Some("/app/lib.jar")),
            found("b", "cve-1", "lib", None, None),
        ]);
        assert_eq!(one.len(), 1);
        assert_eq!(one[0].severity, Severity::High, "the worse counts");
        let merged = one[0].merged.as_ref().expect("merged");
        assert_eq!(merged.records.len(), 2);
        assert_eq!(merged.keys, ["vulnerability CVE-1", "component lib 1.0"]);
    }

    #[test]
    fn other_hosts_other_paths_and_doubt_stay_apart() {
        let at = |tool: &str, host: Option<&str>, path: Option<&str>| {
            found(tool, "CVE-1", "lib", host, path)
        };
        assert_eq!(
            same(vec![at("a", Some("h1"), None), at("b", Some("h2"), None)]).len(),
            2
        );
        assert_eq!(
            same(vec![at("a", Some("h1"), None), at("b", None, None)]).len(),
            1
        );
        // Which of the two hosts would it be?
        assert_eq!(
            same(vec![
                at("a", Some("h1"), None),
                at("a", Some("h2"), None),
                at("b", None, None)
            ])
            .len(),
            3
        );
        assert_eq!(
            same(vec![
                at("a", None, Some("x")),
                at("a", None, Some("y")),
                at("b", None, Some("./y"))
            ])
            .len(),
            2
        );
        // One tool means twice what it lists twice.
        assert_eq!(
            same(vec![at("a", None, Some("x")), at("a", None, None)]).len(),
            2
        );
    }

    #[test]
    fn an_alias_is_enough() {
        let mut ghsa = found("b", "GHSA-1", "lib", None, None);
        if let Some(vulnerability) = &mut ghsa.vulnerability {
            vulnerability.aliases = vec!["CVE-1".into()];
        }
        let one = same(vec![found("a", "CVE-1", "lib", None, None), ghsa]);
        assert_eq!(one.len(), 1);
        let ids = one[0].vulnerability.as_ref().expect("vulnerability");
        assert!(
            std::iter::once(&ids.id)
                .chain(&ids.aliases)
                .any(|id| *id == "GHSA-1")
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_the_order_does_not_matter(
            parts in prop::collection::vec((0..3_u8, 0..3_u8, prop::option::of(0..2_u8), prop::option::of(0..2_u8)), 0..20),
        ) {
            let findings: Vec<Finding> = parts.iter().enumerate().map(|(n, (tool, cve, host, path))| {
                let mut finding = found(
                    ["a", "b", "c"][usize::from(*tool)], &format!("CVE-{cve}"), "lib",
                    host.map(|h| ["h1", "h2"][usize::from(h)]), path.map(|p| ["x", "y"][usize::from(p)]),
                );
                finding.id = format!("{}#{n}", finding.id).into();
                finding
            }).collect();
            let forward = same(findings.clone());
            let mut turned = findings.clone();
            turned.reverse();
            prop_assert_eq!(&forward, &same(turned));
            let mut ids: Vec<String> = Vec::new();
            for finding in &forward {
                match &finding.merged {
                    Some(merged) => ids.extend(merged.records.iter().map(|record| record.id.to_string())),
                    None => ids.push(finding.id.to_string()),
                }
            }
            ids.sort();
            let mut before: Vec<String> = findings.iter().map(|f| f.id.to_string()).collect();
            before.sort();
            prop_assert_eq!(ids, before);
        }
    }
}
