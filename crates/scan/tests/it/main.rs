//! Integration tests of the scanner.

mod fixtures;
mod integrity;
mod packages_real;
mod packages_rpm;
mod packages_sqlite;
mod trees;
