//! JSON documents of any size: the records one after the other, and the document without them.
//!
//! [`Splitter`] walks the bytes once. What lies at the item path is handed out as bytes and never
//! kept; all else is the *skeleton*, a document in which the lists of records are empty. So memory
//! is the skeleton and one record, whatever the size of the file.
//!
//! Several documents after each other (JSON lines, or pretty-printed objects in a row) count as a
//! list of them.

mod outline;
pub(crate) mod piped;

pub(crate) use outline::outline;

use crate::error::ImportError;
use crate::path::{ItemPath, Step};
use serde_json::Value;
use std::io::Read;

/// Largest single record.
pub(crate) const RECORD_BYTES_MAX: usize = 64 << 20;
/// Largest document without its records.
pub(crate) const SKELETON_BYTES_MAX: usize = 256 << 20;
/// Deepest nesting; serde_json refuses 128 by itself.
const DEPTH_MAX: usize = 120;
/// Bytes asked of the reader at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Where a record was met: its position at each list or object on the way, and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Position at each `[]` and `{}` of the item path.
    pub(crate) indices: Vec<usize>,
    /// Name at the last `{}`.
    pub(crate) key: Option<String>,
    /// Offset of its first byte.
    pub(crate) offset: u64,
}

/// Takes a record's bytes; see [`Splitter::run`].
pub(crate) type OnItem<'a> = dyn FnMut(&Spot, &[u8]) -> Result<(), ImportError> + 'a;

/// Reads a document that is held whole; several after each other are a list.
pub(crate) fn whole(text: &str) -> Result<Value, ImportError> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut found: Vec<Value> = Vec::new();
    for value in stream.by_ref() {
        found.push(value.map_err(|error| ImportError::of_json(&error))?);
    }
    match found.len() {
        0 => Err(ImportError::damaged(
            "line 1, column 1",
            "the document is empty",
        )),
        1 => Ok(found.remove(0)),
        _ => Ok(Value::Array(found)),
    }
}

/// What is left of a document without its records; null if it was not kept.
fn read_skeleton(skeleton: &[u8]) -> Result<Value, ImportError> {
    if skeleton.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(skeleton).map_err(|error| {
        let inner = ImportError::of_json(&error).to_string();
        ImportError::damaged("outside of the records", inner)
    })
}

/// Walks a JSON document of any size.
pub(crate) struct Splitter<'a, R> {
    reader: R,
    path: &'a ItemPath,
    /// What was read lies in its first `end` bytes.
    buffer: Vec<u8>,
    end: usize,
    /// Next byte to look at.
    at: usize,
    /// First byte that must be kept.
    mark: Option<usize>,
    /// Offset of the buffer's first byte in the document.
    base: u64,
    ended: bool,
    skeleton: Vec<u8>,
    keep_skeleton: bool,
    spot: Spot,
}

impl<'a, R: Read> Splitter<'a, R> {
    pub(crate) fn new(reader: R, path: &'a ItemPath, keep_skeleton: bool) -> Self {
        Self {
            reader,
            path,
            buffer: Vec::new(),
            end: 0,
            at: 0,
            mark: None,
            base: 0,
            ended: false,
            skeleton: Vec::new(),
            keep_skeleton,
            spot: Spot::default(),
        }
    }

    /// Hands out every record in order and returns the skeleton, null if it was not kept.
    pub(crate) fn run(self, on_item: &mut OnItem<'_>) -> Result<Value, ImportError> {
        read_skeleton(&self.outside(on_item)?)
    }

    /// As [`Splitter::run`], with the text of the skeleton; empty if it was not kept.
    pub(crate) fn outside(mut self, on_item: &mut OnItem<'_>) -> Result<Vec<u8>, ImportError> {
        let mut n_documents = 0;
        let in_list = self.path.steps.len() > 1;
        while self.peek()?.is_some() {
            if n_documents > 0 && self.path.steps.first() != Some(&Step::Each) {
                return Err(self.damaged("there is something after the end of the document"));
            }
            // Documents in a row are a list of them in the skeleton too, unless they are the records.
            if n_documents > 0 && in_list {
                self.emit(b",")?;
            }
            self.value(Some(0), n_documents, on_item)?;
            n_documents += 1;
        }
        if n_documents == 0 {
            return Err(self.damaged("the document is empty"));
        }
        if n_documents > 1 && !self.skeleton.is_empty() {
            if !in_list {
                return Ok(Vec::new());
            }
            self.skeleton.insert(0, b'[');
            self.skeleton.push(b']');
        }
        Ok(self.skeleton)
    }

