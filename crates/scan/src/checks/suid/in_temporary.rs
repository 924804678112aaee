//! Programs with set-id bits where users keep their own files.

use super::programs;
use crate::check::{Cx, Skip, check};
use crate::facts::survey::is_below;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const FOLDERS: &[&str] = &[
    "/dev", "/home", "/media", "/mnt", "/root", "/run", "/srv", "/tmp", "/var/tmp", "/var/www",
];

check! {
    /// # What it checks
    /// No file with a set-id bit may stand in a home folder, a temporary folder, below `/srv`,
    /// `/var/www`, `/run`, `/dev` or on removable media.
    ///
    /// # Why it matters
    /// Nothing installs such programs there. A set-id file in these places is how an intruder keeps
    /// the way to root open.
    ///
    /// # Example
    /// `-rwsr-xr-x root root /var/tmp/.cache/x`
    ///
    /// # Instead
    /// Keep a copy for the inquiry, then `rm FILE`; mount these folders with `nosuid`.
    id: "suid-in-user-folder",
    surface: Suid,
    title: "Program with set-id bits in a folder of users",
    severity: High,
    references: [Cwe "CWE-250", Attack "T1548.001", Man "mount(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for program in programs(survey) {
        let Some(path) = name_in_user_folder(&program) else {
            continue;
        };
        if program.seen.metadata.mode & 0o111 == 0 {
            continue;
        }
        let shown = path.display();
        let title = format!("`{shown}` has set-id bits in a folder of users");
        cx.hit(super::hit(title, &program, survey).instead(format!(
            "Keep a copy for the inquiry, then: rm '{shown}'. Mount the folder with nosuid."
        )));
    }
    super::limits(cx, survey);
    Ok(())
}

/// The first of a program's names that stands in a folder of users.
pub(super) fn name_in_user_folder<'a>(program: &super::Program<'a>) -> Option<&'a Path> {
    let names = std::iter::once(program.path).chain(program.others.iter().copied());
    names.into_iter().find(|path| {
        let path = path.as_os_str().as_bytes();
        FOLDERS
            .iter()
            .any(|folder| is_below(path, folder.as_bytes()))
    })
}
