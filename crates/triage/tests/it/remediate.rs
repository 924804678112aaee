//! Plans: diffs of files that are at hand, reasons where there are none, and how actions join.

use casemate_base::random::{Random, Seed};
use casemate_schema::{
    Action, Change, ChangeRisk, Component, Evidence, Finding, Location, Severity, Source, Text,
    Vulnerability,
};
use casemate_triage::{FileText, Memory, MemoryFiles, NoFiles, plan, plan_with_files, review};
use std::collections::BTreeMap;

const MAIN: &str = "/etc/ssh/sshd_config";

fn finding(check: &str, path: &str, line: Option<u64>, subject: &str) -> Finding {
    Finding {
        id: format!("{check}:{subject}{}", line.unwrap_or(0)).into(),
        severity: Severity::Medium,
        category: "ssh".into(),
        source: Source {
            tool: "casemate".into(),
            check: check.into(),
            ..Source::default()
        },
        location: Location {
            path: (!path.is_empty()).then(|| path.into()),
            line,
            subject: (!subject.is_empty()).then(|| subject.into()),
            ..Location::default()
        },
        remediation: "Write it.".into(),
        ..Finding::default()
    }
}

fn seen(mut finding: Finding, name: &str, value: &str, path: Option<&str>) -> Finding {
    finding.evidence.push(Evidence {
        name: name.into(),
        value: value.into(),
        path: path.map(Text::from),
        line: None,
    });
    finding
}

fn files(path: &str, text: &str) -> MemoryFiles {
    MemoryFiles(BTreeMap::from([(path.to_owned(), text.to_owned())]))
}

fn two_on_one_file() -> Vec<Finding> {
    vec![
        finding("ssh-root-login", MAIN, Some(2), "PermitRootLogin"),
        finding("ssh-x11-forwarding", MAIN, Some(3), "X11Forwarding"),
        finding("ssh-log-level", MAIN, None, "LogLevel"),
    ]
}

const TEXT: &str = "# ours\nPermitRootLogin yes # why\nX11Forwarding yes\n#LogLevel INFO\nMatch user a\n  X11Forwarding yes\n";

#[test]
fn actions_on_one_file_apply_alone_and_together() {
    let findings = two_on_one_file();
    let plan = plan_with_files(&findings, &files(MAIN, TEXT), &Memory::default());
    assert_eq!(plan.actions.len(), 3);
    for action in &plan.actions {
        let Some(Change::Diff { diff, digest, .. }) = action.changes.first() else {
            unreachable!("no diff: {action:?}");
        };
        assert_eq!(*digest, FileText::new(TEXT).digest);
        assert_eq!(
            diff.lines().filter(|line| line.starts_with('-')).count() - 1,
            diff.matches("\n-").count()
        );
    }
    let all = plan.file_changes(None);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].actions.len(), 3);
    assert_eq!(
        all[0].diff,
        "--- a/etc/ssh/sshd_config\n+++ b/etc/ssh/sshd_config\n@@ -1,6 +1,7 @@\n # ours\n\
         -PermitRootLogin yes # why\n-X11Forwarding yes\n+PermitRootLogin no # why\n\
         +X11Forwarding no\n #LogLevel INFO\n+LogLevel VERBOSE\n Match user a\n   X11Forwarding yes\n"
    );
    let one = plan.actions[0].id.as_str();
    let alone = plan.file_changes(Some(&std::collections::BTreeSet::from([one])));
    assert_eq!(alone[0].actions, [plan.actions[0].id.clone()]);
}

#[test]
fn the_order_of_findings_does_not_matter() {
    let mut findings = two_on_one_file();
    let expected = plan(&findings, &files(MAIN, TEXT), &Memory::default());
    for seed in 0..5_u64 {
        Random::new(&Seed::from(seed)).shuffle(&mut findings);
        assert_eq!(
            plan(&findings, &files(MAIN, TEXT), &Memory::default()),
            expected
        );
    }
}

fn only(actions: Vec<Action>) -> Action {
    assert_eq!(actions.len(), 1, "{actions:?}");
    actions.into_iter().next().expect("one")
}

#[test]
fn a_file_that_changed_or_is_not_at_hand_gets_no_diff() {
    let fresh = FileText::new(TEXT).digest;
    let with = |digest: &str| {
        let finding = finding("ssh-root-login", MAIN, Some(2), "PermitRootLogin");
        vec![seen(finding, "digest", digest, Some(MAIN))]
    };
    let same = only(plan(&with(&fresh), &files(MAIN, TEXT), &Memory::default()));
    assert!(matches!(same.changes.first(), Some(Change::Diff { .. })));
    let other = only(plan(&with("00"), &files(MAIN, TEXT), &Memory::default()));
    let Some(Change::Setting { text, no_diff, .. }) = other.changes.first() else {
        unreachable!("{other:?}");
    };
    assert_eq!(*text, "PermitRootLogin no");
    assert!(no_diff.contains("changed since the scan"));
    let none = NoFiles {
        reason: "it was imported".to_owned(),
    };
    let far = only(plan(&with(&fresh), &none, &Memory::default()));
    assert!(
        matches!(far.changes.first(), Some(Change::Setting { no_diff, .. }) if *no_diff == *"it was imported")
    );
}

