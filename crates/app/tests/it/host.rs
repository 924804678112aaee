//! A fixture's tree as the host that actions are applied to: files change as the actions say, and
//! the few commands that make a change count do what they do on a host.

use crate::patch;
use casemate_scan::tree::{self, Kind, MemoryTree, Node, Tree};
use casemate_schema::{Action, Change};
use casemate_triage::{FileState, FileText, Files};
use std::path::{Path, PathBuf};

/// The tree's files, for the plan.
pub(crate) struct TreeFiles<'a>(pub(crate) &'a MemoryTree);

impl Files for TreeFiles<'_> {
    fn file(&self, path: &str) -> FileState {
        match tree::read(self.0, path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => FileState::Text(FileText::new(text)),
                Err(_) => FileState::Unknown("the file is no text".to_owned()),
            },
            Err(error) if error.is_not_found() => FileState::Absent,
            Err(error) => FileState::Unknown(error.to_string()),
        }
    }
}

/// What an action left to a person.
#[derive(Debug, Default)]
pub(crate) struct Left {
    pub(crate) manual: usize,
    pub(crate) settings: Vec<String>,
    pub(crate) unknown_commands: Vec<String>,
}

fn text(host: &MemoryTree, path: &str) -> String {
    tree::read(host, path).map_or_else(
        |_| String::new(),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}

/// The path behind links, as far as the tree has it.
fn real(host: &MemoryTree, path: &str) -> PathBuf {
    let mut place = PathBuf::from(path);
    for _ in 0..10 {
        let mut next = PathBuf::from("/");
        let mut changed = false;
        for part in place.components().skip(1) {
            next.push(part);
            if let Ok(target) = host.read_link(&next) {
                let folder = next.parent().expect("parent").to_path_buf();
                next = folder.join(target);
                changed = true;
            }
        }
        place = next;
        if !changed {
            break;
        }
    }
    place
}

fn write(host: &mut MemoryTree, path: &str, content: &str) {
    let place = real(host, path);
    let changed = host.change_node(&place, |node| {
        node.content = content.as_bytes().to_vec();
        node.metadata.size = content.len() as u64;
    });
    if !changed {
        host.file(&place, content);
    }
}

/// Applies an action.
pub(crate) fn apply(host: &mut MemoryTree, action: &Action) -> Left {
    let mut left = Left::default();
    for change in &action.changes {
        match change {
            Change::Diff { path, diff, .. } => {
                let new = patch::apply(&text(host, path), diff)
                    .map_err(|error| format!("{path}: {error}\n{diff}"))
                    .expect("the diff applies");
                write(host, path, &new);
            }
            Change::NewFile {
                path,
                content,
                mode,
            } => {
                let mut node = Node::new(Kind::File, content.as_bytes().to_vec());
                node.metadata.mode = u32::from_str_radix(mode, 8).expect("octal");
                host.insert(Path::new(path.as_str()), node);
            }
            Change::Setting { path, no_diff, .. } => {
                left.settings.push(format!("{path}: {no_diff}"));
            }
            Change::Permissions {
                path, mode, owner, ..
            } => permissions(host, path, mode.as_deref(), owner.as_deref()),
            Change::Upgrade { .. } | Change::Manual { .. } => left.manual += 1,
            Change::Command { argv } => {
                let words: Vec<&str> = argv.iter().map(|word| word.as_str()).collect();
                if !command(host, &words) {
                    left.unknown_commands.push(words.join(" "));
                }
            }
        }
    }
    left
}

fn permissions(host: &mut MemoryTree, path: &str, mode: Option<&str>, owner: Option<&str>) {
    let passwd = text(host, "/etc/passwd");
    let uid = owner.map(|owner| {
        let line = passwd
            .lines()
            .find(|line| line.split(':').next() == Some(owner));
        let field = line.and_then(|line| line.split(':').nth(2)?.parse().ok());
        if owner == "root" { Some(0) } else { field }
    });
    let place = real(host, path);
    let changed = host.change_node(&place, |node| {
        if let Some(mode) = mode {
            node.metadata.mode = u32::from_str_radix(mode, 8).expect("octal");
        }
        if let Some(uid) = uid.flatten() {
            node.metadata.uid = uid;
            if uid == 0 {
                node.metadata.gid = 0;
            }
        }
    });
    assert!(changed, "no {path}");
}

/// Does what a command does; false for one that only restarts or checks something.
fn command(host: &mut MemoryTree, words: &[&str]) -> bool {
    match words {
        ["sysctl", "--system"] => sysctl(host),
        ["systemctl", "mask", unit] => {
            let path = format!("/etc/systemd/system/{unit}");
            let node = Node::new(Kind::Link, b"/dev/null".to_vec());
            host.insert(Path::new(&path), node);
        }
        ["systemctl", "unmask", unit] => {
            for folder in ["/etc/systemd/system", "/run/systemd/system"] {
                host.remove(Path::new(&format!("{folder}/{unit}")));
            }
        }
        ["systemctl", "disable", "--now", unit] => {
            for target in [
                "multi-user",
                "sysinit",
                "sockets",
                "basic",
                "default",
                "graphical",
            ] {
                for kind in ["wants", "requires"] {
                    let path = format!("/etc/systemd/system/{target}.target.{kind}/{unit}");
                    host.remove(Path::new(&path));
                }
            }
        }
        ["mount", "-o", options, point] => remount(host, options, point),
        ["mv", from, to] => {
            let content = text(host, from);
            host.remove(Path::new(from));
            host.file(to, content);
        }
        ["setcap", "-r", path] => {
            assert!(host.change_node(Path::new(path), |node| node.capability = None));
        }
        ["install", "-m", mode, .., path] => {
            let mut node = Node::new(Kind::File, Vec::new());
            node.metadata.mode = u32::from_str_radix(mode, 8).expect("octal");
            host.insert(Path::new(path), node);
        }
        ["setenforce", value] => write(host, "/sys/fs/selinux/enforce", value),
        ["ip", "link", "set", name, "promisc", "off"] => {
            let path = format!("/sys/class/net/{name}/flags");
            let old = text(host, &path);
            let flags = u32::from_str_radix(old.trim().trim_start_matches("0x"), 16);
            let flags = flags.expect("hex") & !0x100;
            write(host, &path, &format!("{flags:#x}\n"));
        }
        _ => return account(host, words),
    }
    true
}

/// What commands do to accounts and groups.
fn account(host: &mut MemoryTree, words: &[&str]) -> bool {
    match words {
        ["gpasswd", "-d", user, group] => {
            let file = text(host, "/etc/group");
            let new = file.lines().map(|line| without_member(line, user, group));
            let new = new.collect::<Vec<_>>().join("\n") + "\n";
            write(host, "/etc/group", &new);
        }
        ["passwd", "-l", user] => {
            if tree::read(host, "/etc/shadow").is_ok() {
                field(host, "/etc/shadow", user, 1, |old| format!("!{old}"));
            }
            let lock = |old: &str| {
                if old.is_empty() {
                    "!".to_owned()
                } else {
                    old.to_owned()
                }
            };
            field(host, "/etc/passwd", user, 1, lock);
        }
        ["useradd", "-D", "-f", days] => {
            let old = text(host, "/etc/default/useradd");
            write(
                host,
                "/etc/default/useradd",
                &format!("{old}INACTIVE={days}\n"),
            );
        }
        ["chage", "-d", "0", user] => field(host, "/etc/shadow", user, 2, |_| "0".to_owned()),
        ["usermod", "-s", shell, user] => {
            field(host, "/etc/passwd", user, 6, |_| (*shell).to_owned());
        }
        ["pwconv"] => pwconv(host),
        _ => return false,
    }
    true
}

fn without_member(line: &str, user: &str, group: &str) -> String {
    let mut fields: Vec<String> = line.split(':').map(str::to_owned).collect();
    if fields.first().map(String::as_str) == Some(group)
        && let Some(members) = fields.get_mut(3)
    {
        let kept: Vec<&str> = members.split(',').filter(|name| *name != user).collect();
        *members = kept.join(",");
    }
    fields.join(":")
}

fn field(
    host: &mut MemoryTree,
    path: &str,
    user: &str,
    index: usize,
    change: impl Fn(&str) -> String,
) {
    let file = text(host, path);
    let new: Vec<String> = file
        .lines()
        .map(|line| {
            let mut fields: Vec<String> = line.split(':').map(str::to_owned).collect();
            if fields.first().map(String::as_str) == Some(user)
                && let Some(slot) = fields.get_mut(index)
            {
                *slot = change(slot);
            }
            fields.join(":")
        })
        .collect();
    write(host, path, &(new.join("\n") + "\n"));
}

/// Hashes move to the shadow file.
fn pwconv(host: &mut MemoryTree) {
    let mut shadow = text(host, "/etc/shadow");
    let passwd: Vec<String> = text(host, "/etc/passwd")
        .lines()
        .map(|line| {
            let mut fields: Vec<String> = line.split(':').map(str::to_owned).collect();
            if let Some(slot) = fields.get_mut(1)
                && slot != "x"
            {
                let hash = std::mem::replace(slot, "x".to_owned());
                shadow.push_str(&format!("{}:{hash}:20000:0:99999:7:::\n", fields[0]));
            }
            fields.join(":")
        })
        .collect();
    write(host, "/etc/passwd", &(passwd.join("\n") + "\n"));
    write(host, "/etc/shadow", &shadow);
    permissions(host, "/etc/shadow", Some("0600"), Some("root"));
}

/// The settings of all files in their order, written to `/proc/sys`.
fn sysctl(host: &mut MemoryTree) {
    let mut files = Vec::new();
    for folder in ["/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d"] {
        for name in tree::list(host, folder).unwrap_or_default() {
            let name = name.to_string_lossy().into_owned();
            files.push((name.clone(), format!("{folder}/{name}")));
        }
    }
    files.sort();
    let mut order: Vec<String> = files.into_iter().map(|(_, path)| path).collect();
    order.push("/etc/sysctl.conf".to_owned());
    for path in order {
        for line in text(host, &path).lines() {
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let key = key.trim().trim_start_matches('-');
            if key.starts_with('#') {
                continue;
            }
            let key = if key.contains('/') {
                key.to_owned()
            } else {
                key.replace('.', "/")
            };
            let place = format!("/proc/sys/{key}");
            if tree::read(host, &place).is_ok() {
                write(host, &place, &format!("{}\n", value.trim()));
            }
        }
    }
}

/// Adds options to a mount of `/proc/self/mountinfo`.
fn remount(host: &mut MemoryTree, options: &str, point: &str) {
    let path = "/proc/self/mountinfo";
    let wanted: Vec<&str> = options.split(',').skip(1).collect();
    let point = point.replace(' ', "\\040");
    let new: Vec<String> = text(host, path)
        .lines()
        .map(|line| {
            let mut fields: Vec<String> = line.split(' ').map(str::to_owned).collect();
            if fields.get(4) == Some(&point)
                && let Some(slot) = fields.get_mut(5)
            {
                let opposites: Vec<String> = wanted
                    .iter()
                    .filter_map(|word| word.strip_prefix("no").map(str::to_owned))
                    .collect();
                let mut kept: Vec<&str> = slot
                    .split(',')
                    .filter(|word| !opposites.iter().any(|it| it == word))
                    .collect();
                kept.extend(
                    wanted
                        .iter()
                        .filter(|word| !slot.split(',').any(|it| it == **word)),
                );
                *slot = kept.join(",");
            }
            fields.join(" ")
        })
        .collect();
    write(host, path, &(new.join("\n") + "\n"));
}
