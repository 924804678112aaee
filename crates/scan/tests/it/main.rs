//! Integration tests of the scanner.

mod fixtures;
mod planted;
mod trees;
