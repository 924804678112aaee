//! Python's versions: PEP 440, and below all of these the older forms (`0.9-eevee`), which are
//! ordered as setuptools once did.

use super::digits;
use std::cmp::Ordering;

/// Compares two versions; one that PEP 440 does not know comes before all that it knows.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    match (Version::read(one), Version::read(other)) {
        (Some(a), Some(b)) => a.compare(&b),
        (None, None) => legacy(one).cmp(&legacy(other)),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Whether PEP 440 knows it.
pub(super) fn is_valid(version: &str) -> bool {
    Version::read(version).is_some()
}

/// A version in its parts, lowercase, numbers as digits.
#[derive(Debug, Default)]
struct Version {
    epoch: Vec<u8>,
    release: Vec<Vec<u8>>,
    /// 0 for alpha, 1 for beta, 2 for candidates, and the number.
    pre: Option<(u8, Vec<u8>)>,
    post: Option<Vec<u8>>,
    dev: Option<Vec<u8>>,
    local: Option<Vec<Vec<u8>>>,
}

impl Version {
    fn read(text: &str) -> Option<Self> {
        let lower = text.trim().to_ascii_lowercase();
        let text = lower.strip_prefix('v').unwrap_or(&lower);
        let (public, local) = match text.split_once('+') {
            Some((public, local)) => (public, Some(local)),
            None => (text, None),
        };
        let (epoch, rest) = match public.split_once('!') {
            Some((epoch, rest)) if digits::is_number(epoch.as_bytes()) => (epoch, rest),
            Some(_) => return None,
            None => ("", public),
        };
        let mut reader = Reader {
            rest: rest.as_bytes(),
        };
        let mut version = Self {
            epoch: digits::without_zeros(epoch.as_bytes()).to_vec(),
            release: reader.release()?,
            local: local
                .map(local_parts)
                .map_or(Some(None), |parts| parts.map(Some))?,
            ..Self::default()
        };
        version.pre = reader.word(&[
            (b"alpha", 0),
            (b"a", 0),
            (b"beta", 1),
            (b"b", 1),
            (b"preview", 2),
            (b"pre", 2),
            (b"rc", 2),
            (b"c", 2),
        ]);
        version.post = reader
            .word(&[(b"post", 0), (b"rev", 0), (b"r", 0)])
            .map(|(_, number)| number)
            .or_else(|| reader.bare_post());
        version.dev = reader.word(&[(b"dev", 0)]).map(|(_, number)| number);
        reader.rest.is_empty().then_some(version)
    }

    fn compare(&self, other: &Self) -> Ordering {
        digits::by_value(&self.epoch, &other.epoch)
            .then_with(|| self.compare_release(other))
            .then_with(|| {
                self.pre_place().cmp(&other.pre_place()).then_with(|| {
                    number(self.pre.as_ref().map(|(_, number)| number))
                        .cmp(&number(other.pre.as_ref().map(|(_, number)| number)))
                })
            })
            .then_with(|| {
                let key = |post: &Option<Vec<u8>>| (post.is_some(), number(post.as_ref()));
                key(&self.post).cmp(&key(&other.post))
            })
            .then_with(|| {
                let key = |dev: &Option<Vec<u8>>| (dev.is_none(), number(dev.as_ref()));
                key(&self.dev).cmp(&key(&other.dev))
            })
            .then_with(|| compare_local(self.local.as_deref(), other.local.as_deref()))
    }

