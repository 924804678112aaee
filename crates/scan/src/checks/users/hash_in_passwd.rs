//! Password hashes in the file that everybody reads.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::users::{Hash, hash_kind};

check! {
    /// # What it checks
    /// The password field of `/etc/passwd` holds no hash: only `x`, or a mark that locks the account.
    ///
    /// # Why it matters
    /// Every program may read `/etc/passwd`. A hash in it can be copied by any user and guessed at
    /// leisure on another machine; `/etc/shadow` exists so that this cannot happen.
    ///
    /// # Example
    /// `ann:$6$Ck1tVl7c$u8Q...:1000:1000::/home/ann:/bin/bash`
    ///
    /// # Instead
    /// `pwconv` moves all hashes to `/etc/shadow`. Take the passwords for known: `chage -d 0 ann`.
    id: "user-no-shadow",
    surface: Users,
    title: "Password hash that everybody can read",
    severity: High,
    references: [Cwe "CWE-522", Cis "Debian 12 7.2.1", Attack "T1003.008", Man "pwconv(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for account in cx.facts.users()?.accounts.iter() {
        if matches!(hash_kind(&account.password), Hash::Strong | Hash::Weak(_)) {
            let hit = Hit::new(format!("Hash of `{}` stands in /etc/passwd", account.name))
                .path("/etc/passwd")
                .line(account.line)
                .subject(&account.name)
                .instead(format!(
                    "`pwconv` moves the hash to /etc/shadow; then `chage -d 0 {}`, for the old password counts as known.",
                    account.name
                ));
            cx.hit(hit);
        }
    }
    Ok(())
}
