//! Paths on small graphs made by hand, and properties on random ones.

use super::attach::Index;
use super::model::Model;
use super::{paths_on, search, sorted};
use casemate_base::random::{Random, Seed};
use casemate_schema::{
    Chain, Component, Cvss, EdgeKind, EdgeNeeds, Evidence, Finding, GraphEdge, GraphNode,
    HostGraph, Location, NodeKind, Report, Severity, Source, Text, Vulnerability,
};
use proptest::prelude::*;

fn kind_of(id: &str) -> NodeKind {
    match id.split(':').next().unwrap_or_default() {
        "network" => NodeKind::Network,
        "socket" => NodeKind::Socket,
        "process" => NodeKind::Process,
        "group" => NodeKind::Group,
        "file" => NodeKind::File,
        "package" => NodeKind::Package,
        "unit" => NodeKind::Unit,
        "cron" => NodeKind::Job,
        "container" => NodeKind::Container,
        "kernel" => NodeKind::Kernel,
        _ => NodeKind::User,
    }
}

fn label_of(id: &str) -> &str {
    match id {
        "group:*" => "every local account",
        "socket:tcp:0.0.0.0:80" => "tcp 0.0.0.0:80",
        _ => id.split_once(':').map_or(id, |(_, name)| name),
    }
}

fn graph(edges: &[(&str, EdgeKind, &str, Option<EdgeNeeds>)]) -> HostGraph {
    let mut graph = HostGraph::default();
    for (from, kind, to, needs) in edges {
        for id in [from, to] {
            graph.nodes.push(GraphNode {
                id: (*id).into(),
                kind: kind_of(id),
                label: label_of(id).into(),
            });
        }
        graph.edges.push(GraphEdge {
            from: (*from).into(),
            to: (*to).into(),
            kind: *kind,
            fact: format!("{from} {to}").into(),
            path: Some(label_of(to).into()),
            line: None,
            needs: *needs,
        });
    }
    graph
}

const WEAKNESS: Option<EdgeNeeds> = Some(EdgeNeeds::Weakness);

/// A web server as `www-data`, from the network to the user.
const WEB: [(&str, EdgeKind, &str, Option<EdgeNeeds>); 5] = [
    ("network", EdgeKind::Reaches, "socket:tcp:0.0.0.0:80", None),
    (
        "process:nginx:www-data",
        EdgeKind::Listens,
        "socket:tcp:0.0.0.0:80",
        WEAKNESS,
    ),
    (
        "process:nginx:www-data",
        EdgeKind::RunsAs,
        "user:www-data",
        None,
    ),
    (
        "process:nginx:www-data",
        EdgeKind::Executes,
        "file:/usr/sbin/nginx",
        None,
    ),
    (
        "package:deb:nginx",
        EdgeKind::Owns,
        "file:/usr/sbin/nginx",
        None,
    ),
];

/// The same server as root.
const ROOT_WEB: [(&str, EdgeKind, &str, Option<EdgeNeeds>); 5] = [
    ("network", EdgeKind::Reaches, "socket:tcp:0.0.0.0:80", None),
    (
        "process:nginx:root",
        EdgeKind::Listens,
        "socket:tcp:0.0.0.0:80",
        WEAKNESS,
    ),
    ("process:nginx:root", EdgeKind::RunsAs, "user:root", None),
    (
        "process:nginx:root",
        EdgeKind::Executes,
        "file:/usr/sbin/nginx",
        None,
    ),
    (
        "package:deb:nginx",
        EdgeKind::Owns,
        "file:/usr/sbin/nginx",
        None,
    ),
];

/// A job of root whose script `www-data` may write.
const JOB: [(&str, EdgeKind, &str, Option<EdgeNeeds>); 3] = [
    (
        "user:www-data",
        EdgeKind::MayWrite,
        "file:/opt/run.sh",
        None,
    ),
    (
        "cron:/etc/crontab:1",
        EdgeKind::Starts,
        "file:/opt/run.sh",
        None,
    ),
    ("cron:/etc/crontab:1", EdgeKind::RunsAs, "user:root", None),
];

fn finding(check: &str, category: &str, path: Option<&str>) -> Finding {
    Finding {
        id: format!("{check}:{}", path.unwrap_or("x")).into(),
        title: check.into(),
        category: category.into(),
        severity: Severity::Medium,
        source: Source {
            tool: "casemate".into(),
            check: check.into(),
            ..Source::default()
        },
        location: Location {
            path: path.map(Text::from),
            ..Location::default()
        },
        ..Finding::default()
    }
}

