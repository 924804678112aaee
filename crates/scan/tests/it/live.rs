//! The running host: what a test plants is found, and two scans say the same.

use casemate_scan::tree::{LiveTree, Tree};
use casemate_scan::{Options, Scan, Surface, scan};
use casemate_schema::{Finding, Severity};
use std::net::TcpListener;
use std::path::Path;

#[expect(
    clippy::print_stdout,
    reason = "a skipped test says so where people look"
)]
fn skip(reason: &str) {
    println!("SKIPPED: {reason}");
}

/// The running host, or a loud skip where it cannot be looked at.
fn host() -> Option<LiveTree> {
    let tree = LiveTree::host().ok()?;
    let own = format!("/proc/{}/exe", std::process::id());
    let readable = tree.read_link(Path::new(&own)).is_ok()
        && casemate_scan::tree::read(&tree, "/proc/net/tcp").is_ok();
    if !readable {
        skip("/proc of this host is not readable");
        return None;
    }
    Some(tree)
}

/// A scan of the given surfaces as the user who runs the test; the test itself is not left out.
fn look(tree: &LiveTree, surfaces: &[Surface]) -> Scan {
    let mut options = Options::at(1_760_000_000);
    options.surfaces = surfaces.iter().copied().collect();
    options.uid = rustix::process::geteuid().as_raw();
    scan(tree, &options, &|_, _, _| {})
}

fn of<'a>(scan: &'a Scan, check: &'a str) -> impl Iterator<Item = &'a Finding> {
    scan.findings
        .iter()
        .filter(move |one| one.source.check == check)
}

fn evidence<'a>(finding: &'a Finding, name: &str) -> &'a str {
    let found = finding.evidence.iter().find(|one| one.name == name);
    found.map_or("", |one| one.value.as_str())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test plants a listener, and the product opens none"
)]
fn listen(address: &str) -> Option<TcpListener> {
    TcpListener::bind(address).ok()
}

#[test]
fn d1_a_planted_listener_is_found_with_program_and_user() {
    let Some(tree) = host() else { return };
    let wildcard = listen("0.0.0.0:0").expect("a port of this host");
    let loopback = listen("[::1]:0").or_else(|| {
        skip("this host has no IPv6 loopback address");
        listen("127.0.0.1:0")
    });
    let port = wildcard.local_addr().expect("address").port().to_string();
    let closed = loopback.as_ref().expect("a port of this host");
    let closed = closed.local_addr().expect("address").port().to_string();
    let found = look(&tree, &[Surface::Sockets]);

    let program = std::env::current_exe().expect("own program");
    let program = program.to_str().expect("UTF-8 path").to_owned();
    let ports = |finding: &Finding| -> Vec<String> {
        let list = evidence(finding, "port");
        list.split(", ").map(str::to_owned).collect()
    };
    let listener = of(&found, "socket-wildcard-listener")
        .find(|one| ports(one).contains(&port) && evidence(one, "program") == program)
        .unwrap_or_else(|| panic!("port {port} of {program} not in {:#?}", found.findings));
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let uid = rustix::process::geteuid().as_raw().to_string();
    let name = accounts
        .lines()
        .find(|line| line.split(':').nth(2) == Some(uid.as_str()))
        .and_then(|line| line.split(':').next().map(str::to_owned))
        .unwrap_or_else(|| format!("uid {uid}"));
    assert_eq!(evidence(listener, "user"), name);
    assert_eq!(evidence(listener, "address"), "0.0.0.0");
    assert!(
        of(&found, "socket-wildcard-listener").all(|one| !ports(one).contains(&closed)),
        "a loopback listener is no wildcard"
    );
    // Another port of the kernel's choice after a restart: the same finding.
    drop(wildcard);
    let restarted = listen("0.0.0.0:0").expect("a port of this host");
    let again = look(&tree, &[Surface::Sockets]);
    assert!(again.findings.iter().any(|one| one.id == listener.id));
    drop(restarted);
    let hidden = format!(":{port}");
    assert!(
        of(&found, "socket-hidden-owner").all(|one| !evidence(one, "address").ends_with(&hidden)),
        "its holder is this test"
    );
}

/// A process that ends with the test, also when that fails.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test plants a process, and the product starts none"
)]
fn start(program: &Path) -> std::io::Result<Running> {
    std::process::Command::new(program)
        .arg("60")
        .spawn()
        .map(Running)
}

#[test]
fn a_planted_deleted_program_is_found_by_the_path_that_it_had() {
    let Some(tree) = host() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let program = folder.path().join("planted");
    if std::fs::copy("/bin/sleep", &program).is_err() {
        skip("this host has no /bin/sleep");
        return;
    }
    let running = match start(&program) {
        Ok(running) => running,
        Err(error) => {
            skip(&format!(
                "the folder for temporary files runs no programs: {error}"
            ));
            return;
        }
    };
    std::fs::remove_file(&program).expect("unlink");
    let found = look(&tree, &[Surface::Processes]);
    let real = folder
        .path()
        .canonicalize()
        .expect("folder")
        .join("planted");
    let finding = of(&found, "proc-deleted-exe")
        .find(|one| one.location.path.as_deref() == real.to_str())
        .unwrap_or_else(|| panic!("{} not in {:#?}", real.display(), found.findings));
    assert!(finding.severity >= Severity::Medium, "{finding:#?}");
    let again = look(&tree, &[Surface::Processes]);
    assert!(
        again.findings.contains(finding),
        "a second scan says the same"
    );
    drop(running);
}

#[test]
fn d11_a_path_in_the_arguments_is_no_program_there() {
    let Some(tree) = host() else { return };
    let found = look(&tree, &[Surface::Processes]);
    for finding in of(&found, "proc-exe-in-temporary-folder") {
        let path = finding.location.path.as_deref().unwrap_or_default();
        let folders = ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/", "/var/lock/"];
        assert!(
            folders.iter().any(|folder| path.starts_with(folder)),
            "{path}"
        );
    }
    let in_memory = |one: &&Finding| {
        let path = one.location.path.as_deref().unwrap_or_default();
        path.starts_with("/memfd:")
    };
    assert_eq!(of(&found, "proc-deleted-exe").find(in_memory), None);
}

#[test]
fn two_scans_of_held_sockets_give_the_same_ids() {
    let Some(tree) = host() else { return };
    // Other tests start and stop listeners of this program meanwhile: theirs are left out.
    let program = std::env::current_exe().expect("own program");
    let program = program.to_str().expect("UTF-8 path").to_owned();
    let ids = |scan: &Scan| -> Vec<String> {
        let others = scan.findings.iter();
        let others = others.filter(|one| evidence(one, "program") != program);
        others.map(|one| one.id.to_string()).collect()
    };
    let states = |scan: &Scan| -> Vec<String> {
        let checks = scan.coverage.checks.iter();
        let shown = checks.map(|one| format!("{} {}", one.id, one.status.as_str()));
        shown.collect()
    };
    // The host is busy with other things; in one of five moments it is quiet.
    let quiet = (0..5).any(|_| {
        let surfaces = [Surface::Sockets, Surface::Containers];
        let (first, second) = (look(&tree, &surfaces), look(&tree, &surfaces));
        assert!(!states(&first).is_empty());
        ids(&first) == ids(&second) && states(&first) == states(&second)
    });
    assert!(quiet, "two scans in a row never said the same");
}
