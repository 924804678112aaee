//! Passwords stored by a method that is guessed fast.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::users::{Hash, hash_kind};

check! {
    /// # What it checks
    /// No password in `/etc/shadow` or `/etc/passwd` is stored as DES, BSDi DES, MD5 (`$1$`), NT
    /// hash, SHA-1, or SHA with fewer rounds than the default of 5000. yescrypt (`$y$`), bcrypt,
    /// scrypt and SHA-512 with default rounds are fine. Locked accounts count too: unlocking brings
    /// the old hash back.
    ///
    /// # Why it matters
    /// Whoever gets a copy of the file (a backup, a disk image) tries billions of guesses a second
    /// against these methods; DES even ignores all letters after the eighth.
    ///
    /// # Example
    /// `ann:$1$Ck1tVl7c$dXWm8rAZJ...:17000:0:99999:7:::`
    ///
    /// # Instead
    /// Set `ENCRYPT_METHOD YESCRYPT` in `/etc/login.defs` and `pam_unix.so ... yescrypt` in PAM,
    /// then have the user set a new password: `chage -d 0 ann`.
    id: "user-weak-hash",
    surface: Users,
    title: "Password stored with a weak method",
    severity: Medium,
    references: [Cwe "CWE-916", Cis "Debian 12 5.4.1.4", Attack "T1110.002", Man "crypt(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    let mut stored: Vec<(&str, &str, u64, &str)> = users
        .accounts
        .iter()
        .map(|a| ("/etc/passwd", a.password.as_str(), a.line, a.name.as_str()))
        .collect();
    match users.shadow() {
        Ok(entries) => stored.extend(
            entries
                .iter()
                .map(|e| ("/etc/shadow", e.hash.as_str(), e.line, e.name.as_str())),
        ),
        Err(Skip::NotApplicable(_)) => {}
        Err(skip) => return Err(skip),
    }
    for (file, hash, line, name) in stored {
        let Hash::Weak(method) = hash_kind(hash) else {
            continue;
        };
        let hit = Hit::new(format!("Password of `{name}` is stored with {method}"))
            .path(file)
            .line(line)
            .subject(name)
            .evidence("method", method)
            .evidence("locked", if hash.starts_with('!') { "yes" } else { "no" })
            .instead(format!("Set `ENCRYPT_METHOD YESCRYPT` in /etc/login.defs, then make `{name}` choose a new password at the next login: `chage -d 0 {name}`."));
        cx.hit(hit);
    }
    Ok(())
}
