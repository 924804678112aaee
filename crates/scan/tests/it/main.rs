//! Integration tests of the scanner.

mod fixtures;
mod graph;
mod hostile;
mod integrity;
mod live;
mod packages_real;
mod packages_rpm;
mod packages_sqlite;
mod planted;
mod trees;
