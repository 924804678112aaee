//! Which host this is: os-release(5), hostname, kernel release and architecture.

use super::{Fact, Facts};
use casemate_schema::{Host, OperatingSystem};
use std::collections::BTreeMap;

/// Identity of the host's system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Os {
    /// The host as reports show it.
    pub(crate) host: Host,
    /// `ID_LIKE`, split at blanks.
    pub(crate) like: Vec<String>,
}

impl Os {
    /// Whether the system is, or descends from, the distribution with this `ID`.
    pub(crate) fn is_like(&self, id: &str) -> bool {
        self.host.os.as_ref().is_some_and(|os| os.id == id) || self.like.iter().any(|l| l == id)
    }
}

/// Reads the host's identity; parts that are missing stay absent.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Os> {
    let release = match facts.read_if_there("/etc/os-release")? {
        Some(bytes) => Some(bytes),
        None => facts.read_if_there("/usr/lib/os-release")?,
    };
    let fields = release
        .map(|bytes| fields(&String::from_utf8_lossy(&bytes)))
        .unwrap_or_default();
    let os = (!fields.is_empty()).then(|| OperatingSystem {
        id: fields
            .get("ID")
            .cloned()
            .unwrap_or_else(|| "linux".to_owned()),
        version: fields.get("VERSION_ID").cloned(),
        name: fields.get("PRETTY_NAME").cloned(),
    });
    let name = match facts.value_if_there("/proc/sys/kernel/hostname")? {
        Some(name) => Some(name),
        None => facts.value_if_there("/etc/hostname")?,
    };
    let kernel = facts.value_if_there("/proc/sys/kernel/osrelease")?;
    let architecture = match facts.value_if_there("/proc/sys/kernel/arch")? {
        Some(architecture) => Some(architecture),
        None if facts.tree().is_live() => Some(std::env::consts::ARCH.to_owned()),
        None => None,
    };
    let like = fields
        .get("ID_LIKE")
        .map(String::as_str)
        .unwrap_or_default();
    let name = name.filter(|name| !name.is_empty());
    Ok(Os {
        host: Host {
            name,
            os,
            kernel,
            architecture,
        },
        like: like.split_whitespace().map(str::to_owned).collect(),
    })
}

/// Assignments of os-release(5): `NAME=value` with shell-like quotes.
fn fields(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), unquote(value.trim())))
        .collect()
}

fn unquote(value: &str) -> String {
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value);
    inner
        .replace("\\\"", "\"")
        .replace("\\$", "$")
        .replace("\\`", "`")
        .replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_comments_of_os_release() {
        let fields = fields("# c\nID=debian\nPRETTY_NAME=\"Debian \\\"12\\\"\"\nVERSION_ID='12'\n");
        assert_eq!(fields["PRETTY_NAME"], "Debian \"12\"");
        assert_eq!(fields["VERSION_ID"], "12");
        assert_eq!(fields.len(), 3);
    }
}
