//! Which format is meant, and which writer makes it?

use crate::object::raw;
use crate::{Error, HtmlOptions, TerminalOptions};
use casemate_base::ErrorKind;
use casemate_schema::Report;
use std::fmt;
use std::io::{BufWriter, Write};

/// Bytes that are collected before they are handed on.
const PIECE_BYTES: usize = 64 * 1024;

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
    /// One row a finding.
    Csv,
    /// For merge requests, issues and wikis.
    Markdown,
    /// OCSF 1.6.0 events.
    Ocsf,
    /// CycloneDX 1.6 with vulnerabilities.
    Cyclonedx,
    /// DefectDojo's generic findings.
    Defectdojo,
    /// OpenVEX 0.2.0: the site's decisions.
    Openvex,
}

/// A word that names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown format `{word}`: expected json, ndjson, sarif, html, table, csv, md, ocsf, \
     cyclonedx, defectdojo or openvex"
)]
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
    pub const ALL: [Self; 11] = [
        Self::Json,
        Self::Ndjson,
        Self::Sarif,
        Self::Html,
        Self::Table,
        Self::Csv,
        Self::Markdown,
        Self::Ocsf,
        Self::Cyclonedx,
        Self::Defectdojo,
        Self::Openvex,
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
            Self::Csv => "csv",
            Self::Markdown => "md",
            Self::Ocsf => "ocsf",
            Self::Cyclonedx => "cyclonedx",
            Self::Defectdojo => "defectdojo",
            Self::Openvex => "openvex",
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
            Self::Csv => "csv",
            Self::Markdown => "md",
            Self::Ocsf => "ocsf.json",
            Self::Cyclonedx => "cdx.json",
            Self::Defectdojo => "defectdojo.json",
            Self::Openvex => "openvex.json",
        }
    }

    /// Writes a report with the default options of the format (80 columns, no colour).
    ///
    /// # Errors
    /// [`Error`] when the report holds a value that the format cannot carry.
    pub fn write(self, report: &Report) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        self.write_to(report, &mut out)?;
        Ok(out)
    }

    /// Writes what [`Self::write`] returns, for most formats finding by finding; only HTML and the
    /// table are made in memory first. The writer gets large pieces and need not be buffered.
    ///
    /// # Errors
    /// [`Error`] as there, also when the writer fails.
    pub fn write_to(self, report: &Report, out: &mut dyn Write) -> Result<(), Error> {
        let mut out = BufWriter::with_capacity(PIECE_BYTES, out);
        self.write_pieces(report, &mut out)?;
        out.flush().map_err(Error::Write)
    }

    fn write_pieces(self, report: &Report, out: &mut dyn Write) -> Result<(), Error> {
        match self {
            Self::Json => crate::write_json(report, out),
            Self::Ndjson => crate::write_ndjson(report, out),
            Self::Sarif => crate::write_sarif(report, out),
            Self::Html => {
                let page = crate::html(report, &HtmlOptions::default())?;
                raw(out, page.as_bytes())
            }
            Self::Table => {
                let text = crate::terminal(report, &TerminalOptions::default());
                raw(out, text.as_bytes())
            }
            Self::Csv => crate::write_csv(report, out),
            Self::Markdown => crate::write_markdown(report, out),
            Self::Ocsf => crate::write_ocsf(report, out),
            Self::Cyclonedx => crate::write_cyclonedx(report, out),
            Self::Defectdojo => crate::write_defectdojo(report, out),
            Self::Openvex => crate::write_openvex(report, out),
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
        let endings: std::collections::BTreeSet<&str> = Format::ALL
            .iter()
            .map(|format| format.file_extension())
            .collect();
        assert_eq!(
            endings.len(),
            Format::ALL.len(),
            "no two write the same file"
        );
        let error = Format::parse("pdf").expect_err("no such format");
        assert!(error.to_string().contains("`pdf`"));
    }
}
