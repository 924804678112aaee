//! What the audit rules watch.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{Facts, read_or_limit};
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// The rules in `/etc/audit/rules.d` (or `/etc/audit/audit.rules`) must record programs that are started, and changes of
    /// accounts, sudo rules, kernel modules, the clock, mounts, permissions and login records; the last rule should be `-e 2`, which locks
    /// them until a restart. `-D` drops the rules before it. One finding for each area that is not watched, one in all when there is no rule.
    ///
    /// # Why it matters
    /// What no rule watches leaves no trace, and without the lock an intruder switches the rules off first.
    ///
    /// # Example
    /// `/etc/audit/rules.d/audit.rules` as installed: buffer sizes, and no rule.
    ///
    /// # Instead
    /// Write the missing rules to `/etc/audit/rules.d/50-NAME.rules` and load them: `augenrules --load`.
    id: "log-auditd-rules",
    surface: Logging,
    title: "Audit rules leave something out",
    severity: Low,
    references: [Cwe "CWE-778", Attack "T1562.012", Man "audit.rules(7)"],
}

/// What to watch: name, paths that are to be watched all, system calls of which one suffices, rules to write.
const AREAS: [(&str, &[&str], &[&str], &str); 8] = [
    (
        "started programs",
        &[],
        &["execve"],
        "-a always,exit -F arch=b64 -S execve -F auid>=1000 -F auid!=unset -k exec",
    ),
    (
        "accounts",
        &["/etc/passwd", "/etc/shadow", "/etc/group"],
        &[],
        "-w /etc/passwd -p wa -k identity\n-w /etc/shadow -p wa -k identity\n-w /etc/group -p wa -k identity\n-w /etc/gshadow -p wa -k identity",
    ),
    (
        "sudo rules",
        &["/etc/sudoers", "/etc/sudoers.d"],
        &[],
        "-w /etc/sudoers -p wa -k scope\n-w /etc/sudoers.d -p wa -k scope",
    ),
    (
        "kernel modules",
        &[],
        &["init_module", "finit_module", "create_module"],
        "-a always,exit -F arch=b64 -S init_module,finit_module,delete_module -k modules",
    ),
    (
        "the clock",
        &[],
        &["clock_settime", "adjtimex", "settimeofday"],
        "-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time",
    ),
    (
        "mounts",
        &[],
        &["mount"],
        "-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=unset -k mounts",
    ),
    (
        "permissions",
        &[],
        &["chmod", "fchmod", "fchmodat"],
        "-a always,exit -F arch=b64 -S chmod,fchmod,fchmodat,chown,fchown,fchownat,setxattr -F auid>=1000 -F auid!=unset -k perm",
    ),
    (
        "login records",
        &["/var/log/lastlog"],
        &[],
        "-w /var/log/lastlog -p wa -k logins\n-w /var/run/faillock -p wa -k logins",
    ),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let installed = cx.facts.exists("/usr/sbin/auditd") || cx.facts.exists("/sbin/auditd");
    if !installed {
        return Err(Skip::not_applicable("auditd is not installed"));
    }
    let rules = rules(cx)?;
    if rules.is_empty() {
        let fix: Vec<&str> = AREAS.iter().map(|(.., fix)| *fix).collect();
        let hit = Hit::new("Audit rules watch nothing").subject("rules").instead(format!(
            "Write to `/etc/audit/rules.d/50-local.rules` and load with `augenrules --load`:\n{}\n-e 2",
            fix.join("\n")
        ));
        cx.hit(hit);
        return Ok(());
    }
    for (area, paths, calls, fix) in AREAS {
        let watched = !paths.is_empty()
            && paths
                .iter()
                .all(|path| rules.iter().any(|rule| rule.watches(path)));
        let called = calls
            .iter()
            .any(|call| rules.iter().any(|rule| rule.calls(call)));
        if !watched && !called {
            let hit = Hit::new(format!("Audit rules do not watch {area}"))
                .subject(area)
                .evidence("rules", rules.len().to_string())
                .instead(format!("Write to `/etc/audit/rules.d/50-local.rules` and load with `augenrules --load`:\n{fix}"));
            cx.hit(hit);
        }
    }
    if !locked(&rules) {
        let hit = Hit::new("Audit rules can be switched off without a restart")
            .subject("lock")
            .instead("Put `-e 2` into `/etc/audit/rules.d/99-finalize.rules`.");
        cx.hit(hit);
    }
    Ok(())
}

/// A rule: its words.
#[derive(Clone, Debug)]
struct Rule(Vec<String>);

impl Rule {
    fn values<'a>(&'a self, option: &'a str) -> impl Iterator<Item = &'a str> {
        let pairs = self.0.iter().zip(self.0.iter().skip(1));
        pairs
            .filter(move |(name, _)| *name == option)
            .map(|(_, value)| value.as_str())
    }

    /// Whether it records writes to the path: `-w PATH -p wa`, or `-F path=PATH -F perm=wa`, `-F dir=`.
    fn watches(&self, path: &str) -> bool {
        let fields = || self.values("-F");
        let named = |value: &str| Path::new(path).starts_with(value) && value != "/";
        let place = self.values("-w").any(named)
            || fields()
                .filter_map(|field| field.strip_prefix("path="))
                .any(|value| value == path)
            || fields()
                .filter_map(|field| field.strip_prefix("dir="))
                .any(named);
        let mut modes = self
            .values("-p")
            .chain(fields().filter_map(|field| field.strip_prefix("perm=")));
        // Without -p every access is recorded.
        let modes = modes.next().is_none_or(|modes| modes.contains('w'));
        place && modes && !self.never()
    }

    fn calls(&self, call: &str) -> bool {
        let exit = self
            .values("-a")
            .chain(self.values("-A"))
            .any(|list| list.contains("always"));
        exit && self
            .values("-S")
            .any(|names| names.split(',').any(|name| name == call || name == "all"))
    }

    fn never(&self) -> bool {
        self.values("-a")
            .chain(self.values("-A"))
            .any(|list| list.contains("never"))
    }
}

fn locked(rules: &[Rule]) -> bool {
    let mut states = rules.iter().filter_map(|rule| rule.values("-e").last());
    states.next_back() == Some("2")
}

fn rules(cx: &mut Cx<'_>) -> Result<Vec<Rule>, Skip> {
    let facts: &Facts<'_> = cx.facts;
    let folder = Path::new("/etc/audit/rules.d");
    let names = facts.list_if_there(folder)?;
    let mut files: Vec<PathBuf> = names
        .iter()
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|end| end == "rules")
        })
        .map(|name| folder.join(name))
        .collect();
    if files.is_empty() {
        files.push("/etc/audit/audit.rules".into());
    }
    let mut limits = Vec::new();
    let mut rules = Vec::new();
    for file in files {
        let bytes = read_or_limit(facts, &file, &mut limits).unwrap_or_default();
        for line in String::from_utf8_lossy(&bytes).lines() {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            match words.first().map(String::as_str) {
                None => {}
                Some(first) if first.starts_with('#') => {}
                Some("-D") => rules.clear(),
                Some("-w" | "-a" | "-A" | "-e") => rules.push(Rule(words)),
                Some(_) => {}
            }
        }
    }
    if !limits.is_empty() {
        let privileges = limits.iter().any(|limit| limit.privileges);
        let reason = "the audit rules cannot all be read".to_owned();
        return Err(Skip::NotAssessed { reason, privileges });
    }
    Ok(rules)
}
