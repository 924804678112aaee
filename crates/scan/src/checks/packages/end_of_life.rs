//! Releases of distributions that no longer get security fixes.

use crate::check::{Cx, Hit, Skip, check};
use casemate_base::Timestamp;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The release named in os-release is still within the time in which its distribution gives
    /// security fixes to everybody (for Debian that includes LTS). Releases that the table does not
    /// know, and rolling ones, are not assessed.
    ///
    /// # Why it matters
    /// After that day every hole that becomes known stays open for good.
    ///
    /// # Example
    /// `ID=debian`, `VERSION_ID="10"` after 2024-06-30.
    ///
    /// # Instead
    /// Upgrade to a supported release, or buy extended support (Ubuntu Pro, ELTS, ELS) and check
    /// that its repository is configured.
    ///
    /// # Parameters
    /// The table holds the dates that the distributions have announced; a release that is older
    /// than all of the table counts as ended.
    id: "pkg-end-of-life",
    surface: Packages,
    title: "Distribution release is past its end of support",
    severity: High,
    references: [Cwe "CWE-1104", Cwe "CWE-1395", Url "https://endoflife.date/"],
}

/// Last day of security fixes for everybody, by `ID` and `VERSION_ID` (a prefix up to a dot).
/// Sources: wiki.debian.org/LTS, ubuntu.com/about/release-cycle, access.redhat.com life cycle,
/// almalinux.org, rockylinux.org, fedoraproject.org schedules, alpinelinux.org/releases,
/// en.opensuse.org/Lifetime, suse.com/lifecycle, aws.amazon.com.
const TABLE: [(&str, &[(&str, &str)]); 13] = [
    (
        "debian",
        &[
            ("7", "2018-05-31"),
            ("8", "2020-06-30"),
            ("9", "2022-06-30"),
            ("10", "2024-06-30"),
            ("11", "2026-08-31"),
            ("12", "2028-06-30"),
            ("13", "2030-06-30"),
        ],
    ),
    (
        "ubuntu",
        &[
            ("14.04", "2019-04-25"),
            ("16.04", "2021-04-30"),
            ("18.04", "2023-05-31"),
            ("20.04", "2025-05-31"),
            ("22.04", "2027-06-30"),
            ("22.10", "2023-07-20"),
            ("23.04", "2024-01-25"),
            ("23.10", "2024-07-11"),
            ("24.04", "2029-05-31"),
            ("24.10", "2025-07-10"),
            ("25.04", "2026-01-15"),
        ],
    ),
    (
        "rhel",
        &[
            ("6", "2020-11-30"),
            ("7", "2024-06-30"),
            ("8", "2029-05-31"),
            ("9", "2032-05-31"),
            ("10", "2035-05-31"),
        ],
    ),
    (
        "centos",
        &[
            ("6", "2020-11-30"),
            ("7", "2024-06-30"),
            ("8", "2024-05-31"),
            ("9", "2027-05-31"),
            ("10", "2030-01-01"),
        ],
    ),
    (
        "almalinux",
        &[
            ("8", "2029-03-01"),
            ("9", "2032-05-31"),
            ("10", "2035-05-31"),
        ],
    ),
    (
        "rocky",
        &[
            ("8", "2029-05-31"),
            ("9", "2032-05-31"),
            ("10", "2035-05-31"),
        ],
    ),
    (
        "ol",
        &[
            ("7", "2024-12-31"),
            ("8", "2029-07-31"),
            ("9", "2032-06-30"),
        ],
    ),
    (
        "fedora",
        &[
            ("38", "2024-05-21"),
            ("39", "2024-11-26"),
            ("40", "2025-05-13"),
            ("41", "2025-12-15"),
            ("42", "2026-05-13"),
        ],
    ),
    (
        "alpine",
        &[
            ("3.14", "2023-05-01"),
            ("3.15", "2023-11-01"),
            ("3.16", "2024-05-23"),
            ("3.17", "2024-11-22"),
            ("3.18", "2025-05-09"),
            ("3.19", "2025-11-01"),
            ("3.20", "2026-04-01"),
            ("3.21", "2026-11-01"),
            ("3.22", "2027-05-01"),
        ],
    ),
    (
        "opensuse-leap",
        &[
            ("15.3", "2022-12-31"),
            ("15.4", "2023-12-07"),
            ("15.5", "2024-12-31"),
            ("15.6", "2026-04-30"),
        ],
    ),
    (
        "sles",
        &[
            ("12.5", "2024-10-31"),
            ("15.3", "2022-12-31"),
            ("15.4", "2023-12-31"),
            ("15.5", "2024-12-31"),
            ("15.6", "2025-12-31"),
            ("15.7", "2031-07-31"),
        ],
    ),
    (
        "amzn",
        &[
            ("2018.03", "2023-12-31"),
            ("2", "2026-06-30"),
            ("2023", "2029-06-30"),
        ],
    ),
    (
        "raspbian",
        &[
            ("10", "2024-06-30"),
            ("11", "2026-08-31"),
            ("12", "2028-06-30"),
        ],
    ),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let Some(os) = cx.facts.os()?.host.os.clone() else {
        return Err(Skip::not_assessed("the tree has no os-release"));
    };
    let Some(version) = os.version.as_deref() else {
        return Err(Skip::not_assessed(
            "os-release names no version: a rolling or testing release",
        ));
    };
    let unknown = || {
        Skip::not_assessed(format!(
            "end of support of {} {version} is not known",
            os.id
        ))
    };
    let (_, releases) = TABLE
        .iter()
        .find(|(id, _)| *id == os.id)
        .ok_or_else(unknown)?;
    let is_same = |release: &str| {
        version
            .strip_prefix(release)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let known = releases
        .iter()
        .find(|(release, _)| is_same(release))
        .map(|(_, end)| *end);
    let end = match known {
        Some(end) => end,
        None if is_older(version, releases) => "before the first of the table",
        None => return Err(unknown()),
    };
    let today = Timestamp::from_unix_seconds(cx.facts.options().now_s)
        .map_err(|_| Skip::not_assessed("the scan has no usable time"))?
        .date();
    if known.is_some() && today.as_str() <= end {
        return Ok(());
    }
    let name = os.name.unwrap_or_else(|| format!("{} {version}", os.id));
    let extended = ["list", "sources"]
        .iter()
        .map(|extension| format!("/etc/apt/sources.list.d/ubuntu-esm-infra.{extension}"))
        .find(|path| cx.facts.exists(path));
    let mut hit = Hit::new(format!("{name} is past its end of support"))
        .subject(format!("{} {version}", os.id))
        .evidence("end_of_support", end);
    if let Some(path) = extended {
        hit = hit
            .severity(Severity::Low)
            .evidence("extended_support", path);
    }
    cx.hit(hit);
    Ok(())
}

/// Whether a version comes before every one of the table.
fn is_older(version: &str, releases: &[(&str, &str)]) -> bool {
    let numbers = |text: &str| -> Option<Vec<u32>> {
        text.split('.').map(|part| part.parse().ok()).collect()
    };
    let Some(version) = numbers(version) else {
        return false;
    };
    releases
        .iter()
        .all(|(release, _)| numbers(release).is_some_and(|known| version < known))
}
