//! Writing: data to standard output or a file, talk to standard error, colour where it is wanted.

use crate::exit::Failure;
use casemate_app::config::Config;
use casemate_base::text;
use rustix::termios::{isatty, tcgetwinsize};
use std::io::{ErrorKind, Write};
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
    let Some(path) = target.filter(|path| path.as_os_str() != "-") else {
        return data(bytes);
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        let reason = format!("`{}` names no file", path.display());
        return Err(Failure::Usage { reason, hint: None });
    };
    casemate_app::reports::write(folder.unwrap_or(Path::new(".")), name, bytes)?;
    Ok(())
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
