//! A report that went the whole way: enriched findings with states, a host graph, a case with
//! attack paths, actions of every kind of change, control frameworks, packs and a skipped stage.

use super::mixed;
use casemate_schema::{
    Action, Case, Chain, ChainStep, Change, ChangeRisk, CloseReason, ControlEvidence,
    ControlResult, ControlStatus, Decision, EdgeKind, Enrichment, EpssScore, Finding, FindingState,
    FrameworkResult, GraphEdge, GraphNode, HostGraph, KevEntry, MappedTechnique, MappedWeakness,
    NodeKind, PackInfo, RecomputedCvss, Report, Review, Severity, StageResult, StageStatus, State,
    Text,
};
use std::collections::BTreeMap;

fn texts(all: &[&str]) -> Vec<Text> {
    all.iter().map(|text| (*text).into()).collect()
}

/// The ids of the findings of a check.
fn ids(report: &Report, check: &str) -> Vec<Text> {
    let findings = report.findings.iter();
    let of_check = findings.filter(|finding| finding.source.check == check);
    of_check.map(|finding| finding.id.clone()).collect()
}

/// [`mixed`], assessed.
pub(crate) fn assessed() -> Report {
    let mut report = mixed();
    for finding in &mut report.findings {
        enrich(finding);
    }
    report.graph = Some(Box::new(graph()));
    report.case = Some(Box::new(case(&report)));
    report
}

fn technique(id: &str, name: &str, tactic: &str, reason: &str) -> MappedTechnique {
    MappedTechnique {
        id: id.into(),
        name: Some(name.into()),
        tactics: texts(&[tactic]),
        reason: reason.into(),
    }
}

fn enrich(finding: &mut Finding) {
    let check = finding.source.check.clone();
    let enrichment = match check.as_str() {
        "suid-unknown" => Enrichment {
            techniques: vec![technique(
                "T1548.001",
                "Setuid and Setgid",
                "privilege-escalation",
                "the card of the check names it",
            )],
            weaknesses: vec![MappedWeakness {
                id: "CWE-250".into(),
                name: Some("Execution with Unnecessary Privileges".into()),
            }],
            controls: texts(&["nist_800_53:AC-6", "pci_dss:2.2.6"]),
            ..Enrichment::default()
        },
        "CVE-2021-44228" => exploited(),
        "CVE-2026-0001" => Enrichment {
            unknown: texts(&["CVE-2026-0001 stands in no pack"]),
            ..Enrichment::default()
        },
        _ => return,
    };
    finding.enrichment = Some(Box::new(enrichment));
    finding.state = Some(Box::new(state(finding)));
}

fn exploited() -> Enrichment {
    Enrichment {
        techniques: vec![technique(
            "T1190",
            "Exploit Public-Facing Application",
            "initial-access",
            "CWE-502 through CAPEC-586",
        )],
        kev: Some(Box::new(KevEntry {
            id: "CVE-2021-44228".into(),
            added: "2021-12-10".into(),
            due: Some("2021-12-24".into()),
            ransomware: true,
            product: "Apache Log4j2".into(),
            name: "Apache Log4j2 Remote Code Execution Vulnerability".into(),
        })),
        epss: Some(EpssScore {
            id: "CVE-2021-44228".into(),
            probability: 0.9446,
            percentile: Some(0.9996),
            date: Some("2026-01-31".into()),
        }),
        exploitation: Some("active".into()),
        cvss: Some(RecomputedCvss {
            version: "3.1".into(),
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H".into(),
            score: 10.0,
            given: Some(9.8),
        }),
        ..Enrichment::default()
    }
}

fn state(finding: &Finding) -> FindingState {
    let mut state = FindingState {
        first_seen: "2026-02-01T00:00:00Z".into(),
        last_seen: "2026-03-04T05:06:07Z".into(),
        seen: 3,
        ..FindingState::default()
    };
    if finding.location.path.as_deref() == Some("/usr/local/bin/tool3") {
        state.state = State::Closed;
        state.reason = Some(CloseReason::Accepted);
        state.decision = Some(Box::new(Decision {
            number: 7,
            finding: finding.id.clone(),
            verb: "accept".into(),
            from: State::Triaged,
            to: State::Closed,
            reason: Some(CloseReason::Accepted),
            who: "alice".into(),
            when: "2026-02-03T10:00:00Z".into(),
            why: "The vendor's agent needs it until the new version.".into(),
            until: Some("2026-06-30".into()),
            ..Decision::default()
        }));
    }
    state
}

