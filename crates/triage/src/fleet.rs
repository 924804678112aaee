//! Many hosts side by side: who stands out, what has become common, what spreads.
//!
//! Reports are taken one after the other and only a few numbers and keys of each are kept, so the
//! memory grows with hosts and findings, not with their texts. A finding is the same on two hosts
//! when check, path and subject are the same. Every figure needs hosts to compare with: with fewer
//! than `HOSTS_MIN` hosts nobody stands out, and the report says so.
//!
//! Outliers: the modified z-score (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993),
//! `0.6745 (x - median) / MAD`, at least 3.5; where more than half of the hosts agree the MAD is zero
//! and the mean absolute deviation stands in, `(x - median) / (1.2533 MeanAD)`.

use casemate_base::hash;
use casemate_schema::{Report, Text};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Fewest hosts that are compared.
const HOSTS_MIN: usize = 5;
/// Fewest hosts that make something common or spreading.
const SPREAD_MIN: usize = 3;
/// Modified z-score from which a host stands out.
const OUTLIER_Z: f64 = 3.5;
/// Least difference from the median: where most hosts have none, one finding is not remarkable.
const DIFFERENCE_MIN: f64 = 3.0;
/// Most entries of each list.
const LIST_MAX: usize = 50;
/// Days within which something has to reach several hosts to be said to spread.
const SPREAD_DAYS: i64 = 14;

/// What a fleet of hosts looks like.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FleetReport {
    /// The newest report's time.
    pub as_of: String,
    /// Hosts.
    pub host_count: u64,
    /// Reports.
    pub report_count: u64,
    /// Findings of the newest report of each host.
    pub finding_count: u64,
    /// Mean of the hosts' risk, the sum of their findings' scores.
    pub metric_mean: f64,
    /// Its standard deviation.
    pub metric_std: f64,
    /// Hosts that stand out, most first.
    pub top_outlier_hosts: Vec<Outlier>,
    /// Kernel modules and other findings that few hosts had and several have now.
    pub newly_common_modules: Vec<Common>,
    /// As above, of all other findings.
    pub newly_common_findings: Vec<Common>,
    /// Findings that appeared on one host after the other.
    pub propagation: Vec<Propagation>,
    /// Findings of one host alone, most urgent first.
    pub rare_findings: Vec<Common>,
    /// How many hosts lie in each range of risk.
    pub risk_distribution: Vec<RiskRange>,
    /// The hosts by business impact: risk times the worth of the host.
    pub hosts: Vec<HostLine>,
    /// What could not be said, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// A host that stands out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlier {
    /// The host.
    pub host_id: String,
    /// What it stands out in: `risk`, `findings`, `findings:ssh` ...
    pub metric: String,
    /// Its value.
    pub value: f64,
    /// The median of all hosts.
    pub median: f64,
    /// The modified z-score.
    pub z: f64,
    /// The report's time.
    pub ts: String,
}

/// Something that several hosts have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Common {
    /// The module, or check and subject.
    pub module: String,
    /// Hosts that have it.
    pub host_count: u64,
    /// Their names, sorted, at most fifty.
    pub hosts: Vec<String>,
}

/// Something that appeared on one host after the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Propagation {
    /// Check and subject.
    pub finding: String,
    /// Host and time, in the order of time.
    pub path: Vec<(String, String)>,
}

/// Hosts in a range of risk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RiskRange {
    /// The highest score among a host's findings: `0-19`, `20-39` ...
    pub range: String,
    /// Hosts.
    pub count: u64,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostLine {
    /// The host.
    pub host: String,
    /// When it was scanned last.
    pub ts: String,
    /// Findings.
    pub findings: u64,
    /// The highest score among them.
    pub risk_max: u8,
    /// The sum of their scores.
    pub risk_sum: u64,
    /// Attack paths and rules that hold.
    pub chains: u64,
    /// `low`, `normal`, `high` or `critical`, by the inventory.
    pub value: String,
    /// Risk of the worst chain or finding times worth (low 1, normal 2, high 3, critical 4).
    pub impact: u64,
}

/// A finding's key and what is kept of it.
type Key = u64;

/// What is kept of one report.
#[derive(Debug)]
struct Seen {
    at: String,
    at_s: i64,
    keys: BTreeSet<Key>,
    by_category: BTreeMap<Text, u64>,
    line: HostLine,
}

