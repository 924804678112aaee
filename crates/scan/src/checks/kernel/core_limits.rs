//! Whether core dumps of ordinary programs are kept.

use crate::check::{Cx, Hit, Limit, Skip, check};
use crate::facts::{Facts, conf_dirs, read_or_limit};
use std::path::PathBuf;

check! {
    /// # What it checks
    /// Where `kernel.core_pattern` pipes to systemd-coredump: `Storage=none` (or
    /// `ProcessSizeMax=0`) in `coredump.conf` and its drop-ins, the last assignment counts.
    /// Elsewhere: a line `* hard core 0` of `/etc/security/limits.conf` and `limits.d` (the last
    /// one for `*` counts), or `DefaultLimitCORE=0` of systemd.
    ///
    /// # Why it matters
    /// A core dump is a copy of a program's memory on disk, with the passwords, keys and personal
    /// data that were in it, and it stays there.
    ///
    /// # Example
    /// A host without any such line: `#* soft core 0` is a comment.
    ///
    /// # Instead
    /// `/etc/security/limits.d/10-core.conf` with `* hard core 0`, or
    /// `/etc/systemd/coredump.conf.d/10-none.conf` with `[Coredump]` and `Storage=none`.
    id: "kernel-core-limits",
    surface: Kernel,
    title: "Core dumps are not limited",
    severity: Low,
    references: [Cwe "CWE-528", Man "limits.conf(5)", Man "coredump.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const PATTERN: &str = "/proc/sys/kernel/core_pattern";
    const LIMITS: &str = "/etc/security/limits.conf";
    cx.facts.need_proc()?;
    let Some(pattern) = cx.facts.value_if_there(PATTERN)? else {
        return Err(Skip::not_applicable("this kernel writes no core dumps"));
    };
    let mut limits = Vec::new();
    let coredump = pattern.starts_with('|') && pattern.contains("systemd-coredump");
    let hit = if coredump {
        let storage = systemd(cx.facts, "coredump", "Storage", &mut limits);
        let size = systemd(cx.facts, "coredump", "ProcessSizeMax", &mut limits);
        let off = storage.as_deref() == Some("none") || size.as_deref() == Some("0");
        let storage = storage.unwrap_or_else(|| "external (the default)".to_owned());
        (!off).then(|| {
            Hit::new("systemd-coredump keeps core dumps")
                .path("/etc/systemd/coredump.conf")
                .evidence("storage", storage)
        })
    } else {
        let hard = pam_limit(cx.facts, &mut limits);
        let default = systemd(cx.facts, "system", "DefaultLimitCORE", &mut limits);
        let off = hard.as_deref() == Some("0")
            || default
                .as_deref()
                .is_some_and(|value| value == "0" || value.ends_with(":0"));
        let hard = hard.unwrap_or_else(|| "not set".to_owned());
        (!off).then(|| {
            Hit::new("Core dumps are not limited")
                .path(LIMITS)
                .evidence("hard_core_limit", hard)
        })
    };
    cx.limits(&limits);
    if let Some(hit) = hit {
        cx.hit(hit.evidence_at("core_pattern", &pattern, PATTERN, Some(1)));
    }
    Ok(())
}

/// The last `* hard core` (or `* - core`) value.
fn pam_limit(facts: &Facts<'_>, limits: &mut Vec<Limit>) -> Option<String> {
    let mut paths = vec![PathBuf::from("/etc/security/limits.conf")];
    paths.extend(conf_dirs::files(
        facts,
        &["/etc/security/limits.d"],
        ".conf",
        limits,
    ));
    let mut found = None;
    for path in paths {
        let bytes = read_or_limit(facts, path, limits).unwrap_or_default();
        for line in String::from_utf8_lossy(&bytes).lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            if let (Some("*"), Some("hard" | "-"), Some("core"), Some(value)) =
                (words.next(), words.next(), words.next(), words.next())
            {
                found = Some(value.to_owned());
            }
        }
    }
    found
}

/// The last assignment of a key in a configuration of systemd and its drop-ins.
fn systemd(facts: &Facts<'_>, name: &str, key: &str, limits: &mut Vec<Limit>) -> Option<String> {
    let homes = [
        "/etc/systemd",
        "/run/systemd",
        "/usr/local/lib/systemd",
        "/usr/lib/systemd",
    ];
    // Only the first main file counts; drop-ins come after it.
    let main = homes
        .iter()
        .map(|home| PathBuf::from(format!("{home}/{name}.conf")))
        .find(|path| facts.exists(path));
    let folders = homes.map(|home| format!("{home}/{name}.conf.d"));
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let drop_ins = conf_dirs::files(facts, &folders, ".conf", limits);
    let mut found = None;
    for path in main.into_iter().chain(drop_ins) {
        let bytes = read_or_limit(facts, path, limits).unwrap_or_default();
        for line in String::from_utf8_lossy(&bytes).lines() {
            if let Some((left, right)) = line.split_once('=')
                && left.trim() == key
            {
                found = Some(right.trim().to_owned()).filter(|value| !value.is_empty());
            }
        }
    }
    found
}
