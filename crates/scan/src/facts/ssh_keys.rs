//! Keys of SSH: the public blob (RFC 4253, 6.6), lines of authorized_keys (sshd(8)), and whether a
//! private key file asks for a passphrase (PROTOCOL.key of OpenSSH, RFC 1421).

use casemate_base::encoding::base64_decode;

/// Longest blob that is decoded; an RSA key of 16384 bits has 2 KiB.
const BLOB_MAX: usize = 64 << 10;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// `ssh-rsa`, `ssh-ed25519`, ...
    pub(crate) kind: String,
    /// Bits of the modulus, for RSA and DSA.
    pub(crate) bits: Option<usize>,
    /// Digest of the blob, as `ssh-keygen -l` shows it, without the padding.
    pub(crate) fingerprint: String,
}

impl PublicKey {
    /// What is wrong with the key, in words.
    pub(crate) fn weakness(&self) -> Option<String> {
        match (self.kind.as_str(), self.bits) {
            ("ssh-dss", _) => Some("DSA key (1024 bits, SHA-1)".to_owned()),
            ("ssh-rsa", Some(bits)) if bits < 3072 => Some(format!("RSA key of {bits} bits")),
            _ => None,
        }
    }
}

/// A line of authorized_keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorizedKey {
    /// Names of the options, in lower case.
    pub(crate) options: Vec<String>,
    pub(crate) key: PublicKey,
    pub(crate) comment: String,
}

/// Reads the blob of a public key.
pub(crate) fn public_key(blob: &str) -> Option<PublicKey> {
    if blob.len() > BLOB_MAX {
        return None;
    }
    let bytes = base64_decode(blob).ok()?;
    let (kind, rest) = string(&bytes)?;
    let kind = String::from_utf8(kind.to_vec()).ok()?;
    let bits = match kind.as_str() {
        // e, then n.
        "ssh-rsa" => string(rest)
            .and_then(|(_, rest)| string(rest))
            .map(|(n, _)| bit_length(n)),
        "ssh-dss" => string(rest).map(|(p, _)| bit_length(p)),
        _ => None,
    };
    let digest = casemate_base::hash::sha256(&bytes);
    let text = casemate_base::encoding::base64_encode(digest.as_bytes());
    Some(PublicKey {
        kind,
        bits,
        fingerprint: format!("SHA256:{}", text.trim_end_matches('=')),
    })
}

/// A length of four bytes and as many bytes.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

fn bit_length(number: &[u8]) -> usize {
    let number: &[u8] = match number.iter().position(|byte| *byte != 0) {
        Some(first) => number.get(first..).unwrap_or_default(),
        None => return 0,
    };
    let leading = number.first().map_or(0, |byte| byte.leading_zeros());
    number.len() * 8 - usize::try_from(leading).unwrap_or(0)
}

/// Reads a line of authorized_keys; `None` for comments and what is no key.
pub(crate) fn authorized_key(line: &str) -> Option<AuthorizedKey> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    if let Some(found) = key_and_comment(line) {
        return Some(AuthorizedKey {
            options: Vec::new(),
            key: found.0,
            comment: found.1,
        });
    }
    let (options, rest) = options(line);
    let (key, comment) = key_and_comment(rest)?;
    Some(AuthorizedKey {
        options,
        key,
        comment,
    })
}

fn key_and_comment(text: &str) -> Option<(PublicKey, String)> {
    let (kind, rest) = text.split_once([' ', '\t'])?;
    let rest = rest.trim_start();
    let (blob, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    let key = public_key(blob)?;
    (key.kind == kind).then(|| (key, comment.trim().to_owned()))
}

/// Names of options before a key, and what follows them. Quotes protect blanks and commas.
fn options(line: &str) -> (Vec<String>, &str) {
    let (mut quoted, mut escaped, mut start) = (false, false, 0);
    let mut names = Vec::new();
    let name = |text: &str| {
        text.split('=')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    for (place, letter) in line.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' | ' ' | '\t' if !quoted => {
                names.push(name(line.get(start..place).unwrap_or_default()));
                start = place + 1;
                if letter != ',' {
                    return (names, line.get(place..).unwrap_or_default().trim_start());
                }
            }
            _ => {}
        }
    }
    (names, "")
}

