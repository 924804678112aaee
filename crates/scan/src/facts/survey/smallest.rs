//! Which are the smallest paths of a stream that may be endless? A collection with a fixed size.
//!
//! Invariant: what it holds at the end depends on the set that was offered, never on the order:
//! all paths below the first one that does not fit. Once a path had to go, no greater one comes in.

use std::collections::BTreeMap;

/// Bytes that one entry costs besides its path: map node, value, allocation.
const ENTRY_BYTES: usize = 160;

/// The smallest keys that fit into a number of entries and a number of bytes.
#[derive(Debug)]
pub(crate) struct Smallest<V> {
    map: BTreeMap<Vec<u8>, V>,
    entries_max: usize,
    bytes_left: usize,
    ceiling: Option<Vec<u8>>,
    refused: u64,
}

impl<V> Smallest<V> {
    pub(crate) const fn new(entries_max: usize, bytes_max: usize) -> Self {
        Self {
            map: BTreeMap::new(),
            entries_max,
            bytes_left: bytes_max,
            ceiling: None,
            refused: 0,
        }
    }

    /// Offers an entry; the greatest ones go when there is no room.
    pub(crate) fn offer(&mut self, key: Vec<u8>, value: V) {
        if self.ceiling.as_ref().is_some_and(|ceiling| key >= *ceiling) {
            self.refused += 1;
            return;
        }
        let cost = key.len() + ENTRY_BYTES;
        let mut short = cost.saturating_sub(self.bytes_left);
        self.bytes_left = self.bytes_left.saturating_sub(cost);
        if self.map.insert(key, value).is_some() {
            self.bytes_left += cost;
            return;
        }
        while short > 0 || self.map.len() > self.entries_max {
            let Some((key, _)) = self.map.pop_last() else {
                break;
            };
            let freed = key.len() + ENTRY_BYTES;
            self.bytes_left += freed.saturating_sub(short);
            short = short.saturating_sub(freed);
            self.ceiling = Some(key);
            self.refused += 1;
        }
    }

    /// Takes the smallest entry out.
    pub(crate) fn pop_first(&mut self) -> Option<(Vec<u8>, V)> {
        let (key, value) = self.map.pop_first()?;
        self.bytes_left += key.len() + ENTRY_BYTES;
        Some((key, value))
    }

    /// How many did not fit.
    pub(crate) const fn refused(&self) -> u64 {
        self.refused
    }

    /// The entries, sorted by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.map.iter().map(|(key, value)| (key.as_slice(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(keys: &[Vec<u8>], entries: usize, bytes: usize) -> (Vec<Vec<u8>>, u64) {
        let mut smallest = Smallest::new(entries, bytes);
        for key in keys {
            smallest.offer(key.clone(), ());
        }
        let keys = smallest.iter().map(|(key, ())| key.to_vec()).collect();
        (keys, smallest.refused())
    }

    proptest! {
        #[test]
        fn the_order_of_offers_does_not_matter(
            set in proptest::collection::btree_set(proptest::collection::vec(any::<u8>(), 0..300), 0..60),
            entries in 1_usize..40,
            bytes in 0_usize..9000,
            seed: u64,
        ) {
            let sorted: Vec<Vec<u8>> = set.into_iter().collect();
            let mut mixed = sorted.clone();
            mixed.sort_by_key(|key| casemate_base::hash::blake3(&[key, &seed.to_le_bytes()[..]].concat()).to_hex());
            let expected: Vec<Vec<u8>> = sorted
                .iter()
                .scan(0, |used, key| { *used += key.len() + ENTRY_BYTES; Some((*used, key)) })
                .take(entries)
                .take_while(|(used, _)| *used <= bytes)
                .map(|(_, key)| key.clone())
                .collect();
            let refused = (sorted.len() - expected.len()) as u64;
            prop_assert_eq!(kept(&mixed, entries, bytes), (expected.clone(), refused));
            prop_assert_eq!(kept(&sorted, entries, bytes), (expected, refused));
        }
    }
}
