//! Actions that want different things of one file.
//!
//! Modes do not contradict: what several actions leave of a mode is what all of them leave. Two
//! values of one setting do; both actions then say so, and a person chooses.

use super::action::id_of;
use super::draft::{Draft, Step};
use casemate_schema::{Action, ChangeRisk};
use std::collections::{BTreeMap, BTreeSet};

/// Two actions, and what they do not agree on.
#[derive(Debug)]
pub(crate) struct Conflict {
    one: String,
    other: String,
    about: String,
}

/// Makes modes agree, and returns what does not.
pub(crate) fn resolve(drafts: &mut BTreeMap<String, Draft>) -> Vec<Conflict> {
    let mut modes: BTreeMap<String, u32> = BTreeMap::new();
    for draft in drafts.values() {
        for step in &draft.steps {
            if let Step::Permissions {
                path,
                mode: Some(mode),
                ..
            } = step
            {
                let all = modes.entry(path.clone()).or_insert(0o7777);
                *all &= mode;
            }
        }
    }
    for draft in drafts.values_mut() {
        for step in &mut draft.steps {
            if let Step::Permissions {
                path,
                mode: Some(mode),
                ..
            } = step
                && let Some(all) = modes.get(path)
            {
                *mode = *all;
            }
        }
    }
    found(drafts)
}

type Wishes<'d> = BTreeMap<(&'d str, String), BTreeMap<String, BTreeSet<&'d str>>>;

fn found(drafts: &BTreeMap<String, Draft>) -> Vec<Conflict> {
    let mut wishes: Wishes<'_> = BTreeMap::new();
    for draft in drafts.values() {
        for step in &draft.steps {
            let (path, slot, value) = match step {
                Step::Edit { path, edit, .. } => match edit.decides() {
                    Some((slot, value)) => (path, slot, value),
                    None => continue,
                },
                Step::Permissions {
                    path,
                    owner: Some(owner),
                    ..
                } => (path, "owner".to_owned(), owner.clone()),
                _ => continue,
            };
            wishes
                .entry((path, slot))
                .or_default()
                .entry(value)
                .or_default()
                .insert(&draft.key);
        }
    }
    let mut all = Vec::new();
    for ((path, slot), values) in &wishes {
        let keys: Vec<(&str, &String)> = values
            .iter()
            .flat_map(|(value, keys)| keys.iter().map(move |key| (*key, value)))
            .collect();
        for (index, (one, value)) in keys.iter().enumerate() {
            for (other, second) in keys.iter().skip(index + 1) {
                if value != second && one != other {
                    all.push(Conflict {
                        one: id_of(one),
                        other: id_of(other),
                        about: format!("{path}: {} `{value}` or `{second}`", slot.trim()),
                    });
                }
            }
        }
    }
    all
}

/// Says it in both actions.
pub(crate) fn tell(actions: &mut [Action], conflicts: &[Conflict]) {
    for action in actions {
        for conflict in conflicts {
            let other = if action.id == *conflict.one {
                &conflict.other
            } else if action.id == *conflict.other {
                &conflict.one
            } else {
                continue;
            };
            action.change_risk = ChangeRisk::High;
            action.change_risk_reason = format!(
                "{}; contradicts {other} ({}): apply one of both",
                action.change_risk_reason, conflict.about
            )
            .into();
        }
    }
}
