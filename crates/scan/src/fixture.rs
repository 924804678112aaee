//! Host trees written as text, so that a check's fixture stands beside it and needs no privileges.
//!
//! ```text
//! === a drop-in overrides the main file: hit 1
//! --- /etc/ssh/sshd_config mode=0600 uid=0 gid=0
//! Include /etc/ssh/sshd_config.d/*.conf
//! --- /etc/ssh/sshd_config.d/50-local.conf
//! PermitRootLogin yes
//! --- /lib -> usr/lib
//! --- /tmp dir mode=1777
//! --- /proc/7/cmdline escaped
//! /usr/sbin/sshd\0-D\0
//! ```
//!
//! `===` begins a case: its name and what is expected of the check, one of `hit N`, `passed`,
//! `not_applicable`, `not_assessed`; `deep` before it asks for a deep scan, `live` for the running
//! host. `---` begins a node: path, then attributes (`dir`, `fifo`, `socket`, `char`, `block`,
//! `mode=`, `uid=`, `gid=`, `mtime=`, `links=`, `device=`, `size=`, `cap=HEX`, `denied`,
//! `escaped`, `trim`), or `-> TARGET` for a
//! link (`sealed` before it: the `exe` of a process that runs from a sealed memory file). With `escaped`, `\0`, `\n`, `\\` and `\xNN` in
//! path and content stand for bytes and line ends are dropped; with `trim` the last line end is.

use crate::tree::{Kind, MemoryTree, Node};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// What a case expects of its check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// That many findings.
    Hit(usize),
    /// It looked, and found nothing.
    Passed,
    /// There is nothing to look at.
    NotApplicable,
    /// It could not look.
    NotAssessed,
}

/// One case of a fixture file.
#[derive(Clone, Debug)]
pub struct Case {
    /// What makes this case worth having.
    pub name: String,
    /// What the check must say.
    pub expected: Expected,
    /// Whether the scan is a deep one.
    pub deep: bool,
    /// The tree to scan.
    pub tree: MemoryTree,
}

/// A line of a fixture that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct FixtureError {
    /// One-based line.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a fixture file.
///
/// # Errors
/// The first line that cannot be understood.
pub fn parse(text: &str) -> Result<Vec<Case>, FixtureError> {
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<OpenNode> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let wrong = |reason: String| FixtureError {
            line: number,
            reason,
        };
        if let Some(header) = line.strip_prefix("=== ") {
            close(&mut cases, open.take());
            cases.push(case_of(header).map_err(wrong)?);
        } else if let Some(header) = line.strip_prefix("--- ") {
            close(&mut cases, open.take());
            if cases.is_empty() {
                return Err(wrong("a node before the first case".to_owned()));
            }
            open = Some(node_of(header).map_err(wrong)?);
        } else if let Some(node) = &mut open {
            node.push(line);
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            return Err(wrong("content outside of a node".to_owned()));
        }
    }
    close(&mut cases, open);
    Ok(cases)
}

#[derive(Debug)]
struct OpenNode {
    path: PathBuf,
    node: Node,
    escaped: bool,
    trim: bool,
    size: Option<u64>,
}

impl OpenNode {
    fn push(&mut self, line: &str) {
        if self.escaped {
            self.node.content.extend_from_slice(&unescape(line));
        } else {
            self.node.content.extend_from_slice(line.as_bytes());
            self.node.content.push(b'\n');
        }
    }
}

fn close(cases: &mut [Case], open: Option<OpenNode>) {
    let (Some(case), Some(mut open)) = (cases.last_mut(), open) else {
        return;
    };
    if open.trim {
        open.node.content.pop();
    }
    open.node.metadata.size = open.size.unwrap_or(open.node.content.len() as u64);
    case.tree.insert(&open.path, open.node);
}

fn case_of(header: &str) -> Result<Case, String> {
    let (name, rest) = header.rsplit_once(':').ok_or("expected `NAME: EXPECTED`")?;
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let mut take = |word: &str| {
        let found = words.first() == Some(&word);
        if found {
            words.remove(0);
        }
        found
    };
    let deep = take("deep");
    let live = take("live");
    let expected = match words.as_slice() {
        ["hit", count] => Expected::Hit(count.parse().map_err(|_| "no number of hits")?),
        ["passed"] => Expected::Passed,
        ["not_applicable"] => Expected::NotApplicable,
        ["not_assessed"] => Expected::NotAssessed,
        _ => return Err(format!("unknown expectation `{rest}`")),
    };
    let tree = if live {
        MemoryTree::new().as_live()
    } else {
        MemoryTree::new()
    };
    Ok(Case {
        name: name.trim().to_owned(),
        expected,
        deep,
        tree,
    })
}

