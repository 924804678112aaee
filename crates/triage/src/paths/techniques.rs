//! Which technique of ATT&CK is a step, and why that one? By what the edge is, and what file it takes.

use super::model::{Model, Step};
use casemate_schema::{EdgeKind, GraphEdge, NodeKind, Text};

/// The techniques in the order of the path, each once.
pub(super) fn techniques(
    model: &Model<'_>,
    is_local: bool,
    steps: &[(&Step, &GraphEdge)],
) -> Vec<Text> {
    let mut found: Vec<Text> = Vec::new();
    if is_local {
        found.push("T1078.003".into());
    }
    for (step, edge) in steps {
        if let Some((id, _)) = technique(model, step, edge)
            && !found.iter().any(|known| *known == id)
        {
            found.push(id.into());
        }
    }
    found
}

/// The technique of a step, and why it is that one.
pub(super) fn technique(
    model: &Model<'_>,
    step: &Step,
    edge: &GraphEdge,
) -> Option<(&'static str, &'static str)> {
    Some(match edge.kind {
        EdgeKind::Listens => ("T1190", "a service that strangers reach is taken over"),
        EdgeKind::MaySudo => ("T1548.003", "sudo gives the rights of another user"),
        EdgeKind::MayBecomeBySuid if step.proof.is_some() => (
            "T1068",
            "a weakness of a privileged program gives its rights",
        ),
        EdgeKind::MayBecomeBySuid => ("T1548.001", "a set-id program does what its user says"),
        EdgeKind::MayBecomeByGroup => match model.label(step.from) {
            "disk" => (
                "T1006",
                "raw disks are read and written below the rights of files",
            ),
            "shadow" => ("T1003.008", "password hashes are read from /etc/shadow"),
            _ => ("T1611", "an engine that runs as root mounts the host"),
        },
        EdgeKind::MayBecomeByKey if edge.fact.contains("add a key") => {
            ("T1098.004", "a key is added to an account's list")
        }
        EdgeKind::MayBecomeByKey => ("T1552.004", "a private key is read"),
        EdgeKind::MayBecomeByPam => ("T1556.003", "the stack of PAM lets in without a password"),
        EdgeKind::Escapes => ("T1611", "a container has what gives it the host"),
        EdgeKind::Starts | EdgeKind::Executes | EdgeKind::Loads => taking(model, step),
        _ => return None,
    })
}

/// By what the file is that somebody else takes.
fn taking(model: &Model<'_>, step: &Step) -> (&'static str, &'static str) {
    let file = model.label(step.from);
    let below = |folder: &str| file.starts_with(folder);
    let name = file.rsplit('/').next().unwrap_or_default();
    match model.kind(step.to) {
        Some(NodeKind::Kernel) => ("T1547.006", "the kernel loads a changed module"),
        Some(NodeKind::Job) => ("T1053.003", "cron runs a changed file"),
        Some(NodeKind::Unit) => ("T1543.002", "a unit runs or reads a changed file"),
        Some(NodeKind::Process) if model.label(step.to) == "systemd" => {
            ("T1543.002", "systemd obeys a changed unit")
        }
        _ if below("/etc/ld.so") || file.contains(".so") && !below("/etc") => {
            ("T1574.006", "the loader takes a changed library")
        }
        _ if below("/etc/pam.d") || file.contains("/security/pam_") => {
            ("T1556.003", "PAM obeys a changed file")
        }
        _ if below("/etc/profile") || name.starts_with('.') || below("/etc/bash") => {
            ("T1546.004", "a shell runs a changed file at login")
        }
        _ if below("/etc/sudoers")
            || matches!(file, "/etc/passwd" | "/etc/shadow" | "/etc/group") =>
        {
            ("T1098", "an account is changed")
        }
        _ if file.ends_with("/bin") || file.ends_with("/sbin") => {
            ("T1574.007", "the search path finds a planted program")
        }
        _ => ("T1574", "a program that others run is changed"),
    }
}
