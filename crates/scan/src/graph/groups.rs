//! Groups whose members become root without any weakness, where what the group is for is there.
//!
//! Source: the documents of each program. docker and podman: a container may mount `/`; lxd and
//! incus: a privileged container with the host's disk; libvirt: a machine with the host's disk;
//! disk: raw disks below every right of files; kmem: the kernel's memory; shadow: the hashes.

use super::builder::{At, Builder};
use crate::check::Skip;
use casemate_schema::{EdgeKind, EdgeNeeds};
use std::path::Path;

struct Power {
    group: &'static str,
    /// One of these must be there; none where the group alone is enough.
    there: &'static [&'static str],
    fact: &'static str,
    needs: Option<EdgeNeeds>,
}

const POWERS: [Power; 8] = [
    Power {
        group: "docker",
        there: &[
            "/run/docker.sock",
            "/var/run/docker.sock",
            "/usr/bin/dockerd",
            "/usr/sbin/dockerd",
            "/usr/local/bin/dockerd",
            "/snap/bin/docker",
        ],
        fact: "members command the Docker engine, which runs as root and mounts what they say",
        needs: None,
    },
    Power {
        group: "podman",
        there: &["/run/podman/podman.sock"],
        fact: "members command the engine of root's containers, which mounts what they say",
        needs: None,
    },
    Power {
        group: "lxd",
        there: &[
            "/snap/bin/lxd",
            "/usr/bin/lxd",
            "/usr/sbin/lxd",
            "/var/snap/lxd/common/lxd/unix.socket",
            "/var/lib/lxd/unix.socket",
        ],
        fact: "members make privileged containers with the host's disk",
        needs: None,
    },
    Power {
        group: "incus-admin",
        there: &[
            "/usr/bin/incusd",
            "/usr/libexec/incus/incusd",
            "/var/lib/incus/unix.socket",
        ],
        fact: "members make privileged containers with the host's disk",
        needs: None,
    },
    Power {
        group: "libvirt",
        there: &[
            "/usr/sbin/libvirtd",
            "/usr/sbin/virtqemud",
            "/run/libvirt/libvirt-sock",
        ],
        fact: "members make virtual machines of root with the host's disk",
        needs: None,
    },
    Power {
        group: "disk",
        there: &[],
        fact: "members read and write raw disks, below the rights of all files",
        needs: None,
    },
    Power {
        group: "kmem",
        there: &["/dev/mem", "/dev/kmem"],
        fact: "members read the kernel's memory through `/dev/mem`",
        needs: Some(EdgeNeeds::Weakness),
    },
    Power {
        group: "shadow",
        there: &["/etc/shadow"],
        fact: "members read the password hashes in `/etc/shadow`",
        needs: Some(EdgeNeeds::Guessing),
    },
];

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let known = builder.facts.accounts()?;
    builder.limits(&known.limits);
    let path = Path::new("/etc/group");
    for power in POWERS {
        let Some(group) = known.group(power.group) else {
            continue;
        };
        let there =
            power.there.is_empty() || power.there.iter().any(|one| builder.facts.exists(one));
        if !there || !known.is_shared(group.gid) {
            continue;
        }
        let (id, root) = (builder.group(group.gid), builder.user(0));
        let at = At::line(path, Some(group.line));
        let kind = EdgeKind::MayBecomeByGroup;
        builder.edge_that_needs(&id, kind, &root, power.fact, at, power.needs);
    }
    Ok(())
}
