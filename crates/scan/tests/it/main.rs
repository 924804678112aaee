//! Integration tests of the scanner.

mod fixtures;
mod trees;
