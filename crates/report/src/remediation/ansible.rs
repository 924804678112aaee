//! An Ansible playbook with modules of `ansible.builtin` alone; its hosts are the variable
//! `casemate_hosts`.
//!
//! Changed lines are replaced block by block, each with the lines around it, so that a second run
//! changes nothing and a file that differs is left alone; a check after it fails then. Scalars are
//! JSON strings, which are YAML too; what could be a template is marked as unsafe.

use super::hunk::{Hunk, hunks};
use super::{FilePatch, Remediation, ids, is_of_ecosystem, is_reload, line, others};
use casemate_schema::{Action, Change, Text};
use std::collections::{BTreeMap, BTreeSet};

/// The actions as a playbook.
#[must_use]
pub fn ansible(remediation: &Remediation<'_>) -> String {
    let mut play = Play::default();
    let reloads = reloads(remediation.actions);
    let mut made: BTreeMap<(&str, &str), Vec<&FilePatch>> = BTreeMap::new();
    for file in remediation.files {
        match &file.content {
            None => play.patch(file, &reloads),
            Some(content) => made
                .entry((content.as_str(), file.mode.as_str()))
                .or_default()
                .push(file),
        }
    }
    for ((content, mode), files) in made {
        play.make(content, mode, &files, &reloads);
    }
    let mut seen = BTreeSet::new();
    for action in remediation.actions {
        for change in others(action) {
            play.change(action, change, &mut seen);
        }
    }
    let title = format!(
        "Changes for {}, written by {}",
        line(remediation.subject),
        line(remediation.tool)
    );
    let mut out = format!(
        "---\n# Choose the hosts: ansible-playbook -e casemate_hosts=GROUP --check --diff FILE\n\
         - name: {}\n  hosts: \"{{{{ casemate_hosts | default('casemate_hosts_is_not_set') }}}}\"\n  become: true\n  tasks:\n",
        scalar(&title)
    );
    if play.tasks.is_empty() {
        play.debug("nothing", "There is nothing to do.");
    }
    out.push_str(&play.tasks);
    if !reloads.is_empty() {
        out.push_str("\n  handlers:\n");
        let mut done = BTreeSet::new();
        for argv in reloads.values().flatten().filter(|argv| done.insert(*argv)) {
            out.push_str(&handler(argv));
        }
    }
    out
}

type Reloads<'a> = BTreeMap<&'a str, Vec<&'a [Text]>>;

/// Commands that make files count, by action.
fn reloads(actions: &[Action]) -> Reloads<'_> {
    let mut all = Reloads::new();
    for action in actions {
        for change in &action.changes {
            if let Change::Command { argv } = change
                && is_reload(argv)
            {
                all.entry(action.id.as_str()).or_default().push(argv);
            }
        }
    }
    all
}

fn command_name(argv: &[Text]) -> String {
    let words: Vec<&str> = argv.iter().map(Text::as_str).collect();
    format!("Run {}", words.join(" "))
}

fn handler(argv: &[Text]) -> String {
    let words: Vec<String> = argv.iter().map(|word| scalar(word)).collect();
    format!(
        "    - name: {}\n      ansible.builtin.command:\n        argv: [{}]\n      changed_when: true\n",
        scalar(&command_name(argv)),
        words.join(", ")
    )
}

/// A text as a YAML scalar. Templates in it stay text.
fn scalar(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    // U+0085, U+2028 and U+2029 are line breaks to YAML and plain characters to JSON.
    let json: String = json
        .chars()
        .map(|c| match c {
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{7f}' | '\u{feff}' => {
                format!("\\u{:04x}", u32::from(c))
            }
            _ => c.to_string(),
        })
        .collect();
    if ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
        format!("!unsafe {json}")
    } else {
        json
    }
}

fn list(texts: &[&str]) -> String {
    let all: Vec<String> = texts.iter().map(|text| scalar(text)).collect();
    format!("[{}]", all.join(", "))
}

/// A text as a regular expression of Python that matches it alone.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Expression and replacement of a hunk. One that reaches to an end of the file is tied to it:
/// what was inserted there would else be inserted again.
fn substitution(hunk: &Hunk) -> (String, String) {
    let start = if hunk.at_start { r"\A" } else { "^" };
    let old: Vec<String> = hunk.old.iter().map(|line| escaped(line)).collect();
    let end = if hunk.at_end { r"\n?\Z" } else { r"\n" };
    let new: String = hunk.new.iter().map(|line| format!("{line}\n")).collect();
    (
        format!("{start}{}{end}", old.join("\n")),
        new.replace('\\', "\\\\"),
    )
}

