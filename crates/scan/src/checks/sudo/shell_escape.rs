//! Allowed commands that start a shell or write any file.

use crate::check::{Cx, Skip, check};
use crate::facts::sudoers::Command;

check! {
    /// # What it checks
    /// No rule allows, as root, an interpreter, shell, editor, pager or other program from which a
    /// shell can be started (`vi`, `less`, `man`, `python`, `find`, `tar`, `awk`, `env`, `git`, ...),
    /// or one that writes any file (`cp`, `tee`, `chmod`, `dd`, ...). Programs of the second kind
    /// with fixed arguments are fine; so are editors and pagers with `NOEXEC`.
    ///
    /// # Why it matters
    /// `sudo vi /etc/motd` followed by `:!sh` is a root shell: the rule allows everything, although
    /// it reads like one file.
    ///
    /// # Example
    /// `ann ALL=(root) /usr/bin/vi /etc/motd`
    ///
    /// # Instead
    /// `ann ALL=(root) sudoedit /etc/motd` runs the editor as the user. For pagers add `NOEXEC:`. For
    /// others write a small script owned by root that does the one thing, and allow that.
    id: "sudo-shell-escape-command",
    surface: Sudo,
    title: "Allowed command gives a root shell",
    severity: High,
    references: [Cwe "CWE-269", Attack "T1548.003", Man "sudoers(5)"],
}

/// Programs that run what the user tells them, whatever the arguments in the rule.
const INTERACTIVE: [&str; 39] = [
    "ash", "bash", "csh", "dash", "emacs", "ed", "fish", "ftp", "gdb", "irb", "ksh", "less", "lua",
    "man", "more", "mysql", "nano", "node", "perl", "php", "pico", "psql", "python", "ruby",
    "screen", "script", "sftp", "sh", "sqlite3", "su", "tcsh", "tmux", "top", "vi", "view", "vim",
    "vimdiff", "visudo", "zsh",
];

/// Programs that run commands or write files by their arguments.
const BY_ARGUMENTS: [&str; 46] = [
    "apt",
    "apt-get",
    "awk",
    "busybox",
    "chmod",
    "chown",
    "cp",
    "cpio",
    "crontab",
    "curl",
    "dd",
    "dnf",
    "docker",
    "dpkg",
    "env",
    "find",
    "flock",
    "gawk",
    "git",
    "install",
    "ionice",
    "journalctl",
    "ln",
    "make",
    "mawk",
    "mount",
    "mv",
    "nice",
    "nmap",
    "nohup",
    "nsenter",
    "pip",
    "rpm",
    "rsync",
    "scp",
    "sed",
    "ssh",
    "strace",
    "systemctl",
    "tar",
    "tcpdump",
    "tee",
    "timeout",
    "wget",
    "xargs",
    "zip",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let sudoers = cx.facts.sudoers()?;
    cx.limits(&sudoers.limits);
    let noexec = sudoers
        .global("noexec")
        .is_some_and(|setting| setting.change == crate::facts::sudoers::Change::On);
    for rule in sudoers.rules_of_others() {
        let escapes: Vec<String> = sudoers
            .commands(rule)
            .into_iter()
            .filter(|command| !command.negated && sudoers.as_root(command))
            .filter(|command| gives_shell(command, noexec))
            .map(|command| command.text)
            .collect();
        super::report_commands(cx, rule, escapes, |command| {
            format!("`{}` gets a root shell from `{command}`", rule.who())
        });
    }
    Ok(())
}

pub(crate) fn gives_shell(command: &Command, noexec: bool) -> bool {
    let program = command.program();
    let name = program.rsplit('/').next().unwrap_or_default();
    // `python3.11`, `vim.basic`, `lua5.4`
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let known = |list: &[&str]| list.contains(&name) || list.contains(&stem);
    let arguments = command.arguments();
    if known(&INTERACTIVE) {
        let noexec = command.tags.noexec.unwrap_or(noexec);
        let shell = matches!(
            stem,
            "ash" | "bash" | "csh" | "dash" | "fish" | "ksh" | "sh" | "tcsh" | "zsh" | "su"
        ) || matches!(
            stem,
            "python" | "perl" | "ruby" | "node" | "php" | "lua" | "irb"
        );
        // An interpreter with a fixed script is as good as its script.
        let fixed = arguments.is_some_and(|text| text.starts_with('/') && !text.contains('*'));
        return if shell { !fixed } else { !noexec };
    }
    known(&BY_ARGUMENTS)
        && arguments.is_none_or(|text| text.contains('*') && !text.starts_with('^'))
}
