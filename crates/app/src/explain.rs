//! From an error to the next step, in one place for all faces.

use crate::error::{Error, InputError};
use casemate_base::ErrorKind;
use casemate_bundle::PackError;
use casemate_ingest::ImportError;
use casemate_store::packs::PacksError;
use casemate_store::records::RecordsError;

/// What to do about an error, if there is something to say.
#[must_use]
pub fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Config { .. } => {
            Some("`casemate config show` lists every key, its value and where it came from".into())
        }
        Error::Input { source, .. } => input_hint(source),
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
        Error::Feed {
            source: ImportError::Unknown { .. } | ImportError::NoFeed { .. },
            ..
        } => Some(
            "give a pack that `casemate pack build` made, or a feed file as its publisher gives it; \
             `casemate help air-gap` lists them"
                .into(),
        ),
        Error::Feed { source, .. } => import_hint(source),
        Error::Pack { name, source } => pack_hint(name, source),
        Error::Packs(error) => packs_hint(error),
        Error::Key { .. } => Some(
            "a key file is what `casemate pack key new` made: the public one ends in `.pub`".into(),
        ),
        Error::KeyFile { .. } => None,
        Error::KeyMode { path, .. } => Some(format!("run `chmod 600 {}`", path.display())),
        Error::Records(error) => records_hint(error),
        Error::Selector { .. } => Some(
            "a selector is one or more ids, or a filter such as `check=ssh-root-login host=web1 \
             severity>=high`; see `casemate help decisions`"
                .into(),
        ),
        Error::NotRecorded { .. } => Some(
            "`casemate case list` shows what is recorded; `casemate assess --save` and `casemate \
             import FILE --save` record"
                .into(),
        ),
        Error::Format {
            source: casemate_report::Error::NoDecision,
            ..
        } => Some("`casemate decide` decides; `casemate help decisions` tells how".into()),
        Error::NoInput { .. }
        | Error::Format { .. }
        | Error::Workflow { .. }
        | Error::Decision { .. }
        | Error::Controls(_)
        | Error::Knowledge(_) => None,
        Error::UnknownAction { .. } => {
            Some("`casemate remediate REPORT` lists all with their ids".into())
        }
    }
}

/// What helps with a file that could not be taken.
fn input_hint(error: &InputError) -> Option<String> {
    let words = match error {
        InputError::Import(error) => return import_hint(error),
        InputError::Report(_) => {
            "give a report that `casemate scan` or `casemate assess` wrote (JSON or NDJSON)"
        }
        InputError::Read(_) => "check the path and its permissions; `-` reads from standard input",
        InputError::Unpack(_) => "unpack the file yourself if you trust it, and give the result",
    };
    Some(words.to_owned())
}

fn records_hint(error: &RecordsError) -> Option<String> {
    match error {
        RecordsError::Newer { .. } => Some("use the casemate that wrote them, or a newer one".into()),
        RecordsError::Damaged { .. } => Some(
            "keep the file for a repair, move it away, and take in your last export: `casemate case \
             import FILE`"
                .into(),
        ),
        RecordsError::NotOurs { .. } => {
            Some("name another folder: `--data-dir DIR` or CASEMATE_DATA_DIR".into())
        }
        RecordsError::Busy { .. } => Some("wait for the other process, and run this again".into()),
        RecordsError::Altered { .. } => Some(
            "somebody changed the records by hand; compare them with an export that you trust".into(),
        ),
        RecordsError::NotEmpty => Some("name an empty folder: `--data-dir DIR`".into()),
        RecordsError::Open { .. } => {
            Some("check the folder and its permissions; `--data-dir DIR` names another".into())
        }
        _ => None,
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

fn pack_hint(name: &str, error: &PackError) -> Option<String> {
    match error {
        PackError::Unpinned { .. } => Some(format!(
            "ask who built the pack for the key file, compare the fingerprint by another way than \
             the one the pack came, then `casemate pack import {name} --trust KEY.pub`"
        )),
        PackError::WrongKey { .. } => {
            Some("do not import it before its builder has told you why the key differs".into())
        }
        PackError::Truncated { .. } => Some(
            "copy the file again; compare its size with the one on the building machine".into(),
        ),
        PackError::Appended { .. }
        | PackError::Signature
        | PackError::Section { .. }
        | PackError::Reordered { .. } => Some(
            "nothing of it was taken; copy the file again, and if it stays so, ask who built it"
                .into(),
        ),
        PackError::Layout { .. } => Some("update casemate, then import the pack".into()),
        _ => None,
    }
}

fn packs_hint(error: &PacksError) -> Option<String> {
    match error {
        PacksError::Older { name, .. } => Some(format!(
            "to go back to the version before, run `casemate pack restore {name}`"
        )),
        PacksError::Damaged { .. } => {
            Some("import the pack again, or `casemate pack restore NAME` the version before".into())
        }
        PacksError::NoSuchPack { .. } | PacksError::NoFormer { .. } => {
            Some("`casemate pack list` shows all packs and what can be restored".into())
        }
        PacksError::Busy { .. } => Some("wait until it has ended, then try again".into()),
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
