//! Drivers for storage that people carry.

use super::loadable;
use crate::check::{Cx, Skip, check};

check! {
    /// # What it checks
    /// The modules `usb_storage`, `uas`, `firewire_core`, `firewire_ohci`, `firewire_sbp2` and
    /// `thunderbolt`, if they are installed, and not stopped by `modprobe.d`.
    ///
    /// # Why it matters
    /// Whoever is at the machine copies data to a stick or brings programs in. FireWire devices read
    /// and write the memory of the machine directly.
    ///
    /// # Example
    /// `usb-storage.ko` is installed and `/etc/modprobe.d` has only the comment `#blacklist usb-storage`.
    ///
    /// # Instead
    /// `/etc/modprobe.d/removable-storage.conf` with `install usb_storage /bin/false` and so on;
    /// where sticks are needed, allow them one by one with usbguard.
    id: "module-removable-storage",
    surface: Modules,
    title: "Removable storage can be attached",
    severity: Low,
    references: [Attack "T1052.001", Attack "T1200", Man "modprobe.d(5)"],
}

const MODULES: &[&str] = &[
    "usb_storage",
    "uas",
    "firewire_core",
    "firewire_ohci",
    "firewire_sbp2",
    "thunderbolt",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    loadable::report(
        cx,
        MODULES,
        "Removable storage can be attached",
        "removable-storage.conf",
    )
}
