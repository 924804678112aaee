//! Exit codes, never renumbered.

use casemate_app::Error;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; findings alone are not a failure.
    Done,
    /// Input or output failed, or a bug.
    Failure,
    /// Wrong usage, invalid configuration, or input refused as a whole.
    Usage,
    /// Findings at or above `--fail-on`, or the code that `--exit-code` chose for that.
    Findings(u8),
    /// A named file was refused or a target could not be assessed, the rest was done.
    Partial,
    /// What is known is older than `--max-age`.
    TooOld,
    /// A permission or an approval is missing.
    Refused,
}

/// The table of exit codes, as help and reference show it.
pub const CODES: &[(&str, &str)] = &[
    ("0", "done; findings alone are not a failure"),
    ("1", "runtime failure: input, output, or a bug"),
    (
        "2",
        "wrong usage, invalid configuration, or input refused as a whole",
    ),
    (
        "3",
        "findings at or above --fail-on; only with that flag (--exit-code N overrides it)",
    ),
    (
        "4",
        "partial: a named file was refused or a target not assessed, the rest was done; \
         with --strict also what could not be seen for want of privileges",
    ),
    ("5", "packs or knowledge older than --max-age"),
    ("6", "refused: permission or approval missing"),
    ("130, 143", "interrupted, terminated"),
];

impl Exit {
    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Findings(code) => code,
            Self::Partial => 4,
            Self::TooOld => 5,
            Self::Refused => 6,
        }
    }
}

/// Why a command ends without a result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A library says so.
    App(Error),
    /// The arguments do not fit together.
    Usage {
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Standard output or a file could not be written.
    Output(std::io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

impl Failure {
    /// The number that the process ends with.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::App(error) => casemate_app::explain::exit_code(error.kind()),
            Self::Usage { .. } => Exit::Usage.code(),
            Self::Output(_) => Exit::Failure.code(),
        }
    }

    /// The lines for standard error: what, why, what next.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::App(error) => error_lines(error),
            Self::Usage { reason, hint } => {
                let mut lines = vec![format!("error: {reason}")];
                lines.extend(hint_lines(hint.as_deref()));
                lines
            }
            Self::Output(error) => vec![format!("error: cannot write the output: {error}")],
        }
    }
}

/// An error with its causes and the next step.
pub(crate) fn error_lines(error: &Error) -> Vec<String> {
    if let Error::NoInput { reasons } = error {
        let mut lines: Vec<String> = reasons.iter().flat_map(error_lines).collect();
        lines.push(format!("error: {error}"));
        return lines;
    }
    let mut lines = vec![format!("error: {error}")];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        lines.push(format!("  caused by: {error}"));
        cause = error.source();
    }
    lines.extend(hint_lines(casemate_app::explain::hint(error).as_deref()));
    lines
}

fn hint_lines(hint: Option<&str>) -> Vec<String> {
    hint.map(|hint| vec![String::new(), format!("hint: {hint}")])
        .unwrap_or_default()
}
