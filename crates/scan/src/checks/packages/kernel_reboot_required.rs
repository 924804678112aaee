//! Updates that wait for a restart of the machine.

use crate::check::{Cx, Hit, Skip, check};
use std::cmp::Ordering;

check! {
    /// # What it checks
    /// There is no `/run/reboot-required`, and the running kernel is the newest of its flavour
    /// among the `vmlinuz-*` files of `/boot` (numbers compared as numbers: 6.1.0-9 is older than
    /// 6.1.0-18).
    ///
    /// # Why it matters
    /// A fixed kernel on the disk protects nobody while the old one runs.
    ///
    /// # Example
    /// `6.1.0-9-amd64` runs and `/boot/vmlinuz-6.1.0-18-amd64` is installed.
    ///
    /// # Instead
    /// Restart the machine: `systemctl reboot`.
    id: "pkg-kernel-reboot-required",
    surface: Packages,
    title: "An update waits for a restart",
    severity: Medium,
    references: [Cwe "CWE-1104", Man "systemctl(1)"],
}

const NOTE: &str = "/run/reboot-required";

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    cx.facts.need_proc()?;
    if cx.facts.exists(NOTE) {
        let names = cx
            .facts
            .read_if_there("/run/reboot-required.pkgs")?
            .unwrap_or_default();
        let names = String::from_utf8_lossy(&names).into_owned();
        let mut names: Vec<&str> = names
            .lines()
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut hit = Hit::new("Installed updates wait for a restart").path(NOTE);
        if !names.is_empty() {
            hit = hit.evidence("packages", names.join(", "));
        }
        cx.hit(hit);
    }
    let Some(running) = cx.facts.os()?.host.kernel.clone() else {
        return Err(Skip::not_assessed("the running kernel is not known"));
    };
    let names = cx.facts.list_if_there("/boot")?;
    let installed: Vec<String> = names
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .filter_map(|name| name.strip_prefix("vmlinuz-").map(str::to_owned))
        .filter(|release| flavour(release) == flavour(&running) && !release.contains("rescue"))
        .collect();
    let newest = installed.iter().max_by(|a, b| compare(a, b));
    match newest {
        Some(newest) if compare(newest, &running) == Ordering::Greater => {
            let hit = Hit::new("A newer kernel is installed than the one that runs")
                .subject("kernel")
                .evidence("running", &running)
                .evidence("installed", newest);
            cx.hit(hit);
            Ok(())
        }
        Some(_) => Ok(()),
        None => Err(Skip::not_assessed(
            "no kernel under /boot is of the running one's flavour",
        )),
    }
}

/// What kind of kernel a release names: `amd64`, `generic`, `cloud-amd64`; empty for none.
fn flavour(release: &str) -> &str {
    release
        .match_indices('-')
        .filter_map(|(at, _)| release.get(at + 1..))
        .find(|rest| {
            rest.starts_with(|char: char| char.is_ascii_alphabetic()) && !rest.starts_with("rc")
        })
        .unwrap_or_default()
}

/// Compares runs of digits as numbers and the rest as text.
fn compare(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| -> Vec<(u64, String)> {
        let mut parts: Vec<(u64, String)> = vec![(0, String::new())];
        for char in text.chars() {
            let digit = char.to_digit(10);
            let ended = parts.last().is_some_and(|(_, rest)| !rest.is_empty());
            if digit.is_some() && ended {
                parts.push((0, String::new()));
            }
            if let Some((number, rest)) = parts.last_mut() {
                match digit {
                    Some(digit) => {
                        *number = number.saturating_mul(10).saturating_add(u64::from(digit));
                    }
                    None => rest.push(char),
                }
            }
        }
        parts
    };
    parts(a).cmp(&parts(b))
}
