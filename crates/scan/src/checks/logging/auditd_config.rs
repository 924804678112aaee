//! What auditd does with its log.

use crate::check::{Cx, Hit, Skip, check};
use casemate_schema::Severity;
use std::collections::BTreeMap;

check! {
    /// # What it checks
    /// Settings in `/etc/audit/auditd.conf` that lose records without a word: `write_logs` or `local_events` off, and `ignore` for a full or failing
    /// disk; and old records that are thrown away (`max_log_file_action = rotate` with fewer than 4 files). One finding for each setting.
    ///
    /// # Why it matters
    /// An intruder fills the disk or produces noise, and what came before or after is not recorded.
    ///
    /// # Example
    /// `disk_full_action = IGNORE`
    ///
    /// # Instead
    /// `space_left_action = email`, `admin_space_left_action = single`, `disk_full_action = halt`, `disk_error_action = syslog`,
    /// `max_log_file_action = keep_logs`, `write_logs = yes`, `local_events = yes`; then `service auditd restart`.
    id: "log-auditd-config",
    surface: Logging,
    title: "auditd may lose records",
    severity: Low,
    references: [Cwe "CWE-223", Attack "T1562.012", Man "auditd.conf(5)"],
}

/// Setting, bad values, severity.
const BAD: [(&str, &[&str], Severity); 8] = [
    ("write_logs", &["no"], Severity::High),
    ("local_events", &["no"], Severity::High),
    ("space_left_action", &["ignore"], Severity::Low),
    ("admin_space_left_action", &["ignore"], Severity::Medium),
    ("disk_full_action", &["ignore"], Severity::Medium),
    ("disk_error_action", &["ignore"], Severity::Medium),
    ("max_log_file_action", &["ignore"], Severity::Low),
    ("log_format", &["nolog"], Severity::High),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const FILE: &str = "/etc/audit/auditd.conf";
    let Some(bytes) = cx.facts.read_if_there(FILE)? else {
        return Err(Skip::not_applicable("auditd is not configured"));
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut settings: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim_start().starts_with('#') {
            continue;
        }
        if let Some((key, value)) = text.split_once('=') {
            let entry = (line, value.trim().to_ascii_lowercase());
            settings.insert(key.trim().to_ascii_lowercase(), entry);
        }
    }
    for (key, bad, severity) in BAD {
        if let Some((line, value)) = settings.get(key)
            && bad.contains(&value.as_str())
        {
            cx.hit(hit(FILE, key, *line, value).severity(severity));
        }
    }
    let files = settings
        .get("num_logs")
        .and_then(|(_, value)| value.parse::<u32>().ok())
        .unwrap_or(0);
    if let Some((line, value)) = settings.get("max_log_file_action")
        && value == "rotate"
        && files < 4
    {
        cx.hit(
            hit(FILE, "max_log_file_action", *line, value).evidence("num_logs", files.to_string()),
        );
    }
    Ok(())
}

fn hit(file: &str, key: &str, line: u64, value: &str) -> Hit {
    Hit::new(format!("auditd may lose records: `{key} = {value}`"))
        .path(file)
        .line(line)
        .subject(key)
        .evidence_at(key, value, file, Some(line))
}
