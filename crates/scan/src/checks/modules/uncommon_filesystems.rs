//! File systems that hardly anybody uses.

use super::loadable;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// The modules `cramfs`, `freevxfs`, `hfs`, `hfsplus`, `jffs2`, `udf`, `minix`, `ufs`, `qnx4`, `gfs2`,
    /// `befs` and `adfs`, if they are installed, and not stopped by `modprobe.d`.
    ///
    /// # Why it matters
    /// The kernel parses what a stick, an image or a container's mount brings along. The code of
    /// these file systems is hardly reviewed, and a damaged image is enough for an exploit.
    ///
    /// # Example
    /// `hfsplus.ko` is installed and no file of `/etc/modprobe.d` names it.
    ///
    /// # Instead
    /// `/etc/modprobe.d/filesystems.conf` with `install hfsplus /bin/false` and so on.
    id: "module-uncommon-filesystems",
    surface: Modules,
    title: "Rarely used file systems can be loaded",
    severity: Low,
    references: [Cwe "CWE-1188", Attack "T1068", Man "modprobe.d(5)"],
}

const MODULES: &[&str] = &[
    "cramfs", "freevxfs", "hfs", "hfsplus", "jffs2", "udf", "minix", "ufs", "qnx4", "gfs2", "befs",
    "adfs",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    loadable::report(
        cx,
        MODULES,
        "Rarely used file systems can be loaded",
        "filesystems.conf",
    )
}