    /// One value; `step` is the step of the path that applies to it, if it is on the way.
    fn value(
        &mut self,
        step: Option<usize>,
        number: usize,
        on_item: &mut OnItem<'_>,
    ) -> Result<(), ImportError> {
        let Some(first) = self.peek()? else {
            return Err(self.damaged("the document ends too early"));
        };
        let Some(mut at_step) = step else {
            return self.copy();
        };
        // A single value stands for a list of one.
        let mut n_implied = 0;
        while first != b'[' && first != b'n' && self.path.steps.get(at_step) == Some(&Step::Each) {
            self.spot
                .indices
                .push(if at_step == 0 { number } else { 0 });
            at_step += 1;
            n_implied += 1;
        }
        let done = match (self.path.steps.get(at_step), first) {
            (None, _) => self.record(n_implied > 0, on_item),
            (Some(Step::Each), b'[') => self.array(at_step, on_item),
            (Some(Step::Key(_) | Step::EachValue), b'{') => self.object(at_step, on_item),
            _ => self.copy(),
        };
        self.spot
            .indices
            .truncate(self.spot.indices.len() - n_implied);
        done
    }

    fn array(&mut self, at_step: usize, on_item: &mut OnItem<'_>) -> Result<(), ImportError> {
        let silent = at_step + 1 == self.path.steps.len();
        self.emit(b"[")?;
        self.at += 1;
        let mut index = 0;
        if self.peek()? == Some(b']') {
            self.at += 1;
            return self.emit(b"]");
        }
        loop {
            if index > 0 && !silent {
                self.emit(b",")?;
            }
            self.spot.indices.push(index);
            self.value(Some(at_step + 1), index, on_item)?;
            self.spot.indices.pop();
            index += 1;
            match self.peek()? {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return self.emit(b"]");
                }
                Some(_) => return Err(self.damaged("expected `,` or `]`")),
                None => return Err(self.damaged("the document ends too early")),
            }
        }
    }

    fn object(&mut self, at_step: usize, on_item: &mut OnItem<'_>) -> Result<(), ImportError> {
        let each = self.path.steps.get(at_step) == Some(&Step::EachValue);
        let silent = each && at_step + 1 == self.path.steps.len();
        self.emit(b"{")?;
        self.at += 1;
        let mut index = 0;
        if self.peek()? == Some(b'}') {
            self.at += 1;
            return self.emit(b"}");
        }
        loop {
            let raw = self.name()?;
            let key: String = serde_json::from_slice(&raw)
                .map_err(|_| self.damaged("expected a name in quotes"))?;
            if !silent {
                self.emit(if index > 0 { b"," } else { b"" })?;
                self.emit(&raw)?;
                self.emit(b":")?;
            }
            if self.peek()? != Some(b':') {
                return Err(self.damaged("expected `:`"));
            }
            self.at += 1;
            let inner = match self.path.steps.get(at_step) {
                Some(Step::Key(wanted)) => (*wanted == key).then_some(at_step + 1),
                _ => Some(at_step + 1),
            };
            if each {
                self.spot.indices.push(index);
                self.spot.key = Some(key);
            }
            self.value(inner, 0, on_item)?;
            if each {
                self.spot.indices.pop();
            }
            index += 1;
            match self.peek()? {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return self.emit(b"}");
                }
                Some(_) => return Err(self.damaged("expected `,` or `}`")),
                None => return Err(self.damaged("the document ends too early")),
            }
            self.peek()?;
        }
    }

    /// Hands out one record. In an object it leaves `null` behind, in a list nothing.
    fn record(&mut self, is_single: bool, on_item: &mut OnItem<'_>) -> Result<(), ImportError> {
        self.spot.offset = self.base + self.at as u64;
        let (start, end) = self.skip(RECORD_BYTES_MAX, "one record")?;
        let bytes = self.buffer.get(start..end).unwrap_or_default();
        on_item(&self.spot, bytes)?;
        self.mark = None;
        let in_list = matches!(self.path.steps.last(), Some(Step::Each | Step::EachValue));
        if in_list && !is_single {
            Ok(())
        } else {
            self.emit(b"null")
        }
    }

    /// Copies one value into the skeleton.
    fn copy(&mut self) -> Result<(), ImportError> {
        let (start, end) = self.skip(SKELETON_BYTES_MAX, "the part outside of the records")?;
        if self.keep_skeleton {
            let bytes = self.buffer.get(start..end).unwrap_or_default();
            self.skeleton.extend_from_slice(bytes);
        }
        self.mark = None;
        self.check_skeleton()
    }

    /// A name, quotes included.
    fn name(&mut self) -> Result<Vec<u8>, ImportError> {
        if self.peek()? != Some(b'"') {
            return Err(self.damaged("expected a name in quotes"));
        }
        let (start, end) = self.skip(1 << 20, "one name")?;
        self.mark = None;
        Ok(self.buffer.get(start..end).unwrap_or_default().to_vec())
    }

    fn emit(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        if self.keep_skeleton {
            self.skeleton.extend_from_slice(bytes);
        }
        self.check_skeleton()
    }

    fn check_skeleton(&self) -> Result<(), ImportError> {
        if self.skeleton.len() <= SKELETON_BYTES_MAX {
            return Ok(());
        }
        Err(ImportError::Limit {
            place: self.here(),
            reason: format!("more than {SKELETON_BYTES_MAX} bytes outside of the records"),
        })
    }

    /// What was read and is still held.
    fn held(&self) -> &[u8] {
        self.buffer.get(..self.end).unwrap_or_default()
    }

    /// The next byte that is no white space, without taking it.
    fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            let rest = self.held().get(self.at..).unwrap_or_default();
            let blank = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            let n_blank = rest.iter().take_while(blank).count();
            let found = rest.get(n_blank).copied();
            self.at += n_blank;
            if found.is_some() {
                return Ok(found);
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Passes over one value and returns its place in the buffer, which stays until the mark is
    /// taken away.
    fn skip(&mut self, bytes_max: usize, what: &str) -> Result<(usize, usize), ImportError> {
        self.mark = Some(self.at);
        let mut scan = Scan::default();
        loop {
            let start = self.mark.unwrap_or(self.at);
            let next = scan.run(self.held(), self.at);
            self.at = next.unwrap_or(self.end);
            if self.at - start > bytes_max {
                return Err(ImportError::Limit {
                    place: self.here(),
                    reason: format!("{what} has more than {bytes_max} bytes"),
                });
            }
            if scan.depth > DEPTH_MAX {
                return Err(ImportError::Limit {
                    place: self.here(),
                    reason: format!("nested deeper than {DEPTH_MAX}"),
                });
            }
            match next {
                Some(end) if end > start => return Ok((start, end)),
                Some(_) => return Err(self.damaged("expected a value")),
                None if self.fill()? => {}
                // A number or word may end with the document.
                None if scan.started && scan.depth == 0 && !scan.in_text => {
                    return Ok((self.mark.unwrap_or(self.at), self.at));
                }
                None => return Err(self.damaged("the document ends too early")),
            }
        }
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> Result<bool, ImportError> {
        if self.ended {
            return Ok(false);
        }
        let keep = self.mark.unwrap_or(self.at).min(self.at);
        if keep > 0 {
            self.buffer.copy_within(keep..self.end, 0);
            self.end -= keep;
            self.base += keep as u64;
            self.at -= keep;
            self.mark = self.mark.map(|mark| mark - keep);
        }
        // One that is nearly full grows, so that a long record is not moved for every few bytes.
        if self.buffer.len() < self.end + CHUNK_BYTES {
            let length = (self.end + CHUNK_BYTES).max(self.buffer.len().saturating_mul(2));
            self.buffer.resize(length, 0);
        }
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        let n = loop {
            match self.reader.read(free) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                done => break done.map_err(ImportError::Read)?,
            }
        };
        self.end += n;
        self.ended = n == 0;
        Ok(n > 0)
    }

    fn here(&self) -> String {
        format!("byte {}", self.base + self.at as u64)
    }

    fn damaged(&self, reason: &str) -> ImportError {
        ImportError::damaged(self.here(), reason)
    }
}

