//! Installed files that are not what their packages brought.

use super::verify::{Change, Wrong, verify};
use crate::check::{Cx, Hit, Limit, Skip, check};
use casemate_schema::Severity;
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// The content of every installed file is compared with the digest that its package recorded
    /// (dpkg's md5sums and conffiles, rpm's file digests, apk's checksums), and every file of a
    /// package must exist. Diversions, ghost files and what rpm marks as not to be verified are
    /// followed. Each changed program or library is a finding; other files are one finding a package.
    ///
    /// # Why it matters
    /// A changed `/usr/sbin/sshd` is how an intruder stays. Configuration may change, programs may
    /// not.
    ///
    /// # Example
    /// `dpkg -V coreutils` prints `??5??????   /usr/bin/ls`.
    ///
    /// # Instead
    /// Find out who changed it; then `apt-get install --reinstall PACKAGE` or
    /// `dnf reinstall PACKAGE`. After an intrusion do not repair: keep the disk and build anew.
    id: "integrity-package-files",
    surface: Integrity,
    title: "Installed file differs from its package",
    severity: High,
    references: [Attack "T1554", Attack "T1014", Cwe "CWE-353", Man "dpkg(1)", Man "rpm(8)"],
    deep: true,
}

/// More changed programs of one package than this are one finding: it was replaced as a whole.
const PROGRAMS_MAX: usize = 20;
/// Paths that an aggregated finding names.
const SHOWN_MAX: usize = 5;

/// What several changes of a package have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Programs,
    Data,
    Config,
    Missing,
    MissingDocs,
}

impl Group {
    fn of(change: &Change) -> Self {
        const DOCS: [&str; 6] = [
            "/usr/share/doc",
            "/usr/share/man",
            "/usr/share/info",
            "/usr/share/locale",
            "/usr/share/lintian",
            "/usr/share/linda",
        ];
        match &change.wrong {
            _ if change.is_config => Self::Config,
            Wrong::Missing if DOCS.iter().any(|folder| change.path.starts_with(folder)) => {
                Self::MissingDocs
            }
            Wrong::Missing => Self::Missing,
            Wrong::Content { .. } if change.is_program => Self::Programs,
            Wrong::Content { .. } => Self::Data,
        }
    }

    const fn words(self) -> (&'static str, &'static str, Severity) {
        match self {
            Self::Programs => ("programs", "Many programs are changed", Severity::High),
            Self::Data => ("data", "Files are changed", Severity::Medium),
            Self::Config => ("config", "Configuration is changed", Severity::Info),
            Self::Missing => ("missing", "Files are missing", Severity::Low),
            Self::MissingDocs => ("docs", "Documentation is missing", Severity::Info),
        }
    }
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let verified = verify(cx.facts)?;
    cx.limits(&verified.limits);
    if let Some(first) = verified.without_digests.first() {
        let others = verified.without_digests.len() - 1;
        cx.limit(Limit {
            reason: format!(
                "files without a recorded digest: of package {first} and {others} others"
            ),
            privileges: false,
        });
    }
    let mut groups: BTreeMap<(&str, Group), Vec<&Change>> = BTreeMap::new();
    for change in &verified.changes {
        let key = (change.package.as_str(), Group::of(change));
        groups.entry(key).or_default().push(change);
    }
    for ((package, group), changes) in groups {
        if group == Group::Programs && changes.len() <= PROGRAMS_MAX {
            for change in changes {
                cx.hit(one(package, change));
            }
        } else {
            cx.hit(several(package, group, &changes));
        }
    }
    Ok(())
}

fn one(package: &str, change: &Change) -> Hit {
    let title = format!(
        "`{}` is not what `{package}` installed",
        change.path.display()
    );
    let hit = Hit::new(title)
        .path(&change.path)
        .evidence("package", package);
    match &change.wrong {
        Wrong::Missing => hit.evidence("state", "missing"),
        Wrong::Content { expected, actual } => hit
            .evidence("expected", expected)
            .evidence("actual", actual),
    }
}

fn several(package: &str, group: Group, changes: &[&Change]) -> Hit {
    let (key, words, severity) = group.words();
    let mut hit = Hit::new(format!("{words}: {} of package `{package}`", changes.len()))
        .subject(package)
        .key(key)
        .severity(severity)
        .evidence("files", changes.len().to_string());
    for change in changes.iter().take(SHOWN_MAX) {
        let text = match &change.wrong {
            Wrong::Missing => "missing".to_owned(),
            Wrong::Content { expected, actual } => format!("expected {expected}, is {actual}"),
        };
        hit = hit.evidence_at("file", text, &change.path, None);
    }
    hit
}
