//! Integration tests of the scanner.

mod fixtures;
mod hostile;
mod live;
mod integrity;
mod packages_real;
mod packages_rpm;
mod packages_sqlite;
mod planted;
mod trees;
