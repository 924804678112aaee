//! Which format is meant, and which writer makes it?

use crate::{Error, HtmlOptions, TerminalOptions};
use casemate_base::ErrorKind;
use casemate_schema::Report;
use std::fmt;

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One canonical JSON object (RFC 8785).
    Json,
    /// The same content as JSON lines.
    Ndjson,
    /// SARIF 2.1.0.
    Sarif,
    /// One self-contained page.
    Html,
    /// The summary for a terminal.
    Table,
}

/// A word that names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{word}`: expected json, ndjson, sarif, html or table")]
pub struct UnknownFormat {
    /// The word.
    pub word: String,
}

impl UnknownFormat {
    /// The class that decides exit codes and HTTP status.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }
}

impl Format {
    /// All formats, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Json,
        Self::Ndjson,
        Self::Sarif,
        Self::Html,
        Self::Table,
    ];

    /// The word used on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Sarif => "sarif",
            Self::Html => "html",
            Self::Table => "table",
        }
    }

    /// Reads the word, in any case.
    ///
    /// # Errors
    /// [`UnknownFormat`] for any other word.
    pub fn parse(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| UnknownFormat {
                word: word.to_owned(),
            })
    }

    /// What the name of a file of this format ends in, without the dot.
    #[must_use]
    pub const fn file_extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Sarif => "sarif",
            Self::Html => "html",
            Self::Table => "txt",
        }
    }

    /// Writes a report with the default options of the format (80 columns, no colour).
    ///
    /// # Errors
    /// [`Error`] when the report holds a value that the format cannot carry.
    pub fn write(self, report: &Report) -> Result<Vec<u8>, Error> {
        match self {
            Self::Json => crate::json(report),
            Self::Ndjson => crate::ndjson(report),
            Self::Sarif => crate::sarif(report),
            Self::Html => Ok(crate::html(report, &HtmlOptions::default())?.into_bytes()),
            Self::Table => Ok(crate::terminal(report, &TerminalOptions::default()).into_bytes()),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_others_are_named() {
        for format in Format::ALL {
            assert_eq!(Format::parse(&format.as_str().to_uppercase()), Ok(format));
        }
        let error = Format::parse("pdf").expect_err("no such format");
        assert!(error.to_string().contains("`pdf`"));
    }
}