fn cve(package: &str, exploited: bool, vector: &str) -> Finding {
    Finding {
        component: Some(Box::new(Component {
            name: package.into(),
            ..Component::default()
        })),
        vulnerability: Some(Box::new(Vulnerability {
            id: "CVE-2026-0001".into(),
            exploited: Some(exploited),
            cvss: vec![Cvss {
                vector: Some(vector.into()),
                ..Cvss::default()
            }],
            ..Vulnerability::default()
        })),
        severity: Severity::Critical,
        ..finding("CVE-2026-0001", "vulnerability", None)
    }
}

const REMOTE: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const LOCAL: &str = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H";

#[test]
fn a_service_of_root_is_a_path_only_with_a_weakness_that_strangers_reach() {
    let clean = graph(&ROOT_WEB);
    assert!(
        paths_on(&clean, &[]).is_empty(),
        "that it listens is no weakness"
    );
    assert!(paths_on(&clean, &[cve("nginx", true, LOCAL)]).is_empty());
    assert!(
        paths_on(&clean, &[cve("bash", true, REMOTE)]).is_empty(),
        "another package"
    );
    let chains = paths_on(&clean, &[cve("nginx", true, REMOTE)]);
    let [chain] = chains.as_slice() else {
        panic!("{chains:?}");
    };
    assert_eq!(chain.severity, Severity::Critical);
    assert_eq!(chain.techniques, ["T1190"]);
    assert_eq!(chain.members.len(), 1);
    assert!(chain.break_at.starts_with("Upgrade"), "{}", chain.break_at);
    assert!(chain.why.contains("used in the wild"), "{}", chain.why);
    let rated = paths_on(&clean, &[cve("nginx", false, REMOTE)]);
    assert_eq!(
        rated.first().map(|chain| chain.severity),
        Some(Severity::High)
    );
}

#[test]
fn a_set_user_id_program_is_a_path_only_with_an_exploited_weakness() {
    let mut graph = graph(&[
        ("user:ann", EdgeKind::MemberOf, "group:*", None),
        (
            "package:deb:sudo",
            EdgeKind::Owns,
            "file:/usr/bin/sudo",
            None,
        ),
        ("group:*", EdgeKind::MayBecomeBySuid, "user:root", WEAKNESS),
    ]);
    for edge in &mut graph.edges {
        edge.path = Some("/usr/bin/sudo".into());
    }
    assert!(paths_on(&graph, &[cve("sudo", false, LOCAL)]).is_empty());
    let chains = paths_on(&graph, &[cve("sudo", true, LOCAL)]);
    assert_eq!(chains.len(), 1);
    assert!(
        chains
            .iter()
            .all(|chain| chain.techniques == ["T1078.003", "T1068"])
    );
}

#[test]
fn passwords_are_no_weakness_and_hashes_take_guessing() {
    let password = Some(EdgeNeeds::Password);
    let admin = graph(&[("user:ann", EdgeKind::MaySudo, "user:root", password)]);
    assert!(paths_on(&admin, &[]).is_empty());
    let shadow = graph(&[
        ("user:ann", EdgeKind::MemberOf, "group:shadow", None),
        (
            "group:shadow",
            EdgeKind::MayBecomeByGroup,
            "user:root",
            Some(EdgeNeeds::Guessing),
        ),
    ]);
    let chains = paths_on(&shadow, &[]);
    assert!(
        chains
            .iter()
            .all(|chain| chain.severity == Severity::Medium)
    );
    assert_eq!(chains.len(), 1);
}

#[test]
fn findings_take_part_where_they_speak_of_a_step_and_defence_only_adds_risk() {
    let edges: Vec<_> = WEB.into_iter().chain(JOB).collect();
    let graph = graph(&edges);
    let writable = finding("file-world-writable", "files", Some("/opt/run.sh"));
    let elsewhere = finding("file-world-writable", "files", Some("/opt/other.sh"));
    let unconfined = finding("mac-none", "mac", None);
    let with = |findings: &[Finding]| {
        let mut chains = paths_on(&graph, findings);
        assert_eq!(chains.len(), 1);
        chains.remove(0)
    };
    let bare = with(&[]);
    assert_eq!(
        with(std::slice::from_ref(&elsewhere)),
        bare,
        "an unrelated finding changes nothing"
    );
    let known = with(&[writable.clone(), elsewhere]);
    assert_eq!(known.members, ["file-world-writable:/opt/run.sh"]);
    let open = with(&[writable, unconfined]);
    assert_eq!(open.members, known.members);
    assert!(open.risk > known.risk && open.why.contains("mac-none"));
}

