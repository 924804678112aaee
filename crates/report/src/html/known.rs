//! What packs, records and the case say of one finding: techniques with their reasons, exploits,
//! scores computed anew, where it stands, what removes it, which attack path it takes part in.

use super::links::{Link, Places};
use crate::{case, words};
use casemate_base::text::printable;
use casemate_schema::{Enrichment, Finding, KevEntry, RecomputedCvss};

/// Links of one entry: an action or chain beyond these is counted.
const LINKS_MAX: usize = 4;
/// Controls that are named.
const CONTROLS_MAX: usize = 12;

/// One fact: its name, and what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) items: Vec<Item>,
}

/// A part of a fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) link: Option<String>,
    pub(super) text: String,
    /// Why it stands here.
    pub(super) why: Option<String>,
    /// Whether it asks for attention.
    pub(super) is_bad: bool,
}

impl Item {
    fn of(text: &str) -> Self {
        Self {
            text: printable(text).into_owned(),
            ..Self::default()
        }
    }
}

/// All that is known of a finding.
pub(super) fn facts(finding: &Finding, places: &Places<'_>) -> Vec<Fact> {
    let mut out = Vec::new();
    if let Some(enrichment) = finding.enrichment.as_deref() {
        enriched(enrichment, &mut out);
    }
    let mut push = |name, items: Vec<Item>| {
        if !items.is_empty() {
            out.push(Fact { name, items });
        }
    };
    let state = case::state(finding);
    push("Decided", state.iter().map(|it| Item::of(it)).collect());
    if let Some(state) = finding.state.as_deref().filter(|state| state.seen > 1) {
        let times = case::count(state.seen, "report", "reports");
        let since = words::time(&state.first_seen);
        push("Seen", vec![Item::of(&format!("in {times} since {since}"))]);
    }
    push("Removed by", links(places.actions(&finding.id)));
    push("Part of", links(places.chains(&finding.id)));
    out
}

fn links(links: &[Link]) -> Vec<Item> {
    let more = links.len().saturating_sub(LINKS_MAX);
    let named = links.iter().take(LINKS_MAX).map(|link| Item {
        link: link.anchor.clone(),
        text: link.text.clone(),
        ..Item::default()
    });
    let rest = (more > 0).then(|| Item::of(&format!("and {more} more")));
    named.chain(rest).collect()
}

fn enriched(enrichment: &Enrichment, out: &mut Vec<Fact>) {
    let mut push = |name, items: Vec<Item>| {
        if !items.is_empty() {
            out.push(Fact { name, items });
        }
    };
    let kev = enrichment.kev.as_deref().map(kev);
    push("Exploited", kev.into_iter().collect());
    let epss = enrichment.epss.as_ref().map(|score| {
        let mut text = format!("{} within 30 days", words::epss(score.probability));
        if let Some(share) = score.percentile {
            // Rounded down: nothing is more likely than all.
            let share = (share * 1000.0).floor() / 1000.0;
            text.push_str(&format!(", more likely than {} of all", words::epss(share)));
        }
        if let Some(day) = &score.date {
            text.push_str(&format!(" (of {day})"));
        }
        Item::of(&text)
    });
    push("EPSS", epss.into_iter().collect());
    let exploit = enrichment.exploitation.as_deref().map(exploitation);
    push("Exploit", exploit.into_iter().collect());
    push(
        "CVSS",
        enrichment.cvss.as_ref().map(cvss).into_iter().collect(),
    );
    let techniques = enrichment.techniques.iter().map(|technique| {
        let mut text = technique.id.to_string();
        if let Some(name) = &technique.name {
            text.push_str(&format!(" {name}"));
        }
        let tactics: Vec<&str> = technique.tactics.iter().map(|it| it.as_str()).collect();
        if !tactics.is_empty() {
            text.push_str(&format!(" ({})", tactics.join(", ")));
        }
        Item {
            why: Some(printable(&technique.reason).into_owned()),
            ..Item::of(&text)
        }
    });
    push("Techniques", techniques.collect());
    let weaknesses = enrichment.weaknesses.iter().map(|weakness| {
        let name = weakness.name.as_deref().unwrap_or("(no pack names it)");
        Item::of(&format!("{} {name}", weakness.id))
    });
    push("Weaknesses", weaknesses.collect());
    let all = &enrichment.controls;
    let mut controls: Vec<String> = all.iter().take(CONTROLS_MAX).map(control).collect();
    let more = all.len().saturating_sub(CONTROLS_MAX);
    if more > 0 {
        controls.push(format!("{more} more"));
    }
    let controls = (!controls.is_empty()).then(|| Item::of(&controls.join(", ")));
    push("Controls", controls.into_iter().collect());
    let unknown = enrichment.unknown.iter().map(|it| Item::of(it));
    push("Not known", unknown.collect());
}

/// `pci_dss:2.2.6` as `PCI DSS 2.2.6`.
fn control(id: &casemate_schema::Text) -> String {
    let Some((framework, control)) = id.split_once(':') else {
        return id.to_string();
    };
    let name = match framework {
        "pci_dss" => "PCI DSS",
        "hipaa" => "HIPAA",
        "nist_csf" => "NIST CSF",
        "nist_800_53" => "NIST 800-53",
        other => other,
    };
    format!("{name} {control}")
}

fn kev(entry: &KevEntry) -> Item {
    let mut text = format!("in CISA's catalogue since {}", entry.added);
    if let Some(due) = &entry.due {
        text.push_str(&format!(", to be mended by {due}"));
    }
    if entry.ransomware {
        text.push_str(", used by ransomware");
    }
    Item {
        is_bad: true,
        ..Item::of(&text)
    }
}

fn exploitation(word: &str) -> Item {
    // The word, then the feed that says so.
    let (status, feed) = word.split_once(' ').unwrap_or((word, ""));
    let said = match status {
        "active" => "exploited",
        "poc" => "a proof of concept is public",
        "none" => "none is known",
        _ => return Item::of(word),
    };
    Item {
        is_bad: status == "active",
        ..Item::of(format!("{said} {feed}").trim())
    }
}

fn cvss(cvss: &RecomputedCvss) -> Item {
    let mut text = format!(
        "{:.1} ({}), computed from {}",
        cvss.score, cvss.version, cvss.vector
    );
    if let Some(given) = cvss.given {
        text.push_str(&format!("; the source says {given:.1}"));
    }
    Item::of(&text)
}

/// Takes what all findings of a card say out of the rows, to be said once.
pub(super) fn shared(rows: &mut [&mut Vec<Fact>]) -> Vec<Fact> {
    let [first, rest @ ..] = rows else {
        return Vec::new();
    };
    let common: Vec<Fact> = first
        .iter()
        .filter(|fact| rest.iter().all(|row| row.contains(fact)))
        .cloned()
        .collect();
    for row in rows {
        row.retain(|fact| !common.contains(fact));
    }
    common
}
