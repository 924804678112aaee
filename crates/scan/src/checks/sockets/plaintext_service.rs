//! Services that send passwords in the clear.

use super::exposed;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sockets::Protocol;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// No service that sends passwords or screens in the clear listens beyond the loopback address:
    /// Telnet, FTP, rsh, rlogin, rexec, TFTP, finger, POP3, IMAP, SNMP, LDAP, VNC, X11, by port.
    /// Services that can turn encryption on in the same connection (FTP, POP3, IMAP, LDAP) are medium,
    /// as that cannot be seen from outside.
    ///
    /// # Why it matters
    /// Everybody on the way reads the password and takes over the session.
    ///
    /// # Example
    /// `tcp 0.0.0.0:23`, held by `/usr/sbin/in.telnetd`.
    ///
    /// # Instead
    /// Telnet, rsh, FTP: `systemctl disable --now UNIT`, use OpenSSH. Mail and LDAP: the ports with
    /// TLS (995, 993, 636). VNC and X11: bind to 127.0.0.1 and forward by `ssh -L`.
    id: "socket-plaintext-service",
    surface: Sockets,
    title: "Service sends passwords in the clear",
    severity: High,
    references: [Cwe "CWE-319", Attack "T1040"],
}

use Severity::{High, Medium};

const SERVICES: [(Protocol, u16, u16, &str, Severity); 14] = [
    (Protocol::Tcp, 21, 21, "FTP", Medium),
    (Protocol::Tcp, 23, 23, "Telnet", High),
    (Protocol::Udp, 69, 69, "TFTP", Medium),
    (Protocol::Tcp, 79, 79, "finger", Medium),
    (Protocol::Tcp, 110, 110, "POP3", Medium),
    (Protocol::Tcp, 143, 143, "IMAP", Medium),
    (Protocol::Udp, 161, 161, "SNMP", Medium),
    (Protocol::Tcp, 389, 389, "LDAP", Medium),
    (Protocol::Tcp, 512, 512, "rexec", High),
    (Protocol::Tcp, 513, 513, "rlogin", High),
    (Protocol::Tcp, 514, 514, "rsh", High),
    (Protocol::Tcp, 5900, 5910, "VNC", High),
    (Protocol::Tcp, 6000, 6009, "X11", High),
    (Protocol::Tcp, 177, 177, "XDMCP", High),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.sockets()?;
    cx.limits(&all.limits);
    for one in exposed(all) {
        let service = SERVICES.iter().find(|(protocol, first, last, _, _)| {
            *protocol == one.protocol && (*first..=*last).contains(&one.port)
        });
        let Some((protocol, _, _, name, severity)) = service else {
            continue;
        };
        // rsyslogd takes logs on tcp 514, which is no remote shell.
        let program = one.program();
        if *name == "rsh" && program.contains("syslog") {
            continue;
        }
        let place = format!("{} {}:{}", protocol.as_str(), one.address(), one.port);
        let hit = Hit::new(format!("{name} is open on {place} ({program})"))
            .subject(format!("{} port {}", protocol.as_str(), one.port))
            .key(&program)
            .severity(*severity)
            .evidence("address", place)
            .evidence("program", program);
        cx.hit(hit);
    }
    Ok(())
}
