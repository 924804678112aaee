//! What suites need beside cargo. Nothing has to run as a service yet; programs are installed with
//! Debian's package manager when this is root on such a system, else they are named.

use crate::tool;
use anyhow::Result;

/// Program and the Debian package that brings it.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("ip", "iproute2", "the suite in a network namespace"),
    ("strace", "strace", "the test that no connection is opened"),
];

/// Installs what is missing, or says what is and which suite will be skipped.
pub(crate) fn run() -> Result<()> {
    for (program, package, used_by) in PROGRAMS {
        if tool::has(program) {
            continue;
        }
        let installed = tool::has("apt-get")
            && tool::run("apt-get", &["update", "-qq"]).is_ok()
            && tool::run("apt-get", &["install", "-y", "-qq", package]).is_ok();
        if !installed {
            println!("SKIPPED later: `{program}` (package {package}) is missing: {used_by}");
        }
    }
    Ok(())
}
