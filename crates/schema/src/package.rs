//! One installed package, as its package manager records it.
//!
//! The distribution stands once in the report's `host.os`; versions are the manager's own text with
//! epoch and release, and nothing here compares them.

use serde::{Deserialize, Serialize};

/// A package that the host has installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Its name.
    pub name: String,
    /// Whose database holds it.
    pub manager: PackageManager,
    /// Its version: epoch and release included where there are any.
    pub version: String,
    /// The architecture as the manager names it; absent where none is written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arch: String,
    /// The source package that it was built from: advisories name this one.
    pub source_name: String,
    /// The version of the source package.
    pub source_version: String,
    /// The module stream that it came from, as rpm labels it (`nodejs:18:8080020230825:63b34585`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
}

/// A program that keeps packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageManager {
    /// Alpine's package keeper.
    Apk,
    /// Debian's package manager.
    Dpkg,
    /// The RPM package manager.
    Rpm,
}

#[cfg(test)]
mod tests {
    use super::{InstalledPackage, PackageManager};
    use crate::{Report, from_ndjson, read_report, to_canonical, to_ndjson};

    /// A report with two packages, one without architecture.
    fn sample() -> Report {
        let json = br#"{"schema_version":"1.0","tool":{"name":"casemate","version":"0"},
            "scan":{"started_at":"2026-01-01T00:00:00Z","mode":"quick","target":"host",
                "privileged":true,"surfaces":["packages"]},
            "host":{},"coverage":{"surfaces":[],"checks":[]},
            "summary":{"findings":0,"by_severity":{},"by_category":{},"checks":{},
                "score":{"passed":0,"assessed":0,"not_assessed":0}},
            "partial":false,"findings":[],
            "packages":[
                {"name":"gpg-pubkey","manager":"rpm","version":"1-2","source_name":"gpg-pubkey",
                    "source_version":"1-2"},
                {"name":"libc6","manager":"dpkg","version":"2.36-9","arch":"amd64",
                    "source_name":"glibc","source_version":"2.36-9"}]}"#;
        read_report(json).expect("report")
    }

    #[test]
    fn lines_and_object_hold_the_same_packages() {
        let report = sample();
        let expected = InstalledPackage {
            name: "libc6".to_owned(),
            manager: PackageManager::Dpkg,
            version: "2.36-9".to_owned(),
            arch: "amd64".to_owned(),
            source_name: "glibc".to_owned(),
            source_version: "2.36-9".to_owned(),
            module: None,
        };
        assert_eq!(report.packages.get(1), Some(&expected));
        let lines = to_ndjson(&report).expect("lines");
        let n_packages = lines
            .split(|byte| *byte == b'\n')
            .filter(|line| line.windows(16).any(|part| part == br#""kind":"package""#))
            .count();
        assert_eq!(n_packages, 2);
        assert_eq!(from_ndjson(&lines).expect("report"), report);
    }

    #[test]
    fn a_report_without_packages_names_none() {
        let mut report = sample();
        report.packages.clear();
        let text = String::from_utf8(to_canonical(&report).expect("json")).expect("text");
        assert!(!text.contains(r#""packages":"#));
        assert_eq!(read_report(text.as_bytes()).expect("report"), report);
    }
}
