//! The umask that start files set for everybody.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{text, trust};
use casemate_schema::Severity;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// `umask` commands in `/etc/profile`, `/etc/profile.d/*.sh`, `/etc/bash.bashrc`, `/etc/bashrc`,
    /// `/etc/csh.login` and root's start files take the right to write from everybody else. A mask
    /// that leaves it to the group alone (002) counts less.
    ///
    /// # Why it matters
    /// Every file that is made with `umask 000` can be changed by every user: scripts, keys,
    /// configurations of programs that the user starts tomorrow.
    ///
    /// # Example
    /// `umask 000` in `/etc/profile.d/legacy.sh`
    ///
    /// # Instead
    /// `umask 027` (or 077 for root), in one place: `/etc/login.defs` with `pam_umask.so`.
    id: "user-umask",
    surface: Users,
    title: "Start file sets an open umask",
    severity: Medium,
    references: [Cwe "CWE-276", Cis "Debian 12 5.4.3.3", Man "umask(2)"],
}

const FILES: [&str; 7] = [
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/csh.login",
    "/root/.bashrc",
    "/root/.profile",
    "/root/.bash_profile",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const DROP_INS: &str = "/etc/profile.d";
    let mut files: Vec<PathBuf> = FILES.iter().map(PathBuf::from).collect();
    let names = trust::names(cx, Path::new(DROP_INS));
    let scripts = names
        .iter()
        .map(|name| Path::new(DROP_INS).join(name))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sh"));
    files.extend(scripts);
    let mut seen = false;
    for file in files {
        let Some(bytes) = trust::content(cx, &file) else {
            continue;
        };
        seen = true;
        for line in text::lines(&bytes) {
            let Some(mask) = masks(&line.text) else {
                continue;
            };
            if mask & 0o022 == 0o022 {
                continue;
            }
            let all = mask & 0o002 == 0;
            let severity = if all { Severity::Medium } else { Severity::Low };
            let who = if all { "everybody" } else { "the group" };
            let hit = Hit::new(format!(
                "{} sets a umask that lets {who} write to new files",
                file.display()
            ))
            .path(&file)
            .line(line.number)
            .key(format!("{mask:03o}"))
            .severity(severity)
            .evidence("line", line.text.trim())
            .instead(format!("Set `umask 027` there, or delete the line from {}: /etc/login.defs with pam_umask.so sets it for all.", file.display()));
            cx.hit(hit);
        }
    }
    if !seen && cx.facts.users().is_err() {
        return Err(Skip::not_applicable("there are no start files of shells"));
    }
    Ok(())
}

/// The mask that a line of a shell script sets.
fn masks(line: &str) -> Option<u32> {
    let mut words = line
        .split([' ', '\t', ';', '&'])
        .filter(|word| !word.is_empty());
    loop {
        match words.next()? {
            "umask" => break,
            // `[ test ] && umask 002`, `then umask 002`
            word if word.starts_with('#') => return None,
            "echo" | "printf" => return None,
            _ => {}
        }
    }
    let value = words.next()?;
    if value.chars().all(|c| c.is_digit(8)) {
        return u32::from_str_radix(value, 8).ok().map(|mask| mask & 0o777);
    }
    symbolic(value)
}

/// `u=rwx,g=rx,o=` names what is kept.
fn symbolic(value: &str) -> Option<u32> {
    let mut mask = 0o077;
    for clause in value.split(',') {
        let (who, kept) = clause.split_once('=')?;
        let bits = kept.chars().try_fold(0, |bits, letter| match letter {
            'r' => Some(bits | 4),
            'w' => Some(bits | 2),
            'x' => Some(bits | 1),
            _ => None,
        })?;
        for letter in who.chars() {
            let shift = match letter {
                'u' => 6,
                'g' => 3,
                'o' => 0,
                _ => return None,
            };
            mask = (mask & !(7 << shift)) | ((7 & !bits) << shift);
        }
    }
    Some(mask)
}

#[cfg(test)]
mod tests {
    use super::masks;

    #[test]
    fn commands_of_shells() {
        assert_eq!(masks("umask 022"), Some(0o022));
        assert_eq!(masks("  [ $UID -gt 199 ] && umask 002;"), Some(0o002));
        assert_eq!(masks("umask u=rwx,g=rwx,o="), Some(0o007));
        for line in [
            "# umask 000",
            "echo umask 000",
            "umask",
            "umask $X",
            "umask -S",
            "myumask 0",
        ] {
            assert_eq!(masks(line), None, "{line}");
        }
    }
}