/// Looks for the end of a value; keeps its state between pieces of it.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_text: bool,
    /// A backslash was the last byte of the piece before.
    escaped: bool,
    started: bool,
}

impl Scan {
    /// Goes on at a byte; returns where the value ends, or nothing when it does not end in these
    /// bytes. Stops early when it is nested too deep.
    fn run(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        if self.escaped && at < bytes.len() {
            self.escaped = false;
            at += 1;
        }
        loop {
            if self.in_text {
                let rest = bytes.get(at..)?;
                let found = memchr::memchr2(b'"', b'\\', rest)?;
                at += found + 1;
                if rest.get(found) == Some(&b'"') {
                    self.in_text = false;
                    if self.depth == 0 {
                        return Some(at);
                    }
                } else if at < bytes.len() {
                    at += 1;
                } else {
                    self.escaped = true;
                    return None;
                }
                continue;
            }
            let stops = if self.depth == 0 { &ENDS } else { &STOPS };
            let rest = bytes.get(at..)?;
            let stop = rest.iter().position(|byte| stops[usize::from(*byte)]);
            let Some(stop) = stop else {
                self.started |= !rest.is_empty();
                return None;
            };
            self.started |= stop > 0;
            at += stop;
            // The end of a number or word.
            if self.depth == 0 && self.started {
                return Some(at);
            }
            match rest.get(stop) {
                Some(b'"') => self.in_text = true,
                Some(b'{' | b'[') => self.depth += 1,
                Some(b'}' | b']') if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => return Some(at),
            }
            self.started = true;
            at += 1;
            if self.depth > DEPTH_MAX {
                return Some(at);
            }
        }
    }
}

/// Bytes that matter inside of a list or object, outside of text.
static STOPS: [bool; 256] = table(b"\"{}[]");
/// Bytes that begin a value, or end a number or a word.
static ENDS: [bool; 256] = table(b"\"{}[], \t\r\n:");

const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut out = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        out[bytes[at] as usize] = true;
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests;
