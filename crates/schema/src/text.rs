//! Shared, immutable text.
//!
//! A report of a million findings says the same few thousand descriptions, rules and paths over and
//! over. A [`Text`] is one pointer (8 bytes, the length stands beside the text) to text that several
//! findings may share; [`Interner`] is what makes them share it.

use arcstr::ArcStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;

/// Text that cannot change and may be shared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(ArcStr);

impl Text {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Text {
    fn default() -> Self {
        Self(ArcStr::new())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(ArcStr::from(text))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self(ArcStr::from(text.as_str()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(ArcStr::from(text))
    }
}

impl From<std::borrow::Cow<'_, str>> for Text {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Self(ArcStr::from(text.as_ref()))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        Self::from(text.as_str())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text::from(text))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// Most texts that are remembered: whoever says so many different things is saying them once, and
/// remembering them would cost more than it saves.
const TEXTS_MAX: usize = 200_000;

/// Gives equal texts the same memory.
#[derive(Debug, Default)]
pub struct Interner {
    known: HashSet<Text>,
}

impl Interner {
    /// The shared text that equals this one.
    pub fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let new = Text::from(text);
        self.keep(&new);
        new
    }

    fn keep(&mut self, text: &Text) {
        if self.known.len() < TEXTS_MAX {
            self.known.insert(text.clone());
        }
    }

    /// Replaces a text with the shared one that equals it.
    pub fn share(&mut self, text: &mut Text) {
        match self.known.get(text.as_str()) {
            Some(known) => *text = known.clone(),
            None => self.keep(&text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_memory() {
        let mut interner = Interner::default();
        let one = interner.text("a description");
        let mut two = Text::from("a description".to_owned());
        assert!(!ArcStr::ptr_eq(&one.0, &two.0));
        interner.share(&mut two);
        assert!(ArcStr::ptr_eq(&one.0, &two.0));
        let json = serde_json::to_string(&one).expect("json");
        assert_eq!(
            serde_json::from_str::<Text>(&json).expect("text"),
            "a description"
        );
    }
}