#[test]
fn one_chain_for_each_remedy_and_none_for_a_detour() {
    let both = graph(&[
        ("user:a", EdgeKind::MemberOf, "group:*", None),
        ("user:b", EdgeKind::MemberOf, "group:*", None),
        ("group:*", EdgeKind::MayWrite, "file:/opt/run.sh", None),
        ("cron:1", EdgeKind::Starts, "file:/opt/run.sh", None),
        ("cron:1", EdgeKind::RunsAs, "user:root", None),
        ("cron:2", EdgeKind::Starts, "file:/opt/run.sh", None),
        ("cron:2", EdgeKind::RunsAs, "user:root", None),
    ]);
    assert_eq!(
        paths_on(&both, &[]).len(),
        1,
        "two users, two jobs, one remedy"
    );
    let group = graph(&[
        ("user:a", EdgeKind::MemberOf, "group:docker", None),
        ("user:b", EdgeKind::MemberOf, "group:docker", None),
        (
            "group:docker",
            EdgeKind::MayBecomeByGroup,
            "user:root",
            None,
        ),
    ]);
    let chains = paths_on(&group, &[]);
    let remedies: Vec<&str> = chains.iter().map(|chain| &*chain.break_at).collect();
    assert_eq!(remedies, ["Take `a`, `b` out of group `docker`"]);
    assert!(
        chains.iter().all(|chain| chain.why.contains("open to `b`")),
        "{chains:?}"
    );
    let many: Vec<String> = (0..30).map(|number| format!("user:u{number:02}")).collect();
    let edges: Vec<_> = many
        .iter()
        .map(|user| (user.as_str(), EdgeKind::MayBecomeByKey, "user:root", None))
        .collect();
    let mut graph = graph(&edges);
    for (line, edge) in (1..).zip(&mut graph.edges) {
        edge.line = Some(line);
    }
    assert_eq!(
        paths_on(&graph, &[]).len(),
        super::CHAINS_MAX,
        "no more than a handful"
    );
}

#[test]
fn without_a_graph_findings_prove_what_their_own_evidence_names() {
    let evidence = |name: &str, value: &str| Evidence {
        name: name.into(),
        value: value.into(),
        ..Evidence::default()
    };
    let mut job = finding("cron-program-writable", "cron", Some("/opt/backup"));
    job.evidence = vec![
        evidence("mode", "0777 root:root"),
        evidence("job", "root runs `/opt/backup/run.sh --all`"),
    ];
    let report = |findings: Vec<Finding>| Report {
        findings,
        ..Report::default()
    };
    let chains = super::attack_paths(&report(vec![job.clone()]));
    assert_eq!(chains.len(), 1);
    assert!(
        chains.iter().all(|chain| chain.members == [job.id.clone()]),
        "{chains:?}"
    );
    let mut tight = job.clone();
    tight.evidence[0].value = "0755 root:root".into();
    assert!(super::attack_paths(&report(vec![tight])).is_empty());
    let mut elsewhere = job.clone();
    elsewhere.location.host = Some("other".into());
    assert!(
        super::attack_paths(&report(vec![job, elsewhere])).is_empty(),
        "two hosts"
    );
    let mut listener = finding("network", "network", None);
    listener.evidence = vec![evidence("port", "4444"), evidence("state", "LISTEN")];
    let suid = finding("suid_sgid", "suid", Some("/usr/bin/chage"));
    let mac = finding("mac_none", "mac", None);
    assert!(super::attack_paths(&report(vec![listener, suid, mac])).is_empty());
}

