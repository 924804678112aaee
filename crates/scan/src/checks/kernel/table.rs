//! Comparison of a table of kernel settings with the running kernel, shared by the table checks.

use crate::check::{Cx, Hit, Limit, Skip};
use crate::facts::sysctl;
use casemate_schema::Severity;
use std::path::Path;

/// Which values are good.
pub(super) enum Want {
    /// One of these.
    OneOf(&'static [i64]),
    /// This or more.
    AtLeast(i64),
}

/// A setting with the value that it should have.
pub(super) struct Row {
    /// Key with slashes.
    pub(super) key: &'static str,
    pub(super) want: Want,
    /// The value to set.
    pub(super) set: &'static str,
    pub(super) severity: Severity,
    /// What goes wrong otherwise.
    pub(super) why: &'static str,
}

impl Row {
    /// Whether the value is good.
    pub(super) fn accepts(&self, value: &str) -> bool {
        let Ok(number) = value.parse::<i64>() else {
            return value == self.set;
        };
        match self.want {
            Want::OneOf(values) => values.contains(&number),
            Want::AtLeast(least) => number >= least,
        }
    }
}

/// Reports each row whose live value is not good. A key that this kernel lacks is left out.
pub(super) fn compare(cx: &mut Cx<'_>, rows: &[Row]) -> Result<(), Skip> {
    cx.facts.need_proc()?;
    for row in rows {
        match live_or_limit(cx, row.key)? {
            Some(value) if !row.accepts(&value) => report(cx, row, &value)?,
            _ => {}
        }
    }
    Ok(())
}

/// The live value; one that this user may not read becomes a limit of the check.
pub(super) fn live_or_limit(cx: &mut Cx<'_>, key: &str) -> Result<Option<String>, Skip> {
    match sysctl::live(cx.facts, key) {
        Err(Skip::NotAssessed { reason, privileges }) => {
            cx.limit(Limit { reason, privileges });
            Ok(None)
        }
        other => other,
    }
}

fn report(cx: &mut Cx<'_>, row: &Row, value: &str) -> Result<(), Skip> {
    let name = sysctl::dots(row.key);
    let hit = Hit::new(format!(
        "Kernel setting `{name}` is `{value}`, expected `{}`",
        row.set
    ))
    .subject(&name)
    .severity(row.severity)
    .evidence("why", row.why);
    let hit = with_values(cx, hit, row.key, value)?;
    let hit = hit.evidence("expected", row.set);
    let persisted = cx.facts.sysctl()?.persisted(row.key);
    let right = persisted.filter(|setting| row.accepts(&setting.value));
    let right = right.map(|setting| setting.value.as_str());
    cx.hit(hit.instead(remedy(&name, row.set, right)));
    Ok(())
}

/// How to bring a setting into force now and for the next boot.
///
/// `right` is the value that the files ask for, if that one is good.
pub(super) fn remedy(name: &str, value: &str, right: Option<&str>) -> String {
    if let Some(right) = right {
        return format!(
            "The files already ask for `{name} = {right}`, the running kernel does not have it: \
             apply them with `sysctl --system` and find out what changed the value."
        );
    }
    format!(
        "Write `{name} = {value}` to `/etc/sysctl.d/90-hardening.conf` (or correct the line named in the \
         evidence) and apply it with `sysctl --system`."
    )
}

/// Adds the live value and what the files ask for.
pub(super) fn with_values(cx: &Cx<'_>, hit: Hit, key: &str, value: &str) -> Result<Hit, Skip> {
    let hit = hit.evidence_at("current", value, Path::new("/proc/sys").join(key), Some(1));
    Ok(match cx.facts.sysctl()?.persisted(key) {
        Some(setting) => hit.evidence_at(
            "set_in_file",
            &setting.value,
            &setting.path,
            Some(setting.line),
        ),
        None => hit.evidence("set_in_file", "no file sets it"),
    })
}
