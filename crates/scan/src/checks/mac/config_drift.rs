//! Mandatory access control that will not be there after the next boot.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{conf_dirs, mac};
use std::path::Path;

check! {
    /// # What it checks
    /// SELinux enforces now, but `/etc/selinux/config` says `permissive` or `disabled` (the first
    /// line that begins with `SELINUX=` counts). AppArmor is on, but its unit `apparmor.service` is
    /// masked or `GRUB_CMDLINE_LINUX*` in `/etc/default/grub` holds `apparmor=0`.
    ///
    /// # Why it matters
    /// The host looks well protected until somebody reboots it.
    ///
    /// # Example
    /// `getenforce` prints `Enforcing`; `SELINUX=disabled` stands in `/etc/selinux/config`.
    ///
    /// # Instead
    /// `SELINUX=enforcing` in `/etc/selinux/config`; `systemctl unmask apparmor` and
    /// `systemctl enable apparmor`; remove `apparmor=0` and `selinux=0`, then `update-grub`.
    id: "mac-config-drift",
    surface: Mac,
    title: "Mandatory access control ends with the next boot",
    severity: Medium,
    references: [Cwe "CWE-1188", Attack "T1562.001", Man "selinux(8)", Man "apparmor(7)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const UNIT: &str = "/etc/systemd/system/apparmor.service";
    let state = mac::read(cx.facts)?;
    let apparmor = state.apparmor == Some(true);
    if !state.selinux && !apparmor {
        return Err(Skip::not_applicable("neither SELinux nor AppArmor is on"));
    }
    if state.enforcing == Some(true)
        && let Some(text) = cx.facts.value_if_there(mac::SELINUX_CONFIG)?
        && let Some((mode, line)) = mac::selinux_config(&text)
        && mode != "enforcing"
    {
        let hit = Hit::new(format!(
            "SELinux enforces now and is {mode} after the next boot"
        ))
        .path(mac::SELINUX_CONFIG)
        .line(line)
        .evidence_at("enforce", "1", mac::SELINUX_ENFORCE, Some(1))
        .evidence_at("configured", mode, mac::SELINUX_CONFIG, Some(line));
        cx.hit(hit);
    }
    if apparmor && conf_dirs::is_masked(cx.facts, Path::new(UNIT)) {
        let hit = Hit::new("AppArmor loads no profiles at the next boot: its unit is masked")
            .path(UNIT)
            .evidence("unit", "link to /dev/null");
        cx.hit(hit);
    }
    boot_words(cx, &state)
}

/// Words for the next boot in GRUB's defaults.
fn boot_words(cx: &mut Cx<'_>, state: &mac::Mac) -> Result<(), Skip> {
    const GRUB: &str = "/etc/default/grub";
    let text = cx.facts.value_if_there(GRUB)?.unwrap_or_default();
    for (number, line) in (1..).zip(text.lines()) {
        let Some(value) = line.trim_start().strip_prefix("GRUB_CMDLINE_LINUX") else {
            continue;
        };
        for word in value.split(['"', '\'', ' ', '\t']) {
            let off = match word {
                "apparmor=0" => state.apparmor == Some(true),
                "selinux=0" | "enforcing=0" => state.selinux,
                _ => false,
            };
            if off {
                let hit = Hit::new(format!(
                    "`{word}` switches access control off at the next boot"
                ))
                .path(GRUB)
                .line(number)
                .subject(word)
                .evidence_at("line", line.trim(), GRUB, Some(number));
                cx.hit(hit);
            }
        }
    }
    Ok(())
}
