//! Ubuntu's database of notices (`usn.ubuntu.com/usn-db/database-all.json`): which version of which
//! source package mends what in which release.

use super::advisory::{before, package};
use super::ecosystem;
use super::out::{Out, each};
use super::value::{at, is_cve, number, summary, text, texts, unique};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, PackageNames, Text};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "{}", out, &mut |out, key, place, notice| {
        let number = match text(notice, "id") {
            "" => key,
            id => id,
        };
        let id = format!("USN-{}", number.trim_start_matches("USN-"));
        let cves = texts(notice, "cves");
        let aliases = unique(cves.into_iter().filter(|id| is_cve(id)).map(Text::from));
        if aliases.is_empty() {
            out.skip();
            return;
        }
        let mut affected = Vec::new();
        for (release, packages) in at(notice, &["releases"]).as_object().into_iter().flatten() {
            let Some(ours) = ecosystem::ubuntu(release) else {
                out.reject(
                    format!("{place}, {id}"),
                    format!("`{release}` is no release of Ubuntu"),
                );
                continue;
            };
            affected.extend(sources(&id, &ours, packages));
        }
        // Seconds with a fraction.
        let seconds = number_text(at(notice, &["timestamp"]));
        out.advisory(Advisory {
            id: id.as_str().into(),
            aliases,
            feed: "ubuntu-usn".into(),
            affected,
            summary: summary(text(notice, "title")),
            published: seconds.and_then(|text| rfc3339(&text)).map(Text::from),
            ..Advisory::default()
        });
    })?;
    Ok(())
}

fn number_text(value: &Value) -> Option<String> {
    number(value)
        .filter(|seconds| *seconds > 0.0)
        .map(|seconds| format!("{seconds:.0}"))
}

fn sources(id: &str, ours: &str, packages: &Value) -> Vec<Affected> {
    let sources = at(packages, &["sources"]).as_object().into_iter().flatten();
    sources
        .filter(|(_, source)| !text(source, "version").is_empty())
        .map(|(name, source)| Affected {
            ranges: vec![before(text(source, "version"))],
            notice: Some(id.into()),
            ..package(ours, name, PackageNames::Source)
        })
        .collect()
}
