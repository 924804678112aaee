//! Kernel settings whose live value is another one than the files ask for.

use super::table::live_or_limit;
use super::{sysctl_files, sysctl_hardening};
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sysctl::dots;

check! {
    /// # What it checks
    /// Each key of `/etc/sysctl.d`, `/run/sysctl.d`, `/usr/local/lib/sysctl.d`, `/usr/lib/sysctl.d`
    /// and `/etc/sysctl.conf`, as the last file in order sets it, against `/proc/sys`. Numbers are
    /// compared as numbers. Keys that the kernel lacks, keys that only trigger something, and weak
    /// values that another check reports are left out.
    ///
    /// # Why it matters
    /// What was decided is not in force: a file was never applied, a program changed the value
    /// after boot, or somebody did by hand. At the next boot the host behaves differently again.
    ///
    /// # Example
    /// `/etc/sysctl.d/50-hardening.conf` sets `kernel.kptr_restrict = 2`, the running kernel has 1.
    ///
    /// # Instead
    /// Decide which value is right, correct the file that the finding names, and run
    /// `sysctl --system`.
    id: "kernel-sysctl-drift",
    surface: Kernel,
    title: "Kernel setting differs from its file",
    severity: Low,
    references: [Cwe "CWE-1188", Man "sysctl.d(5)"],
}

/// Keys that are written to make something happen; their value means nothing.
const TRIGGERS: [&str; 6] = [
    "net/ipv4/route/flush",
    "net/ipv6/route/flush",
    "vm/drop_caches",
    "vm/compact_memory",
    "vm/stat_refresh",
    "kernel/ns_last_pid",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    cx.facts.need_proc()?;
    let sysctl = cx.facts.sysctl()?;
    cx.limits(&sysctl.limits);
    if sysctl.settings.is_empty() && sysctl.limits.is_empty() {
        return Err(Skip::not_applicable("no file sets a kernel setting"));
    }
    for (key, setting) in &sysctl.settings {
        if TRIGGERS.contains(&key.as_str()) || key.split('/').any(|part| part == "..") {
            continue;
        }
        let Some(value) = live_or_limit(cx, key)? else {
            continue;
        };
        if same(&value, &setting.value) || is_reported(key, &value) {
            continue;
        }
        let name = dots(key);
        let title = format!(
            "Kernel setting `{name}` is `{value}`, its file says `{}`",
            setting.value
        );
        let hit = Hit::new(title)
            .path(&setting.path)
            .line(setting.line)
            .subject(&name)
            .evidence_at("current", &value, format!("/proc/sys/{key}"), Some(1))
            .evidence_at(
                "set_in_file",
                &setting.value,
                &setting.path,
                Some(setting.line),
            );
        cx.hit(hit);
    }
    Ok(())
}

/// Whether another check already reports the live value, with the file's beside it.
fn is_reported(key: &str, live: &str) -> bool {
    sysctl_files::ROWS
        .iter()
        .chain(sysctl_hardening::ROWS)
        .any(|row| row.key == key && !row.accepts(live))
}

fn same(live: &str, file: &str) -> bool {
    live == file || number(live).is_some_and(|value| Some(value) == number(file))
}

/// Reads a number as the kernel does: decimal, `0x` hexadecimal, leading zero octal.
fn number(text: &str) -> Option<i128> {
    if let Some(digits) = text.strip_prefix("0x") {
        return i128::from_str_radix(digits, 16).ok();
    }
    match text.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => i128::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    }
}
