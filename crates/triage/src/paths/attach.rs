//! Which findings speak of an edge? By place (path and line), subject, or package; never by host.

use casemate_schema::{EdgeKind, Finding, GraphEdge, ReferenceKind, Severity};
use std::collections::BTreeMap;

/// EPSS from which exploitation is likely: the top percents of all CVEs lie above.
const EPSS_LIKELY: f64 = 0.1;

/// How well it is known that a weakness can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Proof {
    /// Rated critical and reachable without rights; nobody says that it is used.
    Rated,
    /// A service asks nobody for a password.
    Open,
    /// Exploitation is likely (EPSS), or an exploit is public.
    Likely,
    /// It is used in the wild (KEV).
    Exploited,
}

/// Findings by what they are about.
pub(super) struct Index<'a> {
    pub(super) findings: Vec<&'a Finding>,
    by_path: BTreeMap<&'a str, Vec<usize>>,
    by_place: BTreeMap<(&'a str, u64), Vec<usize>>,
    by_component: BTreeMap<String, Vec<usize>>,
    of_sockets: Vec<usize>,
    of_containers: Vec<usize>,
    of_defence: Vec<usize>,
}

impl<'a> Index<'a> {
    pub(super) fn new(findings: &'a [Finding]) -> Self {
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by(|a, b| a.id.cmp(&b.id));
        let mut index = Self {
            findings: sorted,
            by_path: BTreeMap::new(),
            by_place: BTreeMap::new(),
            by_component: BTreeMap::new(),
            of_sockets: Vec::new(),
            of_containers: Vec::new(),
            of_defence: Vec::new(),
        };
        for (at, finding) in index.findings.iter().enumerate() {
            let location = &finding.location;
            if let Some(path) = location.path.as_deref() {
                index.by_path.entry(path).or_default().push(at);
                if let Some(line) = location.line {
                    index.by_place.entry((path, line)).or_default().push(at);
                }
            }
            for item in &finding.evidence {
                if let (Some(path), Some(line)) = (item.path.as_deref(), item.line) {
                    index.by_place.entry((path, line)).or_default().push(at);
                }
            }
            if finding.vulnerability.is_some()
                && let Some(component) = &finding.component
            {
                let name = component.name.to_ascii_lowercase();
                index.by_component.entry(name).or_default().push(at);
            }
            match surface(finding) {
                "sockets" | "firewall" => index.of_sockets.push(at),
                "containers" => index.of_containers.push(at),
                "mac" => index.of_defence.push(at),
                _ => {}
            }
        }
        index
    }

    fn at_path(&self, path: Option<&str>) -> impl Iterator<Item = usize> {
        let found = path.and_then(|path| self.by_path.get(path));
        found.into_iter().flatten().copied()
    }

