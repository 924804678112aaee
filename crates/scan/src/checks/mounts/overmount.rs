//! Mounts that lie over a process or over a program.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::{MOUNTINFO, Mount, in_container};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

check! {
    /// # What it checks
    /// Mount points of the form `/proc/NUMBER` or below, and mounts over single files in `/bin`,
    /// `/sbin`, `/usr/bin`, `/usr/sbin`, `/lib`, `/usr/lib` or over `/etc/passwd`, `/etc/shadow`,
    /// `/etc/sudoers` and `/etc/ld.so.preload`. Folders such as `/proc/sys` and `/proc/bus`, which
    /// container engines cover, are none.
    ///
    /// # Why it matters
    /// A mount over `/proc/1234` hides that process from `ps`, `top` and every monitor. A mount over
    /// a program or over the list of users shows another content than the disk has, and is gone
    /// after a reboot.
    ///
    /// # Example
    /// `mount --bind /tmp/empty /proc/1234`
    ///
    /// # Instead
    /// `findmnt` shows the mount, `umount` on it shows what it hid; look at that process or file before
    /// ending it, and treat the host as taken over.
    id: "mount-overmount",
    surface: Mounts,
    title: "A mount hides a process or a file",
    severity: High,
    references: [Attack "T1564", Attack "T1014", Man "mount(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mounts = cx.facts.mounts()?;
    // Engines mount single files into containers (`/sbin/docker-init`, drivers): no sign there.
    let files_count = !in_container(cx.facts);
    for mount in &mounts.all {
        // The numbers of processes are no part of a finding: they change from run to run.
        let part = match mount.kind.as_str() {
            "proc" => "a folder".to_owned(),
            _ => format!("`{}`", mount.root.display()),
        };
        let mounted = format!("{part} of {} ({})", mount.source, mount.kind);
        if hides_process(&mount.point) {
            let hit = Hit::new("A mount hides a process in /proc")
                .subject(&mounted)
                .evidence("mounted", &mounted)
                .evidence_at("mount_point", "a process in /proc", MOUNTINFO, None);
            cx.hit(hit);
        } else if files_count && hides_file(cx, mount) {
            let hit = Hit::new(format!("A mount lies over `{}`", mount.point.display()))
                .path(&mount.point)
                .evidence("mounted", mounted);
            cx.hit(hit);
        }
    }
    Ok(())
}

fn hides_process(point: &Path) -> bool {
    let mut parts = point
        .components()
        .skip(1)
        .map(|part| part.as_os_str().as_bytes());
    parts.next() == Some(b"proc".as_slice())
        && parts
            .next()
            .is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_digit))
}

fn hides_file(cx: &Cx<'_>, mount: &Mount) -> bool {
    const FILES: [&str; 4] = [
        "/etc/passwd",
        "/etc/shadow",
        "/etc/sudoers",
        "/etc/ld.so.preload",
    ];
    const FOLDERS: [&str; 6] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/lib", "/usr/lib"];
    let point = &mount.point;
    if FILES.iter().any(|file| point == Path::new(file)) {
        return true;
    }
    let is_file = || {
        cx.facts
            .tree()
            .metadata(point)
            .is_ok_and(|metadata| metadata.kind == crate::tree::Kind::File)
    };
    FOLDERS.iter().any(|folder| point.starts_with(folder)) && is_file()
}
