//! AWS Security Finding Format: exports of Security Hub, with findings of GuardDuty, Inspector,
//! Config, its own controls, and of other tools (Prowler, Trivy) that write it.

mod parts;

use super::words::joined;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::{at, first, list, text, texts};
use crate::input::Input;
use crate::items;
use crate::severity;
use casemate_schema::{Severity, Status};
use serde_json::Value;

/// Names that the findings stand under: of the command line, the interface, an event.
const WRAPPERS: [&str; 3] = ["findings", "Findings", "detail.findings"];

/// Reads an export.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    about(input, out)?;
    items::wrapped(input, &WRAPPERS, &mut |scope| {
        let finding = scope.item;
        let has = |path: &str| !at(finding, path).is_null();
        if has("Id") || has("Title") || has("GeneratorId") {
            take(finding, out);
        } else if !is_empty_wrapper(finding) {
            out.reject(scope.place, "it has neither Id, Title nor GeneratorId");
        }
        Ok(())
    })
}

fn is_empty_wrapper(value: &Value) -> bool {
    WRAPPERS
        .iter()
        .any(|name| at(value, name).as_array().is_some_and(Vec::is_empty))
}

/// A tool other than AWS's own that wrote all of the file is its tool. AWS's own stay under one
/// name, so that a finding is the same in an export of one product and of all.
fn about(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let mut product: Option<String> = None;
    let mut is_common = true;
    let mut version = String::new();
    items::wrapped(input, &WRAPPERS, &mut |scope| {
        let finding = scope.item;
        let is_aws = text(finding, "ProductArn").contains(":product/aws/");
        let name = product_of(finding);
        is_common &= !is_aws && !name.is_empty();
        match &product {
            Some(known) => is_common &= *known == name,
            None => {
                out.target(&text(finding, "AwsAccountId"));
                version = text(finding, "ProductFields.ProviderVersion");
                product = Some(name);
            }
        }
        Ok(())
    })?;
    if let (true, Some(name)) = (is_common, product) {
        out.tool(&name);
        out.tool_version(&version);
    }
    Ok(())
}

/// The product, by its fields or by the end of its ARN.
fn product_of(finding: &Value) -> String {
    let fields = at(finding, "ProductFields");
    let named = [
        text(finding, "ProductName"),
        text(fields, "aws/securityhub/ProductName"),
        text(fields, "ProviderName"),
        text(fields, "Product Name"),
    ];
    named
        .into_iter()
        .find(|name| !name.is_empty() && name != "Default")
        .unwrap_or_else(|| {
            let arn = text(finding, "ProductArn");
            let end = arn.rsplit('/').next().unwrap_or_default();
            if end == "default" {
                String::new()
            } else {
                end.to_owned()
            }
        })
}

/// The rule: the control of a standard, GuardDuty's type, the generator of the rest.
fn check_of(finding: &Value) -> String {
    let control = first(
        finding,
        [
            "Compliance.SecurityControlId",
            "ProductFields.ControlId",
            "ProductFields.RuleId",
        ],
    );
    if !control.is_empty() {
        return control;
    }
    let generator = text(finding, "GeneratorId");
    // A detector is the same for all that it detects.
    let is_detector = generator.contains(":guardduty:") || generator.is_empty();
    let types = texts(finding, "Types");
    let kind = types.first().and_then(|kind| kind.rsplit('/').next());
    match kind {
        Some(kind) if is_detector => kind.to_owned(),
        _ => ["Trivy/", "prowler-"]
            .iter()
            .find_map(|tool| generator.strip_prefix(tool))
            .unwrap_or(&generator)
            .to_owned(),
    }
}

fn take(finding: &Value, out: &mut Collector) {
    let check = check_of(finding);
    let compliance = text(finding, "Compliance.Status").to_uppercase();
    let reason = texts(finding, "Compliance.StatusReasons.Description").join(" ");
    let status = match compliance.as_str() {
        "PASSED" => Some(Status::Passed),
        "FAILED" | "WARNING" => Some(Status::Hit),
        "NOT_AVAILABLE" => Some(Status::NotAssessed),
        _ => None,
    };
    if let Some(status) = status {
        let reason = (!reason.is_empty()).then_some(reason);
        out.check(&check, &product_of(finding), status, reason);
    }
    out.finding(draft_of(finding, check, &compliance));
}

