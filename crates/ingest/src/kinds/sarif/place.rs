//! Where a result is: addresses of artifacts, with the bases that a run gives them.

use super::hit::{ArtifactLocation, Location, Logical};
use super::model::{Artifact, Run};
use std::borrow::Cow;
use std::collections::HashMap;

/// Longest chain of bases that is followed.
const BASES_MAX: usize = 16;

/// A place as a finding names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Path of a file.
    pub(super) path: String,
    pub(super) line: Option<u64>,
    /// Host of an address of the network.
    pub(super) host: String,
    /// An address of the network, or the name of a function or resource.
    pub(super) subject: String,
}

/// What a run says of places, looked up once.
#[derive(Default)]
pub(super) struct Places {
    /// Relative prefixes by the name of the base.
    bases: HashMap<String, String>,
    artifacts: Vec<(String, String)>,
    names: Vec<String>,
}

impl Places {
    pub(super) fn new(run: &Run<'_>) -> Self {
        let mut out = Self::default();
        for (name, _) in run.original_uri_base_ids.iter() {
            let prefix = base(run, name);
            if !prefix.is_empty() {
                out.bases.insert(name.to_string(), prefix);
            }
        }
        out.add(&run.artifacts);
        out.names = run.logical_locations.iter().map(name_of).collect();
        out
    }

    /// Artifacts that stand beside the run.
    pub(super) fn add(&mut self, artifacts: &[Artifact<'_>]) {
        self.artifacts.extend(artifacts.iter().map(address_of));
    }

    /// The address of an artifact, with its relative base before it.
    pub(super) fn address<'l>(&'l self, location: &'l ArtifactLocation<'_>) -> Cow<'l, str> {
        let mut uri = location.uri.as_ref();
        let mut base = location.base.as_ref();
        if uri.is_empty()
            && let Some((known, its_base)) = location.index.and_then(|at| self.artifacts.get(at))
        {
            uri = known;
            base = its_base;
        }
        match self.bases.get(base) {
            Some(prefix) if !base.is_empty() && !is_absolute(uri) => {
                format!("{}/{uri}", prefix.trim_end_matches('/')).into()
            }
            _ => uri.into(),
        }
    }

    /// The place that a location names.
    pub(super) fn of(&self, location: &Location<'_>) -> Place {
        let physical = &location.physical_location;
        let mut place = self.of_artifact(&physical.artifact_location);
        place.line = physical.region.start_line.0.filter(|line| *line > 0);
        if place.subject.is_empty() {
            place.subject = self.name(location);
        }
        place
    }

    /// The file or address of the network that an artifact is.
    pub(super) fn of_artifact(&self, location: &ArtifactLocation<'_>) -> Place {
        let address = self.address(location);
        let mut place = Place::default();
        match address.split_once("://") {
            Some((scheme, rest)) if !scheme.eq_ignore_ascii_case("file") => {
                let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
                // A digest or a path of another scheme (`docker://`, `pkg://`) is no host.
                if scheme.starts_with("http") {
                    let host = host.rsplit('@').next().unwrap_or_default();
                    host.split(':')
                        .next()
                        .unwrap_or_default()
                        .clone_into(&mut place.host);
                }
                place.subject = address.into_owned();
            }
            _ => place.path = path_of(&address),
        }
        place
    }

    /// The name of a function or resource.
    fn name(&self, location: &Location<'_>) -> String {
        let Some(first) = location.logical_locations.first() else {
            return location.fully_qualified_logical_name.to_string();
        };
        let own = name_of(first);
        if !own.is_empty() {
            return own;
        }
        let known = first.index.index().and_then(|at| self.names.get(at));
        known.cloned().unwrap_or_default()
    }
}

fn address_of(artifact: &Artifact<'_>) -> (String, String) {
    let location = &artifact.location;
    (location.uri.to_string(), location.base.to_string())
}

fn name_of(logical: &Logical<'_>) -> String {
    if logical.fully_qualified_name.is_empty() {
        logical.name.to_string()
    } else {
        logical.fully_qualified_name.to_string()
    }
}

/// The relative prefix that a base stands for; empty if it ends at an absolute address, which is
/// that of the machine that scanned and says nothing of the file.
fn base(run: &Run<'_>, name: &str) -> String {
    let mut out = String::new();
    let mut name = name.to_owned();
    for _ in 0..BASES_MAX {
        let Some(location) = run.original_uri_base_ids.get(&name) else {
            return out;
        };
        let uri = location.uri.trim();
        if is_absolute(uri) {
            return out;
        }
        if !uri.is_empty() {
            out = if out.is_empty() {
                uri.to_owned()
            } else {
                format!("{}/{out}", uri.trim_end_matches('/'))
            };
        }
        if location.base.is_empty() {
            return out;
        }
        name = location.base.to_string();
    }
    out
}

fn is_absolute(uri: &str) -> bool {
    uri.starts_with('/')
        || uri.split_once(':').is_some_and(|(scheme, _)| {
            !scheme.is_empty()
                && scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
        })
}

/// The path of an address: without `file://`, decoded.
pub(super) fn path_of(address: &str) -> String {
    let address = address.trim();
    let rest = match address.split_at_checked(5) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file:") => {
            match rest.strip_prefix("///") {
                // `file:///C:/dev` is a path of Windows.
                Some(path) if path.as_bytes().get(1) == Some(&b':') => path,
                Some(_) => rest.get(2..).unwrap_or(rest),
                None => rest.trim_start_matches("//"),
            }
        }
        _ => address,
    };
    if rest.contains('%') {
        decoded(rest)
    } else {
        rest.to_owned()
    }
}

fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_paths() {
        for (address, path) in [
            ("file:///home/a/b%20c.rs", "/home/a/b c.rs"),
            ("file:///C:/dev/x.cs", "C:/dev/x.cs"),
            ("src/x%zz.c", "src/x%zz.c"),
            ("file://server/share/x", "server/share/x"),
        ] {
            assert_eq!(path_of(address), path);
        }
    }

    #[test]
    fn relative_bases_are_prefixes() {
        let run: Run<'_> = serde_json::from_str(
            r#"{"originalUriBaseIds": {"ROOT": {"uri": "file:///build/"}, "SRC": {"uri": "src/", "uriBaseId": "ROOT"}, "LIB": {"uri": "lib", "uriBaseId": "SRC"}},
                "artifacts": [{"location": {"uri": "a.c", "uriBaseId": "LIB"}}]}"#,
        )
        .expect("a run");
        let places = Places::new(&run);
        let at = |uri: &'static str, base: &'static str, index| {
            let location = ArtifactLocation {
                uri: uri.into(),
                base: base.into(),
                index,
            };
            places.of_artifact(&location)
        };
        assert_eq!(at("x.c", "ROOT", None).path, "x.c");
        assert_eq!(at("x.c", "SRC", None).path, "src/x.c");
        assert_eq!(at("", "", Some(0)).path, "src/lib/a.c");
        assert_eq!(at("/abs.c", "SRC", None).path, "/abs.c");
        let web = at("https://u@www.example.com:8443/a", "", None);
        assert_eq!(
            (web.host.as_str(), web.path.as_str()),
            ("www.example.com", "")
        );
    }
}
