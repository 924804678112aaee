//! Traps of reading tables of jobs and their commands.

use crate::facts::Facts;
use crate::run::Options;
use crate::tree::MemoryTree;

/// `user command` of every job.
fn jobs(tree: &MemoryTree) -> Vec<String> {
    let options = Options::at(0);
    let facts = Facts::new(tree, &options);
    let cron = facts.cron().expect("cron");
    let shown = cron
        .jobs
        .iter()
        .map(|job| format!("{} {}", job.user, job.shown));
    shown.collect()
}

fn host(id: &str) -> MemoryTree {
    let mut tree = MemoryTree::new();
    tree.file("/etc/os-release", format!("ID={id}\n"));
    tree.file(
        "/etc/passwd",
        "root:x:0:0::/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n",
    );
    tree
}

#[test]
fn names_with_dots_run_on_red_hat_alone() {
    for (id, expected) in [
        ("debian", vec!["root /a"]),
        ("rhel", vec!["root /a", "root /b"]),
    ] {
        let mut tree = host(id);
        tree.file("/etc/cron.d/a", "* * * * * root /a\n");
        tree.file("/etc/cron.d/b.cron", "* * * * * root /b\n");
        tree.file("/etc/cron.d/.placeholder", "* * * * * root /c\n");
        assert_eq!(jobs(&tree), expected, "{id}");
    }
}

#[test]
fn users_and_one_time_jobs() {
    let mut tree = host("debian");
    tree.file("/var/spool/cron/crontabs/bob", "PATH=/x\n@reboot ./y\n");
    tree.file(
        "/var/spool/cron/atjobs/a0000201c2b3d4",
        "#!/bin/sh\n# atrun uid=1000 gid=1000\n# mail bob 0\numask 22\nPATH=/usr/bin; export PATH\ncd /home/bob || {\n\t echo 'no' >&2\n\t exit 1\n}\n/home/bob/z\n",
    );
    assert_eq!(jobs(&tree), ["bob ./y", "bob /home/bob/z"]);
}
