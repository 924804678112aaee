//! Which programs run, as whom, from which file, with what open.
//!
//! Source: proc(5). Kernel threads (`PF_KTHREAD`) are left out after one read, each folder `fd` is
//! read once. A process that ends meanwhile is left out; what this user may not read of a process
//! is a limit of that part alone. The scanner's own process is never in the list.

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::tree::{self, Tree, TreeError};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Most processes looked at.
const PROCESSES_MAX: usize = 100_000;
/// Most bytes taken of arguments and of the environment; the rest is cut off.
const ARGUMENTS_BYTES_MAX: u64 = 64 << 10;
/// Most bytes taken of the list of mappings.
const MAPS_BYTES_MAX: u64 = 8 << 20;
/// Most open files looked at of one process.
const DESCRIPTORS_MAX: usize = 65_536;
/// Most deleted files and libraries kept of one process.
const DELETED_MAX: usize = 256;
/// Flag of kernel threads in the ninth field of `stat` (include/linux/sched.h).
const PF_KTHREAD: u64 = 0x0020_0000;

/// The file that a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Executable {
    /// Path, without the kernel's ` (deleted)`.
    pub(crate) path: PathBuf,
    /// Whether the file was unlinked after it was started.
    pub(crate) deleted: bool,
}

/// A running program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Process {
    /// Its number; for look-ups alone, never for a report.
    pub(crate) pid: u32,
    /// Name that it gave itself (`comm`).
    pub(crate) name: String,
    /// Effective user.
    pub(crate) uid: u32,
    /// Effective capabilities.
    pub(crate) capabilities: u64,
    /// Process that traces it.
    pub(crate) tracer: Option<u32>,
    /// Whether it lives in a process namespace below ours, or in a container's control group.
    pub(crate) contained: bool,
    /// The file that it runs; `None` if it could not be seen.
    pub(crate) executable: Option<Executable>,
    /// Its arguments.
    pub(crate) arguments: Vec<Vec<u8>>,
    /// Variables of its environment that the loader listens to.
    pub(crate) loader: Vec<(String, Vec<u8>)>,
    /// Deleted files that it has mapped for execution.
    pub(crate) deleted_libraries: Vec<PathBuf>,
    /// Deleted files that it holds open.
    pub(crate) deleted_files: Vec<PathBuf>,
    /// Inodes of its sockets.
    pub(crate) sockets: Vec<u64>,
    /// The systemd service that it belongs to.
    pub(crate) unit: Option<String>,
}

impl Process {
    /// What to call it: the path of its program, or its name in quotation marks if unknown.
    pub(crate) fn program(&self) -> String {
        match &self.executable {
            Some(executable) => crate::run::path_text(&executable.path).0,
            None => format!("\"{}\"", self.name),
        }
    }
}

/// All programs that run, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Processes {
    /// User space, sorted by number.
    pub(crate) list: Vec<Process>,
    /// Processes that could not be seen at all.
    pub(crate) limits: Vec<Limit>,
    /// Whose file could not be seen.
    pub(crate) executable_limits: Vec<Limit>,
    /// Whose environment could not be seen.
    pub(crate) environment_limits: Vec<Limit>,
    /// Whose mappings could not be seen.
    pub(crate) map_limits: Vec<Limit>,
    /// Whose open files could not be seen.
    pub(crate) descriptor_limits: Vec<Limit>,
    /// Containers' processes whose paths lead into trees that are not looked at.
    pub(crate) contained_limits: Vec<Limit>,
}

/// Reads `/proc`.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Processes> {
    let tree = facts.tree();
    let pids = pids(tree)?;
    if pids.is_empty() {
        return Err(Skip::not_assessed(
            "the tree holds no /proc of a running system",
        ));
    }
    let mut all = Processes::default();
    if pids.len() > PROCESSES_MAX {
        all.limits.push(Limit {
            reason: format!("more than {PROCESSES_MAX} processes"),
            privileges: false,
        });
    }
    if facts.options().uid != 0 && hides_processes(facts) {
        all.limits.push(Limit {
            reason: "/proc is mounted with hidepid: processes of other users are not seen"
                .to_owned(),
            privileges: true,
        });
    }
    let pids = pids.into_iter().take(PROCESSES_MAX);
    for pid in pids.filter(|pid| *pid != facts.options().own_pid) {
        if let Some(process) = process(tree, pid, &mut all) {
            if process.contained {
                note(
                    &mut all.contained_limits,
                    "files of processes in containers are not looked at",
                    false,
                );
            }
            all.list.push(process);
        }
    }
    Ok(all)
}

