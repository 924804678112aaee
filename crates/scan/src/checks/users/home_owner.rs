//! Homes that belong to somebody else.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The home of every person belongs to that person, and the home of root to root.
    ///
    /// # Why it matters
    /// The owner of a folder may replace everything in it, so the owner of a foreign home can add
    /// keys and start files there and become its user.
    ///
    /// # Example
    /// `/home/ann` owned by uid 1001, left over from another account.
    ///
    /// # Instead
    /// `chown ann: /home/ann`, after looking for what does not belong there (`find /home/ann ! -user ann`).
    id: "user-home-owner",
    surface: Users,
    title: "Home belongs to somebody else",
    severity: Medium,
    references: [Cwe "CWE-282", Cis "Debian 12 7.2.9", Man "chown(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    for account in users.with_homes() {
        let Some(home) = trust::stat(cx, &account.home) else {
            continue;
        };
        // Root may own a home (chroots of sftp need it); it takes nothing from root's rights.
        if home.uid == account.uid || home.uid == 0 {
            continue;
        }
        let owner = trust::user_text(cx.facts, home.uid);
        let shown = account.home.display();
        let severity = if account.uid == 0 {
            Severity::High
        } else {
            Severity::Medium
        };
        let hit = Hit::new(format!("Home {shown} of `{}` belongs to {owner}", account.name))
            .path(&account.home)
            .subject(&account.name)
            .severity(severity)
            .evidence("owner", owner)
            .instead(format!("`chown {name}: {shown}`, after looking for what does not belong there (`find {shown} ! -user {name}`).", name = account.name));
        cx.hit(hit);
    }
    Ok(())
}
