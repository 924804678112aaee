//! Open ports, as every port scanner reports them: one finding each, the same for all formats.

use crate::draft::Draft;
use casemate_schema::{Component, Severity};

/// An open port with what runs there.
#[derive(Clone, Debug, Default)]
pub(super) struct Port {
    /// The address, which all formats of all scanners name.
    pub(super) host: String,
    /// Names of the host.
    pub(super) names: Vec<String>,
    pub(super) number: String,
    /// `tcp` when the scanner does not say.
    pub(super) protocol: String,
    pub(super) service: String,
    pub(super) product: String,
    pub(super) version: String,
    pub(super) extra: String,
    pub(super) cpes: Vec<String>,
    pub(super) reason: String,
    /// Encrypted or not, when the scanner looked.
    pub(super) tls: Option<bool>,
    pub(super) seen_at: String,
}

impl Port {
    /// `443/tcp`: what findings of this port are about.
    pub(super) fn subject(&self) -> String {
        let protocol = self.protocol.trim().to_ascii_lowercase();
        let protocol = if protocol.is_empty() {
            "tcp"
        } else {
            &protocol
        };
        format!("{}/{protocol}", self.number)
    }

    /// The software that listens there, if it was identified.
    pub(super) fn component(&self) -> Option<Component> {
        (!self.product.is_empty()).then(|| Component {
            name: self.product.as_str().into(),
            version: Some(self.version.as_str().into()),
            ..Component::default()
        })
    }

    /// The finding that the port is open.
    pub(super) fn draft(&self) -> Draft {
        let subject = self.subject();
        let name = self.names.first().filter(|name| **name != self.host);
        let place = match (name, self.host.is_empty()) {
            (Some(name), false) => format!(" on {name} ({})", self.host),
            (Some(name), true) => format!(" on {name}"),
            (None, false) => format!(" on {}", self.host),
            (None, true) => String::new(),
        };
        let service = if self.service.is_empty() || self.service == "unknown" {
            String::new()
        } else {
            format!(" ({})", self.service)
        };
        let mut draft = Draft {
            check: "open-port".to_owned(),
            title: format!("Open port {subject}{service}{place}"),
            severity: Some(Severity::Info),
            category: "network".to_owned(),
            description: self.description(),
            host: self.host.clone(),
            same_as: format!("{} {subject}", self.host),
            subject,
            component: self.component(),
            last_seen: self.seen_at.clone(),
            ..Draft::default()
        };
        for name in &self.names {
            draft.see("hostname", name);
        }
        draft.see("service", &self.service);
        draft.see("product", &self.product);
        draft.see("version", &self.version);
        draft.see("extra", &self.extra);
        for cpe in &self.cpes {
            draft.see("cpe", cpe);
        }
        draft.see("reason", &self.reason);
        if let Some(tls) = self.tls {
            draft.see("tls", if tls { "yes" } else { "no" });
        }
        draft
    }

    fn description(&self) -> String {
        let software = format!("{} {} {}", self.product, self.version, self.extra);
        let software = software.split_whitespace().collect::<Vec<_>>().join(" ");
        if software.is_empty() {
            String::new()
        } else {
            format!("Identified as {software}.")
        }
    }
}

/// Product and version of a CPE, of either form; empty when it does not say.
pub(super) fn of_cpe(cpe: &str) -> (String, String) {
    let rest = cpe
        .strip_prefix("cpe:2.3:")
        .or_else(|| cpe.strip_prefix("cpe:/"))
        .unwrap_or(cpe);
    let mut parts = rest.split(':').skip(2).map(|part| match part {
        "*" | "-" => "",
        part => part,
    });
    let product = parts.next().unwrap_or_default();
    let version = parts.next().unwrap_or_default();
    (product.to_owned(), version.to_owned())
}

/// Splits what a scanner writes as one text: `OpenSSH 8.9p1 Ubuntu 3 (protocol 2.0)`.
pub(super) fn split_software(text: &str) -> (String, String, String) {
    let (before, extra) = match text.split_once(" (") {
        Some((before, extra)) => (before, extra.trim_end().trim_end_matches(')')),
        None => (text, ""),
    };
    let mut product = Vec::new();
    let mut version = Vec::new();
    for word in before.split_whitespace() {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        if version.is_empty() && (product.is_empty() || !is_number) {
            product.push(word);
        } else {
            version.push(word);
        }
    }
    (product.join(" "), version.join(" "), extra.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_as_scanners_write_it() {
        let (product, version, extra) =
            split_software("OpenSSH 8.9p1 Ubuntu 3 (Ubuntu Linux; protocol 2.0)");
        assert_eq!(
            (product.as_str(), version.as_str(), extra.as_str()),
            ("OpenSSH", "8.9p1 Ubuntu 3", "Ubuntu Linux; protocol 2.0")
        );
        assert_eq!(split_software("Postfix smtpd").0, "Postfix smtpd");
        let pair = |product: &str, version: &str| (product.to_owned(), version.to_owned());
        assert_eq!(of_cpe("cpe:/a:openbsd:openssh:7.4"), pair("openssh", "7.4"));
        assert_eq!(
            of_cpe("cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*"),
            pair("http_server", "")
        );
    }
}