/// The numbers in `/proc`, sorted.
fn pids(tree: &dyn Tree) -> Result<Vec<u32>, Skip> {
    let names = match tree::list(tree, "/proc") {
        Ok(names) => names,
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let numbers = names.iter().filter_map(|name| name.to_str()?.parse().ok());
    let mut pids: Vec<u32> = numbers.collect();
    pids.sort_unstable();
    Ok(pids)
}

/// Whether `/proc` is mounted so that users see no processes of others.
pub(crate) fn hides_processes(facts: &Facts<'_>) -> bool {
    let mounts = facts.read_if_there("/proc/self/mounts").ok().flatten();
    let mounts = mounts.unwrap_or_default();
    String::from_utf8_lossy(&mounts).lines().any(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        let [_, "/proc", "proc", options, ..] = fields.as_slice() else {
            return false;
        };
        let hidden = ["hidepid=1", "hidepid=2", "hidepid=4", "hidepid=noaccess"];
        let also = ["hidepid=invisible", "hidepid=ptraceable"];
        options
            .split(',')
            .any(|option| hidden.contains(&option) || also.contains(&option))
    })
}

fn process(tree: &dyn Tree, pid: u32, all: &mut Processes) -> Option<Process> {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let (name, state, flags) = stat(&tree::read(tree, folder.join("stat")).ok()?)?;
    if flags & PF_KTHREAD != 0 || matches!(state, b'Z' | b'X') {
        return None;
    }
    let mut process = Process {
        pid,
        name,
        ..Process::default()
    };
    status(&tree::read(tree, folder.join("status")).ok()?, &mut process);
    let groups = tree::read(tree, folder.join("cgroup")).unwrap_or_default();
    control_group(&String::from_utf8_lossy(&groups), &mut process);
    match read_start(tree, &folder.join("cmdline"), ARGUMENTS_BYTES_MAX) {
        Ok(bytes) => process.arguments = strings(&bytes),
        Err(error) => part(&mut all.executable_limits, &error, "the arguments"),
    }
    match tree.read_link(&folder.join("exe")) {
        Ok(link) => process.executable = Some(executable(tree, &folder, &link)),
        Err(error) => part(&mut all.executable_limits, &error, "the program"),
    }
    match read_start(tree, &folder.join("environ"), ARGUMENTS_BYTES_MAX) {
        Ok(bytes) => process.loader = loader_variables(&bytes),
        Err(error) => part(&mut all.environment_limits, &error, "the environment"),
    }
    match read_start(tree, &folder.join("maps"), MAPS_BYTES_MAX) {
        Ok(bytes) => process.deleted_libraries = deleted_libraries(&bytes, &process.executable),
        Err(error) => part(&mut all.map_limits, &error, "the mapped files"),
    }
    if let Err(error) = descriptors(tree, &folder.join("fd"), &mut process) {
        part(&mut all.descriptor_limits, &error, "the open files");
    }
    Some(process)
}

/// Notes that a part of a process was refused; a process that ended meanwhile is no limit.
fn part(limits: &mut Vec<Limit>, error: &TreeError, what: &str) {
    if error.is_denied() {
        let reason = format!("no permission to see {what} of some processes");
        note(limits, &reason, true);
    } else if !error.is_not_found() {
        let reason = format!("could not read {what} of some processes");
        note(limits, &reason, false);
    }
}

fn note(limits: &mut Vec<Limit>, reason: &str, privileges: bool) {
    let reason = reason.to_owned();
    let limit = Limit { reason, privileges };
    if !limits.contains(&limit) {
        limits.push(limit);
    }
}

/// Reads at most `limit` bytes from the start of a file, however long it is.
fn read_start(tree: &dyn Tree, path: &Path, limit: u64) -> Result<Vec<u8>, TreeError> {
    let mut bytes = Vec::new();
    match tree.open(path)?.take(limit).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(TreeError::from_io(path, source)),
    }
}

