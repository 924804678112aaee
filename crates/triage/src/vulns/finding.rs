//! A match as a finding.

use super::{Match, Verdict};
use casemate_schema::{
    Component, Evidence, Finding, Location, PackageNames, Reference, ReferenceKind, Source, Text,
    Vulnerability, finding_id,
};

const CHECK: &str = "vulnerable-package";

impl Match {
    /// The finding; `None` unless the package has to be taken for vulnerable. Its id is made of
    /// package, architecture, ecosystem and vulnerability, so an update of the package that does
    /// not mend it keeps the id.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        if !self.verdict.is_affected() {
            return None;
        }
        let parts = [
            self.package.ecosystems.name.as_bytes(),
            self.package.name.as_bytes(),
            self.package.arch.as_bytes(),
            self.vulnerability.as_bytes(),
        ];
        Some(Finding {
            id: finding_id(CHECK, &parts).into(),
            title: self.title().into(),
            category: "packages".into(),
            severity: self.severity.level,
            source: Source {
                tool: "casemate".into(),
                check: CHECK.into(),
                ..Source::default()
            },
            location: Location {
                subject: Some(self.package.name.clone()),
                ..Location::default()
            },
            evidence: self.evidence(),
            description: self.description().into(),
            remediation: self.remediation().into(),
            references: self.references(),
            component: Some(Box::new(Component {
                name: self.package.name.clone(),
                version: Some(self.package.version.clone()),
                purl: Some(self.package.purl.clone()),
                kind: self.package.purl.strip_prefix("pkg:").and_then(|rest| {
                    let (kind, _) = rest.split_once('/')?;
                    Some(kind.into())
                }),
                fixed_version: self.fixed_version.clone(),
            })),
            vulnerability: Some(Box::new(Vulnerability {
                id: self.vulnerability.clone(),
                aliases: self.aliases.clone(),
                cvss: self.cvss.clone(),
                published: self.published.clone(),
                ..Vulnerability::default()
            })),
            ..Finding::default()
        })
    }

    fn title(&self) -> String {
        let (name, version) = (&self.package.name, &self.package.version);
        let fix = match (&self.fixed_version, self.verdict) {
            (Some(fixed), Verdict::Affected) => format!("fixed in {fixed}"),
            (_, Verdict::WillNotFix) => "it will not be fixed".to_owned(),
            (_, Verdict::Deferred) => "the fix is put off".to_owned(),
            (_, Verdict::EndOfLife) => "the release is out of support".to_owned(),
            _ => "no fix yet".to_owned(),
        };
        format!("{} in {name} {version}: {fix}", self.vulnerability)
    }

    fn description(&self) -> String {
        let summary = self.summary.as_deref().unwrap_or_default().trim();
        let why = self.why();
        if summary.is_empty() {
            why
        } else {
            format!("{summary}\n\n{why}")
        }
    }

    /// Why we think so, in one sentence.
    #[must_use]
    pub fn why(&self) -> String {
        let reason = &self.reason;
        let which = match reason.names {
            PackageNames::Source if reason.name != self.package.name => {
                format!("its source package {} {}", reason.name, reason.installed)
            }
            _ => format!("{} {}", reason.name, reason.installed),
        };
        let about = if cve_alone(&reason.advisory, &self.vulnerability) {
            String::new()
        } else {
            format!(" in {}", reason.advisory)
        };
        format!(
            "{}{about} says of {} for {}: {}; compared with {which}: {}.",
            reason.feed,
            reason.name,
            reason.ecosystem,
            reason.against,
            self.verdict.as_str(),
        )
    }

    fn evidence(&self) -> Vec<Evidence> {
        let reason = &self.reason;
        let mut all = Vec::new();
        let mut see = |name: &str, value: Text| {
            if !value.is_empty() {
                all.push(Evidence {
                    name: name.into(),
                    value,
                    ..Evidence::default()
                });
            }
        };
        see("installed", self.package.version.clone());
        if reason.names == PackageNames::Source && reason.name != self.package.name {
            see(
                "source package",
                format!("{} {}", reason.name, reason.installed).into(),
            );
        }
        see("affected versions", reason.against.clone());
        see("verdict", self.verdict.as_str().into());
        see("feed", reason.feed.clone());
        see("advisory", reason.advisory.clone());
        see("ecosystem", reason.ecosystem.clone());
        see("notice", reason.notice.clone().unwrap_or_default());
        see("note", reason.note.clone().unwrap_or_default());
        see(
            "severity by",
            match self.severity.by.as_str() {
                "nobody" => "nobody: medium is assumed".into(),
                _ => self.severity.by.clone(),
            },
        );
        for remark in &reason.remarks {
            see("remark", remark.clone());
        }
        for other in &self.disagree {
            see("disagrees", other.words().into());
        }
        all
    }

    fn references(&self) -> Vec<Reference> {
        let mut all: Vec<Reference> = Vec::new();
        if self.vulnerability.starts_with("CVE-") {
            all.push(Reference {
                kind: ReferenceKind::Cve,
                id: self.vulnerability.clone(),
            });
        }
        all.extend(self.cwe.iter().map(|id| Reference {
            kind: ReferenceKind::Cwe,
            id: id.clone(),
        }));
        all.sort();
        all
    }

    fn remediation(&self) -> String {
        let name = self.package.name.as_str();
        let Some(fixed) = self
            .fixed_version
            .as_deref()
            .filter(|_| self.verdict == Verdict::Affected)
        else {
            return match self.verdict {
                Verdict::EndOfLife => {
                    "The release gets no fixes any more: move to a supported one.".to_owned()
                }
                Verdict::WillNotFix => format!(
                    "{} will not fix it: remove {name}, or see what its advisory says of other ways.",
                    self.reason.feed
                ),
                _ => format!(
                    "There is no fixed version of {name} yet: watch the advisory, or remove the package."
                ),
            };
        };
        let command = match self.package.purl.split_once('/').map(|(kind, _)| kind) {
            Some("pkg:deb") => format!("apt-get install --only-upgrade {name}"),
            Some("pkg:rpm") if self.package.ecosystems.name.contains("suse") => {
                format!("zypper update {name}")
            }
            Some("pkg:rpm") => format!("dnf upgrade {name}"),
            Some("pkg:apk") => format!("apk upgrade {name}"),
            _ => return format!("Update {name} to {fixed} or later."),
        };
        let extended = if self.reason.ecosystem.contains(":pro:") {
            " It comes with Ubuntu Pro."
        } else {
            ""
        };
        format!("Update {name} to {fixed} or later: `{command}`.{extended}")
    }
}

impl super::OtherWord {
    /// `osv in GHSA-...: affected, fixed in 1.2`.
    #[must_use]
    pub fn words(&self) -> String {
        let fixed = match &self.fixed_version {
            Some(fixed) => format!(", fixed in {fixed}"),
            None => String::new(),
        };
        format!(
            "{} in {}: {}{fixed}",
            self.feed,
            self.advisory,
            self.verdict.as_str()
        )
    }
}

fn cve_alone(advisory: &str, vulnerability: &str) -> bool {
    advisory == vulnerability
}
