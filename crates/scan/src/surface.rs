//! The surfaces of a host that checks belong to.

use std::fmt;

/// A part of the host that can be asked for by name (`--surface`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// Running programs.
    Processes,
    /// Listening sockets.
    Sockets,
    /// Kernel settings.
    Kernel,
    /// Loaded kernel modules.
    Modules,
    /// Permissions and owners of files.
    Files,
    /// Programs that run with another user's rights.
    Suid,
    /// Mandatory access control.
    Mac,
    /// Accounts, groups and passwords.
    Users,
    /// Rules of sudo.
    Sudo,
    /// Pluggable authentication modules.
    Pam,
    /// Secure shell server and keys.
    Ssh,
    /// Scheduled jobs.
    Cron,
    /// Systemd units.
    Units,
    /// Mounted file systems.
    Mounts,
    /// Packet filter.
    Firewall,
    /// System log and audit.
    Logging,
    /// Boot loader and secure boot.
    Boot,
    /// Installed packages and their sources.
    Packages,
    /// Digests of installed files.
    Integrity,
    /// Container engines and containers.
    Containers,
    /// Certificates and private keys.
    Certificates,
    /// Secrets that others can read.
    Secrets,
}

impl Surface {
    /// All surfaces, in the order of the documentation.
    pub const ALL: [Self; 22] = [
        Self::Processes,
        Self::Sockets,
        Self::Kernel,
        Self::Modules,
        Self::Files,
        Self::Suid,
        Self::Mac,
        Self::Users,
        Self::Sudo,
        Self::Pam,
        Self::Ssh,
        Self::Cron,
        Self::Units,
        Self::Mounts,
        Self::Firewall,
        Self::Logging,
        Self::Boot,
        Self::Packages,
        Self::Integrity,
        Self::Containers,
        Self::Certificates,
        Self::Secrets,
    ];

    /// The name used in reports and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processes => "processes",
            Self::Sockets => "sockets",
            Self::Kernel => "kernel",
            Self::Modules => "modules",
            Self::Files => "files",
            Self::Suid => "suid",
            Self::Mac => "mac",
            Self::Users => "users",
            Self::Sudo => "sudo",
            Self::Pam => "pam",
            Self::Ssh => "ssh",
            Self::Cron => "cron",
            Self::Units => "units",
            Self::Mounts => "mounts",
            Self::Firewall => "firewall",
            Self::Logging => "logging",
            Self::Boot => "boot",
            Self::Packages => "packages",
            Self::Integrity => "integrity",
            Self::Containers => "containers",
            Self::Certificates => "certificates",
            Self::Secrets => "secrets",
        }
    }

    /// Reads a name; `None` for an unknown one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|surface| surface.as_str() == name)
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
