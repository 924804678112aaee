//! Whether the boot loader asks for a password before it takes other commands.

use super::grub;
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// `grub.cfg` (and `user.cfg`, `custom.cfg`) in `/boot/grub`, `/boot/grub2` and `/boot/efi/EFI/*`:
    /// `set superusers=` together with `password_pbkdf2`. A plain `password` is a hit of its own. Where
    /// the hash comes from `${GRUB2_PASSWORD}`, `user.cfg` must hold it.
    ///
    /// # Why it matters
    /// Whoever is at the console presses `e`, appends `init=/bin/sh` and is root without a password.
    ///
    /// # Example
    /// A `grub.cfg` as `update-grub` writes it, without `superusers`.
    ///
    /// # Instead
    /// `grub-mkpasswd-pbkdf2`, then in `/etc/grub.d/40_custom`: `set superusers="root"` and
    /// `password_pbkdf2 root grub.pbkdf2.sha512....`, then `update-grub` (add `--unrestricted` to
    /// `CLASS` in `/etc/grub.d/10_linux` so that the host still boots alone). Red Hat:
    /// `grub2-setpassword`.
    id: "boot-grub-password",
    surface: Boot,
    title: "GRUB asks for no password",
    severity: Low,
    references: [Cwe "CWE-306", Cis "Debian 12 1.4.1", Attack "T1542", Man "grub-mkpasswd-pbkdf2(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let files = grub::files(cx.facts)?;
    let Some(main) = files
        .iter()
        .find(|path| path.ends_with("grub.cfg"))
        .cloned()
    else {
        return Err(Skip::not_applicable("GRUB is not installed"));
    };
    let (mut superusers, mut from_variable, mut hash, mut variable) = (false, false, false, false);
    let mut plain = None;
    for path in &files {
        let bytes = cx.facts.read(path)?;
        for (number, line) in (1..).zip(String::from_utf8_lossy(&bytes).lines()) {
            let line = line.trim();
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["set", assignment, ..] if is_superusers(assignment) => superusers = true,
                ["password_pbkdf2", _, value, ..] if value.contains("GRUB2_PASSWORD") => {
                    from_variable = true;
                }
                ["password_pbkdf2", _, value, ..] => hash |= value.starts_with("grub.pbkdf2"),
                ["password", user, _, ..] => {
                    plain = Some((path.clone(), number, (*user).to_owned()));
                }
                [word, ..] => variable |= word.starts_with("GRUB2_PASSWORD=grub.pbkdf2"),
                [] => {}
            }
        }
    }
    if let Some((path, number, user)) = &plain {
        let hit = Hit::new(format!("GRUB keeps the password of `{user}` in clear"))
            .path(path)
            .line(*number)
            .subject(user)
            .severity(Severity::Medium)
            .evidence_at(
                "line",
                format!("password {user} [not shown]"),
                path,
                Some(*number),
            );
        cx.hit(hit);
    }
    let asks = superusers && (hash || (from_variable && variable) || plain.is_some());
    if !asks {
        let yes_no = |yes: bool| if yes { "yes" } else { "no" };
        let hit = Hit::new("GRUB asks for no password: its commands can be changed at the console")
            .path(main)
            .evidence("superusers", yes_no(superusers))
            .evidence("password", yes_no(hash || (from_variable && variable)));
        cx.hit(hit);
    }
    Ok(())
}

fn is_superusers(assignment: &str) -> bool {
    assignment
        .strip_prefix("superusers=")
        .is_some_and(|users| !users.trim_matches(['"', '\'']).is_empty())
}
