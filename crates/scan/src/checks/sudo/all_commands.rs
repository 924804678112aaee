//! Who may run everything as root.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Rules that let somebody run `ALL` commands as root, other than root and the groups made for
    /// it (`sudo`, `wheel`, `admin`). A rule for `ALL` users is critical.
    ///
    /// # Why it matters
    /// Such a person is root with another name. Membership of one group can be looked up and taken
    /// away in one place; rules for single accounts are forgotten.
    ///
    /// # Example
    /// `www-data ALL=(ALL) ALL`
    ///
    /// # Instead
    /// Name the commands that are needed, or put the person in the group for administrators:
    /// `usermod -aG sudo ann`, and delete the rule.
    id: "sudo-all-commands",
    surface: Sudo,
    title: "Rule allows every command as root",
    severity: Low,
    references: [Cwe "CWE-250", Attack "T1548.003", Man "sudoers(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const GROUPS: [&str; 3] = ["%sudo", "%wheel", "%admin"];
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    for rule in sudoers.rules_of_others() {
        let commands = sudoers.commands(rule);
        let all = |command: &crate::facts::sudoers::Command| {
            !command.negated && command.text == "ALL" && sudoers.as_root(command)
        };
        if !commands.iter().any(all) {
            continue;
        }
        for user in sudoers.users(rule) {
            let name = user.text.as_str();
            if user.negated || GROUPS.contains(&name) || matches!(name, "root" | "#0") {
                continue;
            }
            // With targetpw the password of root is asked for: SUSE ships `ALL ALL=(ALL) ALL` so.
            let targetpw = ["targetpw", "rootpw"].iter().any(|name| {
                sudoers
                    .global(name)
                    .is_some_and(|setting| setting.change == crate::facts::sudoers::Change::On)
            });
            let service = cx.facts.users().is_ok_and(|users| {
                users.accounts.iter().any(|account| {
                    account.name == name && account.uid != 0 && !users.is_person(account.uid)
                })
            });
            let severity = match name {
                "ALL" if !targetpw => Severity::Critical,
                _ if service => Severity::High,
                _ => Severity::Low,
            };
            let hit = Hit::new(format!("`{name}` may run every command as root"))
                .path(&rule.path)
                .line(rule.line)
                .subject(name)
                .severity(severity)
                .evidence(
                    "password asked for",
                    if targetpw {
                        "that of root"
                    } else {
                        "their own"
                    },
                );
            cx.hit(hit);
        }
    }
    Ok(())
}
