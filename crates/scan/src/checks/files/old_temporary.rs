//! Forgotten file in a temporary folder.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{TEMPORARY, entries, limit_refused};
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// Files in /tmp, /var/tmp and /dev/shm that were not changed for 90 days. One finding for each
    /// entry of the folder.
    ///
    /// # Why it matters
    /// Nobody misses them, but they may hold copies of data, and they fill the disk.
    ///
    /// # Example
    /// `/tmp/dump.sql` of last year
    ///
    /// # Instead
    /// Remove them, and let systemd-tmpfiles do it: `d /tmp 1777 root root 10d` in
    /// /etc/tmpfiles.d/tmp.conf.
    id: "file-old-temporary",
    surface: Files,
    title: "Forgotten file in a temporary folder",
    severity: Info,
    references: [Cwe "CWE-459", Man "tmpfiles.d(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    let is_temporary = |folder: &Path| TEMPORARY.iter().any(|known| folder == Path::new(known));
    let tops: BTreeSet<&Path> = entries(&survey.old_temporary)
        .filter_map(|(path, _)| {
            path.ancestors()
                .find(|place| place.parent().is_some_and(is_temporary))
        })
        .collect();
    for top in tops {
        let shown = top.display();
        cx.hit(
            Hit::new(format!(
                "`{shown}` has been forgotten in a temporary folder"
            ))
            .path(top),
        );
    }
    survey.limits(cx, TEMPORARY);
    limit_refused(cx, &survey.old_temporary);
    Ok(())
}
