//! Where does chance come from? From a [`Seed`] that is passed in, never from the machine, so
//! that every run can be repeated byte for byte.
//!
//! Invariants: the same seed gives the same values on every platform and in every version (a
//! change here is a change of format); values derived under different labels are independent.
//! This is for simulation, sampling and jitter. Keys and tokens are made from [`secret_bytes`],
//! the one function here that asks the machine.
//! Source: D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008), with 8 rounds; Lemire, "Fast
//! random integer generation in an interval" (2019); the keyed mode of BLAKE3.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use std::fmt;

/// The start of one stream of random values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed from its 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A seed for one purpose, so that two parts that share a seed do not share values, and a
    /// value drawn more in one part changes nothing in another.
    pub fn derive(&self, label: &str) -> Self {
        Self(*blake3::keyed_hash(&self.0, label.as_bytes()).as_bytes())
    }
}

impl From<u64> for Seed {
    /// The number, little endian, in the first eight bytes; the others are zero.
    fn from(number: u64) -> Self {
        let mut bytes = [0; 32];
        for (byte, source) in bytes.iter_mut().zip(number.to_le_bytes()) {
            *byte = source;
        }
        Self(bytes)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::encoding::hex_encode(&self.0))
    }
}

/// Bytes that nobody can guess, from the operating system, for keys and tokens alone: nothing that
/// has to be repeatable may depend on them.
///
/// # Errors
/// When the system gives none.
pub fn secret_bytes<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        // Waits at the start of a machine until its pool is filled; a signal may cut it short.
        match rustix::rand::getrandom(rest, rustix::rand::GetRandomFlags::empty()) {
            Ok(n_bytes) => filled += n_bytes,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bytes)
}

/// A reproducible stream of random values: ChaCha with 8 rounds, nonce and counter from zero.
#[derive(Debug, Clone)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream that begins at this seed.
    pub fn new(seed: &Seed) -> Self {
        Self(ChaCha8Rng::from_seed(seed.0))
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to `n - 1`, each equally likely. Nothing lies below 0 or 1 but 0, so
    /// there the answer is 0 and no value is drawn.
    ///
    /// Lemire's multiplication with rejection: the high half of `x * n` is the answer, and the
    /// `2^64 mod n` low halves that would favour some answers are drawn again.
    pub fn below(&mut self, n: u64) -> u64 {
        if n <= 1 {
            return 0;
        }
        let rejected = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            let (high, low) = halves(product);
            if low >= rejected {
                return high;
            }
        }
    }

    /// A position in a list of this length, or `None` for an empty list.
    pub fn index(&mut self, length: usize) -> Option<usize> {
        if length == 0 {
            None
        } else {
            usize::try_from(self.below(length as u64)).ok()
        }
    }

    /// One of the items, or `None` if there is none.
    pub fn choose<'items, T>(&mut self, items: &'items [T]) -> Option<&'items T> {
        items.get(self.index(items.len())?)
    }

    /// A number in `0 <= x < 1` out of 2^53 evenly spaced ones.
    pub fn unit_f64(&mut self) -> f64 {
        // 53 bits fit the mantissa, so both the conversion and the scaling are exact.
        (self.next_u64() >> 11) as f64 * 2_f64.powi(-53)
    }

    /// Whether an event of this probability happens; below 0 never, from 1 on always.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit_f64() < probability
    }

    /// Fills the bytes.
    pub fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// Puts the items in random order, each order equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            if let Some(other) = self.index(last + 1) {
                items.swap(last, other);
            }
        }
    }
}

