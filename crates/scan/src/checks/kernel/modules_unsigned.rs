//! Whether the kernel takes modules that nobody signed.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Unsigned modules are refused when module loading is switched off
    /// (`kernel.modules_disabled = 1`), signatures are enforced
    /// (`/sys/module/module/parameters/sig_enforce` is `Y`), or lockdown is on.
    ///
    /// # Why it matters
    /// A module is code in the kernel. Whoever becomes root once can load a rootkit that hides
    /// processes, files and connections from every tool on the host.
    ///
    /// # Example
    /// `kernel.modules_disabled = 0` and `sig_enforce = N`.
    ///
    /// # Instead
    /// Boot with `module.sig_enforce=1` (modules built by DKMS then need a signature of an enrolled
    /// key), or set `kernel.modules_disabled = 1` once all modules are loaded.
    id: "kernel-modules-unsigned",
    surface: Kernel,
    title: "The kernel loads modules without a signature",
    severity: Low,
    references: [Cwe "CWE-347", Attack "T1547.006", Url "https://docs.kernel.org/admin-guide/module-signing.html"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const DISABLED: &str = "/proc/sys/kernel/modules_disabled";
    const ENFORCE: &str = "/sys/module/module/parameters/sig_enforce";
    const LOCKDOWN: &str = "/sys/kernel/security/lockdown";
    cx.facts.need_proc()?;
    let Some(disabled) = cx.facts.value_if_there(DISABLED)? else {
        return Err(Skip::not_applicable("this kernel has no loadable modules"));
    };
    let enforce = cx.facts.value_if_there(ENFORCE)?;
    let lockdown = cx.facts.value_if_there(LOCKDOWN)?.unwrap_or_default();
    let locked = lockdown.contains("[integrity]") || lockdown.contains("[confidentiality]");
    if disabled == "1" || enforce.as_deref() == Some("Y") || locked {
        return Ok(());
    }
    let enforce = enforce.unwrap_or_else(|| "none: built without signatures".to_owned());
    let hit = Hit::new("The kernel loads modules without a signature")
        .subject("module signatures")
        .evidence_at("modules_disabled", &disabled, DISABLED, Some(1))
        .evidence_at("sig_enforce", enforce, ENFORCE, None);
    cx.hit(hit);
    Ok(())
}
