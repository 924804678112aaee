//! `CapabilityBoundingSet=` and `AmbientCapabilities=`: sets of capabilities as bits.

use crate::systemd::words::{Rules, words};

/// A set: bit `n` is the capability of number `n`.
pub(super) type Set = u64;

/// Every capability.
pub(super) const ALL: Set = Set::MAX;

/// The names without `CAP_`; the place is the number (capabilities(7), linux/capability.h).
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// The set of the names in a blank-separated list, without `CAP_`.
pub(super) fn set_of(names: &str) -> Set {
    names
        .split(' ')
        .filter_map(bit)
        .fold(0, |set, bit| set | bit)
}

fn bit(name: &str) -> Option<Set> {
    let number = NAMES
        .iter()
        .position(|one| one.eq_ignore_ascii_case(name))?;
    1_u64.checked_shl(u32::try_from(number).ok()?)
}

/// One word of a setting: a name with `CAP_` in any case, or a number below 64.
fn parse_one(word: &str) -> Option<Set> {
    if let Ok(number) = word.parse::<u32>() {
        return 1_u64.checked_shl(number);
    }
    let (head, name) = word.split_at_checked(4)?;
    if head.eq_ignore_ascii_case("CAP_") {
        bit(name)
    } else {
        None
    }
}

/// Applies one assignment. `initial` is the set of a unit without any: an assignment to it, and
/// one without a known name, replaces; others add, or take away with `~`.
pub(super) fn assign(set: Set, initial: Set, value: &str) -> Set {
    let (takes, list) = match value.strip_prefix('~') {
        Some(list) => (true, list),
        None => (false, value),
    };
    let sum = words(list, Rules::RELAXED)
        .iter()
        .filter_map(|word| parse_one(word))
        .fold(0, |sum, bit| sum | bit);
    match (sum == 0 || set == initial, takes) {
        (true, true) => !sum,
        (true, false) => sum,
        (false, true) => set & !sum,
        (false, false) => set | sum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], expected: Set) {
        let set = values
            .iter()
            .fold(ALL, |set, value| assign(set, ALL, value));
        assert_eq!(set, expected, "{values:?}");
    }

    #[test]
    fn lists_replace_then_merge() {
        let (kill, mknod) = (set_of("KILL"), set_of("MKNOD"));
        assert_eq!((kill, mknod), (1 << 5, 1 << 27));
        check(&["cap_kill CAP_MKNOD"], kill | mknod);
        check(&["CAP_KILL", "27"], kill | mknod);
        check(&["CAP_KILL CAP_MKNOD", "~CAP_KILL"], mknod);
        check(&["~CAP_KILL", "~CAP_MKNOD"], !(kill | mknod));
        check(&["CAP_KILL", "~"], ALL);
        check(&["~CAP_KILL", ""], 0);
        check(&["CAP_TYPO KILL 64"], 0);
        check(&["~CAP_KILL", "CAP_KILL", "CAP_MKNOD"], mknod);
    }
}
