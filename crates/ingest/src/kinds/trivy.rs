//! Trivy's JSON: images, file systems, repositories, virtual machines, clusters and compliance
//! reports, from the list of before version 0.20 to today.
//!
//! **Where a finding of Trivy is**, the same for all of its formats, so that they give the same ids
//! (the other readers of Trivy's output follow it, see [`naming`]):
//! - host: none. The artifact (image, folder, repository) is the target of the file as a whole.
//! - path: none for packages of the operating system (class `os-pkgs`); `PkgPath`, else `Target`
//!   for packages of a language; `Target` for configurations and secrets; `FilePath`, else `Target`
//!   for licenses, but not the targets that are no files (see [`naming::license_path`]).
//! - subject: none; in reports on a cluster `namespace/kind/name` of the resource; the package of a
//!   license.
//! - check: the identifier of the vulnerability, `ID` of a misconfiguration, `RuleID` of a secret,
//!   `Name` of a license.
//! - key: the message of a misconfiguration that has no line (SARIF says line 1 then).
//!
//! A file is walked once: each member of a result is handed out, so that `Target`, `Class` and
//! `Type` are met before the lists that they describe. Should a tool have sorted the names, the
//! records that came before them wait until the result ends.

pub(super) mod html;
mod misconfiguration;
pub(super) mod naming;
mod others;
mod records;
mod vulnerability;

use crate::collector::Collector;
use crate::error::ImportError;
use crate::input::Input;
use crate::json::{self, Spot};
use crate::lenient::{Maybe, Word};
use crate::path::{ItemPath, text_of};
use casemate_schema::Status;
use records::{Header, Resource};
use serde::Deserialize;
use serde_json::Value;

/// Bytes of a document that tell its shape.
const HEAD_BYTES: usize = 1 << 20;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let outline = json::outline(beginning(input.head()));
    let first = match &outline {
        Value::Array(items) => items.first().unwrap_or(&Value::Null),
        single => single,
    };
    let is_list = outline.is_array();
    let is_cluster = first.get("ClusterName").is_some()
        || [
            "Resources",
            "Findings",
            "Misconfigurations",
            "Vulnerabilities",
        ]
        .iter()
        .any(|name| first.get(name).is_some_and(Value::is_array) && !is_list);
    let path = match (is_list, is_cluster) {
        (false, true) => "{}[]",
        (true, true) => "[]{}[]",
        (false, false) => "Results[]{}[]",
        (true, false) if first.get("Target").is_some() => "[]{}[]",
        (true, false) => "[].Results[]{}[]",
    };
    let path = ItemPath::parse(path).map_err(|reason| ImportError::damaged("the path", reason))?;
    let mut walk = Walk {
        out,
        now: Vec::new(),
        header: Header::default(),
        waiting: Vec::new(),
    };
    let around = if is_cluster {
        json::piped::run(input, &path, &mut |spot, bytes| walk.cluster(spot, bytes))?
    } else {
        let around = json::piped::run(input, &path, &mut |spot, bytes| walk.member(spot, bytes))?;
        walk.end_result()?;
        around
    };
    let root = if around.is_object() { &around } else { first };
    // Something else in the place of the results must not read as a clean scan.
    if let Some(other) = root.get("Results")
        && !(other.is_array() || other.is_object() || other.is_null())
    {
        return Err(ImportError::damaged("`Results`", "it is no list"));
    }
    about(root, out);
    Ok(())
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(HEAD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// What the document says of the scan as a whole.
fn about(root: &Value, out: &mut Collector) {
    let get = |path: &str| root.pointer(path).and_then(text_of).unwrap_or_default();
    out.tool_version(&get("/Trivy/Version"));
    out.scanned_at(&get("/CreatedAt"));
    out.target(&get("/ArtifactName"));
    if get("/Metadata/OS/EOSL") == "true" {
        out.note(format!(
            "{} {} gets no security updates any more, so that vulnerabilities may be missing",
            get("/Metadata/OS/Family"),
            get("/Metadata/OS/Name")
        ));
    }
    let controls = root.get("SummaryControls").and_then(Value::as_array);
    for control in controls.into_iter().flatten() {
        let get = |name: &str| control.get(name).and_then(text_of).unwrap_or_default();
        let id = get("ID");
        match get("TotalFail").parse::<u64>() {
            Ok(0) => out.check(&id, "compliance", Status::Passed, None),
            Ok(n) => {
                out.check(&id, "compliance", Status::Hit, None);
                out.finding(records::control(
                    &id,
                    &get("Name"),
                    &get("Severity"),
                    n,
                    &root.get("Title").and_then(text_of).unwrap_or_default(),
                ));
            }
            Err(_) => {
                let reason = "it has to be checked by hand".to_owned();
                out.check(&id, "compliance", Status::NotAssessed, Some(reason));
            }
        }
    }
}

struct Walk<'o> {
    out: &'o mut Collector,
    /// Indices that lead to the result that is walked.
    now: Vec<usize>,
    header: Header,
    /// Records that came before the target of their result.
    waiting: Vec<(String, Spot, Vec<u8>)>,
}

