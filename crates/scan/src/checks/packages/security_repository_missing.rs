//! Debian and Ubuntu hosts that never ask for security updates.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// On Debian and Ubuntu at least one enabled source of binary packages is a security suite
    /// (`bookworm-security`, `buster/updates`). Commented lines, `deb-src` and stanzas with
    /// `Enabled: no` do not count.
    ///
    /// # Why it matters
    /// Fixes for a stable release arrive through that suite alone until the next point release,
    /// months later.
    ///
    /// # Example
    /// `sources.list` holds `deb http://deb.debian.org/debian bookworm main` and nothing else.
    ///
    /// # Instead
    /// Debian 12: `deb http://security.debian.org/debian-security bookworm-security main`. Ubuntu
    /// 24.04: suite `noble-security` of `http://security.ubuntu.com/ubuntu`. Then `apt-get update`.
    id: "pkg-security-repository-missing",
    surface: Packages,
    title: "No source of security updates",
    severity: High,
    references: [Cwe "CWE-1104", Man "sources.list(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let os = cx.facts.os()?.host.os.clone().unwrap_or_default();
    if !matches!(os.id.as_str(), "debian" | "ubuntu") {
        return Err(Skip::not_applicable(
            "only Debian and Ubuntu have a suite of their own for it",
        ));
    }
    let repositories = cx.facts.repositories()?;
    cx.limits(&repositories.limits);
    if repositories.apt.is_empty() {
        return Err(Skip::not_assessed("no package source is configured"));
    }
    let suites: Vec<&str> = repositories
        .apt
        .iter()
        .flat_map(|source| source.suites.iter().map(String::as_str))
        .collect();
    let secured = |suite: &&str| {
        let suite = suite.trim_end_matches('/');
        suite.ends_with("-security") || suite.ends_with("/updates")
    };
    // Unstable gets its fixes directly.
    let unstable = |suite: &&str| matches!(*suite, "sid" | "unstable" | "devel");
    if suites.iter().any(|suite| secured(suite) || unstable(suite)) {
        return Ok(());
    }
    let mut shown: Vec<&str> = suites;
    shown.sort_unstable();
    shown.dedup();
    let hit = Hit::new("No package source carries security updates")
        .subject("security suite")
        .evidence("suites", shown.join(" "));
    cx.hit(hit);
    Ok(())
}
