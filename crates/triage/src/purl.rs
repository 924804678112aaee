//! Package URLs, read for comparison (purl specification 1.0).

/// A package URL in its parts, percent-decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purl {
    /// The package type: `deb`, `npm`, `maven` ...
    pub kind: String,
    /// Group, scope, distribution or owner; empty if there is none.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The version.
    pub version: Option<String>,
    /// The qualifiers, as written.
    pub qualifiers: Vec<(String, String)>,
}

impl Purl {
    /// Reads a package URL; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(':')?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return None;
        }
        let rest = rest.trim_start_matches('/');
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, path) = rest.split_once('/')?;
        // The version is behind the last `@` that is no scope: scopes are encoded as %40, but
        // several tools leave them as they are.
        let (path, version) = match path.rsplit_once('@') {
            Some((before, version)) if !before.is_empty() && !version.contains('/') => {
                (before, Some(decode(version)))
            }
            _ => (path, None),
        };
        let path = path.trim_matches('/');
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parts = qualifiers.split('&').filter_map(|part| {
            let (key, value) = part.split_once('=')?;
            (!value.is_empty()).then(|| (key.to_ascii_lowercase(), decode(value)))
        });
        let mut purl = Self {
            kind: kind.to_ascii_lowercase(),
            namespace: decode(namespace),
            name: decode(name),
            version: version.filter(|version| !version.is_empty()),
            qualifiers: parts.collect(),
        };
        // Names with an encoded slash, as `pkg:k8s/k8s.io%2Fkubelet`.
        if purl.namespace.is_empty()
            && let Some((namespace, name)) = purl.name.clone().rsplit_once('/')
        {
            namespace.clone_into(&mut purl.namespace);
            name.clone_into(&mut purl.name);
        }
        (!purl.kind.is_empty() && !purl.name.is_empty()).then_some(purl)
    }

    /// The name as the ecosystem writes it: `group:artifact`, `@scope/name`, `github.com/a/b`;
    /// the name alone for packages of distributions.
    #[must_use]
    pub fn full_name(&self) -> String {
        let apart = match self.kind.as_str() {
            "maven" => ":",
            "deb" | "rpm" | "apk" | "alpm" | "oci" | "docker" | "generic" | "conda" | "bitnami" => {
                return self.name.clone();
            }
            _ => "/",
        };
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}{apart}{}", self.namespace, self.name)
        }
    }

    /// The value of a qualifier.
    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it names a container image.
    #[must_use]
    pub fn is_image(&self) -> bool {
        matches!(self.kind.as_str(), "oci" | "docker")
    }

    /// Whether the other is this package, or one that this stands for: type and name are equal, the
    /// version and each qualifier are too where this one has them.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.covers_version(other, other.version.as_deref().unwrap_or_default())
    }

    /// As [`Self::covers`], where the other's version is known from elsewhere.
    #[must_use]
    pub(crate) fn covers_version(&self, other: &Self, version: &str) -> bool {
        let wanted = self.version.as_deref();
        self.is_same_package(other)
            && wanted.is_none_or(|wanted| self.is_version(wanted, version))
            && self.qualifiers.iter().all(|(key, value)| {
                describes_the_place(key, value) || other.qualifier(key) == Some(value)
            })
    }

    /// Whether type and name are equal.
    #[must_use]
    pub fn is_same_package(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.is_equal(&self.name, &other.name)
            && self.is_equal(&self.namespace, &other.namespace)
    }

    /// Whether two versions are equal; Go's stand with and without their `v`.
    pub(crate) fn is_version(&self, one: &str, other: &str) -> bool {
        let bare = |text| match self.kind.as_str() {
            "golang" => str::strip_prefix(text, 'v').unwrap_or(text),
            _ => text,
        };
        bare(one) == bare(other)
    }

    /// Whether two names are equal as the type compares them.
    fn is_equal(&self, one: &str, other: &str) -> bool {
        match self.kind.as_str() {
            "pypi" => {
                let plain = |byte: u8| match byte {
                    b'_' | b'.' => b'-',
                    byte => byte.to_ascii_lowercase(),
                };
                one.bytes().map(plain).eq(other.bytes().map(plain))
            }
            "deb" | "rpm" | "apk" | "alpm" | "github" | "bitbucket" | "composer" | "oci"
            | "docker" | "nuget" | "hex" => one.eq_ignore_ascii_case(other),
            _ => one == other,
        }
    }
}

