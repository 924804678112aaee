//! Which files does a job run? Names of programs and scripts, turned into paths of the tree.

use super::Job;
use super::shell::{self, Call, Word};
use crate::tree::{Kind, Tree};
use std::path::{Path, PathBuf};

/// A file that a job runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Program {
    /// As the command names it.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) place: Place,
    /// Whether it is a folder of which every program is run.
    pub(crate) folder: bool,
}

/// Where a program is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// At this path; it may be missing.
    At(PathBuf),
    /// Found by its bare name in a folder of the search path.
    Found(PathBuf),
    /// No folder of the search path holds it.
    Nowhere,
    /// Named by a path that depends on the folder that the job starts in.
    Relative(Option<PathBuf>),
}

impl Program {
    /// The path, if it is known.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::At(path) | Place::Found(path) | Place::Relative(Some(path)) => Some(path),
            Place::Nowhere | Place::Relative(None) => None,
        }
    }
}

/// Names that a shell runs itself.
const BUILTINS: [&str; 50] = [
    ":", ".", "[", "[[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare",
    "echo", "eval", "exec", "exit", "export", "false", "fg", "getopts", "hash", "in", "jobs",
    "kill", "let", "local", "popd", "printf", "pushd", "pwd", "read", "readonly", "return", "set",
    "shift", "shopt", "source", "test", "time", "times", "trap", "true", "type", "typeset",
    "ulimit", "umask", "unalias", "unset", "wait", "function",
];

/// The files that a job runs, sorted. Names with variables are left out.
pub(crate) fn programs(tree: &dyn Tree, job: &Job) -> Vec<Program> {
    let mut found = Vec::new();
    for call in job.pipelines.iter().flatten() {
        for stage in shell::stages(call) {
            if !BUILTINS.contains(&stage.program.text.as_str()) {
                found.extend(program(tree, job, call, stage.program, false));
            }
            if let Some(script) = stage.script() {
                // `. name` searches PATH; `sh name` does not.
                let searched = stage.is(&[".", "source"]);
                let script = if searched || script.text.contains('/') {
                    script.clone()
                } else {
                    with_prefix("./", script)
                };
                found.extend(program(tree, job, call, &script, false));
            }
            if stage.is(&["run-parts"]) {
                let folder = stage
                    .arguments
                    .iter()
                    .find(|word| word.text.starts_with('/'));
                found.extend(folder.and_then(|word| program(tree, job, call, word, true)));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn with_prefix(prefix: &str, word: &Word) -> Word {
    Word {
        text: format!("{prefix}{}", word.text),
        ..word.clone()
    }
}

fn program(tree: &dyn Tree, job: &Job, call: &Call, word: &Word, folder: bool) -> Option<Program> {
    let text = expand(job, &word.text)?;
    if word.glob || !word.nested.is_empty() || text.is_empty() || text.starts_with('-') {
        return None;
    }
    let place = if text.starts_with('/') {
        Place::At(PathBuf::from(&text))
    } else if text.contains('/') {
        match &call.folder {
            Some(target) => {
                let target = expand(job, &target.text)?;
                let path = joined(&target, &text);
                if path.is_absolute() {
                    Place::At(path)
                } else {
                    Place::Relative(None)
                }
            }
            None => Place::Relative(job.start.as_ref().map(|start| joined(start, &text))),
        }
    } else {
        let own = call.assigned.iter().find(|(name, _)| name == "PATH");
        let path = own.map_or_else(
            || job.path.clone(),
            |(_, value)| with_path(value, &job.path),
        );
        search(tree, &path, &text).map_or(Place::Nowhere, Place::Found)
    };
    Some(Program {
        name: word.text.clone(),
        place,
        folder,
    })
}

/// A path below a folder, without its `.` parts.
fn joined(folder: &str, name: &str) -> PathBuf {
    Path::new(folder).join(name).components().collect()
}

/// The text with `~` and `$HOME` in front replaced; `None` when other variables are in it.
fn expand(job: &Job, text: &str) -> Option<String> {
    let home = ["~/", "$HOME/", "${HOME}/"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark));
    let text = match (home, text) {
        (Some(rest), _) => format!("{}/{rest}", job.start.as_ref()?),
        (None, "~" | "$HOME" | "${HOME}") => job.start.clone()?,
        (None, text) => text.to_owned(),
    };
    let unknown = text.contains(['$', '\u{fffd}', '{', '\n']) || text.starts_with('~');
    (!unknown).then_some(text)
}

fn with_path(value: &str, path: &str) -> String {
    value.replace("${PATH}", path).replace("$PATH", path)
}

fn search(tree: &dyn Tree, path: &str, name: &str) -> Option<PathBuf> {
    path.split(':')
        .filter(|folder| folder.starts_with('/'))
        .map(|folder| Path::new(folder).join(name))
        .find(|path| {
            let metadata = tree.metadata(path);
            metadata.is_ok_and(|metadata| metadata.kind == Kind::File && metadata.mode & 0o111 != 0)
        })
}
