//! Every reader: bytes of other tools' reports in, findings out.
//!
//! A kind is one file under `kinds/`: a declarative mapping with its detection rules, and code in
//! [`kinds`](crate::kinds) only where the format needs it. The way of a file:
//! [`Input`] (text, whatever encoding) -> [`detect`] -> kind -> [`Draft`]s -> [`Collector`]
//! (normalised, identified) -> [`Imported`].
//!
//! Invariants:
//! - nothing here prints, reads the environment or the clock, or opens a file or socket: the caller
//!   hands in a [`Source`];
//! - a damaged file ends in an [`ImportError`] with its place, a record that cannot be taken in a
//!   [`casemate_schema::RejectedRecord`], and neither in a panic;
//! - memory is bounded by the findings, not by the file, for every kind that is a mapping.

mod collector;
mod cvss;
mod dates;
mod decode;
mod detect;
mod draft;
mod error;
pub mod feeds;
mod field;
mod identity;
pub mod ignore;
mod input;
mod items;
mod json;
mod kinds;
mod lenient;
mod lines;
mod mapping;
mod markup;
mod path;
pub mod rules;
mod severity;
mod shared;
mod table;
mod xml;

pub use collector::{Collector, Imported};
pub use draft::{CATEGORIES, Draft};
pub use error::ImportError;
pub use input::{Bytes, Input, Source};
pub use kinds::{Kind, SampleCount, import, import_as, kind, kinds};
pub use mapping::Mapping;
