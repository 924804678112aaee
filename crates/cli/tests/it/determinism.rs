//! Same input, same bytes: over runs, threads, locale, time zone; on the live host the same ids.

use crate::run::{CLOCK, Root, casemate, own_copy, program, ran};

fn planted() -> Root {
    let root = Root::new();
    root.file("usr/bin/tool", "#!/bin/sh\n");
    root.mode("usr/bin/tool", 0o4755);
    root.file("srv/open", "x");
    root.mode("srv/open", 0o666);
    root.file("etc/ssh/sshd_config", "PermitRootLogin yes\n");
    root.file("proc/sys/kernel/randomize_va_space", "0\n");
    root
}

#[test]
fn bytes_are_equal_over_runs_threads_locale_and_zone() {
    let root = planted();
    let home = tempfile::tempdir().expect("home");
    let run = |threads: &str, variables: &[(&str, &str)]| {
        let arguments = [
            "assess",
            "--root",
            root.name(),
            "--format",
            "json",
            "--clock",
            CLOCK,
        ];
        let mut command = program(home.path());
        command
            .args(arguments)
            .args(["--threads", threads])
            .envs(variables.iter().copied());
        let ran = ran(command.output().expect("run"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let first = run("1", &[]);
    assert!(first.len() > 1000, "a real report");
    assert_eq!(first, run("1", &[]));
    assert_eq!(first, run("2", &[]));
    assert_eq!(
        first,
        run(
            "8",
            &[("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Pacific/Kiritimati")]
        )
    );
}

#[test]
fn two_live_scans_in_a_row_give_the_same_ids_and_casemate_is_not_in_them() {
    let home = tempfile::tempdir().expect("home");
    let scan = || {
        let surfaces = "kernel,modules,mac,users,sudo,pam,ssh,cron,mounts,logging,boot";
        let ran = casemate(
            home.path(),
            &[
                "scan",
                "--surface",
                surfaces,
                "--format",
                "json",
                "--clock",
                CLOCK,
            ],
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran
    };
    let (one, two) = (scan(), scan());
    assert_eq!(one.stdout, two.stdout);
    let copy = own_copy(home.path());
    let mut command = std::process::Command::new(&copy);
    command.args(["scan", "--surface", "processes,sockets", "--format", "json"]);
    let report = ran(command.env_clear().output().expect("run"));
    assert_eq!(report.code, 0, "{}", report.stderr);
    let own = copy.to_str().expect("UTF-8");
    assert!(!report.text().contains(own), "casemate reports itself");
}
