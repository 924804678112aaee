//! Integration tests of the scanner.

mod fixtures;
mod live;
mod trees;
