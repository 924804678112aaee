//! Programs that pretend to be kernel threads.

use crate::check::{Cx, Hit, Skip, check};
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// No program of user space gives itself the looks of a kernel thread: a command line that is one
    /// word in square brackets (`[kworker/0:1]`), or the name of a kernel thread (`kworker/0:1`).
    /// Real kernel threads are known by their flag, not by their name.
    ///
    /// # Why it matters
    /// `ps` and `top` show kernel threads in brackets, and people skip them. Miners and backdoors take
    /// such names to be skipped, too.
    ///
    /// # Example
    /// `/usr/lib/.cache/x` with the command line `[kworker/2:1]`
    ///
    /// # Instead
    /// Look at what it is: `ls -l /proc/PID/exe /proc/PID/cwd`, keep a copy of the file, find out who
    /// started it, then stop it.
    id: "proc-fake-kernel-thread",
    surface: Processes,
    title: "Program pretends to be a kernel thread",
    severity: High,
    references: [Attack "T1036.004", Attack "T1564"],
}

const NAMES: [&str; 8] = [
    "kworker/",
    "kthreadd",
    "ksoftirqd/",
    "migration/",
    "rcu_sched",
    "rcu_preempt",
    "kswapd",
    "watchdogd",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    let accounts = cx.facts.accounts()?;
    let mut found = BTreeMap::new();
    for process in &all.list {
        let words: Vec<_> = process
            .arguments
            .iter()
            .filter(|word| !word.is_empty())
            .collect();
        let first = words.first().map(|word| String::from_utf8_lossy(word));
        let first = first.as_deref().unwrap_or("").trim();
        let bracketed =
            words.len() == 1 && first.len() > 2 && first.starts_with('[') && first.ends_with(']');
        let named = |name: &str| NAMES.iter().any(|start| name.starts_with(start));
        let shown = match (bracketed, named(&process.name)) {
            (true, _) => first.to_owned(),
            (_, true) => process.name.clone(),
            _ if named(first) => first.to_owned(),
            _ => continue,
        };
        found
            .entry((process.program(), shown, process.uid))
            .or_insert(process);
    }
    for ((program, shown, uid), _) in found {
        let user = accounts.user(uid);
        let kind = stem(&shown);
        let hit = Hit::new(format!("{program} of {user} calls itself `{shown}`"))
            .subject(&program)
            .key(kind)
            .key(&user)
            .evidence("shown_as", &shown)
            .evidence("user", user);
        cx.hit(hit);
    }
    Ok(())
}

/// The name without numbers, so that a new number is no new finding.
fn stem(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_ascii_digit())
        .collect()
}
