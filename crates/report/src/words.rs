//! Which words do people read? Labels, plural forms, times and places, the same in every writer.
//!
//! Invariant: everything that comes from the report passes through
//! [`casemate_base::text::printable`].

use crate::{case, facts};
use casemate_base::text::printable;
use casemate_schema::{
    Cvss, Evidence, Finding, Host, InputFile, Location, Reference, ReferenceKind, Report, Risk,
    ScanMode, SourceRecord, Status, Suppression,
};

/// `1 check`, `2 checks`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{ending}")
}

/// `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a surface is called in prose; an unknown name is shown as it is.
pub(crate) fn surface(name: &str) -> String {
    let label = match name {
        "processes" => "Processes",
        "sockets" => "Listening sockets",
        "kernel" => "Kernel settings",
        "modules" => "Kernel modules",
        "files" => "File permissions",
        "suid" => "SUID programs",
        "mac" => "Access control (MAC)",
        "users" => "Users and passwords",
        "sudo" => "Sudo rules",
        "pam" => "PAM",
        "ssh" => "SSH",
        "cron" => "Scheduled jobs",
        "units" => "Systemd units",
        "mounts" => "Mounts",
        "firewall" => "Firewall",
        "logging" => "Logging and audit",
        "boot" => "Boot",
        "packages" => "Packages",
        "integrity" => "File integrity",
        "containers" => "Containers",
        "certificates" => "Certificates",
        "secrets" | "secret" => "Secrets",
        "vulnerability" => "Vulnerabilities",
        "misconfiguration" => "Misconfiguration",
        "compliance" => "Compliance",
        "license" => "Licences",
        "code" => "Code",
        "web" => "Web",
        "network" => "Network",
        "tls" => "TLS",
        "malware" => "Malware",
        "threat" => "Threats",
        other => return printable(other).into_owned(),
    };
    label.to_owned()
}

/// The state of a check in words.
pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::Hit => "Hit",
        Status::Passed => "Passed",
        Status::NotApplicable => "Not applicable",
        Status::NotAssessed => "Not assessed",
    }
}

/// `2026-11-20 14:03:11 UTC` from RFC 3339; another text is shown as it is.
pub(crate) fn time(rfc3339: &str) -> String {
    let shown = printable(rfc3339);
    let utc = shown
        .strip_suffix('Z')
        .and_then(|local| local.split_once('T'));
    match utc {
        Some((date, time)) => {
            let seconds = time.split('.').next().unwrap_or(time);
            format!("{date} {seconds} UTC")
        }
        None => shown.into_owned(),
    }
}

/// The host's name, or words that say that it is not known.
pub(crate) fn host_name(host: &Host) -> String {
    host.name.as_deref().map_or_else(
        || "an unnamed host".to_owned(),
        |name| short(&printable(name)),
    )
}

/// A name of the host in running text; JSON keeps it whole.
pub(crate) fn short(name: &str) -> String {
    const LETTERS_MAX: usize = 80;
    if name.chars().count() <= LETTERS_MAX {
        return name.to_owned();
    }
    let mut cut: String = name.chars().take(LETTERS_MAX).collect();
    cut.push('\u{2026}');
    cut
}

/// The operating system's own name for itself, or its id and version.
pub(crate) fn operating_system(host: &Host) -> Option<String> {
    let os = host.os.as_ref()?;
    let words = match (&os.name, &os.version) {
        (Some(name), _) => name.clone(),
        (None, Some(version)) => format!("{} {version}", os.id),
        (None, None) => os.id.clone(),
    };
    Some(short(&printable(&words)))
}

/// How thorough the scan was.
pub(crate) const fn mode(mode: ScanMode) -> &'static str {
    match mode {
        ScanMode::Quick => "quick scan",
        ScanMode::Deep => "deep scan",
        ScanMode::Import => "imported reports",
    }
}

/// What was scanned, by the report's word for the target.
pub(crate) fn target(target: &str) -> String {
    match target {
        "host" => "the running system".to_owned(),
        "tree" => "a mounted tree".to_owned(),
        "reports" => "other tools' reports".to_owned(),
        other => printable(other).into_owned(),
    }
}

/// `path:line`, the path alone, or nothing.
pub(crate) fn path_line(path: Option<&str>, line: Option<u64>) -> Option<String> {
    let path = printable(path?);
    Some(match line {
        Some(line) => format!("{path}:{line}"),
        None => path.into_owned(),
    })
}

/// Where a finding is, in one line: path and line, else subject, else nothing.
pub(crate) fn place(location: &Location) -> Option<String> {
    path_line(location.path.as_deref(), location.line)
        .or_else(|| location.subject.as_deref().map(|s| printable(s).into()))
}

