//! Arch Linux's security tracker (`security.archlinux.org/all.json`).

use super::advisory::{fixed_in, package};
use super::out::{Out, each};
use super::severity;
use super::value::{opt, summary, text, texts, unique};
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Advisory, Affected, AffectedState, PackageNames, Text};
use serde_json::Value;

pub(crate) fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), ImportError> {
    each(input, "[]", out, &mut |out, _, place, group| {
        let id = text(group, "name");
        let packages = texts(group, "packages");
        if id.is_empty() || packages.is_empty() {
            out.reject(place, "the group has no `name` or no `packages`");
            return;
        }
        let affected = packages.into_iter().map(|name| one(name, group)).collect();
        match affected {
            Ok(affected) => out.advisory(Advisory {
                id: id.into(),
                aliases: unique(texts(group, "issues").into_iter().map(Text::from)),
                feed: "arch".into(),
                affected,
                severity: severity::of(text(group, "severity")),
                summary: summary(text(group, "type")),
                ..Advisory::default()
            }),
            Err(reason) => out.reject(format!("{place}, {id}"), reason),
        }
    })?;
    Ok(())
}

fn one(name: &str, group: &Value) -> Result<Affected, String> {
    let mut affected = package("arch", name, PackageNames::Binary);
    affected.notice = texts(group, "advisories").first().copied().map(Text::from);
    match text(group, "status") {
        "Fixed" | "Testing" => match opt(group, "fixed") {
            Some(fixed) => fixed_in(&mut affected, Some(&fixed)),
            None => return Err("it is fixed without a version".to_owned()),
        },
        "Vulnerable" => fixed_in(&mut affected, None),
        "Not affected" => affected.state = AffectedState::NotAffected,
        "Unknown" => affected.state = AffectedState::UnderInvestigation,
        other => return Err(format!("the status `{other}` is unknown")),
    }
    Ok(affected)
}
