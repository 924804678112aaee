//! Integration tests of the writers.

mod html;
mod json;
mod sample;
mod sarif;
mod terminal;
