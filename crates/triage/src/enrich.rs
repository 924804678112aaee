//! What packs add to findings: techniques with their reason, weaknesses, and the facts of a CVE.
//!
//! A technique stands on a finding for one of three reasons, in this order: the check's own card or
//! the source names it; a CWE of the finding is used by a CAPEC pattern that is that technique; the
//! finding's kind (a set-user-id file, a listening service ...) is what the technique is about.
//! Nothing is guessed: what stands in no pack is listed under `unknown`, and a finding that nothing
//! maps has no technique.

use crate::cvss::best;
use crate::knowledge::{Knowledge, KnowledgeError};
use casemate_schema::{
    Cvss, Enrichment, Finding, MappedTechnique, MappedWeakness, ReferenceKind, Report, Text,
};
use std::collections::BTreeMap;

/// Most techniques that a weakness brings to one finding: CWE-20 alone is behind dozens, and a list
/// of dozens says nothing.
const TECHNIQUES_MAX: usize = 4;

/// Kinds of findings of other tools that are what one technique is about: category, words of which
/// one stands in the check or title, technique, reason.
const BY_KIND: [(&str, &[&str], &str, &str); 9] = [
    (
        "suid",
        &["suid", "setuid", "set-user-id", "sgid"],
        "T1548.001",
        "a set-user-id program gives its owner's rights",
    ),
    (
        "sudo",
        &["nopasswd", "sudo"],
        "T1548.003",
        "a sudo rule gives another user's rights",
    ),
    (
        "cron",
        &["cron"],
        "T1053.003",
        "cron starts what stands in the file",
    ),
    (
        "modules",
        &["unsigned", "module"],
        "T1547.006",
        "a kernel module runs with all rights",
    ),
    (
        "units",
        &["writable", "world-writable"],
        "T1543.002",
        "a unit starts what stands in the file",
    ),
    (
        "secrets",
        &["password", "token", "key", "secret", "credential"],
        "T1552.001",
        "credentials stand in a file",
    ),
    (
        "secret",
        &["password", "token", "key", "secret", "credential"],
        "T1552.001",
        "credentials stand in a file",
    ),
    (
        "logging",
        &["auditd", "audit"],
        "T1562.012",
        "what audit does not record is not seen",
    ),
    (
        "firewall",
        &["firewall", "disabled", "policy"],
        "T1562.004",
        "without a packet filter every service is reached",
    ),
];

/// Adds to every finding what the packs say of it. What a report said before is made anew.
///
/// # Errors
/// When the packs cannot be read.
pub fn enrich(report: &mut Report, knowledge: &dyn Knowledge) -> Result<(), KnowledgeError> {
    let found = enrichments(&report.findings, knowledge)?;
    for (finding, enrichment) in report.findings.iter_mut().zip(found) {
        finding.enrichment = enrichment;
    }
    Ok(())
}

/// What the packs say of each finding, in their order; `None` where they say nothing.
///
/// # Errors
/// When the packs cannot be read.
pub fn enrichments(
    findings: &[Finding],
    knowledge: &dyn Knowledge,
) -> Result<Vec<Option<Box<Enrichment>>>, KnowledgeError> {
    let mut cache = Cache::default();
    findings
        .iter()
        .map(|finding| {
            let found = enrichment_of(finding, knowledge, &mut cache)?;
            Ok((found != Enrichment::default()).then(|| Box::new(found)))
        })
        .collect()
}

/// What was looked up already: a report of thousands of findings asks for few different things.
#[derive(Default)]
struct Cache {
    techniques: BTreeMap<String, Option<MappedTechnique>>,
    weaknesses: BTreeMap<String, KnownWeakness>,
    vulnerabilities: BTreeMap<String, Facts>,
}

/// What the packs say of one weakness.
#[derive(Clone, Default)]
struct KnownWeakness {
    name: Option<Text>,
    /// Techniques that CAPEC leads to from it, with the pattern's id.
    techniques: Vec<(String, String)>,
}

/// What the packs say of one CVE.
#[derive(Clone, Default)]
struct Facts {
    enrichment: Enrichment,
    cwe: Vec<Text>,
    cvss: Vec<Cvss>,
}