/// The file that a piece of evidence was read from.
pub(crate) fn evidence_place(evidence: &Evidence) -> Option<String> {
    path_line(evidence.path.as_deref(), evidence.line)
}

/// A catalogue entry, with the catalogue's name where the id does not hold it.
pub(crate) fn reference(reference: &Reference) -> String {
    let id = printable(&reference.id);
    match reference.kind {
        ReferenceKind::Cis => format!("CIS {id}"),
        ReferenceKind::Attack => format!("ATT&CK {id}"),
        ReferenceKind::Cwe | ReferenceKind::Cve | ReferenceKind::Man | ReferenceKind::Url => {
            id.into_owned()
        }
    }
}

/// `severity 60 (critical) + exposure 20 (listens on every address)`.
pub(crate) fn factors(risk: &Risk) -> String {
    let parts: Vec<String> = risk
        .factors
        .iter()
        .map(|factor| {
            let name = printable(&factor.name);
            let reason = printable(&factor.reason);
            if reason.is_empty() {
                format!("{name} {}", factor.points)
            } else {
                format!("{name} {} ({reason})", factor.points)
            }
        })
        .collect();
    parts.join(" + ")
}

/// What the report is about, in a few words: the host, or the files that were read.
pub(crate) fn subject(report: &Report) -> String {
    if report.host.name.is_some() {
        return host_name(&report.host);
    }
    if report.scan.mode != ScanMode::Import {
        return "Unnamed host".to_owned();
    }
    match report.inputs.as_slice() {
        [] => "imported findings".to_owned(),
        [one] => short(&printable(one.target.as_deref().unwrap_or(&one.name))),
        _ => crate::summary::inputs(report),
    }
}

/// The check, with the tool before it when it is another's.
pub(crate) fn check(finding: &Finding) -> String {
    let source = &finding.source;
    if source.tool == "casemate" {
        return printable(&source.check).into_owned();
    }
    printable(&format!("{} {}", source.tool, source.check)).into_owned()
}

/// What another tool calls the finding and its severity.
pub(crate) fn source(finding: &Finding) -> Option<String> {
    let source = &finding.source;
    let words: Vec<&str> = [source.id.as_deref(), source.severity.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    (!words.is_empty())
        .then(|| printable(&format!("{}: {}", source.tool, words.join(", "))).into_owned())
}

/// `CVSS 9.8 (3.1, nvd) CVSS:3.1/AV:N...`.
pub(crate) fn cvss(cvss: &Cvss) -> String {
    let mut text = "CVSS".to_owned();
    if let Some(score) = facts::cvss_score(cvss) {
        text.push_str(&format!(" {score}"));
    }
    let about: Vec<&str> = [facts::cvss_version(cvss), cvss.source.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    if !about.is_empty() {
        text.push_str(&format!(" ({})", about.join(", ")));
    }
    if let Some(vector) = cvss.vector.as_deref() {
        text.push_str(&format!(" {vector}"));
    }
    printable(&text).into_owned()
}

/// A probability as a percentage with one digit.
pub(crate) fn epss(score: f64) -> String {
    format!("{:.1} %", score * 100.0)
}

/// `openssl@3.0.1 -> 3.0.2`.
pub(crate) fn component_fix(finding: &Finding) -> Option<String> {
    let component = finding.component.as_deref()?;
    let name = facts::component(component);
    Some(match component.fixed_version.as_deref() {
        Some(fix) => format!("{name} -> {}", printable(fix)),
        None => name,
    })
}

/// What is known of one finding beside its title, text and evidence: name and value.
pub(crate) fn details(finding: &Finding) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let mut push = |name: &'static str, value: Option<String>| {
        out.extend(
            value
                .filter(|value| !value.is_empty())
                .map(|value| (name, value)),
        );
    };
    let shown = |text: &str| printable(text).into_owned();
    let location = &finding.location;
    push("Host", location.host.as_deref().map(shown));
    let path = path_line(location.path.as_deref(), location.line);
    push("Where", path);
    let exact = location.path_base64.as_deref();
    push("Exact bytes in base64", exact.map(shown));
    push("Subject", location.subject.as_deref().map(shown));
    push("Component", component_fix(finding));
    let component = finding.component.as_deref();
    push(
        "Package URL",
        component.and_then(|c| c.purl.as_deref()).map(shown),
    );
    if let Some(vulnerability) = finding.vulnerability.as_deref() {
        push(
            "Vulnerability",
            Some(shown(&facts::identifiers(finding).join(", "))),
        );
        let scores = vulnerability.cvss.iter().map(cvss).collect::<Vec<_>>();
        push("Scores", Some(scores.join("; ")));
        push("EPSS", facts::epss(finding).map(epss));
        let exploited = vulnerability.exploited;
        push(
            "Exploited",
            exploited.map(|yes| if yes { "yes" } else { "no" }.to_owned()),
        );
        push("Published", vulnerability.published.as_deref().map(time));
    }
    enriched(finding, &mut push);
    push("State", case::state(finding));
    push("First seen", finding.first_seen.as_deref().map(time));
    push("Last seen", finding.last_seen.as_deref().map(time));
    push("Source", source(finding));
    push(
        "Risk",
        finding
            .risk
            .as_ref()
            .map(|risk| format!("{} = {}", risk.score, factors(risk))),
    );
    if let Some(merged) = finding.merged.as_deref() {
        let tools = facts::tools(finding).len() as u64;
        let keys = shown(&merged.keys.join(", "));
        push(
            "Found by",
            Some(format!("{}, which agree on {keys}", count(tools, "tool"))),
        );
    }
    out
}

