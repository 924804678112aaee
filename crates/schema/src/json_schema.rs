//! The published JSON Schema of the report.

/// The schema (JSON Schema 2020-12) as text, the same file that the documentation shows.
#[must_use]
pub const fn json_schema() -> &'static str {
    include_str!("../report.schema.json")
}
