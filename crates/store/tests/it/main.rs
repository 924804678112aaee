//! The store, from outside.

mod records;