/// What packs say of one finding.
fn enriched(finding: &Finding, push: &mut impl FnMut(&'static str, Option<String>)) {
    let Some(enrichment) = finding.enrichment.as_deref() else {
        return;
    };
    let kev = enrichment.kev.as_deref();
    push(
        "Known exploited",
        kev.map(|kev| format!("since {} (CISA)", printable(&kev.added))),
    );
    push(
        "EPSS of the pack",
        enrichment
            .epss
            .as_ref()
            .map(|score| epss(score.probability)),
    );
    push(
        "CVSS from the vector",
        enrichment.cvss.as_ref().map(|cvss| {
            let given = cvss
                .given
                .map(|given| format!("; the source says {given:.1}"));
            let given = given.unwrap_or_default();
            format!("{:.1} ({}){given}", cvss.score, printable(&cvss.version))
        }),
    );
    let techniques = enrichment.techniques.iter().map(|technique| {
        let name = technique.name.as_deref().unwrap_or_default();
        let text = format!("{} {name} because: {}", technique.id, technique.reason);
        printable(&text).into_owned()
    });
    push(
        "Techniques",
        Some(techniques.collect::<Vec<_>>().join("; ")),
    );
    let unknown: Vec<&str> = enrichment.unknown.iter().map(|it| it.as_str()).collect();
    push(
        "Not known",
        Some(printable(&unknown.join("; ")).into_owned()),
    );
}

/// One tool's own record of a merged finding.
pub(crate) fn record(record: &SourceRecord) -> String {
    let source = &record.source;
    let mut text = format!(
        "{} {}, {}: {}",
        source.tool, source.check, record.severity, record.title
    );
    if let Some(place) = place(&record.location) {
        text.push_str(&format!(", at {place}"));
    }
    for item in &record.evidence {
        text.push_str(&format!(", {} = {}", item.name, item.value));
    }
    text.push_str(&format!(" ({})", record.id));
    printable(&text).into_owned()
}

/// Who says that a finding does not count, and why.
pub(crate) fn suppression(suppression: &Suppression) -> String {
    let mut text = format!("{}, says {}", suppression.status, suppression.by);
    if let Some(justification) = suppression.justification.as_deref() {
        text.push_str(&format!(": {justification}"));
    }
    if let Some(statement) = suppression.statement.as_deref() {
        text.push_str(&format!(": {statement}"));
    }
    text.push_str(&format!(" ({})", suppression.source));
    printable(&text).into_owned()
}

/// Who wrote a file that was read: the tool, or the kind of file when it does not name itself.
pub(crate) fn input_name(input: &InputFile) -> &str {
    if input.tool.is_empty() {
        &input.kind
    } else {
        &input.tool
    }
}

/// `Trivy 0.58.1`.
pub(crate) fn input_tool(input: &InputFile) -> String {
    let tool = input_name(input);
    match input.tool_version.as_deref() {
        Some(version) => printable(&format!("{tool} {version}")).into_owned(),
        None => printable(tool).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_counts_and_times_read_as_prose() {
        let words =
            |items: &[&str]| list(&items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["a", "b", "c"]), "a, b and c");
        assert_eq!(words(&["a"]), "a");
        assert_eq!(count(1, "check"), "1 check");
        assert_eq!(count(0, "check"), "0 checks");
        assert_eq!(time("2026-11-20T14:03:11.5Z"), "2026-11-20 14:03:11 UTC");
        assert_eq!(time("yesterday\u{7}"), "yesterday\\u{7}");
    }

    #[test]
    fn a_place_prefers_the_path() {
        let mut location = Location {
            path: Some("/etc/a\nb".into()),
            line: Some(3),
            subject: Some("root".into()),
            ..Location::default()
        };
        assert_eq!(place(&location).as_deref(), Some("/etc/a\\u{a}b:3"));
        location.path = None;
        assert_eq!(place(&location).as_deref(), Some("root"));
    }
}
