//! The configuration: one TOML file, the environment, flags; resolved once, with the origin of each
//! value.
//!
//! Precedence: flag > `CASEMATE_*` environment > file > built-in. The file is `--config FILE`, else
//! the user's `~/.config/casemate/config.toml`; never one of the current folder, which may belong
//! to somebody else. Unknown keys are refused with the nearest known one.

mod file;
mod keys;

pub use keys::{KEYS, Key, Kind, nearest, unknown_surface};

use crate::Error;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into the program.
    Default,
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// One-based line.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("built-in"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A value of the configuration, already of the kind that its key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing chosen.
    None,
    /// A text or path.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A count.
    Count(u64),
    /// Several words.
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("(not set)"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::List(words) => write!(f, "{words:?}"),
        }
    }
}

/// What the process was started with, so that nothing else reads the environment.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process; variables that are not UTF-8 are left out.
    #[must_use]
    pub fn of_process() -> Self {
        let pairs = std::env::vars_os();
        Self(
            pairs
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
        )
    }

    /// A given environment, for tests and embedding.
    #[must_use]
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
        )
    }

    /// The value of a variable, if it is set and not empty.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// Values that flags gave, by key.
pub type Flags = BTreeMap<&'static str, (String, Value)>;

/// The resolved configuration.
#[derive(Clone, Debug)]
pub struct Config {
    values: BTreeMap<&'static str, (Value, Origin)>,
    file: Option<PathBuf>,
    environment: Environment,
}

impl Config {
    /// Resolves the configuration.
    ///
    /// # Errors
    /// [`Error::Config`] with file, line and reason for a file that is missing although it was
    /// named, is no TOML, holds an unknown key, or a value of another kind or outside its range.
    pub fn resolve(
        named: Option<&Path>,
        environment: Environment,
        flags: Flags,
    ) -> Result<Self, Error> {
        let mut values: BTreeMap<&'static str, (Value, Origin)> = KEYS
            .iter()
            .map(|key| (key.name, (Value::None, Origin::Default)))
            .collect();
        for key in KEYS {
            values.insert(key.name, (key.default_value(), Origin::Default));
        }
        let path = file_path(named, &environment);
        let mut used = None;
        if let Some(path) = path
            && let Some(settings) = file::read(&path, named.is_some())?
        {
            for (key, value, line) in settings {
                let origin = Origin::File {
                    path: path.clone(),
                    line,
                };
                values.insert(key.name, (value, origin));
            }
            used = Some(path);
        }
        for key in KEYS {
            let name = key.variable();
            if let Some(text) = environment.value(&name) {
                let value = key.parse(text).map_err(|reason| Error::Config {
                    path: None,
                    line: None,
                    reason: format!("{name}: {reason}"),
                })?;
                values.insert(key.name, (value, Origin::Environment(name)));
            }
        }
        for (name, (flag, value)) in flags {
            values.insert(name, (value, Origin::Flag(flag)));
        }
        Ok(Self {
            values,
            file: used,
            environment,
        })
    }

    /// Every key with its value and origin, in the order of the documentation.
    pub fn entries(&self) -> impl Iterator<Item = (&'static Key, &Value, &Origin)> {
        KEYS.iter().filter_map(|key| {
            let (value, origin) = self.values.get(key.name)?;
            Some((key, value, origin))
        })
    }

