//! Tools that say in their messages what SARIF has no field for, and what kind of thing each finds.

use super::place::Place;
use super::rules::Known;
use crate::draft::{Draft, is_cve};
use casemate_schema::{Component, Text};

/// What a hook sees of a result.
pub(super) struct Scene<'s> {
    pub(super) rule: Option<&'s Known<'s>>,
    /// The message, resolved.
    pub(super) message: &'s str,
    pub(super) place: &'s Place,
}

/// Changes what was read of a result in the common way.
pub(super) type Hook = fn(&Scene<'_>, &mut Draft);

/// A tool that is known by the beginning of its driver's name.
pub(super) struct Tool {
    begins: &'static str,
    /// The name that its other formats have in findings.
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) hook: Option<Hook>,
}

const fn tool(begins: &'static str, name: &'static str, category: &'static str) -> Tool {
    Tool {
        begins,
        name,
        category,
        hook: None,
    }
}

const fn hooked(
    begins: &'static str,
    name: &'static str,
    category: &'static str,
    hook: Hook,
) -> Tool {
    Tool {
        begins,
        name,
        category,
        hook: Some(hook),
    }
}

/// Known tools; one line each, an empty name keeps the driver's.
#[rustfmt::skip]
const TOOLS: &[Tool] = &[
    hooked("grype", "Grype", "vulnerability", grype),
    hooked("opengrep", "", "code", semgrep),
    hooked("semgrep", "Semgrep", "code", semgrep),
    hooked("trivy", "Trivy", "vulnerability", trivy),
    tool("anchore", "", "vulnerability"),
    tool("betterleaks", "", "secret"),
    tool("cfn-lint", "", "misconfiguration"),
    tool("cfn-nag", "", "misconfiguration"),
    tool("checkov", "Checkov", "misconfiguration"),
    tool("clamav", "", "malware"),
    tool("defsec", "tfsec", "misconfiguration"),
    tool("dependency-check", "", "vulnerability"),
    tool("detect-secrets", "detect-secrets", "secret"),
    tool("docker scout", "", "vulnerability"),
    tool("dockle", "", "misconfiguration"),
    tool("ggshield", "", "secret"),
    tool("gitleaks", "Gitleaks", "secret"),
    tool("govulncheck", "", "vulnerability"),
    tool("hadolint", "hadolint", "misconfiguration"),
    tool("kics", "KICS", "misconfiguration"),
    tool("kube", "", "misconfiguration"),
    tool("noseyparker", "Nosey Parker", "secret"),
    tool("nosey parker", "Nosey Parker", "secret"),
    tool("nuclei", "", "web"),
    tool("osv-scanner", "", "vulnerability"),
    tool("owasp dependency", "", "vulnerability"),
    tool("owasp zap", "", "web"),
    tool("polaris", "", "misconfiguration"),
    tool("regula", "", "misconfiguration"),
    tool("secretlint", "", "secret"),
    tool("snyk container", "", "vulnerability"),
    tool("snyk iac", "", "misconfiguration"),
    tool("snyk open source", "", "vulnerability"),
    tool("templateanalyzer", "", "misconfiguration"),
    tool("terrascan", "Terrascan", "misconfiguration"),
    tool("tfsec", "tfsec", "misconfiguration"),
    tool("trufflehog", "TruffleHog", "secret"),
    tool("yara", "", "malware"),
    tool("zap", "", "web"),
    tool("zizmor", "", "misconfiguration"),
];

/// What is known of a driver.
pub(super) fn of(driver: &str) -> Option<&'static Tool> {
    let driver = driver.trim().to_ascii_lowercase();
    TOOLS.iter().find(|tool| driver.starts_with(tool.begins))
}

/// Semgrep: a rule, a path and a line are a finding, as in its own JSON.
fn semgrep(_: &Scene<'_>, draft: &mut Draft) {
    draft.subject.clear();
    draft.host.clear();
}

/// Trivy: lines of the message name the package, its version and the fix. The place of a package of
/// the system is the image, which is no path.
fn trivy(scene: &Scene<'_>, draft: &mut Draft) {
    let said = |name: &str| field(scene.message, name);
    let raw = scene.rule.and_then(|rule| rule.raw);
    let kind = raw.map_or("", |rule| &*rule.name.text);
    draft.subject.clear();
    draft.host.clear();
    if draft.line == Some(1) {
        // It writes 1 where it knows no line.
        draft.line = None;
    }
    if let Some(severity) = crate::severity::of_word(said("Severity")) {
        draft.severity = Some(severity);
        said("Severity").clone_into(&mut draft.severity_word);
    }
    let package = said("Package");
    if !package.is_empty() {
        let fixed = said("Fixed Version");
        if kind.starts_with("Os") {
            let target = std::mem::take(&mut draft.path);
            draft.see("target", target);
            draft.line = None;
        }
        let id = draft.check.clone();
        vulnerable(
            scene,
            draft,
            id,
            [package, said("Installed Version"), fixed, ""],
        );
        return;
    }
    let category = match kind {
        "Secret" => "secret",
        "License" => "license",
        _ => "misconfiguration",
    };
    category.clone_into(&mut draft.category);
    let message = said("Message");
    if !message.is_empty() {
        message.clone_into(&mut draft.description);
    }
    draft.see("match", said("Match"));
    draft.see("type", said("Type"));
    let title = scene.rule.map_or("", |rule| rule.title.as_str());
    if !title.is_empty() {
        draft.title = format!("{title} ({})", scene.place.path);
    }
}

