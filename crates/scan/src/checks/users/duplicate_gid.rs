//! Two groups that are the same group.

use crate::check::{Cx, Hit, Skip, check};
use std::collections::BTreeMap;

/// Names that a finding lists at most.
const NAMES_MAX: usize = 20;

check! {
    /// # What it checks
    /// No gid stands under two names in `/etc/group`.
    ///
    /// # Why it matters
    /// The kernel knows gids alone: members of either group have the rights of both, so a harmless
    /// looking membership can open the files of another group.
    ///
    /// # Example
    /// `shadow:x:42:` and `readers:x:42:ann`
    ///
    /// # Instead
    /// Give one a free gid (`groupmod -g 1005 readers`) and change its files:
    /// `find / -xdev -gid 42`.
    id: "user-duplicate-gid",
    surface: Users,
    title: "Two groups share a gid",
    severity: Medium,
    references: [Cwe "CWE-286", Cis "Debian 12 7.2.6", Man "groupmod(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    cx.limits(&users.limits);
    let mut by_gid: BTreeMap<u32, Vec<(&str, u64)>> = BTreeMap::new();
    for group in users.groups.iter() {
        let same = by_gid.entry(group.gid).or_default();
        if same.len() < NAMES_MAX && same.iter().all(|(name, _)| *name != group.name) {
            same.push((&group.name, group.line));
        }
    }
    for (gid, groups) in by_gid {
        let Some((other, line)) = groups.get(1) else {
            continue;
        };
        let names: Vec<String> = groups.iter().map(|(name, _)| format!("`{name}`")).collect();
        let hit = Hit::new(format!("Gid {gid} belongs to {}", names.join(", ")))
            .path("/etc/group")
            .line(*line)
            .subject(format!("gid {gid}"))
            .instead(format!("Give one of them a gid of its own, such as `groupmod -g FREE_GID {other}`, and look for its files with `find / -xdev -gid {gid}`."));
        cx.hit(hit);
    }
    Ok(())
}