fn draft_of(finding: &Value, check: String, compliance: &str) -> Draft {
    let resources = list(finding, "Resources");
    let resource = resources.first().unwrap_or(&Value::Null);
    let resource_id = name_of(resource);
    let account = text(finding, "AwsAccountId");
    let is_container = text(resource, "Type") == "Container";
    let mut draft = Draft {
        check,
        own_id: text(finding, "Id"),
        title: title(finding, &resource_id),
        severity: severity_of(finding),
        severity_word: first(finding, ["Severity.Label", "Severity.Original"]),
        category: category(finding).to_owned(),
        description: text(finding, "Description"),
        remediation: text(finding, "Remediation.Recommendation.Text"),
        host: account.clone(),
        subject: resource_id.clone(),
        first_seen: first(finding, ["FirstObservedAt", "CreatedAt"]),
        last_seen: first(finding, ["LastObservedAt", "UpdatedAt"]),
        suppressed: suppressed(finding, compliance),
        ..Draft::default()
    };
    if is_container {
        // The image itself is what other formats of these tools call the host.
        let name = first(resource, ["Details.Container.ImageName", "Id"]);
        // Trivy puts the system behind it: `shop/web:1 (alpine 3.19)`.
        let is_system = |rest: &str| rest.ends_with(')') && !rest.contains('/');
        draft.host = match name.split_once(" (") {
            Some((image, rest)) if is_system(rest) => image.to_owned(),
            _ => name,
        };
        draft.subject.clear();
    } else if product_of(finding).starts_with("Prowler") {
        prowler(finding, resource, &mut draft);
    } else if resource_id.starts_with("AWS::::Account") && !compliance.is_empty() {
        // Some writers name the account alone; the user or policy is in the text.
        draft.key.clone_from(&draft.description);
    }
    if draft.remediation == "None Provided" {
        draft.remediation.clear();
    }
    // An export can hold the same finding twice; what differs is another one.
    draft.same_as = [&draft.own_id, &text(finding, "ProductArn"), &draft.title]
        .map(String::as_str)
        .join("|");
    if draft.own_id.is_empty() {
        draft.same_as.clear();
    }
    parts::vulnerabilities(finding, &mut draft);
    parts::other(at(resource, "Details.Other"), &mut draft);
    if !draft.ids.is_empty() {
        // The generator is the scanner as a whole; the identifier is taken instead.
        draft.check.clear();
    }
    parts::references(finding, &mut draft);
    parts::observations(finding, resources, &mut draft);
    draft.see("account", account);
    draft.see("product", product_of(finding));
    draft
}

/// The resource's ARN. An image is named by its tag if it has one: its digest is another one after
/// each build, and stays as evidence.
fn name_of(resource: &Value) -> String {
    let id = text(resource, "Id");
    let tag = first(resource, ["Details.AwsEcrContainerImage.ImageTags"]);
    let tag = tag.split(", ").next().unwrap_or_default();
    match id.split_once("/sha256:") {
        Some((repository, _)) if !tag.is_empty() => format!("{repository}:{tag}"),
        _ => id,
    }
}

/// Prowler's rule is in the title, and what is wrong with what in the description; the parts of the
/// id are those of its own formats.
fn prowler(finding: &Value, resource: &Value, draft: &mut Draft) {
    let message = draft.description.clone();
    let region = first(resource, ["Region"]);
    draft.see("rule", text(finding, "Title"));
    if draft.subject.starts_with("AWS::::Account") {
        draft.subject.clear();
        draft.key = joined(&[&region, &message], " ");
    } else {
        draft.key = region;
    }
    if !message.is_empty() {
        draft.title = message;
    }
}

/// The title, with the resource unless it names it already.
fn title(finding: &Value, resource_id: &str) -> String {
    let title = first(finding, ["Title", "Description", "GeneratorId"]);
    // An image's name holds colons of its own.
    let short = match resource_id.split_once(":repository/") {
        Some((_, image)) => image,
        None => resource_id.rsplit(':').next().unwrap_or_default(),
    };
    let name = short.rsplit('/').next().unwrap_or_default();
    if name.is_empty() || title.contains(name) {
        title
    } else {
        format!("{title}: {short}")
    }
}

