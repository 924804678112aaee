//! A large document walked on a thread of its own, so that its records are read while the next ones
//! are found. What comes out, and in which order, is the same as without.

use super::{OnItem, Splitter, Spot, read_skeleton};
use crate::error::ImportError;
use crate::input::Input;
use crate::path::ItemPath;
use serde_json::Value;
use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Bytes of records that are handed over at a time.
const BATCH_BYTES: usize = 256 << 10;
/// Batches that wait at most; with the one in work they bound the memory.
const BATCHES: usize = 4;

/// Records that were found.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    records: Vec<(Spot, Range<usize>)>,
}

/// Hands out every record in order and returns the skeleton.
pub(crate) fn run(
    input: &Input<'_>,
    path: &ItemPath,
    on_item: &mut OnItem<'_>,
) -> Result<Value, ImportError> {
    read_skeleton(&outside(input, path, true, on_item)?)
}

/// Hands out every record in order and returns the bytes of the skeleton, empty if it is not kept.
pub(crate) fn outside(
    input: &Input<'_>,
    path: &ItemPath,
    keep_skeleton: bool,
    on_item: &mut OnItem<'_>,
) -> Result<Vec<u8>, ImportError> {
    if input.is_whole() {
        return Splitter::new(input.reader()?, path, keep_skeleton).outside(on_item);
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Batch>(BATCHES);
        let walk = scope.spawn(move || walk(input, path, keep_skeleton, &sender));
        let mut done = Ok(());
        'all: for batch in &receiver {
            for (spot, range) in &batch.records {
                done = on_item(spot, batch.bytes.get(range.clone()).unwrap_or_default());
                if done.is_err() {
                    break 'all;
                }
            }
        }
        // Nobody takes more: the walk ends at its next batch.
        drop(receiver);
        let walked = walk.join();
        done?;
        walked.unwrap_or_else(|_| Err(ImportError::damaged("the document", "it cannot be walked")))
    })
}

fn walk(
    input: &Input<'_>,
    path: &ItemPath,
    keep_skeleton: bool,
    sender: &SyncSender<Batch>,
) -> Result<Vec<u8>, ImportError> {
    let mut batch = Batch::default();
    let stopped = |_| ImportError::damaged("the document", "nobody takes its records");
    let walked = Splitter::new(input.reader()?, path, keep_skeleton).outside(&mut |spot, bytes| {
        let start = batch.bytes.len();
        batch.bytes.extend_from_slice(bytes);
        batch.records.push((spot.clone(), start..batch.bytes.len()));
        if batch.bytes.len() < BATCH_BYTES {
            return Ok(());
        }
        sender.send(std::mem::take(&mut batch)).map_err(stopped)
    });
    // What was found before damage is read first, so that the first error is the one that is told.
    let last = sender.send(batch).map_err(stopped);
    let skeleton = walked?;
    last.map(|()| skeleton)
}
