//! The example of `docs/formats/inventory.md` is an inventory, and means what the page says.

use casemate_app::inventory;
use casemate_schema::{Finding, Source};
use casemate_triage::{AssetValue, Site};

const PAGE: &str = include_str!("../../../../docs/formats/inventory.md");

#[expect(
    clippy::disallowed_methods,
    reason = "the test writes the file that a person would"
)]
fn read(text: &str) -> Result<Site, String> {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("site.toml");
    std::fs::write(&path, text).expect("a file");
    inventory::read(&path).map_err(|error| error.to_string())
}

fn example() -> &'static str {
    let (_, rest) = PAGE.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0
}

#[test]
fn the_documented_example_is_read() {
    let site = read(example()).expect("an inventory");
    let value = |host| site.asset(Some(host)).map(|asset| asset.value);
    assert_eq!(value("DB1"), Some(AssetValue::Critical));
    assert_eq!(value("db2"), Some(AssetValue::High));
    assert_eq!(value("x.lab.example.com"), Some(AssetValue::Low));
    assert_eq!(value("web1"), None);
    let first = site.asset(Some("db1")).expect("the first entry");
    assert_eq!(first.owner, "Data Team");
    assert_eq!(first.data_classes, ["patient", "card"]);
    let reason = |check: &str, category: &str| {
        let finding = Finding {
            category: category.into(),
            source: Source {
                check: check.into(),
                ..Source::default()
            },
            ..Finding::default()
        };
        let control = first.control_for(&finding);
        control.map(|control| control.reason.as_str())
    };
    let ssh = Some("SSH is open to the jump host alone");
    assert_eq!(reason("ssh-root-login", "sockets"), ssh);
    let firewall = Some("a firewall stands before this network");
    assert_eq!(reason("open-port", "sockets"), firewall);
    assert_eq!(reason("open-port", "files"), None);
}

#[test]
fn a_misspelt_key_or_value_is_refused() {
    for (right, wrong) in [
        ("value = \"low\"", "worth = \"low\""),
        ("\"critical\"", "\"crucial\""),
        ("host = \"db1\"", "host = \"\""),
        ("reason = \"SSH", "why = \"SSH"),
    ] {
        assert!(example().contains(right), "{right}");
        assert!(read(&example().replace(right, wrong)).is_err(), "{wrong}");
    }
}
