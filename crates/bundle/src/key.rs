//! Keys: who signed a pack, and with what.
//!
//! Ed25519 (RFC 8032), checked strictly: one message and one key have one signature, and weak keys
//! are refused. A key file is one line of text, so that it can be read aloud, mailed and compared:
//! ```text
//! casemate-public-key-1 BASE64 WHOSE IT IS
//! casemate-secret-key-1 BASE64
//! ```

use crate::KeyError;
use casemate_base::encoding::{base64_decode, base64_encode};
use casemate_base::hash;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fmt;

const PUBLIC: &str = "casemate-public-key-1";
const SECRET: &str = "casemate-secret-key-1";

/// Bytes of the digest that a fingerprint shows: 128 bits are beyond any search for a second key,
/// and 32 digits can still be compared by eye.
const FINGERPRINT_BYTES: usize = 16;

/// What checks signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    comment: String,
}

impl PublicKey {
    /// The key in a text file.
    ///
    /// # Errors
    /// [`KeyError`] when the text is no public key, or a weak one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (bytes, comment) = line(text, PUBLIC, "public")?;
        let mut key = Self::from_bytes(&bytes)?;
        key.comment = comment;
        Ok(key)
    }

    /// The key of these bytes.
    ///
    /// # Errors
    /// [`KeyError`] when they are no point of the curve, or a weak one.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_no_point| KeyError::Text {
            kind: "public",
            reason: "its bytes are no key",
        })?;
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self {
            key,
            comment: String::new(),
        })
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whose key it is, as its file says; anybody can write anything there.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The same key with another comment.
    #[must_use]
    pub fn with_comment(self, comment: &str) -> Self {
        let comment = comment.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { comment, ..self }
    }

    /// The text of its file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let line = format!(
            "{PUBLIC} {} {}",
            base64_encode(self.as_bytes()),
            self.comment
        );
        format!("{}\n", line.trim_end())
    }

    /// What people compare: eight groups of four hexadecimal digits of the key's BLAKE3 digest.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = hash::blake3(self.as_bytes()).to_hex();
        let digits: Vec<char> = digest.chars().take(FINGERPRINT_BYTES * 2).collect();
        let groups: Vec<String> = digits
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        groups.join("-")
    }

    /// Whether this key signed the message.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.key.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

/// What signs. Wiped from memory when dropped, never printed.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key that grows from 32 bytes that nobody can guess.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The key in a text file.
    ///
    /// # Errors
    /// [`KeyError::Text`]; the text never stands in it.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (bytes, _) = line(text, SECRET, "secret")?;
        Ok(Self::from_secret(&bytes))
    }

    /// The text of its file, which is for the file alone.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{SECRET} {}\n", base64_encode(self.0.as_bytes()))
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey {
            key: self.0.verifying_key(),
            comment: String::new(),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([redacted])")
    }
}

/// The bytes and the comment of the one line of a key file.
fn line(text: &str, word: &str, kind: &'static str) -> Result<([u8; 32], String), KeyError> {
    let wrong = |reason| KeyError::Text { kind, reason };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let line = lines.next().ok_or(wrong("it is empty"))?;
    if lines.next().is_some() {
        return Err(wrong("it has more than one line"));
    }
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    if first != word {
        return Err(wrong(match first {
            PUBLIC => "it is the public key",
            SECRET => "it is the secret key, which nobody else may have",
            _ => "it does not begin with the name of its format",
        }));
    }
    let bytes = words
        .next()
        .and_then(|word| base64_decode(word).ok())
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or(wrong("32 bytes as base64 are missing"))?;
    Ok((bytes, words.collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_from_their_files() {
        let secret = SecretKey::from_secret(&[7; 32]);
        let again = SecretKey::parse(&secret.to_text()).expect("secret");
        assert_eq!(again.to_text(), secret.to_text());
        let public = secret.public().with_comment(" build \n host ");
        let again = PublicKey::parse(&public.to_text()).expect("public");
        assert_eq!(again, public);
        assert_eq!(again.comment(), "build host");
        assert_eq!(public.fingerprint().len(), 39);
        assert_eq!(format!("{secret:?}"), "SecretKey([redacted])");
    }

    #[test]
    fn signatures_are_those_of_rfc_8032() {
        // RFC 8032, section 7.1, test 2.
        let hex = |text: &str| casemate_base::encoding::hex_decode(text).expect("hex");
        let secret = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SecretKey::from_secret(&secret.try_into().expect("32 bytes"));
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public().as_bytes().as_slice(), public);
        let signature = hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(key.sign(&[0x72]).as_slice(), signature);
    }

    #[test]
    fn what_is_no_key_is_refused_with_the_reason() {
        let secret = SecretKey::from_secret(&[7; 32]);
        let cases = [
            (String::new(), "empty"),
            ("ssh-ed25519 AAAA".to_owned(), "name of its format"),
            (secret.to_text(), "secret key, which nobody else may have"),
            (format!("{PUBLIC} AAAA"), "32 bytes"),
            (
                format!("{PUBLIC} AAAA\n{PUBLIC} AAAA\n"),
                "more than one line",
            ),
            // The neutral element: signatures of nobody fit it.
            (
                format!(
                    "{PUBLIC} {}",
                    base64_encode(&[[1].as_slice(), &[0; 31]].concat())
                ),
                "weak",
            ),
        ];
        for (text, expected) in cases {
            let error = PublicKey::parse(&text).expect_err("no key").to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let error = SecretKey::parse(&secret.public().to_text()).expect_err("public");
        assert!(error.to_string().contains("the public key"), "{error}");
    }
}
