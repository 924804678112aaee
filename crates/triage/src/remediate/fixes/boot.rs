//! Fixes of boot loader and boot.

use crate::remediate::draft::{Draft, subject};
use crate::remediate::fix::{Fix, low, medium, person};
use casemate_schema::Finding;

pub(super) static FIXES: &[Fix] = &[
    low(
        "boot-ctrl-alt-delete",
        "Stop Ctrl+Alt+Delete from restarting the host",
        5,
        "somebody at the console has to log in to restart",
        ctrl_alt_delete,
    ),
    low(
        "boot-debug-shell",
        "Switch the debug shell off",
        5,
        "nothing but debugging of the boot needs it",
        |d, f| mask(d, subject(f)),
    ),
    low(
        "boot-grub-config-permissions",
        "Close the configuration of GRUB to others",
        5,
        "only root and the boot loader read it",
        |d, f| d.close(f, 0o077),
    ),
    person(
        "boot-grub-password",
        "Give GRUB a password",
        30,
        "who forgets it cannot repair the boot at the console",
    ),
    low(
        "boot-kernel-image-permissions",
        "Close kernel files in /boot to others",
        5,
        "only root and the boot loader read them",
        images,
    ),
    person(
        "boot-secure-boot",
        "Switch secure boot on",
        60,
        "unsigned kernels and modules no longer start",
    ),
    person(
        "boot-setup-mode",
        "Take the firmware out of setup mode",
        30,
        "the keys that sign kernel and modules have to be enrolled first",
    ),
    medium(
        "boot-single-user",
        "Have rescue mode ask for a password",
        15,
        "without a password of root the host can only be repaired from another system",
        single_user,
    ),
];

/// Masks a unit: a link that systemd cannot get around.
pub(super) fn mask(draft: &mut Draft, unit: &str) {
    draft.command(
        &["systemctl", "disable", "--now", unit],
        &format!("systemctl enable {unit}"),
    );
    draft.command(
        &["systemctl", "mask", unit],
        &format!("systemctl unmask {unit}"),
    );
    draft.check(format!("systemctl is-enabled {unit}"));
}

fn ctrl_alt_delete(draft: &mut Draft, finding: &Finding) {
    if subject(finding) == "kernel.ctrl-alt-del" {
        draft.sysctl(finding, "kernel.ctrl-alt-del", "0");
    } else {
        draft.command(
            &["systemctl", "mask", "ctrl-alt-del.target"],
            "systemctl unmask ctrl-alt-del.target",
        );
    }
}

/// One finding may list several files: `/boot/System.map-6.1.0 0644, /boot/initrd.img 0644`.
fn images(draft: &mut Draft, finding: &Finding) {
    let Some(files) = crate::remediate::draft::seen(finding, "files") else {
        return draft.close(finding, 0o077);
    };
    for entry in files.split(", ") {
        let mut one = finding.clone();
        one.evidence = vec![casemate_schema::Evidence {
            name: "writable".into(),
            value: format!("{entry} root:root").into(),
            ..Default::default()
        }];
        draft.close(&one, 0o077);
    }
}

fn single_user(draft: &mut Draft, finding: &Finding) {
    if let Some(seen) = finding.evidence.first() {
        let holds = format!("{}={}", seen.name, seen.value);
        draft.delete(finding, &holds);
        draft.then(&["systemctl", "daemon-reload"]);
        draft.then_manual("Give root a password (`passwd root`), or rescue mode lets nobody in.");
    }
}
