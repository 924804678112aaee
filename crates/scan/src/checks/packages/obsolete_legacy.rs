//! Installed programs whose protocols send secrets in clear, or that nobody needs any more.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// None of the servers and clients of a list of outdated services is installed: telnet, the r
    /// commands, NIS, talk, finger, TFTP, super-servers, rwho, prelink. Removed packages that left
    /// their configuration do not count.
    ///
    /// # Why it matters
    /// These protocols send passwords in clear or trust the address of the sender. Installed means
    /// one command or one package script away from listening.
    ///
    /// # Example
    /// `telnetd` on a Debian host, `rsh-server` on a Red Hat host.
    ///
    /// # Instead
    /// Remove the package: `apt-get purge NAME` or `dnf remove NAME`. Use ssh for shells, scp or
    /// sftp for files, LDAP with TLS for directories, systemd sockets instead of inetd.
    id: "pkg-obsolete-legacy",
    surface: Packages,
    title: "Outdated service is installed",
    severity: Medium,
    references: [Cwe "CWE-319", Attack "T1021", Man "ssh(1)"],
}

const PLAIN_SHELL: &str = "shell and password in clear text";
const R_COMMANDS: &str = "trusts the sender's address, everything in clear text";
const NIS: &str = "hands password hashes to anybody on the network";
const TALK: &str = "unauthenticated messages, unmaintained";
const TFTP: &str = "files without any authentication";
const SUPER: &str = "starts services of another time; systemd sockets do it confined";
const INFORMER: &str = "tells anybody who is logged in";

/// Package names (Debian and Red Hat families), how bad, and why.
const TABLE: [(&[&str], Severity, &str); 9] = [
    (
        &[
            "telnetd",
            "telnetd-ssl",
            "inetutils-telnetd",
            "telnet-server",
        ],
        Severity::High,
        PLAIN_SHELL,
    ),
    (
        &[
            "rsh-server",
            "rsh-redone-server",
            "inetutils-rshd",
            "rlogind",
        ],
        Severity::High,
        R_COMMANDS,
    ),
    (
        &["nis", "ypserv", "ypbind", "ypbind-mt"],
        Severity::Medium,
        NIS,
    ),
    (
        &["talkd", "inetutils-talkd", "talk-server"],
        Severity::Low,
        TALK,
    ),
    (
        &[
            "tftpd",
            "tftpd-hpa",
            "atftpd",
            "tftp-server",
            "atftp-server",
        ],
        Severity::Low,
        TFTP,
    ),
    (
        &[
            "xinetd",
            "openbsd-inetd",
            "inetutils-inetd",
            "rlinetd",
            "inetd",
        ],
        Severity::Low,
        SUPER,
    ),
    (
        &[
            "fingerd",
            "cfingerd",
            "finger-server",
            "rwhod",
            "rwho",
            "rusersd",
            "rstatd",
        ],
        Severity::Low,
        INFORMER,
    ),
    (
        &["rsh-client", "rsh-redone-client", "rsh", "talk", "yp-tools"],
        Severity::Low,
        "client of a protocol without encryption",
    ),
    (
        &["prelink"],
        Severity::Low,
        "rewrites programs, which defeats address randomisation and package digests",
    ),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let inventory = cx.facts.inventory()?;
    cx.limits(&inventory.limits);
    for package in inventory.installed() {
        let row = TABLE
            .iter()
            .find(|(names, ..)| names.contains(&package.name.as_str()));
        if let Some((_, severity, reason)) = row {
            let title = format!("Outdated package `{}` is installed", package.name);
            let hit = Hit::new(title)
                .subject(&package.name)
                .severity(*severity)
                .evidence("version", &package.version)
                .evidence("reason", *reason);
            cx.hit(hit);
        }
    }
    Ok(())
}
