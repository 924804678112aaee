//! Integration tests of the report model.

mod diff;
mod round_trip;
mod sample;
