//! Who may try `su`.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::pam::Kind;

check! {
    /// # What it checks
    /// The `auth` stack of `su` holds `pam_wheel.so` as `required` or `requisite`, before the password
    /// is asked for.
    ///
    /// # Why it matters
    /// Without it every account, also that of a service, may try root's password as often as it
    /// likes. With it only members of one group get that far.
    ///
    /// # Example
    /// `# auth required pam_wheel.so` (a comment, as Debian ships it) in `/etc/pam.d/su`
    ///
    /// # Instead
    /// `auth required pam_wheel.so use_uid group=sudo` in `/etc/pam.d/su`, after the line of
    /// `pam_rootok.so`.
    id: "pam-su-wheel",
    surface: Pam,
    title: "Every account may try su",
    severity: Low,
    references: [Cwe "CWE-284", Cis "Debian 12 5.2.7", Attack "T1548", Man "pam_wheel(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let pam = cx.facts.pam()?;
    cx.limits(&pam.limits);
    let modules = pam.modules("su", Kind::Auth);
    if modules.is_empty() {
        return Err(Skip::not_applicable("there is no service `su`"));
    }
    let wheel = modules.iter().position(|entry| {
        let binds = matches!(entry.control_text.as_str(), "required" | "requisite")
            || entry.control_text.contains("default=die")
            || entry.control_text.contains("default=bad");
        entry.name() == "pam_wheel" && binds && !entry.has("trust") && !entry.has("deny")
    });
    let asked = modules
        .iter()
        .position(|entry| matches!(entry.name(), "pam_unix" | "pam_sss"));
    if wheel.is_some_and(|wheel| asked.is_none_or(|asked| wheel < asked)) {
        return Ok(());
    }
    cx.hit(
        Hit::new("Every account may try the passwords of others with su")
            .path("/etc/pam.d/su")
            .subject("su")
            .evidence(
                "pam_wheel",
                if wheel.is_some() {
                    "after the password"
                } else {
                    "absent"
                },
            ),
    );
    Ok(())
}
