//! How PAM stores new passwords.

use super::password_service;
use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The `password` line of `pam_unix.so` names a strong method (`yescrypt`, `gost_yescrypt`,
    /// `blowfish`, `sha512`, `sha256`), and no fewer than 5000 `rounds` for SHA. With no method on the
    /// line, `ENCRYPT_METHOD` of `/etc/login.defs` counts.
    ///
    /// # Why it matters
    /// The method decides how many guesses a second a stolen file allows: millions for MD5, some
    /// thousands for yescrypt.
    ///
    /// # Example
    /// `password sufficient pam_unix.so md5 shadow`
    ///
    /// # Instead
    /// `password [success=1 default=ignore] pam_unix.so obscure yescrypt`; passwords that exist change
    /// their method when they are set anew.
    id: "pam-weak-hash",
    surface: Pam,
    title: "New passwords are stored with a weak method",
    severity: Medium,
    references: [Cwe "CWE-916", Cis "Debian 12 5.3.3.4.3", Man "pam_unix(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const STRONG: [&str; 5] = ["yescrypt", "gost_yescrypt", "blowfish", "sha512", "sha256"];
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let (_, modules) = password_service(pam)?;
    let Some(entry) = modules.iter().find(|entry| entry.name() == "pam_unix") else {
        return Err(Skip::not_applicable(
            "passwords are not changed by pam_unix",
        ));
    };
    // The last method on the line counts.
    let named = entry
        .arguments
        .iter()
        .rev()
        .map(String::as_str)
        .find(|word| STRONG.contains(word) || matches!(*word, "md5" | "bigcrypt"));
    let method = match named {
        Some(method) => method.to_owned(),
        None => cx
            .facts
            .users()
            .ok()
            .and_then(|users| users.login_def("ENCRYPT_METHOD"))
            .map_or("des".to_owned(), |value| value.text.to_ascii_lowercase()),
    };
    let rounds = entry
        .option("rounds")
        .and_then(|rounds| rounds.parse::<u32>().ok());
    let few = method.starts_with("sha") && rounds.is_some_and(|rounds| rounds < 5000);
    if STRONG.contains(&method.as_str()) || method == "bcrypt" {
        if few {
            cx.hit(hit(entry, "with few rounds").severity(Severity::Low));
        }
        return Ok(());
    }
    cx.hit(hit(entry, &format!("with {method}")));
    Ok(())
}

fn hit(entry: &crate::facts::pam::Entry, how: &str) -> Hit {
    Hit::new(format!("PAM stores new passwords {how}"))
        .path(&entry.path)
        .line(entry.line)
        .subject("hash method")
        .evidence("arguments", entry.arguments.join(" "))
}
