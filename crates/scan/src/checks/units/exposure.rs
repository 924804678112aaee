//! How much of the host a service can reach: systemd's exposure score.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::units::Entry;
use crate::systemd::exposure::{Exposure, Level, exposure};
use crate::systemd::name::UnitKind;
use crate::systemd::parse::Setting;
use crate::systemd::unit::Unit;
use casemate_schema::Severity;
use std::path::Path;
use std::sync::Arc;

check! {
    /// # What it checks
    /// Every service that something starts has an exposure score below 9.0, computed as
    /// `systemd-analyze security --offline=true` computes it, with all drop-ins. One finding a unit:
    /// low for a service that stays, info for one that ends by itself (`Type=oneshot`) and for those
    /// whose limits every login would inherit (getty, sshd, cron). Those that the distribution ships
    /// and that end by themselves, or are systemd and the message bus, share one info finding with all scores.
    /// Masked units, templates and services that nothing starts are no hit.
    ///
    /// # Why it matters
    /// The score tells how much a taken-over service may do to the rest of the host. At 9.0 and
    /// above it runs with nearly every right: it can load kernel modules, read all homes, and write
    /// to the system. The score says nothing about how likely it is to be taken over.
    ///
    /// # Example
    /// A service with `ExecStart=` and nothing else has the score 9.6, UNSAFE.
    ///
    /// # Instead
    /// Take away what the service does not need: put `NoNewPrivileges=yes`, `ProtectSystem=full`,
    /// `PrivateTmp=yes` and their like into `/etc/systemd/system/UNIT.d/hardening.conf`, then
    /// `systemctl daemon-reload`, `systemctl restart UNIT`, and see that it still works.
    id: "unit-exposure",
    surface: Units,
    title: "Service runs without a sandbox",
    severity: Low,
    references: [Cwe "CWE-250", Attack "T1543.002", Man "systemd.exec(5)", Man "systemd-analyze(1)"],
}

/// Lines that most services can live with.
const HARDENING: [(&str, &str); 17] = [
    ("NoNewPrivileges", "yes"),
    ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectSystem", "full"),
    ("ProtectHome", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("LockPersonality", "yes"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    (
        "RestrictAddressFamilies",
        "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    ),
    ("SystemCallArchitectures", "native"),
];

/// Services whose children are sessions of people, which inherit every limit.
const SESSIONS: [&str; 12] = [
    "getty",
    "serial-getty",
    "console-getty",
    "container-getty",
    "ssh",
    "sshd",
    "cron",
    "crond",
    "atd",
    "user",
    "emergency",
    "rescue",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let units = cx.facts.units()?;
    cx.limits(&units.limits);
    let mut background = Vec::new();
    for entry in units.running().filter(|entry| entry.started) {
        if entry.unit.kind != UnitKind::Service {
            continue;
        }
        // A unit that systemd refuses to load runs nothing.
        let Ok(found) = exposure(&entry.unit) else {
            continue;
        };
        if !matches!(found.level, Level::Unsafe | Level::Dangerous) {
            continue;
        }
        if is_background(entry) {
            background.push((entry.unit.name.as_str(), score(&found)));
        } else {
            cx.hit(hit(entry, &found));
        }
    }
    if !background.is_empty() {
        cx.hit(background_hit(&background));
    }
    Ok(())
}

/// Whether the distribution ships the unit and nobody would harden it by hand: it ends by itself, or
/// is systemd itself or the message bus, which cannot be restarted to try.
fn is_background(entry: &Entry) -> bool {
    let unit = &entry.unit;
    let shipped = unit.path.starts_with("/usr/lib") || unit.path.starts_with("/lib");
    let name = unit.name.prefix();
    let system = name.starts_with("systemd-") || matches!(name, "dbus" | "dbus-broker");
    shipped && (ends(unit) || system)
}

fn ends(unit: &Unit) -> bool {
    let kind = unit.value("Service", "Type");
    kind.is_some_and(|kind| kind.value == "oneshot")
}

fn background_hit(scores: &[(&str, String)]) -> Hit {
    let mut hit = Hit::new("Jobs of the distribution run without a sandbox")
        .subject("jobs of the distribution")
        .severity(Severity::Info)
        .instead(
            "Nothing to do: they run for a moment, or are the system itself, and hardening them is the \
             distribution's work. Mask those that are not needed: `systemctl mask UNIT`.",
        );
    for (name, score) in scores {
        hit = hit.evidence(name, score);
    }
    hit
}

fn hit(entry: &Entry, found: &Exposure) -> Hit {
    let unit = &entry.unit;
    let name = unit.name.as_str();
    let score = score(found);
    let session = SESSIONS.contains(&unit.name.prefix());
    let severity = if ends(unit) || session {
        Severity::Info
    } else {
        Severity::Low
    };
    let worst: Vec<String> = found
        .worst()
        .into_iter()
        .take(5)
        .map(|one| format!("{} (+{})", one.name, tenths(one.exposure_tenths)))
        .collect();
    let mut hit = Hit::new(format!("`{name}` has an exposure score of {score}"))
        .subject(name)
        .severity(severity)
        .evidence("score", score)
        .evidence_at("unit_file", name, &unit.path, None)
        .evidence("heaviest", worst.join(", "));
    for path in &unit.drop_ins {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        hit = hit.evidence_at("drop_in", file, path, None);
    }
    if session {
        return hit.instead(
            "Sessions and jobs that this service starts inherit its limits, so few fit. Limit the \
             people instead, and keep the service patched; `LockPersonality=yes`, \
             `RestrictRealtime=yes` and `SystemCallArchitectures=native` rarely hurt.",
        );
    }
    let (text, after) = hardening(unit);
    let path = entry.drop_in_path("hardening.conf");
    let after = after.map_or_else(String::new, |after| {
        format!(" With all of them the score is {after}.")
    });
    hit.instead(format!(
        "Write `{}`:\n\n{text}\nThen run `systemctl daemon-reload && systemctl restart {name}`, see that \
         the service still works, and take out the lines that it cannot live with.{after}",
        path.display()
    ))
}

/// The lines that the unit does not have yet, as a drop-in, and the score with them.
fn hardening(unit: &Unit) -> (String, Option<String>) {
    let mut better = unit.clone();
    let mut text = "[Service]\n".to_owned();
    let section: Arc<str> = Arc::from("Service");
    let file: Arc<Path> = Arc::from(Path::new("hardening.conf"));
    for (key, value) in HARDENING {
        if unit.assignments("Service", key).next().is_some() {
            continue;
        }
        text.push_str(&format!("{key}={value}\n"));
        better.settings.push(Setting {
            section: Arc::clone(&section),
            key: key.to_owned(),
            value: value.to_owned(),
            file: Arc::clone(&file),
            line: 0,
        });
    }
    let after = exposure(&better).ok().map(|found| score(&found));
    (text, after)
}

fn score(found: &Exposure) -> String {
    format!("{} {}", tenths(found.score_tenths), found.level)
}

fn tenths(value: u32) -> String {
    format!("{}.{}", value / 10, value % 10)
}