#[test]
fn a_secret_beside_the_change_stays_out_of_the_diff() {
    let text = "//h/x /mnt cifs user=a,password=hunter2 0 0\n/dev/b /home ext4 defaults 0 2\n";
    let mut home = finding("mount-data-options", "/home", None, "");
    home.title = "`/home` is mounted without nosuid,nodev".into();
    let plan = plan_with_files(&[home], &files("/etc/fstab", text), &Memory::default());
    let said = format!("{:?}", plan.actions);
    assert!(!said.contains("hunter2"), "{said}");
    assert!(said.contains("holds a secret"), "{said}");
    assert!(plan.file_changes(None).is_empty());
}

#[test]
fn modes_that_two_actions_set_agree_and_owners_that_differ_are_told() {
    let mode = |check: &str, owner: &str| {
        let one = seen(
            finding(check, "/etc/cron.d/x", None, ""),
            "mode",
            "0666",
            None,
        );
        seen(one, "owner", owner, None)
    };
    let both = [
        mode("file-world-writable", "bob (1000)"),
        mode("cron-file-permissions", "bob (1000)"),
    ];
    let actions = plan(&both, &MemoryFiles::default(), &Memory::default());
    let modes: Vec<&Text> = actions
        .iter()
        .flat_map(|action| &action.changes)
        .filter_map(|change| match change {
            Change::Permissions { mode, .. } => mode.as_ref(),
            _ => None,
        })
        .collect();
    assert_eq!(modes, ["0644", "0644"]);
    let home = seen(
        finding("user-home-owner", "/srv/a", None, "ann"),
        "owner",
        "bob (1000)",
        None,
    );
    let program = seen(
        finding("unit-program-writable", "/srv/a", None, "a.service"),
        "mode",
        "0755 bob:root",
        None,
    );
    let actions = plan(
        &[home, program],
        &MemoryFiles::default(),
        &Memory::default(),
    );
    assert_eq!(actions.len(), 2);
    for action in &actions {
        assert_eq!(action.change_risk, ChangeRisk::High);
        assert!(
            action.change_risk_reason.contains("contradicts action:"),
            "{action:?}"
        );
    }
}

fn vulnerable(id: &str, package: &str, fixed: Option<&str>) -> Finding {
    Finding {
        id: id.into(),
        severity: Severity::High,
        source: Source {
            tool: "Trivy".into(),
            check: id.into(),
            ..Source::default()
        },
        component: Some(Box::new(Component {
            name: package.into(),
            version: Some("1.0".into()),
            kind: Some("deb".into()),
            fixed_version: fixed.map(Text::from),
            ..Component::default()
        })),
        vulnerability: Some(Box::new(Vulnerability {
            id: id.into(),
            ..Vulnerability::default()
        })),
        ..Finding::default()
    }
}

#[test]
fn vulnerabilities_of_a_package_are_one_upgrade() {
    let findings = [
        vulnerable("CVE-1", "openssl", Some("3.0.9-1")),
        vulnerable("CVE-2", "openssl", Some("3.0.11-1")),
        vulnerable("CVE-3", "zlib", None),
    ];
    let actions = plan(&findings, &MemoryFiles::default(), &Memory::default());
    assert_eq!(actions.len(), 2);
    let upgrade = actions
        .iter()
        .find(|action| action.findings.len() == 2)
        .expect("upgrade");
    assert_eq!(
        upgrade.changes,
        [Change::Upgrade {
            package: "openssl".into(),
            version: Some("3.0.11-1".into())
        }]
    );
    let unfixed = actions
        .iter()
        .find(|action| action.findings.len() == 1)
        .expect("decision");
    assert!(matches!(
        unfixed.changes.as_slice(),
        [Change::Manual { .. }]
    ));
    let review = review(&findings, 1, &actions);
    assert_eq!(
        (review.findings_in, review.weaknesses, review.actions),
        (4, 3, 2)
    );
    assert!((review.share_without_reading - 0.5).abs() < 1e-9);
}

#[test]
fn directives_of_thousands_of_units_are_few_actions() {
    let mut findings = Vec::new();
    for directive in ["PrivateTmp", "ProtectSystem", "CapabilityBoundingSet"] {
        for unit in 0..700 {
            let mut one = finding(
                &format!("systemd:{directive}"),
                "",
                None,
                &format!("u{unit}.service"),
            );
            one.source.tool = "sys-scan-graph".into();
            findings.push(one);
        }
    }
    let none = NoFiles {
        reason: "it was imported".to_owned(),
    };
    let plan = plan_with_files(&findings, &none, &Memory::default());
    assert_eq!(plan.actions.len(), 3);
    assert!(
        plan.actions
            .iter()
            .all(|action| action.targets.len() == 700)
    );
    let files = plan.file_changes(None);
    assert_eq!(files.len(), 700);
    let content = files[0].content.as_deref().expect("a new file");
    assert!(
        content.contains("[Service]\n") && content.contains("PrivateTmp=yes\n"),
        "{content}"
    );
    assert_eq!(content.matches("[Service]").count(), 1);
}
