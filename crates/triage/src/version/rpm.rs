//! RPM versions: `[epoch:]version[-release]`, compared by segments (rpm-version(7)), and the
//! longer `name-[epoch:]version-release.arch`.
//!
//! Segments are runs of digits or of ASCII letters; all else only separates. In each place
//! `~` < the end < `^` < letters < digits, which makes the ordering total.

use super::digits;
use std::cmp::Ordering;

/// Compares epoch (absent is 0), version and release; an absent release comes first.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Evr::read(one), Evr::read(other));
    digits::by_value(one.epoch.as_bytes(), other.epoch.as_bytes())
        .then_with(|| segments(one.version, other.version))
        .then_with(|| match (one.release, other.release) {
            (Some(one), Some(other)) => segments(one, other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        })
}

/// Whether the text has only characters that rpm allows.
pub(super) fn is_valid(version: &str) -> bool {
    let evr = Evr::read(version);
    let known = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+~^".contains(&byte))
    };
    !evr.version.is_empty() && known(evr.version) && evr.release.is_none_or(known)
}

/// Epoch, version and release of a text.
struct Evr<'a> {
    epoch: &'a str,
    version: &'a str,
    release: Option<&'a str>,
}

impl<'a> Evr<'a> {
    fn read(text: &'a str) -> Self {
        // Only digits make an epoch; any other colon belongs to the version, as rpm has it.
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
            _ => ("", text),
        };
        match rest.rsplit_once('-') {
            Some((version, release)) => Self {
                epoch,
                version,
                release: Some(release),
            },
            None => Self {
                epoch,
                version: rest,
                release: None,
            },
        }
    }
}

/// The next segment of a version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a [u8]),
    /// Without leading zeros; the length comes first, so that longer numbers are larger.
    Digits(usize, &'a [u8]),
}

fn next<'a>(rest: &mut &'a [u8]) -> Segment<'a> {
    digits::take(rest, |byte| {
        !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^'
    });
    let Some((first, behind)) = rest.split_first() else {
        return Segment::End;
    };
    match first {
        b'~' | b'^' => {
            *rest = behind;
            if *first == b'~' {
                Segment::Tilde
            } else {
                Segment::Caret
            }
        }
        byte if byte.is_ascii_digit() => {
            let number = digits::without_zeros(digits::take(rest, |byte| byte.is_ascii_digit()));
            Segment::Digits(number.len(), number)
        }
        _ => Segment::Letters(digits::take(rest, |byte| byte.is_ascii_alphabetic())),
    }
}

/// `rpmvercmp`: segment by segment.
fn segments(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        let (a, b) = (next(&mut one), next(&mut other));
        match a.cmp(&b) {
            Ordering::Equal if a == Segment::End => return Ordering::Equal,
            Ordering::Equal => {}
            order => return order,
        }
    }
}

/// A package as rpm prints it: `name-[epoch:]version-release.arch`, where name and architecture
/// may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nevra {
    /// The package; empty if there is none.
    pub name: String,
    /// The epoch; absent where none is written, which counts as 0.
    pub epoch: Option<String>,
    /// The version.
    pub version: String,
    /// The release.
    pub release: String,
    /// The architecture; empty if there is none.
    pub arch: String,
}

impl Nevra {
    /// Takes a text apart from the right: architecture (only a known one), release, version, then
    /// the name. `None` without a version and a release.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(".rpm").unwrap_or(text);
        let (rest, arch) = match text.rsplit_once('.') {
            Some((rest, arch)) if is_architecture(arch) => (rest, arch),
            _ => (text, ""),
        };
        let (rest, release) = rest.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-').unwrap_or(("", rest));
        // `1:name-...` (as in old repository files) has the epoch before the name.
        let (early, name) = match name.split_once(':') {
            Some((epoch, name)) if digits::is_number(epoch.as_bytes()) => (Some(epoch), name),
            _ => (None, name),
        };
        let (epoch, version) = match version.split_once(':') {
            Some((epoch, version)) => (Some(epoch), version),
            None => (early, version),
        };
        if version.is_empty() || release.is_empty() {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            epoch: epoch.map(str::to_owned),
            version: version.to_owned(),
            release: release.to_owned(),
            arch: arch.to_owned(),
        })
    }

    /// `[epoch:]version-release`.
    #[must_use]
    pub fn evr(&self) -> String {
        match &self.epoch {
            Some(epoch) => format!("{epoch}:{}-{}", self.version, self.release),
            None => format!("{}-{}", self.version, self.release),
        }
    }

    /// Sorts packages: by name, then by what rpm compares, then by architecture.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let epoch = |nevra: &Self| nevra.epoch.clone().unwrap_or_default();
        self.name
            .cmp(&other.name)
            .then_with(|| digits::by_value(epoch(self).as_bytes(), epoch(other).as_bytes()))
            .then_with(|| segments(&self.version, &other.version))
            .then_with(|| segments(&self.release, &other.release))
            .then_with(|| self.arch.cmp(&other.arch))
    }
}

/// Names that rpm knows as architectures; a release such as `12.fc39` has none.
fn is_architecture(word: &str) -> bool {
    const KNOWN: [&str; 22] = [
        "noarch",
        "src",
        "nosrc",
        "x86_64",
        "amd64",
        "i386",
        "i486",
        "i586",
        "i686",
        "athlon",
        "aarch64",
        "ppc",
        "ppc64",
        "ppc64le",
        "s390",
        "s390x",
        "ia64",
        "alpha",
        "sparc64",
        "loongarch64",
        "mips64el",
        "mipsel",
    ];
    KNOWN.contains(&word)
        || word.starts_with("riscv")
        || (word.starts_with("armv") && word.len() <= 8)
        || (word.starts_with("x86_64_v") && word.len() == 9)
}