    fn compare_release(&self, other: &Self) -> Ordering {
        for at in 0..self.release.len().max(other.release.len()) {
            let part = |version: &Self| version.release.get(at).cloned().unwrap_or_default();
            let order = digits::by_value(&part(self), &part(other));
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    /// A development release of the version itself comes before its alphas.
    const fn pre_place(&self) -> u8 {
        match (&self.pre, &self.post, &self.dev) {
            (Some((kind, _)), _, _) => 1 + *kind,
            (None, None, Some(_)) => 0,
            (None, _, _) => 4,
        }
    }
}

/// A number that sorts by value.
fn number(digits: Option<&Vec<u8>>) -> (usize, Vec<u8>) {
    let digits = digits.map(|it| digits::without_zeros(it).to_vec());
    let digits = digits.unwrap_or_default();
    (digits.len(), digits)
}

/// No local part first, then part by part: words before numbers, fewer before more.
fn compare_local(one: Option<&[Vec<u8>]>, other: Option<&[Vec<u8>]>) -> Ordering {
    let key = |parts: Option<&[Vec<u8>]>| {
        parts.map(|parts| {
            let part = |part: &Vec<u8>| {
                if digits::is_number(part) {
                    (true, number(Some(part)))
                } else {
                    (false, (0, part.clone()))
                }
            };
            parts.iter().map(part).collect::<Vec<_>>()
        })
    };
    key(one).cmp(&key(other))
}

fn local_parts(local: &str) -> Option<Vec<Vec<u8>>> {
    local
        .split(['.', '-', '_'])
        .map(|part| {
            let is_word = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_word.then(|| part.as_bytes().to_vec())
        })
        .collect()
}

/// Reads a version from the front.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn digits(&mut self) -> Vec<u8> {
        digits::take(&mut self.rest, |byte| byte.is_ascii_digit()).to_vec()
    }

    /// `1.2.3`.
    fn release(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut parts = Vec::new();
        loop {
            let part = self.digits();
            if part.is_empty() {
                return None;
            }
            parts.push(part);
            match self.rest {
                [b'.', next, ..] if next.is_ascii_digit() => {
                    self.rest = self.rest.get(1..).unwrap_or_default();
                }
                _ => return Some(parts),
            }
        }
    }

    /// `[.-_]word[.-_]number`, one of these words; the number may be missing.
    fn word(&mut self, words: &[(&[u8], u8)]) -> Option<(u8, Vec<u8>)> {
        let rest = self.rest;
        let rest = match rest {
            [b'.' | b'-' | b'_', rest @ ..] => rest,
            rest => rest,
        };
        let (rest, kind) = words
            .iter()
            .find_map(|(word, kind)| Some((rest.strip_prefix(*word)?, *kind)))?;
        if rest.first().is_some_and(u8::is_ascii_alphabetic) {
            return None;
        }
        self.rest = match rest {
            [b'.' | b'-' | b'_', behind @ ..] if behind.first().is_some_and(u8::is_ascii_digit) => {
                behind
            }
            rest => rest,
        };
        Some((kind, self.digits()))
    }

    /// `1.0-1` is `1.0.post1`.
    fn bare_post(&mut self) -> Option<Vec<u8>> {
        match self.rest {
            [b'-', next, ..] if next.is_ascii_digit() => {
                self.rest = self.rest.get(1..).unwrap_or_default();
                Some(self.digits())
            }
            _ => None,
        }
    }
}

/// The order of the forms before PEP 440: runs of digits, filled up to eight places, and words
/// with a star before them, `dev` before all and the end behind `c`.
fn legacy(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let mut parts: Vec<String> = Vec::new();
    let mut rest = lower.as_bytes();
    while let Some(first) = rest.first() {
        let run = match first {
            byte if byte.is_ascii_digit() => digits::take(&mut rest, |byte| byte.is_ascii_digit()),
            byte if byte.is_ascii_lowercase() => {
                digits::take(&mut rest, |byte| byte.is_ascii_lowercase())
            }
            b'-' => {
                rest = rest.get(1..).unwrap_or_default();
                b"final-"
            }
            b'.' => {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            _ => digits::take(&mut rest, |byte| {
                !byte.is_ascii_digit() && !byte.is_ascii_lowercase() && byte != b'.' && byte != b'-'
            }),
        };
        push_legacy(&mut parts, run);
    }
    push_legacy(&mut parts, b"final");
    parts
}

fn push_legacy(parts: &mut Vec<String>, run: &[u8]) {
    let word = String::from_utf8_lossy(run);
    if digits::is_number(run) {
        let number = String::from_utf8_lossy(digits::without_zeros(run));
        // The length before the digits keeps numbers of any size in order.
        parts.push(format!("{:05}{number}", number.len()));
        return;
    }
    let word = match word.as_ref() {
        "pre" | "preview" | "rc" => "*c".to_owned(),
        "dev" => "*@".to_owned(),
        word => format!("*{word}"),
    };
    if word.as_str() < "*final" {
        while parts.last().is_some_and(|last| last == "*final-") {
            parts.pop();
        }
    }
    while parts.last().is_some_and(|last| last == "00000") {
        parts.pop();
    }
    parts.push(word);
}
