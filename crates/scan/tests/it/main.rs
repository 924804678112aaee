//! Integration tests of the scanner.

mod fixtures;
mod packages_real;
mod packages_rpm;
mod packages_sqlite;
mod live;
mod trees;