/// Grype: a rule is a vulnerability of a package, whose name and version are in the message, and in
/// the help of the rule.
fn grype(scene: &Scene<'_>, draft: &mut Draft) {
    let help = scene
        .rule
        .and_then(|rule| rule.raw)
        .map_or("", |rule| &*rule.help.text);
    let said = |name: &str| field(help, name);
    let between = |before: &str, after: &str| {
        let found = scene.message.split_once(before).map(|(_, rest)| rest);
        found
            .and_then(|rest| rest.split_once(after))
            .map(|(found, _)| found.trim())
    };
    let name = between(" reports ", " at version ")
        .or_else(|| between(" package: ", ", version "))
        .unwrap_or_else(|| said("Package"));
    let version = between(" at version ", " which ")
        .or_else(|| between(", version ", " was found"))
        .unwrap_or_else(|| said("Version"));
    let kind = match said("Type") {
        "" => between(" vulnerable (", ")").unwrap_or_default(),
        kind => kind,
    };
    let mut id = said("Vulnerability").to_owned();
    if id.is_empty() {
        // `CVE-2020-1-name`: the id of the rule has the name of the package behind it.
        id = draft
            .check
            .strip_suffix(name)
            .unwrap_or(&draft.check)
            .trim_end_matches('-')
            .to_owned();
    }
    if let Some(severity) = crate::severity::of_word(said("Severity")) {
        draft.severity = Some(severity);
        said("Severity").clone_into(&mut draft.severity_word);
    }
    draft.line = None;
    draft.subject.clear();
    if matches!(kind, "deb" | "rpm" | "apk" | "alpm" | "portage") {
        let target = std::mem::take(&mut draft.path);
        draft.see("target", target);
    }
    draft.see("namespace", said("Data Namespace"));
    let link = said("Link");
    if let Some((_, rest)) = link.split_once("](") {
        draft.references.push(rest.trim_end_matches(')').to_owned());
    }
    draft.check.clone_from(&id);
    vulnerable(scene, draft, id, [name, version, said("Fix Version"), kind]);
}

/// A vulnerable package: name, version, fix and type.
fn vulnerable(scene: &Scene<'_>, draft: &mut Draft, id: String, package: [&str; 4]) {
    let [name, version, fixed, kind] = package;
    // They say the package once more, or nothing.
    draft
        .evidence
        .retain(|(name, _)| !matches!(name.as_str(), "column" | "here"));
    let some = |text: &str| (!text.is_empty()).then(|| Text::from(text));
    "vulnerability".clone_into(&mut draft.category);
    draft.ids.retain(|known| *known != id);
    draft.ids.insert(0, id);
    let id = draft.ids.iter().find(|id| is_cve(id)).or(draft.ids.first());
    draft.title = format!("{} in {name} {version}", id.map_or("", String::as_str));
    let about = scene.rule.map_or("", |rule| rule.title.as_str());
    // Grype's says nothing but the id and the name again.
    if !about.is_empty() && !about.contains(name) {
        draft.title = format!("{}: {about}", draft.title.trim_end());
    }
    draft.component = Some(Component {
        name: name.into(),
        version: some(version),
        kind: some(package_type(kind)),
        fixed_version: some(fixed),
        purl: None,
    });
    draft.remediation = if fixed.is_empty() {
        String::new()
    } else {
        format!("Update {name} to {fixed}.")
    };
    if let Some(rule) = scene.rule {
        draft.description.clone_from(&rule.description);
    }
    if draft.description.is_empty() {
        scene.message.clone_into(&mut draft.description);
    }
}

/// Syft's names of package types as purl types.
fn package_type(kind: &str) -> &str {
    match kind {
        // Without its group, an archive's name is no name of Maven.
        "java-archive" | "jenkins-plugin" => "",
        "python" => "pypi",
        "go-module" => "golang",
        "rust-crate" => "cargo",
        "dotnet" => "nuget",
        "php-composer" => "composer",
        other => other,
    }
}

/// `value` of a line `name: value`, or `name value` at the beginning of the text.
fn field<'t>(text: &'t str, name: &str) -> &'t str {
    let lines = text.lines().map(str::trim);
    let found = lines.filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.strip_prefix(':').or_else(|| rest.strip_prefix(' '))
    });
    found.map(str::trim).next().unwrap_or_default()
}