#[derive(Default)]
struct Play {
    tasks: String,
}

impl Play {
    fn task(&mut self, name: &str, lines: &[String]) {
        self.tasks
            .push_str(&format!("\n    - name: {}\n", scalar(&line(name))));
        for text in lines {
            self.tasks.push_str(&format!("      {text}\n"));
        }
    }

    fn debug(&mut self, name: &str, text: &str) {
        self.task(
            name,
            &[
                "ansible.builtin.debug:".to_owned(),
                format!("  msg: {}", scalar(text)),
            ],
        );
    }

    fn notify(file: &FilePatch, reloads: &Reloads<'_>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for argv in file
            .actions
            .iter()
            .filter_map(|id| reloads.get(id.as_str()))
            .flatten()
        {
            let name = scalar(&command_name(argv));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            return Vec::new();
        }
        vec![format!("notify: [{}]", names.join(", "))]
    }

    /// Changes a file block by block, and looks whether it then holds what it has to.
    fn patch(&mut self, file: &FilePatch, reloads: &Reloads<'_>) {
        let all = hunks(&file.diff);
        for hunk in &all {
            let (regexp, replace) = substitution(hunk);
            let mut lines = vec![
                "ansible.builtin.replace:".to_owned(),
                format!("  path: {}", scalar(&file.path)),
                format!("  regexp: {}", scalar(&regexp)),
                format!("  replace: {}", scalar(&replace)),
                "  backup: true".to_owned(),
            ];
            if file.path.starts_with("/etc/sudoers") {
                lines.push("  validate: visudo -cf %s".to_owned());
            } else if file.path == "/etc/ssh/sshd_config" {
                lines.push("  validate: sshd -t -f %s".to_owned());
            }
            lines.extend(Self::notify(file, reloads));
            self.task(
                &format!("Change {} ({})", file.path, ids(&file.actions)),
                &lines,
            );
        }
        self.task(
            &format!("Read {}", file.path),
            &[
                "ansible.builtin.slurp:".to_owned(),
                format!("  src: {}", scalar(&file.path)),
                "register: casemate_file".to_owned(),
            ],
        );
        let mut lines = vec!["vars:".to_owned(), "  casemate_blocks:".to_owned()];
        for hunk in &all {
            lines.push(format!("    - {}", scalar(&hunk.new.join("\n"))));
        }
        lines.extend(
            [
                "ansible.builtin.assert:",
                "  that: item in (casemate_file.content | b64decode)",
                "  fail_msg: The file is not the one that was scanned. Scan again.",
                "  quiet: true",
                "loop: \"{{ casemate_blocks }}\"",
                "loop_control:",
                "  label: block",
                "when: not ansible_check_mode",
            ]
            .map(str::to_owned),
        );
        self.task(
            &format!("See that {} is as it has to be", file.path),
            &lines,
        );
    }

    /// Makes files with one content. Drop-ins of ours keep the lines that they have.
    fn make(&mut self, content: &str, mode: &str, files: &[&FilePatch], reloads: &Reloads<'_>) {
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let mut folders: Vec<&str> = paths
            .iter()
            .filter_map(|path| path.rsplit_once('/').map(|(folder, _)| folder))
            .filter(|folder| !folder.is_empty())
            .collect();
        folders.sort_unstable();
        folders.dedup();
        let name = match paths.as_slice() {
            [path] => (*path).to_owned(),
            all => format!("{} and {} more", all.first().unwrap_or(&""), all.len() - 1),
        };
        self.task(
            &format!("Make the folders of {name}"),
            &[
                "ansible.builtin.file:".to_owned(),
                "  path: \"{{ item }}\"".to_owned(),
                "  state: directory".to_owned(),
                "  mode: \"0755\"".to_owned(),
                format!("loop: {}", list(&folders)),
            ],
        );
        let is_drop_in = files.iter().all(|file| file.is_drop_in());
        let mut lines = if is_drop_in {
            let texts: Vec<&str> = content.lines().filter(|line| !line.is_empty()).collect();
            vec![
                "vars:".to_owned(),
                format!("  casemate_paths: {}", list(&paths)),
                format!("  casemate_lines: {}", list(&texts)),
                "ansible.builtin.lineinfile:".to_owned(),
                "  path: \"{{ item[0] }}\"".to_owned(),
                "  line: \"{{ item[1] }}\"".to_owned(),
                "  create: true".to_owned(),
                format!("  mode: {}", scalar(mode)),
                "loop: \"{{ casemate_paths | product(casemate_lines) | list }}\"".to_owned(),
            ]
        } else {
            vec![
                "ansible.builtin.copy:".to_owned(),
                "  dest: \"{{ item }}\"".to_owned(),
                format!("  content: {}", scalar(content)),
                format!("  mode: {}", scalar(mode)),
                "  backup: true".to_owned(),
                format!("loop: {}", list(&paths)),
            ]
        };
        let mut notify: Vec<String> = files
            .iter()
            .flat_map(|file| &file.actions)
            .filter_map(|id| reloads.get(id.as_str()))
            .flatten()
            .map(|argv| scalar(&command_name(argv)))
            .collect();
        notify.sort();
        notify.dedup();
        if !notify.is_empty() {
            lines.push(format!("notify: [{}]", notify.join(", ")));
        }
        self.task(&format!("Write {name}"), &lines);
    }

