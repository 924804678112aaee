//! What strangers reach, which program of which user answers, and which files running programs take.

use super::builder::{At, Builder, NETWORK, Runner};
use super::scripts;
use crate::check::Skip;
use crate::facts::firewall::Firewall;
use crate::facts::processes::Process;
use crate::facts::sockets::{self, Listener, Protocol};
use crate::run::path_text;
use crate::surface::Surface;
use casemate_schema::{EdgeKind, EdgeNeeds, NodeKind};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

pub(super) fn add(builder: &mut Builder<'_>) -> Result<(), Skip> {
    let facts = builder.facts;
    let all = facts.processes()?;
    builder.limits(&all.limits);
    builder.limits(&all.executable_limits);
    builder.limits(&all.contained_limits);
    builder.access.running = all.list.iter().map(|process| process.uid).collect();
    for process in all.list.iter().filter(|process| !process.contained) {
        files_of(builder, process);
    }
    let sockets = facts.sockets()?;
    builder.limits(&sockets.limits);
    builder.limits(&sockets.holder_limits);
    let mut holders: BTreeMap<u64, Vec<&Process>> = BTreeMap::new();
    for process in &all.list {
        for inode in &process.sockets {
            holders.entry(*inode).or_default().push(process);
        }
    }
    let (first, last) = sockets::ephemeral_ports(facts);
    for listener in &sockets.listeners {
        // A datagram socket on a port that the kernel chose belongs to a client that waits for answers.
        let client = listener.protocol == Protocol::Udp && (first..=last).contains(&listener.port);
        if listener.is_loopback() || client {
            continue;
        }
        let held = holders.get(&listener.inode).map(Vec::as_slice);
        listens(builder, listener, held.unwrap_or_default());
    }
    Ok(())
}

/// A program that runs, as what takes files.
fn runner(builder: &Builder<'_>, process: &Process) -> Runner {
    let program = process.program();
    let user = builder.user_name(process.uid);
    Runner {
        id: format!("process:{program}:{user}"),
        kind: NodeKind::Process,
        label: program,
        uid: process.uid,
        rights: format!("runs as `{user}`"),
    }
}

/// The program file and the script of a process, where others may change them.
fn files_of(builder: &mut Builder<'_>, process: &Process) {
    let Some(executable) = process.executable.as_ref().filter(|file| !file.deleted) else {
        return;
    };
    let own = runner(builder, process);
    let path = &executable.path;
    // Memory files and the like have no path.
    if path.is_absolute() && !path.starts_with("/memfd:") {
        let fact = "is the program that runs, and runs again at the next start";
        builder.takes(&own, EdgeKind::Executes, path, fact, At::path(path), false);
    }
    if let Some(script) = crate::facts::scripts::of_process(process) {
        let fact = "is the script that runs, and runs again at the next start";
        builder.takes(
            &own,
            EdgeKind::Executes,
            &script,
            fact,
            At::path(&script),
            false,
        );
        scripts::takes_inside(builder, &own, &script);
    }
}

fn listens(builder: &mut Builder<'_>, listener: &Listener, held: &[&Process]) {
    let address = SocketAddr::new(listener.address, listener.port);
    let protocol = listener.protocol.as_str();
    let label = format!("{protocol} {address}");
    let id = format!("socket:{protocol}:{address}");
    let network = builder.node(NETWORK, NodeKind::Network, "the network");
    let socket = builder.node(&id, NodeKind::Socket, &label);
    let (words, place) = filter_words(builder, listener);
    let at = place
        .as_ref()
        .map_or_else(At::default, |(path, line)| At::line(Path::new(path), *line));
    let fact = format!("listens on {address}, not on this host's own loopback; {words}");
    builder.edge(&network, EdgeKind::Reaches, &socket, &fact, at);
    // The init process keeps the sockets of services that it starts on demand: others go first.
    let others: Vec<&Process> = held.iter().copied().filter(|one| one.pid != 1).collect();
    let held = if others.is_empty() { held } else { &others };
    if held.is_empty() {
        unseen_holder(builder, listener, &socket, &label);
    }
    for process in held {
        let own = runner(builder, process);
        if process.contained {
            builder.node(
                &own.id,
                own.kind,
                &format!("{} (in a container)", own.label),
            );
        } else {
            builder.runner(&own);
        }
        let fact = format!("holds the socket {label}");
        let needs = Some(EdgeNeeds::Weakness);
        builder.edge_that_needs(
            &own.id,
            EdgeKind::Listens,
            &socket,
            &fact,
            At::default(),
            needs,
        );
        if process.contained {
            continue;
        }
        if let Some(executable) = &process.executable {
            let file = builder.file(&executable.path);
            let fact = "is the program that runs";
            builder.edge(
                &own.id,
                EdgeKind::Executes,
                &file,
                fact,
                At::path(&executable.path),
            );
        }
        if let Some(unit) = &process.unit {
            let unit = builder.node(&format!("unit:{unit}"), NodeKind::Unit, unit);
            let fact = "is the unit of the process's control group";
            builder.edge(&unit, EdgeKind::Controls, &own.id, fact, At::default());
        }
    }
}

/// A socket whose program's open files could not be seen: its user stands in the kernel's table.
fn unseen_holder(builder: &mut Builder<'_>, listener: &Listener, socket: &str, label: &str) {
    let holder = &listener.holder;
    let mut programs = holder.programs.iter();
    let program = match (programs.next(), programs.next()) {
        (Some(only), None) => only.clone(),
        _ => {
            builder.limit(format!("the program behind {label} is unknown"));
            "unknown program".to_owned()
        }
    };
    let mut uids = holder.uids.iter();
    let uid = match (uids.next(), uids.next()) {
        (Some(only), None) => *only,
        _ => listener.uid,
    };
    let user = builder.user_name(uid);
    let own = Runner {
        id: format!("process:{program}:{user}"),
        kind: NodeKind::Process,
        label: program,
        uid,
        rights: format!("the socket belongs to `{user}`"),
    };
    builder.runner(&own);
    let fact = format!("holds the socket {label}");
    let needs = Some(EdgeNeeds::Weakness);
    builder.edge_that_needs(
        &own.id,
        EdgeKind::Listens,
        socket,
        &fact,
        At::default(),
        needs,
    );
}

/// What is known of the packet filter before a socket, and where it is written.
fn filter_words(
    builder: &Builder<'_>,
    listener: &Listener,
) -> (String, Option<(String, Option<u64>)>) {
    let asked = builder
        .facts
        .options()
        .surfaces
        .contains(&Surface::Firewall);
    let firewall = match builder.facts.firewall() {
        Ok(firewall) if asked => firewall,
        Ok(_) | Err(_) => return ("packet filters were not looked at".to_owned(), None),
    };
    let ipv6 = listener.address.is_ipv6();
    let closed = firewall
        .inputs
        .iter()
        .find(|input| !input.open && if ipv6 { input.ipv6 } else { input.ipv4 });
    match closed {
        Some(input) => {
            let place = (path_text(&input.path).0, input.line);
            let text = &input.text;
            let words = format!(
                "the packet filter drops what no rule takes (`{text}`), and its rules were not read"
            );
            (words, Some(place))
        }
        None => (no_filter(firewall), None),
    }
}

fn no_filter(firewall: &Firewall) -> String {
    let names: Vec<&str> = firewall.enabled.iter().map(|one| one.as_str()).collect();
    if names.is_empty() {
        "no packet filter starts with the system".to_owned()
    } else {
        format!("{} lets in what no rule takes", names.join(", "))
    }
}
