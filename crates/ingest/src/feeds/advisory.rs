//! Making advisories: the few shapes that all feeds share.

use casemate_schema::{Affected, AffectedState, PackageNames, Text, VersionRange};

/// A package of a release, of which nothing is said yet.
pub(crate) fn package(ecosystem: &str, package: &str, names: PackageNames) -> Affected {
    Affected {
        ecosystem: ecosystem.into(),
        package: package.trim().into(),
        names,
        ..Affected::default()
    }
}

/// All versions before this one.
pub(crate) fn before(fixed: &str) -> VersionRange {
    VersionRange {
        fixed: Some(fixed.trim().into()),
        ..VersionRange::default()
    }
}

/// Sets what a feed says by one word: the version with the fix, `0` for "never affected", or none
/// for "affected, and there is no fix".
pub(crate) fn fixed_in(affected: &mut Affected, fixed: Option<&str>) {
    match fixed.map(str::trim).filter(|fixed| !fixed.is_empty()) {
        Some("0") => affected.state = AffectedState::NotAffected,
        Some(fixed) => affected.ranges.push(before(fixed)),
        None => affected.ranges.push(VersionRange::default()),
    }
}

/// Joins entries that differ in their architecture alone; keeps the order of the first of each.
/// One that speaks of all architectures stands for those of single ones.
pub(crate) fn join(all: Vec<Affected>) -> Vec<Affected> {
    let mut out: Vec<Affected> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for mut affected in all {
        let architectures = std::mem::take(&mut affected.architectures);
        let key = (
            (affected.ecosystem.clone(), affected.package.clone()),
            (affected.names, affected.state, affected.severity),
            (affected.ranges.clone(), affected.versions.clone()),
            (affected.module.clone(), affected.cpe.clone()),
            (affected.note.clone(), affected.notice.clone()),
        );
        let idx = *known.entry(key).or_insert(out.len());
        match out.get_mut(idx) {
            None => {
                affected.architectures = architectures;
                out.push(affected);
            }
            Some(first) if architectures.is_empty() => first.architectures.clear(),
            Some(first) if first.architectures.is_empty() => {}
            Some(first) => first.architectures.extend(architectures),
        }
    }
    for affected in &mut out {
        affected.architectures.sort();
        affected.architectures.dedup();
    }
    out
}

/// Architectures that a package can be restricted to; `noarch` and `all` are no restriction.
pub(crate) fn architecture(word: &str) -> Vec<Text> {
    match word.trim() {
        "" | "noarch" | "all" | "any" | "(none)" => Vec::new(),
        word => vec![word.into()],
    }
}

/// `epoch:version-release` as rpm writes it; epoch 0 is left away.
pub(crate) fn evr(epoch: &str, version: &str, release: &str) -> String {
    let epoch = match epoch.trim() {
        "" | "0" | "(none)" => String::new(),
        epoch => format!("{epoch}:"),
    };
    let release = match release.trim() {
        "" => String::new(),
        release => format!("-{release}"),
    };
    format!("{epoch}{}{release}", version.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_are_joined() {
        let one = |arch: &str, fixed: &str| Affected {
            architectures: architecture(arch),
            ranges: vec![before(fixed)],
            ..package("rhel:9", "curl", PackageNames::Binary)
        };
        let joined = join(vec![
            one("x86_64", "1"),
            one("aarch64", "1"),
            one("noarch", "2"),
        ]);
        assert_eq!(joined.len(), 2);
        assert_eq!(joined[0].architectures, ["aarch64", "x86_64"]);
        assert!(joined[1].architectures.is_empty());
        let all = join(vec![
            one("x86_64", "1"),
            one("noarch", "1"),
            one("s390x", "1"),
        ]);
        assert!(all.len() == 1 && all[0].architectures.is_empty());
    }

    #[test]
    fn rpm_versions() {
        assert_eq!(evr("0", "1.2", "3"), "1.2-3");
        assert_eq!(evr("32", "9.8.2", "0.68"), "32:9.8.2-0.68");
    }
}
