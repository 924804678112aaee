//! Fixes of kernel modules.

use crate::remediate::draft::{Draft, seen};
use crate::remediate::fix::{Fix, medium, person};
use casemate_schema::Finding;

const TAKEN: &str =
    "the host may be taken over: keep memory and disk for an inquiry before anything is changed";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "module-file-writable",
        "Close kernel modules to others",
        5,
        "whoever builds modules under another account can no longer install them",
        |d, f| d.close(f, 0o022),
    ),
    person("module-hidden", "Treat the host as taken over", 240, TAKEN),
    medium(
        "module-rare-protocols",
        "Forbid rare network protocols",
        5,
        "the few programs that speak them fail",
        forbid,
    ),
    medium(
        "module-removable-storage",
        "Forbid removable storage",
        5,
        "USB sticks and FireWire disks are no longer seen",
        forbid,
    ),
    person(
        "module-srcversion-mismatch",
        "Find out why a loaded module is not its file",
        30,
        TAKEN,
    ),
    person(
        "module-taint",
        "Replace modules from outside of the kernel",
        60,
        "hardware that needs the module stops to work without it",
    ),
    medium(
        "module-uncommon-filesystems",
        "Forbid rare file systems",
        5,
        "media with these file systems cannot be read",
        forbid,
    ),
    person(
        "module-without-file",
        "Find out about modules without a file",
        60,
        TAKEN,
    ),
];

fn forbid(draft: &mut Draft, finding: &Finding) {
    for module in seen(finding, "loadable")
        .unwrap_or_default()
        .split_whitespace()
    {
        draft.no_module(module);
    }
}
