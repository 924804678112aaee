//! Passwords that are old, or never end.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::users::{Hash, hash_kind};

/// Days after which an unchanged password counts as old.
const DAYS_MAX: i64 = 365;
const DAY_S: i64 = 86_400;

check! {
    /// # What it checks
    /// Accounts with a usable password: it was changed within 365 days, or a maximum age of at most
    /// 365 days makes its owner change it. A date of change in the future counts as old: such a
    /// password never ages.
    ///
    /// # Why it matters
    /// Passwords leak over the years, from other sites and old backups. One that never changes stays
    /// good for whoever finds it.
    ///
    /// # Example
    /// `ann:$6$...:15000:0:99999:7:::` (set in 2011, no maximum)
    ///
    /// # Instead
    /// `chage -d 0 ann` asks for a new password at the next login, `chage -M 365 ann` for one each
    /// year.
    id: "user-password-age",
    surface: Users,
    title: "Password is old and never ends",
    severity: Low,
    references: [Cwe "CWE-263", Cis "Debian 12 5.4.1.1", Man "chage(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let today = cx.facts.options().now_s.div_euclid(DAY_S);
    for entry in cx.facts.users()?.shadow()? {
        let usable = matches!(hash_kind(&entry.hash), Hash::Strong | Hash::Weak(_));
        if !usable || entry.hash.starts_with('!') {
            continue;
        }
        let limited = entry
            .days_max
            .is_some_and(|days| (0..=DAYS_MAX).contains(&days));
        let problem = match entry.changed_day {
            Some(day) if day > today => "was changed in the future".to_owned(),
            // Day 0 asks for a new password at the next login.
            Some(0) => continue,
            _ if limited => continue,
            Some(day) if today.saturating_sub(day) <= DAYS_MAX => continue,
            Some(day) => format!("was last changed on {} and has no maximum age", date(day)),
            None => "has no date of change and no maximum age".to_owned(),
        };
        let hit = Hit::new(format!("Password of `{}` {problem}", entry.name))
            .path("/etc/shadow")
            .line(entry.line)
            .subject(&entry.name)
            .evidence("maximum days", entry.days_max.map_or("none".to_owned(), |days| days.to_string()))
            .instead(format!("`chage -M 365 {name}`; `chage -d 0 {name}` asks for a new password at the next login.", name = entry.name));
        cx.hit(hit);
    }
    Ok(())
}

fn date(day: i64) -> String {
    casemate_base::time::Timestamp::from_unix_seconds(day.saturating_mul(DAY_S)).map_or_else(
        |_| format!("day {day}"),
        casemate_base::time::Timestamp::date,
    )
}
