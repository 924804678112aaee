//! What `SSLyze` says of one server, whatever the format.

use crate::collector::Collector;
use crate::draft::Draft;
use casemate_schema::{Severity, Status};

/// The server that was scanned.
#[derive(Debug)]
pub(super) struct Server {
    host: String,
    port: String,
    address: String,
}

/// The cipher suites that a server accepts in one version of the protocol.
#[derive(Debug)]
pub(super) enum Suites {
    /// Of a version of the tool whose results are held against the recommendations of the BSI
    /// (TR-02102-2).
    Json(Vec<String>),
    /// Of version 1, whose results are held against forward secrecy and authenticated encryption.
    Xml(Vec<String>),
}

impl Suites {
    fn names(&self) -> &[String] {
        match self {
            Self::Json(names) | Self::Xml(names) => names,
        }
    }

    fn is_weak(&self, name: &str) -> bool {
        match self {
            Self::Json(_) => !is_recommended(name),
            Self::Xml(_) => !is_modern(name),
        }
    }
}

/// Whether the BSI's TR-02102-2 recommends a suite: AES with SHA-2 or in an authenticated mode, and
/// no key exchange by RSA alone.
fn is_recommended(name: &str) -> bool {
    let Some((exchange, cipher)) = name.split_once("_WITH_") else {
        // TLS 1.3 names the cipher alone.
        return matches!(
            name,
            "TLS_AES_128_GCM_SHA256" | "TLS_AES_256_GCM_SHA384" | "TLS_AES_128_CCM_SHA256"
        );
    };
    let secret = matches!(
        exchange,
        "TLS_ECDHE_ECDSA"
            | "TLS_ECDHE_RSA"
            | "TLS_ECDHE_PSK"
            | "TLS_ECDH_ECDSA"
            | "TLS_ECDH_RSA"
            | "TLS_DHE_DSS"
            | "TLS_DHE_RSA"
            | "TLS_DHE_PSK"
            | "TLS_DH_DSS"
            | "TLS_DH_RSA"
            | "TLS_RSA_PSK"
    );
    let mode = cipher
        .strip_prefix("AES_128_")
        .or_else(|| cipher.strip_prefix("AES_256_"));
    let strong = [
        "CBC_SHA256",
        "CBC_SHA384",
        "GCM_SHA256",
        "GCM_SHA384",
        "CCM",
        "CCM_SHA256",
    ];
    secret && mode.is_some_and(|mode| strong.contains(&mode))
}

/// Whether a suite has forward secrecy and authenticated encryption, as all of TLS 1.3 do.
fn is_modern(name: &str) -> bool {
    let Some((exchange, cipher)) = name.split_once("_WITH_") else {
        return name.starts_with("TLS_");
    };
    let secret = exchange.starts_with("TLS_ECDHE_") || exchange.starts_with("TLS_DHE_");
    secret
        && ["_GCM_", "_CCM", "CHACHA20_POLY1305"]
            .iter()
            .any(|mode| cipher.contains(mode))
}

impl Server {
    pub(super) fn new(host: &str, port: &str, address: &str) -> Self {
        Self {
            host: host.to_owned(),
            port: port.to_owned(),
            address: address.to_owned(),
        }
    }

    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn finding(&self, check: &str, title: &str, severity: Severity) -> Draft {
        let mut draft = Draft {
            check: check.to_owned(),
            title: format!("{title} on {}", self.name()),
            severity: Some(severity),
            category: "tls".to_owned(),
            host: self.host.clone(),
            subject: format!("{}/tcp", self.port),
            ..Draft::default()
        };
        draft.see("address", &self.address);
        draft
    }

    /// Records a check; whether it found something.
    fn check(check: &str, hit: bool, out: &mut Collector) -> bool {
        let status = if hit { Status::Hit } else { Status::Passed };
        out.check(check, "tls", status, None);
        hit
    }

    pub(super) fn heartbleed(&self, hit: bool, out: &mut Collector) {
        if Self::check("heartbleed", hit, out) {
            let mut draft = self.finding("heartbleed", "Heartbleed", Severity::High);
            draft.ids.push("CVE-2014-0160".to_owned());
            draft.cwes.push("125".to_owned());
            draft.description =
                "OpenSSL gives away up to 64 KiB of its memory for each request, with keys and passwords."
                    .to_owned();
            draft.remediation = "Update OpenSSL, then replace the keys and passwords.".to_owned();
            out.finding(draft);
        }
    }

