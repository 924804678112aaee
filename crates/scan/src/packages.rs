//! Which packages does this system hold, and which files does each of them own?
//!
//! Readers of the databases that package managers leave on disk: dpkg, apk, and rpm in its three
//! forms (SQLite, ndb, Berkeley DB).
//! Everything here is pure: bytes in, values and named [`Problem`]s out.
//! Nothing here opens a file, asks the time or compares a version; the checks do that.
//!
//! Invariants: no input panics or loops; what was claimed by a length field is never allocated
//! before it was found; the same bytes give the same records in the same order.

pub mod apk;
mod bytes;
pub mod dpkg;
pub mod dpkg_files;
mod model;
pub mod rpm;
pub mod rpm_bdb;
mod rpm_files;
pub mod rpm_header;
pub mod rpm_ndb;
mod source;
pub mod sqlite;

pub use model::{
    Algorithm, Detail, Digest, Error, FileFlags, FileKind, Location, Manager, Owner, Package,
    PackageFile, Problem, Problems, Record, State, Status, Want,
};
pub use source::ReadAt;
