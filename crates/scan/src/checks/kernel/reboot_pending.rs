//! Whether the running kernel is the newest one that is installed.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::mounts::in_container;
use casemate_schema::Severity;
use std::cmp::Ordering;

check! {
    /// # What it checks
    /// The running kernel's release against `/boot/vmlinuz-*` and `/lib/modules/*`: a newer image of
    /// the same flavour (`amd64`, `generic`, ...) waits for a reboot, or nothing of the running
    /// release is left on disk. In a container the host answers for the kernel.
    ///
    /// # Why it matters
    /// Security updates of the kernel take effect with the next boot. Until then the host runs the
    /// old one, and modules of a removed release cannot be loaded any more.
    ///
    /// # Example
    /// Running `6.1.0-18-amd64`, installed `/boot/vmlinuz-6.1.0-25-amd64`.
    ///
    /// # Instead
    /// Reboot into the installed kernel. A kernel that comes from outside (a hypervisor's own) has
    /// to be updated there.
    id: "kernel-reboot-pending",
    surface: Kernel,
    title: "The running kernel is not the newest installed one",
    severity: Medium,
    references: [Cwe "CWE-1104", Man "uname(2)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    cx.facts.need_proc()?;
    if in_container(cx.facts) {
        return Err(Skip::not_applicable(
            "a container runs on its host's kernel",
        ));
    }
    let Some(release) = cx.facts.value_if_there("/proc/sys/kernel/osrelease")? else {
        return Err(Skip::not_assessed("the kernel's release is not in /proc"));
    };
    let images: Vec<String> = cx
        .facts
        .list_if_there("/boot")?
        .iter()
        .filter_map(|name| Some(name.to_str()?.strip_prefix("vmlinuz-")?.to_owned()))
        .collect();
    let modules = cx.facts.list_if_there("/lib/modules")?;
    let installed = images.contains(&release) || modules.iter().any(|name| *name == *release);
    let newest = images
        .iter()
        .filter(|image| flavour(image) == flavour(&release))
        .max_by(|a, b| compare(a, b));
    let hit = match newest {
        Some(newest) if compare(newest, &release) == Ordering::Greater => {
            let path = format!("/boot/vmlinuz-{newest}");
            Hit::new(format!(
                "Kernel `{newest}` is installed, `{release}` is running"
            ))
            .path(path)
        }
        _ if installed => return Ok(()),
        _ if images.is_empty() && modules.is_empty() => Hit::new(format!(
            "The running kernel `{release}` comes from outside of this system"
        ))
        .subject("running kernel")
        .severity(Severity::Info)
        .evidence("installed", "no image in /boot, no folder in /lib/modules"),
        _ => Hit::new(format!(
            "Nothing of the running kernel `{release}` is installed any more"
        ))
        .subject("running kernel")
        .evidence("installed", images.join(" ")),
    };
    let hit = hit.evidence_at("running", &release, "/proc/sys/kernel/osrelease", Some(1));
    cx.hit(hit);
    Ok(())
}

/// The part behind the last dash when it is a word: kernels of another flavour are no update.
fn flavour(release: &str) -> &str {
    match release.rsplit_once('-') {
        Some((_, word)) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => word,
        _ => "",
    }
}

/// Compares releases part by part: numbers as numbers, `~rc` before the release.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a).into_iter(), parts(b).into_iter());
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(part), None) if part.is_before_end() => Ordering::Less,
            (None, Some(part)) if part.is_before_end() => Ordering::Greater,
            (a, b) => a.cmp(&b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    Number(u128),
}

impl Part {
    fn is_before_end(&self) -> bool {
        matches!(self, Self::Word(word) if word.starts_with("rc"))
    }
}

fn parts(release: &str) -> Vec<Part> {
    release
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(|part| match part.parse() {
            Ok(number) => Part::Number(number),
            Err(_) => Part::Word(part.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_compare_by_number_and_not_by_letter() {
        for (older, newer) in [
            ("6.1.0-9-amd64", "6.1.0-18-amd64"),
            ("5.10.0-30-amd64", "6.1.0-1-amd64"),
            ("6.8.0-rc3", "6.8.0"),
            ("4.18.0-553.el8.x86_64", "4.18.0-553.16.1.el8.x86_64"),
        ] {
            assert_eq!(compare(older, newer), Ordering::Less, "{older} {newer}");
            assert_eq!(compare(newer, older), Ordering::Greater);
        }
        assert_eq!(flavour("6.1.0-9-cloud-amd64"), "amd64");
        assert_eq!(flavour("4.18.0-553.el8.x86_64"), "");
    }
}