    fn finding(&self, at: usize) -> Option<&'a Finding> {
        self.findings.get(at).copied()
    }

    /// The findings that show an edge, sorted by position. `about` is what the step is about besides
    /// the edge's own place: the path of a file, the label of a socket or container, a user's name.
    pub(super) fn of_edge(&self, edge: &GraphEdge, about: &str) -> Vec<usize> {
        let place = edge.path.as_deref();
        let mut found: Vec<usize> = match edge.kind {
            EdgeKind::MayWrite => self
                .at_path(place)
                .chain(self.at_path(Some(about)))
                .filter(|at| self.finding(*at).is_some_and(speaks_of_rights))
                .collect(),
            EdgeKind::Starts | EdgeKind::Loads | EdgeKind::Executes => {
                let line = place.zip(edge.line);
                let there = line.and_then(|line| self.by_place.get(&line));
                let there = there.into_iter().flatten().copied();
                there
                    .filter(|at| self.finding(*at).is_some_and(|one| names(one, about)))
                    .collect()
            }
            EdgeKind::MaySudo | EdgeKind::MayBecomeByPam => self
                .at_path(place)
                .filter(|at| {
                    let finding = self.finding(*at);
                    finding.is_some_and(|one| one.location.line == edge.line)
                })
                .collect(),
            EdgeKind::MayBecomeBySuid => self
                .at_path(place)
                .filter(|at| self.finding(*at).is_some_and(speaks_of_set_id))
                .collect(),
            EdgeKind::MayBecomeByKey => self
                .at_path(place)
                .filter(|at| self.finding(*at).is_some_and(|one| surface(one) == "ssh"))
                .collect(),
            EdgeKind::MemberOf => self
                .at_path(Some("/etc/group"))
                .filter(|at| {
                    let finding = self.finding(*at);
                    finding.is_some_and(|one| {
                        let subject = one.location.subject.as_deref();
                        subject == Some(about) && one.location.line == edge.line
                    })
                })
                .collect(),
            EdgeKind::Reaches | EdgeKind::Listens => self.of_socket(about),
            EdgeKind::Escapes => self
                .of_containers
                .iter()
                .copied()
                .filter(|at| {
                    let subject = self
                        .finding(*at)
                        .and_then(|one| one.location.subject.as_deref());
                    subject == Some(about)
                })
                .collect(),
            EdgeKind::RunsAs
            | EdgeKind::Owns
            | EdgeKind::MayExecute
            | EdgeKind::MayBecomeByGroup
            | EdgeKind::Controls
            | EdgeKind::RunsIn => Vec::new(),
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Findings about a listener, told by its label: `tcp 0.0.0.0:80`.
    fn of_socket(&self, label: &str) -> Vec<usize> {
        let Some((protocol, address)) = label.split_once(' ') else {
            return Vec::new();
        };
        let port = address.rsplit(':').next().unwrap_or_default();
        let fits = |at: &usize| {
            self.finding(*at).is_some_and(|finding| {
                let subject = finding.location.subject.as_deref().unwrap_or_default();
                let evidence = finding
                    .evidence
                    .iter()
                    .map(|item| (&*item.name, &*item.value));
                let mut texts = evidence
                    .filter(|(name, _)| {
                        matches!(
                            *name,
                            "address" | "addresses" | "port" | "ports" | "listens" | "local"
                        )
                    })
                    .map(|(_, value)| value)
                    .chain([subject]);
                let right = subject.is_empty()
                    || !["tcp", "udp"]
                        .iter()
                        .any(|one| *one != protocol && subject.contains(one));
                right && texts.any(|text| has_port(text, port))
            })
        };
        self.of_sockets.iter().copied().filter(fits).collect()
    }

    /// The best proof that a package has a weakness that gives code, and the findings that give it.
    /// With `remote` the weakness must be one that the network reaches.
    pub(super) fn of_package(&self, name: &str, remote: bool) -> Option<(Proof, Vec<usize>)> {
        let found = self.by_component.get(&name.to_ascii_lowercase())?;
        let proven = found.iter().filter_map(|at| {
            let proof = proof(self.finding(*at)?, remote)?;
            Some((proof, *at))
        });
        best(proven)
    }

    /// The best proof that a service itself gives code to whoever asks.
    pub(super) fn of_open_service(&self, label: &str) -> Option<(Proof, Vec<usize>)> {
        let open = self.of_socket(label).into_iter().filter(|at| {
            self.finding(*at).is_some_and(|finding| {
                let asks_nobody = finding
                    .references
                    .iter()
                    .any(|one| one.kind == ReferenceKind::Cwe && one.id == "CWE-306");
                asks_nobody && finding.severity >= Severity::High
            })
        });
        best(open.map(|at| (Proof::Open, at)))
    }

    /// Findings that say that mandatory access control confines nothing.
    pub(super) fn weak_defence(&self) -> Option<&'a Finding> {
        let mut found = self.of_defence.iter().filter_map(|at| self.finding(*at));
        found.find(|finding| {
            let check = &*finding.source.check;
            let title = finding.title.to_ascii_lowercase();
            check == "mac-none"
                || check.ends_with("mac_none")
                || title.contains("no mac enforcement")
        })
    }
}

