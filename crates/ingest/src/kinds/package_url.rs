//! Components as tools name them: package URLs, ecosystems, fixed versions.

use casemate_schema::Component;

/// The component that a package URL names (`pkg:type/namespace/name@version?qualifiers#path`).
pub(super) fn component(url: &str) -> Option<Component> {
    let url = url.trim();
    let rest = url.strip_prefix("pkg:")?.trim_start_matches('/');
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (kind, rest) = rest.split_once('/')?;
    let kind = kind.to_lowercase();
    // The version is behind the last `@`; that of a scope is written as `%40`, or comes first.
    let (path, version) = match rest.rsplit_once('@') {
        Some((path, version)) if !path.is_empty() && !version.contains('/') => (path, version),
        _ => (rest, ""),
    };
    let path = decoded(path);
    let name = match (kind.as_str(), path.rsplit_once('/')) {
        ("maven", Some((group, name))) => format!("{group}:{name}"),
        // Of packages of a distribution the namespace is the distribution.
        ("deb" | "rpm" | "apk" | "alpm", Some((_, name))) => name.to_owned(),
        _ => path,
    };
    (!name.is_empty()).then(|| Component {
        name: name.into(),
        version: (!version.is_empty()).then(|| decoded(version).into()),
        purl: Some(url.into()),
        kind: Some(kind.into()),
        fixed_version: None,
    })
}

/// The type of a package URL for an ecosystem of OSV; `Debian:12` is `deb`.
pub(super) fn type_of_ecosystem(ecosystem: &str) -> Option<&'static str> {
    let name = ecosystem.split(':').next().unwrap_or(ecosystem);
    Some(match name.trim().to_lowercase().as_str() {
        "npm" => "npm",
        "pypi" => "pypi",
        "go" => "golang",
        "maven" => "maven",
        "crates.io" => "cargo",
        "rubygems" => "gem",
        "nuget" => "nuget",
        "packagist" => "composer",
        "hex" => "hex",
        "pub" => "pub",
        "conancenter" => "conan",
        "swifturl" => "swift",
        "hackage" => "hackage",
        "cran" => "cran",
        "github actions" => "github",
        "alpine" | "chainguard" | "wolfi" => "apk",
        "debian" | "ubuntu" => "deb",
        "red hat" | "rocky linux" | "almalinux" | "suse" | "opensuse" | "mageia" => "rpm",
        _ => return None,
    })
}

/// The version in `>=1.10.2`; several alternatives stay as they are written.
pub(super) fn fixed(range: &str) -> Option<String> {
    let range = range.trim();
    if range.is_empty() || range == "<0.0.0" || range.eq_ignore_ascii_case("none") {
        return None;
    }
    let plain = range.trim_start_matches(">=").trim();
    let is_one = !plain.contains([' ', '|', ',', '<', '>']);
    Some(if is_one { plain } else { range }.to_owned())
}

/// A title that names the component: `said` is the advisory's own.
pub(super) fn titled(said: &str, name: &str, version: &str) -> String {
    let said = said.trim().trim_end_matches('.');
    if said.is_empty() || (version.is_empty() && said.contains(name)) {
        return said.to_owned();
    }
    let said = said
        .strip_suffix(&format!(" in {name}"))
        .unwrap_or(said)
        .trim();
    format!("{said} in {}", format!("{name} {version}").trim())
}

fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair = (byte == b'%').then(|| (ahead.next(), ahead.next()));
        let digit = |byte: u8| char::from(byte).to_digit(16);
        match pair {
            Some((Some(high), Some(low))) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => {
                    out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    bytes = ahead;
                }
                _ => out.push(byte),
            },
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_name_components() {
        let parts = |url: &str| {
            let found = component(url).expect("a package URL");
            (found.name.to_string(), found.version.map(|v| v.to_string()))
        };
        let both = |name: &str, version: &str| (name.to_owned(), Some(version.to_owned()));
        assert_eq!(parts("pkg:maven/g.h/a@1.0?type=jar"), both("g.h:a", "1.0"));
        assert_eq!(parts("pkg:npm/%40s/p@2"), both("@s/p", "2"));
        assert_eq!(parts("pkg:npm/@s/p"), ("@s/p".to_owned(), None));
        assert_eq!(parts("pkg:deb/debian/curl@7.1"), both("curl", "7.1"));
        assert_eq!(parts("pkg:golang/a.b/c/d@v1"), both("a.b/c/d", "v1"));
        assert_eq!(component("cpe:/a:b:c"), None);
        assert_eq!(fixed(">=1.2"), Some("1.2".to_owned()));
        assert_eq!(
            fixed(">=1.2 <2 || >=2.1").as_deref(),
            Some(">=1.2 <2 || >=2.1")
        );
        assert_eq!(fixed("<0.0.0"), None);
        assert_eq!(type_of_ecosystem("Debian:12"), Some("deb"));
    }
}
