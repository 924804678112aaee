//! Network settings of the kernel, evaluated as the kernel combines `all` with each interface.

use super::table::{live_or_limit, remedy, with_values};
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use std::path::Path;

check! {
    /// # What it checks
    /// Redirects, source routes, reverse path filter, logging of impossible addresses, SYN cookies,
    /// broadcast pings and forwarding. A setting per interface counts as the kernel combines it: the
    /// larger of `all` and the interface for `rp_filter`, either for `send_redirects` and
    /// `log_martians`, both for `accept_source_route`. IPv6 is left out where it is disabled.
    ///
    /// # Why it matters
    /// With these defaults a neighbour on the network can reroute the host's connections (redirects,
    /// source routes), send packets in the name of others (no reverse path filter) or exhaust its
    /// connection table (no SYN cookies).
    ///
    /// # Example
    /// `net.ipv4.conf.all.accept_redirects = 1`
    ///
    /// # Instead
    /// Put the expected values for `all` and `default` into `/etc/sysctl.d/90-network.conf` and run
    /// `sysctl --system`. A router keeps forwarding on and the rest off.
    id: "kernel-sysctl-network",
    surface: Kernel,
    title: "Network setting of the kernel is weak",
    severity: Low,
    references: [Cwe "CWE-346", Attack "T1557", Url "https://docs.kernel.org/networking/ip-sysctl.html"],
}

/// How the kernel makes one value of `all` and of the interface.
#[derive(Clone, Copy)]
enum Combine {
    Max,
    Both,
    Own,
    /// Either on a host, both on a router.
    Redirects,
}

struct PerInterface {
    family: &'static str,
    name: &'static str,
    combine: Combine,
    want_on: bool,
    severity: Severity,
    why: &'static str,
}

const fn row(
    family: &'static str,
    name: &'static str,
    combine: Combine,
    want_on: bool,
    severity: Severity,
    why: &'static str,
) -> PerInterface {
    PerInterface {
        family,
        name,
        combine,
        want_on,
        severity,
        why,
    }
}

const INTERFACES: &[PerInterface] = &[
    row(
        "ipv4",
        "accept_redirects",
        Combine::Redirects,
        false,
        Severity::Low,
        "a neighbour reroutes this host's connections through itself",
    ),
    row(
        "ipv4",
        "send_redirects",
        Combine::Max,
        false,
        Severity::Low,
        "only a router has to tell others a better way",
    ),
    row(
        "ipv4",
        "accept_source_route",
        Combine::Both,
        false,
        Severity::Medium,
        "the sender chooses the way of a packet and passes filters by",
    ),
    row(
        "ipv4",
        "rp_filter",
        Combine::Max,
        true,
        Severity::Low,
        "packets with a forged sender address are taken",
    ),
    row(
        "ipv4",
        "log_martians",
        Combine::Max,
        true,
        Severity::Info,
        "packets with impossible addresses leave no trace in the log",
    ),
    row(
        "ipv6",
        "accept_redirects",
        Combine::Own,
        false,
        Severity::Low,
        "a neighbour reroutes this host's IPv6 connections through itself",
    ),
    row(
        "ipv6",
        "accept_source_route",
        Combine::Both,
        false,
        Severity::Medium,
        "the sender chooses the way of a packet and passes filters by",
    ),
];

struct Global {
    key: &'static str,
    good: &'static [&'static str],
    severity: Severity,
    why: &'static str,
}

const GLOBALS: &[Global] = &[
    Global {
        key: "net/ipv4/tcp_syncookies",
        good: &["1", "2"],
        severity: Severity::Medium,
        why: "half-open connections fill the table and lock real clients out",
    },
    Global {
        key: "net/ipv4/icmp_echo_ignore_broadcasts",
        good: &["1"],
        severity: Severity::Low,
        why: "the host answers broadcast pings and amplifies attacks on others",
    },
    Global {
        key: "net/ipv4/icmp_ignore_bogus_error_responses",
        good: &["1"],
        severity: Severity::Info,
        why: "wrong answers of routers fill the log",
    },
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    cx.facts.need_proc()?;
    for global in GLOBALS {
        let Some(value) = live_or_limit(cx, global.key)? else {
            continue;
        };
        if !global.good.contains(&value.as_str()) {
            let want = global.good.first().copied().unwrap_or_default();
            report(cx, global.key, &value, want, global.severity, global.why)?;
        }
    }
    let ipv6_off = live_or_limit(cx, "net/ipv6/conf/all/disable_ipv6")?.as_deref() == Some("1");
    for row in INTERFACES {
        if row.family == "ipv4" || !ipv6_off {
            per_interface(cx, row)?;
        }
    }
    forwarding(cx)
}

