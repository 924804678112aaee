//! Files that root's programs obey wherever they run: the loader's, profiles, accounts, hooks, the
//! search path, and the modules of the kernel.

use super::builder::{At, Builder, Runner};
use super::scripts;
use crate::check::Skip;
use crate::facts::survey::PROGRAMS;
use crate::tree::{self, Kind};
use casemate_schema::{EdgeKind, NodeKind};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files and folders of the system, and why whoever changes them acts as root.
const OBEYED: [(&str, &str); 23] = [
    (
        "/etc/ld.so.preload",
        "names libraries that every program loads",
    ),
    (
        "/etc/ld.so.conf",
        "names folders of libraries for every program",
    ),
    (
        "/etc/ld.so.conf.d",
        "names folders of libraries for every program",
    ),
    ("/etc/ld.so.cache", "says which library every program loads"),
    ("/etc/profile", "is run by each login shell, root's too"),
    (
        "/etc/profile.d",
        "holds scripts that each login shell runs, root's too",
    ),
    (
        "/etc/bash.bashrc",
        "is run by each shell of a terminal, root's too",
    ),
    (
        "/etc/bashrc",
        "is run by each shell of a terminal, root's too",
    ),
    ("/etc/zsh/zshenv", "is run by each zsh, root's too"),
    (
        "/etc/environment",
        "sets the variables of each session, root's too",
    ),
    (
        "/etc/security/pam_env.conf",
        "sets the variables of each session, root's too",
    ),
    ("/etc/passwd", "says who root is"),
    ("/etc/shadow", "holds root's password"),
    ("/etc/group", "says who is in which group"),
    ("/etc/sudoers", "says who may act as root"),
    ("/etc/sudoers.d", "says who may act as root"),
    ("/etc/doas.conf", "says who may act as root"),
    ("/etc/rc.local", "is run by root at each start"),
    (
        "/etc/update-motd.d",
        "holds scripts that root runs at each login",
    ),
    (
        "/etc/apt/apt.conf.d",
        "holds commands that root runs with each installation",
    ),
    (
        "/etc/logrotate.d",
        "holds commands that root runs when logs are rotated",
    ),
    (
        "/etc/udev/rules.d",
        "holds commands that root runs for devices",
    ),
    (
        "/etc/modprobe.d",
        "holds commands that root runs when modules are loaded",
    ),
];

/// What shells read at their start, in a home (bash(1), dash(1), zsh(1)).
const STARTUP: [&str; 8] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshenv",
    ".zshrc",
    ".zprofile",
];

/// Most entries of one folder.
const ENTRIES_MAX: usize = 2000;
/// Places of module files that are named; more are said to be more.
const MODULE_PLACES_MAX: usize = 200;

fn runner(builder: &Builder<'_>, uid: u32) -> Runner {
    let name = builder.user_name(uid);
    Runner {
        id: format!("user:{name}"),
        kind: NodeKind::User,
        label: name,
        uid,
        rights: String::new(),
    }
}

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let root = runner(builder, 0);
    for (path, fact) in OBEYED {
        let path = Path::new(path);
        let Ok(metadata) = builder.facts.tree().metadata(path) else {
            continue;
        };
        builder.takes(&root, EdgeKind::Loads, path, fact, At::path(path), false);
        if metadata.kind == Kind::Directory {
            for inside in entries(builder, path) {
                builder.takes(
                    &root,
                    EdgeKind::Loads,
                    &inside,
                    fact,
                    At::path(&inside),
                    false,
                );
            }
        }
    }
    for place in ["/etc/profile", "/etc/rc.local"] {
        scripts::takes_inside(builder, &root, Path::new(place));
    }
    for folder in PROGRAMS
        .iter()
        .map(Path::new)
        .filter(|path| builder.facts.exists(path))
    {
        let fact = "is in root's search path: root runs what stands there by its name";
        builder.takes(
            &root,
            EdgeKind::Loads,
            folder,
            fact,
            At::path(folder),
            false,
        );
    }
    // polkit's own user decides who may act as root: its rules are its own.
    let polkit = builder
        .facts
        .accounts()
        .ok()
        .and_then(|known| known.uid("polkitd"));
    let decides = Runner {
        uid: polkit.unwrap_or(0),
        ..runner(builder, 0)
    };
    for folder in ["/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d"].map(Path::new) {
        if builder.facts.exists(folder) {
            let fact = "says who may act as root";
            builder.takes(
                &decides,
                EdgeKind::Loads,
                folder,
                fact,
                At::path(folder),
                false,
            );
        }
    }
    libraries(builder, &root);
    startup_files(builder);
    Ok(())
}

