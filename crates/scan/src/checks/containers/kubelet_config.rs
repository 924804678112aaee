//! Who may command the kubelet.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// The kubelet's configuration (`/var/lib/kubelet/config.yaml`, `/etc/kubernetes/kubelet/*`) and the
    /// arguments of the kubelet that runs, which win: `authentication.anonymous.enabled` is false,
    /// `authorization.mode` is no `AlwaysAllow`, `readOnlyPort` is 0. A value that is missing has the
    /// default of the configuration file (off, Webhook, 0).
    ///
    /// # Why it matters
    /// The kubelet starts commands in every pod of its node. Open to anonymous requests, it gives the
    /// whole node, and by its tokens often the whole cluster, to anybody who reaches port 10250.
    ///
    /// # Example
    /// `authentication: {anonymous: {enabled: true}}` and `authorization: {mode: AlwaysAllow}`
    ///
    /// # Instead
    /// `authentication.anonymous.enabled: false`, `authorization.mode: Webhook`, `readOnlyPort: 0` in
    /// `/var/lib/kubelet/config.yaml`, then `systemctl restart kubelet`.
    id: "container-kubelet-config",
    surface: Containers,
    title: "Kubelet is open",
    severity: High,
    references: [Cwe "CWE-306", Attack "T1609", Cis "Kubernetes 4.2.1"],
}

const FILES: [&str; 3] = [
    "/var/lib/kubelet/config.yaml",
    "/etc/kubernetes/kubelet/kubelet-config.json",
    "/etc/kubernetes/kubelet/config.yaml",
];
/// Key in the file, and the flag that wins over it.
const KEYS: [(&str, &str); 3] = [
    ("authentication.anonymous.enabled", "--anonymous-auth"),
    ("authorization.mode", "--authorization-mode"),
    ("readOnlyPort", "--read-only-port"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut found = None;
    for path in FILES {
        if let Some(bytes) = cx.facts.read_if_there(path)? {
            found = Some((path, settings(&String::from_utf8_lossy(&bytes))));
            break;
        }
    }
    let arguments = super::arguments_of(cx, "kubelet");
    if found.is_none() && arguments.is_empty() {
        return Err(Skip::not_applicable("no kubelet"));
    }
    let (path, settings) = found.unwrap_or(("arguments of kubelet", BTreeMap::new()));
    for (key, flag) in KEYS {
        let given = arguments.iter().find_map(|word| {
            let value = word.strip_prefix(flag)?;
            if value.is_empty() {
                Some("true")
            } else {
                value.strip_prefix('=')
            }
        });
        let (value, line) = match (given, settings.get(key)) {
            (Some(value), _) => (value.to_owned(), None),
            (None, Some((value, line))) => (value.clone(), Some(*line)),
            (None, None) => continue,
        };
        let (bad, severity) = match key {
            "readOnlyPort" => (value != "0", Severity::Medium),
            "authorization.mode" => (value == "AlwaysAllow", Severity::Critical),
            _ => (value == "true", Severity::High),
        };
        let place = if given.is_some() {
            "arguments of kubelet"
        } else {
            path
        };
        if bad {
            let hit = Hit::new(format!("Kubelet is open: {key} is {value}"))
                .subject(key)
                .severity(severity)
                .evidence_at(key, value, place, line);
            cx.hit(hit);
        }
    }
    Ok(())
}

/// Scalars by dotted key with their lines. It reads what the kubelet's file needs of YAML (block
/// mappings by indent, flow mappings in braces, quotes, comments), which JSON is a part of.
fn settings(text: &str) -> BTreeMap<String, (String, u64)> {
    let mut found = BTreeMap::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut flow: Vec<String> = Vec::new();
    for (number, line) in (1_u64..).zip(text.lines().take(10_000)) {
        let line = line.split(" #").next().unwrap_or_default();
        if line.trim_start().starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let inside = !flow.is_empty();
        if !inside && !line.trim().is_empty() {
            open.retain(|(depth, _)| *depth < indent);
        }
        let above: Vec<String> = open.iter().map(|(_, key)| key.clone()).collect();
        let mut rest = line.trim();
        let mut key = String::new();
        while !rest.is_empty() {
            let end = rest.find([':', ',', '{', '}']).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let word = word.trim().trim_matches(['"', '\'']).to_owned();
            let mark = after.chars().next();
            rest = after.get(1..).unwrap_or_default();
            match mark {
                Some(':') if key.is_empty() => key = word,
                Some('{') => flow.push(std::mem::take(&mut key)),
                _ => {
                    if !key.is_empty() && !word.is_empty() && found.len() < 10_000 {
                        let parts = above.iter().chain(&flow).filter(|part| !part.is_empty());
                        let path: Vec<&str> =
                            parts.map(String::as_str).chain([key.as_str()]).collect();
                        found.entry(path.join(".")).or_insert((word, number));
                        key.clear();
                    }
                    if mark == Some('}') {
                        flow.pop();
                        key.clear();
                    }
                }
            }
        }
        if !key.is_empty() && flow.is_empty() && open.len() < 64 {
            open.push((indent, key));
        }
        flow.truncate(64);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, key: &str, expected: &str) {
        let found = settings(text);
        assert_eq!(
            found.get(key).map(|(value, _)| value.as_str()),
            Some(expected),
            "{found:?}"
        );
    }

    #[test]
    fn blocks_braces_and_json_say_the_same() {
        let block = "authentication:\n  anonymous:\n    enabled: true # why\n  webhook:\n    enabled: false\n";
        check(block, "authentication.anonymous.enabled", "true");
        check(block, "authentication.webhook.enabled", "false");
        let flow = "authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}\nreadOnlyPort: 1\n";
        check(flow, "authentication.anonymous.enabled", "true");
        check(flow, "authentication.webhook.enabled", "false");
        check(flow, "readOnlyPort", "1");
        let json = "{\n \"authentication\": {\n  \"anonymous\": {\n   \"enabled\": true\n  }\n },\n \"readOnlyPort\": 0\n}\n";
        check(json, "authentication.anonymous.enabled", "true");
        check(json, "readOnlyPort", "0");
    }

    proptest! {
        #[test]
        fn hostile_files_never_panic(text in "[a-z:{}, \n\"'#é]{0,200}") {
            settings(&text);
        }
    }
}
