//! From a tree to attack paths: what is planted is found with its facts, and nothing else is.

use casemate_scan::tree::MemoryTree;
use casemate_scan::{Options, Scan, fixture, scan};
use casemate_schema::{Chain, EdgeKind, HostGraph, Severity};
use casemate_triage::paths_on;

/// A host on which nothing is wrong that a path could use: sshd and a web server listen, jobs and
/// units run root's files, an administrator has sudo with a password.
const HOST: &str = include_str!("graph/host.tree");

fn tree(extra: &str) -> MemoryTree {
    let text = format!("=== host: passed\n{HOST}\n{extra}");
    let mut cases = fixture::parse(&text).expect("fixture");
    cases.remove(0).tree
}

fn look(extra: &str) -> (Scan, HostGraph, Vec<Chain>) {
    let scan = scan(&tree(extra), &Options::at(1_760_000_000), &|_, _, _| {});
    let graph = scan.graph.clone().expect("graph");
    let chains = paths_on(&graph, &scan.findings);
    (scan, graph, chains)
}

fn shown(chains: &[Chain]) -> String {
    let lines = chains.iter().map(|chain| {
        let steps: Vec<String> = chain
            .steps
            .iter()
            .map(|step| {
                format!(
                    "    {} -{}-> {} | {}",
                    step.from, step.edge, step.to, step.fact
                )
            })
            .collect();
        format!("{}\n{}\n", chain.title, steps.join("\n"))
    });
    lines.collect()
}

/// Exactly one chain, whose title, remedy and techniques are these.
#[track_caller]
fn one(extra: &str, title: &str, remedy: &str, techniques: &[&str]) -> Chain {
    let (_, _, mut chains) = look(extra);
    assert_eq!(chains.len(), 1, "{}", shown(&chains));
    let chain = chains.remove(0);
    assert!(chain.title.contains(title), "{}", chain.title);
    assert!(chain.break_at.contains(remedy), "{}", chain.break_at);
    let found: Vec<&str> = chain.techniques.iter().map(|id| &**id).collect();
    assert_eq!(found, techniques, "{}", chain.title);
    assert!(chain.steps.iter().all(|step| !step.fact.is_empty()));
    chain
}

#[track_caller]
fn none(extra: &str) {
    let (_, _, chains) = look(extra);
    assert!(chains.is_empty(), "{}", shown(&chains));
}

#[test]
fn a_clean_host_gives_none_and_a_small_graph() {
    let (_, graph, chains) = look("");
    assert!(chains.is_empty(), "{}", shown(&chains));
    assert!(graph.nodes.len() < 40, "{:?}", graph.nodes);
    let kinds: Vec<EdgeKind> = graph.edges.iter().map(|edge| edge.kind).collect();
    for kind in [
        EdgeKind::Reaches,
        EdgeKind::Listens,
        EdgeKind::RunsAs,
        EdgeKind::MaySudo,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} is a fact of this host");
    }
    assert!(
        !kinds.contains(&EdgeKind::MayWrite),
        "root's files are root's"
    );
}

#[test]
fn a_service_user_who_may_write_what_roots_cron_runs_is_one_chain() {
    let chain = one(
        "--- /opt/backup dir mode=0755 uid=33 gid=33\n--- /opt/backup/run.sh mode=0755\n#!/bin/sh\n",
        "From the network through `/usr/sbin/nginx` to root: `www-data` may change `/opt/backup/run.sh`, which cron runs",
        "Take from `www-data` the right to change `/opt/backup`",
        &["T1190", "T1053.003"],
    );
    assert_eq!(chain.severity, Severity::High);
    let edges: Vec<&str> = chain.steps.iter().map(|step| &*step.edge).collect();
    assert_eq!(
        edges,
        [
            "reaches",
            "listens",
            "runs_as",
            "may_write",
            "starts",
            "runs_as"
        ]
    );
    assert!(!chain.members.is_empty(), "the checks saw it too");
    assert!(
        chain
            .members
            .iter()
            .any(|id| id.starts_with("cron-program-writable"))
    );
}

