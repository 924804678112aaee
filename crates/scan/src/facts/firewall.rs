//! Packet filters: what the kernel shows of them, and what their files bring into force at boot.
//!
//! The rules in force can only be asked for over netlink, which a read-only scanner without sockets
//! does not do. `/proc` shows whether the old tables exist and whether nf_tables is loaded; the files
//! show what a boot brings. Checks say so where the first contradicts the second.

use super::{Fact, Facts, modules};
use crate::check::{Limit, Skip};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which program manages the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Manager {
    /// ufw(8).
    Ufw,
    /// firewalld(1).
    Firewalld,
    /// `/etc/nftables.conf` with nftables.service.
    Nftables,
    /// iptables-restore at boot (netfilter-persistent, iptables.service).
    Iptables,
}

impl Manager {
    /// Name for people.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ufw => "ufw",
            Self::Firewalld => "firewalld",
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
        }
    }
}

/// What is done with a packet that no rule takes, as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// File that holds it.
    pub(crate) path: PathBuf,
    /// Line of the policy.
    pub(crate) line: Option<u64>,
    /// Whether it takes packets that no rule names.
    pub(crate) open: bool,
    /// Whether it covers IPv4.
    pub(crate) ipv4: bool,
    /// Whether it covers IPv6.
    pub(crate) ipv6: bool,
    /// The words that say so.
    pub(crate) text: String,
}

/// State of the packet filters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Firewall {
    /// Managers that start at boot.
    pub(crate) enabled: BTreeSet<Manager>,
    /// Input rules of the files of those managers.
    pub(crate) inputs: Vec<Input>,
    /// Old tables in the kernel (`filter`, `nat`), IPv4 then IPv6; `None` if they are hidden.
    pub(crate) tables: Option<Vec<String>>,
    /// Whether nf_tables is loaded or built in; `None` if the kernel has no modules to tell.
    pub(crate) nf_tables: Option<bool>,
    /// What could not be read.
    pub(crate) limits: Vec<Limit>,
}

/// Reads the state.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Firewall> {
    let mut firewall = Firewall::default();
    kernel(facts, &mut firewall)?;
    let mut limits = Vec::new();
    if let Some(input) = ufw(facts, &mut limits) {
        firewall.enabled.insert(Manager::Ufw);
        firewall.inputs.push(input);
    }
    if is_enabled(facts, &["firewalld.service"])? {
        firewall.enabled.insert(Manager::Firewalld);
        firewall.inputs.push(firewalld(facts, &mut limits));
    }
    if is_enabled(facts, &["nftables.service"])? {
        firewall.enabled.insert(Manager::Nftables);
        for path in ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"] {
            if let Some(text) = text(facts, path, &mut limits) {
                firewall.inputs.extend(nftables(Path::new(path), &text));
                if text
                    .lines()
                    .any(|line| line.trim_start().starts_with("include "))
                {
                    limits.push(Limit {
                        reason: format!("files that `{path}` includes were not read"),
                        privileges: false,
                    });
                }
            }
        }
    }
    let units = [
        "netfilter-persistent.service",
        "iptables.service",
        "ip6tables.service",
    ];
    if is_enabled(facts, &units)? {
        firewall.enabled.insert(Manager::Iptables);
        for (path, ipv6) in [
            ("/etc/iptables/rules.v4", false),
            ("/etc/iptables/rules.v6", true),
            ("/etc/sysconfig/iptables", false),
            ("/etc/sysconfig/ip6tables", true),
        ] {
            if let Some(text) = text(facts, path, &mut limits) {
                firewall
                    .inputs
                    .extend(iptables(Path::new(path), &text, ipv6));
            }
        }
    }
    firewall.limits.extend(limits);
    Ok(firewall)
}

