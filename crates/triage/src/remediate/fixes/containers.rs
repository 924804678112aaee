//! Fixes of container engines and containers.

use crate::remediate::draft::{Draft, Step, place, subject};
use crate::remediate::edit::Edit;
use crate::remediate::fix::{Fix, high, medium, person};
use casemate_schema::Finding;

const ANEW: &str =
    "the container has to be made anew, and what it did with the rights has to be known";

pub(super) static FIXES: &[Fix] = &[
    person(
        "container-capabilities",
        "Take dangerous rights from containers",
        30,
        ANEW,
    ),
    high(
        "container-docker-daemon-json",
        "Harden the Docker engine",
        20,
        "all containers restart; with userns-remap, images and volumes are looked for in another folder",
        daemon,
    ),
    person(
        "container-docker-tcp",
        "Close the Docker engine to the network",
        30,
        "who commands the engine over the network needs ssh or a client certificate",
    ),
    medium(
        "container-engine-socket-open",
        "Close the socket of the container engine",
        5,
        "users outside of its group can no longer command the engine",
        |d, f| d.close(f, 0o007),
    ),
    medium(
        "container-group-docker",
        "Take users out of the groups of container engines",
        5,
        "they can no longer start containers",
        group,
    ),
    person(
        "container-host-mount",
        "Give containers no part of the host",
        30,
        ANEW,
    ),
    person(
        "container-host-namespace",
        "Give containers name spaces of their own",
        30,
        ANEW,
    ),
    high(
        "container-kubelet-config",
        "Close the kubelet",
        20,
        "monitoring that reads the open port needs a token",
        kubelet,
    ),
    person(
        "container-privileged",
        "Make containers without all rights of the host",
        30,
        ANEW,
    ),
    person(
        "container-root-user",
        "Run programs in containers as another user",
        30,
        ANEW,
    ),
];

fn daemon(draft: &mut Draft, finding: &Finding) {
    let members: &[(&str, &str)] = match subject(finding) {
        "protections" => &[
            ("no-new-privileges", "true"),
            ("icc", "false"),
            ("userns-remap", "\"default\""),
        ],
        "log-opts" => &[("log-driver", "\"local\"")],
        _ => return,
    };
    draft.step(Step::Edit {
        path: "/etc/docker/daemon.json".to_owned(),
        edit: Edit::Json {
            members: members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        },
        create: Some(String::new()),
    });
    draft.check("dockerd --validate --config-file /etc/docker/daemon.json");
    draft.then(&["systemctl", "restart", "docker.service"]);
}

fn group(draft: &mut Draft, finding: &Finding) {
    let member = crate::remediate::draft::evidence(finding, "group");
    // A main group is changed by giving the account another one, which a person chooses.
    let member = member.filter(|seen| seen.path.as_deref() == Some("/etc/group"));
    if let Some(group) = member.map(|seen| seen.value.as_str()) {
        let user = subject(finding);
        draft.command(
            &["gpasswd", "-d", user, group],
            &format!("gpasswd -a {user} {group}"),
        );
        draft.check(format!("id {user}"));
    }
}

fn kubelet(draft: &mut Draft, finding: &Finding) {
    let (from, to) = match subject(finding) {
        "authentication.anonymous.enabled" => ("true", "false"),
        "authorization.mode" => ("AlwaysAllow", "Webhook"),
        "readOnlyPort" => {
            let Some(seen) = finding.evidence.first() else {
                return;
            };
            return draft.replace(finding, seen.value.as_str(), "0");
        }
        _ => return,
    };
    if place(finding).is_some() {
        draft.replace(finding, from, to);
        draft.then(&["systemctl", "restart", "kubelet.service"]);
    }
}