/// Takes reports one after the other.
#[derive(Debug, Default)]
pub struct Fleet<'a> {
    site: Option<&'a crate::Site>,
    hosts: BTreeMap<String, Vec<Seen>>,
    names: BTreeMap<Key, (String, bool, u8)>,
    n_reports: u64,
}

impl<'a> Fleet<'a> {
    /// A fleet whose hosts are worth what the inventory says.
    #[must_use]
    pub fn new(site: Option<&'a crate::Site>) -> Self {
        Self {
            site,
            ..Self::default()
        }
    }

    /// Takes a ranked report with its time in seconds since 1970. A report about several hosts
    /// counts for each of them.
    pub fn add(&mut self, report: &Report, at_s: i64) {
        self.n_reports += 1;
        let own = report.host.name.clone().unwrap_or_default();
        let mut by_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        if !own.is_empty() || report.findings.is_empty() {
            by_host.entry(&own).or_default();
        }
        for (at, finding) in report.findings.iter().enumerate() {
            let host = finding.location.host.as_deref().unwrap_or(&own);
            by_host.entry(host).or_default().push(at);
        }
        for (host, findings) in by_host {
            let host = if host.is_empty() { "unnamed" } else { host };
            let seen = self.seen(report, at_s, host, &findings);
            self.hosts.entry(host.to_owned()).or_default().push(seen);
        }
    }

    fn seen(&mut self, report: &Report, at_s: i64, host: &str, findings: &[usize]) -> Seen {
        let asset = self.site.and_then(|site| site.asset(Some(host)));
        let value = asset.map_or(crate::AssetValue::Normal, |asset| asset.value);
        let case = report.case.as_ref();
        let chains = case.map_or(0, |case| case.chains.len() as u64);
        let mut out = Seen {
            at: report.scan.started_at.clone(),
            at_s,
            keys: BTreeSet::new(),
            by_category: BTreeMap::new(),
            line: HostLine {
                host: host.to_owned(),
                ts: report.scan.started_at.clone(),
                findings: findings.len() as u64,
                risk_max: 0,
                risk_sum: 0,
                chains,
                value: value.as_str().to_owned(),
                impact: 0,
            },
        };
        for finding in findings.iter().filter_map(|at| report.findings.get(*at)) {
            let score = finding.risk.as_ref().map_or(0, |risk| risk.score);
            out.line.risk_max = out.line.risk_max.max(score);
            out.line.risk_sum += u64::from(score);
            *out.by_category.entry(finding.category.clone()).or_default() += 1;
            let subject = finding.location.subject.as_deref();
            let path = finding.location.path.as_deref();
            let mut name = finding.source.check.to_string();
            for part in [path, subject].into_iter().flatten() {
                name.push(' ');
                name.push_str(part);
            }
            let key = hash::blake3(name.as_bytes())
                .as_bytes()
                .first_chunk::<8>()
                .copied();
            let key = u64::from_le_bytes(key.unwrap_or_default());
            let is_module = finding.category == "modules";
            let known = self.names.entry(key).or_insert((name, is_module, score));
            known.2 = known.2.max(score);
            out.keys.insert(key);
        }
        let worst_chain = case.and_then(|case| case.chains.iter().map(|chain| chain.risk).max());
        let worst = out.line.risk_max.max(worst_chain.unwrap_or(0));
        out.line.impact = u64::from(worst) * (value as u64 + 1);
        out
    }

