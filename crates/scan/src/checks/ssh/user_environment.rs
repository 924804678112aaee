//! Whether users choose the environment before their shell starts.

use super::hit_of;
use crate::check::{Cx, Skip, check};
use crate::facts::text::wildcard;

check! {
    /// # What it checks
    /// `PermitUserEnvironment` is `no` or a list without `LD_*`, and `AcceptEnv` takes no `LD_*`,
    /// `BASH_ENV`, `PATH` or `*` from the client.
    ///
    /// # Why it matters
    /// Accounts that may run one command only (`ForceCommand`, `command=`) break out with a library
    /// of their own in `LD_PRELOAD`.
    ///
    /// # Example
    /// `PermitUserEnvironment yes`, `AcceptEnv *`
    ///
    /// # Instead
    /// `PermitUserEnvironment no`, `AcceptEnv LANG LC_*`
    id: "ssh-user-environment",
    surface: Ssh,
    title: "SSH server takes variables that load code",
    severity: Medium,
    references: [Cwe "CWE-427", Cis "Debian 12 5.1.21", Attack "T1574.006", Man "sshd_config(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const LOADING: [&str; 5] = [
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "LD_AUDIT",
        "BASH_ENV",
        "PATH",
    ];
    let sshd = cx.facts.sshd()?;
    cx.limits(&sshd.limits);
    let lets_in = |patterns: &str| {
        patterns.split([' ', ',']).any(|pattern| {
            LOADING
                .iter()
                .any(|name| wildcard(pattern.as_bytes(), name.as_bytes()))
        })
    };
    for value in sshd.values("permituserenvironment") {
        if value.word() == "yes" || lets_in(&value.text) {
            cx.hit(hit_of(
                &value,
                "PermitUserEnvironment",
                "SSH server takes variables from homes",
                "PermitUserEnvironment no",
            ));
        }
    }
    for value in sshd.values("acceptenv") {
        if lets_in(&value.text) {
            cx.hit(hit_of(
                &value,
                "AcceptEnv",
                "SSH server takes variables that load code",
                "AcceptEnv LANG LC_*",
            ));
        }
    }
    Ok(())
}
