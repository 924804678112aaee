//! Damaged input: every fixture, with bytes changed, cut, doubled and inserted, must end as a state
//! of the check and never as a failure of the check itself.
//!
//! A check that panics is caught by the runner and says so in its reason; that is what is looked
//! for. `CASEMATE_HOSTILE_ROUNDS` makes it longer (`cargo xtask soak`).

use casemate_base::random::{Random, Seed};
use casemate_scan::fixture;
use std::path::Path;

/// Changes of each case in an ordinary run.
const ROUNDS: u64 = 12;

/// Bytes that parsers trip over.
const AWKWARD: [&[u8]; 14] = [
    b"\0",
    b"\xff\xfe",
    b"\\",
    b"\"",
    b"'",
    b"=",
    b":",
    b"\r\n",
    b"[",
    b"{",
    b"%",
    b"-1",
    b"18446744073709551616",
    "\u{202e}\u{1f600}".as_bytes(),
];

fn damage(random: &mut Random, content: &mut Vec<u8>) {
    let length = content.len() as u64;
    let place = usize::try_from(random.below(length + 1)).expect("fits");
    match random.below(6) {
        0 => content.truncate(place),
        1 if !content.is_empty() => {
            let place = place.min(content.len() - 1);
            content[place] = u8::try_from(random.below(256)).expect("byte");
        }
        2 => {
            let tail = content[place..].to_vec();
            content.extend_from_slice(&tail);
        }
        3 => drop(content.drain(..place)),
        _ => {
            let piece = random.choose(&AWKWARD).expect("pieces");
            content.splice(place..place, piece.iter().copied());
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the soak run is longer")]
fn no_check_fails_on_damaged_input() {
    let rounds = std::env::var("CASEMATE_HOSTILE_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(ROUNDS);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut runs = 0_u64;
    for check in casemate_scan::all_checks() {
        let text = std::fs::read_to_string(folder.join(format!("{}.tree", check.id)))
            .expect("every check has a fixture");
        for case in fixture::parse(&text).expect("fixture") {
            for round in 0..rounds {
                let label = format!("{} {} {round}", check.id, case.name);
                let mut random = Random::new(&Seed::from(7).derive(&label));
                let mut damaged = case.clone();
                damaged.tree.change_each(|_, content| {
                    if random.below(3) == 0 {
                        damage(&mut random, content);
                    }
                });
                let (_, said) = fixture::outcome_text(check, &damaged);
                assert!(!said.contains("the check itself failed"), "{label}: {said}");
                runs += 1;
            }
        }
    }
    assert!(runs > 1000, "{runs} runs");
}
