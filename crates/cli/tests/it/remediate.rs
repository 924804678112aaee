//! `casemate remediate`: the exports do what they say, on a tree, with the tools that read them.

use crate::run::{Root, casemate, ran};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SSHD: &str = "# ours\nInclude /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes # why\n\
                    #LogLevel INFO\nX11Forwarding yes\nMatch user kiosk\n  PermitEmptyPasswords yes\n";

/// A host with an SSH server and a few weak settings.
fn host() -> Root {
    let root = Root::new();
    root.file("etc/ssh/sshd_config", SSHD);
    root.file(
        "etc/login.defs",
        "# c\nPASS_MAX_DAYS\t99999 # long\nUMASK 022\n",
    );
    root.file(
        "etc/sudoers",
        "Defaults env_keep += \"A LD_PRELOAD\"\nann ALL=(root) NOPASSWD: ALL\n",
    );
    root.file("etc/fstab", "UUID=1 / ext4 defaults 0 1\n");
    root
}

fn report(root: &Root, home: &Path) -> String {
    let ran = casemate(
        home,
        &[
            "scan",
            "--root",
            root.name(),
            "--surface",
            "ssh,users,sudo",
            "-f",
            "json",
            "-o",
            "r.json",
            "-q",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    "r.json".to_owned()
}

fn export(root: &Root, home: &Path, to: &str) -> PathBuf {
    let report = report(root, home);
    let ran = casemate(
        home,
        &[
            "remediate",
            &report,
            "--root",
            root.name(),
            "--to",
            to,
            "-o",
            "out",
            "-q",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home.join("out")
}

/// A tool of the machine, if it is there.
fn tool(name: &str, arguments: &[&str]) -> Option<Output> {
    let found = Command::new(name)
        .args(arguments)
        .env("ANSIBLE_LOCALHOST_WARNING", "False")
        .output();
    match found {
        Ok(output) => Some(output),
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a skipped test says so")]
            {
                eprintln!("SKIPPED: `{name}` cannot be started here ({error})");
            }
            None
        }
    }
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).expect("readable")
}

#[test]
fn the_patch_applies_and_comments_stay() {
    let (root, home) = (host(), tempfile::tempdir().expect("folder"));
    let patch = export(&root, home.path(), "diff");
    let patch = patch.to_str().expect("UTF-8");
    let Some(output) = tool(
        "patch",
        &["-p1", "-F0", "-s", "-d", root.name(), "-i", patch],
    ) else {
        return;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let sshd = read(root.at("etc/ssh/sshd_config"));
    assert!(
        sshd.contains("PermitRootLogin no # why\n#LogLevel INFO\n"),
        "{sshd}"
    );
    assert!(
        sshd.contains("Match user kiosk\n  PermitEmptyPasswords no\n"),
        "{sshd}"
    );
    assert!(sshd.starts_with("# ours\n"));
    assert!(read(root.at("etc/login.defs")).contains("PASS_MAX_DAYS\t365 # long\n"));
    assert_eq!(
        read(root.at("etc/sudoers")).lines().next(),
        Some("Defaults env_keep += \"A\"")
    );
}

#[test]
fn the_script_changes_nothing_unless_told_and_takes_it_back() {
    let (root, home) = (host(), tempfile::tempdir().expect("folder"));
    let script = export(&root, home.path(), "shell");
    let script = script.to_str().expect("UTF-8");
    if tool("patch", &["--version"]).is_none() {
        return;
    }
    let run = |argument: &[&str]| {
        ran(Command::new("sh")
            .arg(script)
            .args(argument)
            .env("ROOT", root.name())
            .output()
            .expect("sh"))
    };
    let before = read(root.at("etc/ssh/sshd_config"));
    let tried = run(&[]);
    assert_eq!(tried.code, 0, "{}{}", tried.text(), tried.stderr);
    assert!(tried.text().contains("would change /etc/ssh/sshd_config"));
    assert_eq!(read(root.at("etc/ssh/sshd_config")), before);
    assert_eq!(run(&["--verify"]).code, 1);
    let applied = run(&["--apply"]);
    assert_eq!(applied.code, 0, "{}{}", applied.text(), applied.stderr);
    assert!(read(root.at("etc/ssh/sshd_config")).contains("PermitRootLogin no"));
    let verified = run(&["--verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.text(), verified.stderr);
    assert!(
        run(&["--apply"])
            .text()
            .contains("done already: /etc/ssh/sshd_config")
    );
    assert_eq!(run(&["--rollback"]).code, 0);
    assert_eq!(read(root.at("etc/ssh/sshd_config")), before);
    std::fs::write(root.at("etc/ssh/sshd_config"), "Port 22\n").expect("write");
    let refused = run(&["--apply"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("is not the file that was scanned"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_changed_file_gets_no_diff() {
    let (root, home) = (host(), tempfile::tempdir().expect("folder"));
    let report = report(&root, home.path());
    root.file("etc/ssh/sshd_config", format!("{SSHD}# edited\n"));
    let ran = casemate(
        home.path(),
        &[
            "remediate",
            &report,
            "--root",
            root.name(),
            "-f",
            "json",
            "-q",
        ],
    );
    let text = ran.text();
    assert!(
        text.contains("the file has changed since the scan"),
        "{text}"
    );
    assert!(!text.contains("a/etc/ssh/sshd_config"), "{text}");
    let far = casemate(home.path(), &["remediate", &report, "-f", "json", "-q"]).text();
    assert!(
        far.contains("the scan is not of this host") && !far.contains("--- a/etc"),
        "{far}"
    );
}

#[test]
fn shellcheck_finds_nothing_in_the_script() {
    let (root, home) = (host(), tempfile::tempdir().expect("folder"));
    for (name, script) in [
        ("all", export(&root, home.path(), "shell")),
        ("hostile", hostile(home.path(), "shell")),
    ] {
        let Some(output) = tool("shellcheck", &[script.to_str().expect("UTF-8")]) else {
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {said}");
    }
}

#[test]
fn ansible_takes_the_playbook() {
    let (root, home) = (host(), tempfile::tempdir().expect("folder"));
    for (name, play) in [
        ("all", export(&root, home.path(), "ansible")),
        ("hostile", hostile(home.path(), "ansible")),
    ] {
        let path = play.to_str().expect("UTF-8");
        let text = read(&play);
        for line in text
            .lines()
            .filter(|line| line.trim_start().starts_with("ansible."))
        {
            assert!(line.contains("ansible.builtin."), "{name}: {line}");
        }
        let Some(output) = tool("ansible-playbook", &["--syntax-check", path]) else {
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
    }
}

/// An export of findings whose texts try to be code.
fn hostile(home: &Path, to: &str) -> PathBuf {
    let evil = "'; touch pwned; echo '$(touch pwned) {{ lookup('pipe', 'touch pwned') }} `touch pwned`\\nCASEMATE_END";
    let json = format!(
        r#"{{"meta":{{"tool_version":"1","json_schema_version":"2"}},"summary":{{}},"results":[
        {{"scanner":"systemd_units","findings":[{{"id":"systemd:PrivateTmp:{evil}.service","title":"{evil}","severity":"low","description":"{evil}","metadata":{{"key":"PrivateTmp","unit":"x"}}}}]}},
        {{"scanner":"mac","findings":[{{"id":"mac_none","title":"{evil}","severity":"high","description":"{evil}","metadata":{{"remediation":"{evil}"}}}}]}}]}}"#
    );
    std::fs::write(home.join("evil.json"), json).expect("write");
    let ran = casemate(
        home,
        &["remediate", "evil.json", "--to", to, "-o", "evil.out", "-q"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home.join("evil.out")
}

#[test]
fn texts_of_findings_are_no_code_in_the_script() {
    let home = tempfile::tempdir().expect("folder");
    let script = hostile(home.path(), "shell");
    let root = home.path().join("root");
    std::fs::create_dir(&root).expect("folder");
    let output = Command::new("sh")
        .arg(&script)
        .arg("--apply")
        .env("ROOT", &root)
        .current_dir(home.path())
        .output()
        .expect("sh");
    assert!(!home.path().join("pwned").exists());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("by hand:"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn thousands_of_findings_of_units_are_thirteen_actions() {
    let Some(path) = casemate_testkit::data_or_skip("sys_scan_v6/sysscan-full.json.gz") else {
        return;
    };
    let home = tempfile::tempdir().expect("folder");
    let path = path.to_str().expect("UTF-8");
    let ran = casemate(home.path(), &["remediate", path, "-f", "json", "-q"]);
    let json = ran.json();
    let actions = json["actions"].as_array().expect("actions");
    let of_units: Vec<_> = actions
        .iter()
        .filter(|action| {
            action["findings"][0].as_str().is_some_and(|id| {
                id.starts_with("sys-scan-graph:systemd") || id.contains("systemd")
            })
        })
        .collect();
    let findings: usize = of_units
        .iter()
        .map(|action| action["findings"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!((of_units.len(), findings), (13, 2561));
    assert!(of_units.iter().all(|action| {
        action["targets"]
            .as_array()
            .is_some_and(|all| all.len() > 80 && all.len() < 100)
    }));
}

#[test]
fn an_action_that_is_not_there_is_refused() {
    let (root, home) = (host(), tempfile::tempdir().expect("folder"));
    let report = report(&root, home.path());
    let ran = casemate(
        home.path(),
        &["remediate", &report, "--action", "action:nope"],
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("there is no action `action:nope`"),
        "{}",
        ran.stderr
    );
    let both = casemate(
        home.path(),
        &["remediate", &report, "--to", "md", "-f", "json"],
    );
    assert_eq!(both.code, 2);
}
