//! Programs with set-id bits that have a second name.

use super::{SYSTEM, programs};
use crate::check::{Cx, Skip, check};
use crate::facts::survey::is_below;
use std::os::unix::ffi::OsStrExt;

check! {
    /// # What it checks
    /// A program with a set-id bit below `/usr`, `/bin`, `/sbin` or `/lib` must not have further
    /// hard links that stand elsewhere: either outside of these folders, or where the walk did not
    /// meet them.
    ///
    /// # Why it matters
    /// A hard link keeps the old, vulnerable program alive with all its rights after the package
    /// was updated. With `fs.protected_hardlinks=0` every user can make one.
    ///
    /// # Example
    /// `/usr/bin/pkexec` and `/home/a/old-pkexec` are the same inode.
    ///
    /// # Instead
    /// Find the other name (`find / -xdev -samefile FILE`), remove it, and set
    /// `sysctl fs.protected_hardlinks=1`.
    id: "suid-hard-link",
    surface: Suid,
    title: "Program with set-id bits has a second name",
    severity: Medium,
    references: [Cwe "CWE-62", Attack "T1548.001", Man "proc_sys_fs(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    let system = |path: &std::path::Path| {
        let path = path.as_os_str().as_bytes();
        SYSTEM
            .iter()
            .any(|folder| is_below(path, folder.as_bytes()))
    };
    for program in programs(survey) {
        let mut names = vec![program.path];
        names.extend(&program.others);
        let links = program.seen.metadata.links;
        let outside = names.iter().find(|path| !system(path));
        let Some(inside) = names.iter().find(|path| system(path)).filter(|_| links > 1) else {
            continue;
        };
        let missing = links > names.len() as u64;
        if outside.is_none() && !missing {
            continue;
        }
        let shown = inside.display();
        let title = match outside {
            Some(outside) => format!("`{}` is another name of `{shown}`", outside.display()),
            None => format!("`{shown}` has another name that the walk did not meet"),
        };
        let hit = super::hit(title, &program, survey).instead(format!(
            "find / -xdev -samefile '{shown}', and remove the other name."
        ));
        cx.hit(hit);
    }
    super::limits(cx, survey);
    Ok(())
}
