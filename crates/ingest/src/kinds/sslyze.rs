//! `SSLyze`: the XML and JSON of version 1, the JSON of versions 2 to 4, that of version 5 and later.
//! All say the same of a server, so they give the same findings.

use super::sslyze_tls::{Server, Suites};
use crate::collector::Collector;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use casemate_schema::Status;
use serde_json::Value;

/// Versions of the protocol: name in JSON, in XML and old JSON, for people.
const PROTOCOLS: [(&str, &str, &str); 6] = [
    ("ssl_2_0_cipher_suites", "sslv2", "SSL 2.0"),
    ("ssl_3_0_cipher_suites", "sslv3", "SSL 3.0"),
    ("tls_1_0_cipher_suites", "tlsv1", "TLS 1.0"),
    ("tls_1_1_cipher_suites", "tlsv1_1", "TLS 1.1"),
    ("tls_1_2_cipher_suites", "tlsv1_2", "TLS 1.2"),
    ("tls_1_3_cipher_suites", "tlsv1_3", "TLS 1.3"),
];

/// Reads JSON.
pub(super) fn read_json(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.json()?;
    out.tool_version(&field::text(document, "sslyze_version"));
    out.scanned_at(&field::text(document, "date_scans_completed"));
    let mut n_scanned = 0;
    let mut failed: Vec<String> = Vec::new();
    for result in field::list(document, "server_scan_results") {
        let server = server_of(result);
        let commands = ["scan_commands_results", "scan_result"]
            .iter()
            .find_map(|name| result.get(*name).filter(|found| found.is_object()));
        match commands {
            Some(commands) => {
                n_scanned += 1;
                take(&server, commands, out);
                let errors = result
                    .get("scan_commands_errors")
                    .and_then(Value::as_object);
                for (command, error) in errors.into_iter().flatten() {
                    let why = format!("{}: {}", server.name(), field::text(error, "reason"));
                    out.check(command, "tls", Status::NotAssessed, Some(why));
                }
            }
            None => {
                let why = field::first(result, ["connectivity_error_trace", "scan_status"]);
                let why = why.lines().last().unwrap_or_default().to_owned();
                failed.push(format!("{}: {why}", server.name()));
            }
        }
    }
    for target in field::list(document, "accepted_targets") {
        if let Some(commands) = target.get("commands_results") {
            n_scanned += 1;
            take(&server_of(target), commands, out);
        }
    }
    for error in field::list(document, "server_connectivity_errors") {
        let server = server_of(error);
        let why = field::text(error, "error_message");
        failed.push(format!("{}: {why}", server.name()));
    }
    for target in field::list(document, "invalid_server_strings") {
        let (name, why) = (
            field::text(target, "server_string"),
            field::text(target, "error_message"),
        );
        failed.push(format!("{name}: {why}"));
    }
    failed.extend(
        field::list(document, "invalid_targets")
            .iter()
            .filter_map(|target| {
                let (name, why) = target.as_object()?.iter().next()?;
                Some(format!(
                    "{name}: {}",
                    crate::path::text_of(why).unwrap_or_default()
                ))
            }),
    );
    end(n_scanned, failed, out)
}

/// Says what could not be scanned.
fn end(n_scanned: u64, failed: Vec<String>, out: &mut Collector) -> Result<(), ImportError> {
    if n_scanned == 0 && !failed.is_empty() {
        return Err(ImportError::ToolFailed {
            reason: failed.join("; "),
        });
    }
    for reason in failed {
        out.note(format!("not scanned: {reason}"));
    }
    Ok(())
}

fn server_of(result: &Value) -> Server {
    let info = result.get("server_info").unwrap_or(result);
    let location = info.get("server_location").unwrap_or(info);
    Server::new(
        &field::first(location, ["hostname", "ip_address"]),
        &field::text(location, "port"),
        &field::text(location, "ip_address"),
    )
}

/// The result of a command in JSON of any version: itself, or what is inside of an attempt.
fn result<'v>(
    server: &Server,
    commands: &'v Value,
    names: &[&str],
    out: &mut Collector,
) -> Option<&'v Value> {
    let name = names.first()?;
    let found = names.iter().find_map(|name| commands.get(*name))?;
    match field::text(found, "status").as_str() {
        "NOT_SCHEDULED" => None,
        "ERROR" => {
            let why = format!("{}: {}", server.name(), field::text(found, "error_reason"));
            out.check(name, "tls", Status::NotAssessed, Some(why));
            None
        }
        _ => match found.get("result") {
            Some(inner) => Some(inner).filter(|inner| !inner.is_null()),
            None => Some(found),
        },
    }
}

