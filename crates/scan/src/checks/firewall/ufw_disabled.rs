//! ufw that is installed and off.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::firewall::assigned;

check! {
    /// # What it checks
    /// `ENABLED` in `/etc/ufw/ufw.conf` (the last assignment counts), where no other manager of a packet
    /// filter is enabled.
    ///
    /// # Why it matters
    /// Somebody installed a packet filter and perhaps wrote rules for it, and not one of them is in
    /// force.
    ///
    /// # Example
    /// `ENABLED=no` in `/etc/ufw/ufw.conf`
    ///
    /// # Instead
    /// `ufw allow OpenSSH`, `ufw enable`; or `apt purge ufw` if another filter is used.
    id: "firewall-ufw-disabled",
    surface: Firewall,
    title: "ufw is installed and off",
    severity: Medium,
    references: [Cwe "CWE-1188", Attack "T1562.004", Man "ufw(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const CONF: &str = "/etc/ufw/ufw.conf";
    let Some(text) = cx.facts.value_if_there(CONF)? else {
        return Err(Skip::not_applicable("ufw is not installed"));
    };
    let firewall = cx.facts.firewall()?;
    let state = assigned(&text, "ENABLED");
    let off = state
        .as_ref()
        .is_none_or(|(value, _)| !value.eq_ignore_ascii_case("yes"));
    if !off || !firewall.enabled.is_empty() {
        return Ok(());
    }
    let (value, line) = match state {
        Some((value, line)) => (value, Some(line)),
        None => ("not set".to_owned(), None),
    };
    let hit = Hit::new("ufw is installed and off")
        .path(CONF)
        .evidence_at("ENABLED", value, CONF, line);
    cx.hit(hit);
    Ok(())
}
