//! Package sources whose packages are installed without a signature.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// No enabled source of apt (`sources.list`, `*.list`, `*.sources`) says `trusted`,
    /// `allow-insecure` or `allow-weak`, and every enabled repository of dnf, yum and zypper verifies
    /// signatures (`gpgcheck`; for dnf and yum a missing value means no). Disabled sources do not
    /// count.
    ///
    /// # Why it matters
    /// Packages run their scripts as root. Without signatures whoever controls the mirror, the
    /// cache in between or the network runs commands on this host.
    ///
    /// # Example
    /// `deb [trusted=yes] http://packages.example/ ./`, or `gpgcheck=0` in a `.repo` file.
    ///
    /// # Instead
    /// Sign the repository, put its key under `/usr/share/keyrings` and name it:
    /// `deb [signed-by=/usr/share/keyrings/example.gpg] https://packages.example/ ./`. For dnf:
    /// `gpgcheck=1` and `gpgkey=file:///etc/pki/rpm-gpg/KEY`.
    id: "pkg-unsigned-repository",
    surface: Packages,
    title: "Packages are taken without signature",
    severity: High,
    references: [Cwe "CWE-345", Cwe "CWE-494", Attack "T1195.002", Man "sources.list(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let repositories = cx.facts.repositories()?;
    cx.limits(&repositories.limits);
    if repositories.apt.is_empty() && repositories.rpm.is_empty() {
        if !repositories.limits.is_empty() {
            return Ok(());
        }
        return Err(Skip::not_applicable(
            "no package source of apt, dnf or zypper is configured",
        ));
    }
    for source in &repositories.apt {
        for option in ["trusted", "allow-insecure", "allow-weak"] {
            if !source.is_on(option) {
                continue;
            }
            let address = source.uris.join(" ");
            let local = source.uris.iter().all(|uri| {
                uri.starts_with("file:") || uri.starts_with("copy:") || uri.starts_with("cdrom:")
            });
            let encrypted = source.uris.iter().all(|uri| uri.starts_with("https:"));
            let severity = match (local, encrypted) {
                (true, _) => Severity::Low,
                (_, true) => Severity::Medium,
                _ => Severity::High,
            };
            let hit = Hit::new(format!(
                "apt takes packages of `{address}` without signature"
            ))
            .path(&source.path)
            .line(source.line)
            .severity(severity)
            .key(&address)
            .key(source.suites.join(" "))
            .key(option)
            .evidence_at(option, "yes", &source.path, Some(source.line));
            cx.hit(hit);
        }
    }
    for repository in repositories.rpm.iter().filter(|r| !r.checks_signatures) {
        let title = format!(
            "Packages of repository `{}` are not verified",
            repository.name
        );
        let mut hit = Hit::new(title)
            .path(&repository.path)
            .line(repository.line)
            .subject(&repository.name)
            .evidence("address", &repository.address);
        hit = match &repository.said {
            Some((path, line)) => hit.evidence_at("gpgcheck", "0", path, Some(*line)),
            None => hit.evidence("gpgcheck", "not set"),
        };
        cx.hit(hit);
    }
    Ok(())
}