/// Name, state and flags of `stat`; the name may hold blanks and brackets itself.
fn stat(bytes: &[u8]) -> Option<(String, u8, u64)> {
    let open = bytes.iter().position(|byte| *byte == b'(')?;
    let close = bytes.iter().rposition(|byte| *byte == b')')?;
    let name = String::from_utf8_lossy(bytes.get(open + 1..close)?).into_owned();
    let rest = String::from_utf8_lossy(bytes.get(close + 1..)?).into_owned();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let state = fields.first()?.bytes().next()?;
    Some((name, state, fields.get(6)?.parse().ok()?))
}

fn status(bytes: &[u8], process: &mut Process) {
    for line in String::from_utf8_lossy(bytes).lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let mut fields = value.split_whitespace();
        match name {
            "Uid" => process.uid = fields.nth(1).and_then(|v| v.parse().ok()).unwrap_or(0),
            "TracerPid" => {
                let tracer = fields.next().and_then(|v| v.parse().ok());
                process.tracer = tracer.filter(|pid| *pid != 0);
            }
            "NSpid" => process.contained |= fields.count() > 1,
            "CapEff" => {
                let text = fields.next().unwrap_or_default();
                process.capabilities = u64::from_str_radix(text, 16).unwrap_or(0);
            }
            _ => {}
        }
    }
}

/// Finds service and container in the lines of `cgroup`: `hierarchy:controllers:path`.
fn control_group(text: &str, process: &mut Process) {
    for path in text.lines().filter_map(|line| line.splitn(3, ':').nth(2)) {
        for segment in path.split('/') {
            if segment.ends_with(".service") {
                process.unit = Some(segment.to_owned());
            }
            let digits = |word: &str| word.len() == 64 && word.bytes().all(is_hex);
            let by_engine = segment.split(['-', '.', ':']).any(digits);
            let named = ["lxc.payload", "kubepods", "libpod-", "machine-"];
            process.contained |= by_engine || named.iter().any(|n| segment.starts_with(n));
        }
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// The non-empty strings of a NUL-separated list.
fn strings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    if words.last().is_some_and(Vec::is_empty) {
        words.pop();
    }
    words
}

fn loader_variables(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    const NAMES: [&str; 3] = ["LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH"];
    let words = bytes.split(|byte| *byte == 0);
    words
        .filter_map(|word| {
            NAMES.iter().find_map(|name| {
                let value = word.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
                (!value.is_empty()).then(|| ((*name).to_owned(), value.to_vec()))
            })
        })
        .collect()
}

const DELETED: &[u8] = b" (deleted)";

/// Tells an unlinked file from one whose very name ends in ` (deleted)`: the latter has, at that
/// path, the inode that the process has mapped.
fn executable(tree: &dyn Tree, folder: &Path, link: &Path) -> Executable {
    let bytes = link.as_os_str().as_bytes();
    let Some(path) = bytes.strip_suffix(DELETED) else {
        return Executable {
            path: link.to_path_buf(),
            deleted: false,
        };
    };
    if let Ok(metadata) = tree.link_metadata(link) {
        let maps = read_start(tree, &folder.join("maps"), MAPS_BYTES_MAX).unwrap_or_default();
        let mapped =
            mappings(&maps).any(|(_, inode, path)| path == bytes && inode == metadata.inode);
        if mapped {
            return Executable {
                path: link.to_path_buf(),
                deleted: false,
            };
        }
    }
    Executable {
        path: PathBuf::from(OsStr::from_bytes(path)),
        deleted: true,
    }
}

/// Rights, inode and path of each mapping of a file.
fn mappings(maps: &[u8]) -> impl Iterator<Item = (&[u8], u64, &[u8])> {
    maps.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.splitn(6, |byte| *byte == b' ');
        let rights = fields.nth(1)?;
        let inode = std::str::from_utf8(fields.nth(2)?).ok()?.parse().ok()?;
        let path = fields.next()?.trim_ascii_start();
        path.starts_with(b"/").then_some((rights, inode, path))
    })
}

