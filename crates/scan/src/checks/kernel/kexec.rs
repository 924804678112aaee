//! Whether another kernel can be started from the running one.

use super::table::with_values;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sysctl;

check! {
    /// # What it checks
    /// `kernel.kexec_load_disabled`: 0 allows kexec.
    ///
    /// # Why it matters
    /// With kexec, root starts any kernel image without the firmware looking at it: secure boot,
    /// module signatures and the boot password are passed by.
    ///
    /// # Example
    /// `kernel.kexec_load_disabled = 0` on a host without kdump.
    ///
    /// # Instead
    /// `kernel.kexec_load_disabled = 1` in `/etc/sysctl.d/90-hardening.conf`. It cannot be taken back
    /// until the next boot; kdump must load its kernel before.
    id: "kernel-kexec",
    surface: Kernel,
    title: "Another kernel can be started with kexec",
    severity: Low,
    references: [Cwe "CWE-693", Attack "T1542", Man "kexec_load(2)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const KEY: &str = "kernel/kexec_load_disabled";
    cx.facts.need_proc()?;
    match sysctl::live(cx.facts, KEY)?.as_deref() {
        None => Err(Skip::not_applicable("this kernel has no kexec")),
        Some("0") => {
            let hit = Hit::new("Another kernel can be started with kexec")
                .subject("kernel.kexec_load_disabled");
            let hit = with_values(cx, hit, KEY, "0")?;
            cx.hit(hit);
            Ok(())
        }
        Some(_) => Ok(()),
    }
}
