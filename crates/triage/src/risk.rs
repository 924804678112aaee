//! How urgent a finding is: a sum of seven factors that a reader can check by hand.
//!
//! `score = severity + exposure + privilege + exploitation + asset + novelty + confidence`, 0 to 100;
//! `docs/concepts/risk.md` shows the same table with the reasons for the weights. Every factor is a
//! step function of an ordered quantity, so the score is monotone in each. A severe weakness that
//! nobody can reach or uses stands below a lesser one that is reached over the network and exploited:
//! that is what the three questions of a triage ask (can it be reached, is it exploited, what does it
//! cost), and severity answers a fourth.

use crate::cvss::{AttackVector, base_score, best};
use crate::same::port_of;
use crate::site::{Asset, AssetValue, Site};
use casemate_schema::{Finding, ReferenceKind, Report, Risk, RiskFactor, Severity, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod exposed;

pub use exposed::exposed_packages;

/// Points of each severity, lowest first.
const SEVERITY_POINTS: [(Severity, u8); 5] = [
    (Severity::Info, 2),
    (Severity::Low, 10),
    (Severity::Medium, 21),
    (Severity::High, 32),
    (Severity::Critical, 40),
];

/// Surfaces and categories whose weaknesses are reached over the network.
const NETWORK_SURFACES: [&str; 6] = ["sockets", "ssh", "firewall", "network", "web", "tls"];
/// Surfaces whose weaknesses any local account reaches.
const LOCAL_SURFACES: [&str; 12] = [
    "processes",
    "files",
    "suid",
    "users",
    "sudo",
    "pam",
    "cron",
    "units",
    "mounts",
    "containers",
    "secrets",
    "secret",
];
/// ATT&CK techniques that give entry, rights or credentials, by their main number.
const ENTRY_TECHNIQUES: [(&str, &str); 10] = [
    ("T1003", "gives credentials"),
    ("T1021", "gives entry"),
    ("T1068", "gives rights"),
    ("T1078", "gives entry"),
    ("T1110", "gives entry"),
    ("T1133", "gives entry"),
    ("T1190", "gives entry"),
    ("T1548", "gives rights"),
    ("T1552", "gives credentials"),
    ("T1611", "gives rights"),
];

/// What a title says when the weakness gives the program or the account away.
const TAKEOVER: [&str; 9] = [
    "code execution",
    "command execution",
    "command injection",
    " rce ",
    "sql injection",
    "remote shell",
    "backdoor",
    "authentication bypass",
    "default credential",
];
/// What a title says when nothing but the address is needed.
const READY: [&str; 5] = [
    "backdoor",
    "default credential",
    "default password",
    "default account",
    "brute force login",
];
/// Weaknesses that tools use by themselves once they find them: commands, code, queries, files.
const INJECTIONS: [&str; 10] = [
    "CWE-22", "CWE-77", "CWE-78", "CWE-79", "CWE-89", "CWE-94", "CWE-98", "CWE-434", "CWE-502",
    "CWE-918",
];

/// What each factor means, for the page that explains the score: name and meaning.
pub const FACTORS: [(&str, &str); 7] = [
    (
        "severity",
        "info 2, low 10, medium 21, high 32, critical 40",
    ),
    (
        "exposure",
        "20 when reached over the network (sockets, ssh, firewall; of imported findings network, web, \
         tls, or when a scanner names the port it came through; of packages when one of their \
         programs listens), 9 when a package's weakness can be used \
         over the network and nobody knows whether it is exposed, 6 when any local account reaches it, \
         else 0; at most 6 where the inventory names a compensating control",
    ),
    (
        "privilege",
        "5 when an ATT&CK technique gives entry, rights or credentials, the source speaks of code \
         execution or a way around the login, or the CVSS vector needs neither an account nor a \
         person's help, else 0",
    ),
    (
        "exploitation",
        "20 when in CISA's catalogue of exploited vulnerabilities, said to be exploited, or itself the \
         sign of an attack; 14 when EPSS is at least 0.5; 10 when at least 0.1, when an exploit is \
         public or none is needed (open credentials, default accounts, injections); 5 when EPSS is at \
         least 0.01; else 0",
    ),
    (
        "asset",
        "8 critical, 6 high, 3 normal or not in the inventory, 0 low",
    ),
    (
        "novelty",
        "3 when no earlier report of this host showed it, else 0; 0 without a history",
    ),
    (
        "confidence",
        "4 when read from the host itself or several tools agree, 2 when one tool says so, 0 when the \
         tool itself is not sure",
    ),
];

/// What the ranking knows besides the findings.
#[derive(Debug, Default)]
pub struct Setting<'a> {
    /// The site's inventory.
    pub site: Option<&'a Site>,
    /// The report's host, for findings that name none.
    pub host: Option<&'a str>,
    /// Packages with a program that listens for strangers, and the socket.
    pub exposed: BTreeMap<String, String>,
}

