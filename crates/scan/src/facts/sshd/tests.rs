//! The resolver against what `sshd -T` says.

use super::*;
use crate::run::Options;
use crate::tree::MemoryTree;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Configurations, and what `sshd -T` said of them: written by `testkit/reference/sshd_effective.py`.
const REFERENCE: &str = include_str!("../../../tests/fixtures/sshd/effective.json");

fn said(sshd: &Sshd, keyword: &str, user: &str) -> String {
    let value = sshd.value_for(keyword, user);
    match keyword {
        "ciphers" | "macs" | "kexalgorithms" | "hostkeyalgorithms" | "pubkeyacceptedalgorithms" => {
            algorithms(keyword, &value.text).join(",")
        }
        "permitrootlogin" => value.word(),
        "logingracetime" | "clientaliveinterval" => {
            seconds(&value.text).map_or(value.text.clone(), |seconds| seconds.to_string())
        }
        // `sshd -T` prints words of choice in lower case, and log levels in upper case.
        "loglevel" => value.text.to_ascii_uppercase(),
        "banner" | "allowusers" | "denyusers" | "allowgroups" | "acceptenv" | "hostkey"
        | "authorizedkeysfile" | "forcecommand" => value.text,
        _ => value.word(),
    }
}

#[test]
fn every_value_equals_what_sshd_says() {
    let cases: Vec<Json> = serde_json::from_str(REFERENCE).expect("JSON");
    assert!(cases.len() >= 20, "{}", cases.len());
    let mut compared = 0;
    for case in &cases {
        let mut tree = MemoryTree::new();
        let files: BTreeMap<String, String> =
            serde_json::from_value(case["files"].clone()).expect("files");
        for (path, content) in &files {
            tree.file(path, content);
        }
        let options = Options::at(0);
        let facts = Facts::new(&tree, &options);
        let sshd = facts.sshd().expect("sshd");
        let users: BTreeMap<String, BTreeMap<String, String>> =
            serde_json::from_value(case["users"].clone()).expect("users");
        for (user, values) in &users {
            for (keyword, expected) in values {
                let expected = expected.replace("without-password", "prohibit-password");
                let got = said(sshd, keyword, user);
                assert_eq!(got, expected, "{}: {keyword} for {user}", case["name"]);
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn values_of_blocks_come_with_their_conditions() {
    let mut tree = MemoryTree::new();
    tree.file(
        MAIN,
        "X11Forwarding no\nMatch User ann\nX11Forwarding yes\nMatch Address 10.0.0.0/8 User !root,*\n  X11Forwarding yes\nMatch User ann\nX11Forwarding no\n",
    );
    let options = Options::at(0);
    let facts = Facts::new(&tree, &options);
    let values = facts.sshd().expect("sshd").values("x11forwarding");
    let seen: Vec<(&str, Option<&str>)> = values
        .iter()
        .map(|value| (value.text.as_str(), value.when.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            ("no", None),
            ("yes", Some("user ann")),
            ("yes", Some("address 10.0.0.0/8 user !root,*"))
        ]
    );
    let root = facts
        .sshd()
        .expect("sshd")
        .values_for_user("x11forwarding", "root");
    assert_eq!(root.len(), 1);
}
