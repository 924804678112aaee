//! One name on two lines.

use crate::check::{Cx, Hit, Skip, check};
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// Each name stands once in `/etc/passwd`, in `/etc/group` and in `/etc/shadow`.
    ///
    /// # Why it matters
    /// Programs take the first line of a name, tools for changes sometimes the last: a password that
    /// was changed or locked in one line still works through the other.
    ///
    /// # Example
    /// Two lines `ann:...` in `/etc/shadow`, one of them locked.
    ///
    /// # Instead
    /// Compare the lines and delete the wrong one with `vipw`, `vipw -s` or `vigr`; `pwck` and
    /// `grpck` find what is left.
    id: "user-duplicate-name",
    surface: Users,
    title: "Name stands twice",
    severity: Medium,
    references: [Cwe "CWE-694", Cis "Debian 12 7.2.7", Man "pwck(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    cx.limits(&users.limits);
    let mut seen: BTreeMap<(&str, &str), Vec<u64>> = BTreeMap::new();
    for account in users.accounts.iter() {
        seen.entry(("/etc/passwd", &account.name))
            .or_default()
            .push(account.line);
    }
    for group in users.groups.iter() {
        seen.entry(("/etc/group", &group.name))
            .or_default()
            .push(group.line);
    }
    match users.shadow() {
        Ok(entries) => {
            for entry in entries {
                seen.entry(("/etc/shadow", &entry.name))
                    .or_default()
                    .push(entry.line);
            }
        }
        Err(Skip::NotApplicable(_)) => {}
        Err(Skip::NotAssessed { reason, privileges }) => {
            cx.limit(crate::check::Limit { reason, privileges });
        }
    }
    for ((file, name), lines) in seen {
        if let Some(second) = lines.get(1) {
            let hit = Hit::new(format!("`{name}` stands {} times in {file}", lines.len()))
                .path(file)
                .line(*second)
                .subject(name)
                .evidence(
                    "first line",
                    lines.first().copied().unwrap_or_default().to_string(),
                );
            cx.hit(hit);
        }
    }
    Ok(())
}
