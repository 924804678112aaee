//! Records of logins.

use super::services;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// `/var/log/wtmp` (logins) and `/var/log/btmp` (failed logins) must exist: programs write to them only if they do. The
    /// successors wtmpdb (`/var/lib/wtmpdb/wtmp.db`) count as well. Containers are left out.
    ///
    /// # Why it matters
    /// `last` and `lastb` stay silent about who was here. Removing these files is a common step of intruders.
    ///
    /// # Example
    /// `/var/log/btmp` was deleted to save space.
    ///
    /// # Instead
    /// `install -m 664 -o root -g utmp /dev/null /var/log/wtmp` and `install -m 660 -o root -g utmp /dev/null /var/log/btmp`.
    id: "log-wtmp-btmp-missing",
    surface: Logging,
    title: "Logins are not recorded",
    severity: Low,
    references: [Cwe "CWE-778", Attack "T1070.002", Man "wtmp(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    services(cx)?;
    if !cx.facts.exists("/var/log") {
        return Err(Skip::not_applicable("there is no /var/log"));
    }
    if !cx.facts.exists("/bin/login")
        && !cx.facts.exists("/usr/bin/login")
        && !cx.facts.exists("/usr/sbin/sshd")
    {
        return Err(Skip::not_applicable(
            "nobody can log in: neither login nor sshd is installed",
        ));
    }
    let database = cx.facts.exists("/var/lib/wtmpdb/wtmp.db");
    for (path, what) in [
        ("/var/log/wtmp", "Logins"),
        ("/var/log/btmp", "Failed logins"),
    ] {
        match cx.facts.tree().metadata(std::path::Path::new(path)) {
            Err(error) if error.is_not_found() => {
                if !database {
                    cx.hit(
                        Hit::new(format!("{what} are not recorded: `{path}` is missing"))
                            .path(path),
                    );
                }
            }
            Err(error) => cx.limit(crate::check::Limit::from_error(&error)),
            Ok(_) => {}
        }
    }
    Ok(())
}
