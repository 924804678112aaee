//! A path in words: title, steps, techniques, what breaks it, why it matters, how bad it is.

use super::attach::{Index, Proof};
use super::model::{Model, Step};
use super::search::Path;
use super::techniques::{technique, techniques};
use casemate_schema::{
    Chain, ChainStep, EdgeKind, EdgeNeeds, Finding, GraphEdge, NodeKind, Severity, Text, finding_id,
};
use std::collections::BTreeSet;

/// Other starts that are named.
const STARTS_SHOWN: usize = 5;
/// Findings of one step that take part.
const FINDINGS_MAX: usize = 10;
/// Points that a host without mandatory access control adds.
const RISK_UNCONFINED: u8 = 3;

/// The chain of a path.
pub(super) fn chain(model: &Model<'_>, index: &Index<'_>, path: &Path) -> Chain {
    let steps: Vec<(&Step, &GraphEdge)> = path
        .steps
        .iter()
        .filter_map(|position| model.steps.get(*position))
        .filter_map(|step| Some((step, model.edge(step)?)))
        .collect();
    let mut members: BTreeSet<Text> = BTreeSet::new();
    let mut told = Vec::new();
    let mut worst = 0;
    for (step, edge) in &steps {
        let mut found = index.of_edge(edge, &about(model, step, edge));
        found.extend(step.proof.iter().flat_map(|(_, proofs)| proofs));
        found.sort_unstable();
        found.dedup();
        let mut found: Vec<&Finding> = found
            .into_iter()
            .filter_map(|at| index.findings.get(at).copied())
            .collect();
        found.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
        for finding in found.iter().take(FINDINGS_MAX) {
            members.insert(finding.id.clone());
            worst = worst.max(finding.risk.as_ref().map_or(0, |risk| risk.score));
        }
        told.push(ChainStep {
            from: edge.from.clone(),
            to: edge.to.clone(),
            edge: kind_word(edge.kind).into(),
            fact: edge.fact.clone(),
            finding: found.first().map(|finding| finding.id.clone()),
        });
    }
    let entry = Entry::of(model, path, &steps);
    let (severity, base) = rated(&entry, &steps);
    let unconfined = index.weak_defence();
    let extra = if unconfined.is_some() {
        RISK_UNCONFINED
    } else {
        0
    };
    let parts: Vec<&[u8]> = members
        .iter()
        .map(|id| id.as_bytes())
        .chain(told.iter().flat_map(|step| {
            [
                step.from.as_bytes(),
                step.edge.as_bytes(),
                step.to.as_bytes(),
                step.fact.as_bytes(),
            ]
        }))
        .collect();
    let title = title(model, path, &entry, &steps);
    Chain {
        id: finding_id("chain", &parts).into(),
        rule: "attack-path".into(),
        why: why(model, path, &entry, &steps, unconfined).into(),
        break_at: break_at(model, path).into(),
        techniques: techniques(model, entry.is_local(), &steps),
        title: title.into(),
        severity,
        risk: base.saturating_add(extra).max(worst).min(100),
        members: members.into_iter().collect(),
        steps: told,
    }
}

/// What a step is about besides its edge's own place; see [`Index::of_edge`].
fn about(model: &Model<'_>, step: &Step, edge: &GraphEdge) -> String {
    let label = |at: usize| model.label(at).to_owned();
    match edge.kind {
        EdgeKind::MayWrite | EdgeKind::Reaches => label(step.to),
        EdgeKind::Starts
        | EdgeKind::Loads
        | EdgeKind::Executes
        | EdgeKind::Listens
        | EdgeKind::Escapes
        | EdgeKind::MemberOf => label(step.from),
        _ => String::new(),
    }
}

/// How the attacker comes to the first rights.
enum Entry {
    /// Through a service; with the proof that it can be taken over, if there is one.
    Network {
        service: String,
        proof: Option<Proof>,
    },
    AnyAccount,
    Container(String),
    /// A named account; whether it belongs to a person is not known.
    Account(String),
}

