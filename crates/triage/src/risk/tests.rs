//! A golden table, and that the score grows with each of its quantities.

use super::*;
use casemate_schema::{
    Component, Cvss, EdgeKind, Enrichment, EpssScore, FindingState, GraphEdge, GraphNode,
    HostGraph, KevEntry, NodeKind, Reference, Source, Vulnerability,
};
use proptest::prelude::*;

fn finding(severity: Severity, category: &str, technique: Option<&str>) -> Finding {
    let references = technique
        .map(|id| Reference {
            kind: ReferenceKind::Attack,
            id: id.into(),
        })
        .into_iter()
        .collect();
    Finding {
        id: format!("{category}-x:{}", severity.as_str()).into(),
        title: "t".into(),
        category: category.into(),
        severity,
        source: Source {
            tool: "casemate".into(),
            check: "x".into(),
            ..Source::default()
        },
        references,
        ..Finding::default()
    }
}

fn vulnerable(severity: Severity, vector: &str, kev: bool, epss: f64) -> Finding {
    let mut out = finding(severity, "packages", None);
    out.component = Some(Box::new(Component {
        name: "openssl".into(),
        ..Component::default()
    }));
    out.vulnerability = Some(Box::new(Vulnerability {
        id: "CVE-2030-0001".into(),
        cvss: vec![Cvss {
            vector: Some(vector.into()),
            ..Cvss::default()
        }],
        ..Vulnerability::default()
    }));
    out.enrichment = Some(Box::new(Enrichment {
        kev: kev.then(|| {
            Box::new(KevEntry {
                added: "2024-01-01".into(),
                ..KevEntry::default()
            })
        }),
        epss: Some(EpssScore {
            probability: epss,
            ..EpssScore::default()
        }),
        ..Enrichment::default()
    }));
    out
}

const REMOTE: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const LOCAL: &str = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H";

#[test]
fn golden_table() {
    for (case, finding, expected) in [
        ("a remark", finding(Severity::Info, "boot", None), 9),
        ("kernel setting", finding(Severity::Low, "kernel", None), 17),
        ("ssh setting", finding(Severity::Medium, "ssh", None), 48),
        (
            "sudo rule",
            finding(Severity::High, "sudo", Some("T1548.003")),
            50,
        ),
        (
            "open service",
            finding(Severity::Critical, "sockets", Some("T1190")),
            72,
        ),
        (
            "critical, remote, nobody uses it",
            vulnerable(Severity::Critical, REMOTE, false, 0.001),
            61,
        ),
        (
            "high, local, exploited",
            vulnerable(Severity::High, LOCAL, true, 0.001),
            65,
        ),
        (
            "high, remote, exploited",
            vulnerable(Severity::High, REMOTE, true, 0.9),
            73,
        ),
        (
            "medium, remote, expected",
            vulnerable(Severity::Medium, REMOTE, false, 0.6),
            56,
        ),
    ] {
        let risk = risk_of(&finding);
        assert_eq!(risk.score, expected, "{case}: {:?}", risk.factors);
        let sum: u8 = risk.factors.iter().map(|factor| factor.points).sum();
        assert_eq!(sum, expected, "the factors add up");
    }
}

#[test]
fn the_inventory_and_the_graph_count() {
    let site = Site {
        hosts: vec![Asset {
            host: "db*".to_owned(),
            value: AssetValue::Critical,
            role: "database".to_owned(),
            compensating_controls: vec![crate::site::CompensatingControl {
                categories: vec!["ssh".to_owned()],
                reason: "only the bastion reaches it".to_owned(),
                ..crate::site::CompensatingControl::default()
            }],
            ..Asset::default()
        }],
    };
    let setting = |host| Setting {
        site: Some(&site),
        host: Some(host),
        exposed: BTreeMap::from([("openssl".to_owned(), "tcp:0.0.0.0:443".to_owned())]),
    };
    let remote = vulnerable(Severity::High, REMOTE, false, 0.0);
    let (bare, known) = (risk_of(&remote), risk_in(&remote, &setting("db1")));
    assert_eq!(known.score, bare.score + 11 + 5, "listens, and is critical");
    let ssh = finding(Severity::Medium, "ssh", None);
    assert_eq!(risk_in(&ssh, &setting("web1")).score, 48);
    assert_eq!(
        risk_in(&ssh, &setting("db1")).score,
        48 + 5 - 14,
        "protected, but critical"
    );
}

