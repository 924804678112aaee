//! Users who are root by way of a container engine.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// The groups that may command a container engine (`docker`, `lxd`, `incus-admin`, `podman`) have no
    /// members: neither in `/etc/group` nor as their primary group. Root itself does not count.
    ///
    /// # Why it matters
    /// `docker run -v /:/host --rm -it alpine chroot /host` gives a root shell, without a password and
    /// without a line in the log of sudo. Membership is root, whatever it is called.
    ///
    /// # Example
    /// `docker:x:998:ann` in `/etc/group`.
    ///
    /// # Instead
    /// `gpasswd -d ann docker`; use a rootless engine (`dockerd-rootless-setuptool.sh install`, Podman) or
    /// a sudo rule for the few commands that are needed.
    id: "container-group-docker",
    surface: Containers,
    title: "Users are root by way of a container engine",
    severity: Medium,
    references: [Cwe "CWE-250", Attack "T1078.003", Url "https://docs.docker.com/engine/install/linux-postinstall/"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let accounts = cx.facts.accounts()?;
    cx.limits(&accounts.limits);
    let mut any = false;
    for name in ["docker", "lxd", "incus-admin", "podman"] {
        let Some(group) = accounts.group(name) else {
            continue;
        };
        any = true;
        for member in accounts.members(group.gid) {
            if accounts.uid(member) == Some(0) {
                continue;
            }
            let hit = Hit::new(format!("{member} is root by way of the group {name}"))
                .path("/etc/group")
                .line(group.line)
                .subject(member)
                .key(name)
                .evidence_at("group", name, "/etc/group", Some(group.line))
                .instead(format!("`gpasswd -d {member} {name}`"));
            cx.hit(hit);
        }
    }
    if any {
        Ok(())
    } else {
        Err(Skip::not_applicable("no group of a container engine"))
    }
}
