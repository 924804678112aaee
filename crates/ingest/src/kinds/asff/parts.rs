//! The parts of a finding: vulnerable packages, references, what was seen.

use super::super::ocsf::kind_of_manager;
use crate::cvss;
use crate::draft::{Draft, is_cve};
use crate::field::{at, first, list, text, texts};
use crate::severity;
use casemate_schema::{Component, Cvss, Text};
use serde_json::Value;

/// Most packages of one finding that are named beside the first.
const PACKAGES_MAX: usize = 100;

fn some(text: String) -> Option<Text> {
    (!text.is_empty()).then(|| Text::from(text))
}

/// Inspector's part: the vulnerabilities with their packages.
pub(super) fn vulnerabilities(finding: &Value, draft: &mut Draft) {
    let all = list(finding, "Vulnerabilities");
    let mut packages: Vec<&Value> = Vec::new();
    for one in all {
        draft.ids.extend(texts(one, "Id"));
        draft.ids.extend(texts(one, "RelatedVulnerabilities"));
        draft.references.extend(texts(one, "Vendor.Url"));
        draft.references.extend(texts(one, "ReferenceUrls"));
        for score in list(one, "Cvss") {
            let score = score_of(score);
            draft
                .cvss
                .extend(score.filter(|new| !draft.cvss.contains(new)));
        }
        draft.epss = draft
            .epss
            .or_else(|| severity::number(&text(one, "EpssScore")));
        for code in list(one, "CodeVulnerabilities") {
            draft.cwes.extend(texts(code, "Cwes"));
            if draft.path.is_empty() {
                draft.path = first(code, ["FilePath.FilePath", "FilePath.FileName"]);
                draft.line = text(code, "FilePath.StartLine").parse().ok();
            }
        }
        draft.see("exploit available", text(one, "ExploitAvailable"));
        draft.see("fix available", text(one, "FixAvailable"));
        if draft.published.is_empty() {
            draft.published = text(one, "Vendor.VendorCreatedAt");
        }
        packages.extend(list(one, "VulnerablePackages"));
    }
    if let Some(package) = packages.first() {
        draft.component = Some(component(package));
        if draft.path.is_empty() {
            draft.path = text(package, "FilePath");
        }
    }
    for package in packages.iter().skip(1).take(PACKAGES_MAX) {
        let of = component(package);
        let version = of.version.as_deref().unwrap_or_default();
        draft.see("also affected", format!("{} {version}", of.name));
    }
    let mut steps: Vec<String> = packages
        .iter()
        .map(|package| text(package, "Remediation"))
        .filter(|step| !step.is_empty())
        .collect();
    steps.dedup();
    if !steps.is_empty() {
        if !draft.remediation.is_empty() {
            draft.remediation.push('\n');
        }
        draft.remediation.push_str(&steps.join("\n"));
    }
    if all.is_empty() {
        by_title(finding, draft);
    }
}

/// `CVE-2022-3643 - kernel`: what Inspector's title says when the rest was left out.
fn by_title(finding: &Value, draft: &mut Draft) {
    let title = text(finding, "Title");
    let Some((id, name)) = title.split_once(" - ") else {
        return;
    };
    if !is_cve(id) {
        return;
    }
    draft.ids.push(id.trim().to_owned());
    if !name.contains(',') {
        draft.component = Some(Component {
            name: name.trim().into(),
            ..Component::default()
        });
    }
}

/// Scores; Inspector gives those that it adjusted beside the original.
fn score_of(from: &Value) -> Option<Cvss> {
    cvss::stated(
        &text(from, "Version"),
        &text(from, "BaseVector"),
        severity::number(&text(from, "BaseScore")),
        &text(from, "Source"),
    )
}

fn component(package: &Value) -> Component {
    let mut version = text(package, "Version");
    let release = text(package, "Release");
    if !version.is_empty() && !release.is_empty() && !version.ends_with(&release) {
        version = format!("{version}-{release}");
    }
    let epoch = text(package, "Epoch");
    if !matches!(epoch.as_str(), "" | "0") && !version.contains(':') {
        version = format!("{epoch}:{version}");
    }
    let fixed = text(package, "FixedInVersion");
    let is_fixed = !matches!(
        fixed.to_lowercase().as_str(),
        "notavailable" | "none" | "no"
    );
    let manager = text(package, "PackageManager");
    Component {
        name: text(package, "Name").into(),
        version: some(version),
        purl: None,
        kind: kind_of_manager(&manager).map(Text::from),
        fixed_version: some(fixed).filter(|_| is_fixed),
    }
}