    pub(super) fn ccs_injection(&self, hit: bool, out: &mut Collector) {
        if Self::check("openssl_ccs_injection", hit, out) {
            let mut draft = self.finding(
                "openssl_ccs_injection",
                "OpenSSL CCS injection",
                Severity::High,
            );
            draft.ids.push("CVE-2014-0224".to_owned());
            draft.cwes.push("326".to_owned());
            draft.description =
                "Someone between client and server can make both use keys that are known."
                    .to_owned();
            draft.remediation = "Update OpenSSL.".to_owned();
            out.finding(draft);
        }
    }

    pub(super) fn renegotiation(
        &self,
        by_client: Option<bool>,
        secure: Option<bool>,
        out: &mut Collector,
    ) {
        if by_client.is_none() && secure.is_none() {
            return;
        }
        let mut problems = Vec::new();
        if by_client == Some(true) {
            problems.push("The client can ask for renegotiation, which keeps the server busy.");
        }
        if secure == Some(false) {
            problems.push("Secure renegotiation (RFC 5746) is not supported.");
        }
        if Self::check("session_renegotiation", !problems.is_empty(), out) {
            let mut draft = self.finding(
                "session_renegotiation",
                "Insecure session renegotiation",
                Severity::Medium,
            );
            draft.description = problems.join("\n");
            out.finding(draft);
        }
    }

    pub(super) fn robot(&self, result: &str, out: &mut Collector) {
        let hit = match result {
            "VULNERABLE_STRONG_ORACLE" | "VULNERABLE_WEAK_ORACLE" => true,
            result if result.starts_with("NOT_VULNERABLE") => false,
            "" => return,
            other => {
                let why = format!("{}: {other}", self.name());
                return out.check("robot", "tls", Status::NotAssessed, Some(why));
            }
        };
        if Self::check("robot", hit, out) {
            let mut draft = self.finding("robot", "ROBOT attack on RSA", Severity::Medium);
            draft.description =
                "The server tells whether a padding is right, so that what was recorded can be decrypted."
                    .to_owned();
            draft.remediation = "Switch off key exchange by RSA.".to_owned();
            draft.cwes.push("203".to_owned());
            draft.see("result", result);
            out.finding(draft);
        }
    }

    /// The versions before TLS 1.2 are a finding as such, the others when they accept weak suites.
    pub(super) fn protocol(&self, check: &str, words: &str, suites: &Suites, out: &mut Collector) {
        let is_old = !matches!(words, "TLS 1.2" | "TLS 1.3");
        let found: Vec<&str> = suites
            .names()
            .iter()
            .map(String::as_str)
            .filter(|name| is_old || suites.is_weak(name))
            .collect();
        if !Self::check(check, !found.is_empty(), out) {
            return;
        }
        let (title, severity) = match words {
            "SSL 2.0" | "SSL 3.0" => (format!("{words} is accepted"), Severity::High),
            _ if is_old => (format!("{words} is accepted"), Severity::Medium),
            _ => (format!("Weak cipher suites for {words}"), Severity::Medium),
        };
        let mut draft = self.finding(check, &title, severity);
        draft.description = format!("Accepted: {}", found.join(", "));
        draft.remediation = if is_old {
            format!("Switch off {words}.")
        } else {
            "Accept only suites with forward secrecy and authenticated encryption.".to_owned()
        };
        draft.cwes.push("326".to_owned());
        for suite in found {
            draft.see("cipher suite", suite);
        }
        out.finding(draft);
    }

    pub(super) fn certificate(&self, problems: &[String], out: &mut Collector) {
        if Self::check("certificate_info", !problems.is_empty(), out) {
            let mut draft = self.finding(
                "certificate_info",
                "The certificate is not valid",
                Severity::Medium,
            );
            draft.description = problems.join("\n");
            draft.cwes.push("295".to_owned());
            out.finding(draft);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_told_apart() {
        assert!(is_recommended("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"));
        assert!(is_recommended("TLS_DHE_RSA_WITH_AES_256_CCM"));
        for weak in [
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CCM_8",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
        ] {
            assert!(!is_recommended(weak), "{weak}");
        }
        assert!(is_modern("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"));
        assert!(is_modern("TLS_AES_256_GCM_SHA384"));
        assert!(!is_modern("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"));
        assert!(!is_modern("SSL_CK_RC4_128_WITH_MD5"));
    }
}
