//! Which package of which platform does a CSAF product identifier mean?
//!
//! The product tree names platforms (with their CPE) and packages (with a package URL, or a name
//! such as `bind-32:9.8.2-0.68.el6.x86_64`), and relationships put a package on a platform. Only
//! what the tree says is used; an identifier that it does not explain stays unknown.

use super::advisory::{architecture, evr, package};
use super::value::{at, list, text};
use super::{ecosystem, purl};
use casemate_schema::{Affected, PackageNames, Text};
use serde_json::Value;
use std::collections::BTreeMap;

/// Deepest branches of a product tree.
const BRANCHES_MAX: usize = 40;

/// What the tree says of one identifier.
#[derive(Clone, Debug, Default)]
struct Product {
    name: String,
    cpe: Option<String>,
    purl: Option<String>,
    /// `product_name`, `product_version` ...
    category: String,
}

/// The product tree of a document.
#[derive(Debug, Default)]
pub(crate) struct Products {
    known: BTreeMap<String, Product>,
    /// Identifier -> package, platform.
    related: BTreeMap<String, (String, String)>,
}

/// A product identifier explained.
#[derive(Clone, Debug)]
pub(crate) struct Meant {
    /// Package and platform, of which nothing is said yet.
    pub(crate) affected: Affected,
    /// The version that the identifier names.
    pub(crate) version: Option<Text>,
}

impl Products {
    pub(crate) fn read(document: &Value) -> Self {
        let tree = at(document, &["product_tree"]);
        let mut products = Self::default();
        products.branches(tree, 0);
        for name in list(tree, "full_product_names") {
            products.add(name, "");
        }
        for relation in list(tree, "relationships") {
            let full = at(relation, &["full_product_name"]);
            products.add(full, "relationship");
            let pair = (
                text(relation, "product_reference").to_owned(),
                text(relation, "relates_to_product_reference").to_owned(),
            );
            let id = text(full, "product_id").to_owned();
            products.related.insert(id, pair);
        }
        products
    }

    fn branches(&mut self, value: &Value, depth: usize) {
        if depth > BRANCHES_MAX {
            return;
        }
        for branch in list(value, "branches") {
            let product = at(branch, &["product"]);
            if product.is_object() {
                self.add(product, text(branch, "category"));
            }
            self.branches(branch, depth + 1);
        }
    }

    fn add(&mut self, product: &Value, category: &str) {
        let helper = at(product, &["product_identification_helper"]);
        let owned = |name: &str| {
            let text = text(helper, name);
            (!text.is_empty()).then(|| text.to_owned())
        };
        let found = Product {
            name: text(product, "name").to_owned(),
            cpe: owned("cpe"),
            purl: owned("purl"),
            category: category.to_owned(),
        };
        self.known
            .insert(text(product, "product_id").to_owned(), found);
    }

    /// Explains an identifier.
    pub(crate) fn meant(&self, id: &str) -> Result<Meant, String> {
        // Modules are packages of a platform, and platforms for their packages.
        let (mut package_id, mut platform_id, mut module) = (id, None, None);
        for _ in 0..4 {
            let Some((package, platform)) = self.related.get(package_id) else {
                break;
            };
            package_id = package;
            platform_id = Some(platform.as_str());
        }
        while let Some((part, platform)) = platform_id.and_then(|id| self.related.get(id)) {
            module = module.or_else(|| self.stream(part));
            if Some(platform.as_str()) == platform_id {
                break;
            }
            platform_id = Some(platform);
        }
        let platform = platform_id.and_then(|id| self.known.get(id));
        let package = self.known.get(package_id);
        let Some(package) = package else {
            return Err(format!("the product `{id}` is not in the product tree"));
        };
        let mut meant = explain(id, package, platform)?;
        meant.affected.module = meant.affected.module.or(module);
        Ok(meant)
    }

    /// The stream of a module, `nodejs:18`, when this identifier is one.
    fn stream(&self, id: &str) -> Option<Text> {
        let product = self.known.get(id)?;
        let url = product.purl.as_deref().unwrap_or_default();
        let is_module = url.starts_with("pkg:rpmmod/");
        is_module.then(|| {
            let parts: Vec<&str> = product.name.split(':').take(2).collect();
            parts.join(":").into()
        })
    }
}

