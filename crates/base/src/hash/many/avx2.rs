//! The steps of MD5 on sixteen files with the 256-bit instructions of x86-64.
//!
//! The only `unsafe` of this crate: calling code for a processor feature, after asking for it.
//! [`super::compress`] is its safe twin; a test compares the two.

use super::{BLOCK_BYTES, LANES, SINES, Word};
use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_extract_epi32, _mm256_or_si256,
    _mm256_set_epi32, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_slli_epi32,
    _mm256_srli_epi32, _mm256_xor_si256,
};

/// Takes the blocks if the processor can; otherwise nothing is done and the answer is `false`.
pub(super) fn compress(
    state: &mut [Word<LANES>; 4],
    inputs: [&[u8]; LANES],
    n_blocks: usize,
) -> bool {
    if !std::arch::is_x86_feature_detected!("avx2") {
        return false;
    }
    #[expect(unsafe_code, reason = "the only way to code for a processor feature")]
    // SAFETY: the line above asked the processor for the one feature that the function needs.
    unsafe {
        compress_avx2(state, inputs, n_blocks);
    }
    true
}

/// A word of all lanes: two registers, so that one chain waits while the other works.
type Wide = [__m256i; 2];

/// One step in both registers: `a = b + ((a + f(b, c, d) + message + sine) <<< shift)`.
macro_rules! step {
    ($f:ident, $a:ident, $b:ident, $c:ident, $d:ident, $word:expr, $sine:expr, $shift:literal) => {
        let sine = _mm256_set1_epi32($sine.cast_signed());
        let word: Wide = $word;
        $a = [
            step!(@one $f, $a[0], $b[0], $c[0], $d[0], word[0], sine, $shift),
            step!(@one $f, $a[1], $b[1], $c[1], $d[1], word[1], sine, $shift),
        ];
    };
    (@one $f:ident, $a:expr, $b:expr, $c:expr, $d:expr, $word:expr, $sine:expr, $shift:literal) => {{
        let sum = _mm256_add_epi32(_mm256_add_epi32($a, $word), $sine);
        let sum = _mm256_add_epi32(sum, $f($b, $c, $d));
        let turned = _mm256_or_si256(
            _mm256_slli_epi32::<$shift>(sum),
            _mm256_srli_epi32::<{ 32 - $shift }>(sum),
        );
        _mm256_add_epi32(turned, $b)
    }};
}

/// Sixteen steps with the same function; `place` is `(factor, offset)` of the message word.
macro_rules! round {
    ($f:ident, [$a:ident $b:ident $c:ident $d:ident], $message:ident, $sines:expr,
     ($factor:literal, $offset:literal), [$s0:literal $s1:literal $s2:literal $s3:literal]) => {
        round!(@four 0, $f, [$a $b $c $d], $message, $sines, $factor, $offset, $s0 $s1 $s2 $s3);
        round!(@four 4, $f, [$a $b $c $d], $message, $sines, $factor, $offset, $s0 $s1 $s2 $s3);
        round!(@four 8, $f, [$a $b $c $d], $message, $sines, $factor, $offset, $s0 $s1 $s2 $s3);
        round!(@four 12, $f, [$a $b $c $d], $message, $sines, $factor, $offset, $s0 $s1 $s2 $s3);
    };
    (@four $i:literal, $f:ident, [$a:ident $b:ident $c:ident $d:ident], $message:ident,
     $sines:expr, $factor:literal, $offset:literal,
     $s0:literal $s1:literal $s2:literal $s3:literal) => {
        step!($f, $a, $b, $c, $d, $message[($i * $factor + $offset) % 16], $sines[$i], $s0);
        step!($f, $d, $a, $b, $c, $message[(($i + 1) * $factor + $offset) % 16], $sines[$i + 1], $s1);
        step!($f, $c, $d, $a, $b, $message[(($i + 2) * $factor + $offset) % 16], $sines[$i + 2], $s2);
        step!($f, $b, $c, $d, $a, $message[(($i + 3) * $factor + $offset) % 16], $sines[$i + 3], $s3);
    };
}

#[target_feature(enable = "avx2")]
fn compress_avx2(state: &mut [Word<LANES>; 4], inputs: [&[u8]; LANES], n_blocks: usize) {
    let [mut a, mut b, mut c, mut d] = [0, 1, 2, 3].map(|word: usize| wide(&state[word]));
    for number in 0..n_blocks {
        let message = message(&inputs, number * BLOCK_BYTES);
        let before = [a, b, c, d];
        round!(choose, [a b c d], message, SINES[0], (1, 0), [7 12 17 22]);
        round!(choose_by_last, [a b c d], message, SINES[1], (5, 1), [5 9 14 20]);
        round!(parity, [a b c d], message, SINES[2], (3, 5), [4 11 16 23]);
        round!(last, [a b c d], message, SINES[3], (7, 0), [6 10 15 21]);
        for (word, before) in [&mut a, &mut b, &mut c, &mut d].into_iter().zip(before) {
            word[0] = _mm256_add_epi32(word[0], before[0]);
            word[1] = _mm256_add_epi32(word[1], before[1]);
        }
    }
    for (place, word) in state.iter_mut().zip([a, b, c, d]) {
        narrow(word, place);
    }
}

/// The sixteen words of every lane's block at `at`; zeros where an input is shorter.
#[inline]
#[target_feature(enable = "avx2")]
fn message(inputs: &[&[u8]; LANES], at: usize) -> [Wide; 16] {
    const ZEROS: [u8; BLOCK_BYTES] = [0; BLOCK_BYTES];
    let mut blocks = [&ZEROS; LANES];
    for (block, input) in blocks.iter_mut().zip(inputs) {
        if let Some(bytes) = input.get(at..).and_then(|rest| rest.first_chunk()) {
            *block = bytes;
        }
    }
    let mut message = [[_mm256_setzero_si256(); 2]; 16];
    for (number, word) in message.iter_mut().enumerate() {
        let mut lanes = [0_u32; LANES];
        for (lane, block) in lanes.iter_mut().zip(blocks) {
            let bytes = block.as_chunks::<4>().0;
            *lane = u32::from_le_bytes(bytes[number]);
        }
        *word = wide(&lanes);
    }
    message
}

#[inline]
#[target_feature(enable = "avx2")]
fn wide(word: &Word<LANES>) -> Wide {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = word.map(u32::cast_signed);
    [
        _mm256_set_epi32(h, g, f, e, d, c, b, a),
        _mm256_set_epi32(p, o, n, m, l, k, j, i),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn narrow(word: Wide, place: &mut Word<LANES>) {
    for (eight, places) in word.into_iter().zip(place.as_chunks_mut::<8>().0) {
        *places = [
            _mm256_extract_epi32::<0>(eight),
            _mm256_extract_epi32::<1>(eight),
            _mm256_extract_epi32::<2>(eight),
            _mm256_extract_epi32::<3>(eight),
            _mm256_extract_epi32::<4>(eight),
            _mm256_extract_epi32::<5>(eight),
            _mm256_extract_epi32::<6>(eight),
            _mm256_extract_epi32::<7>(eight),
        ]
        .map(i32::cast_unsigned);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose_by_last(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    choose(z, x, y)
}

#[inline]
#[target_feature(enable = "avx2")]
fn parity(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(x, _mm256_xor_si256(y, z))
}

#[inline]
#[target_feature(enable = "avx2")]
fn last(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    let not_z = _mm256_xor_si256(z, _mm256_set1_epi32(-1));
    _mm256_xor_si256(y, _mm256_or_si256(x, not_z))
}
