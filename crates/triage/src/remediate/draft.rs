//! What a fix wants done about its findings, before files are looked at: the vocabulary in which
//! the tables under `fixes/` are written.

use super::edit::{Anchor, Edit, Style};
use crate::version::Scheme;
use casemate_schema::{ChangeRisk, Evidence, Finding};
use std::collections::BTreeSet;

/// The head of every file that is ours.
pub(crate) const HEADER: &str = "# Written by casemate; delete the file to undo it.";
/// Kernel settings.
pub(crate) const SYSCTL: &str = "/etc/sysctl.d/60-casemate.conf";
/// Kernel modules.
pub(crate) const MODPROBE: &str = "/etc/modprobe.d/60-casemate.conf";

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A change of a file's text.
    Edit {
        path: String,
        edit: Edit,
        /// Text that the file begins with if it has to be made; none when it has to be there.
        create: Option<String>,
    },
    /// A file that is not there yet.
    NewFile {
        path: String,
        content: String,
        mode: &'static str,
    },
    /// Mode and owner of a file.
    Permissions {
        path: String,
        mode: Option<u32>,
        owner: Option<String>,
        group: Option<String>,
        old: Option<u32>,
        old_owner: Option<String>,
    },
    /// A package to bring to a version.
    Upgrade {
        package: String,
        /// How its versions are ordered, where that is known.
        scheme: Option<Scheme>,
        version: Option<String>,
    },
    /// A command, and the one that takes it back.
    Command {
        argv: Vec<String>,
        undo: Option<String>,
    },
    /// What only a person can do.
    Manual(String),
}

/// An action in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// Findings with the same key are one action.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) findings: BTreeSet<usize>,
    pub(crate) targets: BTreeSet<String>,
    pub(crate) steps: Vec<Step>,
    /// Commands that make the change count, after all else.
    pub(crate) after: Vec<Step>,
    pub(crate) verify: Vec<String>,
    pub(crate) minutes: u32,
    /// Further minutes for each subject after the first.
    pub(crate) minutes_each: u32,
    pub(crate) risk: ChangeRisk,
    pub(crate) breaks: String,
    pub(crate) countermeasures: BTreeSet<String>,
}

/// What the finding saw under this name.
pub(crate) fn seen<'f>(finding: &'f Finding, name: &str) -> Option<&'f str> {
    evidence(finding, name).map(|evidence| evidence.value.as_str())
}

/// The first observation of this name.
pub(crate) fn evidence<'f>(finding: &'f Finding, name: &str) -> Option<&'f Evidence> {
    finding
        .evidence
        .iter()
        .find(|evidence| evidence.name == *name)
}

/// The path that the finding is about.
pub(crate) fn path(finding: &Finding) -> &str {
    finding.location.path.as_deref().unwrap_or_default()
}

/// The subject that the finding is about.
pub(crate) fn subject(finding: &Finding) -> &str {
    finding.location.subject.as_deref().unwrap_or_default()
}

/// File and line of the finding, or of the first observation that has them.
pub(crate) fn place(finding: &Finding) -> Option<(&str, u64)> {
    let own = finding.location.path.as_deref().zip(finding.location.line);
    let other = || {
        finding
            .evidence
            .iter()
            .find_map(|evidence| evidence.path.as_deref().zip(evidence.line))
            .filter(|(path, _)| !path.starts_with("/proc/") && !path.starts_with("/sys/"))
    };
    own.or_else(other)
}

/// Mode and owner of what others may change, as the checks show them.
pub(crate) struct Weak {
    path: String,
    mode: Option<u32>,
    owner: Option<String>,
}

/// An octal mode of three or four digits.
fn octal(word: &str) -> Option<u32> {
    let fits = matches!(word.len(), 3 | 4) && word.bytes().all(|b| matches!(b, b'0'..=b'7'));
    fits.then(|| u32::from_str_radix(word, 8).ok()).flatten()
}

/// Reads `writable = /opt/agent 0777 root:root`, `mode = 0755 bob:root` and their like.
pub(crate) fn weak(finding: &Finding) -> Weak {
    let mut weak = Weak {
        path: path(finding).to_owned(),
        mode: None,
        owner: seen(finding, "owner").map(str::to_owned),
    };
    let read = |text: &str, weak: &mut Weak| {
        let mut rest = text;
        while let Some((head, word)) = rest.rsplit_once(' ') {
            if let Some(mode) = octal(word) {
                weak.mode = Some(mode);
                rest = head;
                break;
            }
            if !word.contains(':') {
                break;
            }
            weak.owner = Some(word.to_owned());
            rest = head;
        }
        if let Some(mode) = octal(rest) {
            weak.mode = Some(mode);
        } else if rest.starts_with('/') {
            rest.clone_into(&mut weak.path);
        }
    };
    for name in ["mode", "writable"] {
        if let Some(text) = seen(finding, name) {
            read(text, &mut weak);
        }
    }
    weak
}

