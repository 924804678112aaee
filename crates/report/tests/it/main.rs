//! Integration tests of the writers.

mod compliance;
mod csv;
mod cyclonedx;
mod defectdojo;
mod drawing;
mod html;
mod json;
mod markdown;
mod ocsf;
mod sample;
mod sarif;
mod terminal;
mod validator;
