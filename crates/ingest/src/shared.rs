//! Texts that the findings of a file share.
//!
//! Findings that stand next to each other say the same descriptions and names. A small table of the
//! last texts answers for most of them without hashing all of a long text.

use casemate_schema::{Finding, Interner, Text};

/// Places of the table of the last texts; a power of two.
const PLACES: usize = 1024;

/// Longest value of an observation that is looked for among those of other findings.
const SHORT_BYTES_MAX: usize = 96;

/// Shares texts.
#[derive(Debug)]
pub(crate) struct Shared {
    all: Interner,
    last: Vec<Text>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            all: Interner::default(),
            last: vec![Text::default(); PLACES],
        }
    }
}

impl Shared {
    /// The shared text that equals this one.
    pub(crate) fn text(&mut self, text: &str) -> Text {
        let Some(last) = self.last.get_mut(place(text)) else {
            return self.all.text(text);
        };
        if last.as_str() != text {
            *last = self.all.text(text);
        }
        last.clone()
    }

    /// Replaces a text with the shared one that equals it.
    pub(crate) fn share(&mut self, text: &mut Text) {
        *text = self.text(text.as_str());
    }

    /// A text that is shared when it is short enough to be said again.
    pub(crate) fn short(&mut self, text: String) -> Text {
        if text.len() <= SHORT_BYTES_MAX {
            self.text(&text)
        } else {
            text.into()
        }
    }

    /// Shares the texts that are not shared since they were built.
    pub(crate) fn rest(&mut self, finding: &mut Finding) {
        let interner = self;
        for reference in &mut finding.references {
            interner.share(&mut reference.id);
        }
        if let Some(component) = &mut finding.component {
            interner.share(&mut component.name);
            let parts = [
                &mut component.version,
                &mut component.purl,
                &mut component.kind,
                &mut component.fixed_version,
            ];
            parts
                .into_iter()
                .flatten()
                .for_each(|text| interner.share(text));
        }
        if let Some(vulnerability) = &mut finding.vulnerability {
            interner.share(&mut vulnerability.id);
            for text in &mut vulnerability.aliases {
                interner.share(text);
            }
            for cvss in &mut vulnerability.cvss {
                let parts = [&mut cvss.version, &mut cvss.vector, &mut cvss.source];
                parts
                    .into_iter()
                    .flatten()
                    .for_each(|text| interner.share(text));
            }
        }
    }
}

/// A place by the length, the beginning and the end; which of two texts has a place does not matter
/// for what comes out.
fn place(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => {
            let short = |all: u64, byte: &u8| (all << 8) | u64::from(*byte);
            (bytes.iter().fold(0, short), 0)
        }
    };
    let length = bytes.len() as u64;
    let mixed =
        (first ^ last.rotate_left(29) ^ length.rotate_left(48)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 32).unwrap_or_default() & (PLACES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let mut shared = Shared::default();
        for n in 0..3000 {
            let text = format!("a text with the number {n} in it, and more");
            assert_eq!(shared.text(&text).as_str(), text);
        }
        let one = shared.text("a text with the number 7 in it, and more");
        let mut two = Text::from("a text with the number 7 in it, and more");
        assert!(!std::ptr::eq(one.as_str(), two.as_str()));
        shared.share(&mut two);
        assert!(std::ptr::eq(one.as_str(), two.as_str()));
        assert_eq!(shared.text("").as_str(), "");
    }
}