/// The quantities that a score is made of, each in its own order.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Quantities {
    severity: Severity,
    exposure: Exposure,
    privilege: bool,
    exploitation: Exploitation,
    asset: AssetValue,
    novel: bool,
    confidence: Confidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exposure {
    None,
    Local,
    Possible,
    Network,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exploitation {
    None,
    Unlikely,
    Likely,
    Expected,
    Known,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Confidence {
    Doubtful,
    OneTool,
    Sure,
}

impl Quantities {
    /// The points of each factor, in the order of [`FACTORS`].
    fn points(self) -> [u8; 7] {
        let severity = SEVERITY_POINTS
            .iter()
            .find(|(level, _)| *level == self.severity)
            .map_or(0, |(_, points)| *points);
        [
            severity,
            match self.exposure {
                Exposure::None => 0,
                Exposure::Local => 6,
                Exposure::Possible => 9,
                Exposure::Network => 20,
            },
            if self.privilege { 5 } else { 0 },
            match self.exploitation {
                Exploitation::None => 0,
                Exploitation::Unlikely => 5,
                Exploitation::Likely => 10,
                Exploitation::Expected => 14,
                Exploitation::Known => 20,
            },
            match self.asset {
                AssetValue::Low => 0,
                AssetValue::Normal => 3,
                AssetValue::High => 6,
                AssetValue::Critical => 8,
            },
            if self.novel { 3 } else { 0 },
            match self.confidence {
                Confidence::Doubtful => 0,
                Confidence::OneTool => 2,
                Confidence::Sure => 4,
            },
        ]
    }
}

/// The risk of one finding on a host that nothing else is known of.
#[must_use]
pub fn risk_of(finding: &Finding) -> Risk {
    risk_in(finding, &Setting::default())
}

/// The risk of one finding, with the part of each factor and what gave it. Factors that add nothing
/// are left out.
#[must_use]
pub fn risk_in(finding: &Finding, setting: &Setting<'_>) -> Risk {
    let host = finding.location.host.as_deref().or(setting.host);
    let asset = setting.site.and_then(|site| site.asset(host));
    let (exposure, exposure_reason) = exposure(finding, setting, asset);
    let (privilege, privilege_reason) = privilege(finding);
    let (exploitation, exploitation_reason) = exploitation(finding);
    let (confidence, confidence_reason) = confidence(finding);
    let novel = finding
        .state
        .as_ref()
        .is_some_and(|state| state.seen <= 1 && state.state == State::New);
    let quantities = Quantities {
        severity: finding.severity,
        exposure,
        privilege,
        exploitation,
        asset: asset.map_or(AssetValue::Normal, |asset| asset.value),
        novel,
        confidence,
    };
    let reasons = [
        finding.severity.as_str().to_owned(),
        exposure_reason,
        privilege_reason,
        exploitation_reason,
        asset_reason(asset),
        "no earlier report showed it".to_owned(),
        confidence_reason,
    ];
    let factors: Vec<RiskFactor> = FACTORS
        .iter()
        .zip(quantities.points())
        .zip(reasons)
        .filter(|((_, points), _)| *points > 0)
        .map(|(((name, _), points), reason)| RiskFactor {
            name: (*name).into(),
            points,
            reason: reason.into(),
        })
        .collect();
    let score = factors
        .iter()
        .map(|factor| factor.points)
        .fold(0, u8::saturating_add)
        .min(100);
    Risk {
        score,
        factors: factors.into(),
    }
}

fn exposure(finding: &Finding, setting: &Setting<'_>, asset: Option<&Asset>) -> (Exposure, String) {
    let (exposure, reason) = bare_exposure(finding, setting);
    let control = asset.and_then(|asset| asset.control_for(finding));
    match control {
        Some(control) if exposure > Exposure::Local => {
            (Exposure::Local, format!("{reason}, but {}", control.reason))
        }
        _ => (exposure, reason),
    }
}

fn bare_exposure(finding: &Finding, setting: &Setting<'_>) -> (Exposure, String) {
    let category = finding.category.as_str();
    if NETWORK_SURFACES.contains(&category) {
        return (Exposure::Network, "reachable over the network".to_owned());
    }
    if let Some(technique) = technique_among(finding, &["T1190", "T1133"]) {
        let reason = format!("{technique}: is offered to strangers");
        return (Exposure::Network, reason);
    }
    if finding.location.host.is_some()
        && let Some(port) = finding.location.subject.as_deref().and_then(seen_port)
    {
        let reason = format!("seen over the network on port {port}");
        return (Exposure::Network, reason);
    }
    if let Some(component) = &finding.component
        && let Some(socket) = setting.exposed.get(component.name.as_str())
    {
        let reason = format!("a program of {} listens on {socket}", component.name);
        return (Exposure::Network, reason);
    }
    if let Some(vector) = attack_vector(finding) {
        return match vector {
            AttackVector::Network => (
                Exposure::Possible,
                "usable over the network where it is exposed".to_owned(),
            ),
            AttackVector::Adjacent => (
                Exposure::Possible,
                "usable from the same network segment where it is exposed".to_owned(),
            ),
            AttackVector::Local => (Exposure::Local, "usable by local accounts".to_owned()),
            AttackVector::Physical => (Exposure::None, String::new()),
        };
    }
    if LOCAL_SURFACES.contains(&category) {
        return (Exposure::Local, "reachable by local accounts".to_owned());
    }
    (Exposure::None, String::new())
}

/// The port that a scanner names as `tcp/443`, `443/tcp` or `host:443`; a number alone is none.
fn seen_port(subject: &str) -> Option<&str> {
    let words = || subject.split(|c: char| !c.is_ascii_alphanumeric());
    let is_named = words().any(|word| matches!(word, "tcp" | "udp"));
    let after_colon = subject.rsplit_once(':').map(|(_, port)| port);
    match after_colon {
        Some(port) if port.parse::<u16>().is_ok_and(|port| port > 0) => Some(port),
        _ if is_named => port_of(subject),
        _ => None,
    }
}

/// From where the vulnerability can be used, by the best vector.
fn attack_vector(finding: &Finding) -> Option<AttackVector> {
    vector_facts(finding).map(|(vector, _)| vector)
}

/// Attack vector, and whether it needs neither account nor help.
fn vector_facts(finding: &Finding) -> Option<(AttackVector, bool)> {
    let enriched = finding
        .enrichment
        .as_ref()
        .and_then(|it| base_score(&it.cvss.as_ref()?.vector));
    let base = match enriched {
        Some(base) => base,
        None => best(&finding.vulnerability.as_ref()?.cvss)?.1,
    };
    Some((base.attack_vector, base.unaided))
}

fn privilege(finding: &Finding) -> (bool, String) {
    if let Some((technique, effect)) = entry_technique(finding) {
        return (true, format!("{technique}: {effect}"));
    }
    if let Some(word) = says(finding, &TAKEOVER) {
        return (true, format!("{word}, says {}", finding.source.tool));
    }
    match vector_facts(finding) {
        Some((AttackVector::Network, true)) => (
            true,
            "needs neither an account nor a person's help".to_owned(),
        ),
        _ => (false, String::new()),
    }
}

/// The first of these techniques that the finding's source names, by main number.
fn technique_among<'a>(finding: &'a Finding, wanted: &[&str]) -> Option<&'a str> {
    let attack = finding
        .references
        .iter()
        .filter(|reference| reference.kind == ReferenceKind::Attack);
    attack
        .map(|reference| reference.id.as_str())
        .find(|id| wanted.contains(&id.split('.').next().unwrap_or_default()))
}

