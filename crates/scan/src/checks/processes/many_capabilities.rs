//! Ordinary users' processes with rights that equal root.

use crate::check::{Cx, Hit, Skip, check};
use crate::tree::TreeError;
use std::collections::BTreeSet;
use std::path::PathBuf;

check! {
    /// # What it checks
    /// Processes of users other than root hold no effective capability from which root is one step
    /// away (`CAP_SYS_ADMIN`, `CAP_SYS_PTRACE`, `CAP_SYS_MODULE`, `CAP_DAC_OVERRIDE`, `CAP_SETUID`,
    /// ...). Processes in a user namespace of their own hold them there alone, and are left out.
    ///
    /// # Why it matters
    /// The account looks harmless, but who takes over that process is root: it can load a kernel
    /// module, read `/etc/shadow` or write into any process.
    ///
    /// # Example
    /// A web server of the user `www-data` with `CapEff: 0000000000080000` (CAP_SYS_PTRACE).
    ///
    /// # Instead
    /// Take them away in its unit: `CapabilityBoundingSet=CAP_NET_BIND_SERVICE`,
    /// `AmbientCapabilities=`, `NoNewPrivileges=yes`; or from the file: `setcap -r PROGRAM`.
    id: "proc-many-capabilities",
    surface: Processes,
    title: "Process of an ordinary user holds rights of root",
    severity: Medium,
    references: [Cwe "CWE-250", Attack "T1548", Man "capabilities(7)"],
}

/// Number and name (include/uapi/linux/capability.h) of those that lead to root.
const DANGEROUS: [(u32, &str); 11] = [
    (1, "CAP_DAC_OVERRIDE"),
    (2, "CAP_DAC_READ_SEARCH"),
    (0, "CAP_CHOWN"),
    (3, "CAP_FOWNER"),
    (6, "CAP_SETGID"),
    (7, "CAP_SETUID"),
    (16, "CAP_SYS_MODULE"),
    (17, "CAP_SYS_RAWIO"),
    (19, "CAP_SYS_PTRACE"),
    (21, "CAP_SYS_ADMIN"),
    (31, "CAP_SETFCAP"),
];
/// Link text of the first user namespace (PROC_USER_INIT_INO).
const FIRST_NAMESPACE: &str = "user:[4026531837]";

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.processes()?;
    cx.limits(&all.limits);
    let accounts = cx.facts.accounts()?;
    let mut found = BTreeSet::new();
    for process in all.list.iter().filter(|process| process.uid != 0) {
        let held = DANGEROUS
            .iter()
            .filter(|(bit, _)| process.capabilities >> bit & 1 == 1);
        let names: Vec<&str> = held.map(|(_, name)| *name).collect();
        if names.is_empty() || found.contains(&(process.program(), process.uid, names.clone())) {
            continue;
        }
        let link = PathBuf::from(format!("/proc/{}/ns/user", process.pid));
        match cx.facts.tree().read_link(&link) {
            Ok(target) if target.as_os_str() != FIRST_NAMESPACE => continue,
            Ok(_) | Err(TreeError::NotFound(_)) => {}
            Err(error) => {
                let denied = error.is_denied();
                let reason = "user namespaces of some processes with capabilities".to_owned();
                cx.limit(crate::check::Limit {
                    reason,
                    privileges: denied,
                });
                continue;
            }
        }
        found.insert((process.program(), process.uid, names));
    }
    for (program, uid, names) in found {
        let user = accounts.user(uid);
        let names = names.join(", ");
        let hit = Hit::new(format!("{program} of {user} holds {names}"))
            .subject(&program)
            .key(&user)
            .key(&names)
            .evidence("capabilities", names)
            .evidence("user", user);
        cx.hit(hit);
    }
    Ok(())
}
