//! The product tree of a CSAF document: what its product ids mean.
//!
//! An id is defined as a full name, as a leaf of the branches (vendor, family, name, version), or
//! by a relationship: one product as a component of another.

use super::super::bom;
use crate::field;
use casemate_schema::{Component, Text};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Relationships inside of relationships are followed this far.
const DEPTH_MAX: usize = 8;

/// A product as it is used.
#[derive(Clone, Debug, Default)]
pub(super) struct Product {
    /// Its full name.
    pub(super) label: String,
    /// The affected software: of a relationship, the part.
    pub(super) component: Component,
    /// Of a relationship, the name of the whole that the part is in.
    pub(super) inside: String,
    /// All identifiers of the product, or of the whole.
    pub(super) names: Vec<Text>,
    /// All identifiers of the part, if it is one.
    pub(super) parts: Vec<Text>,
}

#[derive(Clone, Debug, Default)]
struct Leaf {
    name: String,
    version: String,
    purl: String,
    names: Vec<Text>,
}

/// All products of a document.
#[derive(Debug, Default)]
pub(super) struct Products {
    leaves: HashMap<String, Leaf>,
    /// Id to full name, part and whole.
    relations: HashMap<String, (String, String, String)>,
    groups: HashMap<String, HashSet<String>>,
}

impl Products {
    pub(super) fn read(tree: &Value) -> Self {
        let mut all = Self::default();
        for entry in bom::list(tree, "full_product_names", "") {
            all.leaf(entry, "");
        }
        all.branches(tree, "");
        for relation in bom::list(tree, "relationships", "") {
            let Some(product) = relation.get("full_product_name") else {
                continue;
            };
            all.leaf(product, "");
            let ends = (
                field::named(product, "name"),
                field::named(relation, "product_reference"),
                field::named(relation, "relates_to_product_reference"),
            );
            all.relations
                .insert(field::named(product, "product_id"), ends);
        }
        for group in bom::list(tree, "product_groups", "") {
            let ids = bom::texts(group, "product_ids", "");
            all.groups
                .insert(field::named(group, "group_id"), ids.into_iter().collect());
        }
        all
    }

    fn branches(&mut self, value: &Value, version: &str) {
        for branch in bom::list(value, "branches", "") {
            let category = field::named(branch, "category");
            let is_version = matches!(
                category.as_str(),
                "product_version" | "product_version_range"
            );
            let own = if is_version {
                field::named(branch, "name")
            } else {
                String::new()
            };
            let version = if own.is_empty() {
                version
            } else {
                own.as_str()
            };
            if let Some(product) = branch.get("product") {
                self.leaf(product, version);
            }
            self.branches(branch, version);
        }
    }

    fn leaf(&mut self, product: &Value, version: &str) {
        let id = field::named(product, "product_id");
        if id.is_empty() {
            return;
        }
        let helper = product
            .get("product_identification_helper")
            .unwrap_or(&Value::Null);
        let mut purls = vec![field::named(helper, "purl")];
        purls.extend(bom::texts(helper, "purls", ""));
        purls.retain(|purl| !purl.is_empty());
        let name = field::named(product, "name");
        let mut names = Vec::new();
        purls.iter().for_each(|purl| bom::add(&mut names, purl));
        bom::add(&mut names, &field::named(helper, "cpe"));
        for hash in bom::list(helper, "hashes", "") {
            for file in bom::list(hash, "file_hashes", "") {
                let algorithm = field::named(file, "algorithm")
                    .to_lowercase()
                    .replace('-', "");
                bom::add(
                    &mut names,
                    &format!("{algorithm}:{}", field::named(file, "value")),
                );
            }
        }
        bom::add(&mut names, if name.is_empty() { &id } else { &name });
        let purl = purls.into_iter().next().unwrap_or_default();
        let (name, version) = apart(if name.is_empty() { id.clone() } else { name }, version);
        let leaf = Leaf {
            name,
            version,
            purl,
            names,
        };
        self.leaves.insert(id, leaf);
    }

