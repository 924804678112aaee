//! Shells, interpreters and tools with set-id bits.

use super::programs;
use crate::check::{Cx, Skip, check};
use casemate_schema::Severity;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Programs that start others or write any file when asked to (source: GTFOBins, "SUID").
const TOOLS: &[&str] = &[
    "ash",
    "awk",
    "base64",
    "bash",
    "busybox",
    "cat",
    "chmod",
    "chown",
    "cp",
    "curl",
    "dash",
    "dd",
    "docker",
    "ed",
    "emacs",
    "env",
    "find",
    "gawk",
    "gdb",
    "ksh",
    "less",
    "lua",
    "make",
    "mawk",
    "more",
    "mv",
    "nano",
    "nmap",
    "node",
    "nohup",
    "openssl",
    "perl",
    "php",
    "python",
    "rsync",
    "ruby",
    "rview",
    "screen-4.5.0",
    "sed",
    "sh",
    "socat",
    "strace",
    "systemctl",
    "tar",
    "taskset",
    "tclsh",
    "tee",
    "time",
    "timeout",
    "vi",
    "vim",
    "watch",
    "wget",
    "xargs",
    "zsh",
];

check! {
    /// # What it checks
    /// No file with a set-id bit may be a script (`#!`), a shell, an interpreter, or a tool that
    /// starts programs or writes files as it is told: bash, python3.11, vim, find, cp and others,
    /// by the name of the file; versions are ignored.
    /// A quick scan leaves out documentation, headers and translations below /usr (man, doc, include,
    /// locale, icons); a deep scan does not.
    ///
    /// # Why it matters
    /// These programs were not written to distrust their user: `find . -exec sh -p \; -quit` is a
    /// root shell. Scripts ignore the bit on Linux, but some interpreters honour it.
    ///
    /// # Example
    /// `-rwsr-xr-x root root /usr/bin/find`
    ///
    /// # Instead
    /// `chmod u-s,g-s FILE`, and find out who set the bit and when: it may be an intruder's way back.
    id: "suid-shell",
    surface: Suid,
    title: "Shell or tool with set-id bits",
    severity: Critical,
    references: [Cwe "CWE-250", Attack "T1548.001", Man "execve(2)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    for program in programs(survey) {
        let tool = std::iter::once(program.path)
            .chain(program.others.iter().copied())
            .find_map(tool);
        let path = program.path.display();
        let title = match tool {
            Some(tool) => format!("`{path}` is the tool `{tool}` with set-id bits"),
            None if is_script(cx, program.path) => format!("`{path}` is a script with set-id bits"),
            None => continue,
        };
        let root = program.seen.metadata.mode & 0o4000 != 0 && program.seen.metadata.uid == 0;
        let open = program.seen.open && program.seen.metadata.mode & 0o001 != 0;
        let severity = match (tool, root && open) {
            (Some(_), true) => Severity::Critical,
            (Some(_), false) => Severity::High,
            (None, _) => Severity::Medium,
        };
        let hit = super::hit(title, &program, survey)
            .severity(severity)
            .instead(format!(
                "chmod u-s,g-s '{path}', and find out who set the bit."
            ));
        cx.hit(hit);
    }
    super::limits(cx, survey);
    Ok(())
}

/// The tool that a file's name stands for, without its version.
pub(crate) fn tool(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.as_bytes();
    let is_version = |rest: &[u8]| {
        rest.iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
    };
    TOOLS
        .iter()
        .copied()
        .find(|tool| name.strip_prefix(tool.as_bytes()).is_some_and(is_version))
}

fn is_script(cx: &mut Cx<'_>, path: &Path) -> bool {
    let mut first = [0_u8; 2];
    match cx.facts.tree().open(path) {
        Ok(mut file) => std::io::Read::read_exact(&mut file, &mut first).is_ok() && first == *b"#!",
        Err(error) => {
            if !error.is_not_found() {
                cx.limit(crate::check::Limit::from_error(&error));
            }
            false
        }
    }
}
