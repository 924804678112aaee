//! What modprobe.d(5) and the kernel's command line keep from being loaded.
//!
//! `install NAME /bin/false` stops every load by name, `blacklist NAME` only loads by alias (that
//! is: those that the kernel or udev asks for), `module_blacklist=` on the command line all of them.
//! Of several `install` lines for a name the first one counts.

use super::{Fact, Facts, conf_dirs, modules::name_of};
use crate::check::Limit;
use std::collections::{BTreeMap, BTreeSet};

const FOLDERS: [&str; 5] = [
    "/etc/modprobe.d",
    "/run/modprobe.d",
    "/usr/local/lib/modprobe.d",
    "/usr/lib/modprobe.d",
    "/lib/modprobe.d",
];
const RULES_MAX: usize = 50_000;

/// Rules that stop modules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Modprobe {
    install: BTreeMap<String, String>,
    blacklist: BTreeSet<String>,
    /// Files that could not be read.
    pub(crate) limits: Vec<Limit>,
}

impl Modprobe {
    /// Whether the kernel and udev are kept from loading the module on their own.
    pub(crate) fn stops_automatic_load(&self, module: &str) -> bool {
        let stopped = |command: &String| {
            let program = command.split_whitespace().next().unwrap_or_default();
            let program = program.rsplit('/').next().unwrap_or_default();
            matches!(program, "true" | "false" | ":" | "nologin")
        };
        self.blacklist.contains(module) || self.install.get(module).is_some_and(stopped)
    }

    fn add(&mut self, text: &str) {
        for (_, line) in conf_dirs::logical_lines(text).into_iter().take(RULES_MAX) {
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("blacklist"), Some(name)) => {
                    self.blacklist.insert(name_of(name));
                }
                (Some("install"), Some(name)) => {
                    let command = words.collect::<Vec<_>>().join(" ");
                    self.install.entry(name_of(name)).or_insert(command);
                }
                _ => {}
            }
        }
    }
}

/// Reads the rules; none at all is an empty list.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Modprobe> {
    let mut rules = Modprobe::default();
    let mut limits = Vec::new();
    for path in conf_dirs::files(facts, &FOLDERS, ".conf", &mut limits) {
        if let Some(bytes) = super::read_or_limit(facts, &path, &mut limits) {
            rules.add(&String::from_utf8_lossy(&bytes));
        }
    }
    let line = super::read_or_limit(facts, "/proc/cmdline", &mut limits).unwrap_or_default();
    for word in super::cmdline::words(&String::from_utf8_lossy(&line)) {
        if let Some(("module_blacklist" | "modprobe.blacklist", names)) = word.split_once('=') {
            rules.blacklist.extend(names.split(',').map(name_of));
        }
    }
    rules.limits = limits;
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules(text: &str) -> Modprobe {
        let mut rules = Modprobe::default();
        rules.add(text);
        rules
    }

    #[test]
    fn the_first_install_line_counts_and_comments_do_not() {
        let found = rules(
            "#blacklist a\ninstall usb-storage \\\n  /bin/true\ninstall dccp modprobe x\ninstall dccp /bin/false\nblacklist sctp\n",
        );
        assert!(found.stops_automatic_load("usb_storage"));
        assert!(found.stops_automatic_load("sctp"));
        assert!(
            !found.stops_automatic_load("dccp"),
            "the first install line runs"
        );
        assert!(!found.stops_automatic_load("a"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            prop_assert!(rules(&text).blacklist.len() <= text.lines().count());
        }
    }
}
