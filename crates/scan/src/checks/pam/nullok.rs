//! Whether an empty password lets somebody in.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::pam::Kind;

check! {
    /// # What it checks
    /// No `auth` line of `pam_unix.so` has `nullok` or `nullok_secure`. One finding for each file.
    ///
    /// # Why it matters
    /// With it, an account whose password field is empty opens without a question: at the console,
    /// with `su`, and through every service that asks PAM. Debian ships it so.
    ///
    /// # Example
    /// `auth [success=1 default=ignore] pam_unix.so nullok` in `/etc/pam.d/common-auth`
    ///
    /// # Instead
    /// Delete the word `nullok` from the line (on Debian in `/usr/share/pam-configs/unix`, then
    /// `pam-auth-update`; on Fedora `authselect enable-feature without-nullok`).
    id: "pam-nullok",
    surface: Pam,
    title: "Accounts without a password open",
    severity: Low,
    references: [Cwe "CWE-258", Cis "Debian 12 5.3.3.4.1", Man "pam_unix(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let mut seen = std::collections::BTreeSet::new();
    for entry in pam.entries() {
        let word = ["nullok", "nullok_secure"]
            .into_iter()
            .find(|word| entry.has(word));
        if let Some(word) = word
            && entry.kind == Kind::Auth
            && entry.name() == "pam_unix"
            && seen.insert(entry.path.clone())
        {
            let shown = entry.path.display();
            let hit = Hit::new(format!("{shown} lets accounts without a password in"))
                .path(&entry.path)
                .line(entry.line)
                .evidence("argument", word)
                .instead(format!("Delete `{word}` from line {} of {shown} (on Debian in /usr/share/pam-configs/unix, then `pam-auth-update`).", entry.line));
            cx.hit(hit);
        }
    }
    Ok(())
}
