//! Does the scanner read what other programs wrote?

mod packages_real;
mod packages_rpm;
mod packages_sqlite;
