//! ZAP's XML and traditional JSON, which have the same names.

use super::words;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::items::{self, Family};
use crate::markup;
use crate::path::{ItemPath, Scope};
use casemate_schema::Severity;
use serde_json::Value;

/// Most instances of an alert that are named.
const INSTANCES_MAX: usize = 100;
/// Longest part of an instance that is shown, in characters.
const PART_CHARACTERS: usize = 500;

/// Reads XML.
pub(super) fn read_xml(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let mut read = |records: &str| take(input, Family::Xml, "OWASPZAPReport", records, out);
    read("OWASPZAPReport.site[].alerts[].alertitem[]")
}

/// Reads JSON; the alerts of one site may stand at the top.
pub(super) fn read_json(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    take(input, Family::Json, "", "site[].alerts[]", out)
}

fn take(
    input: &Input<'_>,
    family: Family,
    root: &str,
    records: &str,
    out: &mut Collector,
) -> Result<(), ImportError> {
    let path = ItemPath::parse(records).map_err(|reason| ImportError::Mapping {
        name: "zap".to_owned(),
        reason,
    })?;
    let around = items::around(input, family, &path)?;
    let about = if root.is_empty() {
        Some(&around)
    } else {
        around.get(root)
    };
    if let Some(about) = about {
        out.tool_version(&field::first(about, ["@version", "version"]));
        out.scanned_at(&field::first(about, ["@generated", "generated"]));
    }
    items::each(input, family, &path, &[], &mut |scope| {
        let Some(site) = site_of(scope) else {
            out.reject(scope.place, "it stands in no site");
            return Ok(());
        };
        match alert(site, scope.item) {
            Some(draft) => out.finding(draft),
            None => out.reject(scope.place, "it has neither a rule nor a name"),
        }
        Ok(())
    })
}

/// The site around an alert; in XML the list of alerts stands between.
fn site_of<'a>(scope: &Scope<'a>) -> Option<&'a Value> {
    let is_site = |value: &&&Value| value.get("@name").is_some() || value.get("@host").is_some();
    scope
        .parents
        .iter()
        .rev()
        .find(is_site)
        .copied()
        .or_else(|| scope.parents.last().copied())
}

fn alert(site: &Value, alert: &Value) -> Option<Draft> {
    let get = |names: &[&str]| field::first(alert, names);
    let prose = |name: &str| markup::plain(&get(&[name]));
    // One rule may have several alerts, which newer versions number.
    let check = get(&["alertRef", "pluginid", "pluginId"]);
    let name = get(&["alert", "name"]);
    if check.is_empty() && name.is_empty() {
        return None;
    }
    let address = field::first(site, ["@name", "name"]);
    let host = match field::first(site, ["@host", "host"]) {
        host if host.is_empty() => words::host_of(&address).to_owned(),
        host => host,
    };
    let mut draft = Draft {
        check,
        title: format!("{name} on {address}"),
        severity: match get(&["riskcode"]).as_str() {
            "0" => Some(Severity::Info),
            "1" => Some(Severity::Low),
            "2" => Some(Severity::Medium),
            "3" => Some(Severity::High),
            _ => None,
        },
        // `Low (Medium)` is the risk with the confidence in it.
        severity_word: get(&["riskdesc"])
            .split(" (")
            .next()
            .unwrap_or_default()
            .to_owned(),
        category: "web".to_owned(),
        description: prose("desc"),
        remediation: prose("solution"),
        host,
        subject: address,
        key: name,
        cwes: vec![get(&["cweid"])],
        references: addresses(&get(&["reference"])),
        ..Draft::default()
    };
    if get(&["confidence"]) == "0" {
        draft.suppressed = Some((
            "false_positive".to_owned(),
            String::new(),
            "marked as a false positive in ZAP".to_owned(),
        ));
    }
    evidence(alert, &mut draft);
    Some(draft)
}

/// Where the alert was seen, and what else the report says of it.
fn evidence(alert: &Value, draft: &mut Draft) {
    let get = |name: &str| field::text(alert, [name]);
    // Before version 2.5 each place is an alert of its own.
    let places: Vec<&Value> = field::list(alert, "instances.instance")
        .iter()
        .chain(
            field::list(alert, "instances")
                .iter()
                .filter(|one| one.get("uri").is_some()),
        )
        .collect();
    if places.is_empty() && !get("uri").is_empty() {
        let (uri, parameter) = (get("uri"), get("param"));
        draft.key = format!("{} {uri} {parameter}", draft.key);
        draft.see("instance", instance(alert));
    }
    for place in places.iter().take(INSTANCES_MAX) {
        draft.see("instance", instance(place));
    }
    if places.len() > INSTANCES_MAX {
        draft.see("more instances", (places.len() - INSTANCES_MAX).to_string());
    }
    let confidence = match get("confidence").as_str() {
        "1" => "low",
        "2" => "medium",
        "3" => "high",
        "4" => "confirmed",
        _ => "",
    };
    draft.see("confidence", confidence);
    draft.see("instances", get("count"));
    draft.see("information", markup::plain(&get("otherinfo")));
    draft.see("wasc", get("wascid"));
}

/// `GET https://example.com/?q=1 parameter q, attack ..., evidence ...`
fn instance(place: &Value) -> String {
    let get = |name: &str| field::text(place, [name]);
    let mut out = format!("{} {}", get("method"), get("uri"));
    for (name, words) in [
        ("param", "parameter"),
        ("attack", "attack"),
        ("evidence", "evidence"),
    ] {
        let value = get(name);
        if !value.is_empty() {
            out.push_str(&format!(
                "; {words}: {}",
                words::cut(&value, PART_CHARACTERS)
            ));
        }
    }
    out.trim().to_owned()
}

/// The addresses in a text, which some versions write without anything between them.
fn addresses(text: &str) -> Vec<String> {
    let text = markup::plain(text).replace("http", " http");
    text.split_whitespace()
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .map(str::to_owned)
        .collect()
}
