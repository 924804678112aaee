//! Nothing leaves the host: traced, not believed.

use crate::run::{CLOCK, program};
use std::process::Command;

#[test]
fn no_connection_is_opened() {
    let home = tempfile::tempdir().expect("home");
    let log = home.path().join("trace");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-e", "trace=network,execve", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_casemate"))
        .args(["assess", "--format", "json", "--clock", CLOCK])
        .env("HOME", home.path());
    let output = match command.output() {
        Ok(output) if output.status.success() => output,
        _ => {
            eprintln!("SKIPPED: strace is missing or may not trace here");
            return;
        }
    };
    assert!(
        output.stdout.len() > 1000,
        "a whole report was made under the tracer"
    );
    let trace = std::fs::read_to_string(&log).expect("trace");
    let calls: Vec<&str> = trace.lines().filter(|line| !line.contains("+++")).collect();
    let started = calls.iter().filter(|line| line.contains("execve(")).count();
    assert_eq!(started, 1, "no other program is started: {calls:?}");
    let sockets: Vec<&&str> = calls
        .iter()
        .filter(|line| !line.contains("execve("))
        .collect();
    assert!(sockets.is_empty(), "{sockets:?}");
}

#[test]
fn doctor_lists_no_socket() {
    let home = tempfile::tempdir().expect("home");
    let output = program(home.path())
        .args(["doctor", "--network"])
        .output()
        .expect("run");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("none:"));
    let output = program(home.path())
        .args(["doctor", "--network", "--format", "json"])
        .output()
        .expect("run");
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["sockets"].as_array().map(Vec::len), Some(0));
}