/// Reports a setting once, with the interfaces on which it is weak.
fn per_interface(cx: &mut Cx<'_>, row: &PerInterface) -> Result<(), Skip> {
    let folder = format!("net/{}/conf", row.family);
    let key = |interface: &str| format!("{folder}/{interface}/{}", row.name);
    let Some(all) = live_or_limit(cx, &key("all"))? else {
        return Ok(());
    };
    let mut weak = Vec::new();
    for interface in cx
        .facts
        .list_if_there(Path::new("/proc/sys").join(&folder))?
    {
        let interface = interface.to_string_lossy().into_owned();
        if interface == "all" || interface == "lo" {
            continue;
        }
        let Some(own) = live_or_limit(cx, &key(&interface))? else {
            continue;
        };
        let router =
            live_or_limit(cx, &format!("{folder}/{interface}/forwarding"))?.as_deref() == Some("1");
        let (all_on, own_on) = (is_on(&all), is_on(&own));
        let on = match row.combine {
            Combine::Max => all_on || own_on,
            Combine::Both => all_on && own_on,
            Combine::Own => own_on,
            Combine::Redirects if router => all_on && own_on,
            Combine::Redirects => all_on || own_on,
        };
        if on != row.want_on {
            weak.push(interface);
        }
    }
    if weak.is_empty() {
        return Ok(());
    }
    let name = format!("net.{}.conf.*.{}", row.family, row.name);
    let want = if row.want_on { "1" } else { "0" };
    let hit = Hit::new(format!("Network setting `{name}` is not `{want}`"))
        .subject(&name)
        .severity(row.severity)
        .evidence("why", row.why);
    let hit = with_values(cx, hit, &key("all"), &all)?
        .evidence("interfaces", weak.join(" "))
        .evidence("expected", want);
    let fix = format!(
        "Write `net.{0}.conf.all.{1} = {want}` and `net.{0}.conf.default.{1} = {want}` to \
         `/etc/sysctl.d/90-network.conf`, apply with `sysctl --system`; interfaces that are already up: \
         `sysctl -w net.{0}.conf.{2}.{1}={want}`.",
        row.family,
        row.name,
        weak.iter()
            .find(|name| *name != "default")
            .map_or("INTERFACE", String::as_str),
    );
    cx.hit(hit.instead(fix));
    Ok(())
}

fn is_on(value: &str) -> bool {
    value.parse::<i64>().is_ok_and(|number| number > 0)
}

/// Forwarding is what routers and container hosts are for: there it is a remark.
fn forwarding(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let Some(value) = live_or_limit(cx, "net/ipv4/ip_forward")? else {
        return Ok(());
    };
    if value != "1" {
        return Ok(());
    }
    let carries = [
        "docker", "cni", "virbr", "br-", "lxcbr", "podman", "wg", "flannel", "cali",
    ];
    let interfaces = cx.facts.list_if_there("/proc/sys/net/ipv4/conf")?;
    let is_router = interfaces.iter().any(|name| {
        let name = name.to_string_lossy();
        carries.iter().any(|prefix| name.starts_with(prefix))
    });
    let (severity, why) = if is_router {
        (
            Severity::Info,
            "the host forwards packets, as its containers, bridges or tunnels need",
        )
    } else {
        (
            Severity::Low,
            "the host forwards packets between networks although nothing here seems to need it",
        )
    };
    report(cx, "net/ipv4/ip_forward", &value, "0", severity, why)
}

fn report(
    cx: &mut Cx<'_>,
    key: &str,
    value: &str,
    want: &str,
    severity: Severity,
    why: &str,
) -> Result<(), Skip> {
    let name = crate::facts::sysctl::dots(key);
    let hit = Hit::new(format!(
        "Network setting `{name}` is `{value}`, expected `{want}`"
    ))
    .subject(&name)
    .severity(severity)
    .evidence("why", why);
    let hit = with_values(cx, hit, key, value)?
        .evidence("expected", want)
        .instead(remedy(&name, want, None));
    cx.hit(hit);
    Ok(())
}