fn deleted_libraries(maps: &[u8], executable: &Option<Executable>) -> Vec<PathBuf> {
    let own = executable.as_ref().map(|file| file.path.as_path());
    let mut libraries: Vec<PathBuf> = mappings(maps)
        .filter(|(rights, _, _)| rights.contains(&b'x'))
        .filter_map(|(_, _, path)| path.strip_suffix(DELETED))
        .map(|path| PathBuf::from(OsStr::from_bytes(path)))
        .filter(|path| Some(path.as_path()) != own)
        .take(DELETED_MAX)
        .collect();
    libraries.sort();
    libraries.dedup();
    libraries
}

fn descriptors(tree: &dyn Tree, folder: &Path, process: &mut Process) -> Result<(), TreeError> {
    let mut names = Vec::new();
    tree.visit_names(folder, &mut |name| {
        names.push(name.to_owned());
        names.len() < DESCRIPTORS_MAX
    })?;
    // A folder that can be listed while its links are refused is how containers hide the rest.
    let mut refused = Ok(());
    for name in names {
        let link = match tree.read_link(&folder.join(name)) {
            Ok(link) => link,
            Err(error) => {
                if error.is_not_found() {
                    continue;
                }
                // What refuses one link of a process refuses all.
                refused = Err(error);
                break;
            }
        };
        let bytes = link.as_os_str().as_bytes();
        if let Some(inode) = socket_inode(bytes) {
            process.sockets.push(inode);
        } else if let Some(path) = bytes.strip_suffix(DELETED)
            && process.deleted_files.len() < DELETED_MAX
        {
            let path = std::ffi::OsString::from_vec(path.to_vec());
            process.deleted_files.push(PathBuf::from(path));
        }
    }
    process.sockets.sort_unstable();
    process.sockets.dedup();
    process.deleted_files.sort();
    process.deleted_files.dedup();
    refused
}

fn socket_inode(link: &[u8]) -> Option<u64> {
    let digits = link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Looks once more who holds the given sockets, threads with files of their own included: for
/// sockets that were made while the list was read.
pub(crate) fn holders(tree: &dyn Tree, inodes: &[u64]) -> BTreeMap<u64, Process> {
    let mut found = BTreeMap::new();
    for pid in pids(tree).unwrap_or_default() {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let tasks = tree::list(tree, folder.join("task")).unwrap_or_default();
        let folders = tasks.iter().map(|task| folder.join("task").join(task));
        for place in std::iter::once(folder.clone()).chain(folders) {
            let mut seen = Process::default();
            if descriptors(tree, &place.join("fd"), &mut seen).is_err() {
                continue;
            }
            for inode in seen.sockets.iter().filter(|inode| inodes.contains(inode)) {
                let mut unused = Processes::default();
                let process = process(tree, pid, &mut unused).unwrap_or_default();
                found.entry(*inode).or_insert(process);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_with_brackets_and_blanks_does_not_shift_the_fields() {
        let line = b"7 (a) R (b) S 1 7 7 0 -1 2129984 0 0";
        assert_eq!(stat(line), Some(("a) R (b".to_owned(), b'S', 2_129_984)));
        assert_eq!(stat(b"7 (a"), None);
    }

    #[test]
    fn a_container_is_seen_in_its_control_group() {
        let id = "a".repeat(64);
        for (text, contained, unit) in [
            (
                "0::/system.slice/ssh.service\n".to_owned(),
                false,
                Some("ssh.service"),
            ),
            (format!("0::/system.slice/docker-{id}.scope\n"), true, None),
            (format!("12:cpu:/docker/{id}\n0::/\n"), true, None),
            (
                "0::/user.slice/user-0.slice/session-3.scope\n".to_owned(),
                false,
                None,
            ),
        ] {
            let mut process = Process::default();
            control_group(&text, &mut process);
            assert_eq!(
                (process.contained, process.unit.as_deref()),
                (contained, unit),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn hostile_files_of_a_process_never_panic(bytes: Vec<u8>) {
            let mut process = Process::default();
            stat(&bytes);
            status(&bytes, &mut process);
            control_group(&String::from_utf8_lossy(&bytes), &mut process);
            deleted_libraries(&bytes, &None);
            loader_variables(&bytes);
            socket_inode(&bytes);
        }
    }
}