/// Regular files of a folder that programs read: names without a leading dot.
fn entries(builder: &Builder<'_>, folder: &Path) -> Vec<PathBuf> {
    let tree = builder.facts.tree();
    let names = tree::list(tree, folder).unwrap_or_default();
    let paths = names.iter().take(ENTRIES_MAX).map(|name| folder.join(name));
    paths
        .filter(|path| {
            let hidden = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            !hidden && tree.metadata(path).is_ok_and(|one| one.kind == Kind::File)
        })
        .collect()
}

/// Libraries that `/etc/ld.so.preload` names, and folders that `/etc/ld.so.conf` names.
fn libraries(builder: &mut Builder<'_>, root: &Runner) {
    let preload = Path::new("/etc/ld.so.preload");
    for word in words_of(builder, preload) {
        let fact = "is loaded into every program";
        builder.takes(
            root,
            EdgeKind::Loads,
            Path::new(&word),
            fact,
            At::path(preload),
            true,
        );
    }
    let main = PathBuf::from("/etc/ld.so.conf");
    let more = entries(builder, Path::new("/etc/ld.so.conf.d"));
    for file in std::iter::once(main).chain(more) {
        for word in words_of(builder, &file) {
            let folder = Path::new(&word);
            if builder.facts.exists(folder) {
                let fact = "is a folder of libraries that every program searches";
                builder.takes(root, EdgeKind::Loads, folder, fact, At::path(&file), false);
            }
        }
    }
}

/// The absolute paths in a file of one path a line.
fn words_of(builder: &Builder<'_>, path: &Path) -> BTreeSet<String> {
    let bytes = builder
        .facts
        .read_if_there(path)
        .ok()
        .flatten()
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    lines
        .flat_map(|line| line.split([' ', '\t', ':', ',']))
        .filter(|word| word.starts_with('/') && !word.contains(['*', '?', '$']))
        .map(str::to_owned)
        .collect()
}

/// Files that a user's shell runs when the user logs in, and who else may change them.
fn startup_files(builder: &mut Builder<'_>) {
    let Ok(users) = builder.facts.users() else {
        return;
    };
    let people: Vec<(u32, PathBuf)> = users
        .with_homes()
        .filter(|account| account.has_login_shell())
        .map(|account| (account.uid, account.home.clone()))
        .collect();
    for (uid, home) in people {
        let is_folder = builder.facts.tree().metadata(&home);
        if !is_folder.is_ok_and(|one| one.kind == Kind::Directory) {
            continue;
        }
        let own = runner(builder, uid);
        for name in STARTUP {
            let path = home.join(name);
            if builder.facts.exists(&path) {
                let fact = format!("is run when `{}` logs in", own.label);
                builder.takes(&own, EdgeKind::Loads, &path, &fact, At::path(&path), false);
            }
        }
        let fact = format!(
            "is the home of `{}`, whose shell runs files there",
            own.label
        );
        builder.takes(&own, EdgeKind::Loads, &home, &fact, At::path(&home), false);
    }
}

/// Module files of the running kernel and the folders above them.
pub(super) fn add_modules(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let modules = builder.facts.modules()?;
    builder.limits(&modules.limits);
    let kernel = Runner {
        id: "kernel".to_owned(),
        kind: NodeKind::Kernel,
        label: "the kernel".to_owned(),
        uid: 0,
        rights: String::new(),
    };
    let mut left = MODULE_PLACES_MAX;
    for path in modules.files.values() {
        let fact = "is a module that the kernel loads";
        if builder.takes(&kernel, EdgeKind::Loads, path, fact, At::path(path), false) {
            left -= 1;
            if left == 0 {
                builder.limit(format!(
                    "more than {MODULE_PLACES_MAX} module files may be changed"
                ));
                break;
            }
        }
    }
    Ok(())
}
