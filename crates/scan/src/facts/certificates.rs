//! Certificates of this host's own services: where they stand, how long they live, how they are made.
//!
//! Read are the survey's candidates, and the live ones of /etc/letsencrypt through their links.
//! Left out are trust stores and bundles of authorities, which are others' certificates, the
//! archive of letsencrypt, and data of packages below /usr/share and /usr/lib. PEM by RFC 7468, DER
//! by x509-parser (RFC 5280).

use super::survey::Candidate;
use super::{Fact, Facts};
use crate::check::Limit;
use crate::tree::{self, TreeError};
use casemate_base::encoding::base64_decode;
use std::path::{Path, PathBuf};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

const BYTES_MAX: u64 = 256 << 10;
/// A file with more certificates than a chain has is a bundle of authorities.
const CHAIN_MAX: usize = 12;

/// One certificate.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// Its file.
    pub(crate) path: PathBuf,
    /// Line of its beginning, 1 for DER.
    pub(crate) line: u64,
    /// Distinguished name of its holder.
    pub(crate) subject: String,
    /// Serial number, to tell certificates of one holder apart.
    pub(crate) serial: Vec<u8>,
    /// First and last second of its life, since 1970.
    pub(crate) not_before_s: i64,
    /// See `not_before_s`.
    pub(crate) not_after_s: i64,
    /// Object identifier of the signature's algorithm.
    pub(crate) signature: String,
    /// Kind and bits of the key; `None` for kinds without a notion of bits.
    pub(crate) key: Option<(&'static str, usize)>,
    /// Whether holder and issuer are the same.
    pub(crate) self_signed: bool,
}

/// The certificates, sorted by path and line, and what could not be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates {
    pub(crate) all: Vec<Certificate>,
    pub(crate) limits: Vec<Limit>,
}

/// Reads the certificates.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Certificates> {
    let survey = facts.survey()?;
    let mut paths: Vec<PathBuf> = survey
        .candidates_of(Candidate::Certificate)
        .map(|(path, _)| path.to_path_buf())
        .filter(|path| is_own(path))
        .collect();
    for name in facts.list_if_there("/etc/letsencrypt/live")? {
        paths.push(
            Path::new("/etc/letsencrypt/live")
                .join(name)
                .join("cert.pem"),
        );
    }
    paths.sort();
    let mut found = Certificates::default();
    for path in paths {
        match tree::read_up_to(facts.tree(), &path, BYTES_MAX) {
            Ok(bytes) => found.add(&path, &bytes),
            // Larger than any chain: a bundle.
            Err(TreeError::TooLarge { .. }) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => found.limits.push(Limit::from_error(&error)),
        }
    }
    Ok(found)
}

fn is_own(path: &Path) -> bool {
    let foreign = [
        "/usr/share",
        "/usr/lib",
        "/etc/letsencrypt/archive",
        "/etc/pki/tls/certs/ca-bundle.crt",
    ];
    !foreign.iter().any(|folder| path.starts_with(folder))
}

impl Certificates {
    fn add(&mut self, path: &Path, bytes: &[u8]) {
        let blocks = if bytes.first() == Some(&0x30) {
            vec![(1, Some(bytes.to_vec()))]
        } else {
            pem_blocks(&String::from_utf8_lossy(bytes))
        };
        if blocks.len() > CHAIN_MAX {
            return;
        }
        for (line, der) in blocks {
            match der.and_then(|der| certificate(path, line, &der)) {
                Some(found) => {
                    let store = path.starts_with("/etc/ssl/certs") && found.self_signed;
                    let snakeoil = path.ends_with("ssl-cert-snakeoil.pem");
                    if !store || snakeoil {
                        self.all.push(found);
                    }
                }
                None if bytes.first() == Some(&0x30) => {}
                None => self.limits.push(Limit {
                    reason: format!("`{}` holds a broken certificate", path.display()),
                    privileges: false,
                }),
            }
        }
    }
}

/// Blocks of certificates with the line on which each begins; `None` for a broken one.
fn pem_blocks(text: &str) -> Vec<(u64, Option<Vec<u8>>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(u64, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if matches!(
            line,
            "-----BEGIN CERTIFICATE-----" | "-----BEGIN TRUSTED CERTIFICATE-----"
        ) {
            if let Some((begin, _)) = open.replace((number, String::new())) {
                blocks.push((begin, None));
            }
        } else if line.starts_with("-----END ") {
            if let Some((begin, body)) = open.take() {
                blocks.push((begin, base64_decode(&body).ok()));
            }
        } else if let Some((_, body)) = &mut open {
            body.push_str(line);
        }
        if blocks.len() > CHAIN_MAX {
            break;
        }
    }
    if let Some((begin, _)) = open {
        blocks.push((begin, None));
    }
    blocks
}

fn certificate(path: &Path, line: u64, der: &[u8]) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let key = match parsed.public_key().parsed() {
        Ok(PublicKey::RSA(rsa)) => Some(("RSA", bits(rsa.modulus))),
        Ok(PublicKey::EC(point)) => Some(("EC", point.key_size())),
        Ok(PublicKey::DSA(number)) => Some(("DSA", bits(number))),
        _ => None,
    };
    Some(Certificate {
        path: path.to_path_buf(),
        line,
        subject: parsed.subject().to_string(),
        serial: parsed.raw_serial().to_vec(),
        not_before_s: parsed.validity().not_before.timestamp(),
        not_after_s: parsed.validity().not_after.timestamp(),
        signature: parsed.signature_algorithm.algorithm.to_id_string(),
        key,
        self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw(),
    })
}

/// Bits of a big-endian number.
fn bits(number: &[u8]) -> usize {
    let mut rest = number;
    while let [0, tail @ ..] = rest {
        rest = tail;
    }
    let unused = rest
        .first()
        .map_or(0, |first| first.leading_zeros() as usize);
    (rest.len() * 8).saturating_sub(unused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_are_found_and_broken_ones_are_not_lost() {
        let text = "x\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n?\n";
        assert_eq!(pem_blocks(text), [(2, Some(vec![0, 0, 0])), (5, None)]);
        assert_eq!(bits(&[0, 0x80, 0]), 16);
        assert_eq!(bits(&[]), 0);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail(der: Vec<u8>, text: String) {
            let _found = (certificate(Path::new("/x"), 1, &der), pem_blocks(&text));
        }
    }
}