/// Whether a file is a private key, and if so whether it is readable without a passphrase.
pub(crate) fn private_key_is_open(content: &[u8]) -> Option<bool> {
    const OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
    if content.len() > BLOB_MAX || !content.starts_with(b"-----BEGIN ") {
        return None;
    }
    let text = String::from_utf8_lossy(content);
    let first = text.lines().next()?.trim_end();
    if first == OPENSSH {
        let body: String = text
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with("-----"))
            .map(str::trim)
            .collect();
        let bytes = base64_decode(&body).ok()?;
        let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
        return string(rest).map(|(cipher, _)| cipher == b"none");
    }
    match first {
        "-----BEGIN ENCRYPTED PRIVATE KEY-----" => Some(false),
        "-----BEGIN PRIVATE KEY-----" => Some(true),
        "-----BEGIN RSA PRIVATE KEY-----"
        | "-----BEGIN DSA PRIVATE KEY-----"
        | "-----BEGIN EC PRIVATE KEY-----" => {
            let head = text.lines().skip(1).take(3);
            Some(
                !head
                    .into_iter()
                    .any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED")),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn blob(parts: &[&[u8]]) -> String {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&u32::try_from(part.len()).expect("length").to_be_bytes());
            bytes.extend_from_slice(part);
        }
        casemate_base::encoding::base64_encode(&bytes)
    }

    #[test]
    fn bits_are_those_of_the_modulus() {
        let mut modulus = vec![0_u8; 129];
        modulus[1] = 0x80;
        let key = public_key(&blob(&[b"ssh-rsa", &[1, 0, 1], &modulus])).expect("key");
        assert_eq!(key.bits, Some(1024));
        assert_eq!(key.weakness().as_deref(), Some("RSA key of 1024 bits"));
        modulus[1] = 0x01;
        let key = public_key(&blob(&[b"ssh-rsa", &[1, 0, 1], &modulus])).expect("key");
        assert_eq!(key.bits, Some(1017));
        assert_eq!(public_key("AAAA"), None);
    }

    #[test]
    fn options_and_comments_of_authorized_keys() {
        let key = blob(&[b"ssh-ed25519", &[7; 32]]);
        let plain = authorized_key(&format!("ssh-ed25519 {key} ann@web laptop")).expect("key");
        assert_eq!(plain.options, Vec::<String>::new());
        assert_eq!(plain.comment, "ann@web laptop");
        let line =
            format!("from=\"10.0.0.0/8,!10.0.0.1\",Command=\"a \\\" b\",no-pty ssh-ed25519 {key}");
        let restricted = authorized_key(&line).expect("key");
        assert_eq!(restricted.options, ["from", "command", "no-pty"]);
        assert_eq!(authorized_key(&format!("# ssh-ed25519 {key}")), None);
        assert_eq!(
            authorized_key(&format!("ssh-rsa {key}")),
            None,
            "kinds differ"
        );
    }

    #[test]
    fn passphrases_of_private_keys() {
        let wrap = |cipher: &[u8]| {
            let mut bytes = b"openssh-key-v1\0".to_vec();
            bytes.extend_from_slice(&u32::try_from(cipher.len()).expect("length").to_be_bytes());
            bytes.extend_from_slice(cipher);
            let body = casemate_base::encoding::base64_encode(&bytes);
            format!(
                "-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"
            )
        };
        assert_eq!(private_key_is_open(wrap(b"none").as_bytes()), Some(true));
        assert_eq!(
            private_key_is_open(wrap(b"aes256-ctr").as_bytes()),
            Some(false)
        );
        let old = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n";
        assert_eq!(private_key_is_open(old), Some(false));
        assert_eq!(
            private_key_is_open(b"-----BEGIN EC PRIVATE KEY-----\nMHc"),
            Some(true)
        );
        assert_eq!(private_key_is_open(b"-----BEGIN CERTIFICATE-----\n"), None);
    }

    proptest! {
        #[test]
        fn any_bytes(bytes: Vec<u8>, text: String) {
            private_key_is_open(&bytes);
            private_key_is_open(&[b"-----BEGIN OPENSSH PRIVATE KEY-----\n".as_slice(), &bytes].concat());
            public_key(&casemate_base::encoding::base64_encode(&bytes));
            authorized_key(&text);
        }
    }
}