/// The high and the low 64 bits.
fn halves(product: u128) -> (u64, u64) {
    let low = product & u128::from(u64::MAX);
    let half = |bits: u128| u64::try_from(bits).unwrap_or(u64::MAX);
    (half(product >> 64), half(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex_encode;
    use proptest::prelude::*;

    #[test]
    fn secret_bytes_differ_each_time() {
        let [a, b] = [(); 2].map(|()| secret_bytes::<32>().unwrap());
        assert_ne!(a, b);
        assert_ne!(a, [0; 32]);
    }

    #[test]
    fn stream_is_chacha8() {
        // Zero key: "Test Vectors for the Stream Cipher ChaCha" (draft-strombergson-chacha-test-
        // vectors, TC1, 256 bits, 8 rounds), and a second implementation, tests/chacha.py.
        let mut random = Random::new(&Seed::from(0));
        let mut bytes = [0; 64];
        random.fill_bytes(&mut bytes);
        assert_eq!(
            hex_encode(&bytes),
            "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e\
             984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42"
        );
        // Key 00 01 02 .. 1f, blocks 0 and 5, from tests/chacha.py.
        let key: Vec<u8> = (0..32).collect();
        let mut random = Random::new(&Seed::from_bytes(key.try_into().unwrap()));
        let mut bytes = [0; 6 * 64];
        random.fill_bytes(&mut bytes);
        assert_eq!(hex_encode(&bytes[..16]), "4015b28f6e12ab6ad9e8667b31c51233");
        assert_eq!(
            hex_encode(&bytes[320..336]),
            "6dcf678f19e0ba27b51b0c199d77b2fc"
        );
    }

    #[test]
    fn values_do_not_change_between_versions() {
        let mut random = Random::new(&Seed::from(0));
        // The first eight bytes of the stream above, little endian.
        assert_eq!(random.next_u64(), 0xd640_5f89_2fef_003e);
        let derived = Seed::from(7).derive("jitter");
        assert_eq!(derived, Seed::from(7).derive("jitter"));
        assert_ne!(derived, Seed::from(7).derive("sample"));
        assert_ne!(derived, Seed::from(8).derive("jitter"));
        assert_eq!(
            derived.0,
            *blake3::keyed_hash(&Seed::from(7).0, b"jitter").as_bytes()
        );
    }

    #[test]
    fn small_ranges_are_even() {
        let mut random = Random::new(&Seed::from(1));
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[usize::try_from(random.below(6)).unwrap()] += 1;
        }
        // Standard deviation is sqrt(60000 * 1/6 * 5/6) = 91; five of them.
        assert!(
            counts.iter().all(|count| count.abs_diff(10_000) < 456),
            "{counts:?}"
        );
    }

    #[test]
    fn ranges_near_the_top_are_not_folded() {
        // With n = 3 * 2^62 a plain remainder would give the lowest third twice as often.
        let n = 3 << 62;
        let mut random = Random::new(&Seed::from(2));
        let low = (0..30_000).filter(|_| random.below(n) < 1 << 62).count();
        assert!(low.abs_diff(10_000) < 409, "{low}"); // five standard deviations of 81.6
    }

    #[test]
    fn orders_of_a_shuffle_are_even() {
        let mut random = Random::new(&Seed::from(3));
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            random.shuffle(&mut items);
            *counts.entry(items).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(
            counts.values().all(|count| count.abs_diff(1000) < 155),
            "{counts:?}"
        );
    }

    #[test]
    fn empty_things_give_nothing() {
        let mut random = Random::new(&Seed::from(4));
        assert_eq!((random.below(0), random.below(1)), (0, 0));
        assert_eq!(random.index(0), None);
        assert_eq!(random.choose::<u8>(&[]), None);
        random.shuffle::<u8>(&mut []);
        assert!(!random.chance(0.0));
        assert!(random.chance(1.0));
    }

    proptest! {
        #[test]
        fn values_stay_in_range(seed: u64, n in 1_u64..) {
            let mut random = Random::new(&Seed::from(seed));
            prop_assert!(random.below(n) < n);
            let unit = random.unit_f64();
            prop_assert!((0.0..1.0).contains(&unit));
        }

        #[test]
        fn a_shuffle_keeps_the_items(seed: u64, mut items: Vec<u8>) {
            let mut shuffled = items.clone();
            Random::new(&Seed::from(seed)).shuffle(&mut shuffled);
            items.sort_unstable();
            shuffled.sort_unstable();
            prop_assert_eq!(items, shuffled);
        }
    }
}
