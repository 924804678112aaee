//! What the kernel itself holds against its own state.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The bits of `kernel.tainted`. Forced, unsigned, out-of-tree and proprietary modules, an oops,
    /// a soft lockup and machine checks are reported; warnings, staging drivers, live patches and
    /// firmware workarounds alone are not.
    ///
    /// # Why it matters
    /// Code that no distribution checked ran in the kernel, or the kernel failed and went on. Both
    /// are also what a rootkit leaves behind.
    ///
    /// # Example
    /// `12288`: a module from outside of the kernel's tree (4096) without a signature (8192).
    ///
    /// # Instead
    /// Find the module (`grep -l . /sys/module/*/taint`), replace it by one of the distribution or
    /// sign it, and reboot: the bits stay until then. After an oops read `journalctl -k -b`.
    id: "kernel-tainted",
    surface: Kernel,
    title: "The kernel is tainted",
    severity: Low,
    references: [Attack "T1014", Attack "T1547.006", Url "https://docs.kernel.org/admin-guide/tainted-kernels.html"],
}

/// Bit, letter, severity, meaning. Info alone is no hit.
const BITS: &[(u32, char, Severity, &str)] = &[
    (0, 'P', Severity::Low, "a proprietary module was loaded"),
    (1, 'F', Severity::Medium, "a module was loaded by force"),
    (2, 'S', Severity::Info, "hardware out of specification"),
    (3, 'R', Severity::Medium, "a module was removed by force"),
    (
        4,
        'M',
        Severity::Low,
        "the processor reported a machine check",
    ),
    (5, 'B', Severity::Low, "a damaged memory page was found"),
    (6, 'U', Severity::Info, "a program asked for the taint"),
    (7, 'D', Severity::Low, "the kernel had an oops and went on"),
    (8, 'A', Severity::Low, "an ACPI table was replaced"),
    (9, 'W', Severity::Info, "the kernel warned"),
    (10, 'C', Severity::Info, "a staging driver was loaded"),
    (11, 'I', Severity::Info, "a firmware workaround is in force"),
    (
        12,
        'O',
        Severity::Low,
        "a module from outside of the kernel's tree was loaded",
    ),
    (
        13,
        'E',
        Severity::Low,
        "a module without a valid signature was loaded",
    ),
    (
        14,
        'L',
        Severity::Low,
        "a processor was stuck in the kernel",
    ),
    (15, 'K', Severity::Info, "a live patch is in force"),
    (16, 'X', Severity::Info, "the distribution's own bit"),
    (17, 'T', Severity::Info, "structures are laid out at random"),
    (18, 'N', Severity::Info, "a test of the kernel ran"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const STATE: &str = "/proc/sys/kernel/tainted";
    cx.facts.need_proc()?;
    let Some(text) = cx.facts.value_if_there(STATE)? else {
        return Err(Skip::not_applicable("this kernel keeps no taint"));
    };
    let Ok(state) = text.parse::<u64>() else {
        return Err(Skip::not_assessed("the kernel's taint is no number"));
    };
    let set = BITS.iter().filter(|(bit, ..)| state >> bit & 1 == 1);
    let Some(severity) = set.clone().map(|(_, _, severity, _)| *severity).max() else {
        return Ok(());
    };
    if severity == Severity::Info {
        return Ok(());
    }
    let letters: String = set.clone().map(|(_, letter, ..)| *letter).collect();
    let mut hit = Hit::new(format!("The kernel is tainted: {letters}"))
        .subject("taint")
        .severity(severity)
        .evidence_at("tainted", &text, STATE, Some(1));
    for (_, letter, _, meaning) in set {
        hit = hit.evidence(&letter.to_string(), *meaning);
    }
    cx.hit(hit);
    Ok(())
}
