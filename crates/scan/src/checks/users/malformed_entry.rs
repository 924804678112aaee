//! Lines of account files that programs read in different ways.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Every line in `/etc/passwd` (7 fields), `/etc/shadow` (9) and `/etc/group` (4) has its fields,
    /// a name, numbers where numbers belong, and no carriage return at its end.
    ///
    /// # Why it matters
    /// Some programs skip such a line and others read half of it: an account that one tool has locked
    /// works in another, and the next edit can give its uid away. A carriage return makes the shell
    /// `/bin/bash\r`, which no shell list knows.
    ///
    /// # Example
    /// `ann:x:1000:1000:/home/ann:/bin/bash` (one field is missing)
    ///
    /// # Instead
    /// Repair the line with `vipw`, `vipw -s` or `vigr`; `pwck -r` and `grpck -r` list what is wrong.
    id: "user-malformed-entry",
    surface: Users,
    title: "Line in an account file cannot be read",
    severity: Low,
    references: [Cwe "CWE-707", Man "pwck(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    cx.limits(&users.limits);
    for odd in &users.odd.malformed {
        let hit = Hit::new(format!(
            "Line of `{}` in {} {}",
            odd.name, odd.file, odd.problem
        ))
        .path(odd.file)
        .line(odd.line)
        .subject(&odd.name)
        .key(odd.problem);
        cx.hit(hit);
    }
    Ok(())
}