fn explain(id: &str, product: &Product, platform: Option<&Product>) -> Result<Meant, String> {
    let cpe = platform
        .and_then(|platform| platform.cpe.as_deref())
        .or(product.cpe.as_deref());
    let of_platform = platform.and_then(|platform| {
        platform
            .cpe
            .as_deref()
            .and_then(ecosystem::cpe)
            .or_else(|| ecosystem::product(&platform.name))
    });
    let url = product.purl.as_deref().and_then(purl::parse);
    let mut meant = if let Some(found) = url {
        let ours = of_platform
            .or(found.ecosystem)
            .or_else(|| cpe.and_then(ecosystem::cpe))
            .ok_or_else(|| format!("the product `{id}` is of no known platform"))?;
        let mut affected = package(&ours, &found.name, found.names);
        affected.architectures = found.architectures;
        affected.module = found.module;
        Meant {
            affected,
            version: found.version,
        }
    } else if let Some(ours) = of_platform {
        let (name, version, arch) = nevra(&product.name);
        let is_source = arch == "src";
        let names = if is_source {
            PackageNames::Source
        } else {
            PackageNames::Binary
        };
        let mut affected = package(&ours, name, names);
        if !is_source {
            affected.architectures = architecture(arch);
        }
        Meant {
            affected,
            version: version.map(Text::from),
        }
    } else {
        of_product(id, product)?
    };
    meant.affected.cpe = cpe.map(Text::from);
    Ok(meant)
}

/// A product on no platform: an application of a vendor that writes CSAF itself.
fn of_product(id: &str, product: &Product) -> Result<Meant, String> {
    if product.name.is_empty() {
        return Err(format!("the product `{id}` has no name"));
    }
    if let Some(ours) = product.cpe.as_deref().and_then(ecosystem::cpe) {
        // A platform as a whole.
        return Err(format!("the product `{id}` is all of `{ours}`, no package"));
    }
    Ok(Meant {
        affected: package("product", &product.name, PackageNames::Binary),
        version: None,
    })
}

/// Name, version and architecture of `bind-32:9.8.2-0.68.el6.x86_64`, `libssh.src`,
/// `samba-client-libs-4.19.4+git.339-1.22` or `curl`.
fn nevra(text: &str) -> (&str, Option<String>, &str) {
    const ARCHITECTURES: [&str; 16] = [
        "x86_64", "aarch64", "ppc64le", "ppc64", "ppc", "s390x", "s390", "i586", "i686", "i386",
        "armv7hl", "armv6hl", "riscv64", "noarch", "src", "nosrc",
    ];
    let (rest, arch) = match text.rsplit_once('.') {
        Some((rest, arch)) if ARCHITECTURES.contains(&arch) => (rest, arch),
        _ => (text, ""),
    };
    let arch = if arch == "nosrc" { "src" } else { arch };
    let mut parts = rest.rsplitn(3, '-');
    let (release, version, name) = (parts.next(), parts.next(), parts.next());
    match (name, version, release) {
        (Some(name), Some(version), Some(release))
            if version.starts_with(|c: char| c.is_ascii_digit())
                && release.starts_with(|c: char| c.is_ascii_alphanumeric()) =>
        {
            let (epoch, version) = version.split_once(':').unwrap_or(("", version));
            (name, Some(evr(epoch, version, release)), arch)
        }
        _ => (rest, None, arch),
    }
}

impl Products {
    /// Whether the identifier is explained as a platform, not as a package.
    pub(crate) fn is_platform(&self, id: &str) -> bool {
        let Some(product) = self.known.get(id) else {
            return false;
        };
        product.category == "product_name"
            && product.purl.is_none()
            && !self.related.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rpm_packages() {
        for (text, expected) in [
            (
                "bind-32:9.8.2-0.68.rc1.el6.x86_64",
                ("bind", Some("32:9.8.2-0.68.rc1.el6"), "x86_64"),
            ),
            ("libssh.src", ("libssh", None, "src")),
            ("curl", ("curl", None, "")),
            (
                "samba-client-libs-4.19.4+git.339.acf1ccaa02-1.22",
                (
                    "samba-client-libs",
                    Some("4.19.4+git.339.acf1ccaa02-1.22"),
                    "",
                ),
            ),
            (
                "libdcerpc-binding0-32bit",
                ("libdcerpc-binding0-32bit", None, ""),
            ),
            (
                "edk2-0:20240524-6.el9_5.src",
                ("edk2", Some("20240524-6.el9_5"), "src"),
            ),
        ] {
            let (name, version, arch) = nevra(text);
            assert_eq!((name, version.as_deref(), arch), expected, "{text}");
        }
    }
}
