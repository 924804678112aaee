//! Shows what a file holds: `cargo run -p casemate-ingest --example import -- FILE...`.
//!
//! `--mapping FILE` tries a mapping that is not compiled in, `--kind KIND` names the kind, `--full`
//! prints the findings as JSON lines.
#![expect(clippy::print_stdout, reason = "an example is a small program")]

use casemate_base::decompress::{Limits, peel};
use casemate_ingest::{Bytes, Imported, Input, Mapping, Source, import, import_as};
use std::error::Error;
use std::fs::File;
use std::io::Read;

fn main() -> Result<(), Box<dyn Error>> {
    let mut own: Vec<Mapping> = Vec::new();
    let mut kind = None;
    let mut full = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--full" => full = true,
            "--kind" => kind = arguments.next(),
            "--mapping" => {
                let path = arguments.next().unwrap_or_default();
                own.push(Mapping::parse(&path, &std::fs::read_to_string(&path)?)?);
            }
            name => match take(name, kind.as_deref(), &own) {
                Ok(imported) => show(name, &imported, full),
                Err(error) => println!("{name}: REFUSED: {error}"),
            },
        }
    }
    Ok(())
}

fn take(name: &str, kind: Option<&str>, own: &[Mapping]) -> Result<Imported, Box<dyn Error>> {
    let mut peeled = peel(File::open(name)?, &Limits::default())?;
    if peeled.layers.is_empty() {
        return read(&Input::new(name, &Plain(name))?, kind, own);
    }
    let mut bytes = Vec::new();
    peeled.reader.read_to_end(&mut bytes)?;
    read(&Input::new(name, &Bytes(&bytes))?, kind, own)
}

fn read(
    input: &Input<'_>,
    kind: Option<&str>,
    own: &[Mapping],
) -> Result<Imported, Box<dyn Error>> {
    Ok(match kind {
        Some(kind) => import_as(input, kind, own)?,
        None => import(input, own)?,
    })
}

/// A file that is not compressed, which is never held whole.
struct Plain<'a>(&'a str);

impl Source for Plain<'_> {
    fn open(&self) -> std::io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(self.0)?))
    }
}

fn show(name: &str, imported: &Imported, full: bool) {
    let n = imported.findings.len() + imported.suppressed.len();
    println!(
        "{name}: {} {} ({} suppressed, {} statements, {} checks, {} rejected)",
        imported.kind,
        n,
        imported.suppressed.len(),
        imported.statements.len(),
        imported.checks.len(),
        imported.n_rejected
    );
    if !full {
        return;
    }
    for finding in imported.findings.iter().chain(&imported.suppressed) {
        println!("{}", serde_json::to_string(finding).unwrap_or_default());
    }
    for statement in &imported.statements {
        println!("{}", serde_json::to_string(statement).unwrap_or_default());
    }
    for record in &imported.rejected {
        println!("rejected {}: {}", record.place, record.reason);
    }
}
