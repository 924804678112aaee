//! Fixes of kernel settings.

use crate::remediate::draft::{Draft, seen, subject};
use crate::remediate::edit::{Anchor, Edit};
use crate::remediate::fix::{Fix, high, low, medium, person};
use casemate_schema::Finding;

const GRUB: &str = "/etc/default/grub";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "kernel-cmdline-weakened",
        "Take weakening words from the kernel's command line",
        20,
        "counts after a restart; the host may need the word for its hardware",
        cmdline,
    ),
    low(
        "kernel-core-dumps-suid",
        "Stop core dumps of set-uid programs",
        5,
        "crashes of such programs leave no dump",
        |d, f| d.sysctl(f, "fs.suid_dumpable", "0"),
    ),
    low(
        "kernel-core-limits",
        "Limit core dumps",
        5,
        "crashes leave no dump for programmers to read",
        core_limits,
    ),
    medium(
        "kernel-core-pattern",
        "Close the core dump handler to others",
        5,
        "whoever maintains the handler under another account can no longer write it",
        |d, f| d.close(f, 0o022),
    ),
    person(
        "kernel-cpu-vulnerabilities",
        "Install microcode and a current kernel",
        60,
        "counts after a restart; mitigations cost some speed",
    ),
    medium(
        "kernel-kexec",
        "Forbid to load another kernel",
        5,
        "kdump must load its kernel before; it cannot be taken back until the next boot",
        |d, f| d.sysctl(f, "kernel.kexec_load_disabled", "1"),
    ),
    high(
        "kernel-lockdown",
        "Lock the kernel down",
        30,
        "unsigned modules, hibernation and kexec of unsigned kernels end; counts after a restart",
        lockdown,
    ),
    low(
        "kernel-magic-sysrq",
        "Limit the keys of SysRq",
        5,
        "the console no longer kills or dumps",
        |d, f| d.sysctl(f, "kernel.sysrq", "0"),
    ),
    high(
        "kernel-modules-unsigned",
        "Load signed modules alone",
        60,
        "modules built on this host need a signature of an enrolled key; counts after a restart",
        |d, _| grub(d, "module.sig_enforce=1", true),
    ),
    person(
        "kernel-reboot-pending",
        "Restart into the installed kernel",
        30,
        "a restart ends all services for a while",
    ),
    person(
        "kernel-sysctl-drift",
        "Decide which value of a kernel setting is right",
        10,
        "whether the file or the running value is right only its owner knows",
    ),
    low(
        "kernel-sysctl-files",
        "Protect links, pipes and files in shared folders",
        5,
        "programs that open other users' files in /tmp fail",
        expected,
    ),
    medium(
        "kernel-sysctl-hardening",
        "Harden kernel settings",
        10,
        "debuggers, tracers and sandboxes may need what is switched off",
        expected,
    ),
    medium(
        "kernel-sysctl-network",
        "Harden network settings",
        10,
        "routers and hosts with several ways to the network need some of it",
        network,
    ),
    person(
        "kernel-tainted",
        "Find out what tainted the kernel",
        30,
        "the mark stays until a restart without the module",
    ),
    medium(
        "kernel-unprivileged-userns",
        "Forbid user name spaces",
        10,
        "rootless containers, browsers and Flatpak need them",
        userns,
    ),
];

fn grub(draft: &mut Draft, word: &str, add: bool) {
    let word = word.to_owned();
    draft.edit(GRUB, Edit::Grub { word, add });
    draft.then_manual("Run `update-grub` (Debian, Ubuntu) or `grub2-mkconfig -o /boot/grub2/grub.cfg` (Red Hat, SUSE), then restart the host.");
    draft.check("cat /proc/cmdline");
}

fn cmdline(draft: &mut Draft, finding: &Finding) {
    grub(draft, subject(finding), false);
}

fn lockdown(draft: &mut Draft, _finding: &Finding) {
    grub(draft, "lockdown=integrity", true);
}

fn core_limits(draft: &mut Draft, _finding: &Finding) {
    draft.own(
        "/etc/security/limits.d/99-casemate.conf",
        Edit::Insert {
            text: "* hard core 0".to_owned(),
            anchor: Anchor::End,
        },
    );
    let path = "/etc/systemd/coredump.conf.d/60-casemate.conf";
    draft.section(path, "Coredump", "Storage", "none");
}

fn expected(draft: &mut Draft, finding: &Finding) {
    if let Some(value) = seen(finding, "expected") {
        draft.sysctl(finding, subject(finding), first(value));
    }
}

/// The first of several values that are fine: `1 or 2`.
fn first(value: &str) -> &str {
    value.split([' ', ',']).next().unwrap_or(value)
}

/// Settings of interfaces count for those that are there and for those to come.
fn network(draft: &mut Draft, finding: &Finding) {
    let Some(value) = seen(finding, "expected").map(first) else {
        return;
    };
    let key = subject(finding);
    if !key.contains(".*.") {
        return draft.sysctl(finding, key, value);
    }
    for name in ["all", "default"] {
        draft.sysctl(finding, &key.replace(".*.", &format!(".{name}.")), value);
    }
    let interfaces = seen(finding, "interfaces").unwrap_or_default();
    for name in interfaces
        .split_whitespace()
        .filter(|name| !matches!(*name, "all" | "default"))
    {
        // A dot in a key parts names; an interface with one is written with slashes.
        let key = if name.contains('.') {
            key.replace('.', "/").replace("/*/", &format!("/{name}/"))
        } else {
            key.replace(".*.", &format!(".{name}."))
        };
        draft.sysctl(finding, &key, value);
    }
}

fn userns(draft: &mut Draft, finding: &Finding) {
    draft.sysctl(finding, "user.max_user_namespaces", "0");
}