fn graph() -> HostGraph {
    let node = |id: &str, kind, label: &str| GraphNode {
        id: id.into(),
        kind,
        label: label.into(),
    };
    let edge = |from: &str, to: &str, kind, fact: &str| GraphEdge {
        from: from.into(),
        to: to.into(),
        kind,
        fact: fact.into(),
        path: None,
        line: None,
        needs: None,
    };
    HostGraph {
        nodes: vec![
            node(
                "file:/usr/local/bin/tool0",
                NodeKind::File,
                "/usr/local/bin/tool0",
            ),
            node("network", NodeKind::Network, "network"),
            node(
                "process:/usr/bin/java:app",
                NodeKind::Process,
                "/usr/bin/java",
            ),
            node(
                "socket:tcp:0.0.0.0:8080",
                NodeKind::Socket,
                "tcp 0.0.0.0:8080",
            ),
            node("user:app", NodeKind::User, "app"),
            node("user:root", NodeKind::User, "root"),
        ],
        edges: vec![
            edge(
                "network",
                "socket:tcp:0.0.0.0:8080",
                EdgeKind::Reaches,
                "bound to every address",
            ),
            edge(
                "user:app",
                "user:root",
                EdgeKind::MayBecomeBySuid,
                "/usr/local/bin/tool0, mode 4755",
            ),
        ],
        limits: texts(&["permission denied: /etc/shadow"]),
    }
}

fn path(report: &Report) -> Chain {
    let step = |from: &str, to: &str, edge: &str, fact: &str, finding: Option<Text>| ChainStep {
        from: from.into(),
        to: to.into(),
        edge: edge.into(),
        fact: fact.into(),
        finding,
    };
    let first = |check| ids(report, check).into_iter().next();
    let at = |path: &str| {
        let mut findings = report.findings.iter();
        let found = findings.find(|finding| finding.location.path.as_deref() == Some(path));
        found.map(|finding| finding.id.clone())
    };
    let tool = at("/usr/local/bin/tool0");
    let (socket, process) = ("socket:tcp:0.0.0.0:8080", "process:/usr/bin/java:app");
    Chain {
        id: "chain:0123456789ab".into(),
        rule: "attack-path".into(),
        title: "Network reaches root through java and `/usr/local/bin/tool0`".into(),
        severity: Severity::Critical,
        risk: 97,
        members: [first("CVE-2021-44228"), tool.clone()]
            .into_iter()
            .flatten()
            .collect(),
        steps: vec![
            step("network", socket, "reaches", "bound to every address", None),
            step(process, socket, "listens", "pid 812 listens", None),
            step(
                process,
                "user:app",
                "runs_as",
                "log4j-core 2.14.1 is exploited in the wild",
                first("CVE-2021-44228"),
            ),
            step(
                "user:app",
                "user:root",
                "may_become_by_suid",
                "/usr/local/bin/tool0, mode 4755",
                tool.clone(),
            ),
        ],
        techniques: texts(&["T1190", "T1548.001"]),
        break_at: "Bring log4j-core to 2.15.0: the first step then needs another weakness.".into(),
        why: "Anybody on the network gets root with two public weaknesses.".into(),
    }
}

fn action(id: &str, title: &str, findings: Vec<Text>, changes: Vec<Change>) -> Action {
    Action {
        id: id.into(),
        title: title.into(),
        risk_removed: findings.len() as u64 * 40,
        findings,
        changes,
        verify: texts(&["casemate scan --surface suid"]),
        rollback: texts(&["Put the former mode back."]),
        effort_minutes: 10,
        change_risk: ChangeRisk::Low,
        change_risk_reason: "nothing that runs needs it".into(),
        severity: Severity::High,
        ..Action::default()
    }
}