fn take(server: &Server, commands: &Value, out: &mut Collector) {
    if let Some(found) = result(server, commands, &["heartbleed"], out)
        && let Some(hit) = field::flag(found, "is_vulnerable_to_heartbleed")
    {
        server.heartbleed(hit, out);
    }
    let ccs = ["openssl_ccs_injection", "openssl_ccs"];
    if let Some(found) = result(server, commands, &ccs, out)
        && let Some(hit) = field::flag(found, "is_vulnerable_to_ccs_injection")
    {
        server.ccs_injection(hit, out);
    }
    if let Some(found) = result(server, commands, &["session_renegotiation", "reneg"], out) {
        // Newer versions say whether the client can use it to keep the server busy.
        let by_client = field::flag(found, "is_vulnerable_to_client_renegotiation_dos")
            .or_else(|| field::flag(found, "accepts_client_renegotiation"));
        let secure = field::flag(found, "supports_secure_renegotiation");
        server.renegotiation(by_client, secure, out);
    }
    if let Some(found) = result(server, commands, &["robot"], out) {
        server.robot(
            &field::first(found, ["robot_result", "robot_result_enum"]),
            out,
        );
    }
    for (name, old, words) in PROTOCOLS {
        let Some(found) = result(server, commands, &[name, old], out) else {
            continue;
        };
        let accepted = field::list(found, "accepted_cipher_suites")
            .iter()
            .chain(field::list(found, "accepted_cipher_list"));
        let suites: Vec<String> = accepted
            .map(|suite| {
                field::first(
                    suite.get("cipher_suite").unwrap_or(suite),
                    ["name", "openssl_name"],
                )
            })
            .collect();
        server.protocol(name, words, &Suites::Json(suites), out);
    }
    if let Some(found) = result(server, commands, &["certificate_info"], out) {
        let problems = field::list(found, "certificate_deployments")
            .iter()
            .map(deployment)
            .find(|problems| !problems.is_empty());
        server.certificate(&problems.unwrap_or_default(), out);
    }
}

/// What is wrong with a certificate that the server has.
fn deployment(deployment: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    if field::flag(deployment, "leaf_certificate_subject_matches_hostname") == Some(false) {
        problems.push("The certificate is not for this host name".to_owned());
    }
    for path in field::list(deployment, "path_validation_results") {
        let error = field::first(path, ["openssl_error_string", "validation_error"]);
        if !error.is_empty() {
            let store = field::text(path, "trust_store.name");
            let version = field::text(path, "trust_store.version");
            problems.push(format!("{error} ({store} {version})"));
        }
    }
    problems
}

/// Reads XML.
pub(super) fn read_xml(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.xml()?;
    let Some(document) = document.get("document") else {
        return Err(ImportError::NotThisKind {
            kind: "sslyze-xml".to_owned(),
            reason: "there is no `document`".to_owned(),
        });
    };
    out.tool_version(&field::text(document, "@SSLyzeVersion"));
    let mut n_scanned = 0;
    for target in field::list(document, "results.target") {
        n_scanned += 1;
        let server = Server::new(
            &field::first(target, ["@host", "@ip"]),
            &field::text(target, "@port"),
            &field::text(target, "@ip"),
        );
        take_xml(&server, target, out);
    }
    let failed = field::list(document, "invalidTargets.invalidTarget")
        .iter()
        .map(|target| {
            let name = crate::path::text_of(target).unwrap_or_default();
            format!("{name}: {}", field::text(target, "@error"))
        });
    end(n_scanned, failed.collect(), out)
}

fn take_xml(server: &Server, target: &Value, out: &mut Collector) {
    if let Some(hit) = field::flag(target, "heartbleed.openSslHeartbleed.@isVulnerable") {
        server.heartbleed(hit, out);
    }
    let ccs = ["openssl_ccs", "openSslCcsInjection", "@isVulnerable"];
    if let Some(hit) = field::flag(target, ccs) {
        server.ccs_injection(hit, out);
    }
    let renegotiation = |name: &str| field::flag(target, ["reneg", "sessionRenegotiation", name]);
    let (by_client, secure) = (
        renegotiation("@canBeClientInitiated"),
        renegotiation("@isSecure"),
    );
    if secure == Some(true) && by_client == Some(true) {
        // Version 1 cannot tell whether that is a danger.
        out.note(format!(
            "{} accepts renegotiation by the client",
            server.name()
        ));
        server.renegotiation(Some(false), secure, out);
    } else {
        server.renegotiation(by_client, secure, out);
    }
    server.robot(&field::text(target, "robot.robotAttack.@resultEnum"), out);
    for (name, old, words) in PROTOCOLS {
        let Some(found) = target.get(old) else {
            continue;
        };
        let why = field::text(found, "@exception");
        if !why.is_empty() {
            let why = format!("{}: {why}", server.name());
            out.check(name, "tls", Status::NotAssessed, Some(why));
            continue;
        }
        let mut suites: Vec<String> = Vec::new();
        for list in ["preferredCipherSuite", "acceptedCipherSuites"] {
            for suite in field::list(found, [list, "cipherSuite"]) {
                let suite = field::text(suite, "@name");
                if !suite.is_empty() && !suites.contains(&suite) {
                    suites.push(suite);
                }
            }
        }
        server.protocol(name, words, &Suites::Xml(suites), out);
    }
    let found = field::at(target, "certinfo.certificateValidation");
    if !found.is_null() {
        server.certificate(&validation(found), out);
    }
}

/// What is wrong with the certificate in XML.
fn validation(found: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let matches = ["hostnameValidation", "@certificateMatchesServerHostname"];
    if field::flag(found, matches) == Some(false) {
        problems.push("The certificate is not for this host name".to_owned());
    }
    for path in field::list(found, "pathValidation") {
        let result = field::first(path, ["@validationResult", "@error"]);
        if !result.is_empty() && result != "ok" {
            let store = field::text(path, "@usingTrustStore");
            let version = field::text(path, "@trustStoreVersion");
            problems.push(format!("{result} ({store} {version})"));
        }
    }
    problems
}