#[test]
fn what_merely_shares_a_host_is_no_chain() {
    // A listener, a set-user-id program that nobody may change, no mandatory access control.
    none(
        "--- /usr/local/bin/tool mode=4755\nx\n--- /sys/kernel/security/lsm\nlockdown,capability\n",
    );
    // World-writable, but nothing of root takes it.
    none("--- /srv/data/notes.txt mode=0666\nx\n");
    // The file is open, the folder above is closed.
    none("--- /opt/backup dir mode=0700\n--- /opt/backup/run.sh mode=0777\n#!/bin/sh\n");
    // A group that nobody is in.
    none("--- /opt/backup dir mode=0775 gid=50\n--- /opt/backup/run.sh mode=0755\n#!/bin/sh\n");
    // The job's own user owns its script.
    none(
        "--- /etc/cron.d/web\n* * * * * www-data /srv/web/job.sh\n--- /srv/web/job.sh mode=0755 uid=33\n#!/bin/sh\n",
    );
    // An owner without an account: nobody has these rights.
    none("--- /opt/backup dir mode=0755 uid=4242\n--- /opt/backup/run.sh mode=0755\n#!/bin/sh\n");
    // The sticky bit guards what root owns.
    none(
        "--- /etc/cron.d/tmp\n* * * * * root /tmp/job.sh\n--- /tmp dir mode=1777\n--- /tmp/job.sh mode=0755\n#!/bin/sh\n",
    );
    // StrictModes refuses a list of keys that others may change.
    none(
        "--- /home/ann/.ssh dir mode=0777 uid=1000 gid=1000\n--- /home/ann/.ssh/authorized_keys mode=0666 uid=1000\nx\n",
    );
}

#[test]
fn files_that_root_takes_and_others_may_change() {
    one(
        "--- /opt/backup/run.sh mode=0757\n#!/bin/sh\n",
        "every local account may change `/opt/backup/run.sh`",
        "`/opt/backup/run.sh`",
        &["T1190", "T1053.003"],
    );
    one(
        "--- /opt/backup/run.sh mode=0755\n#!/bin/sh\nset -e\nif true; then\n  /opt/lib/step.sh --all\nfi\n--- /opt/lib/step.sh mode=0755 uid=1001\n",
        "From the account `deploy` to root: `deploy` may change `/opt/lib/step.sh`",
        "`/opt/lib/step.sh`",
        &["T1078.003", "T1053.003"],
    );
    one(
        "--- /usr/lib/systemd/system/agent.service\n[Service]\nExecStart=/opt/agent/run\n[Install]\nWantedBy=multi-user.target\n--- /etc/systemd/system/multi-user.target.wants/agent.service -> /usr/lib/systemd/system/agent.service\n--- /opt/agent dir mode=0775 gid=1001\n--- /opt/agent/run mode=0755\nx\n",
        "From the account `deploy` to root: group `deploy` may change `/opt/agent/run`, which the unit `agent.service` runs",
        "`deploy`",
        &["T1078.003", "T1543.002"],
    );
    one(
        "--- /etc/systemd/system/nginx.service.d dir mode=0777\n--- /etc/systemd/system/nginx.service\n[Service]\nExecStart=/usr/sbin/nginx\n",
        "which `systemd` reads",
        "`/etc/systemd/system/nginx.service.d`",
        &["T1190", "T1543.002"],
    );
    one(
        "--- /etc/ld.so.preload\n/opt/lib/trace.so\n--- /opt/lib/trace.so mode=0755 uid=1001\nx\n",
        "`deploy` may change `/opt/lib/trace.so`, which root reads",
        "`/opt/lib/trace.so`",
        &["T1078.003", "T1574.006"],
    );
    one(
        "--- /root dir mode=0755\n--- /root/.profile mode=0664 gid=1001\nx\n",
        "`/root/.profile`, which root reads",
        "`deploy`",
        &["T1078.003", "T1546.004"],
    );
    one(
        "--- /usr/local/bin dir mode=0777\n",
        "every local account may change `/usr/local/bin`",
        "`/usr/local/bin`",
        &["T1190", "T1574.007"],
    );
}

#[test]
fn ways_to_become_root() {
    one(
        "--- /etc/sudoers.d/deploy\ndeploy ALL=(ALL) NOPASSWD: ALL\n",
        "From the account `deploy` to root: `deploy` may use sudo without a password",
        "/etc/sudoers.d/deploy:1",
        &["T1078.003", "T1548.003"],
    );
    one(
        "--- /etc/sudoers.d/web\nwww-data ALL=(root) NOPASSWD: /usr/bin/find\n",
        "From the network through `/usr/sbin/nginx` to root",
        "/etc/sudoers.d/web:1",
        &["T1190", "T1548.003"],
    );
    none("--- /etc/sudoers.d/web\nwww-data ALL=(root) NOPASSWD: /usr/bin/systemctl restart app\n");
    none(
        "--- /etc/sudoers.d/deploy\ndeploy ALL=(ALL) NOPASSWD: ALL\ndeploy ALL=(ALL) PASSWD: ALL\n",
    );
    one(
        "--- /etc/doas.conf\npermit nopass deploy as root\n",
        "`deploy` may use sudo",
        "/etc/doas.conf:1",
        &["T1078.003", "T1548.003"],
    );
    one(
        "--- /usr/bin/find mode=4755\nx\n",
        "every local account may start `/usr/bin/find`",
        "`/usr/bin/find`",
        &["T1190", "T1548.001"],
    );
    one(
        "--- /etc/group\nroot:x:0:\nsudo:x:27:ann\ndocker:x:998:deploy\n--- /run/docker.sock socket mode=0660 gid=998\n",
        "From the account `deploy` to root: membership of group `docker` is as good as root",
        "Take `deploy` out of group `docker`",
        &["T1078.003", "T1611"],
    );
    none("--- /etc/group\nroot:x:0:\nsudo:x:27:ann\ndocker:x:998:deploy\n");
    one(
        "--- /etc/pam.d/su\nauth sufficient pam_permit.so\n--- /usr/bin/su mode=4755\nx\n",
        "every local account needs no password",
        "/etc/pam.d/su:1",
        &["T1190", "T1556.003"],
    );
    let chain = one(
        "--- /var/lib/docker/containers/0123456789abcdef/config.v2.json\n{\"Name\":\"/web\",\"State\":{\"Running\":true},\"Config\":{\"Image\":\"web\"}}\n--- /var/lib/docker/containers/0123456789abcdef/hostconfig.json\n{\"Privileged\":true}\n",
        "From inside container web to root of the host",
        "Make `container web` anew",
        &["T1611"],
    );
    assert!(
        chain
            .members
            .iter()
            .any(|id| id.starts_with("container-privileged")),
        "{chain:?}"
    );
}

