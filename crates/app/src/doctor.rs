//! What this machine offers and lacks, and which sockets the process may open.

use crate::config::Config;
use casemate_scan::tree::{self, LiveTree, Tree};
use rustix::fs::Access;
use std::path::Path;

/// How a probe came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Works, with less.
    Warn,
    /// Does not work.
    Fail,
}

impl Verdict {
    /// The word used in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What.
    pub name: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was seen.
    pub found: String,
    /// What to do, when it is not all right.
    pub next: Option<String>,
}

/// A socket that the process may open, with the configuration key that allows it.
#[derive(Clone, Debug)]
pub struct Socket {
    /// `listen` or `connect`.
    pub direction: &'static str,
    /// Address or destination.
    pub address: String,
    /// The configuration key behind it.
    pub key: &'static str,
}

/// Every socket that this process may open. No part of this version opens any.
#[must_use]
pub const fn sockets() -> Vec<Socket> {
    Vec::new()
}

/// Looks at the machine.
#[must_use]
pub fn probes(config: &Config) -> Vec<Probe> {
    let mut probes = vec![privileges(), threads(config)];
    match LiveTree::host() {
        Ok(host) => {
            probes.push(kernel(&host));
            probes.push(processes(&host));
            probes.push(sys(&host));
            probes.push(memory(&host));
        }
        Err(error) => probes.push(Probe {
            name: "root folder",
            verdict: Verdict::Fail,
            found: error.to_string(),
            next: Some("casemate scan needs to open `/`".to_owned()),
        }),
    }
    probes.push(configuration(config));
    probes.push(data_dir(config));
    probes
}

fn privileges() -> Probe {
    let root = rustix::process::geteuid().is_root();
    Probe {
        name: "privileges",
        verdict: if root { Verdict::Ok } else { Verdict::Warn },
        found: if root {
            "root: everything can be read"
        } else {
            "ordinary user"
        }
        .to_owned(),
        next: (!root).then(|| {
            "run as root to read shadow, sudoers and other users' processes; what cannot be read \
             is reported as not assessed"
                .to_owned()
        }),
    }
}

fn threads(config: &Config) -> Probe {
    let offered = std::thread::available_parallelism().map_or(1, usize::from);
    let used = config.count("threads").unwrap_or(offered as u64);
    let found = format!("{used} of {offered}");
    Probe {
        name: "threads",
        verdict: Verdict::Ok,
        found,
        next: None,
    }
}

fn kernel(host: &LiveTree) -> Probe {
    let release = tree::read(host, "/proc/sys/kernel/osrelease")
        .map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
    let confined = host.confinement();
    match release {
        Ok(release) => Probe {
            name: "kernel",
            verdict: Verdict::Ok,
            found: format!("Linux {release}; paths are confined by {confined}"),
            next: None,
        },
        Err(error) => Probe {
            name: "kernel",
            verdict: Verdict::Warn,
            found: error.to_string(),
            next: Some("mount /proc to let kernel checks look".to_owned()),
        },
    }
}

fn processes(host: &LiveTree) -> Probe {
    let others = host.metadata(Path::new("/proc/1/status")).is_ok();
    Probe {
        name: "/proc",
        verdict: if others { Verdict::Ok } else { Verdict::Warn },
        found: if others {
            "shows all processes"
        } else {
            "hides other users' processes"
        }
        .to_owned(),
        next: (!others).then(|| "run as root, or mount /proc without hidepid".to_owned()),
    }
}

fn sys(host: &LiveTree) -> Probe {
    let there = host.metadata(Path::new("/sys/kernel")).is_ok();
    Probe {
        name: "/sys",
        verdict: if there { Verdict::Ok } else { Verdict::Warn },
        found: if there { "mounted" } else { "not mounted" }.to_owned(),
        next: (!there).then(|| "mount /sys to let module and boot checks look".to_owned()),
    }
}

fn memory(host: &LiveTree) -> Probe {
    let text = tree::read(host, "/proc/meminfo").unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let available = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    match available {
        Some(kib) => Probe {
            name: "memory",
            verdict: if kib > 100 << 10 {
                Verdict::Ok
            } else {
                Verdict::Warn
            },
            found: format!("{} MiB available", kib >> 10),
            next: (kib <= 100 << 10).then(|| "a scan takes up to 100 MB".to_owned()),
        },
        None => Probe {
            name: "memory",
            verdict: Verdict::Warn,
            found: "unknown".to_owned(),
            next: Some("mount /proc to see it".to_owned()),
        },
    }
}

fn configuration(config: &Config) -> Probe {
    let found = match config.file() {
        Some(path) => path.display().to_string(),
        None => "built-in values, no file".to_owned(),
    };
    Probe {
        name: "configuration",
        verdict: Verdict::Ok,
        found,
        next: None,
    }
}

fn data_dir(config: &Config) -> Probe {
    let next = Some("choose another with `--data-dir DIR`".to_owned());
    let path = match config.data_dir() {
        Ok(path) => path,
        Err(error) => {
            let found = error.to_string();
            return Probe {
                name: "data directory",
                verdict: Verdict::Warn,
                found,
                next,
            };
        }
    };
    // The nearest folder that exists decides whether the directory can be made.
    let there = path
        .ancestors()
        .find(|folder| folder.is_dir())
        .unwrap_or(Path::new("/"));
    let writable = rustix::fs::access(there, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    let state = if there == path {
        ""
    } else {
        " (made by the first --save)"
    };
    Probe {
        name: "data directory",
        verdict: if writable { Verdict::Ok } else { Verdict::Warn },
        found: format!("{}{state}", path.display()),
        next: if writable { None } else { next },
    }
}
