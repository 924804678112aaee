//! The assessments of the score, as data: what is looked at and how much it weighs.
//!
//! Source of identifiers, weights, ranges and of what does not count in early boot: the JSON
//! output of `systemd-analyze security` of systemd 252. The descriptions are this project's own.

use super::network::Family;

/// How a badness is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Bad when the yes/no setting is off.
    Flag(&'static str),
    /// Bad when one of the capabilities can be had.
    Capability(&'static str),
    /// Bad when the namespace can be made.
    Namespace(&'static str),
    /// Bad when sockets of the group can be made.
    Socket(Family),
    /// Bad when a call of the group can be used.
    Syscalls(&'static str),
    /// `KeyringMode=`
    Keyring,
    /// `ProcSubset=`
    ProcSubset,
    /// `ProtectProc=`
    ProtectProc,
    /// `NotifyAccess=`
    Notify,
    /// `User=` and `DynamicUser=`
    User,
    /// `SupplementaryGroups=`
    Groups,
    /// `ProtectHome=`
    Home,
    /// `ProtectSystem=`
    System,
    /// `RootDirectory=` and `RootImage=`
    Root,
    /// `UMask=`
    Umask,
    /// `RemoveIPC=`
    Ipc,
    /// `Delegate=`
    Delegate,
    /// `SystemCallArchitectures=`
    Architectures,
    /// `IPAddressDeny=` and `IPAddressAllow=`
    Addresses,
    /// `DevicePolicy=` and `DeviceAllow=`
    Devices,
    /// `AmbientCapabilities=`
    Ambient,
}

/// One assessment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The identifier in systemd's JSON output and policies.
    pub(super) id: &'static str,
    /// The setting that would improve it.
    pub(super) name: &'static str,
    /// The weight among all.
    pub(super) weight: u32,
    /// The badness of the worst case.
    pub(super) range: u32,
    /// Does not count for units with `DefaultDependencies=no`.
    pub(super) late_only: bool,
    /// How the badness is found.
    pub(super) rule: Rule,
    /// What the worst case means.
    pub(super) bad: &'static str,
    /// What the best case means.
    pub(super) good: &'static str,
}

const fn row(
    id: &'static str,
    name: &'static str,
    (weight, range): (u32, u32),
    rule: Rule,
    (bad, good): (&'static str, &'static str),
) -> Row {
    Row {
        id,
        name,
        weight,
        range,
        late_only: false,
        rule,
        bad,
        good,
    }
}

const fn late(row: Row) -> Row {
    Row {
        late_only: true,
        ..row
    }
}

/// All assessments.
pub(super) const ROWS: [Row; 81] = [
    row(
        "UserOrDynamicUser",
        "User=/DynamicUser=",
        (2000, 10),
        Rule::User,
        ("runs as root", "runs as a user of its own"),
    ),
    row(
        "SupplementaryGroups",
        "SupplementaryGroups=",
        (200, 1),
        Rule::Groups,
        ("is in further groups", "is in no further group"),
    ),
    row(
        "PrivateDevices",
        "PrivateDevices=",
        (1000, 1),
        Rule::Flag("PrivateDevices"),
        (
            "sees the hardware devices of the host",
            "sees no hardware devices",
        ),
    ),
    row(
        "PrivateMounts",
        "PrivateMounts=",
        (1000, 1),
        Rule::Flag("PrivateMounts"),
        (
            "its mounts reach the host",
            "its mounts stay in its own namespace",
        ),
    ),
    row(
        "PrivateNetwork",
        "PrivateNetwork=",
        (2500, 1),
        Rule::Flag("PrivateNetwork"),
        (
            "uses the network of the host",
            "is cut off from the network of the host",
        ),
    ),
    late(row(
        "PrivateTmp",
        "PrivateTmp=",
        (1000, 1),
        Rule::Flag("PrivateTmp"),
        (
            "shares temporary files with other programs",
            "has temporary files of its own",
        ),
    )),
    row(
        "PrivateUsers",
        "PrivateUsers=",
        (1000, 1),
        Rule::Flag("PrivateUsers"),
        ("sees all users of the host", "sees no other users"),
    ),
    row(
        "ProtectControlGroups",
        "ProtectControlGroups=",
        (1000, 1),
        Rule::Flag("ProtectControlGroups"),
        ("can write control groups", "cannot write control groups"),
    ),
    row(
        "ProtectKernelModules",
        "ProtectKernelModules=",
        (1000, 1),
        Rule::Flag("ProtectKernelModules"),
        ("module loading is not cut off", "module loading is cut off"),
    ),
    row(
        "ProtectKernelTunables",
        "ProtectKernelTunables=",
        (1000, 1),
        Rule::Flag("ProtectKernelTunables"),
        (
            "can write kernel variables",
            "cannot write kernel variables",
        ),
    ),
    row(
        "ProtectKernelLogs",
        "ProtectKernelLogs=",
        (1000, 1),
        Rule::Flag("ProtectKernelLogs"),
        ("can use the kernel log", "cannot use the kernel log"),
    ),
    row(
        "ProtectClock",
        "ProtectClock=",
        (1000, 1),
        Rule::Flag("ProtectClock"),
        ("clock setting is not cut off", "clock setting is cut off"),
    ),
    late(row(
        "ProtectHome",
        "ProtectHome=",
        (1000, 10),
        Rule::Home,
        ("sees and writes home folders", "sees no home folders"),
    )),
    row(
        "ProtectHostname",
        "ProtectHostname=",
        (50, 1),
        Rule::Flag("ProtectHostname"),
        ("can change the host name", "cannot change the host name"),
    ),
    late(row(
        "ProtectSystem",
        "ProtectSystem=",
        (1000, 10),
        Rule::System,
        (
            "can write the operating system",
            "cannot write the file system",
        ),
    )),
    late(row(
        "RootDirectoryOrRootImage",
        "RootDirectory=/RootImage=",
        (200, 1),
        Rule::Root,
        (
            "uses the root folder of the host",
            "has a root folder of its own",
        ),
    )),
    row(
        "LockPersonality",
        "LockPersonality=",
        (100, 1),
        Rule::Flag("LockPersonality"),
        (
            "can change its execution domain",
            "cannot change its execution domain",
        ),
    ),
    row(
        "MemoryDenyWriteExecute",
        "MemoryDenyWriteExecute=",
        (100, 1),
        Rule::Flag("MemoryDenyWriteExecute"),
        (
            "memory can be writable and executable",
            "no memory is writable and executable",
        ),
    ),
    row(
        "NoNewPrivileges",
        "NoNewPrivileges=",
        (1000, 1),
        Rule::Flag("NoNewPrivileges"),
        (
            "can gain rights by starting programs",
            "gains no rights by starting programs",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_ADMIN",
        "CapabilityBoundingSet=~CAP_SYS_ADMIN",
        (1500, 1),
        Rule::Capability("SYS_ADMIN"),
        ("can administer the system", "cannot administer the system"),
    ),
    row(
        "CapabilityBoundingSet_CAP_SET_UID_GID_PCAP",
        "CapabilityBoundingSet=~CAP_SET(UID|GID|PCAP)",
        (1500, 1),
        Rule::Capability("SETUID SETGID SETPCAP"),
        (
            "can change its user, group or capabilities",
            "cannot change its user, group or capabilities",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_PTRACE",
        "CapabilityBoundingSet=~CAP_SYS_PTRACE",
        (1500, 1),
        Rule::Capability("SYS_PTRACE"),
        ("can trace other processes", "cannot trace other processes"),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_TIME",
        "CapabilityBoundingSet=~CAP_SYS_TIME",
        (1000, 1),
        Rule::Capability("SYS_TIME"),
        ("can set the clock", "cannot set the clock"),
    ),
    row(
        "CapabilityBoundingSet_CAP_NET_ADMIN",
        "CapabilityBoundingSet=~CAP_NET_ADMIN",
        (1000, 1),
        Rule::Capability("NET_ADMIN"),
        ("can configure the network", "cannot configure the network"),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_RAWIO",
        "CapabilityBoundingSet=~CAP_SYS_RAWIO",
        (1000, 1),
        Rule::Capability("SYS_RAWIO"),
        (
            "can use raw input and output",
            "cannot use raw input and output",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_MODULE",
        "CapabilityBoundingSet=~CAP_SYS_MODULE",
        (1000, 1),
        Rule::Capability("SYS_MODULE"),
        ("can load kernel modules", "cannot load kernel modules"),
    ),
    row(
        "CapabilityBoundingSet_CAP_AUDIT",
        "CapabilityBoundingSet=~CAP_AUDIT_*",
        (500, 1),
        Rule::Capability("AUDIT_CONTROL AUDIT_READ AUDIT_WRITE"),
        ("can use the audit system", "cannot use the audit system"),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYSLOG",
        "CapabilityBoundingSet=~CAP_SYSLOG",
        (500, 1),
        Rule::Capability("SYSLOG"),
        (
            "can control the kernel log",
            "cannot control the kernel log",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_NICE_RESOURCE",
        "CapabilityBoundingSet=~CAP_SYS_(NICE|RESOURCE)",
        (500, 1),
        Rule::Capability("SYS_NICE SYS_RESOURCE"),
        (
            "can lift priorities and limits",
            "cannot lift priorities and limits",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_MKNOD",
        "CapabilityBoundingSet=~CAP_MKNOD",
        (500, 1),
        Rule::Capability("MKNOD"),
        ("can make device nodes", "cannot make device nodes"),
    ),
    row(
        "CapabilityBoundingSet_CAP_CHOWN_FSETID_SETFCAP",
        "CapabilityBoundingSet=~CAP_(CHOWN|FSETID|SETFCAP)",
        (1000, 1),
        Rule::Capability("CHOWN FSETID SETFCAP"),
        (
            "can give files other owners, modes or capabilities",
            "cannot give files other owners, modes or capabilities",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_DAC_FOWNER_IPC_OWNER",
        "CapabilityBoundingSet=~CAP_(DAC_*|FOWNER|IPC_OWNER)",
        (1000, 1),
        Rule::Capability("DAC_OVERRIDE DAC_READ_SEARCH FOWNER IPC_OWNER"),
        (
            "can pass over file permissions",
            "cannot pass over file permissions",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_KILL",
        "CapabilityBoundingSet=~CAP_KILL",
        (500, 1),
        Rule::Capability("KILL"),
        ("can signal any process", "cannot signal any process"),
    ),
    row(
        "CapabilityBoundingSet_CAP_NET_BIND_SERVICE_BROADCAST_RAW)",
        "CapabilityBoundingSet=~CAP_NET_(BIND_SERVICE|BROADCAST|RAW)",
        (500, 1),
        Rule::Capability("NET_BIND_SERVICE NET_BROADCAST NET_RAW"),
        (
            "can use low ports and raw sockets",
            "cannot use low ports and raw sockets",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_BOOT",
        "CapabilityBoundingSet=~CAP_SYS_BOOT",
        (100, 1),
        Rule::Capability("SYS_BOOT"),
        ("can restart the machine", "cannot restart the machine"),
    ),
    row(
        "CapabilityBoundingSet_CAP_MAC",
        "CapabilityBoundingSet=~CAP_MAC_*",
        (100, 1),
        Rule::Capability("MAC_ADMIN MAC_OVERRIDE"),
        (
            "can change mandatory access control",
            "cannot change mandatory access control",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_LINUX_IMMUTABLE",
        "CapabilityBoundingSet=~CAP_LINUX_IMMUTABLE",
        (75, 1),
        Rule::Capability("LINUX_IMMUTABLE"),
        ("can make files immutable", "cannot make files immutable"),
    ),
    row(
        "CapabilityBoundingSet_CAP_IPC_LOCK",
        "CapabilityBoundingSet=~CAP_IPC_LOCK",
        (50, 1),
        Rule::Capability("IPC_LOCK"),
        ("can lock memory", "cannot lock memory"),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_CHROOT",
        "CapabilityBoundingSet=~CAP_SYS_CHROOT",
        (50, 1),
        Rule::Capability("SYS_CHROOT"),
        (
            "can change its root folder",
            "cannot change its root folder",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_BLOCK_SUSPEND",
        "CapabilityBoundingSet=~CAP_BLOCK_SUSPEND",
        (25, 1),
        Rule::Capability("BLOCK_SUSPEND"),
        (
            "can keep the machine awake",
            "cannot keep the machine awake",
        ),
    ),
    row(
        "CapabilityBoundingSet_CAP_WAKE_ALARM",
        "CapabilityBoundingSet=~CAP_WAKE_ALARM",
        (25, 1),
        Rule::Capability("WAKE_ALARM"),
        ("can wake the machine", "cannot wake the machine"),
    ),
    row(
        "CapabilityBoundingSet_CAP_LEASE",
        "CapabilityBoundingSet=~CAP_LEASE",
        (25, 1),
        Rule::Capability("LEASE"),
        ("can take leases on files", "cannot take leases on files"),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_TTY_CONFIG",
        "CapabilityBoundingSet=~CAP_SYS_TTY_CONFIG",
        (25, 1),
        Rule::Capability("SYS_TTY_CONFIG"),
        ("can hang up terminals", "cannot hang up terminals"),
    ),
    row(
        "CapabilityBoundingSet_CAP_BPF",
        "CapabilityBoundingSet=~CAP_BPF",
        (25, 1),
        Rule::Capability("BPF"),
        ("can load BPF programs", "cannot load BPF programs"),
    ),
    row(
        "CapabilityBoundingSet_CAP_SYS_PACCT",
        "CapabilityBoundingSet=~CAP_SYS_PACCT",
        (25, 1),
        Rule::Capability("SYS_PACCT"),
        (
            "can switch process accounting",
            "cannot switch process accounting",
        ),
    ),
    row(
        "UMask",
        "UMask=",
        (100, 10),
        Rule::Umask,
        (
            "new files are writable by everyone",
            "new files are for its user alone",
        ),
    ),
    row(
        "KeyringMode",
        "KeyringMode=",
        (1000, 1),
        Rule::Keyring,
        ("shares its keyring", "has a keyring of its own"),
    ),
    row(
        "ProtectProc",
        "ProtectProc=",
        (1000, 3),
        Rule::ProtectProc,
        (
            "sees the processes of others",
            "sees only its own processes",
        ),
    ),
    row(
        "ProcSubset",
        "ProcSubset=",
        (10, 1),
        Rule::ProcSubset,
        ("sees all of /proc", "sees only processes in /proc"),
    ),
    row(
        "NotifyAccess",
        "NotifyAccess=",
        (1000, 1),
        Rule::Notify,
        (
            "any of its processes can report its state",
            "only chosen processes can report its state",
        ),
    ),
    row(
        "RemoveIPC",
        "RemoveIPC=",
        (100, 1),
        Rule::Ipc,
        (
            "leaves shared memory behind",
            "leaves no shared memory behind",
        ),
    ),
    row(
        "Delegate",
        "Delegate=",
        (100, 1),
        Rule::Delegate,
        (
            "manages control groups of its own",
            "manages no control groups",
        ),
    ),
    row(
        "RestrictRealtime",
        "RestrictRealtime=",
        (500, 1),
        Rule::Flag("RestrictRealtime"),
        (
            "can take realtime priority",
            "cannot take realtime priority",
        ),
    ),
    row(
        "RestrictSUIDSGID",
        "RestrictSUIDSGID=",
        (1000, 1),
        Rule::Flag("RestrictSUIDSGID"),
        (
            "can make set-user-id files",
            "cannot make set-user-id files",
        ),
    ),
    row(
        "RestrictNamespaces_user",
        "RestrictNamespaces=~user",
        (1500, 1),
        Rule::Namespace("user"),
        ("can make user namespaces", "cannot make user namespaces"),
    ),
    row(
        "RestrictNamespaces_mnt",
        "RestrictNamespaces=~mnt",
        (500, 1),
        Rule::Namespace("mnt"),
        ("can make mount namespaces", "cannot make mount namespaces"),
    ),
    row(
        "RestrictNamespaces_ipc",
        "RestrictNamespaces=~ipc",
        (500, 1),
        Rule::Namespace("ipc"),
        ("can make IPC namespaces", "cannot make IPC namespaces"),
    ),
    row(
        "RestrictNamespaces_pid",
        "RestrictNamespaces=~pid",
        (500, 1),
        Rule::Namespace("pid"),
        (
            "can make process namespaces",
            "cannot make process namespaces",
        ),
    ),
    row(
        "RestrictNamespaces_cgroup",
        "RestrictNamespaces=~cgroup",
        (500, 1),
        Rule::Namespace("cgroup"),
        (
            "can make control group namespaces",
            "cannot make control group namespaces",
        ),
    ),
    row(
        "RestrictNamespaces_net",
        "RestrictNamespaces=~net",
        (500, 1),
        Rule::Namespace("net"),
        (
            "can make network namespaces",
            "cannot make network namespaces",
        ),
    ),
    row(
        "RestrictNamespaces_uts",
        "RestrictNamespaces=~uts",
        (100, 1),
        Rule::Namespace("uts"),
        (
            "can make host name namespaces",
            "cannot make host name namespaces",
        ),
    ),
    row(
        "RestrictAddressFamilies_AF_INET_INET6",
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        (1500, 1),
        Rule::Socket(Family::Inet),
        ("can make internet sockets", "cannot make internet sockets"),
    ),
    row(
        "RestrictAddressFamilies_AF_UNIX",
        "RestrictAddressFamilies=~AF_UNIX",
        (25, 1),
        Rule::Socket(Family::Unix),
        ("can make local sockets", "cannot make local sockets"),
    ),
    row(
        "RestrictAddressFamilies_AF_NETLINK",
        "RestrictAddressFamilies=~AF_NETLINK",
        (200, 1),
        Rule::Socket(Family::Netlink),
        ("can make netlink sockets", "cannot make netlink sockets"),
    ),
    row(
        "RestrictAddressFamilies_AF_PACKET",
        "RestrictAddressFamilies=~AF_PACKET",
        (1000, 1),
        Rule::Socket(Family::Packet),
        ("can make packet sockets", "cannot make packet sockets"),
    ),
    row(
        "RestrictAddressFamilies_OTHER",
        "RestrictAddressFamilies=~…",
        (1250, 1),
        Rule::Socket(Family::Other),
        ("can make rare sockets", "cannot make rare sockets"),
    ),
    row(
        "SystemCallArchitectures",
        "SystemCallArchitectures=",
        (1000, 10),
        Rule::Architectures,
        (
            "can use system calls of all architectures",
            "can use native system calls only",
        ),
    ),
    row(
        "SystemCallFilter_swap",
        "SystemCallFilter=~@swap",
        (1000, 10),
        Rule::Syscalls("@swap"),
        ("can use swap calls", "cannot use swap calls"),
    ),
    row(
        "SystemCallFilter_obsolete",
        "SystemCallFilter=~@obsolete",
        (250, 10),
        Rule::Syscalls("@obsolete"),
        ("can use obsolete calls", "cannot use obsolete calls"),
    ),
    row(
        "SystemCallFilter_clock",
        "SystemCallFilter=~@clock",
        (1000, 10),
        Rule::Syscalls("@clock"),
        ("can use clock calls", "cannot use clock calls"),
    ),
    row(
        "SystemCallFilter_cpu_emulation",
        "SystemCallFilter=~@cpu-emulation",
        (250, 10),
        Rule::Syscalls("@cpu-emulation"),
        (
            "can use processor emulation calls",
            "cannot use processor emulation calls",
        ),
    ),
    row(
        "SystemCallFilter_debug",
        "SystemCallFilter=~@debug",
        (1000, 10),
        Rule::Syscalls("@debug"),
        ("can use debugging calls", "cannot use debugging calls"),
    ),
    row(
        "SystemCallFilter_mount",
        "SystemCallFilter=~@mount",
        (1000, 10),
        Rule::Syscalls("@mount"),
        ("can use mount calls", "cannot use mount calls"),
    ),
    row(
        "SystemCallFilter_module",
        "SystemCallFilter=~@module",
        (1000, 10),
        Rule::Syscalls("@module"),
        ("can use module calls", "cannot use module calls"),
    ),
    row(
        "SystemCallFilter_raw_io",
        "SystemCallFilter=~@raw-io",
        (1000, 10),
        Rule::Syscalls("@raw-io"),
        (
            "can use raw input and output calls",
            "cannot use raw input and output calls",
        ),
    ),
    row(
        "SystemCallFilter_reboot",
        "SystemCallFilter=~@reboot",
        (1000, 10),
        Rule::Syscalls("@reboot"),
        ("can use restart calls", "cannot use restart calls"),
    ),
    row(
        "SystemCallFilter_privileged",
        "SystemCallFilter=~@privileged",
        (700, 10),
        Rule::Syscalls("@privileged"),
        ("can use privileged calls", "cannot use privileged calls"),
    ),
    row(
        "SystemCallFilter_resources",
        "SystemCallFilter=~@resources",
        (700, 10),
        Rule::Syscalls("@resources"),
        ("can use resource calls", "cannot use resource calls"),
    ),
    row(
        "IPAddressDeny",
        "IPAddressDeny=",
        (1000, 10),
        Rule::Addresses,
        (
            "can reach and be reached by every address",
            "cannot use the internet",
        ),
    ),
    row(
        "DeviceAllow",
        "DeviceAllow=",
        (1000, 10),
        Rule::Devices,
        ("can open all devices", "can open harmless devices only"),
    ),
    row(
        "AmbientCapabilities",
        "AmbientCapabilities=",
        (500, 1),
        Rule::Ambient,
        (
            "hands capabilities to its processes",
            "hands no capabilities to its processes",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_unique_and_ranges_positive() {
        let ids: std::collections::BTreeSet<_> = ROWS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), ROWS.len());
        assert!(ROWS.iter().all(|row| row.range > 0 && row.weight > 0));
    }
}
