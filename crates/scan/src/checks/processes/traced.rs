//! Processes under the control of a debugger.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::processes::Process;
use casemate_schema::Severity;
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// No process is traced by another one (`TracerPid` in its status). A tracer that is a usual
    /// debugger (`gdb`, `strace`, `lldb`, `dlv`, ...) is low, any other medium, and one that holds a
    /// process of another user high.
    ///
    /// # Why it matters
    /// A tracer reads and writes the whole memory of its process: keys, passwords and tokens. On a
    /// production host nobody should be debugging.
    ///
    /// # Example
    /// `TracerPid: 4711` in the status of `sshd`.
    ///
    /// # Instead
    /// Stop the tracer if nobody knows it, and allow tracing of own children alone:
    /// `sysctl kernel.yama.ptrace_scope=1`.
    id: "proc-traced",
    surface: Processes,
    title: "Process is traced by another",
    severity: Medium,
    references: [Attack "T1055.008", Man "ptrace(2)"],
}

const DEBUGGERS: [&str; 9] = [
    "gdb",
    "gdbserver",
    "strace",
    "ltrace",
    "lldb",
    "lldb-server",
    "dlv",
    "rr",
    "valgrind",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    let by_pid: BTreeMap<u32, &Process> = all.list.iter().map(|one| (one.pid, one)).collect();
    let accounts = cx.facts.accounts()?;
    for process in &all.list {
        let Some(pid) = process.tracer else { continue };
        let tracer = by_pid.get(&pid);
        let name = tracer.map_or_else(|| "an unknown process".to_owned(), |one| one.program());
        let last = name.rsplit('/').next().unwrap_or_default();
        let severity = match tracer {
            Some(one) if one.uid != process.uid && one.uid != 0 => Severity::High,
            _ if DEBUGGERS.contains(&last) => Severity::Low,
            _ => Severity::Medium,
        };
        let user = accounts.user(process.uid);
        let program = process.program();
        let mut hit = Hit::new(format!("{program} of {user} is traced by {name}"))
            .subject(&program)
            .key(&name)
            .key(&user)
            .severity(severity)
            .evidence("tracer", &name)
            .evidence("user", &user);
        if let Some(tracer) = tracer {
            hit = hit.evidence("tracer_user", accounts.user(tracer.uid));
        }
        cx.hit(hit);
    }
    Ok(())
}
