//! Loaded modules that the kernel marks as foreign.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::modules;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The letters in brackets at the end of a line of `/proc/modules`: `F` loaded by force, `E`
    /// without a valid signature, `O` from outside of the kernel's tree, `P` proprietary. A module
    /// that is only from the staging tree (`C`) or live-patched (`K`) is none.
    ///
    /// # Why it matters
    /// Nobody but the one who built it vouches for this code, and it runs with all rights. Rootkits
    /// look exactly so.
    ///
    /// # Example
    /// `vboxdrv 557056 2 vboxnetadp,vboxnetflt, Live 0x0000000000000000 (OE)`
    ///
    /// # Instead
    /// Use the distribution's own driver, or sign the module with a key that is enrolled
    /// (`mokutil --import`) so that signatures can be enforced.
    id: "module-taint",
    surface: Modules,
    title: "Kernel module of unverified origin",
    severity: Low,
    references: [Cwe "CWE-347", Attack "T1547.006", Url "https://docs.kernel.org/admin-guide/tainted-kernels.html"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for (name, taint) in modules::loaded(cx.facts)? {
        let meanings: Vec<&str> = taint
            .chars()
            .filter_map(|letter| match letter {
                'P' => Some("proprietary"),
                'O' => Some("from outside of the kernel's tree"),
                'F' => Some("loaded by force"),
                'E' => Some("no valid signature"),
                _ => None,
            })
            .collect();
        if meanings.is_empty() {
            continue;
        }
        let severity = if taint.contains('F') {
            Severity::Medium
        } else {
            Severity::Low
        };
        let hit = Hit::new(format!("Kernel module `{name}`: {}", meanings.join(", ")))
            .subject(&name)
            .severity(severity)
            .evidence_at("taint", taint, modules::LOADED, None);
        cx.hit(hit);
    }
    Ok(())
}
