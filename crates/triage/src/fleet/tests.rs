//! Small fleets with one planted peculiarity each.

use super::*;
use casemate_schema::{Finding, Location, Risk, ScanInfo, Source};

fn finding(check: &str, subject: &str, category: &str, score: u8) -> Finding {
    Finding {
        id: format!("{check}:{subject}").into(),
        category: category.into(),
        source: Source {
            check: check.into(),
            ..Source::default()
        },
        location: Location {
            subject: Some(subject.into()),
            ..Location::default()
        },
        risk: Some(Risk {
            score,
            factors: Vec::new().into(),
        }),
        ..Finding::default()
    }
}

fn report(host: &str, day: i64, findings: Vec<Finding>) -> (Report, i64) {
    let report = Report {
        host: casemate_schema::Host {
            name: Some(host.to_owned()),
            ..casemate_schema::Host::default()
        },
        scan: ScanInfo {
            started_at: format!("2026-01-{:02}T00:00:00Z", day + 1),
            ..ScanInfo::default()
        },
        findings,
        ..Report::default()
    };
    (report, day * 86_400)
}

fn fleet(reports: &[(Report, i64)]) -> FleetReport {
    let take = |order: &mut dyn Iterator<Item = &(Report, i64)>| {
        let mut fleet = Fleet::new(None);
        order.for_each(|(report, at_s)| fleet.add(report, *at_s));
        fleet.finish()
    };
    let forward = take(&mut reports.iter());
    assert_eq!(forward, take(&mut reports.iter().rev()), "order");
    forward
}

#[test]
fn the_host_that_stands_out_is_named() {
    let mut reports: Vec<_> = (0..9_u8)
        .map(|n| {
            let findings = (0..5 + n % 3).map(|k| finding("c", &k.to_string(), "ssh", 40));
            report(&format!("h{n}"), 0, findings.collect())
        })
        .collect();
    assert!(fleet(&reports).top_outlier_hosts.is_empty());
    let many = (0..60_u8).map(|k| finding("c", &k.to_string(), "ssh", 40));
    reports.push(report("odd", 0, many.collect()));
    let found = fleet(&reports);
    let first = found.top_outlier_hosts.first().expect("outlier");
    assert_eq!(first.host_id, "odd");
    assert!(first.z > OUTLIER_Z);
    assert_eq!(found.host_count, 10);
    assert_eq!(
        found.rare_findings.len(),
        LIST_MAX,
        "53 of one host alone, 50 shown"
    );
}

#[test]
fn few_hosts_are_not_compared() {
    let reports = [report("a", 0, vec![finding("c", "x", "ssh", 90)])];
    let found = fleet(&reports);
    assert!(found.top_outlier_hosts.is_empty() && found.rare_findings.is_empty());
    assert_eq!(found.remarks.len(), 2);
    assert_eq!(fleet(&[]).host_count, 0);
}

#[test]
fn what_becomes_common_and_what_spreads_are_told_apart() {
    let evil = || finding("modules-unsigned", "evil", "modules", 60);
    let update = || finding("packages-old", "libx", "packages", 30);
    let mut reports = Vec::new();
    for n in 0..5_i64 {
        let host = format!("h{n}");
        reports.push(report(&host, 0, Vec::new()));
        let mut later = vec![update()];
        if n < 3 {
            later.push(evil());
        }
        // The module arrives day after day, the update everywhere on the same day.
        let day = if n < 3 { n + 1 } else { 1 };
        reports.push(report(&host, day, later));
    }
    let found = fleet(&reports);
    let modules: Vec<&str> = found
        .newly_common_modules
        .iter()
        .map(|common| common.module.as_str())
        .collect();
    assert_eq!(modules, ["modules-unsigned evil"]);
    assert_eq!(
        found.newly_common_findings.first().map(|it| it.host_count),
        Some(5)
    );
    let path = found
        .propagation
        .iter()
        .find(|it| it.finding == "modules-unsigned evil")
        .map(|it| {
            it.path
                .iter()
                .map(|(host, _)| host.as_str())
                .collect::<Vec<_>>()
        });
    assert_eq!(path, Some(vec!["h0", "h1", "h2"]));
}

#[test]
fn the_worth_of_a_host_orders_what_counts() {
    let site = crate::Site {
        hosts: vec![crate::Asset {
            host: "db".to_owned(),
            value: crate::AssetValue::Critical,
            ..crate::Asset::default()
        }],
    };
    let mut fleet = Fleet::new(Some(&site));
    for (host, score) in [("db", 50), ("web", 80)] {
        let (report, at_s) = report(host, 0, vec![finding("c", "x", "ssh", score)]);
        fleet.add(&report, at_s);
    }
    let hosts: Vec<_> = fleet.finish().hosts;
    let order: Vec<(&str, u64)> = hosts
        .iter()
        .map(|it| (it.host.as_str(), it.impact))
        .collect();
    assert_eq!(order, [("db", 200), ("web", 160)]);
}
