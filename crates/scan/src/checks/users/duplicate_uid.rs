//! Two accounts that are the same user.

use crate::check::{Cx, Hit, Skip, check};
use std::collections::BTreeMap;

/// Names that a finding lists at most.
const NAMES_MAX: usize = 20;

check! {
    /// # What it checks
    /// No uid other than 0 stands in two lines of `/etc/passwd` (uid 0 has a check of its own).
    ///
    /// # Why it matters
    /// Accounts that share a uid own each other's files and can stop each other's processes, and no
    /// log tells them apart. Often one of them was meant to be gone.
    ///
    /// # Example
    /// `ann:x:1000:...` and `web:x:1000:...`
    ///
    /// # Instead
    /// Give one a free uid and its files with it: `usermod -u 1005 web`, then
    /// `find / -xdev -uid 1000` to see what else belongs to whom.
    id: "user-duplicate-uid",
    surface: Users,
    title: "Two accounts share a uid",
    severity: Medium,
    references: [Cwe "CWE-286", Cis "Debian 12 7.2.5", Man "usermod(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut by_uid: BTreeMap<u32, Vec<(&str, u64)>> = BTreeMap::new();
    for account in cx.facts.users()?.accounts.iter() {
        by_uid
            .entry(account.uid)
            .or_default()
            .push((&account.name, account.line));
    }
    for (uid, accounts) in by_uid {
        let (Some((first, _)), Some((other, line))) = (accounts.first(), accounts.get(1)) else {
            continue;
        };
        // The same name twice is another defect.
        if uid == 0 || accounts.iter().all(|(name, _)| name == first) {
            continue;
        }
        let names: Vec<String> = accounts
            .iter()
            .take(NAMES_MAX)
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let hit = Hit::new(format!("Uid {uid} belongs to {}", names.join(", ")))
            .path("/etc/passwd")
            .line(*line)
            .subject(format!("uid {uid}"))
            .instead(format!("Give one of them a uid of its own, such as `usermod -u FREE_UID {other}`, and look for its files with `find / -xdev -uid {uid}`."));
        cx.hit(hit);
    }
    Ok(())
}