/// Whether an owner as the checks show it is root: `root (0)`, `0`, `0:500`, `root:root`.
fn is_root(owner: &str) -> bool {
    let name = owner.split([' ', ':']).next().unwrap_or_default();
    matches!(name, "root" | "0")
}

/// Folders that all have to write to, or that hold the homes of people: what lies in them moves,
/// they stay as they are.
fn is_shared(path: &str) -> bool {
    let path = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    ["/", "/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/home"].contains(&path)
}

impl Draft {
    /// Changes a file that is there.
    pub(crate) fn edit(&mut self, path: &str, edit: Edit) {
        if path.starts_with("/etc/ssh/sshd_config") {
            self.check("sshd -t");
            self.then(&["systemctl", "try-reload-or-restart", "sshd.service"]);
        } else if path.starts_with("/etc/sudoers") {
            self.check(format!("visudo -cf {path}"));
        } else if path == "/etc/fstab" {
            self.check("findmnt --verify");
        }
        self.step(Step::Edit {
            path: path.to_owned(),
            edit,
            create: None,
        });
    }

    /// Changes a file of ours, which is made if it is missing.
    pub(crate) fn own(&mut self, path: &str, edit: Edit) {
        self.step(Step::Edit {
            path: path.to_owned(),
            edit,
            create: Some(format!("{HEADER}\n")),
        });
    }

    /// Adds a step, unless it is there.
    pub(crate) fn step(&mut self, step: Step) {
        if !self.steps.contains(&step) {
            self.steps.push(step);
        }
    }

    /// A command of the action, with the one that takes it back.
    pub(crate) fn command(&mut self, argv: &[&str], undo: &str) {
        self.step(Step::Command {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            undo: (!undo.is_empty()).then(|| undo.to_owned()),
        });
    }

    /// A command that makes the change count, after all else.
    pub(crate) fn then(&mut self, argv: &[&str]) {
        let step = Step::Command {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            undo: None,
        };
        if !self.after.contains(&step) {
            self.after.push(step);
        }
    }

    /// What a person has to do.
    pub(crate) fn manual(&mut self, text: impl Into<String>) {
        self.step(Step::Manual(text.into()));
    }

    /// What a person has to do after the rest.
    pub(crate) fn then_manual(&mut self, text: impl Into<String>) {
        let step = Step::Manual(text.into());
        if !self.after.contains(&step) {
            self.after.push(step);
        }
    }

    /// A way to see that it worked.
    pub(crate) fn check(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.verify.contains(&text) {
            self.verify.push(text);
        }
    }

    /// A keyword of sshd, at the place that the finding names.
    pub(crate) fn sshd(&mut self, finding: &Finding, value: Option<&str>) {
        let edit = Edit::Sshd {
            keyword: subject(finding).to_owned(),
            value: value.map(str::to_owned),
            line: finding.location.line,
        };
        self.edit(path(finding), edit);
    }

    /// A kernel setting: in our own file, and where another file sets it otherwise.
    pub(crate) fn sysctl(&mut self, finding: &Finding, key: &str, value: &str) {
        let edit = || Edit::Setting {
            key: key.to_owned(),
            value: value.to_owned(),
            style: Style::EQUALS,
            section: None,
        };
        self.own(SYSCTL, edit());
        let set = evidence(finding, "set_in_file");
        if let Some(path) = set.and_then(|set| set.path.as_deref())
            && path.starts_with("/etc/")
            && set.is_some_and(|set| set.value != *value)
        {
            self.edit(path, edit());
        }
        self.then(&["sysctl", "--system"]);
        self.check(format!("sysctl {key}"));
    }

    /// A key of a settings file.
    pub(crate) fn setting(&mut self, path: &str, key: &str, value: &str, style: Style) {
        self.edit(
            path,
            Edit::Setting {
                key: key.to_owned(),
                value: value.to_owned(),
                style,
                section: None,
            },
        );
    }

    /// A key of a drop-in of ours with sections.
    pub(crate) fn section(&mut self, path: &str, section: &str, key: &str, value: &str) {
        self.own(
            path,
            Edit::Setting {
                key: key.to_owned(),
                value: value.to_owned(),
                style: Style::TIGHT,
                section: Some(section.to_owned()),
            },
        );
    }

