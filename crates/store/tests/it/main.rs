//! The store from the outside.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests damage files on purpose"
)]

mod packs;
mod records;
