//! User name spaces for everybody.

use super::table::live_or_limit;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sysctl;

check! {
    /// # What it checks
    /// Unprivileged users may make user name spaces unless `kernel.unprivileged_userns_clone` is 0
    /// (Debian), `kernel.apparmor_restrict_unprivileged_userns` is 1 (Ubuntu), or
    /// `user.max_user_namespaces` is 0.
    ///
    /// # Why it matters
    /// Inside of such a name space a user is root towards large parts of the kernel (packet filter,
    /// file systems, traffic control) that were written for root alone. Most local kernel exploits
    /// of the last years begin there.
    ///
    /// # Example
    /// `user.max_user_namespaces = 96365` on a server without rootless containers.
    ///
    /// # Instead
    /// Where nothing needs them (rootless podman, browsers and Flatpak do):
    /// `user.max_user_namespaces = 0`, on Debian `kernel.unprivileged_userns_clone = 0`, in
    /// `/etc/sysctl.d/90-hardening.conf`.
    id: "kernel-unprivileged-userns",
    surface: Kernel,
    title: "Every user can make user name spaces",
    severity: Low,
    references: [Cwe "CWE-250", Attack "T1068", Man "user_namespaces(7)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    cx.facts.need_proc()?;
    let Some(most) = sysctl::live(cx.facts, "user/max_user_namespaces")? else {
        return Err(Skip::not_applicable("this kernel has no user name spaces"));
    };
    let clone = live_or_limit(cx, "kernel/unprivileged_userns_clone")?;
    let restricted = live_or_limit(cx, "kernel/apparmor_restrict_unprivileged_userns")?;
    if most == "0" || clone.as_deref() == Some("0") || restricted.as_deref() == Some("1") {
        return Ok(());
    }
    // The limit itself depends on the machine's memory, so it is no evidence to compare.
    let hit = Hit::new("Every user can make user name spaces")
        .subject("user.max_user_namespaces")
        .evidence(
            "unprivileged_userns_clone",
            clone.unwrap_or_else(|| "not in this kernel".to_owned()),
        )
        .evidence(
            "apparmor_restrict_unprivileged_userns",
            restricted.unwrap_or_else(|| "not in this kernel".to_owned()),
        );
    cx.hit(hit);
    Ok(())
}