fn entry_technique(finding: &Finding) -> Option<(&str, &'static str)> {
    let own = finding
        .references
        .iter()
        .filter(|r| r.kind == ReferenceKind::Attack)
        .map(|reference| &reference.id);
    own.into_iter().find_map(|id| {
        let main = id.split('.').next().unwrap_or_default();
        let (_, effect) = ENTRY_TECHNIQUES.iter().find(|(known, _)| *known == main)?;
        Some((id.as_str(), *effect))
    })
}

fn exploitation(finding: &Finding) -> (Exploitation, String) {
    let enrichment = finding.enrichment.as_deref();
    let vulnerability = finding.vulnerability.as_deref();
    if let Some(kev) = enrichment.and_then(|it| it.kev.as_deref()) {
        let more = if kev.ransomware {
            ", by ransomware"
        } else {
            ""
        };
        let reason = format!("in CISA's catalogue since {}{more}", kev.added);
        return (Exploitation::Known, reason);
    }
    let status = enrichment.and_then(|it| it.exploitation.as_deref());
    if status == Some("active") {
        return (Exploitation::Known, "exploited, says CISA".to_owned());
    }
    if vulnerability.and_then(|it| it.exploited) == Some(true) {
        let reason = format!("exploited, says {}", finding.source.tool);
        return (Exploitation::Known, reason);
    }
    if finding.category == "threat" {
        let reason = format!("signs of an attack, says {}", finding.source.tool);
        return (Exploitation::Known, reason);
    }
    let epss = enrichment
        .and_then(|it| it.epss.as_ref())
        .map(|epss| epss.probability)
        .or(vulnerability.and_then(|it| it.epss));
    let by_epss = match epss {
        Some(p) if p >= 0.5 => Exploitation::Expected,
        Some(p) if p >= 0.1 => Exploitation::Likely,
        Some(p) if p >= 0.01 => Exploitation::Unlikely,
        _ => Exploitation::None,
    };
    if status == Some("poc") && by_epss <= Exploitation::Likely {
        return (Exploitation::Likely, "an exploit is public".to_owned());
    }
    if by_epss <= Exploitation::Likely
        && let Some(reason) = needs_no_exploit(finding)
    {
        return (Exploitation::Likely, reason);
    }
    let reason = epss.map(|p| format!("EPSS {p:.3}")).unwrap_or_default();
    (by_epss, reason)
}