#[test]
fn what_is_new_counts_more() {
    let mut one = finding(Severity::Medium, "kernel", None);
    let before = risk_of(&one).score;
    one.state = Some(Box::new(FindingState {
        seen: 1,
        ..FindingState::default()
    }));
    assert_eq!(risk_of(&one).score, before + 3);
}

#[test]
fn a_package_is_exposed_when_its_program_listens() {
    let node = |id: &str, kind| GraphNode {
        id: id.into(),
        kind,
        label: id.into(),
    };
    let edge = |from: &str, to: &str, kind| GraphEdge {
        from: from.into(),
        to: to.into(),
        kind,
        fact: "seen".into(),
        ..GraphEdge::default()
    };
    let graph = HostGraph {
        nodes: vec![
            node("file:/usr/sbin/nginx", NodeKind::File),
            node("network", NodeKind::Network),
            node("package:deb:nginx", NodeKind::Package),
            node("process:nginx:www", NodeKind::Process),
            node("socket:tcp:0.0.0.0:80", NodeKind::Socket),
        ],
        edges: vec![
            edge("network", "socket:tcp:0.0.0.0:80", EdgeKind::Reaches),
            edge("package:deb:nginx", "file:/usr/sbin/nginx", EdgeKind::Owns),
            edge(
                "process:nginx:www",
                "file:/usr/sbin/nginx",
                EdgeKind::Executes,
            ),
            edge(
                "process:nginx:www",
                "socket:tcp:0.0.0.0:80",
                EdgeKind::Listens,
            ),
        ],
        limits: Vec::new(),
    };
    let exposed = exposed_packages(&graph);
    assert_eq!(
        exposed,
        BTreeMap::from([("nginx".to_owned(), "tcp:0.0.0.0:80".to_owned())])
    );
}

fn quantities() -> impl Strategy<Value = Quantities> {
    (
        0_usize..5,
        0_usize..4,
        any::<bool>(),
        0_usize..5,
        0_usize..4,
        any::<bool>(),
        0_usize..3,
    )
        .prop_map(
            |(severity, exposure, privilege, exploited, asset, novel, sure)| Quantities {
                severity: Severity::ALL[severity],
                exposure: EXPOSURES[exposure],
                privilege,
                exploitation: EXPLOITATIONS[exploited],
                asset: ASSETS[asset],
                novel,
                confidence: CONFIDENCES[sure],
            },
        )
}

const EXPOSURES: [Exposure; 4] = [
    Exposure::None,
    Exposure::Local,
    Exposure::Possible,
    Exposure::Network,
];
const EXPLOITATIONS: [Exploitation; 5] = [
    Exploitation::None,
    Exploitation::Unlikely,
    Exploitation::Likely,
    Exploitation::Expected,
    Exploitation::Known,
];
const ASSETS: [AssetValue; 4] = [
    AssetValue::Low,
    AssetValue::Normal,
    AssetValue::High,
    AssetValue::Critical,
];
const CONFIDENCES: [Confidence; 3] = [Confidence::Doubtful, Confidence::OneTool, Confidence::Sure];

fn sum(quantities: Quantities) -> u32 {
    quantities
        .points()
        .iter()
        .map(|points| u32::from(*points))
        .sum()
}

proptest! {
    #[test]
    fn the_score_grows_with_each_quantity(a in quantities(), b in quantities(), which in 0_u8..7) {
        let mut other = a;
        let grows = match which {
            0 => { other.severity = b.severity; a.severity.cmp(&b.severity) }
            1 => { other.exposure = b.exposure; a.exposure.cmp(&b.exposure) }
            2 => { other.privilege = b.privilege; a.privilege.cmp(&b.privilege) }
            3 => { other.exploitation = b.exploitation; a.exploitation.cmp(&b.exploitation) }
            4 => { other.asset = b.asset; a.asset.cmp(&b.asset) }
            5 => { other.novel = b.novel; a.novel.cmp(&b.novel) }
            _ => { other.confidence = b.confidence; a.confidence.cmp(&b.confidence) }
        };
        prop_assert_eq!(sum(a).cmp(&sum(other)), grows);
        prop_assert!(sum(a) <= 100);
    }
}