impl Entry {
    fn of(model: &Model<'_>, path: &Path, steps: &[(&Step, &GraphEdge)]) -> Self {
        let label = model.label(path.start).to_owned();
        match model.kind(path.start) {
            Some(NodeKind::Network) => {
                let entry = steps
                    .iter()
                    .find(|(_, edge)| edge.kind == EdgeKind::Listens);
                let program = entry.map_or("a service", |(step, _)| model.label(step.to));
                Self::Network {
                    service: program.to_owned(),
                    proof: entry.and_then(|(step, _)| Some(step.proof.as_ref()?.0)),
                }
            }
            Some(NodeKind::Group) => Self::AnyAccount,
            Some(NodeKind::Container) => Self::Container(label),
            _ => Self::Account(label),
        }
    }

    /// Whether the attacker begins with a local account.
    const fn is_local(&self) -> bool {
        matches!(self, Self::AnyAccount | Self::Account(_))
    }

    fn words(&self) -> String {
        match self {
            Self::Network { service, .. } => format!("From the network through `{service}`"),
            Self::AnyAccount => "From any local account".to_owned(),
            Self::Container(name) => format!("From inside {name}"),
            Self::Account(name) => format!("From the account `{name}`"),
        }
    }
}

/// Whether a path is one right that somebody was given on purpose: a rule, a group, a key.
fn is_granted(steps: &[(&Step, &GraphEdge)]) -> bool {
    let weak = steps.iter().filter(|(step, _)| step.cost > 0);
    weak.clone().count() > 0
        && weak.into_iter().all(|(_, edge)| {
            matches!(
                edge.kind,
                EdgeKind::MaySudo | EdgeKind::MayBecomeByGroup | EdgeKind::MayBecomeByKey
            )
        })
}

/// Severity, and points of risk before what confines the host.
fn rated(entry: &Entry, steps: &[(&Step, &GraphEdge)]) -> (Severity, u8) {
    let guesses = steps
        .iter()
        .any(|(_, edge)| edge.needs == Some(EdgeNeeds::Guessing));
    let cost: u32 = steps.iter().map(|(step, _)| step.cost).sum();
    // What asks for patience or luck is a little less urgent among its equals.
    let less = u8::try_from((cost % 60).min(10)).unwrap_or(10);
    match entry {
        _ if guesses => (Severity::Medium, 50),
        Entry::Network {
            proof: Some(Proof::Rated),
            ..
        } => (Severity::High, 88 - less),
        Entry::Network { proof: Some(_), .. } => (Severity::Critical, 97 - less),
        Entry::Network { proof: None, .. } => (Severity::High, 84 - less),
        Entry::AnyAccount => (Severity::High, 80 - less),
        Entry::Container(_) => (Severity::High, 76 - less),
        Entry::Account(_) if is_granted(steps) => (Severity::Medium, 58 - less),
        Entry::Account(_) => (Severity::High, 74 - less),
    }
}

fn title(model: &Model<'_>, path: &Path, entry: &Entry, steps: &[(&Step, &GraphEdge)]) -> String {
    let goal = if model.kind(path.goal) == Some(NodeKind::Kernel) {
        "into the kernel"
    } else if matches!(entry, Entry::Container(_)) {
        "to root of the host"
    } else {
        "to root"
    };
    let last = steps
        .iter()
        .rev()
        .find_map(|(step, edge)| deed(model, step, edge, steps));
    let by = last.unwrap_or_else(|| "which runs as root".to_owned());
    format!("{} {goal}: {by}", entry.words())
}

/// The deed that a title names: what gives the last rights.
fn deed(
    model: &Model<'_>,
    step: &Step,
    edge: &GraphEdge,
    steps: &[(&Step, &GraphEdge)],
) -> Option<String> {
    let from = who(model, step.from);
    Some(match edge.kind {
        EdgeKind::MayWrite => {
            let file = model.label(step.to);
            let taker = steps.iter().find(|(next, _)| next.from == step.to);
            let taker = taker.map(|(next, edge)| taken_by(model, next, edge));
            let taker = taker.unwrap_or_default();
            format!("{from} may change `{file}`{taker}")
        }
        EdgeKind::MaySudo => format!("{from} may use sudo without a password"),
        EdgeKind::MayBecomeBySuid => {
            let file = edge.path.as_deref().unwrap_or("a program");
            format!("{from} may start `{file}` with its owner's rights")
        }
        EdgeKind::MayBecomeByGroup => format!("membership of {from} is as good as root"),
        EdgeKind::MayBecomeByKey => format!("{from} may log in by a key"),
        EdgeKind::MayBecomeByPam => format!("{from} needs no password"),
        EdgeKind::Escapes => format!("the container {}", edge.fact),
        _ => return None,
    })
}

