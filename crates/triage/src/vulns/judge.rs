//! What one record says of one installed version.

use super::ecosystem::{Asked, Standing};
use super::package::is_modular;
use super::{Package, Verdict};
use crate::version::{NotAVersion, Scheme};
use casemate_schema::{Advisory, Affected, AffectedState, Text, VersionRange};
use std::cmp::Ordering;

/// One record's word.
#[derive(Clone, Debug)]
pub(super) struct Opinion<'a> {
    pub(super) advisory: &'a Advisory,
    pub(super) affected: &'a Affected,
    pub(super) standing: Standing,
    /// 0 for the distribution's own feed, 1 for its records in a common form, 2 for others.
    pub(super) rank: u8,
    pub(super) verdict: Verdict,
    pub(super) fixed: Option<Text>,
    pub(super) name: Text,
    pub(super) installed: Text,
    pub(super) against: String,
    pub(super) remarks: Vec<Text>,
}

/// What a record says of a package; `None` where it does not speak of it.
pub(super) fn judge<'a>(
    package: &Package,
    asked: &Asked,
    at: usize,
    advisory: &'a Advisory,
    affected: &'a Affected,
) -> Option<Opinion<'a>> {
    let (name, installed) = package.spoken_of(&affected.package, affected.names)?;
    let (_, standing) = asked.names.get(at)?;
    let mut remarks: Vec<Text> = asked.remark.iter().cloned().collect();
    if !speaks_of_architecture(affected, &package.arch)
        || !speaks_of_product(affected)
        || !speaks_of_module(package, affected, &mut remarks)
    {
        return None;
    }
    let scheme = package.scheme();
    let said = said(affected, installed, scheme, package.ecosystems.is_language);
    if *standing == Standing::Extended {
        // Only a host that takes its fixes from there has a version of that stream.
        remarks.push(
            format!(
                "this fix is in {}, which not every host gets",
                affected.ecosystem
            )
            .into(),
        );
    }
    Some(Opinion {
        advisory,
        affected,
        standing: *standing,
        rank: rank(&advisory.feed, &affected.ecosystem),
        verdict: said.verdict,
        fixed: said.fixed,
        name: name.clone(),
        installed: installed.clone(),
        against: said.against,
        remarks,
    })
}

/// Feeds of a distribution carry its name; `osv` holds copies of their notices.
fn rank(feed: &str, ecosystem: &str) -> u8 {
    const FAMILIES: [(&str, &str); 12] = [
        ("rhel", "redhat"),
        ("redhat", "redhat"),
        ("centos", "redhat"),
        ("alma", "alma"),
        ("ol", "oracle"),
        ("amzn", "amazon"),
        ("amazon", "amazon"),
        ("opensuse", "suse"),
        ("suse", "suse"),
        ("azurelinux", "azure"),
        ("mariner", "azure"),
        ("rocky", "rocky"),
    ];
    let feed = feed.to_ascii_lowercase();
    let distribution = ecosystem.split(':').next().unwrap_or_default();
    let family = FAMILIES.iter().find(|(prefix, _)| distribution == *prefix);
    let family = family.map_or(distribution, |(_, family)| *family);
    if !family.is_empty() && feed.starts_with(family) {
        0
    } else if feed.starts_with("nvd") || feed.starts_with("cve") {
        2
    } else {
        1
    }
}

/// Whether the record holds for this architecture; packages for all take part in every record.
fn speaks_of_architecture(affected: &Affected, arch: &str) -> bool {
    fn plain(arch: &str) -> &str {
        match arch {
            "amd64" => "x86_64",
            "arm64" => "aarch64",
            "i386" | "i486" | "i586" => "i686",
            "ppc64el" => "ppc64le",
            "all" | "any" => "noarch",
            other => other,
        }
    }
    let arch = plain(arch);
    affected.architectures.is_empty()
        || arch.is_empty()
        || arch == "noarch"
        || affected.architectures.iter().any(|named| {
            let named = plain(named);
            named == arch || matches!(named, "noarch" | "src")
        })
}

/// Whether the product is the distribution itself and no layered product, as far as a CPE says.
fn speaks_of_product(affected: &Affected) -> bool {
    let Some(cpe) = affected.cpe.as_deref() else {
        return true;
    };
    let is_red_hat = ["rhel:", "centos:", "redhat:"]
        .iter()
        .any(|prefix| affected.ecosystem.starts_with(prefix));
    !is_red_hat || cpe.contains("enterprise_linux") || cpe.contains(":redhat:rhel_")
}

/// Whether the record holds for the module stream that the package came from.
fn speaks_of_module(package: &Package, affected: &Affected, remarks: &mut Vec<Text>) -> bool {
    let versions = affected
        .ranges
        .iter()
        .filter_map(|range| range.fixed.as_deref());
    let of_module = affected.module.is_some() || versions.clone().any(is_modular);
    if !package.is_modular() {
        return !of_module;
    }
    match (&affected.module, &package.module) {
        (Some(wanted), Some(label)) => {
            label.as_str() == wanted.as_str() || label.starts_with(&format!("{}:", wanted.as_str()))
        }
        (Some(wanted), None) => {
            remarks.push(format!("the record is for the module {wanted}; which stream the package came from is not known").into());
            true
        }
        (None, _) => of_module || affected.ranges.iter().all(|range| range.fixed.is_none()),
    }
}

/// A verdict with the fix and the comparison in words.
struct Said {
    verdict: Verdict,
    fixed: Option<Text>,
    against: String,
}

