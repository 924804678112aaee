//! Reads a report (JSON or NDJSON) from standard input and writes it in another format to standard
//! output: `cargo run -p casemate-report --example render -- html < report.json > report.html`.
//! The format is the first argument; `html` without one.

use casemate_report::Format;
use std::io::{Read as _, Write as _};

fn main() -> anyhow::Result<()> {
    let word = std::env::args().nth(1);
    let format = Format::parse(word.as_deref().unwrap_or("html"))?;
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let report = casemate_schema::read_report(&input)?;
    std::io::stdout().write_all(&format.write(&report)?)?;
    Ok(())
}
