//! Rules of other tools whose change is known: what they name is enough to write it.
//!
//! Lynis names the test and says the rest in words; SCAP Security Guide rules say in their
//! identifier what they are about, and their fix text holds the value. Sources: the Lynis project's
//! list of controls, the SCAP Security Guide's rule names.

use super::draft::{Draft, seen};
use super::edit::{Anchor, Edit, Style};
use casemate_schema::{ChangeRisk, Finding};

/// A rule's draft, if its change is known.
pub(super) fn draft(finding: &Finding) -> Option<Draft> {
    let source = &finding.source;
    let mut draft = Draft {
        key: format!("{} {}", source.tool, source.check),
        title: super::imported::shortened(&finding.title),
        minutes: 10,
        minutes_each: 1,
        risk: ChangeRisk::Medium,
        breaks: "what relied on the former setting behaves differently".to_owned(),
        ..Draft::default()
    };
    if source.tool.starts_with("Lynis") {
        lynis(&mut draft, finding);
    } else if let Some(rule) = source
        .check
        .rsplit_once("content_rule_")
        .map(|(_, rule)| rule)
    {
        guide(&mut draft, finding, rule);
    }
    (!draft.steps.is_empty()).then_some(draft)
}

fn lynis(draft: &mut Draft, finding: &Finding) {
    let title = finding.title.to_ascii_lowercase();
    match finding.source.check.as_str() {
        "AUTH-9286" if title.contains("minimum") => login(draft, "PASS_MIN_DAYS", "1"),
        "AUTH-9286" if title.contains("maximum") => login(draft, "PASS_MAX_DAYS", "365"),
        "AUTH-9328" if title.contains("login.defs") => login(draft, "UMASK", "027"),
        "AUTH-9230" => {
            login(draft, "SHA_CRYPT_MIN_ROUNDS", "500000");
            login(draft, "YESCRYPT_COST_FACTOR", "7");
        }
        "KRNL-5820" => draft.own(
            "/etc/security/limits.d/99-casemate.conf",
            Edit::Insert {
                text: "* hard core 0".to_owned(),
                anchor: Anchor::End,
            },
        ),
        "NETW-3200" => {
            let protocol = finding.title.split('\'').nth(1).unwrap_or_default();
            if ["dccp", "sctp", "rds", "tipc"].contains(&protocol) {
                draft.targets.insert(protocol.to_owned());
                draft.no_module(protocol);
                draft.title = "Forbid rare network protocols".to_owned();
            }
        }
        "USB-1000" => draft.no_module("usb-storage"),
        "STRG-1846" => draft.no_module("firewire-ohci"),
        "KRNL-6000" => observations(draft, finding),
        "SSH-7408" => ssh(draft, finding),
        _ => {}
    }
}

fn login(draft: &mut Draft, key: &str, value: &str) {
    draft.setting("/etc/login.defs", key, value, Style::WORDS);
    draft.targets.insert(key.to_owned());
    if draft.key.ends_with("AUTH-9286") {
        draft.title = "Limit the age of passwords of new accounts".to_owned();
    }
}

/// `sysctl, desc:..., field:kernel.kptr_restrict, prefval:2, value:1` or with semicolons.
fn observations(draft: &mut Draft, finding: &Finding) {
    for seen in &finding.evidence {
        let part = |name: &str| {
            seen.value
                .split([';', ','])
                .find_map(|part| part.trim().strip_prefix(name))
                .map(str::trim)
        };
        if let (Some(key), Some(value)) = (part("field:"), part("prefval:")) {
            let is_plain = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
            if is_plain(key)
                && value.bytes().all(|b| b.is_ascii_digit() || b == b'-')
                && !value.is_empty()
            {
                draft.targets.insert(key.to_owned());
                draft.sysctl(finding, key, value);
            }
        }
    }
}

/// `AllowTcpForwarding (set YES to NO)`.
fn ssh(draft: &mut Draft, finding: &Finding) {
    let text = seen(finding, "details").unwrap_or_else(|| finding.title.as_str());
    let Some((before, after)) = text.split_once("(set ") else {
        return;
    };
    let keyword = before.split_whitespace().next_back().unwrap_or_default();
    let value = after
        .split_once(" to ")
        .map(|(_, to)| to.trim_end_matches(')').trim());
    let Some(value) = value.and_then(|value| value.trim_matches(['(', ')']).split('|').next())
    else {
        return;
    };
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    if is_word(keyword) && is_word(value) {
        server(draft, keyword, &value.to_ascii_lowercase());
    }
}

