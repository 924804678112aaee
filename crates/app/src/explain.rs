//! From an error to the next step, in one place for all faces.

use crate::error::{Error, InputError};
use casemate_base::ErrorKind;
use casemate_ingest::ImportError;

/// What to do about an error, if there is something to say.
#[must_use]
pub fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Config { .. } => {
            Some("`casemate config show` lists every key, its value and where it came from".into())
        }
        Error::Input {
            source: InputError::Report(_),
            ..
        } => Some(
            "give a report that `casemate scan` or `casemate assess` wrote (JSON or NDJSON)".into(),
        ),
        Error::Input {
            source: InputError::Import(error),
            ..
        } => import_hint(error),
        Error::Input {
            source: InputError::Read(_),
            ..
        } => Some("check the path and its permissions; `-` reads from standard input".into()),
        Error::Input {
            source: InputError::Unpack(_),
            ..
        } => Some("unpack the file yourself if you trust it, and give the result".into()),
        Error::Root { .. } => Some("`--root` takes a folder that holds a host's `/`".into()),
        Error::Write { .. } => Some("choose another place with `--out DIR` or `-o FILE`".into()),
        Error::NoDataDir => Some("name one: `--data-dir DIR` or CASEMATE_DATA_DIR".into()),
        Error::UnknownCheck {
            nearest: Some(nearest),
            ..
        } => Some(format!(
            "did you mean `{nearest}`? `casemate checks list` shows all"
        )),
        Error::UnknownCheck { .. } => Some("`casemate checks list` shows all".into()),
        Error::NoInput { .. } | Error::Format { .. } | Error::Controls(_) => None,
    }
}

fn import_hint(error: &ImportError) -> Option<String> {
    match error {
        ImportError::Unknown { .. } => Some(
            "name the kind with --kind (`casemate import --list-kinds` shows all), or describe the \
             format in a mapping of your own: --mapping FILE"
                .into(),
        ),
        ImportError::NoSuchKind {
            nearest: Some(nearest),
            ..
        } => Some(format!(
            "did you mean `{nearest}`? `casemate import --list-kinds` shows all"
        )),
        ImportError::NoSuchKind { .. } => Some("`casemate import --list-kinds` shows all".into()),
        ImportError::NotThisKind { .. } => {
            Some("leave out --kind, and the kind is found by what stands in the file".into())
        }
        ImportError::ToolFailed { .. } => {
            Some("run the tool again; this file says nothing about what was scanned".into())
        }
        ImportError::Damaged { .. } | ImportError::Encoding { .. } => {
            Some("get the file from its tool again; nothing of it was taken".into())
        }
        _ => None,
    }
}

/// The exit code of a class of errors.
#[must_use]
pub const fn exit_code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Input | ErrorKind::Config | ErrorKind::NotFound | ErrorKind::Limit => 2,
        ErrorKind::Denied => 6,
        ErrorKind::Cancelled => 130,
        _ => 1,
    }
}