fn actions(report: &Report) -> Vec<Action> {
    let upgrade = Change::Upgrade {
        package: "maven:org.apache.logging.log4j:log4j-core".into(),
        version: Some("2.15.0".into()),
    };
    let permissions = (0..4).map(|number| Change::Permissions {
        path: format!("/usr/local/bin/tool{number}").into(),
        mode: Some("0755".into()),
        owner: None,
        group: None,
    });
    let diff = Change::Diff {
        path: "/etc/ssh/sshd_config.d/50-cloud.conf".into(),
        digest: "00".repeat(32).into(),
        diff:
            "--- a/etc/ssh/sshd_config.d/50-cloud.conf\n+++ b/etc/ssh/sshd_config.d/50-cloud.conf\n\
               @@ -1,2 +1,2 @@\n # cloud-init\n-PermitRootLogin yes\n+PermitRootLogin no\n"
                .into(),
    };
    let reload = Change::Command {
        argv: texts(&["systemctl", "reload", "ssh.service"]),
    };
    let new_files = (0..40).map(|number| Change::NewFile {
        path: format!("/etc/systemd/system/app{number}.service.d/50-casemate.conf").into(),
        content: "[Service]\nNoNewPrivileges=yes\n".into(),
        mode: "0644".into(),
    });
    let others = vec![
        Change::Setting {
            path: "/etc/fstab".into(),
            text: "tmpfs /tmp tmpfs nosuid 0 0".into(),
            no_diff: "the file was not read".into(),
        },
        Change::Manual {
            text: "Ask the owner of `/opt/crash` who needs it.".into(),
        },
    ];
    let mut upgrade = action(
        "action:000000000001",
        "Bring log4j-core to 2.15.0",
        ids(report, "CVE-2021-44228"),
        vec![upgrade],
    );
    upgrade.effort_minutes = 90;
    upgrade.change_risk = ChangeRisk::Medium;
    upgrade.change_risk_reason = "the application restarts".into();
    let mut suid = action(
        "action:000000000002",
        "Take the SUID bit from 4 programs",
        ids(report, "suid-unknown"),
        permissions.collect(),
    );
    suid.techniques = texts(&["T1548.001"]);
    suid.countermeasures = texts(&["D3-SCF"]);
    let mut all = vec![
        upgrade,
        suid,
        action(
            "action:000000000003",
            "Let root log in with a key alone",
            ids(report, "ssh-root-login"),
            vec![diff, reload],
        ),
        action(
            "action:000000000004",
            "Give 40 units `NoNewPrivileges`",
            ids(report, "socket-wildcard"),
            new_files.collect(),
        ),
        action(
            "action:000000000005",
            "Mount `/tmp` with nosuid",
            ids(report, "mount-options"),
            others,
        ),
    ];
    if let Some(ssh) = all.get_mut(2) {
        ssh.change_risk = ChangeRisk::High;
    }
    all
}

fn control(
    id: &str,
    title: &str,
    status: ControlStatus,
    risk: u8,
    evidence: Vec<ControlEvidence>,
) -> ControlResult {
    let reason = (status == ControlStatus::NotAssessed).then(|| "nothing here speaks of it".into());
    ControlResult {
        id: id.into(),
        title: title.into(),
        status,
        evidence,
        risk,
        reason,
    }
}

fn compliance(report: &Report) -> BTreeMap<String, FrameworkResult> {
    let evidence = |check: &str, outcome: &str| ControlEvidence {
        check: check.into(),
        outcome: outcome.into(),
        findings: if outcome == "hit" {
            ids(report, check)
        } else {
            Vec::new()
        },
        reasoning: format!("`{check}` sees what the control forbids").into(),
    };
    let pci = FrameworkResult {
        framework: "pci_dss".into(),
        title: "PCI DSS".into(),
        version: "4.0.1".into(),
        controls: vec![
            control(
                "2.2.6",
                "Parameters of systems are set safely",
                ControlStatus::Fail,
                68,
                vec![
                    evidence("ssh-root-login", "hit"),
                    evidence("ssh-empty-passwords", "passed"),
                ],
            ),
            control(
                "7.2.1",
                "Access follows need",
                ControlStatus::Fail,
                42,
                vec![evidence("suid-unknown", "hit")],
            ),
            control(
                "8.3.1",
                "Everybody is authenticated",
                ControlStatus::Pass,
                0,
                vec![evidence("ssh-empty-passwords", "passed")],
            ),
            control(
                "9.1.1",
                "Access to rooms is governed",
                ControlStatus::NotAssessed,
                0,
                Vec::new(),
            ),
        ],
        score: Some(1.0 / 3.0),
        coverage: 0.75,
    };
    let hipaa = FrameworkResult {
        framework: "hipaa".into(),
        title: "HIPAA Security Rule".into(),
        version: "45 CFR 164".into(),
        controls: vec![control(
            "164.308(a)(1)",
            "Risks are analysed",
            ControlStatus::NotAssessed,
            0,
            Vec::new(),
        )],
        score: None,
        coverage: 0.0,
    };
    [("hipaa".to_owned(), hipaa), ("pci_dss".to_owned(), pci)].into()
}

