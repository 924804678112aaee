//! Which modules of a list the kernel or udev would load on their own, shared by three checks.

use crate::check::{Cx, Hit, Skip};
use crate::facts::modules;

/// Reports one finding that names those of the modules that have a file and are not stopped.
pub(super) fn report(
    cx: &mut Cx<'_>,
    wanted: &[&str],
    title: &str,
    file: &str,
) -> Result<(), Skip> {
    let modules = cx.facts.modules()?;
    let rules = cx.facts.modprobe()?;
    cx.limits(&modules.limits);
    cx.limits(&rules.limits);
    let loaded = modules::loaded(cx.facts)?;
    let there: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|name| modules.files.contains_key(*name) || loaded.contains_key(*name))
        .collect();
    if there.is_empty() && modules.limits.is_empty() {
        return Err(Skip::not_applicable("none of these modules is installed"));
    }
    if !rules.limits.is_empty() {
        // A rule that this user may not read could stop any of them.
        return Ok(());
    }
    let open: Vec<&str> = there
        .into_iter()
        .filter(|name| !rules.stops_automatic_load(name))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = open
        .iter()
        .map(|name| format!("install {name} /bin/false\nblacklist {name}"))
        .collect();
    let in_use: Vec<&str> = open
        .iter()
        .copied()
        .filter(|name| loaded.contains_key(*name))
        .collect();
    let mut hit = Hit::new(format!("{title}: {}", open.join(", ")))
        .subject(title)
        .evidence("loadable", open.join(" "))
        .instead(format!(
            "If nothing here needs them, write to `/etc/modprobe.d/{file}`:\n{}",
            lines.join("\n")
        ));
    if !in_use.is_empty() {
        hit = hit.evidence("loaded_now", in_use.join(" "));
    }
    cx.hit(hit);
    Ok(())
}