fn taken_by(model: &Model<'_>, step: &Step, edge: &GraphEdge) -> String {
    let verb = match edge.kind {
        EdgeKind::Loads => "reads",
        _ => "runs",
    };
    match model.kind(step.to) {
        Some(NodeKind::Job) => format!(", which cron {verb}"),
        Some(NodeKind::Unit) => format!(", which the unit `{}` {verb}", model.label(step.to)),
        _ => format!(", which {} {verb}", who(model, step.to)),
    }
}

/// A node as a sentence names it.
fn who(model: &Model<'_>, at: usize) -> String {
    let label = model.label(at);
    match model.kind(at) {
        Some(NodeKind::Group) if label == "every local account" => label.to_owned(),
        Some(NodeKind::Group) => format!("group `{label}`"),
        Some(NodeKind::Kernel | NodeKind::Network) => label.to_owned(),
        Some(NodeKind::User) if label == "root" => label.to_owned(),
        _ => format!("`{label}`"),
    }
}

fn kind_word(kind: EdgeKind) -> String {
    let value = serde_json::to_value(kind);
    let word = value
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned));
    word.unwrap_or_default()
}

/// What breaks the path most cheaply, in words.
fn break_at(model: &Model<'_>, path: &Path) -> String {
    let Some((step, edge)) = model
        .steps
        .get(path.cut)
        .and_then(|step| Some((step, model.edge(step)?)))
    else {
        return String::new();
    };
    let from = who(model, step.from);
    let place = match (edge.path.as_deref(), edge.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.to_owned(),
        (None, _) => String::new(),
    };
    match edge.kind {
        EdgeKind::MayWrite => {
            let place = edge.path.as_deref().unwrap_or_else(|| model.label(step.to));
            format!(
                "Take from {from} the right to change `{place}` (`{}`)",
                edge.fact.replace('`', "")
            )
        }
        EdgeKind::MaySudo => {
            format!("Let the rule at {place} ask for a password, or name exact commands")
        }
        EdgeKind::MayBecomeBySuid if step.proof.is_some() => {
            format!("Upgrade the package of `{place}`, or take the set-id bit from it")
        }
        EdgeKind::MayBecomeBySuid => format!("Take the set-id bit or capabilities from `{place}`"),
        EdgeKind::MemberOf => format!("Take {from} out of {}", who(model, step.to)),
        EdgeKind::MayBecomeByGroup => format!("Take {} out of {from}", members(model, step.from)),
        EdgeKind::MayBecomeByKey => {
            format!("Make the key unreadable or delete it from the list ({place})")
        }
        EdgeKind::MayBecomeByPam => format!("Let PAM ask for a password ({place})"),
        EdgeKind::Listens => format!("Upgrade or close {}", who(model, step.to)),
        EdgeKind::Escapes => format!("Make {from} anew without what it has of the host"),
        EdgeKind::Starts | EdgeKind::Executes | EdgeKind::Loads => {
            format!("Let {} use another file than {from}", who(model, step.to))
        }
        _ => String::new(),
    }
}

