//! The state graph from outside: bounds, order, resumption, failures, wrong graphs.

mod bound;
mod branches;
mod build;
mod faults;
mod resume;
