//! Mandatory access control: which systems the kernel has, and whether they are on.
//!
//! The list of security modules is in securityfs, which containers and small systems do not mount.
//! The folders `/sys/fs/selinux` and `/sys/module/apparmor` say the same without it: the kernel
//! makes the first one only when SELinux started, and the second has a parameter `enabled`.

use super::{Fact, Facts};
use crate::check::Skip;

/// SELinux's own configuration.
pub(crate) const SELINUX_CONFIG: &str = "/etc/selinux/config";
/// Whether SELinux enforces: `1` or `0`.
pub(crate) const SELINUX_ENFORCE: &str = "/sys/fs/selinux/enforce";
/// Whether AppArmor is on: `Y` or `N`.
pub(crate) const APPARMOR_ENABLED: &str = "/sys/module/apparmor/parameters/enabled";
/// Loaded profiles of AppArmor with their modes.
pub(crate) const APPARMOR_PROFILES: &str = "/sys/kernel/security/apparmor/profiles";

/// A profile of AppArmor as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Profile {
    /// Name, often the path of a program.
    pub(crate) name: String,
    /// `enforce`, `complain`, `kill`, `unconfined`, ...
    pub(crate) mode: String,
}

/// What the running kernel says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mac {
    /// Names of active security modules; `None` if securityfs is not mounted.
    pub(crate) modules: Option<Vec<String>>,
    /// Whether AppArmor is on; `None` if the kernel has none.
    pub(crate) apparmor: Option<bool>,
    /// Whether SELinux started.
    pub(crate) selinux: bool,
    /// Whether SELinux enforces, if it started and says so.
    pub(crate) enforcing: Option<bool>,
    /// Whether Smack or TOMOYO started.
    pub(crate) other: bool,
}

/// Reads the state of the running kernel.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Mac> {
    let parts = ["/sys/kernel", "/sys/module", "/sys/fs"];
    if !parts.iter().any(|part| facts.exists(part)) {
        return Err(Skip::not_assessed(
            "the tree holds no /sys of a running system",
        ));
    }
    let modules = facts
        .value_if_there("/sys/kernel/security/lsm")?
        .map(|list| list.split(',').map(str::to_owned).collect::<Vec<_>>());
    let listed = |name: &str| {
        modules
            .as_ref()
            .is_some_and(|list| list.iter().any(|module| module == name))
    };
    let apparmor = match facts.value_if_there(APPARMOR_ENABLED)? {
        Some(value) => Some(value == "Y"),
        None => listed("apparmor").then_some(true),
    };
    let enforcing = facts
        .value_if_there(SELINUX_ENFORCE)?
        .map(|value| value == "1");
    let selinux = enforcing.is_some() || facts.exists("/sys/fs/selinux") || listed("selinux");
    let other = listed("smack")
        || listed("tomoyo")
        || facts.exists("/sys/fs/smackfs")
        || facts.exists("/sys/kernel/security/tomoyo");
    Ok(Mac {
        modules,
        apparmor,
        selinux,
        enforcing,
        other,
    })
}

/// The loaded profiles, sorted; `None` if the kernel does not list them.
pub(crate) fn profiles(facts: &Facts<'_>) -> Result<Option<Vec<Profile>>, Skip> {
    let Some(bytes) = facts.read_if_there(APPARMOR_PROFILES)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut profiles: Vec<Profile> = text
        .lines()
        .filter_map(|line| {
            // A name may hold blanks and brackets: the mode is the last word in brackets.
            let (name, mode) = line.trim_end().rsplit_once(" (")?;
            Some(Profile {
                name: name.to_owned(),
                mode: mode.strip_suffix(')')?.to_owned(),
            })
        })
        .collect();
    profiles.sort();
    Ok(Some(profiles))
}

/// The mode that `/etc/selinux/config` asks for, with its line, read as libselinux does: the first
/// line that begins with `SELINUX=` and a known word counts, in any case.
pub(crate) fn selinux_config(text: &str) -> Option<(&'static str, u64)> {
    (1..).zip(text.lines()).find_map(|(number, line)| {
        let value = line
            .strip_prefix("SELINUX=")?
            .trim_start()
            .to_ascii_lowercase();
        ["enforcing", "permissive", "disabled"]
            .into_iter()
            .find(|mode| value.starts_with(mode))
            .map(|mode| (mode, number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_line_of_the_selinux_configuration_counts() {
        let text = "# SELINUX=disabled\nSELINUXTYPE=targeted\n SELINUX=disabled\nSELINUX=oops\nSELINUX= Permissive # x\nSELINUX=enforcing\n";
        assert_eq!(selinux_config(text), Some(("permissive", 5)));
        assert_eq!(selinux_config("SELINUXTYPE=enforcing\n"), None);
    }
}
