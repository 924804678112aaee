//! The ground every other crate stands on: time, chance, retries, digests, capped reading,
//! durable files and the kinds of errors. It knows no word of the product.
//!
//! Invariants:
//! - this crate alone reads the clock and alone writes files;
//! - untrusted bytes are capped before they are kept, and never panic;
//! - the same seed gives the same bytes on every machine.

pub mod bytes;
pub mod compress;
pub mod decompress;
pub mod encoding;
pub mod error;
pub mod hash;
pub mod random;
pub mod retry;
pub mod storage;
pub mod text;
pub mod time;

pub use error::ErrorKind;
pub use time::{Clock, Timestamp};
