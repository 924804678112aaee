//! One host with everything that a scanner must find, in one scan of its tree.

use crate::run::{Root, findings, status};

fn plant() -> Root {
    let root = Root::new();
    root.file("proc/sys/kernel/osrelease", "6.1.0-1-amd64\n");
    root.file("proc/sys/kernel/randomize_va_space", "0\n");
    root.file(
        "proc/net/tcp",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
         0: 00000000:115C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1\n",
    );
    root.process(77, "x", 0, "/opt/x\0", "/opt/x (deleted)");
    root.file("proc/modules", "evil 16384 0 - Live 0x0000000000000000\n");
    root.file("sys/module/evil/initstate", "live\n");
    root.file("lib/modules/6.1.0-1-amd64/modules.dep", "kernel/good.ko:\n");
    root.file("sys/kernel/security/lsm", "lockdown,capability\n");
    root.file("opt/app/.helper", "x");
    root.mode("opt/app/.helper", 0o4755);
    root.file("etc/app.conf", "x");
    root.mode("etc/app.conf", 0o666);
    root.file(
        "etc/ssh/sshd_config",
        "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n",
    );
    root.file(
        "etc/ssh/sshd_config.d/10-cloud.conf",
        "PermitRootLogin yes\n",
    );
    root.file(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/bash\n",
    );
    root.file(
        "etc/sudoers",
        "Defaults env_reset\n@includedir /etc/sudoers.d\n",
    );
    root.file("etc/sudoers.d/ann", "ann ALL=(ALL) NOPASSWD: ALL\n");
    root.file(
        "var/lib/dpkg/status",
        "Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n",
    );
    root.file(
        "var/lib/dpkg/info/tool.list",
        "/.\n/usr\n/usr/bin\n/usr/bin/tool\n",
    );
    root.file(
        "var/lib/dpkg/info/tool.md5sums",
        "d41d8cd98f00b204e9800998ecf8427e  usr/bin/tool\n",
    );
    root.file("usr/bin/tool", "not empty\n");
    root
}

#[test]
fn everything_that_was_planted_is_found() {
    let root = plant();
    let report = root.scan(&["--deep"]);
    for (check, word) in [
        ("socket-wildcard-listener", "4444"),
        ("proc-deleted-exe", "/opt/x"),
        ("module-without-file", "evil"),
        ("mac-none", ""),
        ("suid-unexpected", "/opt/app/.helper"),
        ("file-world-writable", "/etc/app.conf"),
        ("integrity-package-files", "/usr/bin/tool"),
        ("ssh-root-login", "/etc/ssh/sshd_config.d/10-cloud.conf"),
        ("kernel-sysctl-hardening", "randomize_va_space"),
        ("user-second-uid-0", "toor"),
        ("sudo-nopasswd", "ann"),
    ] {
        assert_eq!(status(&report, check), "hit", "{check}");
        let text = serde_json::to_string(&findings(&report, check)).expect("text");
        assert!(text.contains(word), "{check}: {text}");
    }
}

#[test]
fn the_graph_of_the_host_is_in_the_report() {
    let root = plant();
    let report = root.scan(&["--surface", "users,sudo,cron"]);
    let edges = report["graph"]["edges"].as_array().expect("edges");
    let sudo = edges.iter().find(|edge| edge["kind"] == "may_sudo");
    let sudo = sudo.expect("the rule of sudo is a fact");
    assert_eq!(sudo["from"], "user:ann");
    assert_eq!(sudo["to"], "user:root");
    assert_eq!(sudo["path"], "/etc/sudoers.d/ann");
    assert!(sudo["needs"].is_null(), "it asks for no password");
    let limits = report["graph"]["limits"].as_array().expect("limits");
    assert!(limits.iter().any(|limit| limit == "not asked for: units"));
}

#[test]
fn the_package_inventory_is_in_the_report() {
    let root = plant();
    let report = root.scan(&["--surface", "packages"]);
    let packages = report["packages"].as_array().expect("packages");
    assert_eq!(packages.len(), 1);
    assert_eq!(packages[0]["name"], "tool");
    assert_eq!(packages[0]["version"], "1.0-1");
    assert_eq!(packages[0]["source_name"], "tool");
}
