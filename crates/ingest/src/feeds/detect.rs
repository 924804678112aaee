//! Which feed is this file? Told by its content alone; the name counts for nothing.

use super::value::{at, is_cve, list, text};
use crate::error::ImportError;
use crate::input::Input;
use crate::{json, xml};
use serde_json::Value;

/// The shapes of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    AlmaErrata,
    Arch,
    Attack,
    Capec,
    Crosswalk,
    Csaf,
    CveCorpus,
    CveList,
    Cwe,
    CweXml,
    D3fend,
    DebianTracker,
    Epss,
    Gtfobins,
    Kev,
    Mapping,
    MappingCsv,
    OpenVex,
    Osv,
    Oval,
    RedhatApi,
    Secdb,
    Sigma,
    SigmaLines,
    TrivyDb,
    UbuntuTracker,
    UbuntuUsn,
    Updateinfo,
}

impl Feed {
    /// The feed's name in reports; several shapes may be one feed.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AlmaErrata => "alma-errata",
            Self::Arch => "arch",
            Self::Attack => "attack",
            Self::Capec => "capec",
            Self::Crosswalk | Self::Mapping | Self::MappingCsv => "control-mapping",
            Self::Csaf => "csaf",
            Self::CveCorpus | Self::CveList => "cvelist",
            Self::Cwe | Self::CweXml => "cwe",
            Self::D3fend => "d3fend",
            Self::DebianTracker => "debian-tracker",
            Self::Epss => "epss",
            Self::Gtfobins => "gtfobins",
            Self::Kev => "kev",
            Self::OpenVex => "openvex",
            Self::Osv => "osv",
            Self::Oval => "oval",
            Self::RedhatApi => "redhat-api",
            Self::Secdb => "secdb",
            Self::Sigma | Self::SigmaLines => "sigma",
            Self::TrivyDb => "trivy-db",
            Self::UbuntuTracker => "ubuntu-tracker",
            Self::UbuntuUsn => "ubuntu-usn",
            Self::Updateinfo => "updateinfo",
        }
    }
}

/// Tells the feed of a file.
pub(crate) fn detect(input: &Input<'_>) -> Result<Feed, ImportError> {
    let head = input.head();
    let first = head.trim_start().chars().next();
    let (found, what) = match first {
        None => (None, "the file is empty".to_owned()),
        Some('{' | '[') if !is_notice_list(head) => {
            let outline = json::outline(head);
            (of_json(&outline), instead_of_json(&outline))
        }
        Some('<') => {
            let outline = xml::outline(head);
            (of_xml(&outline), instead_of_xml(&outline))
        }
        Some(_) => (of_text(head), instead_of_text(head).to_owned()),
    };
    found.ok_or(ImportError::NoFeed { reason: what })
}

/// What a JSON document is, for people, with what to take instead.
fn instead_of_json(outline: &Value) -> String {
    if outline.get("cves").is_some() || outline.get("notices").is_some() {
        return "a page of Ubuntu's security API; take Ubuntu's OSV or OpenVEX files".to_owned();
    }
    format!("JSON {}", shape(outline))
}

fn instead_of_xml(outline: &Value) -> String {
    if outline.get("cvrfdoc").is_some() {
        return "CVRF, which CSAF replaces; take the CSAF document of the same notice".to_owned();
    }
    format!("XML {}", shape(outline))
}

fn instead_of_text(head: &str) -> &'static str {
    let is_list =
        head.starts_with("CVE-") && head.lines().any(|line| line.starts_with([' ', '\t']));
    if is_list || is_notice_list(head) {
        return "a list of Debian's tracker in git; take the tracker's JSON";
    }
    "text that no feed begins with"
}

/// The names that a document begins with, for people.
fn shape(outline: &Value) -> String {
    let (prefix, object) = match outline {
        Value::Array(all) => ("a list of objects", all.first().unwrap_or(&Value::Null)),
        other => ("an object", other),
    };
    let names: Vec<&str> = object
        .as_object()
        .map(|object| object.keys().take(6).map(String::as_str).collect())
        .unwrap_or_default();
    format!("with {prefix} of `{}`", names.join("`, `"))
}

fn of_json(outline: &Value) -> Option<Feed> {
    match outline {
        Value::Array(all) => {
            let first = all.iter().find(|value| value.is_object())?;
            of_object(first).filter(|feed| {
                // These are whole files, never records of a list.
                !matches!(feed, Feed::Kev | Feed::Secdb | Feed::DebianTracker)
            })
        }
        Value::Object(_) => of_object(outline),
        _ => None,
    }
}

