//! Files of an unknown user or group.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::entries;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Files and folders whose user or group number has no entry in passwd or group. One finding for
    /// each number, with the first topmost paths. Delegated ranges (subuid, subgid) and the numbers
    /// that systemd lends to services are known.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// The next account that gets the number owns the files: a new employee reads the old one's mail,
    /// a new service may change programs.
    ///
    /// # Example
    /// `-rw-r--r-- 1234 1234 /srv/old.db`, and no user 1234
    ///
    /// # Instead
    /// `find / -xdev -uid NUMBER`, then `chown USER:GROUP` or remove the files.
    id: "file-unowned",
    surface: Files,
    title: "Files of an unknown user or group",
    severity: Medium,
    references: [Cwe "CWE-708", Attack "T1222.002", Man "chown(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    if let Some(limit) = &survey.owners_elsewhere {
        return Err(Skip::NotAssessed {
            reason: limit.reason.clone(),
            privileges: limit.privileges,
        });
    }
    for ((group, number), paths) in &survey.unowned {
        let (what, option) = if *group {
            ("group", "gid")
        } else {
            ("user", "uid")
        };
        let mut hit = Hit::new(format!(
            "There are files of {what} {number}, which does not exist"
        ))
        .subject(format!("{what} {number}"))
        .severity(Severity::Medium)
        .instead(format!(
            "find / -xdev -{option} {number}, then chown or remove the files."
        ));
        for (path, ()) in entries(paths) {
            hit = hit.evidence_at("file", path.display().to_string(), path, None);
        }
        cx.hit(hit);
    }
    survey.limits(cx, &["/"]);
    Ok(())
}
