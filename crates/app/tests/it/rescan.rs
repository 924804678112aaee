//! Proof by rescan: in each fixture of each check, the action is applied and the tree scanned
//! again. A finding that an action removes must be gone, no new one may come, comments stay.

use crate::host::{self, TreeFiles};
use casemate_scan::fixture::{self, Expected};
use casemate_scan::tree::MemoryTree;
use casemate_scan::{Check, Options};
use casemate_schema::{Action, Change, Finding, ScanMode};
use casemate_triage::{Memory, plan};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const NOW_S: i64 = 1_760_000_000;
/// Checks after whose action something else is seen: hashes that move to the shadow file are old
/// and weak there as they were before.
const NEW: [&str; 1] = ["user-no-shadow"];
/// Rounds of following up what a weakness hid.
const ROUNDS: usize = 4;

fn scan(tree: &MemoryTree, check: &Check, deep: bool) -> Vec<Finding> {
    let mut options = Options::at(NOW_S);
    options.surfaces = BTreeSet::from([check.surface]);
    if deep {
        options.mode = ScanMode::Deep;
    }
    casemate_scan::scan(tree, &options, &|_, _, _| {}).findings
}

fn cases(check: &Check) -> Vec<fixture::Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scan/fixtures");
    let text = std::fs::read_to_string(folder.join(format!("{}.tree", check.id)));
    fixture::parse(&text.expect("fixture")).expect("fixture")
}

/// What the actions of a check do, over all of its fixture's cases.
#[derive(Debug, Default)]
struct Outcome {
    /// Findings, and those that were gone afterwards.
    findings: usize,
    gone: usize,
    /// Findings whose action leaves everything to a person.
    manual: usize,
    /// Findings that are there still, with what was done.
    stayed: Vec<String>,
    /// Findings that came.
    new: Vec<String>,
}

fn is_manual(action: &Action) -> bool {
    action
        .changes
        .iter()
        .all(|change| matches!(change, Change::Manual { .. } | Change::Upgrade { .. }))
}

fn try_check(check: &Check) -> Outcome {
    let mut outcome = Outcome::default();
    for case in cases(check) {
        if !matches!(case.expected, Expected::Hit(n) if n > 0) {
            continue;
        }
        let before = scan(&case.tree, check, case.deep);
        let known: BTreeSet<&str> = before.iter().map(|finding| finding.id.as_str()).collect();
        let own: Vec<Finding> = before
            .iter()
            .filter(|finding| finding.source.check == *check.id)
            .cloned()
            .collect();
        let actions = plan(&own, &TreeFiles(&case.tree), &Memory::default());
        let covered: BTreeSet<&str> = actions
            .iter()
            .flat_map(|action| action.findings.iter().map(|id| id.as_str()))
            .collect();
        assert_eq!(
            covered.len(),
            own.len(),
            "{}: findings without an action",
            check.id
        );
        outcome.findings += own.len();
        let mut tree = case.tree.clone();
        let all_manual = actions.iter().all(is_manual);
        let left = apply_all(&mut tree, check, &actions);
        // What a weakness hid shows when it is gone: it is followed up like any other.
        let mut after = scan(&tree, check, case.deep);
        for _ in 0..ROUNDS {
            let shown: Vec<Finding> = after
                .iter()
                .filter(|finding| !known.contains(finding.id.as_str()))
                .cloned()
                .collect();
            for action in plan(&shown, &TreeFiles(&tree), &Memory::default()) {
                if !is_manual(&action) {
                    host::apply(&mut tree, &action);
                }
            }
            after = scan(&tree, check, case.deep);
        }
        for finding in &after {
            if !known.contains(finding.id.as_str()) {
                outcome
                    .new
                    .push(format!("{}: {} {}", case.name, finding.id, finding.title));
            }
        }
        let still: BTreeMap<&str, &Finding> = after
            .iter()
            .map(|finding| (finding.id.as_str(), finding))
            .collect();
        for finding in &own {
            if !still.contains_key(finding.id.as_str()) {
                outcome.gone += 1;
            } else if all_manual {
                outcome.manual += 1;
            } else {
                outcome
                    .stayed
                    .push(format!("{}: {} ({left:?})", case.name, finding.title));
            }
        }
    }
    outcome
}

/// Applies what needs no person; comments have to stay.
fn apply_all(tree: &mut MemoryTree, check: &Check, actions: &[Action]) -> Vec<host::Left> {
    let mut left = Vec::new();
    for action in actions.iter().filter(|action| !is_manual(action)) {
        let comments = comments(tree, action);
        left.push(host::apply(tree, action));
        for (path, lines) in comments {
            let casemate_triage::FileState::Text(file) =
                casemate_triage::Files::file(&TreeFiles(tree), &path)
            else {
                unreachable!("{path} is gone");
            };
            for line in lines {
                let stays = file.text.lines().any(|it| it == line);
                assert!(stays, "{}: `{line}` of {path}", check.id);
            }
        }
    }
    left
}

/// Comment lines of the files that an action changes.
fn comments(tree: &MemoryTree, action: &Action) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for change in &action.changes {
        if let Change::Diff { path, .. } = change
            && let casemate_triage::FileState::Text(file) =
                casemate_triage::Files::file(&TreeFiles(tree), path)
        {
            let lines = file.text.lines().filter(|line| line.starts_with('#'));
            all.push((path.to_string(), lines.map(str::to_owned).collect()));
        }
    }
    all
}

#[test]
fn what_an_action_changes_is_gone_at_the_next_scan() {
    let mut table = String::new();
    let mut totals = BTreeMap::new();
    let mut new = Vec::new();
    for check in casemate_scan::all_checks() {
        let outcome = try_check(check);
        let word = if outcome.gone == outcome.findings {
            "removed"
        } else if outcome.gone > 0 {
            "partly"
        } else if outcome.stayed.is_empty() {
            "manual"
        } else {
            "changed"
        };
        *totals.entry(word).or_insert(0) += 1;
        table.push_str(&format!(
            "{:<34} {word:<8} {} of {}\n",
            check.id, outcome.gone, outcome.findings
        ));
        for line in outcome.stayed.iter().map(|it| format!("    stays {it}\n")) {
            table.push_str(&line);
        }
        if !outcome.new.is_empty() {
            new.push(check.id);
        }
        for line in outcome.new.iter().map(|it| format!("    NEW {it}\n")) {
            table.push_str(&line);
        }
    }
    table.push_str(&format!("{totals:?}\n"));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("rescan", table);
    });
    assert_eq!(new, NEW, "what an action brings");
    let page = include_str!("../../../../docs/concepts/remediation.md");
    for (word, count) in &totals {
        let row = format!("| {word} | {count} |");
        assert!(
            page.contains(&row),
            "docs/concepts/remediation.md lacks `{row}`"
        );
    }
}

#[test]
fn every_check_has_a_fix_and_every_fix_a_check() {
    let mut checks: Vec<&str> = casemate_scan::all_checks()
        .iter()
        .map(|check| check.id)
        .collect();
    checks.sort_unstable();
    let fixed: Vec<&str> = casemate_triage::fixed_checks().collect();
    assert_eq!(fixed, checks);
}
