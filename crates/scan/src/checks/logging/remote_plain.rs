//! Log messages that travel in plain.

use super::forwards;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// What rsyslog, syslog-ng and systemd-journal-upload send to other hosts must be protected by TLS. Destinations on
    /// this host are left out.
    ///
    /// # Why it matters
    /// Log messages name users, hosts and addresses. On the way they can be read, dropped and (with UDP) invented by
    /// anybody in between.
    ///
    /// # Example
    /// `*.* @log.example.org` in `/etc/rsyslog.d/90-remote.conf` (one `@` is UDP, two are TCP).
    ///
    /// # Instead
    /// `action(type="omfwd" target="log.example.org" port="6514" protocol="tcp" StreamDriver="gtls" StreamDriverMode="1"
    /// StreamDriverAuthMode="x509/name")` with the package `rsyslog-gnutls`; in syslog-ng `network("log.example.org" transport("tls") tls(...))`.
    id: "log-remote-plain",
    surface: Logging,
    title: "Log messages travel without encryption",
    severity: Low,
    references: [Cwe "CWE-319", Attack "T1040", Man "rsyslog.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let (forwards, limits) = forwards::read(cx.facts)?;
    cx.limits(&limits);
    if forwards.is_empty() && limits.is_empty() {
        return Err(Skip::not_applicable(
            "no log message is sent to another host",
        ));
    }
    for forward in forwards.iter().filter(|forward| !forward.protected) {
        let title = format!(
            "Log messages go to `{}` over plain {}",
            forward.target, forward.transport
        );
        let hit = Hit::new(title)
            .path(&forward.file)
            .line(forward.line)
            .subject(&forward.target)
            .evidence_at(
                "transport",
                forward.transport,
                &forward.file,
                Some(forward.line),
            );
        cx.hit(hit);
    }
    Ok(())
}
