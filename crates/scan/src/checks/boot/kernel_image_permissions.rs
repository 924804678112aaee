//! Who may read and write the kernel's files in `/boot`.

use crate::check::{Cx, Hit, Limit, Skip, check};
use casemate_schema::Severity;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// `vmlinuz*`, `initrd*`, `initramfs*` and `System.map*` in `/boot`, and `/boot` itself: nobody but
    /// root may write them. One finding names those of `System.map` and `initrd` that everybody reads.
    ///
    /// # Why it matters
    /// Whoever replaces one of them owns the host after the next boot. `System.map` gives an exploit
    /// the kernel's addresses, an initrd may hold keys of encrypted disks.
    ///
    /// # Example
    /// `/boot/System.map-6.1.0-18-amd64` with mode 0644.
    ///
    /// # Instead
    /// `chown root:root FILE` and `chmod 0600 FILE`; for new kernels `UMASK=0077` in
    /// `/etc/initramfs-tools/initramfs.conf`.
    id: "boot-kernel-image-permissions",
    surface: Boot,
    title: "Kernel file in /boot is open to others",
    severity: Low,
    references: [Cwe "CWE-732", Attack "T1542"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut paths: Vec<PathBuf> = cx
        .facts
        .list_if_there("/boot")?
        .iter()
        .filter(|name| {
            let name = name.to_string_lossy();
            ["vmlinuz", "initrd", "initramfs", "System.map"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        })
        .map(|name| Path::new("/boot").join(name))
        .collect();
    if paths.is_empty() {
        return Err(Skip::not_applicable("there is no kernel in /boot"));
    }
    paths.push(PathBuf::from("/boot"));
    let mut readable = Vec::new();
    for path in &paths {
        let metadata = match cx.facts.tree().metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => {
                if !error.is_not_found() {
                    cx.limit(Limit::from_error(&error));
                }
                continue;
            }
        };
        let severity = if metadata.world_writable() {
            Severity::Critical
        } else if metadata.uid != 0 || (metadata.group_writable() && metadata.gid != 0) {
            Severity::High
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if metadata.world_readable()
                && (name.starts_with("System.map") || name.starts_with("init"))
            {
                readable.push(format!("{} {}", path.display(), metadata.mode_text()));
            }
            continue;
        };
        let hit = Hit::new(format!("`{}` can be replaced", path.display()))
            .path(path)
            .severity(severity)
            .evidence("mode", metadata.mode_text())
            .evidence("owner", metadata.uid.to_string());
        cx.hit(hit);
    }
    if !readable.is_empty() {
        let hit = Hit::new("Kernel symbols or boot images can be read by everybody")
            .path("/boot")
            .key("readable")
            .evidence("files", readable.join(", "));
        cx.hit(hit);
    }
    Ok(())
}
