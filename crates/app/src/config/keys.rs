//! The table of all configuration keys: what the reference page, `config show` and the checks are
//! made from.

use super::Value;
use casemate_scan::Surface;

/// The kind of a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A path.
    Path,
    /// `true` or `false`.
    Bool,
    /// A whole number within the range.
    Count(u64, u64),
    /// One of the words.
    Word(&'static [&'static str]),
    /// Names of surfaces; empty means all.
    Surfaces,
    /// Some of the words; empty means none.
    Words(&'static [&'static str]),
}

/// One configuration key.
#[derive(Debug)]
pub struct Key {
    /// Dotted name, as in TOML.
    pub name: &'static str,
    /// Kind of its value.
    pub kind: Kind,
    /// Built-in value, as it would stand in the file; empty for "not set".
    pub default: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// Verbs of decisions that can ask for a second person.
const DECISIONS: [&str; 9] = [
    "triage",
    "start",
    "fixed",
    "false-positive",
    "accept",
    "out-of-scope",
    "duplicate",
    "not-affected",
    "reopen",
];

/// All keys, in the order of the documentation.
pub const KEYS: &[Key] = &[
    Key {
        name: "data_dir",
        kind: Kind::Path,
        default: "",
        doc: "Folder for what `--save` keeps. Not set: `$XDG_DATA_HOME/casemate`, else \
              `~/.local/share/casemate`.",
    },
    Key {
        name: "threads",
        kind: Kind::Count(1, 256),
        default: "",
        doc: "Threads to use. Not set: as many as the machine offers. The result does not depend \
              on it.",
    },
    Key {
        name: "color",
        kind: Kind::Word(&["auto", "always", "never"]),
        default: "auto",
        doc: "Colour in what is printed for people. `auto`: on a terminal, unless NO_COLOR is set.",
    },
    Key {
        name: "scan.surfaces",
        kind: Kind::Surfaces,
        default: "",
        doc: "Surfaces to scan. Not set: all.",
    },
    Key {
        name: "scan.deep",
        kind: Kind::Bool,
        default: "false",
        doc: "Walk all local mounts and check package digests.",
    },
    Key {
        name: "decisions.second_person",
        kind: Kind::Words(&DECISIONS),
        default: "",
        doc: "Decisions that hold only when a second person approves them: verbs of `casemate \
              decide`. Not set: none.",
    },
    Key {
        name: "decisions.accept_days_max",
        kind: Kind::Count(1, 3660),
        default: "366",
        doc: "Most days ahead that a risk can be accepted for.",
    },
    Key {
        name: "report.out",
        kind: Kind::Path,
        default: "casemate-report",
        doc: "Folder into which `assess` writes its files.",
    },
    Key {
        name: "report.top",
        kind: Kind::Count(1, 1000),
        default: "10",
        doc: "Number of findings that the printed summary lists.",
    },
];

impl Key {
    /// The environment variable that sets it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("CASEMATE_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// The built-in value.
    pub(super) fn default_value(&self) -> Value {
        if self.default.is_empty() {
            return Value::None;
        }
        self.parse(self.default).unwrap_or(Value::None)
    }

    /// Reads the value from text, as environment variables give it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        match self.kind {
            Kind::Path => Ok(Value::Text(text.to_owned())),
            Kind::Bool => match text {
                "true" | "1" | "yes" => Ok(Value::Bool(true)),
                "false" | "0" | "no" => Ok(Value::Bool(false)),
                _ => Err(format!("`{text}` is neither `true` nor `false`")),
            },
            Kind::Count(..) => {
                let count = text
                    .parse()
                    .map_err(|_| format!("`{text}` is no whole number"))?;
                self.check(Value::Count(count))
            }
            Kind::Word(_) => self.check(Value::Text(text.to_owned())),
            Kind::Surfaces | Kind::Words(_) => {
                let words = text.split(',').map(|word| word.trim().to_owned()).collect();
                self.check(Value::List(words))
            }
        }
    }

    /// Checks a value of the right kind against the key's range or words.
    pub(super) fn check(&self, value: Value) -> Result<Value, String> {
        match (self.kind, &value) {
            (Kind::Count(min, max), Value::Count(count)) if !(min..=max).contains(count) => {
                Err(format!("{count} is outside {min} to {max}"))
            }
            (Kind::Word(words), Value::Text(text)) if !words.contains(&text.as_str()) => {
                Err(format!("`{text}` is none of {}", words.join(", ")))
            }
            (Kind::Words(known), Value::List(words)) => {
                match words.iter().find(|word| !known.contains(&word.as_str())) {
                    Some(unknown) => Err(format!("{unknown} is none of {}", known.join(", "))),
                    None => Ok(value),
                }
            }
            (Kind::Surfaces, Value::List(words)) => {
                match words.iter().find(|word| Surface::parse(word).is_none()) {
                    Some(unknown) => Err(unknown_surface(unknown)),
                    None => Ok(value),
                }
            }
            _ => Ok(value),
        }
    }

    /// What the key takes, for messages and documentation.
    #[must_use]
    pub fn takes(&self) -> String {
        match self.kind {
            Kind::Path => "a path".to_owned(),
            Kind::Bool => "`true` or `false`".to_owned(),
            Kind::Count(min, max) => format!("a number from {min} to {max}"),
            Kind::Word(words) => format!("one of {}", words.join(", ")),
            Kind::Surfaces => "a list of surfaces".to_owned(),
            Kind::Words(words) => format!("a list of words out of {}", words.join(", ")),
        }
    }
}

/// The message for a surface that does not exist, with the nearest that does.
#[must_use]
pub fn unknown_surface(name: &str) -> String {
    let names = Surface::ALL.map(Surface::as_str);
    match nearest(name, &names) {
        Some(nearest) => format!("there is no surface `{name}`; did you mean `{nearest}`?"),
        None => format!(
            "there is no surface `{name}`; there are {}",
            names.join(", ")
        ),
    }
}

/// The known word nearest to a misspelt one, if one is near: few letters apart, or much alike.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    const ALIKE: f64 = 0.85;
    let apart_max = (word.chars().count() / 3).max(1);
    known
        .iter()
        .map(|candidate| {
            let apart = strsim::osa_distance(word, candidate);
            (apart, strsim::jaro_winkler(word, candidate), *candidate)
        })
        .filter(|(apart, alike, _)| *apart <= apart_max || *alike > ALIKE)
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(_, _, candidate)| candidate)
}
