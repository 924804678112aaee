//! The program that the kernel pipes core dumps to.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::trust;
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
    let path = Path::new(program);
    if let Some(weak) = trust::weak_or_missing(cx, path, &[]) {
        let hit = Hit::new(format!(
            "Core dump handler `{program}` can be replaced by {}",
            weak.who
        ))
        .path(&weak.path)
        .evidence("mode", weak.mode_text(cx.facts))
        .evidence_at("core_pattern", &pattern, SETTING, Some(1))
        .instead(weak.fix("root"));
        cx.hit(hit);
    }
    let found = cx.facts.tree().metadata(path);
    if found.is_err_and(|error| error.is_not_found()) {
        let hit = Hit::new(format!("Core dump handler `{program}` is missing"))
            .path(path)
            .severity(casemate_schema::Severity::Low)
            .evidence_at("core_pattern", &pattern, SETTING, Some(1));
        cx.hit(hit);
    }
    Ok(())
}
