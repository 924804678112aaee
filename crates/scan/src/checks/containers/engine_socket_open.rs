//! Who may command the container engines.

use crate::check::{Cx, Hit, Skip, check};
use crate::tree::Kind;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// The sockets of Docker, containerd, CRI-O, Podman and Incus/LXD are closed to everybody but their
    /// owner root and their group. Links such as `/var/run` are followed, each socket is reported once.
    ///
    /// # Why it matters
    /// Who may speak to the engine may start a container with the host's disk inside: that is root.
    ///
    /// # Example
    /// `/run/docker.sock` with mode 0666.
    ///
    /// # Instead
    /// `chmod 660 /run/docker.sock && chown root:docker /run/docker.sock`, and `SocketMode=0660` in
    /// `docker.socket`.
    id: "container-engine-socket-open",
    surface: Containers,
    title: "Socket of the container engine is open",
    severity: Critical,
    references: [Cwe "CWE-732", Attack "T1611", Url "https://docs.docker.com/engine/security/#docker-daemon-attack-surface"],
}

const SOCKETS: [&str; 9] = [
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/podman/podman.sock",
    "/run/balena-engine.sock",
    "/run/docker/containerd/containerd.sock",
    "/var/lib/incus/unix.socket",
    "/var/snap/lxd/common/lxd/unix.socket",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut any = false;
    for path in SOCKETS {
        let metadata = match cx.facts.tree().metadata(path.as_ref()) {
            Ok(metadata) if metadata.kind == Kind::Socket => metadata,
            Err(error) if error.is_denied() => {
                any = true;
                cx.limit(crate::check::Limit::from_error(&error));
                continue;
            }
            _ => continue,
        };
        any = true;
        let foreign = metadata.uid != 0;
        if !metadata.world_writable() && !foreign {
            continue;
        }
        let owner = cx.facts.accounts()?.user(metadata.uid);
        let (who, severity) = if metadata.world_writable() {
            ("Anybody".to_owned(), Severity::Critical)
        } else {
            (format!("The user {owner}"), Severity::High)
        };
        let hit = Hit::new(format!(
            "{who} may command the container engine through `{path}`"
        ))
        .path(path)
        .severity(severity)
        .evidence("mode", metadata.mode_text())
        .evidence("owner", owner)
        .instead(format!("`chown root {path} && chmod 660 {path}`"));
        cx.hit(hit);
    }
    if any {
        Ok(())
    } else {
        Err(Skip::not_applicable("no socket of a container engine"))
    }
}
