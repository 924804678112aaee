//! Protections that are switched off by a mask.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// The units of protections are not masked: AppArmor, auditd, the journal, syslog, firewalls,
    /// fail2ban, and the timers that install security updates. A mask is a link to `/dev/null` or an
    /// empty file, in any folder that stands before the unit's own. A unit that is not installed is no
    /// hit.
    ///
    /// # Why it matters
    /// A masked unit cannot be started by anything, an update of its package included. It is what an
    /// intruder does to stay unseen, and what somebody forgets after a night of trouble.
    ///
    /// # Example
    /// `systemctl mask auditd.service`
    ///
    /// # Instead
    /// `systemctl unmask UNIT` and `systemctl enable --now UNIT`; remove the package if it is not wanted.
    id: "unit-protection-masked",
    surface: Units,
    title: "Protection is switched off by a mask",
    severity: Medium,
    references: [Cwe "CWE-693", Attack "T1562.001", Man "systemctl(1)"],
}

const PROTECTIONS: [(&str, &str); 17] = [
    ("apparmor.service", "mandatory access control"),
    ("auditd.service", "audit"),
    ("systemd-journald.service", "the system log"),
    ("rsyslog.service", "the system log"),
    ("syslog-ng.service", "the system log"),
    ("nftables.service", "the packet filter"),
    ("iptables.service", "the packet filter"),
    ("netfilter-persistent.service", "the packet filter"),
    ("firewalld.service", "the packet filter"),
    ("ufw.service", "the packet filter"),
    ("fail2ban.service", "the lock against guessed passwords"),
    ("unattended-upgrades.service", "security updates"),
    ("apt-daily.timer", "security updates"),
    ("apt-daily-upgrade.timer", "security updates"),
    ("dnf-automatic.timer", "security updates"),
    ("aidecheck.timer", "the check of changed files"),
    ("clamav-daemon.service", "the search for malware"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.list.iter().filter(|entry| entry.unit.masked) {
        let name = entry.unit.name.as_str();
        let Some((_, what)) = PROTECTIONS.iter().find(|(unit, _)| *unit == name) else {
            continue;
        };
        // The unit behind the mask: without one, nothing was switched off.
        let hidden = all
            .folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| *path != entry.unit.path && cx.facts.exists(path));
        let Some(hidden) = hidden else {
            continue;
        };
        let hit = Hit::new(format!("`{name}` is masked, which switches off {what}"))
            .path(&entry.unit.path)
            .subject(name)
            .evidence_at("unit_behind_the_mask", name, &hidden, None)
            .instead(format!(
                "Run `systemctl unmask {name}` and `systemctl enable --now {name}`, or remove its package \
                 if another one does the same."
            ));
        cx.hit(hit);
    }
    Ok(())
}
