//! Folder of programs or libraries that others may change.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::survey::PROGRAMS;
use casemate_schema::Severity;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// The folders of root's PATH (the default, and PATH in /etc/environment) and of /etc/ld.so.conf
    /// with its drop-ins, and all folders above them: each must belong to root and must not be
    /// writable by others, or by a group other than root's. A group without members counts less. An
    /// empty or relative part of PATH is the current folder.
    ///
    /// # Why it matters
    /// Whoever may create a file there puts a program or library in front of the real one, and root
    /// runs it with the next command.
    ///
    /// # Example
    /// `PATH=/srv/tools:/usr/bin` where `/srv/tools` has mode 0777
    ///
    /// # Instead
    /// `chown root:root FOLDER && chmod go-w FOLDER`, or take it out of PATH or /etc/ld.so.conf.
    id: "file-path-folder-writable",
    surface: Files,
    title: "Folder of programs or libraries that others may change",
    severity: High,
    references: [Cwe "CWE-427", Attack "T1574.007", Man "ld.so.conf(5)"],
}

/// Folders, and the file and line that names them.
type Named = BTreeMap<PathBuf, Option<(PathBuf, u64)>>;

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let survey = cx.facts.survey()?;
    let mut folders: Named = PROGRAMS
        .iter()
        .map(|path| (PathBuf::from(path), None))
        .collect();
    environment(cx, &mut folders)?;
    libraries(cx, &mut folders)?;
    let mut wrong: Named = BTreeMap::new();
    for (folder, place) in folders {
        for above in folder.ancestors().filter(|above| *above != Path::new("/")) {
            wrong
                .entry(above.to_path_buf())
                .or_insert_with(|| place.clone());
        }
    }
    for (folder, place) in wrong {
        let metadata = match cx.facts.tree().metadata(&folder) {
            Ok(metadata) => metadata,
            Err(error) if error.is_not_found() => continue,
            Err(error) => {
                cx.limit(Limit::from_error(&error));
                continue;
            }
        };
        let group = metadata.group_writable() && metadata.gid != 0;
        let everybody = metadata.world_writable() && !metadata.sticky();
        let (who, severity) = if everybody {
            ("anybody".to_owned(), Severity::Critical)
        } else if metadata.uid != 0 {
            (survey.accounts.user_text(metadata.uid), Severity::High)
        } else if group {
            let members = survey.accounts.is_shared(metadata.gid);
            let who = format!("group {}", survey.accounts.group_text(metadata.gid));
            (
                who,
                if members {
                    Severity::High
                } else {
                    Severity::Low
                },
            )
        } else {
            continue;
        };
        let shown = folder.display();
        let mut hit = Hit::new(format!(
            "`{shown}` is searched for programs or libraries and may be changed by {who}"
        ))
        .path(&folder)
        .severity(severity)
        .evidence("mode", metadata.mode_text())
        .instead(format!("chown root:root '{shown}' && chmod go-w '{shown}'"));
        if let Some((file, line)) = place {
            hit = hit.evidence_at("named_by", file.display().to_string(), &file, Some(line));
        }
        cx.hit(hit);
    }
    Ok(())
}

/// Folders of `PATH` in /etc/environment; a relative one is a hit at once.
fn environment(cx: &mut Cx<'_>, folders: &mut Named) -> Result<(), Skip> {
    const FILE: &str = "/etc/environment";
    let text = cx.facts.read_if_there(FILE)?.unwrap_or_default();
    for (number, line) in (1..).zip(String::from_utf8_lossy(&text).lines()) {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some(value) = line.strip_prefix("PATH=") else {
            continue;
        };
        for part in value.trim_matches(['"', '\'']).split(':') {
            if part.starts_with('/') {
                let named = Some((PathBuf::from(FILE), number));
                folders.insert(PathBuf::from(part), named);
                continue;
            }
            let hit = Hit::new("PATH holds the current folder")
                .path(FILE)
                .line(number)
                .subject(part)
                .severity(Severity::Medium)
                .evidence_at("PATH", value, FILE, Some(number));
            cx.hit(hit);
        }
    }
    Ok(())
}

/// Folders of /etc/ld.so.conf and of its drop-ins.
fn libraries(cx: &mut Cx<'_>, folders: &mut Named) -> Result<(), Skip> {
    let mut files = vec![PathBuf::from("/etc/ld.so.conf")];
    for name in cx.facts.list_if_there("/etc/ld.so.conf.d")? {
        if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "conf")
        {
            files.push(Path::new("/etc/ld.so.conf.d").join(name));
        }
    }
    for file in files {
        let text = cx.facts.read_if_there(&file)?.unwrap_or_default();
        for (number, line) in (1..).zip(String::from_utf8_lossy(&text).lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.starts_with('/') {
                folders.insert(PathBuf::from(line), Some((file.clone(), number)));
            }
        }
    }
    Ok(())
}
