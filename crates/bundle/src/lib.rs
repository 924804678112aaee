//! Signed files that are carried across the gap: the manifest, the signature, and what they cover.
//!
//! The only crate that names a signature scheme. Nothing of a file is parsed before its signature
//! has been found good.
