//! What the keyboard's SysRq key may do.

use super::table::with_values;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sysctl;

check! {
    /// # What it checks
    /// `kernel.sysrq` of the running kernel: 1 allows everything, otherwise bit 8 allows dumps of
    /// memory and processes and bit 64 killing all processes. The defaults of Debian (438) and Ubuntu
    /// (176) have neither bit.
    ///
    /// # Why it matters
    /// Whoever reaches a keyboard, a serial line or the console of the virtual machine can print
    /// registers and memory, or kill the screen locker and everything else, without logging in.
    ///
    /// # Example
    /// `kernel.sysrq = 1` in `/etc/sysctl.d/`
    ///
    /// # Instead
    /// `kernel.sysrq = 0`, or `176` (sync, remount read-only, reboot), in
    /// `/etc/sysctl.d/90-hardening.conf`, then `sysctl --system`.
    id: "kernel-magic-sysrq",
    surface: Kernel,
    title: "SysRq allows dumps or kills from the console",
    severity: Low,
    references: [Cwe "CWE-489", Url "https://docs.kernel.org/admin-guide/sysrq.html"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const KEY: &str = "kernel/sysrq";
    cx.facts.need_proc()?;
    let Some(text) = sysctl::live(cx.facts, KEY)? else {
        return Err(Skip::not_applicable("this kernel has no SysRq"));
    };
    let Ok(value) = text.parse::<u32>() else {
        return Err(Skip::not_assessed("`kernel.sysrq` is no number"));
    };
    let allowed = match value {
        1 => "everything",
        _ if value & 8 != 0 => "dumps of memory and processes",
        _ if value & 64 != 0 => "killing all processes",
        _ => return Ok(()),
    };
    let hit = Hit::new(format!("SysRq allows {allowed} from the console"))
        .subject("kernel.sysrq")
        .evidence("allowed", allowed);
    let hit = with_values(cx, hit, KEY, &text)?;
    cx.hit(hit);
    Ok(())
}
