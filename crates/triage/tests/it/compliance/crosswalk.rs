//! Agreement with the mapping of 606 Linux hardening rules by ComplianceAsCode.
//!
//! Each rule is taken as an import of OpenSCAP would bring it, by its identifier alone, and the
//! controls that our mapping gives are compared with the references that its authors gave. How the
//! older references are brought to today's versions stands in `docs/concepts/compliance.md`.

use super::controls;
use casemate_base::decompress::{Format, Limits, decoder};
use casemate_testkit::data_or_skip;
use casemate_triage::{Framework, Said};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

fn text_of(name: &str) -> Option<String> {
    let bytes = std::fs::read(data_or_skip(name)?).expect("read");
    let format = Format::detect(&bytes).expect("packed");
    let mut text = String::new();
    decoder(format, bytes.as_slice(), &Limits::default())
        .expect("a decoder")
        .read_to_string(&mut text)
        .expect("text");
    Some(text)
}

/// CSF 1.1 to 2.0: where each subcategory went, after NIST's own transition table.
const CSF_FORWARD: &[(&str, &[&str])] = &[
    ("ID.AM-1", &["ID.AM-01"]),
    ("ID.AM-3", &["ID.AM-03"]),
    ("ID.RA-1", &["ID.RA-01"]),
    ("ID.SC-4", &["GV.SC-07", "ID.RA-10"]),
    ("PR.AC-1", &["PR.AA-01", "PR.AA-05"]),
    ("PR.AC-3", &["PR.AA-03", "PR.AA-05", "PR.IR-01"]),
    ("PR.AC-4", &["PR.AA-05"]),
    ("PR.AC-5", &["PR.IR-01"]),
    ("PR.AC-6", &["PR.AA-02", "PR.AA-01"]),
    ("PR.AC-7", &["PR.AA-03"]),
    ("PR.DS-1", &["PR.DS-01"]),
    ("PR.DS-2", &["PR.DS-02"]),
    ("PR.DS-4", &["PR.IR-04"]),
    ("PR.DS-5", &["PR.DS-01", "PR.DS-02", "PR.DS-10"]),
    ("PR.DS-6", &["PR.DS-01", "DE.CM-09"]),
    ("PR.DS-8", &["ID.RA-09", "DE.CM-09"]),
    ("PR.IP-1", &["PR.PS-01"]),
    ("PR.IP-2", &["ID.AM-08", "PR.PS-06"]),
    ("PR.IP-3", &["PR.PS-01", "ID.RA-07"]),
    ("PR.IP-12", &["ID.RA-01", "PR.PS-02"]),
    ("PR.MA-1", &["ID.AM-08", "PR.PS-03"]),
    ("PR.MA-2", &["ID.AM-08", "PR.PS-02"]),
    ("PR.PT-1", &["PR.PS-04"]),
    ("PR.PT-2", &["PR.DS-01", "PR.PS-01"]),
    ("PR.PT-3", &["PR.PS-01"]),
    ("PR.PT-4", &["PR.AA-06", "PR.IR-01"]),
    ("DE.AE-1", &["ID.AM-03"]),
    ("DE.AE-3", &["DE.AE-03"]),
    ("DE.AE-5", &["DE.AE-08"]),
    ("DE.CM-1", &["DE.CM-01"]),
    ("DE.CM-3", &["DE.CM-03"]),
    ("DE.CM-7", &["DE.CM-01", "DE.CM-03", "DE.CM-06", "DE.CM-09"]),
    ("DE.CM-8", &["ID.RA-01"]),
    ("DE.DP-3", &["ID.IM-02"]),
    ("DE.DP-5", &["ID.IM-03"]),
    ("RS.AN-1", &["RS.MA-02"]),
    ("RS.AN-4", &["RS.MA-03"]),
];

/// A rule's references to one framework: each is met by any of its alternatives.
type References = Vec<BTreeSet<String>>;

fn base(id: &str) -> String {
    let end = id.find(['(', ' ', '.']).unwrap_or(id.len());
    id.chars().take(end).collect()
}

/// An identifier of HIPAA as the catalogue writes it: a paragraph alone is its standard.
fn hipaa(id: &str) -> String {
    let catalogue = controls().catalogue(Framework::Hipaa).expect("it");
    let written = [id.to_owned(), format!("{id}(1)"), format!("{id}(i)")];
    let found = written.iter().find(|id| catalogue.place(id).is_some());
    found.unwrap_or(&written[0]).clone()
}

fn references(framework: Framework, rule: &Value) -> References {
    let name = match framework {
        Framework::Nist80053 => "nist",
        Framework::NistCsf => "nist-csf",
        Framework::Hipaa => "hipaa",
        Framework::PciDss => return Vec::new(),
    };
    let given = rule["references"][name]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let given: BTreeSet<String> = given
        .iter()
        .filter_map(Value::as_str)
        .map(|id| match framework {
            Framework::Nist80053 => base(id),
            Framework::Hipaa => hipaa(id),
            _ => id.to_owned(),
        })
        .collect();
    given
        .into_iter()
        .map(|id| {
            let forward = CSF_FORWARD.iter().find(|(old, _)| *old == id);
            match forward {
                Some((_, new)) => new.iter().map(|id| (*id).to_owned()).collect(),
                None => BTreeSet::from([id]),
            }
        })
        .collect()
}

