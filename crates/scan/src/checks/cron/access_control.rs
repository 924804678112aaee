//! Who may schedule jobs.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Where `crontab` or `at` is installed, `/etc/cron.allow` or `/etc/at.allow` must name the users
    /// who may schedule jobs. With the allow file, the deny file means nothing.
    ///
    /// # Why it matters
    /// Without an allow file every account, also that of a hijacked web server, may leave jobs behind
    /// that run again after the intruder is thrown out.
    ///
    /// # Example
    /// Neither `/etc/cron.allow` nor `/etc/cron.deny` exists on a Debian host with cron installed.
    ///
    /// # Instead
    /// `echo root > /etc/cron.allow && chmod 640 /etc/cron.allow` and
    /// `echo root > /etc/at.allow && chmod 640 /etc/at.allow`; add the users who need jobs, a line each.
    id: "cron-access-control",
    surface: Cron,
    title: "Every user may schedule jobs",
    severity: Info,
    references: [Cwe "CWE-732", Attack "T1053.003", Man "crontab(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let facts = cx.facts;
    let mut installed = false;
    for (program, allow, deny) in [
        ("crontab", "/etc/cron.allow", "/etc/cron.deny"),
        ("at", "/etc/at.allow", "/etc/at.deny"),
    ] {
        let path = format!("/usr/bin/{program}");
        if !facts.exists(&path) {
            continue;
        }
        installed = true;
        if facts.exists(allow) {
            continue;
        }
        let denied = facts.read_if_there(deny)?;
        // Red Hat's cron, and every at, allows root alone when neither file is there.
        let root_alone =
            program == "at" || facts.os()?.is_like("rhel") || facts.os()?.is_like("fedora");
        if denied.is_none() && root_alone {
            continue;
        }
        let state = match denied {
            Some(list) => {
                let list = String::from_utf8_lossy(&list);
                let names = list.lines().filter(|line| !line.trim().is_empty()).count();
                format!("users that `{deny}` keeps out: {names}; all others may")
            }
            None => format!("there is neither `{allow}` nor `{deny}`"),
        };
        let hit = Hit::new(format!("Every user may schedule jobs with `{program}`"))
            .path(allow)
            .evidence("state", state);
        cx.hit(hit);
    }
    if !installed {
        return Err(Skip::not_applicable("neither crontab nor at is installed"));
    }
    Ok(())
}
