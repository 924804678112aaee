//! Where GRUB keeps its configuration, shared by the checks of the boot loader.

use crate::check::Skip;
use crate::facts::Facts;
use std::path::{Path, PathBuf};

/// Main configurations and files of the password, those that are there, sorted.
pub(super) fn files(facts: &Facts<'_>) -> Result<Vec<PathBuf>, Skip> {
    let mut files = Vec::new();
    for folder in ["/boot/grub", "/boot/grub2"] {
        for name in ["grub.cfg", "user.cfg", "custom.cfg"] {
            files.push(Path::new(folder).join(name));
        }
    }
    for vendor in facts.list_if_there("/boot/efi/EFI")? {
        let folder = Path::new("/boot/efi/EFI").join(vendor);
        files.extend(["grub.cfg", "user.cfg"].map(|name| folder.join(name)));
    }
    files.retain(|path| facts.exists(path));
    Ok(files)
}