fn node_of(header: &str) -> Result<OpenNode, String> {
    if let Some((path, target)) = header.split_once(" -> ") {
        let mut node = Node::new(Kind::Link, unescape(target));
        let path = path.strip_suffix(" sealed").map_or(path, |path| {
            node.sealed = true;
            path
        });
        return Ok(OpenNode {
            path: path_of(path)?,
            node,
            escaped: true,
            trim: false,
            size: None,
        });
    }
    let mut words = header.split(' ');
    let path = path_of(words.next().unwrap_or_default())?;
    let mut node = Node::new(Kind::File, Vec::new());
    let (mut escaped, mut trim, mut size) = (false, false, None);
    for word in words.filter(|word| !word.is_empty()) {
        let kind = match word {
            "dir" => Some(Kind::Directory),
            "fifo" => Some(Kind::Fifo),
            "socket" => Some(Kind::Socket),
            "char" => Some(Kind::Character),
            "block" => Some(Kind::Block),
            _ => None,
        };
        match (word, kind) {
            (_, Some(kind)) => node = Node::new(kind, Vec::new()),
            ("escaped", _) => escaped = true,
            ("trim", _) => trim = true,
            ("denied", _) => node.denied = true,
            _ => attribute(word, &mut node, &mut size)?,
        }
    }
    Ok(OpenNode {
        path,
        node,
        escaped,
        trim,
        size,
    })
}

fn attribute(word: &str, node: &mut Node, size: &mut Option<u64>) -> Result<(), String> {
    let (name, value) = word
        .split_once('=')
        .ok_or_else(|| format!("unknown word `{word}`"))?;
    let bad = |_| format!("no number in `{word}`");
    let metadata = &mut node.metadata;
    match name {
        "mode" => metadata.mode = u32::from_str_radix(value, 8).map_err(bad)?,
        "uid" => metadata.uid = value.parse().map_err(bad)?,
        "gid" => metadata.gid = value.parse().map_err(bad)?,
        "mtime" => metadata.modified_s = value.parse().map_err(bad)?,
        "links" => metadata.links = value.parse().map_err(bad)?,
        "device" => metadata.device = value.parse().map_err(bad)?,
        "inode" => metadata.inode = value.parse().map_err(bad)?,
        "size" => *size = Some(value.parse().map_err(bad)?),
        "cap" => {
            let bytes =
                casemate_base::encoding::hex_decode(value).map_err(|error| error.to_string())?;
            node.capability = Some(bytes);
        }
        _ => return Err(format!("unknown attribute `{name}`")),
    }
    Ok(())
}

fn path_of(text: &str) -> Result<PathBuf, String> {
    if !text.starts_with('/') {
        return Err(format!("`{text}` is no absolute path"));
    }
    let bytes = unescape(text);
    let bytes = if bytes.len() > 1 {
        bytes.strip_suffix(b"/").unwrap_or(&bytes)
    } else {
        &bytes
    };
    Ok(PathBuf::from(OsString::from_vec(bytes.to_vec())))
}

/// Replaces `\0`, `\n`, `\t`, `\s` (blank), `\\` and `\xNN` by the bytes that they stand for.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'0') => out.push(0),
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b's') => out.push(b' '),
            Some(b'x') => {
                let digits = [bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                let text = String::from_utf8_lossy(&digits).into_owned();
                out.push(u8::from_str_radix(&text, 16).unwrap_or(b'?'));
            }
            Some(other) => out.push(other),
            None => out.push(b'\\'),
        }
    }
    out
}

/// What a check says of a case, as text for comparison with a stored copy.
#[must_use]
pub fn outcome_text(check: &'static crate::Check, case: &Case) -> (Expected, String) {
    let mut options = crate::Options::at(1_760_000_000);
    if case.deep {
        options.mode = casemate_schema::ScanMode::Deep;
    }
    let facts = crate::Facts::new(&case.tree, &options);
    let outcome = crate::run::run_one(check, &facts);
    let expected = match outcome.status {
        casemate_schema::Status::Hit => Expected::Hit(outcome.findings.len()),
        casemate_schema::Status::Passed => Expected::Passed,
        casemate_schema::Status::NotApplicable => Expected::NotApplicable,
        casemate_schema::Status::NotAssessed => Expected::NotAssessed,
    };
    let mut text = format!("=== {}: {}\n", case.name, outcome.status.as_str());
    if let Some(reason) = &outcome.reason {
        text.push_str(&format!("reason: {reason}\n"));
    }
    for finding in &outcome.findings {
        let place = &finding.location;
        let title = casemate_base::text::printable(&finding.title);
        text.push_str(&format!(
            "[{}] {title}\n  id {}\n",
            finding.severity, finding.id
        ));
        if let Some(path) = &place.path {
            let line = place
                .line
                .map(|line| format!(":{line}"))
                .unwrap_or_default();
            text.push_str(&format!(
                "  at {}{line}\n",
                casemate_base::text::printable(path)
            ));
        }
        if let Some(subject) = &place.subject {
            text.push_str(&format!(
                "  about {}\n",
                casemate_base::text::printable(subject)
            ));
        }
        for evidence in &finding.evidence {
            text.push_str(&format!("  {}\n", crate::run::evidence_line(evidence)));
        }
    }
    (expected, text)
}
