//! Running the program, and the trees that it is run on.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The time that every test gives.
pub(crate) const CLOCK: &str = "2026-01-02T03:04:05Z";

/// What a run printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("UTF-8 on standard output")
    }

    pub(crate) fn json(&self) -> Value {
        let value = serde_json::from_slice(&self.stdout);
        assert!(value.is_ok(), "no JSON: {} / {}", self.text(), self.stderr);
        value.expect("JSON")
    }
}

/// The program with an empty environment and a home of its own.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casemate"));
    command
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// A copy of the program at a place that no other test runs: what is said of that place is said of
/// this very process.
pub(crate) fn own_copy(home: &Path) -> PathBuf {
    let copy = home.join("own-copy-of-the-program");
    std::fs::copy(env!("CARGO_BIN_EXE_casemate"), &copy).expect("copy");
    copy
}

/// Runs the program in a folder of its own.
pub(crate) fn casemate(home: &Path, arguments: &[&str]) -> Ran {
    ran(program(home)
        .args(arguments)
        .output()
        .expect("the program starts"))
}

pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A folder that becomes the root of a scan.
#[derive(Debug)]
pub(crate) struct Root {
    dir: tempfile::TempDir,
}

impl Root {
    /// A small host with nothing wrong that a test plants.
    pub(crate) fn new() -> Self {
        let root = Self {
            dir: tempfile::tempdir().expect("folder"),
        };
        root.file(
            "etc/os-release",
            "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n",
        );
        root.file("etc/hostname", "planted\n");
        root.file("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
        root.file("etc/group", "root:x:0:\n");
        root
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn name(&self) -> &str {
        self.path().to_str().expect("UTF-8 path")
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        std::fs::write(path, content).expect("file");
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        std::os::unix::fs::symlink(target, path).expect("link");
    }

    pub(crate) fn mode(&self, path: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.at(path), permissions).expect("mode");
    }

    /// A process as `/proc` shows it; `arguments` end with NUL bytes, `exe` is the link's target.
    pub(crate) fn process(
        &self,
        pid: u32,
        name: &str,
        uid: u32,
        arguments: impl AsRef<[u8]>,
        exe: &str,
    ) {
        let file = |part: &str| format!("proc/{pid}/{part}");
        let stat =
            format!("{pid} ({name}) S 1 {pid} {pid} 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n");
        let ids = format!("{uid}\t{uid}\t{uid}\t{uid}");
        self.file(&file("stat"), stat);
        self.file(
            &file("status"),
            format!("Name:\t{name}\nUid:\t{ids}\nGid:\t{ids}\n"),
        );
        self.file(&file("comm"), format!("{name}\n"));
        self.file(&file("cmdline"), arguments);
        self.link(&file("exe"), exe);
    }

    /// The report of a scan of this root as JSON.
    pub(crate) fn scan(&self, more: &[&str]) -> Value {
        let mut arguments = vec![
            "scan",
            "--root",
            self.name(),
            "--format",
            "json",
            "--clock",
            CLOCK,
        ];
        arguments.extend_from_slice(more);
        let home = tempfile::tempdir().expect("home");
        let ran = casemate(home.path(), &arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()
    }
}

/// The findings of a check in a report.
pub(crate) fn findings<'a>(report: &'a Value, check: &str) -> Vec<&'a Value> {
    let all = report["findings"].as_array().expect("findings");
    all.iter()
        .filter(|finding| finding["source"]["check"] == check)
        .collect()
}

/// The state of a check in a report.
pub(crate) fn status<'a>(report: &'a Value, check: &str) -> &'a str {
    let checks = report["coverage"]["checks"].as_array().expect("checks");
    let found = checks.iter().find(|entry| entry["id"] == check);
    assert!(found.is_some(), "no check {check}");
    found.expect("check")["status"].as_str().expect("status")
}
