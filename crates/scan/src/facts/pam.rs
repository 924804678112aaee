//! Stacks of PAM: pam.d(5) with `@include`, `include` and `substack` resolved for each service.
//!
//! `/etc/pam.d` is read, with `/usr/lib/pam.d` for services that it lacks; `/etc/pam.conf` counts
//! only where no `pam.d` exists. [`Pam::verdict`] runs a stack as Linux-PAM's dispatcher does
//! (pam_dispatch.c), with answers for each module given by the caller.

mod parse;
mod verdict;

use super::{Fact, Facts};
use crate::check::{Limit, Skip};
use crate::tree::{self, TreeError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use verdict::Answer;

/// Nesting of includes that Linux-PAM follows (pam_handlers.c, PAM_SUBSTACK_MAX_LEVEL is 16; an
/// include may nest 32 deep).
const DEPTH_MAX: usize = 32;
/// Services read at most.
const SERVICES_MAX: usize = 4096;
/// Modules of one resolved stack at most.
const STACK_MAX: usize = 2048;

/// What a stack decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Auth,
    Account,
    Password,
    Session,
}

/// What the answer of a module does to the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Actions by answer, `default` among them.
    Actions(BTreeMap<String, String>),
    Include,
    Substack,
}

/// One line of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    pub(crate) kind: Kind,
    pub(crate) control: Control,
    /// The control as written, such as `sufficient`.
    pub(crate) control_text: String,
    /// The module as written, or the service that is included.
    pub(crate) module: String,
    pub(crate) arguments: Vec<String>,
}

impl Entry {
    /// The module's file name without folder and `.so`.
    pub(crate) fn name(&self) -> &str {
        let file = self.module.rsplit('/').next().unwrap_or_default();
        file.strip_suffix(".so").unwrap_or(file)
    }

    /// Whether an argument stands alone.
    pub(crate) fn has(&self, argument: &str) -> bool {
        self.arguments.iter().any(|given| given == argument)
    }

    /// The value of `name=value`.
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.arguments
            .iter()
            .find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='))
    }
}

/// A line of a service file: an entry, or `@include`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Entry(Entry),
    Include(String),
}

/// All services.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pam {
    services: BTreeMap<String, Vec<Item>>,
    /// Lines that cannot be parsed.
    pub(crate) limits: Vec<Limit>,
}

/// A resolved stack: entries, and nested stacks for `substack`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Module(&'a Entry),
    Substack(Vec<Self>),
}

impl Pam {
    /// Names of all services, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(String::as_str)
    }

    /// Every entry of every file once, in the order of services and lines.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.services
            .values()
            .flatten()
            .filter_map(|item| match item {
                Item::Entry(entry)
                    if !matches!(entry.control, Control::Include | Control::Substack) =>
                {
                    Some(entry)
                }
                _ => None,
            })
    }

    /// The stack of a service; empty if it has none of that kind.
    pub(crate) fn stack(&self, service: &str, kind: Kind) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut left = STACK_MAX;
        self.resolve(service, kind, 0, &mut left, &mut steps);
        steps
    }

    /// Whether a stack succeeds when its modules answer so.
    pub(crate) fn verdict(
        &self,
        service: &str,
        kind: Kind,
        answer: &dyn Fn(&Entry) -> Answer,
    ) -> bool {
        verdict::succeeds(&self.stack(service, kind), answer)
    }

    /// The modules of a stack in order, substacks flattened.
    pub(crate) fn modules(&self, service: &str, kind: Kind) -> Vec<&Entry> {
        fn flatten<'a>(steps: &[Step<'a>], out: &mut Vec<&'a Entry>) {
            for step in steps {
                match step {
                    Step::Module(entry) => out.push(entry),
                    Step::Substack(steps) => flatten(steps, out),
                }
            }
        }
        let mut out = Vec::new();
        flatten(&self.stack(service, kind), &mut out);
        out
    }

    fn resolve<'a>(
        &'a self,
        service: &str,
        kind: Kind,
        depth: usize,
        left: &mut usize,
        steps: &mut Vec<Step<'a>>,
    ) {
        let name = service.rsplit('/').next().unwrap_or(service);
        let Some(items) = self.services.get(name).filter(|_| depth <= DEPTH_MAX) else {
            return;
        };
        for item in items {
            if *left == 0 {
                return;
            }
            *left -= 1;
            match item {
                Item::Include(other) => self.resolve(other, kind, depth + 1, left, steps),
                Item::Entry(entry) if entry.kind == kind => match entry.control {
                    Control::Include => self.resolve(&entry.module, kind, depth + 1, left, steps),
                    Control::Substack => {
                        let mut inner = Vec::new();
                        self.resolve(&entry.module, kind, depth + 1, left, &mut inner);
                        steps.push(Step::Substack(inner));
                    }
                    Control::Actions(_) => steps.push(Step::Module(entry)),
                },
                Item::Entry(_) => {}
            }
        }
    }
}

/// Reads all services; a host without PAM has none.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Pam> {
    const FOLDERS: [&str; 2] = ["/etc/pam.d", "/usr/lib/pam.d"];
    let mut pam = Pam::default();
    for folder in FOLDERS {
        for name in facts.list_if_there(folder)? {
            let Some(name) = name.to_str() else { continue };
            if pam.services.contains_key(name) || pam.services.len() >= SERVICES_MAX {
                continue;
            }
            let path = Path::new(folder).join(name);
            match tree::read(facts.tree(), &path) {
                Ok(bytes) => {
                    let items = parse::service(&path, &bytes, &mut pam.limits);
                    pam.services.insert(name.to_owned(), items);
                }
                Err(TreeError::NotFound(_) | TreeError::Kind(_)) => {}
                Err(error) => pam.limits.push(Limit::from_error(&error)),
            }
        }
    }
    if pam.services.is_empty()
        && let Some(bytes) = facts.read_if_there("/etc/pam.conf")?
    {
        pam.services = parse::single_file(&bytes, &mut pam.limits);
    }
    if pam.services.is_empty() && pam.limits.is_empty() {
        return Err(Skip::not_applicable("there is no configuration of PAM"));
    }
    Ok(pam)
}