/// Where a version stands in a record's ranges.
enum Place<'a> {
    In(&'a VersionRange),
    Listed,
    /// Behind a fix.
    After(&'a Text),
    Outside,
    /// The record names no versions.
    Unsaid,
}

fn said(affected: &Affected, installed: &str, scheme: Option<Scheme>, is_language: bool) -> Said {
    let answer = |verdict, fixed: Option<&Text>, against: String| Said {
        verdict,
        fixed: fixed.cloned(),
        against,
    };
    let place = match scheme {
        Some(scheme) => place(affected, installed, scheme),
        None if affected.ranges.is_empty() && affected.versions.is_empty() => Ok(Place::Unsaid),
        None => {
            let against = "versions whose order is not known".to_owned();
            return answer(Verdict::Unknown, None, against);
        }
    };
    let place = match place {
        Ok(place) => place,
        Err(error) => {
            let against = format!("{}: {error}", described(affected));
            return answer(Verdict::Unknown, None, against);
        }
    };
    let against = described(affected);
    match place {
        Place::After(fixed) if is_nothing(fixed) => answer(Verdict::NotAffected, None, against),
        Place::After(_) if affected.state == AffectedState::NotAffected => {
            answer(Verdict::NotAffected, None, against)
        }
        Place::After(fixed) => answer(Verdict::Fixed, Some(fixed), against),
        Place::Outside => answer(Verdict::NotAffected, None, against),
        Place::In(range) => {
            let against = range_words(range);
            inside(affected.state, range.fixed.as_ref(), against)
        }
        Place::Listed => inside(affected.state, None, "a listed version".to_owned()),
        Place::Unsaid if is_language && affected.state == AffectedState::Affected => answer(
            Verdict::Unknown,
            None,
            "nothing: the record names no versions".to_owned(),
        ),
        Place::Unsaid => inside(
            affected.state,
            None,
            "the release: the record names no versions".to_owned(),
        ),
    }
}

/// The verdict for a version that a record speaks of.
fn inside(state: AffectedState, fixed: Option<&Text>, against: String) -> Said {
    let verdict = match (state, fixed) {
        (AffectedState::Affected, Some(_)) => Verdict::Affected,
        (AffectedState::Affected, None) => Verdict::NoFix,
        (AffectedState::NotAffected, _) => Verdict::NotAffected,
        (AffectedState::UnderInvestigation, _) => Verdict::UnderInvestigation,
        (AffectedState::WillNotFix, _) => Verdict::WillNotFix,
        (AffectedState::Deferred, _) => Verdict::Deferred,
        (AffectedState::EndOfLife, _) => Verdict::EndOfLife,
    };
    Said {
        verdict,
        fixed: fixed.cloned(),
        against,
    }
}

/// `0` as a first fixed version: no version was ever affected.
fn is_nothing(fixed: &str) -> bool {
    matches!(fixed, "0" | "0:0")
}

fn place<'a>(
    affected: &'a Affected,
    installed: &str,
    scheme: Scheme,
) -> Result<Place<'a>, NotAVersion> {
    if affected.ranges.is_empty() && affected.versions.is_empty() {
        return Ok(Place::Unsaid);
    }
    let mut after: Option<&Text> = None;
    for range in &affected.ranges {
        if let Some(introduced) = range.introduced.as_deref()
            && !is_nothing(introduced)
            && scheme.compare(installed, introduced)?.is_lt()
        {
            continue;
        }
        if let Some(fixed) = &range.fixed {
            if scheme.compare(installed, fixed)?.is_lt() {
                return Ok(Place::In(range));
            }
            // Of several fixes that it has, the newest is named.
            let newer = match after {
                Some(before) => scheme.compare(before, fixed)?.is_lt(),
                None => true,
            };
            if newer {
                after = Some(fixed);
            }
        } else if let Some(last) = &range.last_affected {
            if scheme.compare(installed, last)?.is_le() {
                return Ok(Place::In(range));
            }
        } else {
            return Ok(Place::In(range));
        }
    }
    for version in &affected.versions {
        let same = version.as_str() == installed
            || matches!(scheme.compare(installed, version), Ok(Ordering::Equal));
        if same {
            return Ok(Place::Listed);
        }
    }
    Ok(after.map_or(Place::Outside, Place::After))
}

/// All ranges in words, the first few at least.
fn described(affected: &Affected) -> String {
    const SHOWN: usize = 4;
    let mut words: Vec<String> = affected
        .ranges
        .iter()
        .take(SHOWN)
        .map(range_words)
        .collect();
    let n_more = affected.ranges.len().saturating_sub(SHOWN);
    if n_more > 0 {
        words.push(format!("{n_more} more ranges"));
    }
    if !affected.versions.is_empty() {
        words.push(format!("{} listed versions", affected.versions.len()));
    }
    if words.is_empty() {
        return "no versions".to_owned();
    }
    words.join(", or ")
}

fn range_words(range: &VersionRange) -> String {
    let from = range.introduced.as_deref().filter(|from| !is_nothing(from));
    let to = match (&range.fixed, &range.last_affected) {
        (Some(fixed), _) => Some(format!("before {fixed}")),
        (None, Some(last)) => Some(format!("up to {last}")),
        (None, None) => None,
    };
    match (from, to) {
        (None, None) => "all versions".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => to,
        (Some(from), Some(to)) => format!("from {from}, {to}"),
    }
}