fn severity_of(finding: &Value) -> Option<Severity> {
    let label = first(
        finding,
        ["Severity.Label", "FindingProviderFields.Severity.Label"],
    );
    if let Some(level) = severity::of_word(&label) {
        return Some(level);
    }
    let number = |path: &str| severity::number(&text(finding, path));
    // The bands that AWS gives for the normalised number; a product's own number is on a scale
    // to 10 (GuardDuty) or to 100.
    number("Severity.Normalized")
        .or_else(|| number("Severity.Product").map(|n| if n <= 10.0 { n * 10.0 } else { n }))
        .map(|number| match number {
            n if n >= 90.0 => Severity::Critical,
            n if n >= 70.0 => Severity::High,
            n if n >= 40.0 => Severity::Medium,
            n if n > 0.0 => Severity::Low,
            _ => Severity::Info,
        })
}

fn category(finding: &Value) -> &'static str {
    let types = texts(finding, "Types");
    let of = |beginning: &str| types.iter().any(|kind| kind.starts_with(beginning));
    let has = |path: &str| !list(finding, path).is_empty();
    if has("Malware") {
        "malware"
    } else if has("Vulnerabilities") || of("Software and Configuration Checks/Vulnerabilities") {
        "vulnerability"
    } else if of("TTPs") || of("Effects") || of("Unusual Behaviors") {
        "threat"
    } else {
        "misconfiguration"
    }
}

/// Why Security Hub does not count it.
fn suppressed(finding: &Value, compliance: &str) -> Option<(String, String, String)> {
    let workflow = first(finding, ["Workflow.Status", "WorkflowState"]).to_uppercase();
    let inspector = text(at(finding, "ProductFields"), "aws/inspector/FindingStatus");
    let note = text(finding, "Note.Text");
    let or = |words: &str| joined(&[&note, words], "; ");
    let (status, statement) = match workflow.as_str() {
        _ if compliance == "PASSED" => ("passed", or("the control passed")),
        "SUPPRESSED" => ("suppressed", or("workflow status SUPPRESSED")),
        "RESOLVED" => ("fixed", or("workflow status RESOLVED")),
        _ if text(finding, "RecordState") == "ARCHIVED" => {
            ("archived", or("record state ARCHIVED"))
        }
        _ if inspector == "CLOSED" => ("fixed", or("Inspector closed it")),
        _ if inspector == "SUPPRESSED" => ("suppressed", or("suppressed in Inspector")),
        _ => return None,
    };
    Some((status.to_owned(), String::new(), statement))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn severities_by_label_and_number() {
        let of = |severity: Value| severity_of(&json!({ "Severity": severity }));
        assert_eq!(
            of(json!({"Label": "HIGH", "Normalized": 0})),
            Some(Severity::High)
        );
        assert_eq!(of(json!({"Normalized": 40})), Some(Severity::Medium));
        assert_eq!(of(json!({"Product": 8.9})), Some(Severity::High));
        assert_eq!(of(json!({})), None);
    }

    #[test]
    fn what_the_tool_does_not_count() {
        let status = |finding: Value| {
            let compliance = text(&finding, "Compliance.Status");
            suppressed(&finding, &compliance).map(|(status, _, _)| status)
        };
        let passed = json!({"Compliance": {"Status": "PASSED"}});
        assert_eq!(status(passed).as_deref(), Some("passed"));
        let archived = json!({"RecordState": "ARCHIVED", "Workflow": {"Status": "NEW"}});
        assert_eq!(status(archived).as_deref(), Some("archived"));
        assert_eq!(status(json!({"RecordState": "ACTIVE"})), None);
    }

    #[test]
    fn an_image_is_named_by_its_tag() {
        let id = "arn:aws:ecr:eu-west-1:0:repository/shop/sha256:aa";
        let image =
            json!({"Id": id, "Details": {"AwsEcrContainerImage": {"ImageTags": ["1", "2"]}}});
        let name = name_of(&image);
        assert_eq!(name, "arn:aws:ecr:eu-west-1:0:repository/shop:1");
        assert_eq!(title(&json!({"Title": "T"}), &name), "T: shop:1");
        assert_eq!(name_of(&json!({"Id": id})), id);
    }

    #[test]
    fn rules_that_stay_the_same() {
        let guardduty = json!({
            "GeneratorId": "arn:aws:guardduty:eu-west-1:0:detector/x",
            "Types": ["TTPs/Discovery/Recon:EC2-Portscan"]});
        assert_eq!(check_of(&guardduty), "Recon:EC2-Portscan");
        let control = json!({"GeneratorId": "g", "ProductFields": {"ControlId": "EC2.2"}});
        assert_eq!(check_of(&control), "EC2.2");
    }
}
