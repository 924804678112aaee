//! Jobs of cron, anacron and at: which files they start with whose rights, and who may change those.

use super::builder::{At, Builder, Runner};
use super::scripts;
use crate::check::Skip;
use crate::facts::cron::programs::{self, Place};
use crate::facts::cron::{Job, SCRIPT_FOLDERS};
use crate::run::path_text;
use crate::tree::{self, Kind};
use casemate_schema::{EdgeKind, NodeKind};
use std::path::{Path, PathBuf};

/// Most programs of one folder of run-parts.
const PARTS_MAX: usize = 1000;

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let cron = builder.facts.cron()?;
    builder.limits(&cron.limits);
    for job in &cron.jobs {
        let Some(uid) = cron.accounts.uid(&job.user) else {
            continue; // cron refuses the table of a user that does not exist
        };
        let own = runner(job, uid);
        table(builder, &own, job);
        for program in programs::programs(builder.facts.tree(), job) {
            match &program.place {
                Place::Found(path) => {
                    search_path(builder, &own, job, path);
                    starts(builder, &own, job, path);
                }
                _ => {
                    if let Some(path) = program.path() {
                        starts(builder, &own, job, path);
                    }
                }
            }
            if program.folder
                && let Some(folder) = program.path()
            {
                for path in parts(builder, folder) {
                    starts(builder, &own, job, &path);
                }
            }
        }
    }
    folders(builder);
    Ok(())
}

fn runner(job: &Job, uid: u32) -> Runner {
    let file = path_text(&job.file).0;
    let place = match job.line {
        Some(line) => format!("{file}:{line}"),
        None => file,
    };
    Runner {
        id: format!("cron:{place}"),
        kind: NodeKind::Job,
        label: format!("job `{}`", job.shown),
        uid,
        rights: format!("cron runs it as `{}`", job.user),
    }
}

/// The table that the job stands in: who may change it may write any command there.
fn table(builder: &mut Builder<'_>, own: &Runner, job: &Job) {
    let at = At::line(&job.file, job.line);
    let fact = "is the file that holds the job";
    builder.takes(own, EdgeKind::Loads, &job.file, fact, at, false);
}

fn starts(builder: &mut Builder<'_>, own: &Runner, job: &Job, path: &Path) {
    let at = At::line(&job.file, job.line);
    let fact = format!("{} runs `{}`", job.user, job.shown);
    builder.takes(own, EdgeKind::Starts, path, &fact, at, true);
    scripts::takes_inside(builder, own, path);
}

/// Folders that are searched before the one that holds the program.
fn search_path(builder: &mut Builder<'_>, own: &Runner, job: &Job, found: &Path) {
    let folders = job.path.split(':').filter(|folder| folder.starts_with('/'));
    for folder in folders.map(Path::new) {
        if found.parent() == Some(folder) {
            break;
        }
        if builder.facts.exists(folder) {
            let name = found
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let fact = format!("is searched for `{name}` before the folder that holds it");
            let at = At::line(&job.file, job.line);
            builder.takes(own, EdgeKind::Loads, folder, &fact, at, false);
        }
    }
}

/// The programs that run-parts would start.
fn parts(builder: &mut Builder<'_>, folder: &Path) -> Vec<PathBuf> {
    let tree = builder.facts.tree();
    let names = tree::list(tree, folder).unwrap_or_default();
    if names.len() > PARTS_MAX {
        builder.limit(format!(
            "`{}` holds more than {PARTS_MAX} programs",
            folder.display()
        ));
    }
    let paths = names.iter().take(PARTS_MAX).map(|name| folder.join(name));
    paths
        .filter(|path| {
            let metadata = tree.metadata(path);
            metadata.is_ok_and(|one| one.kind == Kind::File && one.mode & 0o111 != 0)
        })
        .collect()
}

/// Folders in which a new file is a new job of root.
fn folders(builder: &mut Builder<'_>) {
    let places = ["/etc/cron.d", "/etc/crontab"]
        .into_iter()
        .chain(SCRIPT_FOLDERS);
    for place in places
        .map(Path::new)
        .filter(|path| builder.facts.exists(path))
    {
        let shown = place.display();
        let own = Runner {
            id: format!("cron:{shown}"),
            kind: NodeKind::Job,
            label: format!("jobs of `{shown}`"),
            uid: 0,
            rights: "cron runs what stands there as a user that it names, or root".to_owned(),
        };
        let fact = "is where cron finds jobs of the system";
        builder.takes(&own, EdgeKind::Loads, place, fact, At::path(place), false);
    }
}
