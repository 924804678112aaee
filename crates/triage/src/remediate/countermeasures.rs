//! Which countermeasure of MITRE D3FEND a change is: a short table of our own, by the kind of
//! change. A pack adds what it knows of the techniques.

use super::draft::{Draft, Step};

/// By the surface of the findings.
const BY_SURFACE: [(&str, &str); 10] = [
    ("boot", "D3-BA"),
    ("containers", "D3-KBPI"),
    ("firewall", "D3-ITF"),
    ("kernel", "D3-SCF"),
    ("mac", "D3-SCF"),
    ("pam", "D3-SPP"),
    ("secrets", "D3-CRO"),
    ("ssh", "D3-ACH"),
    ("sudo", "D3-UAP"),
    ("users", "D3-UAP"),
];

/// The countermeasures of a draft whose findings are of this surface.
pub(crate) fn of(draft: &Draft, surface: &str) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = BY_SURFACE
        .iter()
        .filter(|(have, _)| *have == surface)
        .map(|(_, id)| *id)
        .collect();
    for step in &draft.steps {
        match step {
            Step::Permissions { .. } => all.push("D3-LFP"),
            Step::Upgrade { .. } => all.push("D3-SU"),
            Step::Edit { .. } | Step::NewFile { .. } => all.push("D3-ACH"),
            Step::Command { argv, .. } => {
                if argv.first().is_some_and(|program| program == "passwd") {
                    all.push("D3-AL");
                }
            }
            Step::Manual(_) => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
