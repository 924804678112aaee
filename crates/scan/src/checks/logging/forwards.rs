//! Where log messages are sent: rsyslog, syslog-ng and systemd-journal-upload.

use crate::check::{Limit, Skip};
use crate::facts::{Facts, read_or_limit, systemd_conf};
use std::path::{Path, PathBuf};

/// A destination on another host.
#[derive(Clone, Debug)]
pub(super) struct Forward {
    pub(super) target: String,
    pub(super) transport: &'static str,
    pub(super) protected: bool,
    pub(super) file: PathBuf,
    pub(super) line: u64,
}

/// All destinations, and what could not be seen.
pub(super) fn read(facts: &Facts<'_>) -> Result<(Vec<Forward>, Vec<Limit>), Skip> {
    let rsyslog = facts.rsyslog()?;
    let mut limits = rsyslog.limits.clone();
    let mut found = of_rsyslog(&rsyslog.statements);
    of_syslog_ng(facts, &mut found, &mut limits)?;
    if facts
        .services()?
        .enabled(&["systemd-journal-upload"])?
        .is_some()
    {
        let conf = systemd_conf::read(facts, "journal-upload.conf");
        limits.extend_from_slice(&conf.limits);
        if let Some(url) = conf.setting("Upload", "URL") {
            found.push(Forward {
                target: url.value.clone(),
                transport: if url.value.starts_with("http:") {
                    "HTTP"
                } else {
                    "HTTPS"
                },
                protected: !url.value.starts_with("http:"),
                file: url.file.clone(),
                line: url.line,
            });
        }
    }
    Ok((found, limits))
}

fn is_local(target: &str) -> bool {
    let host = target.trim_start_matches('[');
    host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("::1")
}

fn of_rsyslog(statements: &[crate::facts::rsyslog::Statement]) -> Vec<Forward> {
    let mut found = Vec::new();
    let mut driver = false; // $DefaultNetstreamDriver gtls or ossl, or its form in global()
    let mut mode = false; // $ActionSendStreamDriverMode 1
    for statement in statements {
        let words: Vec<&str> = statement.text.split_whitespace().collect();
        let lower = words.first().unwrap_or(&"").to_ascii_lowercase();
        let value = words.get(1).copied().unwrap_or_default();
        match lower.as_str() {
            "$defaultnetstreamdriver" => driver = matches!(value, "gtls" | "ossl"),
            "$actionsendstreamdrivermode" => mode = value == "1",
            _ => {}
        }
        if let Some(name) = statement.parameter("DefaultNetstreamDriver") {
            driver = matches!(name, "gtls" | "ossl");
        }
        let forward = |target: &str, transport, protected| Forward {
            target: target.to_owned(),
            transport,
            protected,
            file: statement.file.clone(),
            line: statement.line,
        };
        if let Some((_, action)) = statement.rule() {
            if let Some(target) = action.strip_prefix("@@") {
                found.push(forward(target, "TCP", driver && mode));
            } else if let Some(target) = action.strip_prefix('@') {
                found.push(forward(target, "UDP", false));
            } else if let Some(target) = action.strip_prefix(":omrelp:") {
                found.push(forward(target, "RELP", false));
            }
        }
        let kind = statement
            .parameter("type")
            .filter(|_| statement.text.contains("action("));
        let target = statement.parameter("target").unwrap_or("?");
        if kind == Some("omfwd") {
            let tcp = statement
                .parameter("protocol")
                .is_some_and(|name| name.eq_ignore_ascii_case("tcp"));
            let on = statement
                .parameter("StreamDriverMode")
                .map_or(mode, |value| value == "1");
            let own = statement.parameter("StreamDriver");
            let named = own.map_or(driver, |name| matches!(name, "gtls" | "ossl"));
            found.push(forward(
                target,
                if tcp { "TCP" } else { "UDP" },
                tcp && on && named,
            ));
        } else if kind == Some("omrelp") {
            found.push(forward(
                target,
                "RELP",
                statement.parameter("tls") == Some("on"),
            ));
        }
    }
    found.retain(|forward| !is_local(&forward.target));
    found
}

/// Drivers inside of `destination NAME { ... };` that speak over the network.
fn of_syslog_ng(
    facts: &Facts<'_>,
    found: &mut Vec<Forward>,
    limits: &mut Vec<Limit>,
) -> Result<(), Skip> {
    let mut files = vec![PathBuf::from("/etc/syslog-ng/syslog-ng.conf")];
    let folder = Path::new("/etc/syslog-ng/conf.d");
    for name in facts.list_if_there(folder)? {
        if name.to_string_lossy().ends_with(".conf") {
            files.push(folder.join(name));
        }
    }
    for file in files {
        let Some(bytes) = read_or_limit(facts, &file, limits) else {
            continue;
        };
        let mut block: Option<(u64, String)> = None;
        for (line, text) in (1_u64..).zip(String::from_utf8_lossy(&bytes).lines()) {
            let text = text.split('#').next().unwrap_or_default().trim();
            if block.is_none() && text.starts_with("destination") {
                block = Some((line, String::new()));
            }
            let Some((first, whole)) = &mut block else {
                continue;
            };
            whole.push_str(text);
            let (opened, closed) = (whole.matches('{').count(), whole.matches('}').count());
            if opened > 0 && opened <= closed {
                found.extend(driver(whole, &file, *first));
                block = None;
            }
        }
    }
    Ok(())
}

fn driver(block: &str, file: &Path, line: u64) -> Option<Forward> {
    let compact: String = block
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let (name, transport) = [
        ("udp(", "UDP"),
        ("udp6(", "UDP"),
        ("tcp(", "TCP"),
        ("tcp6(", "TCP"),
        ("network(", "TCP"),
        ("syslog(", "TCP"),
    ]
    .into_iter()
    .find(|(name, _)| {
        compact.contains(&format!("{{{name}")) || compact.contains(&format!(";{name}"))
    })?;
    let (_, rest) = compact.split_once(name)?;
    let target = rest
        .split([',', ')', '"', '\''])
        .find(|part| !part.is_empty())?;
    let target: String = target
        .split("transport(")
        .next()
        .unwrap_or_default()
        .to_owned();
    let protected = rest.contains("tls(") || rest.contains("transport(\"tls\")");
    let transport = if rest.contains("transport(\"udp\")") || rest.contains("transport(udp)") {
        "UDP"
    } else {
        transport
    };
    (!is_local(&target)).then(|| Forward {
        target,
        transport,
        protected,
        file: file.to_path_buf(),
        line,
    })
}
