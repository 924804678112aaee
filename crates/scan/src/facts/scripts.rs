//! Which script does an interpreter run? Read from the arguments of a process.

use super::processes::Process;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

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

/// The script that a process runs: the first argument that is a path and no option.
pub(crate) fn of_process(process: &Process) -> Option<PathBuf> {
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
