//! Core dumps of programs that run with more rights than their user.

use super::table::with_values;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sysctl;

check! {
    /// # What it checks
    /// `fs.suid_dumpable`. 0 writes no core dump of a set-uid program; 2 writes one that root alone
    /// reads, and the kernel refuses it unless `kernel.core_pattern` is a pipe or an absolute path;
    /// 1 writes one that the user reads.
    ///
    /// # Why it matters
    /// The memory of a set-uid program holds what its user may not see: `/etc/shadow`, keys,
    /// passwords. With 1 the user crashes the program and reads the dump.
    ///
    /// # Example
    /// `fs.suid_dumpable = 1`
    ///
    /// # Instead
    /// `fs.suid_dumpable = 0` in `/etc/sysctl.d/90-hardening.conf`, then `sysctl --system`.
    id: "kernel-core-dumps-suid",
    surface: Kernel,
    title: "Set-uid programs dump core for their user",
    severity: High,
    references: [Cwe "CWE-528", Attack "T1003", Man "proc_sys_fs(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const KEY: &str = "fs/suid_dumpable";
    cx.facts.need_proc()?;
    match sysctl::live(cx.facts, KEY)?.as_deref() {
        Some("1") => {
            let hit =
                Hit::new("Set-uid programs dump core for their user").subject("fs.suid_dumpable");
            let hit = with_values(cx, hit, KEY, "1")?;
            cx.hit(hit);
            Ok(())
        }
        Some(_) => Ok(()),
        None => Err(Skip::not_applicable(
            "this kernel has no `fs.suid_dumpable`",
        )),
    }
}