#[test]
fn a_socket_whose_program_cannot_be_seen_still_has_a_user() {
    let (_, graph, _) = look("--- /proc/10/fd dir denied\n--- /proc/9/fd dir denied\n");
    assert!(
        graph
            .limits
            .iter()
            .any(|limit| limit.contains("open files")),
        "{:?}",
        graph.limits
    );
    let hidden = graph
        .edges
        .iter()
        .find(|edge| edge.to == "socket:tcp:0.0.0.0:80" && edge.kind == EdgeKind::Listens);
    assert!(
        hidden.is_some_and(|edge| edge.from == "process:unknown program:root"),
        "{hidden:?}"
    );
}

#[test]
fn keys_and_accounts_without_a_password() {
    one(
        "--- /etc/pam.d/su\nauth sufficient pam_rootok.so\nauth required pam_unix.so nullok\n--- /etc/shadow mode=0640 gid=42\nroot::19000:0:99999:7:::\n",
        "every local account needs no password",
        "/etc/shadow:1",
        &["T1190", "T1556.003"],
    );
    let weak = "--- /etc/ssh/sshd_config\nPermitRootLogin yes\nStrictModes no\n--- /root dir mode=0755\n--- /root/.ssh dir mode=0755\n--- /root/.ssh/authorized_keys mode=0666\nx\n";
    let (_, _, chains) = look(weak);
    let titles: Vec<&str> = chains.iter().map(|chain| &*chain.title).collect();
    assert_eq!(
        titles,
        [
            "From the network through `/usr/sbin/nginx` to root: every local account may log in by a key"
        ]
    );
}

#[test]
fn one_step_leads_to_the_next() {
    let chain = one(
        "--- /etc/cron.d/deploy\n* * * * * deploy /srv/web/publish.sh\n--- /srv/web dir mode=0755 uid=33\n--- /srv/web/publish.sh mode=0755\n#!/bin/sh\n--- /etc/sudoers.d/deploy\ndeploy ALL=(ALL) NOPASSWD: ALL\n",
        "From the network through `/usr/sbin/nginx` to root: `deploy` may use sudo",
        "/etc/sudoers.d/deploy:1",
        &["T1190", "T1053.003", "T1548.003"],
    );
    assert_eq!(chain.steps.len(), 7, "{chain:?}");
}

#[test]
fn the_graph_is_the_same_on_any_number_of_threads_and_for_each_surface_asked() {
    let extra = "--- /opt/backup/run.sh mode=0757\n#!/bin/sh\n";
    let tree = tree(extra);
    let mut options = Options::at(1_760_000_000);
    let one = scan(&tree, &options, &|_, _, _| {});
    options.threads = 4;
    let four = scan(&tree, &options, &|_, _, _| {});
    assert_eq!(one.graph, four.graph);
    options
        .surfaces
        .retain(|surface| surface.as_str() == "packages");
    assert_eq!(
        scan(&tree, &options, &|_, _, _| {}).graph,
        None,
        "nothing that tells of it was asked"
    );
    options.surfaces = Options::at(0).surfaces;
    options
        .surfaces
        .retain(|surface| surface.as_str() == "cron");
    let cron = scan(&tree, &options, &|_, _, _| {}).graph.expect("graph");
    assert!(
        cron.limits
            .iter()
            .any(|limit| limit.contains("not asked for: units"))
    );
    assert!(!cron.nodes.iter().any(|node| &*node.id == "network"));
    assert_eq!(
        paths_on(&cron, &[]).len(),
        1,
        "the job alone is a path of any account"
    );
}