/// Rules by requirement of PCI DSS 4.0.1, from the control file, read line by line: `- id: 1.2.1`
/// begins a requirement, `- name` below `rules:` is a rule.
fn pci_rules(text: &str) -> BTreeMap<String, References> {
    let mut rules: BTreeMap<String, References> = BTreeMap::new();
    let (mut control, mut in_rules) = (String::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(id) = line.strip_prefix("- id: ") {
            id.trim_matches('\'').clone_into(&mut control);
            in_rules = false;
        } else if line == "rules:" {
            in_rules = true;
        } else if let Some(rule) = line.strip_prefix("- ").filter(|_| in_rules) {
            if !rule.contains('=') {
                let known = rules.entry(rule.to_owned()).or_default();
                known.push(BTreeSet::from([control.clone()]));
            }
        } else if !line.starts_with('#') {
            in_rules = false;
        }
    }
    rules
}

#[derive(Default)]
struct Figures {
    rules: usize,
    given: usize,
    met: usize,
    said: usize,
    right: usize,
}

impl Figures {
    fn take(&mut self, said: &BTreeSet<String>, given: &References) {
        self.rules += 1;
        self.given += given.len();
        self.met += given.iter().filter(|any| !any.is_disjoint(said)).count();
        self.said += said.len();
        self.right += said
            .iter()
            .filter(|id| given.iter().any(|any| any.contains(*id)))
            .count();
    }

    #[expect(clippy::cast_precision_loss, reason = "some thousand pairs")]
    fn shares(&self) -> (f64, f64) {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        (share(self.right, self.said), share(self.met, self.given))
    }
}

#[test]
fn our_mapping_agrees_with_that_of_others() {
    let Some(rules) = text_of("compliance_crosswalk/linux_rules.jsonl.zst") else {
        return;
    };
    let Some(pci) = text_of("compliance_frameworks/complianceascode_pcidss_4.yml.zst") else {
        return;
    };
    let pci = pci_rules(&pci);
    let mut figures: BTreeMap<Framework, Figures> = BTreeMap::new();
    for line in rules.lines() {
        let rule: Value = serde_json::from_str(line).expect("JSON");
        let name = rule["rule"].as_str().expect("a name");
        let id = format!("xccdf_org.ssgproject.content_rule_{name}");
        let links = controls().of_import(&Said {
            rule: &id,
            tool: "xccdf",
            ..Said::default()
        });
        for framework in Framework::ALL {
            let given = match framework {
                Framework::PciDss => pci.get(name).cloned().unwrap_or_default(),
                other => references(other, &rule),
            };
            if given.is_empty() {
                continue;
            }
            let said = links.iter().filter(|link| link.framework == framework);
            let said = said.map(|link| match framework {
                Framework::Nist80053 => base(&link.control),
                _ => link.control.clone(),
            });
            figures
                .entry(framework)
                .or_default()
                .take(&said.collect(), &given);
        }
    }
    for (framework, floor_precision, floor_recall) in FLOORS {
        let found = figures.get(&framework).expect("rules");
        let (precision, recall) = found.shares();
        println!(
            "{}: {} rules, precision {precision:.3}, recall {recall:.3}",
            framework.as_str(),
            found.rules
        );
        assert!(
            precision >= floor_precision,
            "{} precision {precision}",
            framework.as_str()
        );
        assert!(
            recall >= floor_recall,
            "{} recall {recall}",
            framework.as_str()
        );
    }
}

/// Framework, least precision, least recall: a few hundredths below what was measured.
const FLOORS: [(Framework, f64, f64); 4] = [
    (Framework::PciDss, 0.35, 0.83),
    (Framework::Hipaa, 0.78, 0.40),
    (Framework::NistCsf, 0.67, 0.46),
    (Framework::Nist80053, 0.48, 0.81),
];

#[test]
fn the_catalogue_of_800_53_has_what_nist_publishes() {
    const NAME: &str = "compliance_frameworks/NIST_SP-800-53_rev5_HIGH-baseline-resolved-profile_catalog-min.json.zst";
    let Some(text) = text_of(NAME) else { return };
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let ours = controls().catalogue(Framework::Nist80053).expect("it");
    let groups = document["catalog"]["groups"].as_array().expect("groups");
    let theirs = groups
        .iter()
        .filter_map(|group| group["controls"].as_array())
        .flatten();
    let mut count = 0;
    for control in theirs {
        let id = control["id"].as_str().expect("id").to_uppercase();
        let place = ours.place(&id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(
            Some(ours.controls[place].title.as_str()),
            control["title"].as_str()
        );
        count += 1;
    }
    assert!(count > 180, "{count}");
}