    /// What the fleet looks like. The order in which reports were taken counts for nothing.
    #[must_use]
    pub fn finish(mut self) -> FleetReport {
        for reports in self.hosts.values_mut() {
            reports.sort_by(|a, b| (a.at_s, &a.at, &a.keys).cmp(&(b.at_s, &b.at, &b.keys)));
        }
        let newest: Vec<&Seen> = self.hosts.values().filter_map(|seen| seen.last()).collect();
        let risks: Vec<f64> = newest
            .iter()
            .map(|seen| float(seen.line.risk_sum))
            .collect();
        let (metric_mean, metric_std) = moments(&risks);
        let mut remarks = Vec::new();
        if newest.len() < HOSTS_MIN {
            remarks.push(format!(
                "nobody can stand out among fewer than {HOSTS_MIN} hosts"
            ));
        }
        if self.hosts.values().all(|reports| reports.len() < 2) {
            remarks.push("one report a host: what is new or spreads needs a second one".to_owned());
        }
        let common = self.newly_common();
        let (modules, findings) = common.into_iter().partition(|(is_module, _)| *is_module);
        let lines = |list: Vec<(bool, Common)>| list.into_iter().map(|(_, it)| it).collect();
        let mut hosts: Vec<HostLine> = newest.iter().map(|seen| seen.line.clone()).collect();
        hosts.sort_by(|a, b| {
            let by = (b.impact, b.risk_sum).cmp(&(a.impact, a.risk_sum));
            by.then_with(|| a.host.cmp(&b.host))
        });
        FleetReport {
            as_of: newest
                .iter()
                .map(|seen| seen.at.clone())
                .max()
                .unwrap_or_default(),
            host_count: newest.len() as u64,
            report_count: self.n_reports,
            finding_count: newest.iter().map(|seen| seen.line.findings).sum(),
            metric_mean,
            metric_std,
            top_outlier_hosts: outliers(&newest),
            newly_common_modules: lines(modules),
            newly_common_findings: lines(findings),
            propagation: self.propagation(),
            rare_findings: self.rare(),
            risk_distribution: distribution(&newest),
            hosts,
            remarks,
        }
    }

    /// What at least three hosts have in their newest report and did not have in their first.
    fn newly_common(&self) -> Vec<(bool, Common)> {
        let mut now: BTreeMap<Key, Vec<&str>> = BTreeMap::new();
        for (host, reports) in &self.hosts {
            let (Some(first), Some(last)) = (reports.first(), reports.last()) else {
                continue;
            };
            for key in last.keys.difference(&first.keys) {
                now.entry(*key).or_default().push(host);
            }
        }
        now.retain(|_, hosts| hosts.len() >= SPREAD_MIN);
        self.listed(&now)
    }

    /// What one host of at least [`HOSTS_MIN`] has alone, most urgent first.
    fn rare(&self) -> Vec<Common> {
        if self.hosts.len() < HOSTS_MIN {
            return Vec::new();
        }
        let mut now: BTreeMap<Key, Vec<&str>> = BTreeMap::new();
        for (host, reports) in &self.hosts {
            for key in reports.last().iter().flat_map(|seen| &seen.keys) {
                now.entry(*key).or_default().push(host);
            }
        }
        now.retain(|_, hosts| hosts.len() == 1);
        let mut all: Vec<(u8, Common)> = now
            .iter()
            .filter_map(|(key, hosts)| {
                let (name, _, score) = self.names.get(key)?;
                Some((*score, common(name, hosts)))
            })
            .collect();
        all.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.module.cmp(&y.module)));
        all.truncate(LIST_MAX);
        all.into_iter().map(|(_, it)| it).collect()
    }

    fn listed(&self, found: &BTreeMap<Key, Vec<&str>>) -> Vec<(bool, Common)> {
        let mut out: Vec<(bool, Common)> = found
            .iter()
            .filter_map(|(key, hosts)| {
                let (name, is_module, _) = self.names.get(key)?;
                Some((*is_module, common(name, hosts)))
            })
            .collect();
        out.sort_by(|(_, a), (_, b)| {
            let by = b.host_count.cmp(&a.host_count);
            by.then_with(|| a.module.cmp(&b.module))
        });
        out.truncate(LIST_MAX);
        out
    }

    /// What appeared (after the host's first report) on three hosts or more within two weeks.
    fn propagation(&self) -> Vec<Propagation> {
        let mut arrivals: BTreeMap<Key, Vec<(i64, &str, &str)>> = BTreeMap::new();
        for (host, reports) in &self.hosts {
            let mut known: BTreeSet<Key> = reports
                .first()
                .map(|seen| seen.keys.clone())
                .unwrap_or_default();
            for seen in reports.iter().skip(1) {
                for key in seen.keys.iter().filter(|key| known.insert(**key)) {
                    let arrival = (seen.at_s, seen.at.as_str(), host.as_str());
                    arrivals.entry(*key).or_default().push(arrival);
                }
            }
        }
        let mut out: Vec<Propagation> = Vec::new();
        for (key, mut path) in arrivals {
            path.sort_unstable();
            let first = path.first().map_or(0, |(at_s, _, _)| *at_s);
            path.retain(|(at_s, _, _)| at_s - first <= SPREAD_DAYS * 86_400);
            let times: BTreeSet<i64> = path.iter().map(|(at_s, _, _)| *at_s).collect();
            // All at once is an update, not a spread.
            if path.len() < SPREAD_MIN || times.len() < 2 {
                continue;
            }
            if let Some((name, _, _)) = self.names.get(&key) {
                out.push(Propagation {
                    finding: name.clone(),
                    path: path
                        .iter()
                        .map(|(_, at, host)| ((*host).to_owned(), (*at).to_owned()))
                        .collect(),
                });
            }
        }
        out.sort_by(|a, b| {
            let by = b.path.len().cmp(&a.path.len());
            by.then_with(|| a.finding.cmp(&b.finding))
        });
        out.truncate(LIST_MAX);
        out
    }
}

