//! Which programs a shell script names by their path: who may change one of them changes the script.
//!
//! Only absolute paths of files that exist count; what a variable holds is unknown, and what stands
//! in a document inside the script seldom names a file that exists.

use super::builder::{At, Builder, Runner};
use crate::facts::cron::shell::{self, Word};
use crate::tree::{self, Kind};
use casemate_schema::EdgeKind;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest script that is read.
const SCRIPT_BYTES_MAX: u64 = 256 << 10;
/// Scripts that scripts call, followed so deep.
const DEPTH_MAX: usize = 3;
/// Scripts read for one runner.
const SCRIPTS_MAX: usize = 50;

/// Adds the files that a script of the runner executes or loads, and those of the scripts it calls.
pub(super) fn takes_inside(builder: &mut Builder<'_>, runner: &Runner, script: &Path) {
    let mut seen = BTreeSet::from([script.to_path_buf()]);
    let mut todo = vec![(script.to_path_buf(), 0)];
    while let Some((script, depth)) = todo.pop() {
        for called in called_by(builder, &script) {
            if seen.len() > SCRIPTS_MAX || !seen.insert(called.clone()) {
                continue;
            }
            let shown = crate::run::path_text(&script).0;
            let fact = format!("is called by the script `{shown}`");
            builder.takes(
                runner,
                EdgeKind::Executes,
                &called,
                &fact,
                At::path(&script),
                false,
            );
            if depth < DEPTH_MAX {
                todo.push((called, depth + 1));
            }
        }
    }
}

/// The files that exist and that a shell script starts or reads as code, sorted.
fn called_by(builder: &Builder<'_>, script: &Path) -> BTreeSet<PathBuf> {
    let tree = builder.facts.tree();
    let Ok(metadata) = tree.metadata(script) else {
        return BTreeSet::new();
    };
    if metadata.kind != Kind::File || metadata.size > SCRIPT_BYTES_MAX {
        return BTreeSet::new();
    }
    let mut mark = [0_u8; 2];
    let opened = tree.open(script).ok();
    let read = opened.map(|mut file| file.read_exact(&mut mark));
    if !matches!(read, Some(Ok(()))) || mark != *b"#!" {
        return BTreeSet::new();
    }
    let Ok(bytes) = tree::read_up_to(tree, script, SCRIPT_BYTES_MAX) else {
        return BTreeSet::new();
    };
    let text = String::from_utf8_lossy(&bytes);
    if !is_shell(&text) {
        return BTreeSet::new();
    }
    let mut found = BTreeSet::new();
    for call in shell::pipelines(&text).iter().flatten() {
        for stage in shell::stages(call) {
            let words = std::iter::once(stage.program).chain(stage.script());
            found.extend(words.filter_map(absolute));
        }
    }
    found.retain(|path| tree.metadata(path).is_ok_and(|one| one.kind == Kind::File));
    found
}

/// Whether the first line names a shell.
fn is_shell(text: &str) -> bool {
    let Some(line) = text.lines().next().and_then(|line| line.strip_prefix("#!")) else {
        return false;
    };
    line.split_whitespace()
        .filter_map(|word| word.rsplit('/').next())
        .any(|name| matches!(name, "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh"))
}

fn absolute(word: &Word) -> Option<PathBuf> {
    let plain = !word.glob && !word.dynamic && word.nested.is_empty();
    (plain && word.text.starts_with('/')).then(|| PathBuf::from(&word.text))
}
