//! Signed files that are carried across the gap: the manifest, the signature, and what they cover.
//!
//! The only crate that names a signature scheme. Nothing of a file is parsed before its signature
//! and the digests of all of its sections have been found good. The layout stands in
//! `docs/formats/pack.md`.

mod error;
mod key;
mod layout;
mod manifest;
mod read;
mod write;

pub use error::{KeyError, PackError};
pub use key::{PublicKey, SecretKey};
pub use layout::{MAGIC, MANIFEST_BYTES_MAX, SECTIONS_MAX, is_pack};
pub use manifest::{Manifest, Section, is_name};
pub use read::{Pack, Unchecked};
pub use write::{PackWriter, SectionWriter, Source};
