//! SPDX tag-value text in the shape of its JSON.

use serde_json::{Map, Value, json};

/// Reads the tags that are used; a text over several lines stands between `<text>` tags.
pub(super) fn document(text: &str) -> Value {
    let mut document = Map::new();
    let mut creators: Vec<Value> = Vec::new();
    let mut created = String::new();
    let mut packages: Vec<Map<String, Value>> = Vec::new();
    let mut is_package = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        let Some((tag, value)) = line.split_once(':') else {
            continue;
        };
        if line.starts_with('#') {
            continue;
        }
        let mut value = value.trim().to_owned();
        if value.starts_with("<text>") {
            while !value.contains("</text>") {
                let Some(more) = lines.next() else { break };
                value.push('\n');
                value.push_str(more);
            }
            let inner = value.trim_start_matches("<text>");
            value = inner.replace("</text>", "").trim().to_owned();
        }
        match tag.trim() {
            "SPDXVersion" => drop(document.insert("spdxVersion".to_owned(), value.into())),
            "DocumentName" => drop(document.insert("name".to_owned(), value.into())),
            "Creator" => creators.push(value.into()),
            "Created" => created = value,
            "PackageName" => {
                is_package = true;
                packages.push(Map::from_iter([("name".to_owned(), value.into())]));
            }
            // What follows is about files, snippets and licences, which have no references.
            "FileName" | "SnippetSPDXID" | "LicenseID" => is_package = false,
            tag if is_package => {
                if let Some(package) = packages.last_mut() {
                    of_package(package, tag, value);
                }
            }
            _ => {}
        }
    }
    document.insert(
        "creationInfo".to_owned(),
        json!({"creators": creators, "created": created}),
    );
    document.insert("packages".to_owned(), packages.into());
    Value::Object(document)
}

fn of_package(package: &mut Map<String, Value>, tag: &str, value: String) {
    let name = match tag {
        "SPDXID" => "SPDXID",
        "PackageVersion" => "versionInfo",
        "PackageSupplier" => "supplier",
        "PackageLicenseConcluded" => "licenseConcluded",
        "PackageLicenseDeclared" => "licenseDeclared",
        "ExternalRef" => {
            let mut parts = value.splitn(3, char::is_whitespace).map(str::trim);
            let (category, kind, locator) = (parts.next(), parts.next(), parts.next());
            let reference = json!({
                "referenceCategory": category,
                "referenceType": kind,
                "referenceLocator": locator,
            });
            if let Value::Array(all) = references(package) {
                all.push(reference);
            }
            return;
        }
        "ExternalRefComment" => {
            if let Value::Array(all) = references(package)
                && let Some(Value::Object(last)) = all.last_mut()
            {
                last.insert("comment".to_owned(), value.into());
            }
            return;
        }
        _ => return,
    };
    package.insert(name.to_owned(), value.into());
}

fn references(package: &mut Map<String, Value>) -> &mut Value {
    package
        .entry("externalRefs")
        .or_insert_with(|| Value::Array(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn tags_become_members() {
        let text = "SPDXVersion: SPDX-2.3\nCreator: Tool: syft-1.0\n# a: comment\n\
                    PackageName: a\nPackageVersion: <text>1\n2</text>\n\
                    ExternalRef: SECURITY advisory https://example.com/CVE-2026-0001\n\
                    ExternalRefComment: seen: twice\nFileName: x\nSPDXID: other\n";
        let read = document(text);
        assert_eq!(read["packages"][0]["versionInfo"], "1\n2");
        assert_eq!(read["packages"][0].get("SPDXID"), None);
        let reference = &read["packages"][0]["externalRefs"][0];
        assert_eq!(reference["referenceType"], "advisory");
        assert_eq!(reference["comment"], "seen: twice");
        assert_eq!(read["creationInfo"]["creators"][0], "Tool: syft-1.0");
    }
}