    /// The file that was read, if any.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The environment that the process was started with.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    fn value(&self, name: &str) -> &Value {
        self.values
            .get(name)
            .map_or(&Value::None, |(value, _)| value)
    }

    /// A yes-or-no key.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.value(name), Value::Bool(true))
    }

    /// A count, if one is set.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.value(name) {
            Value::Count(count) => Some(*count),
            _ => None,
        }
    }

    /// A text, if one is set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list; empty if none is set.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        match self.value(name) {
            Value::List(words) => words,
            _ => &[],
        }
    }

    /// The data directory: `data_dir`, else `$XDG_DATA_HOME/casemate`, else
    /// `~/.local/share/casemate`.
    ///
    /// # Errors
    /// [`Error::NoDataDir`] when none of them is known.
    pub fn data_dir(&self) -> Result<PathBuf, Error> {
        if let Some(path) = self.text("data_dir") {
            return Ok(PathBuf::from(path));
        }
        if let Some(base) = self.environment.value("XDG_DATA_HOME") {
            return Ok(Path::new(base).join("casemate"));
        }
        let home = self.environment.value("HOME").ok_or(Error::NoDataDir)?;
        Ok(Path::new(home).join(".local/share/casemate"))
    }
}

/// The file to read: the named one, else the user's own.
fn file_path(named: Option<&Path>, environment: &Environment) -> Option<PathBuf> {
    if let Some(path) = named {
        return Some(path.to_path_buf());
    }
    let base = match environment.value("XDG_CONFIG_HOME") {
        Some(base) => PathBuf::from(base),
        None => Path::new(environment.value("HOME")?).join(".config"),
    };
    Some(base.join("casemate/config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn config(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("config.toml");
        let mut file = std::fs::File::options()
            .create_new(true)
            .write(true)
            .open(&path)
            .expect("file");
        file.write_all(text.as_bytes()).expect("write");
        (dir, path)
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_built_in() {
        let (_dir, path) = config("threads = 1\n[report]\ntop = 5\n[scan]\ndeep = true\n");
        let environment =
            Environment::of([("CASEMATE_REPORT_TOP", "7"), ("CASEMATE_THREADS", "3")]);
        let flags = Flags::from([("threads", ("--threads".to_owned(), Value::Count(4)))]);
        let config = Config::resolve(Some(&path), environment, flags).expect("config");
        assert_eq!(config.count("threads"), Some(4));
        assert_eq!(config.count("report.top"), Some(7));
        assert!(config.is_on("scan.deep"));
        let origins: Vec<String> = config
            .entries()
            .map(|(key, _, origin)| format!("{} {origin}", key.name))
            .collect();
        assert!(origins.contains(&"threads flag --threads".to_owned()));
        assert!(origins.contains(&"report.top environment CASEMATE_REPORT_TOP".to_owned()));
        assert!(
            origins.contains(&format!("scan.deep {}:5", path.display())),
            "{origins:?}"
        );
    }

    #[test]
    fn an_unknown_key_names_file_line_and_the_nearest_key() {
        let (_dir, path) = config("[scan]\ndeeep = true\n");
        let error = Config::resolve(Some(&path), Environment::default(), Flags::new())
            .expect_err("unknown key");
        let text = error.to_string();
        assert!(
            text.contains(":2: ") && text.contains("`scan.deeep`"),
            "{text}"
        );
        assert!(text.contains("did you mean `scan.deep`"), "{text}");
    }

    #[test]
    fn a_value_of_another_kind_and_one_outside_its_range_are_refused() {
        for text in [
            "threads = \"two\"\n",
            "threads = 0\n",
            "[scan]\nsurfaces = [\"shh\"]\n",
        ] {
            let (_dir, path) = config(text);
            let result = Config::resolve(Some(&path), Environment::default(), Flags::new());
            assert!(
                matches!(result, Err(Error::Config { line: Some(_), .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn a_missing_file_counts_only_when_it_was_named() {
        let missing = Path::new("/nonexistent/casemate.toml");
        let named = Config::resolve(Some(missing), Environment::default(), Flags::new());
        assert!(matches!(named, Err(Error::Config { .. })));
        let environment = Environment::of([("HOME", "/nonexistent")]);
        let config = Config::resolve(None, environment, Flags::new()).expect("defaults");
        assert_eq!(
            config.data_dir().expect("path"),
            Path::new("/nonexistent/.local/share/casemate")
        );
    }
}