fn of_object(value: &Value) -> Option<Feed> {
    let has = |name: &str| value.get(name).is_some();
    let all = |names: &[&str]| names.iter().all(|name| has(name));
    let first = |name: &str| list(value, name).first().unwrap_or(&Value::Null);
    let feed = if all(&["vulnerabilities", "catalogVersion"]) {
        Feed::Kev
    } else if text(value, "type") == "bundle" && has("objects") {
        return stix(value);
    } else if text(value, "dataType") == "CVE_RECORD" || all(&["cveMetadata", "containers"]) {
        Feed::CveList
    } else if all(&["cve", "published", "description"]) {
        Feed::CveCorpus
    } else if at(value, &["document", "csaf_version"]).is_string() {
        Feed::Csaf
    } else if has("statements") && is_openvex(value) {
        Feed::OpenVex
    } else if has("packages") && (has("urlprefix") || first("packages").get("pkg").is_some()) {
        Feed::Secdb
    } else if all(&["id", "modified"]) && (has("affected") || has("schema_version")) {
        Feed::Osv
    } else if all(&["name", "issues", "packages", "affected"]) {
        Feed::Arch
    } else if has("updateinfo_id") || (has("data") && first("data").get("packages").is_some()) {
        Feed::AlmaErrata
    } else if has("threat_severity") || all(&["bugzilla", "name", "public_date"]) {
        Feed::RedhatApi
    } else if all(&["capability_id", "attack_object_id"]) || has("mapping_objects") {
        Feed::Mapping
    } else if all(&["rule", "references", "title"]) {
        Feed::Crosswalk
    } else if all(&["rule", "id", "path"]) {
        Feed::SigmaLines
    } else if (all(&["name", "entry"]) && text(value, "entry").contains("functions:"))
        || all(&["executables", "functions"])
    {
        Feed::Gtfobins
    } else {
        return of_nested(value);
    };
    Some(feed)
}

/// Documents whose names are data: package or notice names.
fn of_nested(value: &Value) -> Option<Feed> {
    let (_, first) = value.as_object()?.iter().next()?;
    if first.get("releases").is_some_and(Value::is_object) && first.get("cves").is_some() {
        return Some(Feed::UbuntuUsn);
    }
    let (id, entry) = first.as_object()?.iter().next()?;
    let is_id = is_cve(id) || id.starts_with("TEMP-") || id.starts_with("CVE-");
    (is_id && entry.get("releases").is_some()).then_some(Feed::DebianTracker)
}

fn is_openvex(value: &Value) -> bool {
    [
        at(value, &["@context"]),
        at(value, &["metadata", "@context"]),
    ]
    .iter()
    .any(|context| context.as_str().is_some_and(|url| url.contains("openvex")))
}

fn stix(value: &Value) -> Option<Feed> {
    let source = |object: &Value, prefix: &str| {
        list(object, "external_references")
            .iter()
            .any(|reference| text(reference, "source_name").starts_with(prefix))
    };
    let objects = list(value, "objects");
    if objects
        .iter()
        .any(|object| source(object, "capec") || object.get("x_capec_abstraction").is_some())
    {
        return Some(Feed::Capec);
    }
    let is_attack = |object: &Value| {
        source(object, "mitre-") || object.get("x_mitre_attack_spec_version").is_some()
    };
    if objects.iter().any(is_attack) {
        return Some(Feed::Attack);
    }
    // A bundle may begin with what says nothing of its kind: the publisher's identity.
    objects
        .iter()
        .any(|object| {
            text(object, "name").contains("MITRE") || object.get("x_mitre_domains").is_some()
        })
        .then_some(Feed::Attack)
}

fn of_xml(outline: &Value) -> Option<Feed> {
    let (name, _) = outline.as_object()?.iter().next()?;
    match name.as_str() {
        "Weakness_Catalog" => Some(Feed::CweXml),
        "updates" => Some(Feed::Updateinfo),
        "oval_definitions" => Some(Feed::Oval),
        _ => None,
    }
}

/// Debian's lists of notices begin with a bracket, as JSON does: `[01 Aug 2002] DSA-141`.
fn is_notice_list(head: &str) -> bool {
    let Some((date, rest)) = head
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    else {
        return false;
    };
    let digits = date.chars().filter(char::is_ascii_digit).count();
    date.len() == 11 && (5..=6).contains(&digits) && rest.trim_start().starts_with("D")
}

fn of_text(head: &str) -> Option<Feed> {
    let mut lines = head.lines().map(str::trim_end);
    let first = lines.by_ref().find(|line| !line.trim().is_empty())?.trim();
    let has = |prefix: &str| head.lines().any(|line| line.starts_with(prefix));
    let lower = first.to_ascii_lowercase();
    if lower.starts_with("#model_version") || lower == "cve,epss" || lower.starts_with("cve,epss,")
    {
        return Some(Feed::Epss);
    }
    if lower.starts_with("cwe-id,name,") {
        return Some(Feed::Cwe);
    }
    if (first.starts_with("@prefix") || first.starts_with("@base")) && head.contains("d3fend.owl") {
        return Some(Feed::D3fend);
    }
    if has("Candidate: CVE-") {
        return Some(Feed::UbuntuTracker);
    }
    if is_mapping_header(&lower) {
        return Some(Feed::MappingCsv);
    }
    if first.starts_with("- bucket:") {
        return Some(Feed::TrivyDb);
    }
    if has("distroversion:") || (has("apkurl:") && has("packages:")) {
        return Some(Feed::Secdb);
    }
    if has("detection:") && has("title:") && has("logsource:") {
        return Some(Feed::Sigma);
    }
    has("functions:").then_some(Feed::Gtfobins)
}

/// The columns by which a mapping's table is known.
fn is_mapping_header(header: &str) -> bool {
    let columns: Vec<&str> = header
        .split(',')
        .map(|name| name.trim_matches('"'))
        .collect();
    let has = |name: &str| columns.contains(&name);
    (has("capability_id") || has("control id")) && (has("attack_object_id") || has("technique id"))
        || (has("cve id") && has("exploitation technique"))
}
