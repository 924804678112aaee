//! Kernel settings that make exploits of programs and of the kernel harder.

use super::table::{Row, Want, compare};
use crate::check::{Cx, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Live values in `/proc/sys` of the settings that hide kernel addresses, randomise memory and
    /// keep unprivileged users from debugging, BPF and rarely used interfaces. Settings that this
    /// kernel does not have are left out.
    ///
    /// # Why it matters
    /// An exploit needs addresses, predictable memory or a reachable piece of kernel code. Each of
    /// these settings takes one of them away from a process that already runs as an ordinary user.
    ///
    /// # Example
    /// `kernel.kptr_restrict = 0`: every user reads kernel addresses from `/proc/kallsyms`.
    ///
    /// # Instead
    /// Put the expected value into `/etc/sysctl.d/90-hardening.conf` and run `sysctl --system`.
    id: "kernel-sysctl-hardening",
    surface: Kernel,
    title: "Kernel hardening setting is off",
    severity: Low,
    references: [Cwe "CWE-693", Attack "T1068", Man "sysctl.d(5)", Url "https://docs.kernel.org/admin-guide/sysctl/kernel.html"],
}

pub(super) const ROWS: &[Row] = &[
    Row {
        key: "kernel/randomize_va_space",
        want: Want::OneOf(&[2]),
        set: "2",
        severity: Severity::Medium,
        why: "without address randomisation an overflow in any program is easy to exploit",
    },
    Row {
        key: "kernel/kptr_restrict",
        want: Want::AtLeast(1),
        set: "2",
        severity: Severity::Low,
        why: "kernel addresses in /proc/kallsyms tell an exploit where to jump",
    },
    Row {
        key: "kernel/dmesg_restrict",
        want: Want::OneOf(&[1]),
        set: "1",
        severity: Severity::Low,
        why: "every user reads the kernel log with its addresses and hardware details",
    },
    Row {
        key: "kernel/perf_event_paranoid",
        want: Want::AtLeast(2),
        set: "3",
        severity: Severity::Low,
        why: "unprivileged users measure the kernel through perf, a frequent source of exploits",
    },
    Row {
        key: "kernel/yama/ptrace_scope",
        want: Want::AtLeast(1),
        set: "1",
        severity: Severity::Low,
        why: "one taken-over process reads the secrets of all others of the same user",
    },
    Row {
        key: "kernel/unprivileged_bpf_disabled",
        want: Want::OneOf(&[1, 2]),
        set: "1",
        severity: Severity::Medium,
        why: "every user loads programs into the kernel's BPF verifier, a frequent source of exploits",
    },
    Row {
        key: "net/core/bpf_jit_harden",
        want: Want::OneOf(&[2]),
        set: "2",
        severity: Severity::Low,
        why: "constants of BPF programs land in executable kernel memory (JIT spraying)",
    },
    Row {
        key: "dev/tty/ldisc_autoload",
        want: Want::OneOf(&[0]),
        set: "0",
        severity: Severity::Low,
        why: "every user makes the kernel load old terminal line disciplines",
    },
    Row {
        key: "vm/mmap_min_addr",
        want: Want::AtLeast(4096),
        set: "65536",
        severity: Severity::Medium,
        why: "a null pointer in the kernel leads into memory that a program can map",
    },
    Row {
        key: "vm/unprivileged_userfaultfd",
        want: Want::OneOf(&[0]),
        set: "0",
        severity: Severity::Low,
        why: "a user halts the kernel in the middle of a copy, which makes races exploitable",
    },
    Row {
        key: "kernel/core_uses_pid",
        want: Want::OneOf(&[1]),
        set: "1",
        severity: Severity::Info,
        why: "one core dump overwrites the one before it in the same folder",
    },
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    compare(cx, ROWS)
}
