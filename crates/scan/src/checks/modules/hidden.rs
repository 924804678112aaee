//! Modules that one of the kernel's two lists shows and the other does not.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::modules;
use std::collections::BTreeSet;
use std::path::Path;

check! {
    /// # What it checks
    /// `/proc/modules` against the folders of `/sys/module` that have an `initstate` (only loadable
    /// modules have one). A module that is in one alone, at two readings, is a hit. Modules that are
    /// coming or going are left out.
    ///
    /// # Why it matters
    /// A rootkit takes itself off the list that `lsmod` prints, and often forgets the other one. The
    /// kernel itself always keeps both alike.
    ///
    /// # Example
    /// `/sys/module/diamorphine/initstate` is `live`, `/proc/modules` has no line `diamorphine`.
    ///
    /// # Instead
    /// Treat the host as taken over: cut it off the network, keep its memory and disk for
    /// investigation, and install it anew.
    id: "module-hidden",
    surface: Modules,
    title: "Kernel module hides itself",
    severity: High,
    references: [Attack "T1014", Attack "T1547.006", Man "lsmod(8)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const FOLDER: &str = "/sys/module";
    let first = modules::loaded(cx.facts)?;
    if !cx.facts.exists(FOLDER) {
        return Err(Skip::not_assessed("`/sys/module` is not there"));
    }
    let mut shown = BTreeSet::new();
    for name in cx.facts.list_if_there(FOLDER)? {
        let path = Path::new(FOLDER).join(&name).join("initstate");
        if cx.facts.value_if_there(path)?.as_deref() == Some("live") {
            shown.insert(name.to_string_lossy().into_owned());
        }
    }
    // A module that came or went between the two readings is in one of them only by time.
    let second = modules::loaded(cx.facts)?;
    for name in &shown {
        if !first.contains_key(name) && !second.contains_key(name) {
            cx.hit(hit(name, "live in /sys/module", "no line in /proc/modules"));
        }
    }
    for name in first.keys().filter(|name| second.contains_key(*name)) {
        let path = Path::new(FOLDER).join(name);
        if !cx.facts.exists(&path) {
            cx.hit(hit(
                name,
                "a line in /proc/modules",
                "no folder in /sys/module",
            ));
        }
    }
    Ok(())
}

fn hit(name: &str, seen: &str, missing: &str) -> Hit {
    Hit::new(format!("Kernel module `{name}` hides itself"))
        .subject(name)
        .evidence("seen", seen)
        .evidence("missing", missing)
}