/// The first of these words that stands in the finding's title.
fn says(finding: &Finding, words: &[&'static str]) -> Option<&'static str> {
    // Remarks on configuration name attacks that they are about, not attacks that are possible.
    if !matches!(
        finding.category.as_str(),
        "vulnerability" | "web" | "network" | "packages"
    ) {
        return None;
    }
    let title = finding.title.to_lowercase();
    words.iter().copied().find(|word| title.contains(word))
}

/// Weaknesses that are used without anybody's exploit: credentials that lie open, and the injections
/// that every attack tool tries by itself.
fn needs_no_exploit(finding: &Finding) -> Option<String> {
    if matches!(finding.category.as_str(), "secret" | "secrets") {
        return Some("whoever reads it can use it".to_owned());
    }
    if let Some(word) = says(finding, &READY) {
        return Some(format!("a {word} needs no exploit"));
    }
    if finding.category != "web" || finding.severity < Severity::High {
        return None;
    }
    let cwes = finding
        .references
        .iter()
        .filter(|reference| reference.kind == ReferenceKind::Cwe);
    cwes.map(|reference| reference.id.as_str())
        .find(|id| INJECTIONS.contains(id))
        .map(|id| format!("{id}: attack tools try it by themselves"))
}

fn asset_reason(asset: Option<&Asset>) -> String {
    match asset {
        None => "not in the inventory, taken as normal".to_owned(),
        Some(asset) if asset.role.is_empty() => asset.value.as_str().to_owned(),
        Some(asset) => format!("{} ({})", asset.value.as_str(), asset.role),
    }
}

fn confidence(finding: &Finding) -> (Confidence, String) {
    if let Some(merged) = &finding.merged {
        let tools: BTreeSet<&str> = merged
            .records
            .iter()
            .map(|record| record.source.tool.as_str())
            .collect();
        if tools.len() > 1 {
            return (Confidence::Sure, format!("{} tools agree", tools.len()));
        }
    }
    if finding.source.tool.as_str() == "casemate" {
        return (Confidence::Sure, "read from the host itself".to_owned());
    }
    let word = finding
        .evidence
        .iter()
        .find(|item| item.name.eq_ignore_ascii_case("confidence"))
        .map(|item| item.value.to_lowercase());
    match word.as_deref() {
        Some("low" | "tentative" | "false positive" | "unknown" | "possible") => {
            (Confidence::Doubtful, String::new())
        }
        _ => (
            Confidence::OneTool,
            format!("{} says so", finding.source.tool),
        ),
    }
}

/// Gives each finding its risk and puts the highest first; equal risks are ordered by id, so the
/// ranking does not depend on the order in which the findings came.
pub fn rank(report: &mut Report) {
    rank_on(report, None);
}

/// As [`rank`], with what the site says of its hosts.
pub fn rank_on(report: &mut Report, site: Option<&Site>) {
    let risks = risks(report, site);
    for (finding, risk) in report.findings.iter_mut().zip(risks) {
        finding.risk = Some(risk);
    }
    sort_by_risk(&mut report.findings);
}

/// The risk of each finding of a report, in the findings' order.
#[must_use]
pub fn risks(report: &Report, site: Option<&Site>) -> Vec<Risk> {
    let setting = Setting {
        site,
        host: report.host.name.as_deref(),
        exposed: report
            .graph
            .as_deref()
            .map(exposed_packages)
            .unwrap_or_default(),
    };
    // Most findings of a large report have the same factors: they share them.
    let mut known: BTreeMap<String, Arc<[RiskFactor]>> = BTreeMap::new();
    let findings = report.findings.iter();
    findings
        .map(|finding| {
            let mut risk = risk_in(finding, &setting);
            let key: String = risk
                .factors
                .iter()
                .map(|factor| format!("{} {} {}\n", factor.name, factor.points, factor.reason))
                .collect();
            risk.factors = known.entry(key).or_insert(risk.factors).clone();
            risk
        })
        .collect()
}

/// Puts the highest risk first; of equal ones the worse severity, then the smaller id.
pub fn sort_by_risk(findings: &mut [Finding]) {
    let score = |finding: &Finding| finding.risk.as_ref().map_or(0, |risk| risk.score);
    findings.sort_by(|a, b| {
        score(b)
            .cmp(&score(a))
            .then(b.severity.cmp(&a.severity))
            .then_with(|| a.id.cmp(&b.id))
    });
}

#[cfg(test)]
mod tests;