/// Those who are in a group, as a sentence names them.
fn members(model: &Model<'_>, group: usize) -> String {
    let into = model.into.get(group).into_iter().flatten();
    let steps = into.filter_map(|position| model.steps.get(*position));
    let mut names: Vec<String> = steps.map(|step| who(model, step.from)).collect();
    let more = names.len().saturating_sub(STARTS_SHOWN);
    names.truncate(STARTS_SHOWN);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

fn why(
    model: &Model<'_>,
    path: &Path,
    entry: &Entry,
    steps: &[(&Step, &GraphEdge)],
    unconfined: Option<&Finding>,
) -> String {
    let mut text = opening(entry);
    let deeds: Vec<String> = steps
        .iter()
        .filter_map(|(step, edge)| deed(model, step, edge, steps))
        .map(|deed| capitalised(&deed))
        .collect();
    for deed in deeds {
        text.push_str(&deed);
        text.push_str(". ");
    }
    if is_lasting(model, steps) {
        text.push_str("What is planted there runs again by itself, so it also keeps an intruder on the host. ");
    }
    let others = other_starts(model, path);
    if !others.is_empty() {
        text.push_str(&format!("The same way is open to {others}. "));
    }
    if let Some(finding) = unconfined {
        text.push_str(&format!(
            "No mandatory access control stands in between ({}). ",
            finding.source.check
        ));
    }
    let reasons: Vec<String> = steps
        .iter()
        .filter_map(|(step, edge)| technique(model, step, edge))
        .map(|(id, reason)| format!("{id} because {reason}"))
        .collect();
    if !reasons.is_empty() {
        text.push_str(&format!("Techniques: {}.", reasons.join("; ")));
    }
    text.trim_end().to_owned()
}

/// The sentence on where an intruder begins.
fn opening(entry: &Entry) -> String {
    match entry {
        Entry::Network {
            service,
            proof: None,
        } => format!(
            "Strangers reach `{service}`. No weakness of it is known here: should it be taken over, its rights are the attacker's. "
        ),
        Entry::Network {
            service,
            proof: Some(proof),
        } => {
            let how = match proof {
                Proof::Exploited => "a weakness that is used in the wild",
                Proof::Likely => "a weakness for which exploits are public or likely",
                Proof::Rated => "a critical weakness that asks for no rights",
                Proof::Open => "no password, and does what it is told",
            };
            format!("Strangers reach `{service}`, which has {how}. ")
        }
        Entry::AnyAccount => {
            "Any local account is enough: that of a person, or of a service that was taken over. "
                .to_owned()
        }
        Entry::Container(name) => format!("Code inside {name} is not kept there. "),
        Entry::Account(name) => {
            format!("Whoever has the rights of `{name}` has more than they seem. ")
        }
    }
}

/// Whether a step plants something in what runs again by itself.
fn is_lasting(model: &Model<'_>, steps: &[(&Step, &GraphEdge)]) -> bool {
    steps.iter().any(|(step, edge)| {
        let again = matches!(edge.kind, EdgeKind::Starts | EdgeKind::Loads);
        again
            && matches!(
                model.kind(step.to),
                Some(NodeKind::Job | NodeKind::Unit | NodeKind::Process)
            )
    })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// Accounts that get to the broken step as well, besides those on the path.
fn other_starts(model: &Model<'_>, path: &Path) -> String {
    let Some(cut) = model.steps.get(path.cut) else {
        return String::new();
    };
    let on_path: BTreeSet<usize> = path
        .steps
        .iter()
        .filter_map(|position| model.steps.get(*position))
        .flat_map(|step| [step.from, step.to])
        .collect();
    let mut seen = BTreeSet::from([cut.from]);
    let mut todo = vec![cut.from];
    while let Some(at) = todo.pop() {
        for step in model
            .into
            .get(at)
            .into_iter()
            .flatten()
            .filter_map(|at| model.steps.get(*at))
        {
            if seen.insert(step.from) {
                todo.push(step.from);
            }
        }
    }
    let names: Vec<&str> = seen
        .iter()
        .filter(|at| !on_path.contains(at) && model.kind(**at) == Some(NodeKind::User))
        .map(|at| model.label(*at))
        .collect();
    let any = seen
        .iter()
        .any(|at| model.node(*at).is_some_and(|node| &*node.id == "group:*"));
    if any {
        let on_path = on_path
            .iter()
            .any(|at| *at == path.start && model.label(*at) == "every local account");
        return if on_path {
            String::new()
        } else {
            "every local account".to_owned()
        };
    }
    let more = names.len().saturating_sub(STARTS_SHOWN);
    let mut shown: Vec<String> = names
        .iter()
        .take(STARTS_SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}
