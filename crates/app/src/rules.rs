//! The correlation rules that are applied: the built-in ones, and those of a site's folders.

use crate::error::{Error, InputError};
use casemate_base::bytes;
use casemate_ingest::rules::{BYTES_MAX, FILES_MAX, read_all};
use casemate_triage::{AnnotationRule, Rule, SequenceRule};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use casemate_ingest::rules::{Level, Problem, RuleFile, RuleSet, builtin};

/// Deepest folder below one that was named.
const DEPTH_MAX: usize = 8;

/// The built-in rules and those of the folders or files that are named, each of which must be whole:
/// a site that wrote a rule wants to hear that it is not applied.
///
/// # Errors
/// [`Error::Input`] with file, line and reason of the first rule that cannot be used.
pub fn load<P: AsRef<Path>>(places: &[P]) -> Result<(Vec<Rule>, Vec<SequenceRule>), Error> {
    let set = load_all(places)?;
    let rules = set.graph_rules().cloned().collect();
    Ok((rules, set.sequence_rules().cloned().collect()))
}

/// The rules on single findings (sys-scan-graph's format) of the folders or files that are named.
///
/// # Errors
/// As [`load`].
pub fn load_annotations<P: AsRef<Path>>(places: &[P]) -> Result<Vec<AnnotationRule>, Error> {
    Ok(load_all(places)?.annotations)
}

fn load_all<P: AsRef<Path>>(places: &[P]) -> Result<RuleSet, Error> {
    let mut set = builtin().clone();
    if places.is_empty() {
        return Ok(set);
    }
    let own = read(places)?;
    let mut wrong = own.problems.iter().filter(|one| one.level == Level::Error);
    if let Some(problem) = wrong.next() {
        return Err(refused(problem.clone()));
    }
    let known: BTreeSet<&str> = set.rules.iter().map(|(_, rule)| rule.id()).collect();
    let double = own.rules.iter().find(|(_, rule)| known.contains(rule.id()));
    if let Some((file, rule)) = double {
        return Err(refused(Problem {
            file: file.clone(),
            line: None,
            level: Level::Error,
            reason: format!("`{}` is the id of a built-in rule", rule.id()),
        }));
    }
    set.rules.extend(own.rules);
    set.annotations.extend(own.annotations);
    set.problems.extend(own.problems);
    Ok(set)
}

fn refused(problem: Problem) -> Error {
    Error::Input {
        name: problem.file.clone(),
        source: InputError::Import(problem.into()),
    }
}

/// Reads the rules of folders (`*.yaml`, `*.yml`, `*.rule`, also below) and files, and says what is
/// wrong with them.
///
/// # Errors
/// [`Error::Input`] for what cannot be read.
pub fn read<P: AsRef<Path>>(places: &[P]) -> Result<RuleSet, Error> {
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    for place in places {
        collect(place.as_ref(), 0, &mut paths)?;
    }
    let mut files = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let wrong = |source: InputError| Error::Input {
            name: name.clone(),
            source,
        };
        let file = std::fs::File::open(&path).map_err(|error| wrong(InputError::Read(error)))?;
        let cap = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX);
        let content = bytes::read_capped(file, cap)
            .map_err(|error| wrong(InputError::Unpack(error.to_string())))?;
        let text = String::from_utf8(content).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            wrong(InputError::Unpack(format!("byte {at}: it is no UTF-8")))
        })?;
        files.push((name, text));
    }
    Ok(read_all(files))
}

fn collect(place: &Path, depth: usize, paths: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
    let wrong = |source: InputError| Error::Input {
        name: place.display().to_string(),
        source,
    };
    let is_folder = std::fs::metadata(place)
        .map_err(|error| wrong(InputError::Read(error)))?
        .is_dir();
    if !is_folder {
        paths.insert(place.to_path_buf());
        return Ok(());
    }
    if depth > DEPTH_MAX || paths.len() > FILES_MAX {
        let reason = format!("more than {FILES_MAX} files or {DEPTH_MAX} folders in each other");
        return Err(wrong(InputError::Unpack(reason)));
    }
    let entries = std::fs::read_dir(place).map_err(|error| wrong(InputError::Read(error)))?;
    for entry in entries {
        let entry = entry.map_err(|error| wrong(InputError::Read(error)))?;
        let path = entry.path();
        let kind = entry
            .file_type()
            .map_err(|error| wrong(InputError::Read(error)))?;
        let end = path.extension().and_then(|end| end.to_str());
        let is_rule = end.is_some_and(|end| matches!(end, "yaml" | "yml" | "rule"));
        // Links to folders are not followed: they could lead around in a circle.
        if kind.is_dir() || is_rule && path.is_file() {
            collect(&path, depth + 1, paths)?;
        }
    }
    Ok(())
}

/// Patterns of checks that fit no check of this program, as `rule: pattern`. A rule may be meant for
/// another tool's findings, so this is for the reader to judge.
#[must_use]
pub fn unknown_checks(set: &RuleSet) -> Vec<String> {
    let known: Vec<&str> = casemate_scan::all_checks()
        .iter()
        .map(|check| check.id)
        .collect();
    let mut out: BTreeSet<String> = BTreeSet::new();
    for (_, rule) in &set.rules {
        let patterns: Vec<&String> = match rule {
            RuleFile::Graph(rule) => rule.findings.iter().flat_map(|one| &one.check).collect(),
            RuleFile::Sequence(rule) => rule.sequence.iter().flat_map(|one| &one.check).collect(),
        };
        for pattern in patterns {
            if !known.iter().any(|id| casemate_triage::fits(pattern, id)) {
                out.insert(format!("{}: {pattern}", rule.id()));
            }
        }
    }
    out.into_iter().collect()
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a site writes its rules with an editor"
)]
mod tests {
    use super::*;

    /// Patterns for the findings of other tools.
    const OF_OTHERS: [&str; 2] = [
        "suid-then-forwarding: *ip_forward*",
        "suid-then-forwarding: *kernel_param*",
    ];

    #[test]
    fn built_in_rules_name_checks_that_exist() {
        let mut unknown = unknown_checks(builtin());
        unknown.retain(|one| !OF_OTHERS.contains(&one.as_str()));
        assert_eq!(unknown, Vec::<String>::new());
    }

    #[test]
    fn a_folder_is_read_and_damage_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let below = folder.path().join("team");
        std::fs::create_dir(&below).expect("folder");
        let (file, rule) = builtin().rules.first().expect("rule");
        let text = std::fs::read_to_string(Path::new("../..").join(file)).expect("text");
        let own = text.replacen(rule.id(), "our-rule", 1);
        std::fs::write(below.join("our-rule.yaml"), &own).expect("written");
        let (rules, _) = load(&[folder.path()]).expect("rules");
        assert_eq!(rules.len(), builtin().graph_rules().count() + 1);
        std::fs::write(below.join("double.yaml"), &text).expect("written");
        let error = load(&[folder.path()]).expect_err("doubled");
        let Error::Input { source, .. } = error else {
            panic!("{error}");
        };
        assert!(
            source.to_string().contains("id of a built-in rule"),
            "{source}"
        );
        std::fs::write(below.join("double.yaml"), "id: x\nseverty: high\n").expect("written");
        let error = load(&[folder.path()]).expect_err("damaged");
        assert!(matches!(error, Error::Input { .. }));
        assert!(load(&[folder.path().join("none")]).is_err());
    }
}