fn server(draft: &mut Draft, keyword: &str, value: &str) {
    draft.targets.insert(keyword.to_owned());
    draft.edit(
        "/etc/ssh/sshd_config",
        Edit::Sshd {
            keyword: keyword.to_owned(),
            value: Some(value.to_owned()),
            line: None,
        },
    );
}

/// Rules of the SCAP Security Guide about the SSH server.
const SERVER: [(&str, &str, &str); 10] = [
    ("sshd_disable_root_login", "PermitRootLogin", "no"),
    ("sshd_disable_empty_passwords", "PermitEmptyPasswords", "no"),
    ("sshd_disable_x11_forwarding", "X11Forwarding", "no"),
    ("sshd_disable_tcp_forwarding", "AllowTcpForwarding", "no"),
    ("sshd_disable_rhosts", "IgnoreRhosts", "yes"),
    ("sshd_do_not_permit_user_env", "PermitUserEnvironment", "no"),
    ("sshd_enable_strictmodes", "StrictModes", "yes"),
    ("sshd_set_loglevel_verbose", "LogLevel", "VERBOSE"),
    ("sshd_set_max_auth_tries", "MaxAuthTries", "4"),
    ("disable_host_auth", "HostbasedAuthentication", "no"),
];

fn guide(draft: &mut Draft, finding: &Finding, rule: &str) {
    if let Some((_, keyword, value)) = SERVER.iter().find(|(have, _, _)| *have == rule) {
        return server(draft, keyword, value);
    }
    if let Some(name) = rule.strip_prefix("sysctl_") {
        setting(draft, finding, name);
    } else if let Some(module) = rule
        .strip_prefix("kernel_module_")
        .and_then(|it| it.strip_suffix("_disabled"))
    {
        draft.targets.insert(module.to_owned());
        draft.no_module(module);
    }
}

/// The kernel setting that the fix text gives a value, if it is the one of the rule's name.
fn setting(draft: &mut Draft, finding: &Finding, name: &str) {
    let texts = [finding.remediation.as_str(), finding.description.as_str()];
    for line in texts.into_iter().flat_map(str::lines) {
        let Some((before, after)) = line.split_once('=') else {
            continue;
        };
        let key = before.split_whitespace().next_back().unwrap_or_default();
        let value = after.split_whitespace().next().unwrap_or_default();
        let value = value.trim_matches(['"', '\'', '`', '.']);
        let is_number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if is_number && key.replace(['.', '-'], "_") == name {
            draft.targets.insert(key.to_owned());
            return draft.sysctl(finding, key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use casemate_schema::Source;

    fn of(tool: &str, check: &str, title: &str, remediation: &str) -> Option<String> {
        let finding = Finding {
            source: Source {
                tool: tool.into(),
                check: check.into(),
                ..Source::default()
            },
            title: title.into(),
            remediation: remediation.into(),
            ..Finding::default()
        };
        draft(&finding).map(|draft| format!("{:?}", draft.steps))
    }

    #[test]
    fn rules_that_name_their_change_get_it() {
        let rule = "xccdf_org.ssgproject.content_rule_sysctl_kernel_dmesg_restrict";
        let said = of(
            "OpenSCAP",
            rule,
            "Restrict",
            "run:\nsysctl -w kernel.dmesg_restrict=1",
        );
        assert!(said.is_some_and(|said| said.contains("kernel.dmesg_restrict")));
        assert!(of("OpenSCAP", rule, "Restrict", "sysctl -w kernel.other=1").is_none());
        let ssh = of(
            "Lynis",
            "SSH-7408",
            "Harden: AllowTcpForwarding (set YES to NO)",
            "",
        );
        assert!(
            ssh.is_some_and(|said| said.contains("AllowTcpForwarding") && said.contains("\"no\""))
        );
        assert!(
            of(
                "Lynis",
                "NETW-3200",
                "Determine if protocol 'x; rm' is needed",
                ""
            )
            .is_none()
        );
    }
}
