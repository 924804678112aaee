//! The program that the kernel pipes core dumps to.

use crate::check::{Cx, Hit, Skip, check};
use std::path::Path;

check! {
    /// # What it checks
    /// When `kernel.core_pattern` begins with `|`, the program behind it must exist and must not be
    /// writable by anybody but root: neither the file nor any folder above it.
    ///
    /// # Why it matters
    /// The kernel starts that program as root, outside of every sandbox, each time any process
    /// crashes. Whoever can replace the file becomes root by crashing a program.
    ///
    /// # Example
    /// `kernel.core_pattern = |/opt/crash/collect %p` where `/opt/crash` has mode 0777.
    ///
    /// # Instead
    /// Keep the handler in a folder owned by root with mode 0755 (`chown root: /opt/crash`,
    /// `chmod 755 /opt/crash`), or write core dumps to files: `sysctl kernel.core_pattern=core`.
    id: "kernel-core-pattern",
    surface: Kernel,
    title: "Core dump handler can be replaced",
    severity: Critical,
    references: [Cwe "CWE-732", Attack "T1546", Man "core(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const SETTING: &str = "/proc/sys/kernel/core_pattern";
    cx.facts.need_proc()?;
    let Some(pattern) = cx.facts.value_if_there(SETTING)? else {
        return Err(Skip::not_applicable("this kernel has no core_pattern"));
    };
    let Some(command) = pattern.strip_prefix('|') else {
        return Ok(());
    };
    let program = command.split_whitespace().next().unwrap_or_default();
    for path in Path::new(program).ancestors() {
        let Ok(facts) = cx.facts.tree().metadata(path) else {
            if path == Path::new(program) {
                let hit = Hit::new(format!("Core dump handler `{program}` is missing"))
                    .path(path)
                    .severity(casemate_schema::Severity::Low)
                    .evidence_at("core_pattern", &pattern, SETTING, Some(1));
                cx.hit(hit);
            }
            continue;
        };
        let writable = facts.world_writable() && !facts.sticky();
        if writable || facts.uid != 0 {
            let hit = Hit::new(format!("Core dump handler `{program}` can be replaced"))
                .path(path)
                .evidence("mode", facts.mode_text())
                .evidence("owner", facts.uid.to_string())
                .evidence_at("core_pattern", &pattern, SETTING, Some(1));
            cx.hit(hit);
        }
    }
    Ok(())
}
