//! Prints what files of feeds hold: `cargo run -p casemate-ingest --example feeds [--all] FILE...`
//!
//! One line of counts a file, and its first three records as JSON; all of them with `--all`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use casemate_ingest::{Source, feeds};
use std::fs::File;
use std::io::{self, Read};

struct OnDisk(String);

impl Source for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(&self.0)?))
    }
}

fn main() {
    let mut shown_max = 3;
    for name in std::env::args().skip(1) {
        if name == "--all" {
            shown_max = usize::MAX;
            continue;
        }
        show(&name, shown_max);
    }
}

fn show(name: &str, shown_max: usize) {
    let mut shown = Vec::new();
    let read = feeds::read(name, &OnDisk(name.to_owned()), &mut |record| {
        if shown.len() < shown_max {
            shown.push(record);
        }
    });
    match read {
        Err(error) => println!("{name}: refused: {error}"),
        Ok(read) => {
            println!(
                "{name}: {} version {:?} as of {:?}, files {}, records {:?}, skipped {}, rejected {}",
                read.feed,
                read.version.as_deref(),
                read.as_of.as_deref(),
                read.files,
                read.records,
                read.skipped,
                read.rejected
            );
            for rejected in read.rejected_shown.iter().take(10) {
                println!("  rejected: {}: {}", rejected.place, rejected.reason);
            }
        }
    }
    for record in shown {
        let line = serde_json::to_string(&record).unwrap_or_default();
        println!("  {line}");
    }
}