fn enrichment_of(
    finding: &Finding,
    knowledge: &dyn Knowledge,
    cache: &mut Cache,
) -> Result<Enrichment, KnowledgeError> {
    let mut facts = Facts::default();
    for cve in cves_of(finding) {
        let found = match cache.vulnerabilities.get(&cve) {
            Some(found) => found.clone(),
            None => {
                let found = facts_of(&cve, knowledge)?;
                cache.vulnerabilities.insert(cve, found.clone());
                found
            }
        };
        join(&mut facts, found);
    }
    let mut out = facts.enrichment;
    let given = finding
        .vulnerability
        .iter()
        .flat_map(|vulnerability| vulnerability.cvss.iter().cloned());
    let scores: Vec<Cvss> = given.chain(facts.cvss).collect();
    out.cvss = best(&scores).map(|(score, _)| score);
    weaknesses(finding, &facts.cwe, knowledge, cache, &mut out)?;
    techniques(finding, knowledge, cache, &mut out)?;
    Ok(out)
}

/// The finding's CVEs: of several the one with the worst facts counts.
fn cves_of(finding: &Finding) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let own = finding
        .vulnerability
        .iter()
        .flat_map(|it| std::iter::once(&it.id).chain(&it.aliases));
    let named = finding
        .references
        .iter()
        .filter(|reference| reference.kind == ReferenceKind::Cve)
        .map(|reference| &reference.id);
    for id in own.chain(named) {
        let id = id.to_ascii_uppercase();
        if id.starts_with("CVE-") && !out.contains(&id) {
            out.push(id);
        }
    }
    out
}

fn facts_of(cve: &str, knowledge: &dyn Knowledge) -> Result<Facts, KnowledgeError> {
    let mut out = Facts::default();
    let record = knowledge.cve(cve)?;
    out.enrichment.kev = knowledge.kev(cve)?.map(Box::new);
    out.enrichment.epss = knowledge.epss(cve)?;
    let known = record.is_some() || out.enrichment.kev.is_some() || out.enrichment.epss.is_some();
    if let Some(record) = record {
        out.enrichment.exploitation = record.exploitation.filter(|status| *status != "none");
        out.cwe = record.cwe;
        out.cvss = record.cvss;
        if record.rejected {
            let remark = format!("{cve} was rejected by its numbering authority");
            out.enrichment.unknown.push(remark.into());
        }
    }
    if !known {
        let remark = format!("{cve} stands in no pack");
        out.enrichment.unknown.push(remark.into());
    }
    Ok(out)
}

/// Joins the facts of a further CVE: the worse counts.
fn join(all: &mut Facts, more: Facts) {
    let (mine, other) = (&mut all.enrichment, more.enrichment);
    mine.kev = mine.kev.take().or(other.kev);
    let probability = |epss: &Option<casemate_schema::EpssScore>| {
        epss.as_ref().map_or(-1.0, |score| score.probability)
    };
    if probability(&other.epss) > probability(&mine.epss) {
        mine.epss = other.epss;
    }
    let rank = |status: &Option<Text>| match status.as_deref() {
        Some("active") => 2,
        Some("poc") => 1,
        _ => 0,
    };
    if rank(&other.exploitation) > rank(&mine.exploitation) {
        mine.exploitation = other.exploitation;
    }
    mine.unknown.extend(other.unknown);
    all.cwe.extend(more.cwe);
    all.cvss.extend(more.cvss);
}

fn weaknesses(
    finding: &Finding,
    more: &[Text],
    knowledge: &dyn Knowledge,
    cache: &mut Cache,
    out: &mut Enrichment,
) -> Result<(), KnowledgeError> {
    let named = finding
        .references
        .iter()
        .filter(|reference| reference.kind == ReferenceKind::Cwe)
        .map(|reference| &reference.id);
    for id in named.chain(more) {
        if out.weaknesses.iter().any(|known| known.id == *id) {
            continue;
        }
        let name = weakness(id, knowledge, cache)?.name;
        if name.is_none() && id.starts_with("CWE-") {
            let remark = format!("{id} stands in no pack");
            out.unknown.push(remark.into());
        }
        out.weaknesses.push(MappedWeakness {
            id: id.clone(),
            name,
        });
    }
    Ok(())
}

