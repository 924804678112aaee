//! Hardening in unit files that has no effect.

use crate::check::{Cx, Hit, Skip, check};
use crate::systemd::exposure::{Refusal, exposure};
use crate::systemd::name::{NameClass, UnitKind};
use crate::systemd::words::boolean;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Hardening settings take effect: they stand in the section of the unit's kind (`[Service]`, not
    /// `[Unit]` or `[Install]`), a yes/no setting has a yes/no value, systemd loads the file to its end,
    /// and it does not refuse the unit for a bad value. Masked units are left out.
    ///
    /// # Why it matters
    /// systemd only warns in the journal and goes on without the setting. The unit file reads as if the
    /// service had a sandbox, and it has none.
    ///
    /// # Example
    /// `NoNewPrivileges=true` in the section `[Unit]`, or `PrivateTmp=enabled`.
    ///
    /// # Instead
    /// Move the line to `[Service]`, write `yes` or `no`, and see that `systemd-analyze verify UNIT` is
    /// silent.
    id: "unit-setting-ignored",
    surface: Units,
    title: "Hardening of a unit has no effect",
    severity: Medium,
    references: [Cwe "CWE-1188", Man "systemd.exec(5)", Man "systemd-analyze(1)"],
}

const FLAGS: [&str; 18] = [
    "NoNewPrivileges",
    "PrivateTmp",
    "PrivateDevices",
    "PrivateNetwork",
    "PrivateUsers",
    "PrivateMounts",
    "PrivateIPC",
    "ProtectClock",
    "ProtectControlGroups",
    "ProtectHostname",
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "LockPersonality",
    "MemoryDenyWriteExecute",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "DynamicUser",
];

/// Hardening settings that take words. Newer systemd versions also take words for some flags.
const LISTS: [&str; 9] = [
    "ProtectSystem",
    "ProtectHome",
    "ProtectProc",
    "CapabilityBoundingSet",
    "RestrictNamespaces",
    "RestrictAddressFamilies",
    "SystemCallFilter",
    "SystemCallArchitectures",
    "User",
];

/// Words that later versions of systemd accept besides yes and no (systemd.exec(5)).
const WORDS: [(&str, &str); 7] = [
    ("PrivateTmp", "disconnected"),
    ("PrivateUsers", "self"),
    ("PrivateUsers", "identity"),
    ("PrivateUsers", "full"),
    ("PrivateUsers", "managed"),
    ("ProtectControlGroups", "private"),
    ("ProtectControlGroups", "strict"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.list.iter().filter(|entry| !entry.unit.masked) {
        let unit = &entry.unit;
        if !unit.kind.executes() {
            continue;
        }
        let name = unit.name.as_str();
        for setting in &unit.settings {
            let flag = FLAGS.contains(&setting.key.as_str());
            let known = flag || LISTS.contains(&setting.key.as_str());
            if !known || setting.section.starts_with("X-") {
                continue;
            }
            let problem = if &*setting.section != unit.own_section() {
                format!(
                    "stands in `[{}]`, not in `[{}]`",
                    setting.section,
                    unit.own_section()
                )
            } else if flag && !is_flag_value(&setting.key, &setting.value) {
                "has a value that is neither yes nor no".to_owned()
            } else {
                continue;
            };
            let hit = Hit::new(format!(
                "`{}` of `{name}` has no effect: it {problem}",
                setting.key
            ))
            .path(&setting.file)
            .line(u64::from(setting.line))
            .subject(name)
            .key(&setting.key)
            .evidence_at(
                &setting.key,
                &setting.value,
                &setting.file,
                Some(u64::from(setting.line)),
            );
            cx.hit(hit);
        }
        // A template has no instance to put into its values, so systemd is not asked about it.
        if unit.kind == UnitKind::Service
            && unit.name.class() != NameClass::Template
            && let Err(refusal) = exposure(unit)
            && matches!(
                refusal,
                Refusal::BadSetting { .. } | Refusal::Incomplete { kind: Some(_) }
            )
            && !unit
                .problems
                .iter()
                .any(|one| one.kind == crate::systemd::parse::ProblemKind::Unreadable)
        {
            let hit = Hit::new(format!("systemd does not load `{name}`: {refusal}"))
                .path(&unit.path)
                .subject(name)
                .key("refused")
                .severity(Severity::Low)
                .evidence("reason", refusal.to_string());
            cx.hit(hit);
        }
    }
    Ok(())
}

fn is_flag_value(key: &str, value: &str) -> bool {
    value.is_empty()
        || boolean(value).is_some()
        || value.contains('%')
        || WORDS.contains(&(key, value))
}
