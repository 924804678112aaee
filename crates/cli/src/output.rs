//! Writing: data to standard output or a file, talk to standard error, colour where it is wanted.

use crate::exit::Failure;
use casemate_app::config::Config;
use casemate_base::text;
use rustix::termios::{isatty, tcgetwinsize};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

/// Writes data to standard output. A reader that has gone away is no failure.
pub(crate) fn print(bytes: &[u8]) {
    // Nothing can be told to anybody when help text cannot be written.
    drop(write_stdout(bytes));
}

/// Writes data to standard output; on a terminal the text ends with a newline.
pub(crate) fn data(bytes: &[u8]) -> Result<(), Failure> {
    write_stdout(bytes)?;
    if is_terminal_out() && !bytes.ends_with(b"\n") {
        write_stdout(b"\n")?;
    }
    Ok(())
}

fn write_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::Output(error)),
        Ok(()) => Ok(()),
    }
}

/// Writes data to a file, or to standard output for `-` and for no file.
pub(crate) fn data_to(target: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    match file_of(target)? {
        None => data(bytes),
        Some((folder, name)) => Ok(casemate_app::reports::write(folder, name, bytes)?),
    }
}

/// Writes data piece by piece: to a file by `to_file`, else to standard output by `to_out`.
pub(crate) fn stream_to(
    target: Option<&Path>,
    to_out: impl FnOnce(&mut dyn Write) -> Result<(), casemate_app::Error>,
    to_file: impl FnOnce(&Path, &str) -> Result<(), casemate_app::Error>,
) -> Result<(), Failure> {
    if let Some((folder, name)) = file_of(target)? {
        return Ok(to_file(folder, name)?);
    }
    let mut out = Patient {
        out: BufWriter::with_capacity(1 << 18, std::io::stdout().lock()),
        last: None,
        failed: None,
    };
    to_out(&mut out)?;
    if is_terminal_out() && out.last != Some(b'\n') {
        out.write_all(b"\n").map_err(Failure::Output)?;
    }
    out.flush().map_err(Failure::Output)?;
    match out.failed {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Standard output that keeps its first failure to itself, so that a writer need not know that the
/// reader at the other end has gone away.
struct Patient<W: Write> {
    out: BufWriter<W>,
    last: Option<u8>,
    failed: Option<std::io::Error>,
}

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.failed.is_none() {
            self.last = bytes.last().copied().or(self.last);
            self.failed = self.out.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.failed.is_none() {
            self.failed = self.out.flush().err();
        }
        Ok(())
    }
}

/// The folder and name of a file to write; none for standard output.
fn file_of(target: Option<&Path>) -> Result<Option<(&Path, &str)>, Failure> {
    let Some(path) = target.filter(|path| path.as_os_str() != "-") else {
        return Ok(None);
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match path.file_name().and_then(|name| name.to_str()) {
        Some(name) => Ok(Some((folder.unwrap_or(Path::new(".")), name))),
        None => {
            let reason = format!("`{}` names no file", path.display());
            Err(Failure::Usage { reason, hint: None })
        }
    }
}

/// Says something to the person at the terminal, on standard error.
pub(crate) fn say(line: &str) {
    // There is nobody left to tell when standard error is closed.
    drop(writeln!(
        std::io::stderr().lock(),
        "{}",
        text::printable_lines(line)
    ));
}

/// Whether standard output is a terminal.
pub(crate) fn is_terminal_out() -> bool {
    isatty(std::io::stdout())
}

/// Whether standard input is a terminal.
pub(crate) fn is_terminal_in() -> bool {
    isatty(std::io::stdin())
}

/// Whether standard error is a terminal.
pub(crate) fn is_terminal_err() -> bool {
    isatty(std::io::stderr())
}

/// Whether what is printed for people may be coloured.
pub(crate) fn colour(config: &Config) -> bool {
    let environment = config.environment();
    match config.text("color") {
        Some("always") => true,
        Some("never") => false,
        _ if environment.value("FORCE_COLOR").is_some() => true,
        _ => {
            is_terminal_out()
                && environment.value("NO_COLOR").is_none()
                && environment.value("CASEMATE_NO_COLOR").is_none()
                && environment.value("TERM") != Some("dumb")
        }
    }
}

/// Columns to fit text into.
pub(crate) fn width(config: &Config) -> usize {
    const DEFAULT: usize = 80;
    let columns = config
        .environment()
        .value("COLUMNS")
        .and_then(|text| text.parse().ok());
    let terminal = || {
        let size = tcgetwinsize(std::io::stdout()).ok()?;
        (size.ws_col > 0).then(|| usize::from(size.ws_col))
    };
    columns.or_else(terminal).unwrap_or(DEFAULT).clamp(40, 160)
}

/// Lays out rows in columns: each as wide as its widest cell, the last one free.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n_columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&text::printable(cell));
            let gap = width.saturating_sub(cell.chars().count()) + 2;
            line.extend(std::iter::repeat_n(' ', gap));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