fn text(facts: &Facts<'_>, path: &str, limits: &mut Vec<Limit>) -> Option<String> {
    super::read_or_limit(facts, path, limits)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn kernel(facts: &Facts<'_>, firewall: &mut Firewall) -> Result<(), Skip> {
    let mut tables = Vec::new();
    let mut hidden = false;
    for path in ["/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"] {
        match facts.value_if_there(path) {
            Ok(names) => tables.extend(
                names
                    .unwrap_or_default()
                    .split_whitespace()
                    .map(str::to_owned),
            ),
            Err(Skip::NotAssessed { reason, privileges }) => {
                hidden = true;
                firewall.limits.push(Limit { reason, privileges });
            }
            Err(other) => return Err(other),
        }
    }
    firewall.tables = (!hidden).then_some(tables);
    firewall.nf_tables = match modules::loaded(facts) {
        Ok(loaded) => {
            let builtin = facts
                .modules()
                .is_ok_and(|modules| modules.builtin.contains("nf_tables"));
            let present = loaded.contains_key("nf_tables") || facts.exists("/sys/module/nf_tables");
            Some(present || builtin)
        }
        Err(Skip::NotApplicable(_)) => facts.exists("/sys/module/nf_tables").then_some(true),
        Err(other) => return Err(other),
    };
    Ok(())
}

/// Whether one of the units is wanted by a target and not masked.
fn is_enabled(facts: &Facts<'_>, units: &[&str]) -> Result<bool, Skip> {
    let home = Path::new("/etc/systemd/system");
    for folder in facts.list_if_there(home)? {
        let is_list = folder
            .to_str()
            .is_some_and(|name| name.ends_with(".wants") || name.ends_with(".requires"));
        for unit in units.iter().filter(|_| is_list) {
            let link = home.join(&folder).join(unit);
            if facts.tree().link_metadata(&link).is_ok()
                && !super::conf_dirs::is_masked(facts, &home.join(unit))
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Value of a shell-like assignment; the last one counts.
pub(crate) fn assigned(text: &str, name: &str) -> Option<(String, u64)> {
    (1..)
        .zip(text.lines())
        .filter_map(|(number, line)| {
            let value = line
                .trim()
                .strip_prefix(name)?
                .trim_start()
                .strip_prefix('=')?;
            let value = value.split('#').next().unwrap_or_default();
            Some((value.trim().trim_matches(['"', '\'']).to_owned(), number))
        })
        .last()
}

fn ufw(facts: &Facts<'_>, limits: &mut Vec<Limit>) -> Option<Input> {
    const DEFAULTS: &str = "/etc/default/ufw";
    let conf = text(facts, "/etc/ufw/ufw.conf", limits)?;
    let (enabled, _) = assigned(&conf, "ENABLED")?;
    if !enabled.eq_ignore_ascii_case("yes") {
        return None;
    }
    let defaults = text(facts, DEFAULTS, limits).unwrap_or_default();
    let (policy, line) = match assigned(&defaults, "DEFAULT_INPUT_POLICY") {
        Some((policy, line)) => (policy, Some(line)),
        None => ("DROP".to_owned(), None),
    };
    let ipv6 =
        assigned(&defaults, "IPV6").is_none_or(|(value, _)| !value.eq_ignore_ascii_case("no"));
    Some(Input {
        path: PathBuf::from(DEFAULTS),
        line,
        open: policy.eq_ignore_ascii_case("ACCEPT"),
        ipv4: true,
        ipv6,
        text: format!("DEFAULT_INPUT_POLICY={policy}"),
    })
}

fn firewalld(facts: &Facts<'_>, limits: &mut Vec<Limit>) -> Input {
    const CONF: &str = "/etc/firewalld/firewalld.conf";
    let conf = text(facts, CONF, limits).unwrap_or_default();
    let zone = assigned(&conf, "DefaultZone").map_or_else(|| "public".to_owned(), |(zone, _)| zone);
    let files = ["/etc/firewalld/zones", "/usr/lib/firewalld/zones"]
        .map(|folder| PathBuf::from(format!("{folder}/{}.xml", zone.replace('/', "_"))));
    let path = files.iter().find(|path| facts.exists(path));
    let xml = path
        .and_then(|path| super::read_or_limit(facts, path, limits))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let target = xml
        .split("target=")
        .nth(1)
        .and_then(|rest| rest.get(1..)?.split(['"', '\'']).next());
    // The built-in zone `trusted` takes everything.
    let open = target == Some("ACCEPT") || (target.is_none() && zone == "trusted");
    Input {
        path: path.cloned().unwrap_or_else(|| PathBuf::from(CONF)),
        line: None,
        open,
        ipv4: true,
        ipv6: true,
        text: format!("zone {zone}, target {}", target.unwrap_or("default")),
    }
}

/// Chains of a ruleset that hook into input.
fn nftables(path: &Path, text: &str) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    let mut family = "ip".to_owned();
    let mut in_chain = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        for statement in line.replace('{', " { ").replace('}', " } ").split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            if let Some(position) = words.iter().position(|word| *word == "table") {
                family = match (words.get(position + 1), words.get(position + 2)) {
                    (Some(family), Some(name)) if *name != "{" => (*family).to_owned(),
                    _ => "ip".to_owned(),
                };
            }
            let hooks = words.windows(2).any(|pair| pair == ["hook", "input"])
                && words.windows(2).any(|pair| pair == ["type", "filter"]);
            if hooks {
                in_chain = true;
                inputs.push(Input {
                    path: path.to_path_buf(),
                    line: Some(number),
                    open: true,
                    ipv4: matches!(family.as_str(), "ip" | "inet"),
                    ipv6: matches!(family.as_str(), "ip6" | "inet"),
                    text: format!("table {family}, hook input, policy accept"),
                });
            } else if in_chain && let Some(input) = inputs.last_mut() {
                match words.as_slice() {
                    ["policy", "drop", ..] => {
                        input.open = false;
                        input.text = format!("table {family}, hook input, policy drop");
                    }
                    // A last rule without a condition is as good as a policy.
                    ["drop" | "reject", ..] | ["counter", "drop" | "reject", ..] => {
                        input.open = false;
                    }
                    _ => {}
                }
            }
            if words.contains(&"}") {
                in_chain = false;
            }
        }
    }
    inputs
}

/// The chain INPUT of the table filter in the form of iptables-save(8).
fn iptables(path: &Path, text: &str, ipv6: bool) -> Option<Input> {
    let mut in_filter = false;
    let mut found: Option<Input> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [table] if table.starts_with('*') => in_filter = *table == "*filter",
            [":INPUT", policy, ..] if in_filter => {
                found = Some(Input {
                    path: path.to_path_buf(),
                    line: Some(number),
                    open: *policy == "ACCEPT",
                    ipv4: !ipv6,
                    ipv6,
                    text: format!(":INPUT {policy}"),
                });
            }
            ["-A", "INPUT", "-j", "DROP" | "REJECT", ..] if in_filter => {
                if let Some(input) = &mut found {
                    input.open = false;
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_ruleset_on_one_line_or_many() {
        let path = Path::new("/etc/nftables.conf");
        let many = "table inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n  tcp dport 22 accept\n }\n}\n";
        let found = nftables(path, many);
        assert_eq!(found.len(), 1);
        assert!(
            found
                .iter()
                .all(|input| !input.open && input.ipv4 && input.ipv6)
        );
        let open =
            "table ip t { chain c { type filter hook input priority 0; } }\n# policy drop;\n";
        let found = nftables(path, open);
        assert!(
            found
                .iter()
                .all(|input| input.open && input.ipv4 && !input.ipv6)
        );
        let nat = "table ip t { chain c { type nat hook input priority 0; policy accept; } }";
        assert!(nftables(path, nat).is_empty());
    }

    #[test]
    fn saved_rules_of_the_filter_table_alone() {
        let text = "*nat\n:INPUT ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [1:2]\n-A INPUT -p tcp -j DROP\n";
        let path = Path::new("x");
        assert!(
            iptables(path, text, false).is_some_and(|input| input.open && input.line == Some(5))
        );
        let closed = format!("{text}-A INPUT -j REJECT --reject-with x\n");
        assert!(iptables(path, &closed, false).is_some_and(|input| !input.open));
        assert!(iptables(path, "*nat\n:INPUT DROP\n", false).is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            let path = Path::new("x");
            prop_assert!(nftables(path, &text).len() <= text.len());
            prop_assert!(iptables(path, &text, true).is_none_or(|input| input.ipv6));
        }
    }
}
