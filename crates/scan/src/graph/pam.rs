//! PAM: stacks that anybody passes, accounts without a password, and files that each login runs.

use super::builder::{At, Builder, ROOT, Runner};
use crate::check::Skip;
use crate::checks::pam::permit_in_auth::answer;
use crate::facts::pam::{Answer, Entry, Kind};
use crate::facts::users::{Hash, hash_kind};
use casemate_schema::{EdgeKind, NodeKind};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where modules stand whose names have no folder (pam.conf(5)); Debian adds the architecture.
const MODULE_FOLDERS: [&str; 6] = [
    "/usr/lib/x86_64-linux-gnu/security",
    "/usr/lib/aarch64-linux-gnu/security",
    "/usr/lib64/security",
    "/usr/lib/security",
    "/lib64/security",
    "/lib/security",
];

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let pam = builder.facts.pam()?;
    builder.limits(&pam.limits);
    su_without_password(builder)?;
    let mut seen = BTreeSet::new();
    for entry in pam.entries() {
        let place = At::line(&entry.path, Some(entry.line));
        if let Some(module) = module_path(builder, entry)
            && seen.insert(module.clone())
        {
            let fact = "is a module of PAM: programs of root load it at each login";
            root_loads(builder, EdgeKind::Loads, &module, fact, place);
        }
        if entry.name() == "pam_exec"
            && let Some(program) = entry.arguments.iter().find(|word| word.starts_with('/'))
        {
            let fact = "pam_exec runs it at each login as root";
            root_loads(builder, EdgeKind::Executes, Path::new(program), fact, place);
        }
        let file = At::path(&entry.path);
        if seen.insert(entry.path.clone()) {
            let fact = "decides who may log in, and as whom";
            root_loads(builder, EdgeKind::Loads, &entry.path, fact, file);
        }
    }
    Ok(())
}

fn root_loads(builder: &mut Builder<'_>, kind: EdgeKind, path: &Path, fact: &str, at: At<'_>) {
    let own = Runner {
        id: ROOT.to_owned(),
        kind: NodeKind::User,
        label: "root".to_owned(),
        uid: 0,
        rights: String::new(),
    };
    builder.takes(&own, kind, path, fact, at, false);
}

fn module_path(builder: &Builder<'_>, entry: &Entry) -> Option<PathBuf> {
    let module = Path::new(&entry.module);
    if module.is_absolute() {
        return Some(module.to_path_buf());
    }
    let mut places = MODULE_FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(module));
    places.find(|path| builder.facts.exists(path))
}

/// `su` asks PAM alone: where its stack lets everybody in, or an account has no password.
fn su_without_password(builder: &mut Builder<'_>) -> Result<(), Skip> {
    const SU: [&str; 2] = ["/usr/bin/su", "/bin/su"];
    let pam = builder.facts.pam()?;
    let there = SU.iter().any(|path| builder.facts.exists(path));
    if !there || !pam.names().any(|name| name == "su") {
        return Ok(());
    }
    let modules = pam.modules("su", Kind::Auth);
    let place_of = |name: &str| {
        let entry = modules.iter().find(|entry| entry.name() == name);
        entry.map(|entry| (entry.path.clone(), entry.line))
    };
    if pam.verdict("su", Kind::Auth, &answer) {
        let place = place_of("pam_permit");
        let (everybody, root) = (builder.everybody(), builder.user(0));
        let at = place
            .as_ref()
            .map_or_else(At::default, |(path, line)| At::line(path, Some(*line)));
        let fact = "`su` lets everybody become root: its stack asks for nothing";
        builder.edge(&everybody, EdgeKind::MayBecomeByPam, &root, fact, at);
        return Ok(());
    }
    let Ok(users) = builder.facts.users() else {
        return Ok(());
    };
    let shadow = users.shadow_by_name();
    for account in users
        .accounts
        .iter()
        .filter(|account| account.has_login_shell())
    {
        let stored = shadow.get(account.name.as_str());
        let hash = match account.password.as_str() {
            "x" => stored.map(|entry| entry.hash.as_str()),
            own => Some(own),
        };
        if hash.map(hash_kind) != Some(Hash::Empty) {
            continue;
        }
        // pam_unix takes an empty password where `nullok` says so; no other module lets in here.
        let passes = |entry: &Entry| match entry.name() {
            "pam_unix" if entry.has("nullok") => Answer::Success,
            _ => answer(entry),
        };
        if pam.verdict("su", Kind::Auth, &passes) {
            let (everybody, user) = (builder.everybody(), builder.user(account.uid));
            let line = stored.map(|entry| entry.line);
            let fact = format!(
                "`{}` has an empty password, and PAM takes it (`nullok`)",
                account.name
            );
            let at = At::line(Path::new("/etc/shadow"), line);
            builder.edge(&everybody, EdgeKind::MayBecomeByPam, &user, &fact, at);
        }
    }
    Ok(())
}
