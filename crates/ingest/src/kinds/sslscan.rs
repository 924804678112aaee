//! sslscan's XML.

use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use casemate_schema::{Severity, Status};
use serde_json::Value;

/// Reads the tests of all targets.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let document = input.xml()?;
    out.tool_version(&field::text(document, "document.@version"));
    let mut n_tests = 0;
    for test in field::list(document, "document.ssltest") {
        n_tests += 1;
        let target = Target {
            host: field::text(test, "@host"),
            port: field::text(test, "@port"),
        };
        target.take(test, out);
    }
    for error in field::texts(document, "document.error") {
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
        for protocol in field::list(test, "protocol") {
            self.protocol(protocol, out);
        }
        for heartbleed in field::list(test, "heartbleed") {
            self.heartbleed(heartbleed, out);
        }
        for cipher in field::list(test, "cipher") {
            self.cipher(cipher, out);
        }
        let compression = field::flag(test, "compression.@supported");
        state("compression", compression.map(|on| !on), out);
        let fallback = field::flag(test, "fallback.@supported");
        state("fallback-scsv", fallback, out);
        // Without renegotiation there is none to secure.
        let renegotiation = match field::flag(test, "renegotiation.@supported") {
            Some(true) => field::flag(test, "renegotiation.@secure"),
            other => other.map(|on| !on),
        };
        state("secure-renegotiation", renegotiation, out);
        let certificates = field::list(test, "certificate")
            .iter()
            .chain(field::list(test, "certificates.certificate"));
        for certificate in certificates {
            let expired = field::flag(certificate, "expired");
            state("certificate-expired", expired.map(|yes| !yes), out);
            let own = field::flag(certificate, "self-signed");
            state("certificate-self-signed", own.map(|yes| !yes), out);
            if expired == Some(true) {
                let end = field::text(certificate, "not-valid-after");
                out.note(format!("{}: the certificate expired {end}", self.name()));
            }
        }
    }

    /// Versions of the protocol, which sslscan 2 tests apart from their ciphers.
    fn protocol(&self, protocol: &Value, out: &mut Collector) {
        let family = field::text(protocol, "@type").to_ascii_uppercase();
        let version = field::text(protocol, "@version");
        let is_on = field::flag(protocol, "@enabled") == Some(true);
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
        let version = field::text(heartbleed, "@sslversion");
        let hit = field::flag(heartbleed, "@vulnerable");
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
        let strength = field::text(cipher, "@strength");
        let name = field::text(cipher, "@cipher");
        let version = field::text(cipher, "@sslversion");
        let status = field::text(cipher, "@status");
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
            draft.see(field, field::text(cipher, [format!("@{field}").as_str()]));
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