    /// Whether a product is in a group.
    pub(super) fn is_in(&self, id: &str, group: &str) -> bool {
        let members = self.groups.get(group);
        members.is_some_and(|members| members.contains(id))
    }

    /// What an id means; an id that is not defined is its own name.
    pub(super) fn get(&self, id: &str) -> Product {
        self.resolve(id, 0)
    }

    fn resolve(&self, id: &str, depth: usize) -> Product {
        if depth < DEPTH_MAX
            && let Some((label, part, whole)) = self.relations.get(id)
            && !part.is_empty()
        {
            let (part, whole) = (
                self.resolve(part, depth + 1),
                self.resolve(whole, depth + 1),
            );
            // A part of a part is what matters: its own parts stand for it.
            let parts = if part.parts.is_empty() {
                part.names
            } else {
                part.parts
            };
            let label = if label.is_empty() {
                format!("{} in {}", part.label, whole.label)
            } else {
                label.clone()
            };
            return Product {
                label,
                component: part.component,
                inside: whole.label,
                names: whole.names,
                parts,
            };
        }
        let Some(leaf) = self.leaves.get(id) else {
            return Product {
                label: id.to_owned(),
                component: bom::component("", id, "", ""),
                names: vec![id.into()],
                ..Product::default()
            };
        };
        let component = bom::component("", &leaf.name, &leaf.version, &leaf.purl);
        Product {
            label: bom::label(&component),
            component,
            names: leaf.names.clone(),
            ..Product::default()
        }
    }
}

/// Name and version apart: the full name usually repeats the version at its end.
fn apart(name: String, version: &str) -> (String, String) {
    if let Some(short) = name.strip_suffix(version).filter(|_| !version.is_empty()) {
        let short = short.trim_end_matches(" v").trim();
        if !short.is_empty() {
            return (short.to_owned(), version.to_owned());
        }
    }
    if version.is_empty()
        && let Some((short, last)) = name.rsplit_once(' ')
        && last.starts_with(|first: char| first.is_ascii_digit())
    {
        return (short.trim().to_owned(), last.to_owned());
    }
    (name, version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Products;
    use serde_json::json;

    #[test]
    fn ids_are_resolved() {
        let tree = json!({
            "full_product_names": [{"product_id": "a", "name": "Shop 1.2"}],
            "branches": [{"category": "vendor", "name": "V", "branches": [
                {"category": "product_version", "name": "2.0", "product": {
                    "product_id": "b", "name": "V codec 2.0",
                    "product_identification_helper": {"purl": "pkg:maven/com.example/codec@2.0"}}}]}],
            "relationships": [
                {"product_reference": "b", "relates_to_product_reference": "a",
                    "full_product_name": {"product_id": "c", "name": "codec in Shop"}},
                {"product_reference": "d", "relates_to_product_reference": "d",
                    "full_product_name": {"product_id": "d", "name": "itself"}}],
            "product_groups": [{"group_id": "g", "product_ids": ["a", "b"]}],
        });
        let all = Products::read(&tree);
        let shop = all.get("a");
        assert_eq!(
            (&*shop.component.name, shop.component.version.as_deref()),
            ("Shop", Some("1.2"))
        );
        let part = all.get("c");
        assert_eq!(&*part.component.name, "com.example:codec");
        assert_eq!(part.inside, "Shop 1.2");
        assert_eq!(part.names, ["Shop 1.2"]);
        assert_eq!(
            part.parts.first().map(|t| &**t),
            Some("pkg:maven/com.example/codec@2.0")
        );
        assert_eq!(&*all.get("unknown").component.name, "unknown");
        assert!(all.is_in("b", "g") && !all.is_in("c", "g"));
        assert_eq!(&*all.get("d").component.name, "itself");
    }
}
