//! Container images as scanners and VEX documents name them.

use crate::purl::Purl;

/// `registry/path:tag@digest` in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// With the registry; Docker's short names written out.
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Image {
    /// Reads what a scanner says that it looked at; `None` for what cannot be an image.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // Trivy puts the system behind the name: `debian:12 (debian 12.1)`.
        let text = text.split(" (").next().unwrap_or(text).trim();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
        let is_file = [".tar", ".gz", ".json", ".xml", ".lock", ".txt"]
            .iter()
            .any(|end| text.ends_with(end));
        if text.is_empty()
            || !text.chars().all(allowed)
            || text.contains("://")
            || text.starts_with(['/', '.'])
            || is_file
        {
            return None;
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) if digest.contains(':') => (name, Some(digest.to_lowercase())),
            Some(_) => return None,
            None => (text, None),
        };
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (name, None),
        };
        (!name.is_empty()).then(|| Self {
            repository: repository(name),
            tag,
            digest,
        })
    }

    /// Whether the text says by itself that it is an image, and not a host or a file.
    pub(super) const fn is_sure(&self) -> bool {
        self.tag.is_some() || self.digest.is_some()
    }

    /// Whether a product's package URL stands for this image.
    pub(super) fn is_of(&self, purl: &Purl) -> bool {
        let path = self.repository.to_lowercase();
        let mut wanted = purl.name.to_lowercase();
        if !purl.namespace.is_empty() {
            wanted = format!("{}/{wanted}", purl.namespace.to_lowercase());
        }
        let whole = match purl.qualifier("repository_url").map(repository) {
            // Both uses are found: with the image's own path at the end, and the registry alone.
            Some(url) if url.to_lowercase().ends_with(&wanted) => path == url.to_lowercase(),
            Some(url) => path == format!("{}/{wanted}", registry_of(&url.to_lowercase())),
            None => path == wanted || path.ends_with(&format!("/{wanted}")),
        };
        whole && self.is_version(purl)
    }

    fn is_version(&self, purl: &Purl) -> bool {
        let tag = self.tag.as_deref().unwrap_or("latest");
        match purl.version.as_deref() {
            Some(version) if version.contains(':') => {
                self.digest.as_deref() == Some(version.to_lowercase().as_str())
            }
            Some(version) => version == tag,
            None => purl.qualifier("tag").is_none_or(|wanted| wanted == tag),
        }
    }

    /// Whether a digest alone, as VEX documents give it, is this image's.
    pub(super) fn has_digest(&self, text: &str) -> bool {
        self.digest.as_deref() == Some(text.to_lowercase().as_str())
    }
}

/// `debian` is `docker.io/library/debian`.
fn repository(name: &str) -> String {
    let name = name.trim_matches('/');
    let name = name.strip_prefix("index.").unwrap_or(name);
    let name = name.strip_prefix("registry-1.").unwrap_or(name);
    match name.split_once('/') {
        Some(("docker.io", path)) if !path.contains('/') => format!("docker.io/library/{path}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => name.to_owned(),
        Some(_) => format!("docker.io/{name}"),
        None if name.contains('.') && !name.contains(':') => name.to_owned(),
        None => format!("docker.io/library/{name}"),
    }
}

/// A registry that was given without a path.
fn registry_of(url: &str) -> &str {
    url.strip_prefix("docker.io/library/")
        .filter(|rest| rest.contains(['.', ':']))
        .unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::Image;
    use crate::purl::Purl;

    fn is_of(target: &str, purl: &str) -> bool {
        let image = Image::parse(target).expect("an image");
        image.is_of(&Purl::parse(purl).expect("a package URL"))
    }

    #[test]
    fn images_are_told_apart() {
        assert!(is_of("debian:12", "pkg:oci/debian"));
        assert!(is_of(
            "debian:12 (debian 12.1)",
            "pkg:docker/library/debian@12"
        ));
        assert!(is_of(
            "docker.io/library/debian:12",
            "pkg:oci/debian?tag=12"
        ));
        let url = "pkg:oci/debian?repository_url=index.docker.io%2Flibrary%2Fdebian";
        assert!(is_of("debian", url) && !is_of("ghcr.io/x/debian", url));
        assert!(is_of(
            "ghcr.io/x/shop@sha256:AB",
            "pkg:oci/shop@sha256%3Aab"
        ));
        assert!(is_of(
            "ghcr.io/x/shop:1",
            "pkg:oci/shop?repository_url=ghcr.io/x"
        ));
        assert!(!is_of("shop:1", "pkg:oci/shop@sha256%3Aab"));
        assert!(!is_of("debian:11", "pkg:docker/debian@12"));
        assert!(!is_of("mydebian:12", "pkg:oci/debian"));
        for text in [
            "/srv/app",
            "https://example.com",
            "a.tar.gz",
            "two words",
            "",
        ] {
            assert_eq!(Image::parse(text), None, "{text}");
        }
    }
}
