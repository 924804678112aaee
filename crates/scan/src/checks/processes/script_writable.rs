//! Scripts that root's interpreters run and others can change.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::processes::Process;
use crate::facts::trust;
use casemate_schema::Severity;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// For each interpreter that runs as root (shells, Python, Perl, Ruby, Node.js, PHP, Java), the
    /// script in its arguments and every folder above it can be changed by root alone. Code given in
    /// the arguments (`-c`, `-e`) and modules (`-m`) have no file and are left out, and so is a
    /// relative path, whose folder of that time is unknown.
    ///
    /// # Why it matters
    /// The interpreter is safe, the script is not: who edits it runs commands as root at its next
    /// start, and with shells often at once, because they read the file line by line.
    ///
    /// # Example
    /// root runs `/usr/bin/python3 /srv/backup/run.py`, and `run.py` has mode 0666.
    ///
    /// # Instead
    /// `chown root:root /srv/backup/run.py && chmod 755 /srv/backup/run.py`, the same for the folder.
    id: "proc-script-writable",
    surface: Processes,
    title: "Script run by root can be changed by others",
    severity: High,
    references: [Cwe "CWE-732", Attack "T1574", Attack "T1059"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    cx.limits(&all.executable_limits);
    cx.limits(&all.contained_limits);
    let own = all.list.iter();
    let own = own.filter(|process| process.uid == 0 && !process.contained);
    let scripts: BTreeSet<PathBuf> = own.filter_map(script).collect();
    for path in scripts {
        if cx.facts.tree().metadata(&path).is_err() {
            continue;
        }
        let Some(weak) = trust::weak(cx, &path, &[]) else {
            continue;
        };
        let severity = if weak.anybody() {
            Severity::Critical
        } else {
            Severity::High
        };
        let place = weak.path.display().to_string();
        let title = format!(
            "Script `{}`, run by root, can be changed by {}",
            path.display(),
            weak.who
        );
        let hit = Hit::new(title)
            .path(&path)
            .severity(severity)
            .evidence("writable", weak.shown(cx.facts))
            .instead(format!("`chown root: '{place}' && chmod go-w '{place}'`"));
        cx.hit(hit);
    }
    Ok(())
}

/// The options of an interpreter that stop the search, and those that take the next word.
fn options_of(program: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    let name = program.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    match name {
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "busybox" => {
            Some((&["-c", "-s"], &["-o", "-O"]))
        }
        "python" | "pypy" => Some((&["-c", "-m"], &["-W", "-X"])),
        "perl" => Some((&["-e", "-E"], &["-I"])),
        "ruby" => Some((&["-e"], &["-I", "-r"])),
        "node" | "nodejs" => Some((&["-e", "-p", "--eval", "--print"], &["-r", "--require"])),
        "php" => Some((&["-r"], &["-c", "-d"])),
        "java" => Some((&[], &["-cp", "-classpath", "--class-path"])),
        _ => None,
    }
}

/// The first argument that is a path and no option.
fn script(process: &Process) -> Option<PathBuf> {
    let program = process.executable.as_ref()?.path.file_name()?.to_str()?;
    let (stop, with_value) = options_of(program)?;
    let mut words = process.arguments.iter().skip(1);
    while let Some(word) = words.next() {
        let text = String::from_utf8_lossy(word);
        let short = !text.starts_with("--") && text.starts_with('-');
        // Shells take several letters at once: `-xc COMMAND`.
        let joined = short && stop.contains(&"-c") && text.contains('c') && text.len() <= 4;
        if stop.contains(&text.as_ref()) || joined {
            return None;
        }
        if with_value.contains(&text.as_ref()) {
            words.next();
        } else if !text.starts_with('-') {
            let path = Path::new(OsStr::from_bytes(word));
            return path.is_absolute().then(|| path.to_path_buf());
        }
    }
    None
}
