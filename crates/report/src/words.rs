//! Which words do people read? Labels, plural forms, times and places, the same in every writer.
//!
//! Invariant: everything that comes from the report passes through
//! [`casemate_base::text::printable`].

use casemate_base::text::printable;
use casemate_schema::{Evidence, Host, Location, Reference, ReferenceKind, Risk, ScanMode, Status};

/// `1 check`, `2 checks`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{ending}")
}

/// `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a surface is called in prose; an unknown name is shown as it is.
pub(crate) fn surface(name: &str) -> String {
    let label = match name {
        "processes" => "Processes",
        "sockets" => "Listening sockets",
        "kernel" => "Kernel settings",
        "modules" => "Kernel modules",
        "files" => "File permissions",
        "suid" => "SUID programs",
        "mac" => "Access control (MAC)",
        "users" => "Users and passwords",
        "sudo" => "Sudo rules",
        "pam" => "PAM",
        "ssh" => "SSH",
        "cron" => "Scheduled jobs",
        "units" => "Systemd units",
        "mounts" => "Mounts",
        "firewall" => "Firewall",
        "logging" => "Logging and audit",
        "boot" => "Boot",
        "packages" => "Packages",
        "integrity" => "File integrity",
        "containers" => "Containers",
        "certificates" => "Certificates",
        "secrets" => "Secrets",
        other => return printable(other).into_owned(),
    };
    label.to_owned()
}

/// The state of a check in words.
pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::Hit => "Hit",
        Status::Passed => "Passed",
        Status::NotApplicable => "Not applicable",
        Status::NotAssessed => "Not assessed",
    }
}

/// `2026-11-20 14:03:11 UTC` from RFC 3339; another text is shown as it is.
pub(crate) fn time(rfc3339: &str) -> String {
    let shown = printable(rfc3339);
    let utc = shown
        .strip_suffix('Z')
        .and_then(|local| local.split_once('T'));
    match utc {
        Some((date, time)) => {
            let seconds = time.split('.').next().unwrap_or(time);
            format!("{date} {seconds} UTC")
        }
        None => shown.into_owned(),
    }
}

/// The host's name, or words that say that it is not known.
pub(crate) fn host_name(host: &Host) -> String {
    host.name.as_deref().map_or_else(
        || "an unnamed host".to_owned(),
        |name| short(&printable(name)),
    )
}

/// A name of the host in running text; JSON keeps it whole.
pub(crate) fn short(name: &str) -> String {
    const LETTERS_MAX: usize = 80;
    if name.chars().count() <= LETTERS_MAX {
        return name.to_owned();
    }
    let mut cut: String = name.chars().take(LETTERS_MAX).collect();
    cut.push('\u{2026}');
    cut
}

/// The operating system's own name for itself, or its id and version.
pub(crate) fn operating_system(host: &Host) -> Option<String> {
    let os = host.os.as_ref()?;
    let words = match (&os.name, &os.version) {
        (Some(name), _) => name.clone(),
        (None, Some(version)) => format!("{} {version}", os.id),
        (None, None) => os.id.clone(),
    };
    Some(short(&printable(&words)))
}

/// How thorough the scan was.
pub(crate) const fn mode(mode: ScanMode) -> &'static str {
    match mode {
        ScanMode::Quick => "quick scan",
        ScanMode::Deep => "deep scan",
        ScanMode::Import => "imported reports",
    }
}

/// What was scanned, by the report's word for the target.
pub(crate) fn target(target: &str) -> String {
    match target {
        "host" => "the running system".to_owned(),
        "tree" => "a mounted tree".to_owned(),
        "reports" => "other tools' reports".to_owned(),
        other => printable(other).into_owned(),
    }
}

/// `path:line`, the path alone, or nothing.
pub(crate) fn path_line(path: Option<&str>, line: Option<u64>) -> Option<String> {
    let path = printable(path?);
    Some(match line {
        Some(line) => format!("{path}:{line}"),
        None => path.into_owned(),
    })
}

/// Where a finding is, in one line: path and line, else subject, else nothing.
pub(crate) fn place(location: &Location) -> Option<String> {
    path_line(location.path.as_deref(), location.line)
        .or_else(|| location.subject.as_deref().map(|s| printable(s).into()))
}

/// The file that a piece of evidence was read from.
pub(crate) fn evidence_place(evidence: &Evidence) -> Option<String> {
    path_line(evidence.path.as_deref(), evidence.line)
}

/// A catalogue entry, with the catalogue's name where the id does not hold it.
pub(crate) fn reference(reference: &Reference) -> String {
    let id = printable(&reference.id);
    match reference.kind {
        ReferenceKind::Cis => format!("CIS {id}"),
        ReferenceKind::Attack => format!("ATT&CK {id}"),
        ReferenceKind::Cwe | ReferenceKind::Cve | ReferenceKind::Man | ReferenceKind::Url => {
            id.into_owned()
        }
    }
}

/// `severity 60 (critical) + exposure 20 (listens on every address)`.
pub(crate) fn factors(risk: &Risk) -> String {
    let parts: Vec<String> = risk
        .factors
        .iter()
        .map(|factor| {
            let name = printable(&factor.name);
            let reason = printable(&factor.reason);
            if reason.is_empty() {
                format!("{name} {}", factor.points)
            } else {
                format!("{name} {} ({reason})", factor.points)
            }
        })
        .collect();
    parts.join(" + ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_counts_and_times_read_as_prose() {
        let words =
            |items: &[&str]| list(&items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["a", "b", "c"]), "a, b and c");
        assert_eq!(words(&["a"]), "a");
        assert_eq!(count(1, "check"), "1 check");
        assert_eq!(count(0, "check"), "0 checks");
        assert_eq!(time("2026-11-20T14:03:11.5Z"), "2026-11-20 14:03:11 UTC");
        assert_eq!(time("yesterday\u{7}"), "yesterday\\u{7}");
    }

    #[test]
    fn a_place_prefers_the_path() {
        let mut location = Location {
            path: Some("/etc/a\nb".into()),
            line: Some(3),
            subject: Some("root".into()),
            ..Location::default()
        };
        assert_eq!(place(&location).as_deref(), Some("/etc/a\\u{a}b:3"));
        location.path = None;
        assert_eq!(place(&location).as_deref(), Some("root"));
    }
}