/// Qualifiers that say where a package was got or found, or what is assumed anyway.
fn describes_the_place(key: &str, value: &str) -> bool {
    matches!(
        key,
        "repository_url" | "download_url" | "vcs_url" | "file_name" | "file_path" | "package-id"
    ) || (key == "type" && value == "jar")
}

/// Takes percent-encoding off; what is no encoding stays.
#[must_use]
pub fn percent_decoded(text: &str) -> String {
    decode(text)
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digits = (byte == b'%').then(|| (digit(ahead.next()), digit(ahead.next())));
        if let Some((Some(high), Some(low))) = digits {
            out.push(high * 16 + low);
            bytes = ahead;
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn digit(byte: Option<u8>) -> Option<u8> {
    let value = char::from(byte?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::Purl;

    fn covers(one: &str, other: &str) -> bool {
        let purl = |text| Purl::parse(text).expect("a package URL");
        purl(one).covers(&purl(other))
    }

    #[test]
    fn parts_are_read() {
        let purl = Purl::parse("pkg:npm/%40angular/cli@12.3.1?arch=x#src").expect("purl");
        assert_eq!(purl.full_name(), "@angular/cli");
        assert_eq!(purl.version.as_deref(), Some("12.3.1"));
        assert_eq!(purl.qualifier("arch"), Some("x"));
        let scoped = Purl::parse("pkg:npm/@angular/cli").expect("purl");
        assert_eq!(
            (scoped.full_name().as_str(), scoped.version),
            ("@angular/cli", None)
        );
        let maven = Purl::parse("pkg:maven/org.example/a@1.0").expect("purl");
        assert_eq!(maven.full_name(), "org.example:a");
        let image = Purl::parse("pkg:oci/debian@sha256%3Aab?repository_url=x").expect("purl");
        assert_eq!(image.version.as_deref(), Some("sha256:ab"));
        let deb = Purl::parse("pkg:deb/debian/libstdc%2B%2B6@1:2%2B3").expect("purl");
        assert_eq!(deb.full_name(), "libstdc++6");
        assert_eq!(deb.version.as_deref(), Some("1:2+3"));
        for text in ["", "pkg:npm", "cpe:2.3:a:b", "pkg:/x", "a", "pkg:npm/%zz@"] {
            let read = Purl::parse(text).map(|purl| purl.name);
            assert!(read.is_none() || text == "pkg:npm/%zz@", "{text}");
        }
    }

    #[test]
    fn what_is_not_said_is_any() {
        assert!(covers(
            "pkg:deb/debian/bash",
            "pkg:deb/debian/bash@5.0-4?arch=amd64"
        ));
        assert!(covers("pkg:pypi/Foo_Bar@1", "pkg:pypi/foo-bar@1"));
        assert!(covers("pkg:maven/g/a@1?type=jar", "pkg:maven/g/a@1"));
        assert!(!covers(
            "pkg:deb/debian/bash@5.1",
            "pkg:deb/debian/bash@5.0-4"
        ));
        assert!(!covers("pkg:deb/debian/bash@5.1", "pkg:deb/debian/bash"));
        assert!(!covers("pkg:deb/ubuntu/bash", "pkg:deb/debian/bash"));
        assert!(!covers(
            "pkg:apk/wolfi/git?arch=armv7",
            "pkg:apk/wolfi/git?arch=x86_64"
        ));
        assert!(!covers("pkg:npm/a", "pkg:pypi/a"));
    }
}