    /// A directive in the drop-in of a unit; the vendor's unit is never touched.
    pub(crate) fn unit(&mut self, unit: &str, section: &str, key: &str, value: &str) {
        self.section(
            &format!("/etc/systemd/system/{unit}.d/60-casemate.conf"),
            section,
            key,
            value,
        );
        self.then(&["systemctl", "daemon-reload"]);
    }

    /// A line of our own file that forbids a kernel module.
    pub(crate) fn no_module(&mut self, module: &str) {
        self.own(
            MODPROBE,
            Edit::Insert {
                text: format!("install {module} /bin/false"),
                anchor: Anchor::End,
            },
        );
        self.check(format!("modprobe -n -v {module}"));
    }

    /// A part of the line that the finding names becomes another.
    pub(crate) fn replace(&mut self, finding: &Finding, from: &str, to: &str) {
        if let Some((path, line)) = place(finding) {
            let (path, from, to) = (path.to_owned(), from.to_owned(), to.to_owned());
            self.edit(&path, Edit::Replace { line, from, to });
        }
    }

    /// The line that the finding names goes.
    pub(crate) fn delete(&mut self, finding: &Finding, holds: &str) {
        if let Some((path, line)) = place(finding) {
            let (path, holds) = (path.to_owned(), holds.to_owned());
            self.edit(&path, Edit::Delete { line, holds });
        }
    }

    /// Takes bits from the mode of what the finding shows, and gives it to root when its owner is
    /// what is wrong.
    pub(crate) fn close(&mut self, finding: &Finding, bits: u32) {
        let weak = weak(finding);
        let mode = weak.mode.map(|mode| mode & !bits);
        let is_open = mode != weak.mode;
        let foreign = weak.owner.as_deref().is_some_and(|owner| !is_root(owner));
        // An owner that is not shown is what is wrong when the mode is right.
        let to_root = foreign || (!is_open && weak.mode.is_some() && weak.owner.is_none());
        if is_shared(&weak.path) || (to_root && weak.path.starts_with("/home/")) {
            return;
        }
        self.permissions(weak, mode.filter(|_| is_open), to_root.then_some("root"));
    }

    /// As [`Self::close`], and the file keeps its owner.
    pub(crate) fn close_kept(&mut self, finding: &Finding, bits: u32) {
        let weak = weak(finding);
        let mode = weak.mode.map(|mode| mode & !bits);
        let mode = mode.filter(|_| mode != weak.mode && !is_shared(&weak.path));
        self.permissions(weak, mode, None);
    }

    /// Gives what the finding shows to an owner.
    pub(crate) fn chown(&mut self, finding: &Finding, owner: &str) {
        self.permissions(weak(finding), None, Some(owner));
    }

    /// Mode and owner, when there is anything to change.
    pub(crate) fn permissions(&mut self, weak: Weak, mode: Option<u32>, owner: Option<&str>) {
        if (mode.is_none() && owner.is_none()) || weak.path.is_empty() {
            return;
        }
        let group = owner.filter(|owner| *owner == "root").map(str::to_owned);
        self.step(Step::Permissions {
            path: weak.path,
            mode,
            owner: owner.map(str::to_owned),
            group,
            old: weak.mode,
            old_owner: weak.owner,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(evidence: &[(&str, &str)], expected: (&str, Option<u32>, Option<&str>)) {
        let mut finding = Finding::default();
        finding.location.path = Some("/at".into());
        finding.evidence = evidence
            .iter()
            .map(|(name, value)| Evidence {
                name: (*name).into(),
                value: (*value).into(),
                ..Evidence::default()
            })
            .collect();
        let weak = weak(&finding);
        assert_eq!(
            (weak.path.as_str(), weak.mode, weak.owner.as_deref()),
            expected
        );
    }

    #[test]
    fn modes_and_owners_are_read_as_checks_show_them() {
        check(
            &[("mode", "0777"), ("owner", "root (0)")],
            ("/at", Some(0o777), Some("root (0)")),
        );
        check(
            &[("mode", "0755 bob:root")],
            ("/at", Some(0o755), Some("bob:root")),
        );
        check(
            &[("writable", "/a b 0700 ann:1000")],
            ("/a b", Some(0o700), Some("ann:1000")),
        );
        check(
            &[("writable", "/tmp"), ("mode", "1777")],
            ("/tmp", Some(0o1777), None),
        );
    }
}