fn weakness(
    id: &str,
    knowledge: &dyn Knowledge,
    cache: &mut Cache,
) -> Result<KnownWeakness, KnowledgeError> {
    if let Some(known) = cache.weaknesses.get(id) {
        return Ok(known.clone());
    }
    let name = knowledge.weakness(id)?.map(|weakness| weakness.name);
    let mut techniques: Vec<(String, String)> = Vec::new();
    for pattern in knowledge.patterns_of(id)? {
        for technique in &pattern.techniques {
            if techniques.iter().all(|(known, _)| technique != known) {
                techniques.push((technique.to_string(), pattern.id.to_string()));
            }
        }
    }
    let found = KnownWeakness { name, techniques };
    cache.weaknesses.insert(id.to_owned(), found.clone());
    Ok(found)
}

fn techniques(
    finding: &Finding,
    knowledge: &dyn Knowledge,
    cache: &mut Cache,
    out: &mut Enrichment,
) -> Result<(), KnowledgeError> {
    let named: Vec<Text> = finding
        .references
        .iter()
        .filter(|reference| reference.kind == ReferenceKind::Attack)
        .map(|reference| reference.id.clone())
        .collect();
    let by = if finding.source.tool == "casemate" {
        "the check is about it".to_owned()
    } else {
        format!("{} names it", finding.source.tool)
    };
    for id in named {
        push(&id, &by, knowledge, cache, out)?;
    }
    if out.techniques.is_empty() {
        let weaknesses = out.weaknesses.clone();
        for weakness_id in weaknesses.iter().map(|weakness| &weakness.id) {
            let through = weakness(weakness_id, knowledge, cache)?.techniques;
            // A weakness behind many techniques does not tell which one.
            if through.len() > TECHNIQUES_MAX {
                continue;
            }
            for (technique, pattern) in through {
                let reason = format!("{weakness_id} is used by {pattern}, which is this technique");
                push(&technique, &reason, knowledge, cache, out)?;
            }
        }
    }
    if out.techniques.is_empty() {
        let text = format!("{} {}", finding.source.check, finding.title).to_lowercase();
        let fits = BY_KIND.iter().find(|(category, words, _, _)| {
            finding.category == *category && words.iter().any(|word| text.contains(word))
        });
        if let Some((_, _, technique, reason)) = fits {
            push(technique, reason, knowledge, cache, out)?;
        }
    }
    Ok(())
}

fn push(
    id: &str,
    reason: &str,
    knowledge: &dyn Knowledge,
    cache: &mut Cache,
    out: &mut Enrichment,
) -> Result<(), KnowledgeError> {
    let found = match cache.techniques.get(id) {
        Some(found) => found.clone(),
        None => {
            let found = current(id, knowledge)?;
            cache.techniques.insert(id.to_owned(), found.clone());
            found
        }
    };
    let mapped = match found {
        Some(known) => MappedTechnique {
            reason: reason.into(),
            ..known
        },
        None => {
            let remark = format!("{id} stands in no pack");
            out.unknown.push(remark.into());
            MappedTechnique {
                id: id.into(),
                reason: reason.into(),
                ..MappedTechnique::default()
            }
        }
    };
    if out.techniques.iter().all(|known| known.id != mapped.id) {
        out.techniques.push(mapped);
    }
    Ok(())
}

