//! AlmaLinux's errata: `errata.full.json` with `data`, and the older list with `updateinfo_id`.
//! Errata that name no CVE are repairs and are skipped.

use super::advisory::{architecture, before, evr, join, package};
use super::out::{Out, each};
use super::severity;
use super::value::{at, is_cve, list, scalar, sorted, summary, text};
use crate::dates::rfc3339;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, PackageNames, Text};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    let is_full = input.head().trim_start().starts_with('{');
    let path = if is_full { "data[]" } else { "[]" };
    each(input, path, out, &mut |out, _, place, erratum| {
        let aliases = sorted(
            list(erratum, "references")
                .iter()
                .map(|reference| text(reference, "id"))
                .filter(|id| is_cve(id))
                .map(Text::from),
        );
        if aliases.is_empty() {
            out.skip();
            return;
        }
        match one(erratum, aliases) {
            Ok(advisory) => out.advisory(advisory),
            Err(reason) => out.reject(place, reason),
        }
    })?;
    Ok(())
}

fn one(erratum: &Value, aliases: Vec<Text>) -> Result<Advisory, String> {
    let id = match text(erratum, "id") {
        "" => text(erratum, "updateinfo_id"),
        id => id,
    };
    if id.is_empty() {
        return Err("the erratum has no identifier".to_owned());
    }
    let nested = at(erratum, &["pkglist"]);
    let all = match list(erratum, "packages") {
        [] => list(nested, "packages"),
        all => all,
    };
    let module = [at(erratum, &["module"]), at(nested, &["module"])];
    let module = module.into_iter().find_map(stream);
    // The release of the distribution stands in those of the packages alone: `7.el8_4`, and not in
    // all of them.
    let release = |entry: &Value| major(&scalar(at(entry, &["release"])).unwrap_or_default());
    let major = all
        .iter()
        .find_map(release)
        .ok_or_else(|| format!("the packages of {id} are of no known release"))?;
    let affected: Result<Vec<Affected>, String> = all
        .iter()
        .map(|entry| {
            let mut affected = one_package(id, &major, entry)?;
            affected.module = stream(at(entry, &["module"])).or_else(|| module.clone());
            Ok(affected)
        })
        .collect();
    let date = |name: &str| {
        let date = at(erratum, &[name]);
        let date = date.get("$date").unwrap_or(date);
        scalar(date).and_then(|text| rfc3339(&text)).map(Text::from)
    };
    Ok(Advisory {
        id: id.into(),
        aliases,
        feed: "alma-errata".into(),
        affected: join(affected?),
        severity: severity::of(text(erratum, "severity")),
        summary: summary(text(erratum, "title")),
        published: date("issued_date"),
        modified: date("updated_date"),
        ..Advisory::default()
    })
}

fn stream(module: &Value) -> Option<Text> {
    let (name, stream) = (text(module, "name"), scalar(at(module, &["stream"]))?);
    (!name.is_empty()).then(|| format!("{name}:{stream}").into())
}

/// The number in `7.el8_4` or `18.module_el8.0.0+2107`.
fn major(release: &str) -> Option<String> {
    let (_, rest) = [".el", "_el", "+el"]
        .iter()
        .find_map(|mark| release.split_once(mark))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

fn one_package(id: &str, major: &str, entry: &Value) -> Result<Affected, String> {
    let part = |name: &str| scalar(at(entry, &[name])).unwrap_or_default();
    let (name, release) = (part("name"), part("release"));
    let version = evr(&part("epoch"), &part("version"), &release);
    if name.is_empty() || version.is_empty() || version.starts_with('-') {
        return Err(format!("a package of {id} has no name or no version"));
    }
    let arch = part("arch");
    let is_source = arch == "src";
    Ok(Affected {
        ranges: vec![before(&version)],
        architectures: if is_source {
            Vec::new()
        } else {
            architecture(&arch)
        },
        notice: Some(id.into()),
        ..package(
            &format!("almalinux:{major}"),
            &name,
            if is_source {
                PackageNames::Source
            } else {
                PackageNames::Binary
            },
        )
    })
}
