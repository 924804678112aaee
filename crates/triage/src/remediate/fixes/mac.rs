//! Fixes of mandatory access control.

use crate::remediate::draft::{Draft, place, subject};
use crate::remediate::edit::{Edit, Style};
use crate::remediate::fix::{Fix, high, person};
use casemate_schema::Finding;

const REFUSED: &str =
    "programs without a fitting profile are refused: read what the log would have refused first";

pub(super) static FIXES: &[Fix] = &[
    person(
        "mac-apparmor-complain",
        "Enforce AppArmor profiles",
        30,
        REFUSED,
    ),
    high(
        "mac-config-drift",
        "Keep access control on after the next boot",
        20,
        REFUSED,
        drift,
    ),
    person(
        "mac-none",
        "Switch mandatory access control on",
        120,
        REFUSED,
    ),
    high(
        "mac-selinux-permissive",
        "Enforce SELinux",
        60,
        REFUSED,
        enforce,
    ),
];

fn drift(draft: &mut Draft, finding: &Finding) {
    let word = subject(finding);
    match place(finding) {
        Some(("/etc/default/grub", _)) => {
            let word = word.to_owned();
            draft.edit("/etc/default/grub", Edit::Grub { word, add: false });
            draft.then_manual("Run `update-grub` (Debian, Ubuntu) or `grub2-mkconfig -o /boot/grub2/grub.cfg` (Red Hat, SUSE).");
        }
        Some((path, _)) if path.ends_with("/selinux/config") => {
            let path = path.to_owned();
            draft.setting(&path, "SELINUX", "enforcing", Style::TIGHT);
        }
        _ => {}
    }
}

fn enforce(draft: &mut Draft, _finding: &Finding) {
    draft.command(&["setenforce", "1"], "setenforce 0");
    draft.setting("/etc/selinux/config", "SELINUX", "enforcing", Style::TIGHT);
    draft.check("getenforce");
}