fn case(report: &Report) -> Case {
    let stage = |name: &str, status, reason: Option<&str>| StageResult {
        stage: name.into(),
        status,
        reason: reason.map(Into::into),
    };
    let rule = Chain {
        id: "chain:ba9876543210".into(),
        rule: "world-writable-handler".into(),
        title: "The kernel's crash handler can be replaced by anybody".into(),
        severity: Severity::High,
        risk: 90,
        members: ids(report, "kernel-core-pattern"),
        techniques: texts(&["T1546"]),
        break_at: "Take the right to write to `/opt/crash`.".into(),
        why: "The kernel starts it as root.".into(),
        ..Chain::default()
    };
    let pack = |name: &str, as_of: &str, kind: &str, n: u64| PackInfo {
        name: name.into(),
        version: 20_260_101,
        as_of: as_of.into(),
        records: [(kind.to_owned(), n)].into(),
    };
    Case {
        id: "case:00112233aabb".into(),
        title: "db-07: 2 attack paths, 1 exploited vulnerability".into(),
        risk: 97,
        stages: vec![
            stage("ingest", StageStatus::Done, None),
            stage(
                "enrich",
                StageStatus::Degraded,
                Some("pack `site` is damaged; the builtin one stood in"),
            ),
            stage("correlate", StageStatus::Done, None),
            stage("controls", StageStatus::Skipped, Some("broken on purpose")),
        ],
        packs: vec![
            pack("builtin", "2026-02-20T00:00:00Z", "technique", 835),
            pack("kev", "2025-11-01T00:00:00Z", "kev", 1484),
        ],
        chains: vec![path(report), rule],
        actions: actions(report),
        compliance: compliance(report),
        review: Review {
            findings_in: 2681,
            weaknesses: 40,
            actions: 23,
            share_without_reading: 0.9662,
        },
    }
}

/// [`assessed`] with the text in every field of case, graph and enrichment that is free text.
pub(crate) fn hostile_case(report: &mut Report, text: &str) {
    let made = assessed();
    report.graph = made.graph;
    report.case = made.case;
    let sources = made.findings.into_iter();
    for (finding, source) in report.findings.iter_mut().zip(sources) {
        finding.enrichment = source.enrichment;
        finding.state = source.state;
        hostile_enrichment(finding, text);
    }
    for node in report.graph.iter_mut().flat_map(|graph| &mut graph.nodes) {
        node.label = text.into();
    }
    let first = report.findings.first().map(|finding| finding.id.clone());
    let Some(case) = report.case.as_deref_mut() else {
        return;
    };
    case.title = text.into();
    for stage in &mut case.stages {
        stage.reason = Some(text.into());
    }
    for pack in &mut case.packs {
        pack.name = text.into();
        pack.as_of = text.into();
    }
    for chain in &mut case.chains {
        chain.title = text.into();
        chain.why = text.into();
        chain.break_at = text.into();
        chain.techniques = vec![text.into()];
        chain.members = first.iter().cloned().chain([text.into()]).collect();
        for step in &mut chain.steps {
            step.fact = text.into();
            step.edge = text.into();
            step.finding = Some(text.into());
        }
    }
    for action in &mut case.actions {
        for field in [&mut action.title, &mut action.change_risk_reason] {
            *field = text.into();
        }
        action.findings = first.iter().cloned().chain([text.into()]).collect();
        action.verify = vec![text.into()];
        action.rollback = vec![text.into()];
        action.changes = hostile_changes(text);
    }
    for framework in case.compliance.values_mut() {
        framework.title = text.into();
        for control in &mut framework.controls {
            control.title = text.into();
            control.id = text.into();
            for evidence in &mut control.evidence {
                evidence.reasoning = text.into();
                evidence.check = text.into();
                evidence.findings = vec![text.into()];
            }
        }
    }
}

fn hostile_changes(text: &str) -> Vec<Change> {
    let text: Text = text.into();
    vec![
        Change::Diff {
            path: text.clone(),
            digest: text.clone(),
            diff: text.clone(),
        },
        Change::Setting {
            path: text.clone(),
            text: text.clone(),
            no_diff: text.clone(),
        },
        Change::NewFile {
            path: text.clone(),
            content: text.clone(),
            mode: text.clone(),
        },
        Change::Permissions {
            path: text.clone(),
            mode: Some(text.clone()),
            owner: Some(text.clone()),
            group: None,
        },
        Change::Upgrade {
            package: text.clone(),
            version: Some(text.clone()),
        },
        Change::Command {
            argv: vec![text.clone(), text.clone()],
        },
        Change::Manual { text },
    ]
}

fn hostile_enrichment(finding: &mut Finding, text: &str) {
    if let Some(enrichment) = finding.enrichment.as_deref_mut() {
        for technique in &mut enrichment.techniques {
            technique.name = Some(text.into());
            technique.reason = text.into();
        }
        enrichment.unknown = vec![text.into()];
        enrichment.exploitation = Some(text.into());
    }
    let state = finding.state.as_deref_mut();
    if let Some(decision) = state.and_then(|state| state.decision.as_deref_mut()) {
        decision.who = text.into();
        decision.why = text.into();
    }
}
