//! Network protocols that hardly anybody uses and every user can make the kernel load.

use super::loadable;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// The modules `dccp`, `sctp`, `rds`, `tipc`, `ax25`, `netrom`, `x25`, `rose`, `decnet`, `appletalk`,
    /// `can` and `llc2`, if they are installed: neither `install NAME /bin/false` (or `/bin/true`) nor
    /// `blacklist NAME` in `modprobe.d` stops them. Of several `install` lines the first one counts.
    ///
    /// # Why it matters
    /// An ordinary user who opens such a socket makes the kernel load the module, which few people
    /// review: several of them had flaws that made every local user root.
    ///
    /// # Example
    /// `/lib/modules/.../dccp.ko` is installed and no file of `/etc/modprobe.d` names `dccp`.
    ///
    /// # Instead
    /// `/etc/modprobe.d/rare-protocols.conf` with `install dccp /bin/false` and so on.
    id: "module-rare-protocols",
    surface: Modules,
    title: "Rarely used network protocols can be loaded by any user",
    severity: Low,
    references: [Cwe "CWE-1188", Attack "T1068", Man "modprobe.d(5)"],
}

const MODULES: &[&str] = &[
    "dccp",
    "sctp",
    "rds",
    "tipc",
    "ax25",
    "netrom",
    "x25",
    "rose",
    "decnet",
    "appletalk",
    "can",
    "llc2",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    loadable::report(
        cx,
        MODULES,
        "Rarely used network protocols can be loaded by any user",
        "rare-protocols.conf",
    )
}
