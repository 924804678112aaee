//! Forgotten file in a temporary folder.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::survey::{TEMPORARY, entries, limit_refused};
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// Files in /tmp, /var/tmp and /dev/shm that were not changed for 90 days. One finding for each
    /// of the three folders, with the first names.
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

/// Names that the finding of a folder shows.
const SHOWN: usize = 5;

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for folder in TEMPORARY {
        let tops: BTreeSet<&Path> = entries(&survey.old_temporary)
            .filter_map(|(path, _)| {
                path.ancestors()
                    .find(|place| place.parent() == Some(Path::new(folder)))
            })
            .collect();
        if tops.is_empty() {
            continue;
        }
        let mut hit = Hit::new(format!("`{folder}` holds forgotten files")).path(folder);
        for top in tops.into_iter().take(SHOWN) {
            hit = hit.evidence("entry", top.display().to_string());
        }
        cx.hit(hit);
    }
    survey.limits(cx, TEMPORARY);
    limit_refused(cx, &survey.old_temporary);
    Ok(())
}
