//! The host graph: what runs, listens, may be changed by whom, and who may become whom.
//!
//! Made of the facts that the checks read, and of the surfaces that the scan was asked for alone.
//! What root owns and nobody else may change is the normal case and left out, so that a clean host
//! has a small graph. Invariants: each edge is something that was seen, with its words and place;
//! rights are those that count (owner, group, others, and every folder above); the same tree gives
//! the same graph. What was not looked at is a limit of the graph.

mod access;
mod builder;
mod containers;
mod groups;
mod jobs;
mod keys;
mod loads;
mod network;
mod packages;
mod pam;
mod scripts;
mod sudo;
mod suid;
mod units;

use crate::check::Skip;
use crate::facts::Facts;
use crate::surface::Surface;
use builder::Builder;
use casemate_schema::HostGraph;

/// A part of the graph: the surfaces that it needs, and what it adds.
type Part = (&'static [Surface], fn(&mut Builder<'_>) -> Result<(), Skip>);

const PARTS: [Part; 11] = [
    (&[Surface::Processes, Surface::Sockets], network::add),
    (&[Surface::Cron], jobs::add),
    (&[Surface::Units], units::add),
    (&[Surface::Sudo], sudo::add),
    (&[Surface::Suid], suid::add),
    (&[Surface::Users], groups::add),
    (&[Surface::Ssh], keys::add),
    (&[Surface::Pam], pam::add),
    (&[Surface::Files], loads::add),
    (&[Surface::Modules], loads::add_modules),
    (&[Surface::Containers], containers::add),
];

/// Makes the graph; none when no surface of the scan tells of it.
pub(crate) fn build(facts: &Facts<'_>) -> Option<HostGraph> {
    let asked = &facts.options().surfaces;
    let mut builder = Builder::new(facts);
    let mut looked = false;
    for (surfaces, add) in PARTS {
        if !surfaces.iter().all(|surface| asked.contains(surface)) {
            let names: Vec<&str> = surfaces.iter().map(|one| one.as_str()).collect();
            builder.limit(format!("not asked for: {}", names.join(", ")));
            continue;
        }
        looked = true;
        match add(&mut builder) {
            Ok(()) | Err(Skip::NotApplicable(_)) => {}
            Err(Skip::NotAssessed { reason, .. }) => builder.limit(reason),
        }
    }
    if !looked {
        return None;
    }
    if asked.contains(&Surface::Packages) {
        packages::add(&mut builder);
    }
    if let Ok(known) = facts.accounts()
        && let Some(source) = known
            .users_elsewhere
            .as_ref()
            .or(known.groups_elsewhere.as_ref())
    {
        builder.limit(format!(
            "users or groups may come from `{source}`, which was not asked"
        ));
    }
    builder.limit("access control lists (ACL) of files were not read");
    Some(builder.done())
}