    fn change(&mut self, action: &Action, change: &Change, seen: &mut BTreeSet<Vec<Text>>) {
        let name = format!("{} ({})", action.title, action.id);
        match change {
            Change::Diff { .. } | Change::NewFile { .. } => {}
            Change::Permissions {
                path,
                mode,
                owner,
                group,
            } => {
                let mut lines = vec![
                    "ansible.builtin.file:".to_owned(),
                    format!("  path: {}", scalar(path)),
                ];
                for (key, value) in [("mode", mode), ("owner", owner), ("group", group)] {
                    if let Some(value) = value {
                        lines.push(format!("  {key}: {}", scalar(value)));
                    }
                }
                self.task(&name, &lines);
            }
            Change::Upgrade { package, version } if is_of_ecosystem(package) => {
                let to = version.as_deref().unwrap_or("the newest release");
                self.debug(&name, &format!("By hand: bring {package} to {to}"));
            }
            Change::Upgrade { package, .. } => self.task(
                &name,
                &[
                    "ansible.builtin.package:".to_owned(),
                    format!("  name: {}", scalar(package)),
                    "  state: latest".to_owned(),
                ],
            ),
            Change::Command { argv } => {
                if !is_reload(argv) && seen.insert(argv.clone()) {
                    self.command(&name, argv);
                }
            }
            Change::Setting {
                path,
                text,
                no_diff,
            } => self.debug(
                &name,
                &format!("By hand: in {path}: {text} (no diff: {no_diff})"),
            ),
            Change::Manual { text } => self.debug(&name, &format!("By hand: {text}")),
        }
    }

    /// A command by the module that knows whether it is needed, where there is one.
    fn command(&mut self, name: &str, argv: &[Text]) {
        let words: Vec<&str> = argv.iter().map(Text::as_str).collect();
        let service = |unit: &str, more: &[&str]| {
            let mut lines = vec![
                "ansible.builtin.systemd_service:".to_owned(),
                format!("  name: {}", scalar(unit)),
            ];
            lines.extend(more.iter().map(|text| format!("  {text}")));
            lines
        };
        let lines = match words.as_slice() {
            ["systemctl", "mask", unit] => service(unit, &["masked: true"]),
            ["systemctl", "unmask", unit] => service(unit, &["masked: false"]),
            ["systemctl", "enable", "--now", unit] => {
                service(unit, &["enabled: true", "state: started"])
            }
            ["systemctl", "disable", "--now", unit] => {
                service(unit, &["enabled: false", "state: stopped"])
            }
            ["passwd", "-l", user] => user_task(user, "password_lock: true"),
            ["usermod", "-s", shell, user] => user_task(user, &format!("shell: {}", scalar(shell))),
            _ => {
                let mut lines = vec![
                    "ansible.builtin.command:".to_owned(),
                    format!("  argv: {}", list(&words)),
                ];
                match words.as_slice() {
                    ["mv", from, _] => lines.push(format!("  removes: {}", scalar(from))),
                    ["install", .., file] => lines.push(format!("  creates: {}", scalar(file))),
                    // Who is no member can not be taken out: the command says so by 3.
                    ["gpasswd", "-d", ..] => lines.extend(
                        [
                            "register: casemate_result",
                            "changed_when: casemate_result.rc == 0",
                            "failed_when: casemate_result.rc not in [0, 3]",
                        ]
                        .map(str::to_owned),
                    ),
                    _ => lines.push("changed_when: true".to_owned()),
                }
                lines
            }
        };
        self.task(name, &lines);
    }
}

fn user_task(user: &str, more: &str) -> Vec<String> {
    vec![
        "ansible.builtin.user:".to_owned(),
        format!("  name: {}", scalar(user)),
        format!("  {more}"),
    ]
}
