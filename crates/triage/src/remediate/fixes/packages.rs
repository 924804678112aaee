//! Fixes of installed packages and their sources.

use crate::remediate::draft::{Draft, evidence, place, subject};
use crate::remediate::edit::{Edit, Style};
use crate::remediate::fix::{Fix, high, medium, person};
use casemate_schema::Finding;

pub(super) static FIXES: &[Fix] = &[
    high(
        "pkg-apt-unauthenticated",
        "Have apt verify what it installs",
        15,
        "repositories without a key are refused until theirs is imported",
        apt,
    ),
    person(
        "pkg-end-of-life",
        "Move to a supported release",
        480,
        "an upgrade of the release touches everything",
    ),
    person(
        "pkg-half-installed",
        "Finish broken installations",
        15,
        "maintainer scripts run and services restart",
    ),
    person(
        "pkg-hardening-tools",
        "Install tools for protection",
        30,
        "each tool needs somebody who reads what it says",
    ),
    person(
        "pkg-kernel-reboot-required",
        "Restart the host after updates",
        30,
        "a restart ends all services for a while",
    ),
    person(
        "pkg-list-stale",
        "Refresh the lists of packages and install updates",
        30,
        "updates restart services",
    ),
    person(
        "pkg-no-automatic-updates",
        "Install security updates automatically",
        20,
        "updates restart services at times that nobody chose",
    ),
    person(
        "pkg-obsolete-legacy",
        "Remove outdated packages",
        15,
        "who still uses the service needs its successor",
    ),
    person(
        "pkg-security-repository-missing",
        "Add the source of security updates",
        10,
        "the next upgrade brings many packages",
    ),
    medium(
        "pkg-unsigned-repository",
        "Verify packages of every repository",
        20,
        "a repository without signatures is refused until its key is there",
        repository,
    ),
];

fn apt(draft: &mut Draft, finding: &Finding) {
    let Some(seen) = evidence(finding, subject(finding)) else {
        return;
    };
    let to = match seen.value.as_str() {
        "true" => "false",
        "false" => "true",
        "1" => "0",
        "0" => "1",
        "yes" => "no",
        "no" => "yes",
        _ => return,
    };
    let from = seen.value.to_string();
    draft.replace(finding, &from, to);
    draft.check("apt-get update");
}

fn repository(draft: &mut Draft, finding: &Finding) {
    for (name, style) in [("gpgcheck", Style::TIGHT), ("repo_gpgcheck", Style::TIGHT)] {
        let Some(found) = evidence(finding, name) else {
            continue;
        };
        let path = found
            .path
            .as_deref()
            .or_else(|| place(finding).map(|(path, _)| path));
        let Some(path) = path.map(str::to_owned) else {
            continue;
        };
        draft.edit(
            &path,
            Edit::Setting {
                key: name.to_owned(),
                value: "1".to_owned(),
                style,
                section: Some(subject(finding).to_owned()).filter(|section| !section.is_empty()),
            },
        );
    }
    if evidence(finding, "trusted").is_some()
        && place(finding).is_some_and(|(path, _)| path.ends_with(".list"))
    {
        draft.replace(finding, "trusted=yes", "");
        draft.then_manual(
            "Import the repository's key and name it with `signed-by`, then `apt-get update`.",
        );
    }
}
