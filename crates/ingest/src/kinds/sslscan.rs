//! sslscan's XML.

use super::pick;
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::input::Input;
use casemate_schema::{Severity, Status};
use serde_json::Value;

/// Reads the tests of all targets.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.xml()?;
    out.tool_version(&pick::text(document, &["document", "@version"]));
    let mut n_tests = 0;
    for test in pick::each(document, &["document", "ssltest"]) {
        n_tests += 1;
        let target = Target {
            host: pick::text(test, &["@host"]),
            port: pick::text(test, &["@port"]),
        };
        target.take(test, out);
    }
    for error in pick::texts(document, &["document", "error"]) {
        if n_tests == 0 {
            return Err(ImportError::ToolFailed { reason: error });
        }
        out.note(format!("part of the scan failed: {error}"));
    }
    Ok(())
}

struct Target {
    host: String,
    port: String,
}

impl Target {
    fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn draft(&self, check: &str, what: &str, severity: Severity) -> Draft {
        let subject = format!("{}/tcp {what}", self.port);
        Draft {
            check: check.to_owned(),
            severity: Some(severity),
            category: "tls".to_owned(),
            host: self.host.clone(),
            same_as: [check, &self.host, &subject].join(" "),
            subject,
            ..Draft::default()
        }
    }

    fn take(&self, test: &Value, out: &mut Collector) {
        for protocol in pick::each(test, &["protocol"]) {
            self.protocol(protocol, out);
        }
        for heartbleed in pick::each(test, &["heartbleed"]) {
            self.heartbleed(heartbleed, out);
        }
        for cipher in pick::each(test, &["cipher"]) {
            self.cipher(cipher, out);
        }
        let compression = pick::flag(test, &["compression", "@supported"]);
        state("compression", compression.map(|on| !on), out);
        let fallback = pick::flag(test, &["fallback", "@supported"]);
        state("fallback-scsv", fallback, out);
        // Without renegotiation there is none to secure.
        let renegotiation = match pick::flag(test, &["renegotiation", "@supported"]) {
            Some(true) => pick::flag(test, &["renegotiation", "@secure"]),
            other => other.map(|on| !on),
        };
        state("secure-renegotiation", renegotiation, out);
        let certificates = pick::each(test, &["certificate"])
            .chain(pick::each(test, &["certificates", "certificate"]));
        for certificate in certificates {
            let expired = pick::flag(certificate, &["expired"]);
            state("certificate-expired", expired.map(|yes| !yes), out);
            let own = pick::flag(certificate, &["self-signed"]);
            state("certificate-self-signed", own.map(|yes| !yes), out);
            if expired == Some(true) {
                let end = pick::text(certificate, &["not-valid-after"]);
                out.note(format!("{}: the certificate expired {end}", self.name()));
            }
        }
    }

    /// Versions of the protocol, which sslscan 2 tests apart from their ciphers.
    fn protocol(&self, protocol: &Value, out: &mut Collector) {
        let family = pick::text(protocol, &["@type"]).to_ascii_uppercase();
        let version = pick::text(protocol, &["@version"]);
        let is_on = pick::flag(protocol, &["@enabled"]) == Some(true);
        let severity = match (family.as_str(), version.as_str()) {
            ("SSL", _) => Severity::High,
            ("TLS", "1.0" | "1.1") => Severity::Medium,
            _ => return,
        };
        let name = format!("{family}v{version}");
        let check = format!("protocol-{}", name.to_ascii_lowercase());
        state(&check, Some(!is_on), out);
        if is_on {
            let mut draft = self.draft(&check, &name, severity);
            draft.title = format!("{name} is enabled on {}", self.name());
            draft.cwes.push("327".to_owned());
            out.finding(draft);
        }
    }

    fn heartbleed(&self, heartbleed: &Value, out: &mut Collector) {
        let version = pick::text(heartbleed, &["@sslversion"]);
        let hit = pick::flag(heartbleed, &["@vulnerable"]);
        state("heartbleed", hit.map(|yes| !yes), out);
        if hit != Some(true) {
            return;
        }
        let mut draft = self.draft("heartbleed", &version, Severity::High);
        draft.title = format!("Heartbleed ({version}) on {}", self.name());
        draft.ids.push("CVE-2014-0160".to_owned());
        draft.cwes.push("125".to_owned());
        out.finding(draft);
    }

    fn cipher(&self, cipher: &Value, out: &mut Collector) {
        let strength = pick::text(cipher, &["@strength"]);
        let name = pick::text(cipher, &["@cipher"]);
        let version = pick::text(cipher, &["@sslversion"]);
        let status = pick::text(cipher, &["@status"]);
        // Versions before 1.11 do not rate; then there is nothing to go by.
        if matches!(strength.as_str(), "" | "acceptable" | "strong") {
            return;
        }
        let severity = match strength.as_str() {
            _ if !matches!(status.as_str(), "accepted" | "preferred") => Severity::Info,
            "null" | "anonymous" => Severity::High,
            "weak" => Severity::Medium,
            _ => Severity::Low,
        };
        let mut draft = self.draft("cipher", &format!("{version} {name}"), severity);
        draft.title = format!(
            "Cipher {name} is {strength} ({version}, {status}) on {}",
            self.name()
        );
        draft.severity_word = strength;
        draft.cwes.push("326".to_owned());
        draft.see("status", status);
        for field in ["bits", "id", "curve", "dhebits", "ecdhebits"] {
            draft.see(field, pick::text(cipher, &[&format!("@{field}")]));
        }
        out.check("cipher", "tls", Status::Hit, None);
        out.finding(draft);
    }
}

/// What is seen and is no finding of its own.
fn state(check: &str, good: Option<bool>, out: &mut Collector) {
    let status = match good {
        Some(true) => Status::Passed,
        Some(false) => Status::Hit,
        None => return,
    };
    out.check(check, "tls", status, None);
}
