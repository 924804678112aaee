//! Words on the kernel's command line that switch a protection off or leave a back door.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::cmdline;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `/proc/cmdline` of the running kernel: words that switch off mitigations, address
    /// randomisation, access control or auditing, or that start a shell instead of the system. Of a
    /// setting that is given twice the last one counts; words behind `--` are for init.
    ///
    /// # Why it matters
    /// One word at boot undoes a protection for the whole host, and nothing that is configured later
    /// brings it back. `init=/bin/sh` and `systemd.debug_shell` give everybody at the console root.
    ///
    /// # Example
    /// `BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro mitigations=off apparmor=0`
    ///
    /// # Instead
    /// Remove the word from `GRUB_CMDLINE_LINUX` and `GRUB_CMDLINE_LINUX_DEFAULT` in
    /// `/etc/default/grub` (or from the boot entry), run `update-grub` and reboot.
    id: "kernel-cmdline-weakened",
    surface: Kernel,
    title: "A word on the kernel's command line switches a protection off",
    severity: Medium,
    references: [Cwe "CWE-693", Attack "T1542", Man "kernel-command-line(7)", Url "https://docs.kernel.org/admin-guide/kernel-parameters.html"],
}

const CPU: &str = "flaws of the processor are open to every program";
const MAC: &str = "mandatory access control is off";
const SHELL: &str = "everybody at the console gets a shell of root without a password";
const MEMORY: &str = "a protection of the kernel's memory is off";

/// Name, values that weaken (none: the bare word), severity, why.
const WORDS: &[(&str, &[&str], Severity, &str)] = &[
    ("mitigations", &["off"], Severity::Medium, CPU),
    ("nopti", &[], Severity::Medium, CPU),
    ("pti", &["off"], Severity::Medium, CPU),
    ("nospectre_v1", &[], Severity::Medium, CPU),
    ("nospectre_v2", &[], Severity::Medium, CPU),
    ("spectre_v2", &["off"], Severity::Medium, CPU),
    ("spectre_v2_user", &["off"], Severity::Low, CPU),
    ("nospec_store_bypass_disable", &[], Severity::Low, CPU),
    ("spec_store_bypass_disable", &["off"], Severity::Low, CPU),
    ("l1tf", &["off"], Severity::Medium, CPU),
    ("mds", &["off"], Severity::Medium, CPU),
    ("tsx_async_abort", &["off"], Severity::Medium, CPU),
    ("mmio_stale_data", &["off"], Severity::Medium, CPU),
    ("retbleed", &["off"], Severity::Medium, CPU),
    (
        "nokaslr",
        &[],
        Severity::Medium,
        "the kernel's addresses are the same after every boot",
    ),
    (
        "norandmaps",
        &[],
        Severity::Medium,
        "addresses of programs are the same in every run",
    ),
    ("nosmap", &[], Severity::Medium, MEMORY),
    ("nosmep", &[], Severity::Medium, MEMORY),
    ("rodata", &["off"], Severity::Medium, MEMORY),
    ("init_on_alloc", &["0"], Severity::Low, MEMORY),
    (
        "vsyscall",
        &["native"],
        Severity::Low,
        "old code at a fixed address helps exploits",
    ),
    (
        "iomem",
        &["relaxed"],
        Severity::Medium,
        "root reads and writes the memory of devices that drivers use",
    ),
    ("selinux", &["0"], Severity::Medium, MAC),
    ("enforcing", &["0"], Severity::Medium, MAC),
    ("apparmor", &["0"], Severity::Medium, MAC),
    ("security", &["none", ""], Severity::Medium, MAC),
    (
        "audit",
        &["0", "off"],
        Severity::Medium,
        "the kernel records no audit events",
    ),
    (
        "lockdown",
        &["none"],
        Severity::Low,
        "root can change the running kernel",
    ),
    (
        "module.sig_enforce",
        &["0"],
        Severity::Low,
        "modules without a signature are loaded",
    ),
    (
        "ima_appraise",
        &["off", "fix", "log"],
        Severity::Medium,
        "digests of programs are not enforced",
    ),
    (
        "systemd.debug_shell",
        &["1", "yes", "true", "on"],
        Severity::High,
        SHELL,
    ),
    ("systemd.debug_shell", &[], Severity::High, SHELL),
    ("rd.break", &[], Severity::High, SHELL),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const LINE: &str = "/proc/cmdline";
    cx.facts.need_proc()?;
    let line = String::from_utf8_lossy(&cx.facts.read(LINE)?).into_owned();
    // The last word of a name is in force; dashes and underscores are the same in names.
    let words: std::collections::BTreeMap<String, Option<String>> = cmdline::words(&line)
        .into_iter()
        .map(|word| match word.split_once('=') {
            Some((name, value)) => (name.replace('-', "_"), Some(value.to_owned())),
            None => (word.replace('-', "_"), None),
        })
        .collect();
    for (name, value) in &words {
        let Some((severity, why)) = judged(name, value.as_deref()) else {
            continue;
        };
        let word = match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        };
        let hit = Hit::new(format!("Kernel was started with `{word}`"))
            .subject(&word)
            .severity(severity)
            .evidence_at("word", &word, LINE, Some(1))
            .evidence("why", why);
        cx.hit(hit);
    }
    Ok(())
}

fn judged(name: &str, value: Option<&str>) -> Option<(Severity, &'static str)> {
    const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "busybox", "zsh"];
    if matches!(name, "init" | "rdinit") {
        let program = value?.rsplit('/').next()?;
        return SHELLS.contains(&program).then_some((Severity::High, SHELL));
    }
    let known = |entry: &&(&str, &[&str], Severity, &str)| {
        entry.0 == name
            && match value {
                Some(value) => entry.1.contains(&value),
                None => entry.1.is_empty(),
            }
    };
    WORDS
        .iter()
        .find(known)
        .map(|(_, _, severity, why)| (*severity, *why))
}
