//! Actions for what other tools found: by package, by directive of a unit, by kernel setting, and
//! else in the tool's own words.
//!
//! Nothing is known of the files of these hosts but what the caller hands in, so that most changes
//! are settings without a diff.

use super::draft::{Draft, path, seen, subject};
use super::foreign;
use super::upgrade;
use casemate_schema::{ChangeRisk, Finding, Severity};

/// The directives that sys-scan-graph looks at, with what a service gets that lacks them. None: the
/// right value depends on the service.
const DIRECTIVES: [(&str, Option<&str>); 13] = [
    ("CapabilityBoundingSet", None),
    ("LockPersonality", Some("yes")),
    ("MemoryDenyWriteExecute", Some("yes")),
    ("NoNewPrivileges", Some("yes")),
    ("PrivateTmp", Some("yes")),
    ("ProtectControlGroups", Some("yes")),
    ("ProtectHome", Some("read-only")),
    ("ProtectKernelModules", Some("yes")),
    ("ProtectKernelTunables", Some("yes")),
    ("ProtectSystem", Some("strict")),
    ("RestrictNamespaces", Some("yes")),
    ("RestrictRealtime", Some("yes")),
    ("RestrictSUIDSGID", Some("yes")),
];

/// Longest title that is taken from a finding.
const TITLE_CHARS_MAX: usize = 90;

/// The action of a finding; none for a remark that asks for nothing.
pub(crate) fn draft(finding: &Finding) -> Option<Draft> {
    directive(finding)
        .or_else(|| upgrade::draft(finding))
        .or_else(|| {
            (finding.severity > Severity::Info)
                .then_some(())
                .and_then(|()| {
                    kernel(finding)
                        .or_else(|| suid(finding))
                        .or_else(|| foreign::draft(finding))
                        .or_else(|| words(finding))
                })
        })
}

/// One action for each directive, whatever the units. A unit that has it already needs nothing, but
/// its remark stands with the others, so that nobody has to read it.
fn directive(finding: &Finding) -> Option<Draft> {
    let name = finding.source.check.strip_prefix("systemd:")?;
    let unit = subject(finding);
    if unit.is_empty() {
        return None;
    }
    let (name, value) = DIRECTIVES.iter().find(|(have, _)| *have == name)?;
    let mut draft = Draft {
        key: format!("unit-directive {name}"),
        title: match value {
            Some(value) => format!("Set {name}={value} in services that lack it"),
            None => format!("Set {name} to what each service needs"),
        },
        minutes: 15,
        minutes_each: if value.is_some() { 2 } else { 10 },
        risk: ChangeRisk::High,
        breaks:
            "a service that needs what is taken away fails at its next start: try one at a time, \
                 and leave the units of boot and shutdown for last"
                .to_owned(),
        ..Draft::default()
    };
    if finding.severity == Severity::Info {
        return Some(draft);
    }
    draft.targets.insert(unit.to_owned());
    match value {
        Some(value) => draft.unit(unit, "Service", name, value),
        None => draft.manual(format!(
            "For each unit list the capabilities that it needs (`systemd-analyze security UNIT` and \
             `capsh --decode` of CapEff in /proc/PID/status tell), and name them alone in \
             /etc/systemd/system/UNIT.d/60-casemate.conf: `[Service]`, `{name}=CAP_...`."
        )),
    }
    draft.check("systemd-analyze security UNIT");
    Some(draft)
}

/// A kernel setting that the finding names with the value that it should have.
fn kernel(finding: &Finding) -> Option<Draft> {
    let file = seen(finding, "path")
        .filter(|path| path.starts_with("/proc/sys/"))
        .unwrap_or_else(|| path(finding));
    let key = file.strip_prefix("/proc/sys/")?.replace('/', ".");
    let value = seen(finding, "desired").or_else(|| seen(finding, "expected"))?;
    let is_plain =
        !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_plain {
        return None;
    }
    let mut draft = Draft {
        key: "sysctl".to_owned(),
        title: "Harden kernel settings".to_owned(),
        minutes: 10,
        minutes_each: 1,
        risk: ChangeRisk::Medium,
        breaks: "debuggers, routers and sandboxes may need what is switched off".to_owned(),
        ..Draft::default()
    };
    draft.targets.insert(key.clone());
    draft.sysctl(finding, &key, value);
    Some(draft)
}

/// A set-id program: whether it needs the bit is looked up before it goes.
fn suid(finding: &Finding) -> Option<Draft> {
    if finding.source.check != *"suid_sgid" || !path(finding).starts_with('/') {
        return None;
    }
    let mut draft = Draft {
        key: format!("{} suid_sgid", finding.source.tool),
        title: "Take set-id bits from programs that need none".to_owned(),
        minutes: 15,
        minutes_each: 2,
        risk: ChangeRisk::Medium,
        breaks:
            "users who start it lose the rights that it gave them; `passwd`, `su`, `sudo`, `mount` \
                 and their like need the bit"
                .to_owned(),
        ..Draft::default()
    };
    draft.targets.insert(path(finding).to_owned());
    draft.manual(
        "For each program: if no user starts it, `chmod u-s,g-s FILE` (Debian: `dpkg-statoverride \
         --update --add root root 0755 FILE`, so that an update keeps it).",
    );
    Some(draft)
}

/// The tool's own advice, one action a rule.
fn words(finding: &Finding) -> Option<Draft> {
    let source = &finding.source;
    let mut draft = Draft {
        key: format!("{} {}", source.tool, source.check),
        title: imperative(&finding.title),
        minutes: 20,
        minutes_each: 5,
        risk: ChangeRisk::Medium,
        breaks: "not known: the tool says nothing of what the change may break".to_owned(),
        ..Draft::default()
    };
    let target = [subject(finding), path(finding)]
        .into_iter()
        .find(|text| !text.is_empty())
        .map(str::to_owned);
    draft.targets.extend(target);
    draft.manual(advice(finding));
    Some(draft)
}

/// Words that advice begins with.
const VERBS: [&str; 24] = [
    "add",
    "allow",
    "change",
    "check",
    "configure",
    "consider",
    "determine",
    "disable",
    "double",
    "enable",
    "ensure",
    "harden",
    "install",
    "look",
    "make",
    "move",
    "prevent",
    "remove",
    "restrict",
    "set",
    "update",
    "upgrade",
    "use",
    "verify",
];

/// A title that says to do something: advice as it is, a statement as a thing to look into.
fn imperative(title: &str) -> String {
    let first = title.split_whitespace().next().unwrap_or_default();
    if VERBS.contains(&first.to_ascii_lowercase().as_str()) {
        shortened(title)
    } else {
        shortened(&format!("Look into: {title}"))
    }
}

/// What to do in the tool's words, or where to begin when it has none.
pub(crate) fn advice(finding: &Finding) -> String {
    if !finding.remediation.trim().is_empty() {
        return finding.remediation.trim().to_owned();
    }
    format!(
        "{} gives no advice for `{}`: read what it says ({}), and decide.",
        finding.source.tool,
        finding.source.check,
        shortened(&finding.description)
    )
}

/// One line of bounded length.
pub(crate) fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= TITLE_CHARS_MAX {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(TITLE_CHARS_MAX - 1).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}