/// The surface that a finding belongs to. Tools of others have categories of their own; some name the
/// part of them that looked.
pub(super) fn surface(finding: &Finding) -> &str {
    let mut items = finding.evidence.iter();
    let scanner = items
        .find(|item| item.name == "scanner")
        .map(|item| &*item.value);
    match scanner.unwrap_or(&finding.category) {
        "network" => "sockets",
        "world_writable" => "files",
        "suid_sgid" => "suid",
        "systemd_units" => "units",
        "container" => "containers",
        other => other,
    }
}

fn best(proven: impl Iterator<Item = (Proof, usize)>) -> Option<(Proof, Vec<usize>)> {
    let all: Vec<(Proof, usize)> = proven.collect();
    let top = all.iter().map(|(proof, _)| *proof).max()?;
    let findings = all.iter().filter(|(proof, _)| *proof == top);
    Some((top, findings.map(|(_, at)| *at).collect()))
}

fn proof(finding: &Finding, remote: bool) -> Option<Proof> {
    let vulnerability = finding.vulnerability.as_ref()?;
    let enrichment = finding.enrichment.as_ref();
    let vectors = vulnerability
        .cvss
        .iter()
        .filter_map(|one| one.vector.as_deref());
    let computed = enrichment.and_then(|one| Some(&*one.cvss.as_ref()?.vector));
    let vectors: Vec<&str> = vectors.chain(computed).collect();
    let asks = |part: &str| vectors.iter().any(|vector| vector.contains(part));
    if remote && !vectors.is_empty() && !asks("AV:N") {
        return None;
    }
    let kev = enrichment.is_some_and(|one| one.kev.is_some());
    if vulnerability.exploited == Some(true) || kev {
        return Some(Proof::Exploited);
    }
    let given = vulnerability.epss;
    let known = enrichment.and_then(|one| Some(one.epss.as_ref()?.probability));
    let status = enrichment
        .and_then(|one| one.exploitation.as_deref())
        .unwrap_or_default();
    let public = status.starts_with("active") || status.starts_with("poc");
    if public
        || given
            .into_iter()
            .chain(known)
            .any(|epss| epss >= EPSS_LIKELY)
    {
        return Some(Proof::Likely);
    }
    let alone = remote && asks("AV:N") && (asks("PR:N") || asks("Au:N"));
    (finding.severity == Severity::Critical && alone).then_some(Proof::Rated)
}

/// Whether a finding is about who may change something.
fn speaks_of_rights(finding: &Finding) -> bool {
    const WORDS: [&str; 7] = [
        "writ",
        "permission",
        "owner",
        "replace",
        "changed by",
        "mode",
        "loose",
    ];
    let cwe = ["CWE-732", "CWE-276", "CWE-282"];
    let references = finding.references.iter();
    let mut cwes = references.filter(|one| one.kind == ReferenceKind::Cwe);
    let text = format!("{} {}", finding.source.check, finding.title).to_ascii_lowercase();
    cwes.any(|one| cwe.contains(&&*one.id)) || WORDS.iter().any(|word| text.contains(word))
}

fn speaks_of_set_id(finding: &Finding) -> bool {
    let text = format!("{} {}", finding.source.check, finding.title).to_ascii_lowercase();
    let words = ["suid", "sgid", "setuid", "set-id", "capabilit"];
    surface(finding) == "suid" || words.iter().any(|word| text.contains(word))
}

/// Whether a finding names a file, or a folder above it, as its place or in its evidence.
fn names(finding: &Finding, file: &str) -> bool {
    let is_above = |path: &str| {
        let rest = file.strip_prefix(path.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let place = finding.location.path.as_deref();
    place.is_some_and(|path| path.len() > 1 && is_above(path))
        || finding
            .evidence
            .iter()
            .any(|item| item.value.contains(file))
}

/// Whether a text such as `0.0.0.0:80, [::]:443` or `80` names a port.
fn has_port(text: &str, port: &str) -> bool {
    text.split([' ', ',', ';']).any(|word| {
        let tail = word.rsplit(':').next().unwrap_or_default();
        !port.is_empty() && (tail == port || word.rsplit('/').next() == Some(port))
    })
}