#[test]
fn a_listener_of_root_whose_program_everybody_may_write_is_proven_by_two_findings() {
    let evidence = |name: &str, value: &str| Evidence {
        name: name.into(),
        value: value.into(),
        ..Evidence::default()
    };
    let mut listener = finding("network", "misconfiguration", None);
    listener.evidence = vec![
        evidence("scanner", "network"),
        evidence("port", "8080"),
        evidence("exe", "/opt/app/server"),
        evidence("uid", "0"),
    ];
    let mut writable = finding(
        "world_writable",
        "misconfiguration",
        Some("/opt/app/server"),
    );
    writable.title = "World-writable file".into();
    writable.evidence = vec![evidence("scanner", "world_writable")];
    let report = |findings: Vec<Finding>| Report {
        findings,
        ..Report::default()
    };
    let chains = super::attack_paths(&report(vec![listener.clone(), writable.clone()]));
    assert_eq!(chains.len(), 1, "{chains:?}");
    writable.location.path = Some("/opt/other/server".into());
    assert!(super::attack_paths(&report(vec![listener, writable])).is_empty());
}

const NAMES: [&str; 12] = [
    "network",
    "socket:tcp:0.0.0.0:80",
    "process:a:a",
    "user:a",
    "user:b",
    "group:*",
    "group:g",
    "file:/a",
    "file:/b",
    "cron:1",
    "kernel",
    "user:root",
];
const KINDS: [EdgeKind; 10] = [
    EdgeKind::Reaches,
    EdgeKind::Listens,
    EdgeKind::RunsAs,
    EdgeKind::MayWrite,
    EdgeKind::Starts,
    EdgeKind::MemberOf,
    EdgeKind::MaySudo,
    EdgeKind::Loads,
    EdgeKind::MayBecomeByKey,
    EdgeKind::Executes,
];

fn any_graph() -> impl Strategy<Value = HostGraph> {
    let edge = (0..NAMES.len(), 0..KINDS.len(), 0..NAMES.len());
    prop::collection::vec(edge, 0..40).prop_map(|edges| {
        let edges: Vec<_> = edges
            .into_iter()
            .map(|(from, kind, to)| (NAMES[from], KINDS[kind], NAMES[to], None))
            .collect();
        graph(&edges)
    })
}

fn ids(chains: &[Chain]) -> Vec<Text> {
    chains.iter().map(|chain| chain.id.clone()).collect()
}

proptest! {
    #[test]
    fn the_order_of_the_input_counts_for_nothing(graph in any_graph(), seed: u64) {
        let mut other = graph.clone();
        let mut random = Random::new(&Seed::from(seed));
        random.shuffle(&mut other.nodes);
        random.shuffle(&mut other.edges);
        let mut findings = vec![
            finding("file-world-writable", "files", Some("/a")),
            finding("file-world-writable", "files", Some("/b")),
            finding("mac-none", "mac", None),
        ];
        let first = paths_on(&graph, &findings);
        random.shuffle(&mut findings);
        prop_assert_eq!(first, paths_on(&other, &findings));
    }

    #[test]
    fn an_unrelated_finding_changes_no_chain(graph in any_graph(), path in "/x/[a-z]{1,8}") {
        let unrelated = finding("file-world-writable", "files", Some(&path));
        prop_assert_eq!(paths_on(&graph, &[]), paths_on(&graph, &[unrelated]));
    }

    #[test]
    fn without_the_edge_that_breaks_it_a_chain_is_gone(graph in any_graph()) {
        let graph = sorted(&graph);
        let index = Index::new(&[]);
        let model = Model::new(&graph, &index);
        let paths = search::paths(&model);
        let chains: Vec<Chain> =
            paths.iter().map(|path| super::chain::chain(&model, &index, path)).collect();
        for (path, chain) in paths.iter().zip(&chains) {
            prop_assert!(path.steps.contains(&path.cut), "it is a step of the path");
            prop_assert!(!chain.break_at.is_empty());
            let cut = &model.steps[path.cut];
            let mut without = graph.clone();
            without.edges.remove(cut.edge);
            prop_assert!(!ids(&paths_on(&without, &[])).contains(&chain.id));
        }
    }

    #[test]
    fn each_step_is_an_edge_and_follows_the_one_before(graph in any_graph()) {
        for chain in paths_on(&graph, &[]) {
            let mut held: Option<Vec<Text>> = None;
            for step in &chain.steps {
                let is_edge = graph.edges.iter().any(|edge| {
                    edge.from == step.from && edge.to == step.to && edge.fact == step.fact
                });
                prop_assert!(is_edge, "{:?}", step);
                let ends = vec![step.from.clone(), step.to.clone()];
                if let Some(before) = held {
                    prop_assert!(before.iter().any(|one| ends.contains(one)), "{:?}", chain.steps);
                }
                held = Some(ends);
            }
        }
    }
}