fn common(name: &str, hosts: &[&str]) -> Common {
    Common {
        module: name.to_owned(),
        host_count: hosts.len() as u64,
        hosts: hosts
            .iter()
            .take(LIST_MAX)
            .map(|host| (*host).to_owned())
            .collect(),
    }
}

/// Hosts that stand out in their risk, number of findings, or findings of one category.
fn outliers(newest: &[&Seen]) -> Vec<Outlier> {
    if newest.len() < HOSTS_MIN {
        return Vec::new();
    }
    let mut metrics: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let all = |of: &dyn Fn(&Seen) -> u64| newest.iter().map(|seen| float(of(seen))).collect();
    metrics.insert("risk".to_owned(), all(&|seen| seen.line.risk_sum));
    metrics.insert("findings".to_owned(), all(&|seen| seen.line.findings));
    let categories: BTreeSet<&Text> = newest.iter().flat_map(|s| s.by_category.keys()).collect();
    for category in categories {
        let of = |seen: &Seen| seen.by_category.get(category).copied().unwrap_or(0);
        metrics.insert(format!("findings:{category}"), all(&of));
    }
    let mut out = Vec::new();
    for (metric, values) in metrics {
        let (median, scale) = robust(&values);
        if scale <= 0.0 {
            continue;
        }
        for (seen, value) in newest.iter().zip(&values) {
            let z = (value - median) / scale;
            if z >= OUTLIER_Z && value - median >= DIFFERENCE_MIN {
                out.push(Outlier {
                    host_id: seen.line.host.clone(),
                    metric: metric.clone(),
                    value: *value,
                    median,
                    z: (z * 100.0).round() / 100.0,
                    ts: seen.at.clone(),
                });
            }
        }
    }
    out.sort_by(|a, b| {
        b.z.total_cmp(&a.z)
            .then_with(|| (&a.host_id, &a.metric).cmp(&(&b.host_id, &b.metric)))
    });
    out.truncate(LIST_MAX);
    out
}

fn distribution(newest: &[&Seen]) -> Vec<RiskRange> {
    let ranges = [(0, 19), (20, 39), (40, 59), (60, 79), (80, 100)];
    ranges
        .iter()
        .map(|(from, to)| RiskRange {
            range: format!("{from}-{to}"),
            count: newest
                .iter()
                .filter(|seen| (*from..=*to).contains(&seen.line.risk_max))
                .count() as u64,
        })
        .collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of scores lie far below 2^53"
)]
fn float(number: u64) -> f64 {
    number as f64
}

/// Mean and population standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let n = float(values.len() as u64);
    let mean = values.iter().sum::<f64>() / n;
    let square = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / n;
    (mean, square.sqrt())
}

/// The median, and the scale by which the modified z-score divides.
fn robust(values: &[f64]) -> (f64, f64) {
    let center = median(values.to_vec());
    let distances: Vec<f64> = values.iter().map(|value| (value - center).abs()).collect();
    let mean_distance = moments(&distances).0;
    let mad = median(distances);
    let scale = if mad > 0.0 {
        mad / 0.6745
    } else {
        1.2533 * mean_distance
    };
    (center, scale)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |at: usize| values.get(at).copied().unwrap_or(0.0);
    if values.len() % 2 == 1 {
        at(middle)
    } else {
        f64::midpoint(at(middle.saturating_sub(1)), at(middle))
    }
}

#[cfg(test)]
mod tests;