/// Fields that Trivy's template puts under `Details.Other`.
pub(super) fn other(details: &Value, draft: &mut Draft) {
    let Value::Object(map) = details else {
        return;
    };
    let get = |name: &str| map.get(name).and_then(crate::path::text_of);
    draft.ids.extend(get("CVE ID"));
    if let (None, Some(name)) = (&draft.component, get("PkgName")) {
        draft.component = Some(Component {
            name: name.into(),
            version: get("Installed Package").map(Text::from),
            fixed_version: get("Patched Package").map(Text::from),
            ..Component::default()
        });
    }
    for (version, vector, score) in [
        ("", "NvdCvssVectorV3", "NvdCvssScoreV3"),
        ("2.0", "NvdCvssVectorV2", "NvdCvssScoreV2"),
    ] {
        let vector = get(vector).unwrap_or_default();
        let score = get(score).and_then(|text| severity::number(&text));
        let score = cvss::given(score);
        draft
            .cvss
            .extend(cvss::scored(version, &vector, score, "nvd"));
    }
    for (name, value) in map {
        let is_taken = name.starts_with("Nvd")
            || matches!(
                name.as_str(),
                "CVE ID" | "PkgName" | "Installed Package" | "Patched Package"
            );
        if !is_taken {
            draft.see(name, crate::path::text_of(value).unwrap_or_default());
        }
    }
}

/// Addresses that the finding names.
pub(super) fn references(finding: &Value, draft: &mut Draft) {
    for path in [
        "Remediation.Recommendation.Url",
        "SourceUrl",
        "ProductFields.RecommendationUrl",
    ] {
        draft.references.extend(texts(finding, path));
    }
    draft.references.retain(|url| url.contains("://"));
}

/// GuardDuty's fields that tell what happened.
const ACTIONS: [(&str, &str); 12] = [
    ("action", "actionType"),
    (
        "remote address",
        "networkConnectionAction/remoteIpDetails/ipAddressV4",
    ),
    (
        "remote port",
        "networkConnectionAction/remotePortDetails/port",
    ),
    (
        "local port",
        "networkConnectionAction/localPortDetails/port",
    ),
    ("direction", "networkConnectionAction/connectionDirection"),
    ("protocol", "networkConnectionAction/protocol"),
    ("api", "awsApiCallAction/api"),
    ("api service", "awsApiCallAction/serviceName"),
    ("api caller", "awsApiCallAction/remoteIpDetails/ipAddressV4"),
    ("domain", "dnsRequestAction/domain"),
    (
        "remote address",
        "portProbeAction/portProbeDetails.0_/remoteIpDetails/ipAddressV4",
    ),
    (
        "remote address",
        "kubernetesApiCallAction/remoteIpDetails/ipAddressV4",
    ),
];

/// What was seen, and what else is affected.
pub(super) fn observations(finding: &Value, resources: &[Value], draft: &mut Draft) {
    let fields = at(finding, "ProductFields");
    let field = |name: &str| {
        fields
            .get(name)
            .and_then(crate::path::text_of)
            .unwrap_or_default()
    };
    for (name, key) in ACTIONS {
        draft.see(name, field(&format!("aws/guardduty/service/action/{key}")));
    }
    draft.see("count", field("aws/guardduty/service/count"));
    draft.see("platform", field(PLATFORM));
    draft.see("inspector score", field("aws/inspector/inspectorScore"));
    for (name, value) in [
        ("types", text(finding, "Types")),
        ("region", first(finding, ["Region", "Resources.Region"])),
        ("compliance", text(finding, "Compliance.Status")),
        (
            "requirements",
            text(finding, "Compliance.RelatedRequirements"),
        ),
        (
            "reason",
            texts(finding, "Compliance.StatusReasons.Description").join(" "),
        ),
        (
            "standard",
            first(fields, ["StandardsArn", "StandardsGuideArn"]),
        ),
        ("note", text(finding, "Note.Text")),
        ("process", first(finding, ["Process.Path", "Process.Name"])),
        ("malware", texts(finding, "Malware.Name").join(", ")),
        (
            "sample",
            if text(finding, "Sample") == "true" {
                "true"
            } else {
                ""
            }
            .to_owned(),
        ),
    ] {
        draft.see(name, value);
    }
    for resource in resources.iter().skip(1) {
        draft.see(
            "resource",
            format!("{} {}", text(resource, "Type"), text(resource, "Id")),
        );
    }
    let Some(resource) = resources.first() else {
        return;
    };
    draft.see("resource type", text(resource, "Type"));
    for (name, path) in [
        ("address", "Details.AwsEc2Instance.IpV4Addresses"),
        ("image", "Details.AwsEc2Instance.ImageId"),
        ("repository", "Details.AwsEcrContainerImage.RepositoryName"),
        ("digest", "Details.AwsEcrContainerImage.ImageDigest"),
        ("tags", "Details.AwsEcrContainerImage.ImageTags"),
        ("function", "Details.AwsLambdaFunction.FunctionName"),
        ("name", "Tags.Name"),
    ] {
        draft.see(name, text(resource, path));
    }
}

const PLATFORM: &str = "aws/inspector/resources/1/resourceDetails/awsEc2InstanceDetails/platform";