/// The technique as ATT&CK has it now: a retired one is followed to what replaces it, a few steps.
fn current(id: &str, knowledge: &dyn Knowledge) -> Result<Option<MappedTechnique>, KnowledgeError> {
    let mut id = id.to_owned();
    for _ in 0..4 {
        let Some(found) = knowledge.technique(&id)? else {
            return Ok(None);
        };
        match found.replaced_by {
            Some(next) if found.retired => id = next.to_string(),
            _ => {
                return Ok(Some(MappedTechnique {
                    id: found.id,
                    name: Some(found.name),
                    tactics: found.tactics,
                    reason: Text::default(),
                }));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;
    use casemate_schema::{
        AttackPattern, CveRecord, EpssScore, KevEntry, PackRecord, Reference, Technique,
        Vulnerability, Weakness,
    };

    fn packs() -> Memory {
        let mut out = Memory::default();
        for (id, name, replaced_by) in [
            ("T1548.001", "Setuid and Setgid", None),
            ("T1190", "Exploit Public-Facing Application", None),
            ("T1166", "Setuid and Setgid", Some("T1548.001")),
        ] {
            out.add(PackRecord::Technique(Technique {
                id: id.into(),
                name: name.into(),
                tactics: vec!["privilege-escalation".into()],
                retired: replaced_by.is_some(),
                replaced_by: replaced_by.map(Text::from),
                ..Technique::default()
            }));
        }
        out.add(PackRecord::Weakness(Weakness {
            id: "CWE-89".into(),
            name: "SQL Injection".into(),
            ..Weakness::default()
        }));
        out.add(PackRecord::AttackPattern(AttackPattern {
            id: "CAPEC-66".into(),
            name: "SQL Injection".into(),
            weaknesses: vec!["CWE-89".into()],
            techniques: vec!["T1190".into()],
        }));
        out.add(PackRecord::Kev(KevEntry {
            id: "CVE-2021-44228".into(),
            added: "2021-12-10".into(),
            ..KevEntry::default()
        }));
        out.add(PackRecord::Epss(EpssScore {
            id: "CVE-2021-44228".into(),
            probability: 0.94,
            ..EpssScore::default()
        }));
        out.add(PackRecord::Cve(CveRecord {
            id: "CVE-2021-44228".into(),
            cwe: vec!["CWE-89".into()],
            exploitation: Some("active".into()),
            cvss: vec![Cvss {
                vector: Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H".into()),
                ..Cvss::default()
            }],
            ..CveRecord::default()
        }));
        out
    }

    fn enriched(finding: Finding) -> Enrichment {
        let mut report = Report {
            findings: vec![finding],
            ..Report::default()
        };
        enrich(&mut report, &packs()).expect("packs answer");
        let finding = report.findings.remove(0);
        finding.enrichment.map(|it| *it).unwrap_or_default()
    }

    fn reference(kind: ReferenceKind, id: &str) -> Reference {
        Reference {
            kind,
            id: id.into(),
        }
    }

    #[test]
    fn a_known_vulnerability_gets_its_facts() {
        let found = enriched(Finding {
            vulnerability: Some(Box::new(Vulnerability {
                id: "GHSA-jfh8-c2jp-5v3q".into(),
                aliases: vec!["CVE-2021-44228".into()],
                ..Vulnerability::default()
            })),
            ..Finding::default()
        });
        assert_eq!(
            found.kev.map(|kev| kev.added.to_string()).as_deref(),
            Some("2021-12-10")
        );
        assert_eq!(found.exploitation.as_deref(), Some("active"));
        let score = found.cvss.map(|cvss| cvss.score);
        assert!(score.is_some_and(|score| (score - 10.0).abs() < 1e-9));
        assert_eq!(
            found.weaknesses.first().map(|it| it.id.as_str()),
            Some("CWE-89")
        );
        let technique = found.techniques.first().expect("technique");
        assert_eq!(technique.id, "T1190");
        assert_eq!(
            technique.reason,
            "CWE-89 is used by CAPEC-66, which is this technique"
        );
        assert!(found.unknown.is_empty());
    }

    #[test]
    fn what_no_pack_knows_is_said_and_never_invented() {
        let found = enriched(Finding {
            vulnerability: Some(Box::new(Vulnerability {
                id: "CVE-2031-0001".into(),
                ..Vulnerability::default()
            })),
            references: vec![reference(ReferenceKind::Attack, "T9999")],
            ..Finding::default()
        });
        assert_eq!(found.kev, None);
        assert_eq!(found.epss, None);
        let unknown: Vec<&str> = found.unknown.iter().map(Text::as_str).collect();
        assert_eq!(
            unknown,
            ["CVE-2031-0001 stands in no pack", "T9999 stands in no pack"]
        );
        assert_eq!(
            found.techniques.first().and_then(|it| it.name.clone()),
            None
        );
    }

    #[test]
    fn a_finding_that_nothing_maps_has_no_technique() {
        let found = enriched(Finding {
            category: "code".into(),
            title: "unused variable".into(),
            ..Finding::default()
        });
        assert_eq!(found, Enrichment::default());
    }

    #[test]
    fn a_retired_technique_is_followed_and_a_kind_is_known() {
        let found = enriched(Finding {
            references: vec![reference(ReferenceKind::Attack, "T1166")],
            ..Finding::default()
        });
        assert_eq!(
            found.techniques.first().map(|it| it.id.as_str()),
            Some("T1548.001")
        );
        let found = enriched(Finding {
            category: "suid".into(),
            title: "Unexpected SUID binary /opt/x".into(),
            ..Finding::default()
        });
        let technique = found.techniques.first().expect("technique");
        assert_eq!(technique.id, "T1548.001");
        assert!(technique.reason.contains("owner's rights"));
    }
}
