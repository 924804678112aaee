//! SARIF 2.1.0 (OASIS), and the drafts of 2.0.0 as far as they are in use.
//!
//! The document is read twice. The first pass keeps what is said once (rules, artifacts,
//! invocations), the second takes each result as it comes, straight into [`hit::Hit`], which borrows
//! its texts. Memory is bounded by the findings.

mod facts;
mod hit;
mod hooks;
mod loose;
mod message;
mod model;
mod place;
mod rules;
mod run;

use crate::collector::Collector;
use crate::error::ImportError;
use crate::input::Input;
use crate::json::{self, Splitter};
use crate::path::ItemPath;
use model::{External, Log};
use run::Reading;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = ItemPath::parse("runs[].results[]").map_err(|reason| ImportError::Mapping {
        name: "sarif".to_owned(),
        reason,
    })?;
    let mut counts: Vec<u64> = Vec::new();
    let skeleton = Splitter::new(input.reader()?, &path, true).outside(&mut |spot, _| {
        let run = spot.indices.first().copied().unwrap_or_default();
        if counts.len() <= run {
            counts.resize(run + 1, 0);
        }
        if let Some(count) = counts.get_mut(run) {
            *count += 1;
        }
        Ok(())
    })?;
    let log: Log<'_> = serde_json::from_slice(&skeleton).map_err(|error| {
        let inner = ImportError::of_json(&error).to_string();
        ImportError::damaged("outside of the results", inner)
    })?;
    if log.runs.is_empty() && log.inline_external_properties.is_empty() {
        if !input.head().contains("\"runs\"") {
            return Err(ImportError::NotThisKind {
                kind: "sarif".to_owned(),
                reason: "there is no `runs`".to_owned(),
            });
        }
        out.note("it holds no runs");
        return Ok(());
    }
    let mut runs: Vec<Reading<'_>> = log
        .runs
        .iter()
        .enumerate()
        .map(|(number, run)| {
            let n = counts.get(number).copied().unwrap_or_default();
            Reading::new(run, &parts(&log, number), n)
        })
        .collect();
    run::refuse_failed(&runs)?;
    for reading in &runs {
        reading.about(out);
    }
    if counts.iter().any(|count| *count > 0) {
        results(input, &path, &mut runs, out)?;
    }
    inline(&log, &mut runs, out);
    for reading in &runs {
        reading.end(out);
    }
    if let Some(first) = runs.first() {
        first.announce(out);
    }
    Ok(())
}

/// The second pass: every result of every run.
fn results(
    input: &Input<'_>,
    path: &ItemPath,
    runs: &mut [Reading<'_>],
    out: &mut Collector,
) -> Result<(), ImportError> {
    let mut current = usize::MAX;
    let pass = json::piped::outside(input, path, false, &mut |spot, bytes| {
        let number = spot.indices.first().copied().unwrap_or_default();
        let Some(reading) = runs.get_mut(number) else {
            return Ok(());
        };
        if number != current {
            current = number;
            reading.announce(out);
        }
        // Checked as a whole, the text need not be checked piece by piece.
        let text = std::str::from_utf8(bytes).map_err(|error| ImportError::Encoding {
            place: format!("byte {}", spot.offset + error.valid_up_to() as u64),
            reason: "it is no UTF-8".to_owned(),
        })?;
        match serde_json::from_str(text) {
            Ok(hit) => reading.take(&hit, out),
            Err(error) if error.is_data() => {
                out.reject(spot, ImportError::of_json(&error).to_string());
            }
            Err(error) => {
                let place = format!("byte {}", spot.offset);
                let inner = ImportError::of_json(&error).to_string();
                return Err(ImportError::damaged(place, inner));
            }
        }
        Ok(())
    });
    pass.map(drop)
}

/// The parts of a run that stand beside the runs: those with its identifier, and those without any
/// when there is one run.
fn parts<'l>(log: &'l Log<'l>, number: usize) -> Vec<&'l External<'l>> {
    let Some(run) = log.runs.get(number) else {
        return Vec::new();
    };
    let guid = &run.automation_details.guid;
    let all = log.inline_external_properties.iter();
    all.filter(|part| {
        if part.run_guid.is_empty() {
            number == 0
        } else {
            *part.run_guid.0 == *guid.0 || log.runs.len() == 1
        }
    })
    .collect()
}

/// Results that stand beside the runs.
fn inline(log: &Log<'_>, runs: &mut [Reading<'_>], out: &mut Collector) {
    for (number, reading) in runs.iter_mut().enumerate() {
        let parts = parts(log, number);
        if parts.iter().all(|part| part.results.is_empty()) {
            continue;
        }
        reading.announce(out);
        for hit in parts.iter().flat_map(|part| part.results.iter()) {
            reading.take(hit, out);
        }
    }
}
