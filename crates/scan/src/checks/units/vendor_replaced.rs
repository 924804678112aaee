//! Units of the distribution that a copy in `/etc` replaces as a whole.

use crate::check::{Cx, Hit, Skip, check};
use std::path::Path;

check! {
    /// # What it checks
    /// No unit file in `/etc/systemd/system` stands in the place of one that the distribution ships in
    /// `/usr/lib/systemd/system` (or `/lib`). Masks, links (aliases), drop-ins and copies with the same
    /// content are no hit.
    ///
    /// # Why it matters
    /// The copy hides the unit of the package with all its later corrections: a sandbox that an update
    /// adds never takes effect. It is also a quiet way to have a trusted name start something else.
    ///
    /// # Example
    /// `/etc/systemd/system/ssh.service`, copied years ago to change one line.
    ///
    /// # Instead
    /// Keep only the difference in a drop-in: `systemctl edit UNIT`, then remove the copy and run
    /// `systemctl daemon-reload`. `systemd-delta --type=overridden` shows both versions.
    id: "unit-vendor-replaced",
    surface: Units,
    title: "Unit of the distribution is replaced as a whole",
    severity: Info,
    references: [Cwe "CWE-1329", Attack "T1543.002", Man "systemd-delta(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.units()?;
    cx.limits(&all.limits);
    for entry in all.list.iter().filter(|entry| !entry.unit.masked) {
        let path = &entry.unit.path;
        if !path.starts_with("/etc/systemd/system") {
            continue;
        }
        let Some(file) = path.file_name() else {
            continue;
        };
        let vendor = all
            .folders
            .iter()
            .filter(|folder| is_vendor(folder))
            .map(|folder| folder.join(file))
            .find(|path| cx.facts.exists(path));
        let Some(vendor) = vendor else {
            continue;
        };
        if cx.facts.read_if_there(path)? == cx.facts.read_if_there(&vendor)? {
            continue;
        }
        let name = entry.unit.name.as_str();
        let hit = Hit::new(format!("`{name}` is replaced as a whole by a file in /etc"))
            .path(path)
            .subject(name)
            .evidence_at("replaced", name, &vendor, None)
            .instead(format!(
                "Compare both (`diff {} {}`), keep the difference in a drop-in (`systemctl edit {name}`), \
                 and remove the copy.",
                vendor.display(),
                path.display()
            ));
        cx.hit(hit);
    }
    Ok(())
}

fn is_vendor(folder: &Path) -> bool {
    folder.starts_with("/usr/lib") || folder.starts_with("/lib")
}