impl Walk<'_> {
    /// Takes a member of a result, or an element of a member that is a list.
    fn member(&mut self, spot: &Spot, bytes: &[u8]) -> Result<(), ImportError> {
        let n = spot.indices.len().saturating_sub(2);
        let here = spot.indices.get(..n).unwrap_or_default();
        if here != self.now {
            self.end_result()?;
            here.clone_into(&mut self.now);
        }
        let name = spot.key.as_deref().unwrap_or_default();
        let field = match name {
            "Target" => {
                self.header.has_target = true;
                &mut self.header.target
            }
            "Class" => &mut self.header.class,
            "Type" => &mut self.header.kind,
            "ID" => &mut self.header.control,
            _ if !records::is_known(name) => return Ok(()),
            _ if self.header.has_target => return self.record(name, spot, bytes),
            _ => {
                self.waiting
                    .push((name.to_owned(), spot.clone(), bytes.to_vec()));
                return Ok(());
            }
        };
        *field = parse::<Word<'_>>(spot, bytes)?.0.into_owned();
        Ok(())
    }

    fn end_result(&mut self) -> Result<(), ImportError> {
        for (name, spot, bytes) in std::mem::take(&mut self.waiting) {
            self.record(&name, &spot, &bytes)?;
        }
        self.header = Header::default();
        Ok(())
    }

    /// Takes an element of one of the lists of a result.
    fn record(&mut self, name: &str, spot: &Spot, bytes: &[u8]) -> Result<(), ImportError> {
        let taken = match name {
            "Vulnerabilities" => self.take::<vulnerability::Vulnerability<'_>>(spot, bytes),
            "Misconfigurations" => self.take::<misconfiguration::Misconfiguration<'_>>(spot, bytes),
            "Secrets" => self.take::<others::Secret<'_>>(spot, bytes),
            "Licenses" => self.take::<others::License<'_>>(spot, bytes),
            // Results of a control in a compliance report.
            "Results" => self.take::<records::Scan<'_>>(spot, bytes),
            _ => self.take::<records::Modified<'_>>(spot, bytes),
        };
        match taken {
            Err(error) if error.is_data() => {
                let place = format!("byte {}", spot.offset);
                self.out
                    .reject(place, ImportError::of_json(&error).to_string());
                Ok(())
            }
            Err(error) => Err(damaged(spot, &error)),
            Ok(()) => Ok(()),
        }
    }

    fn take<'b, T>(&mut self, spot: &Spot, bytes: &'b [u8]) -> Result<(), serde_json::Error>
    where
        T: Deserialize<'b> + records::Take,
    {
        let record: T = serde_json::from_slice(bytes)?;
        record.take(&self.header, &spot, self.out);
        Ok(())
    }

    /// Takes a resource of a cluster, with its results.
    fn cluster(&mut self, spot: &Spot, bytes: &[u8]) -> Result<(), ImportError> {
        match spot.key.as_deref().unwrap_or_default() {
            "ClusterName" => {
                let name = parse::<Word<'_>>(spot, bytes)?;
                self.out.target(&name);
            }
            "Resources" | "Vulnerabilities" | "Misconfigurations" | "Findings" => {
                let resource: Maybe<Resource<'_>> = parse(spot, bytes)?;
                resource.take(spot, self.out);
            }
            _ => {}
        }
        Ok(())
    }
}

fn parse<'b, T: Deserialize<'b>>(spot: &Spot, bytes: &'b [u8]) -> Result<T, ImportError> {
    serde_json::from_slice(bytes).map_err(|error| damaged(spot, &error))
}

fn damaged(spot: &Spot, error: &serde_json::Error) -> ImportError {
    ImportError::damaged(
        format!("byte {}", spot.offset),
        ImportError::of_json(error).to_string(),
    )
}
