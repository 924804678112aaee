//! Whether root is kept from changing the running kernel.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// `/sys/kernel/security/lockdown`: the word in brackets is in force.
    ///
    /// # Why it matters
    /// Without lockdown a process of root writes into the kernel's memory, loads any module and
    /// starts any other kernel, so whoever becomes root once can hide from every tool, and secure
    /// boot protects nothing after the boot.
    ///
    /// # Example
    /// `[none] integrity confidentiality`
    ///
    /// # Instead
    /// Boot with `lockdown=integrity` (add it to `GRUB_CMDLINE_LINUX` in `/etc/default/grub`, then
    /// `update-grub`). Modules must be signed then; hibernation and kexec of unsigned kernels end.
    id: "kernel-lockdown",
    surface: Kernel,
    title: "Kernel lockdown is off",
    severity: Low,
    references: [Cwe "CWE-693", Attack "T1014", Man "kernel_lockdown(7)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const STATE: &str = "/sys/kernel/security/lockdown";
    if !cx.facts.exists("/sys/kernel") {
        return Err(Skip::not_assessed(
            "the tree holds no /sys of a running system",
        ));
    }
    let Some(state) = cx.facts.value_if_there(STATE)? else {
        if cx.facts.list_if_there("/sys/kernel/security")?.is_empty() {
            return Err(Skip::not_assessed("securityfs is not mounted"));
        }
        return Err(Skip::not_applicable("this kernel has no lockdown"));
    };
    if state.split_whitespace().any(|word| word == "[none]") {
        let hit = Hit::new("Kernel lockdown is off: root can change the running kernel")
            .path(STATE)
            .evidence_at("lockdown", &state, STATE, Some(1));
        cx.hit(hit);
    }
    Ok(())
}
