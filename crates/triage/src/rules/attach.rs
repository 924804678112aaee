//! Which findings speak of a node.

use crate::site::fits;
use casemate_schema::{Finding, GraphNode, NodeKind};

use super::model::FindingPattern;

/// Whether a finding is of the kind that a pattern asks for.
pub(super) fn is_wanted(pattern: &FindingPattern, finding: &Finding) -> bool {
    let any = |wanted: &[String], text: &str| {
        wanted.is_empty() || wanted.iter().any(|pattern| fits(pattern, text))
    };
    any(&pattern.check, &finding.source.check)
        && any(&pattern.category, &finding.category)
        && pattern
            .severity
            .is_none_or(|least| finding.severity >= least)
        && (!pattern.exploited || is_exploited(finding))
}

/// Whether a pack or the source says that the vulnerability is used.
fn is_exploited(finding: &Finding) -> bool {
    let by_pack = finding
        .enrichment
        .as_ref()
        .is_some_and(|it| it.kev.is_some() || it.exploitation.as_deref() == Some("active"));
    let vulnerability = finding.vulnerability.as_ref();
    by_pack || vulnerability.and_then(|it| it.exploited) == Some(true)
}

/// Whether a finding is about a node: its file, unit, user, package, socket, process or container.
pub(super) fn speaks_of(finding: &Finding, node: &GraphNode) -> bool {
    let name = node.id.split_once(':').map_or("", |(_, name)| name);
    let path = finding.location.path.as_deref();
    let subject = finding.location.subject.as_deref();
    let evidence = |wanted: &[&str], value: &str| {
        finding
            .evidence
            .iter()
            .any(|item| wanted.contains(&item.name.as_str()) && item.value == value)
    };
    match node.kind {
        NodeKind::File => {
            path == Some(name)
                || subject == Some(name)
                || evidence(
                    &["writable", "file", "program", "exe", "executable", "path"],
                    name,
                )
        }
        NodeKind::Unit => {
            subject == Some(name)
                || path.and_then(|path| path.rsplit('/').next()) == Some(name)
                || evidence(&["unit"], name)
        }
        NodeKind::User | NodeKind::Group => {
            // sudo writes a group as `%name`.
            let subject = subject.map(|subject| match node.kind {
                NodeKind::Group => subject.trim_start_matches(['%', ':']),
                _ => subject,
            });
            subject == Some(name) || evidence(&["user", "group", "account"], name)
        }
        NodeKind::Package => {
            let package = name.rsplit(':').next().unwrap_or(name);
            finding
                .component
                .as_ref()
                .is_some_and(|component| component.name == package)
                || finding.category == "packages" && subject == Some(package)
        }
        NodeKind::Socket => {
            subject.is_some_and(|subject| same_socket(subject, name))
                || names_address(finding, name)
        }
        NodeKind::Process => {
            let program = name.rsplit_once(':').map_or(name, |(program, _)| program);
            path == Some(program)
                || subject == Some(program)
                || evidence(&["exe", "program", "executable"], program)
        }
        NodeKind::Job => match name.rsplit_once(':') {
            Some((file, line)) => {
                path == Some(file)
                    && finding
                        .location
                        .line
                        .is_none_or(|number| number.to_string() == line)
            }
            None => path == Some(name),
        },
        NodeKind::Container => {
            subject.is_some_and(|subject| node.label == subject || subject.starts_with(name))
        }
        NodeKind::Kernel | NodeKind::Network => false,
    }
}

/// Whether a finding on `tcp port 6379` lists the address `0.0.0.0:6379` in its evidence.
fn names_address(finding: &Finding, name: &str) -> bool {
    let Some((protocol, address)) = name.split_once(':') else {
        return false;
    };
    let subject = finding.location.subject.as_deref().unwrap_or_default();
    let fits = |value: &str| value.split([',', ' ']).any(|word| word == address);
    subject.split(' ').next() == Some(protocol)
        && finding
            .evidence
            .iter()
            .any(|item| matches!(&*item.name, "address" | "addresses") && fits(&item.value))
}

/// Whether `tcp 0.0.0.0:22`, `0.0.0.0:22/tcp` and the like name the socket `tcp:0.0.0.0:22`.
fn same_socket(subject: &str, name: &str) -> bool {
    let words = |text: &str| {
        let mut words: Vec<String> = text
            .split([' ', '/'])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words.sort();
        words
    };
    name.split_once(':').is_some_and(|(protocol, address)| {
        words(subject) == words(&format!("{protocol} {address}"))
    }) || subject == name
}
