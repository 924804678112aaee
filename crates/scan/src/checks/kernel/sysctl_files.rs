//! Kernel settings that stop link and file tricks in shared folders.

use super::table::{Row, Want, compare};
use crate::check::{Cx, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `fs.protected_hardlinks`, `fs.protected_symlinks`, `fs.protected_fifos` and
    /// `fs.protected_regular` of the running kernel.
    ///
    /// # Why it matters
    /// In folders that everybody may write to, such as `/tmp`, a user can lay a link, FIFO or file
    /// in the way of a program of root that then reads or overwrites what it should not. These
    /// settings make the kernel refuse exactly that.
    ///
    /// # Example
    /// `fs.protected_symlinks = 0`: root writes through `/tmp/report -> /etc/passwd`.
    ///
    /// # Instead
    /// `/etc/sysctl.d/90-hardening.conf` with `fs.protected_hardlinks = 1`,
    /// `fs.protected_symlinks = 1`, `fs.protected_fifos = 2`, `fs.protected_regular = 2`, then
    /// `sysctl --system`.
    id: "kernel-sysctl-files",
    surface: Kernel,
    title: "Protection of shared folders is off",
    severity: Medium,
    references: [Cwe "CWE-59", Cwe "CWE-377", Man "proc_sys_fs(5)"],
}

pub(super) const ROWS: &[Row] = &[
    Row {
        key: "fs/protected_hardlinks",
        want: Want::OneOf(&[1]),
        set: "1",
        severity: Severity::Medium,
        why: "a user links a file of root into a shared folder and waits for it to be changed there",
    },
    Row {
        key: "fs/protected_symlinks",
        want: Want::OneOf(&[1]),
        set: "1",
        severity: Severity::Medium,
        why: "a program of root follows a user's link in /tmp and writes to another file",
    },
    Row {
        key: "fs/protected_fifos",
        want: Want::AtLeast(1),
        set: "2",
        severity: Severity::Low,
        why: "a program of root writes its data into a FIFO that a user laid in the way",
    },
    Row {
        key: "fs/protected_regular",
        want: Want::AtLeast(1),
        set: "2",
        severity: Severity::Low,
        why: "a program of root writes its data into a file that a user laid in the way",
    },
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    compare(cx, ROWS)
}
