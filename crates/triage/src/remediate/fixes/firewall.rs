//! Fixes of the packet filter.

use crate::remediate::draft::{Draft, path};
use crate::remediate::edit::Style;
use crate::remediate::fix::{Fix, high, person};
use casemate_schema::Finding;

const SHUT: &str = "a filter without a rule for SSH shuts you out: write that rule first and keep a second way to the console";

pub(super) static FIXES: &[Fix] = &[
    person(
        "firewall-default-policy",
        "Refuse packets that no rule names",
        60,
        SHUT,
    ),
    high(
        "firewall-ipv6-unfiltered",
        "Filter IPv6 too",
        20,
        SHUT,
        ipv6,
    ),
    person("firewall-none", "Switch a packet filter on", 60, SHUT),
    person(
        "firewall-several-managers",
        "Choose one manager of the packet filter",
        30,
        SHUT,
    ),
    high("firewall-ufw-disabled", "Switch ufw on", 20, SHUT, ufw),
];

fn ipv6(draft: &mut Draft, finding: &Finding) {
    if path(finding) == "/etc/default/ufw" {
        draft.setting("/etc/default/ufw", "IPV6", "yes", Style::TIGHT);
        draft.then(&["ufw", "reload"]);
        draft.check("ufw status verbose");
    }
}

fn ufw(draft: &mut Draft, finding: &Finding) {
    draft.command(&["ufw", "allow", "OpenSSH"], "ufw delete allow OpenSSH");
    draft.setting(path(finding), "ENABLED", "yes", Style::TIGHT);
    draft.then(&["ufw", "--force", "enable"]);
    draft.check("ufw status verbose");
}
