//! Grype's JSON.
//!
//! One finding for each vulnerability in a version of a package, wherever the package lies, as
//! DefectDojo counts: the other places are evidence. A package of the operating system has no path
//! (the path of the package database says nothing), so that Trivy and Grype give the same ids.

use crate::collector::Collector;
use crate::cvss;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use crate::json::{Splitter, Spot};
use crate::lenient::{Many, Maybe, Number, Word};
use crate::path::{ItemPath, text_of};
use casemate_schema::{Component, Text};
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Display;

pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path =
        ItemPath::parse("{}[]").map_err(|reason| ImportError::damaged("the path", reason))?;
    Splitter::new(input.reader()?, &path, false)
        .run(&mut |spot, bytes| member(spot, bytes, out))
        .map(drop)
}

/// Takes a member of the document, or an element of one that is a list.
fn member(spot: &Spot, bytes: &[u8], out: &mut Collector) -> Result<(), ImportError> {
    let damaged = |error: serde_json::Error| {
        let place = format!("byte {}", spot.offset);
        ImportError::damaged(place, ImportError::of_json(&error).to_string())
    };
    match spot.key.as_deref().unwrap_or_default() {
        "matches" | "ignoredMatches" => match serde_json::from_slice::<Maybe<Match<'_>>>(bytes) {
            Ok(found) => found.0.take(&spot, out),
            Err(error) if error.is_data() => {
                out.reject(spot, ImportError::of_json(&error).to_string());
            }
            Err(error) => return Err(damaged(error)),
        },
        "descriptor" => {
            let value: Value = serde_json::from_slice(bytes).map_err(damaged)?;
            let get = |name: &str| value.get(name).and_then(text_of).unwrap_or_default();
            out.tool_version(&get("version"));
            out.scanned_at(&get("timestamp"));
        }
        "source" => {
            let value: Value = serde_json::from_slice(bytes).map_err(damaged)?;
            let names = ["/target/userInput", "/target/path", "/target"];
            let target = names
                .iter()
                .find_map(|name| value.pointer(name).and_then(text_of));
            out.target(&target.unwrap_or_default());
        }
        _ => {}
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Match<'a> {
    #[serde(borrow)]
    vulnerability: Maybe<Vulnerability<'a>>,
    #[serde(borrow)]
    related_vulnerabilities: Many<Maybe<Vulnerability<'a>>>,
    #[serde(borrow)]
    match_details: Many<Maybe<Details<'a>>>,
    #[serde(borrow)]
    artifact: Maybe<Artifact<'a>>,
    #[serde(borrow)]
    applied_ignore_rules: Many<Maybe<Rule<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Vulnerability<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    #[serde(borrow)]
    data_source: Word<'a>,
    #[serde(borrow)]
    namespace: Word<'a>,
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow, alias = "links")]
    urls: Many<Word<'a>>,
    #[serde(borrow)]
    description: Word<'a>,
    #[serde(borrow)]
    cvss: Many<Maybe<Score<'a>>>,
    epss: Many<Maybe<Epss>>,
    #[serde(borrow)]
    known_exploited: Many<Maybe<Exploited<'a>>>,
    #[serde(borrow)]
    cwes: Many<Maybe<Weakness<'a>>>,
    #[serde(borrow)]
    fix: Maybe<Fix<'a>>,
    #[serde(borrow)]
    fixed_in_version: Word<'a>,
    #[serde(borrow)]
    advisories: Many<Maybe<Advisory<'a>>>,
    #[serde(borrow)]
    risk: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Score<'a> {
    #[serde(borrow)]
    source: Word<'a>,
    #[serde(borrow)]
    version: Word<'a>,
    #[serde(borrow)]
    vector: Word<'a>,
    metrics: Maybe<Metrics>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metrics {
    base_score: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Epss {
    epss: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Exploited<'a> {
    #[serde(borrow)]
    date_added: Word<'a>,
    #[serde(borrow)]
    known_ransomware_campaign_use: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Weakness<'a> {
    #[serde(borrow)]
    cwe: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fix<'a> {
    #[serde(borrow)]
    versions: Many<Word<'a>>,
    #[serde(borrow)]
    state: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Advisory<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    #[serde(borrow)]
    link: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details<'a> {
    #[serde(borrow)]
    r#type: Word<'a>,
    #[serde(borrow)]
    matcher: Word<'a>,
    #[serde(borrow)]
    found: Maybe<Found<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Found<'a> {
    #[serde(borrow)]
    version_constraint: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Artifact<'a> {
    #[serde(borrow)]
    name: Word<'a>,
    #[serde(borrow)]
    version: Word<'a>,
    #[serde(borrow)]
    r#type: Word<'a>,
    #[serde(borrow)]
    locations: Many<Maybe<Place<'a>>>,
    #[serde(borrow)]
    cpes: Many<Word<'a>>,
    #[serde(borrow)]
    purl: Word<'a>,
    #[serde(borrow)]
    upstreams: Many<Maybe<Upstream<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place<'a> {
    #[serde(borrow, alias = "realPath")]
    path: Word<'a>,
    #[serde(borrow, rename = "layerID")]
    layer: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Upstream<'a> {
    #[serde(borrow)]
    name: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Rule<'a> {
    #[serde(borrow)]
    vulnerability: Word<'a>,
    #[serde(borrow)]
    reason: Word<'a>,
    #[serde(borrow)]
    namespace: Word<'a>,
    #[serde(borrow, alias = "vexStatus")]
    vex_status: Word<'a>,
    #[serde(borrow, alias = "vexJustification")]
    vex_justification: Word<'a>,
}

/// Grype's types of packages of operating systems.
fn is_system(kind: &str) -> bool {
    matches!(
        kind,
        "deb" | "rpm" | "apk" | "alpm" | "portage" | "linux-kernel"
    )
}

impl Match<'_> {
    fn take(self, place: &dyn Display, out: &mut Collector) {
        if self.vulnerability.id.is_empty() {
            out.reject(place, "it has no identifier of a vulnerability");
            return;
        }
        out.finding(self.draft());
    }

    fn draft(&self) -> Draft {
        let found = &*self.vulnerability;
        let artifact = &*self.artifact;
        // A byte of zero is in the version that is read out of some binaries.
        let version = artifact.version.replace('\0', "");
        let title = format!("{} in {} {version}", found.id, artifact.name);
        let mut draft = Draft {
            check: found.id.to_string(),
            title: title.trim_end().to_owned(),
            same_as: format!("{}\u{1f}{}\u{1f}{version}", found.id, artifact.name),
            category: "vulnerability".to_owned(),
            severity_word: found.severity.to_string(),
            remediation: self.remediation(),
            component: Some(Component {
                name: (&*artifact.name).into(),
                version: Some(Text::from(version)),
                purl: Some(Text::from(artifact.purl.replace('\0', "%00"))),
                kind: purl_type(&artifact.purl).map(Text::from),
                fixed_version: Some(Text::from(join(&found.fixed_versions()))),
            }),
            ..Draft::default()
        };
        if !is_system(&artifact.r#type)
            && let Some(place) = artifact.locations.0.first()
        {
            draft.path = place.path.to_string();
        }
        self.related(&mut draft);
        self.observe(&mut draft);
        self.ignored(&mut draft);
        draft
    }

    /// What the entries of other sources add.
    fn related(&self, draft: &mut Draft) {
        let others = self.related_vulnerabilities.0.iter();
        for one in std::iter::once(&self.vulnerability).chain(others) {
            let one = &one.0;
            draft.ids.push(one.id.to_string());
            if draft.description.is_empty() {
                draft.description = one.description.to_string();
            }
            if draft.severity_word.is_empty() {
                draft.severity_word = one.severity.to_string();
            }
            draft.references.push(one.data_source.to_string());
            draft
                .references
                .extend(one.urls.0.iter().map(Word::to_string));
            draft
                .references
                .extend(one.advisories.0.iter().map(|it| it.link.to_string()));
            draft
                .cwes
                .extend(one.cwes.0.iter().map(|it| it.cwe.to_string()));
            for score in &one.cvss.0 {
                add_score(draft, score, &one.namespace);
            }
            draft.epss = draft.epss.or_else(|| one.epss.0.first()?.epss.0);
            if let Some(known) = one.known_exploited.0.first() {
                draft.exploited = Some(true);
                draft.see("known exploited since", &*known.date_added);
                draft.see("used by ransomware", &*known.known_ransomware_campaign_use);
            }
        }
    }

    fn remediation(&self) -> String {
        let fixed = self.vulnerability.fixed_versions();
        if !fixed.is_empty() {
            return format!("Upgrade {} to {}.", self.artifact.name, fixed.join(" or "));
        }
        match &*self.vulnerability.fix.state {
            "" | "unknown" => String::new(),
            state => format!("No fixed version; state: {state}."),
        }
    }

    fn observe(&self, draft: &mut Draft) {
        let artifact = &*self.artifact;
        let details = &self.match_details.0;
        let of = |get: fn(&Details<'_>) -> String| {
            let mut all: Vec<String> = details.iter().map(|it| get(it)).collect();
            all.dedup();
            all.join(", ")
        };
        draft.see("matcher", of(|it| it.matcher.to_string()));
        draft.see("match", of(|it| it.r#type.to_string()));
        draft.see(
            "version constraint",
            of(|it| it.found.version_constraint.to_string()),
        );
        draft.see("data from", &*self.vulnerability.namespace);
        draft.see("fix state", &*self.vulnerability.fix.state);
        draft.see("risk", &*self.vulnerability.risk);
        let advisories = self.vulnerability.advisories.0.iter().map(|it| &*it.id);
        draft.see("advisories", join(&advisories.collect::<Vec<_>>()));
        draft.see("package type", &*artifact.r#type);
        let places: Vec<&str> = artifact.locations.0.iter().map(|it| &*it.path).collect();
        draft.see("found at", join(&places));
        let layer = artifact.locations.0.first().map(|it| it.layer.to_string());
        draft.see("layer", layer.unwrap_or_default());
        let sources: Vec<&str> = artifact.upstreams.0.iter().map(|it| &*it.name).collect();
        draft.see("source package", join(&sources));
        let cpe = artifact.cpes.0.first().map(|cpe| cpe.replace('\0', ""));
        draft.see("cpe", cpe.unwrap_or_default());
    }

    /// Why Grype itself does not count it.
    fn ignored(&self, draft: &mut Draft) {
        let Some(rule) = self.applied_ignore_rules.0.first() else {
            return;
        };
        let status = match &*rule.vex_status {
            "" => "ignored",
            status => status,
        };
        let reason = [&rule.reason, &rule.vulnerability, &rule.namespace];
        let reason: Vec<&str> = reason.into_iter().map(|part| &**part).collect();
        let justification = rule.vex_justification.to_string();
        draft.suppressed = Some((status.to_owned(), justification, join(&reason)));
        // Not the same as one that counts.
        draft.same_as.push_str("\u{1f}ignored");
    }
}

impl Vulnerability<'_> {
    fn fixed_versions(&self) -> Vec<&str> {
        let all = self.fix.versions.0.iter().chain([&self.fixed_in_version]);
        all.map(|version| &**version)
            .filter(|version| !version.is_empty())
            .collect()
    }
}

fn add_score(draft: &mut Draft, score: &Score<'_>, namespace: &str) {
    let source = if score.source.is_empty() {
        namespace
    } else {
        &score.source
    };
    let new = cvss::stated(
        &score.version,
        &score.vector,
        score.metrics.base_score.0,
        source,
    );
    draft
        .cvss
        .extend(new.filter(|new| !draft.cvss.contains(new)));
}

fn purl_type(purl: &str) -> Option<&str> {
    purl.strip_prefix("pkg:")?.split('/').next()
}

fn join(all: &[&str]) -> String {
    let all: Vec<&str> = all
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    all.join(", ")
}
