//! What a test of an OVAL document compares: package, operation, version.

use super::value::{at, content, many, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a test asks of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Its version is less than this.
    Before {
        /// The package.
        name: String,
        /// Epoch, version and release.
        evr: String,
        /// Whether it is dpkg's.
        by_dpkg: bool,
    },
    /// It is there.
    Installed {
        /// The package.
        name: String,
        /// Whether it is dpkg's.
        by_dpkg: bool,
    },
    /// Something else: a key, an architecture, another operation.
    Other,
}

/// The tests of a document by identifier.
#[derive(Debug, Default)]
pub(crate) struct Tests {
    tests: BTreeMap<String, Compared>,
}

impl Tests {
    pub(crate) fn read(root: &Value) -> Self {
        let objects = by_id(at(root, &["objects"]));
        let states = by_id(at(root, &["states"]));
        let mut tests = BTreeMap::new();
        for (kind, test) in members(at(root, &["tests"])) {
            let by_dpkg = match kind {
                "rpminfo_test" => false,
                "dpkginfo_test" => true,
                _ => continue,
            };
            let of = |part: &str, reference: &str| text(at(test, &[part]), reference).to_owned();
            let name = objects
                .get(of("object", "@object_ref").as_str())
                .map(|object| content(at(object, &["name"])).to_owned())
                .unwrap_or_default();
            let state = states.get(of("state", "@state_ref").as_str());
            tests.insert(
                text(test, "@id").to_owned(),
                compared(name, state.copied(), by_dpkg),
            );
        }
        Self { tests }
    }

    /// What a test compares; `None` for one that is of no package.
    pub(crate) fn compared(&self, id: &str) -> Option<Compared> {
        self.tests.get(id).cloned()
    }
}

fn compared(name: String, state: Option<&Value>, by_dpkg: bool) -> Compared {
    let evr = state.map_or(&Value::Null, |state| at(state, &["evr"]));
    let is_less = text(evr, "@operation") == "less than";
    let version = content(evr);
    // A signature beside it: the test asks who built the package.
    let has_other = state.is_some_and(|state| {
        state.get("signature_keyid").is_some() || state.get("version").is_some()
    });
    match (name.is_empty(), is_less && !version.is_empty(), state) {
        (true, _, _) => Compared::Other,
        (_, true, _) => Compared::Before {
            name,
            evr: version.to_owned(),
            by_dpkg,
        },
        (_, _, None) => Compared::Installed { name, by_dpkg },
        (_, _, Some(_)) if evr.is_null() && !has_other => Compared::Installed { name, by_dpkg },
        _ => Compared::Other,
    }
}

/// The elements of a section with their names.
fn members(section: &Value) -> Vec<(&str, &Value)> {
    let all = section.as_object().into_iter().flatten();
    all.filter(|(name, _)| !name.starts_with(['@', '#']))
        .flat_map(|(name, _)| {
            many(section, name)
                .into_iter()
                .map(|value| (name.as_str(), value))
        })
        .collect()
}

fn by_id(section: &Value) -> BTreeMap<&str, &Value> {
    members(section)
        .into_iter()
        .map(|(_, value)| (text(value, "@id"), value))
        .collect()
}
