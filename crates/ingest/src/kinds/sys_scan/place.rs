//! What a finding is about, from the scanner's own id.
//!
//! The JSON, NDJSON and SARIF reports and the agent's enriched ones share the own id alone: SARIF
//! and the agent drop the scanner, NDJSON drops title and metadata. So rule, path and subject come
//! from the id, and the scanner or the title only decide where an id is a bare path or name. Ids
//! with a process id or an inode in them are kept as they are: without the metadata nothing else
//! tells two such findings apart.

/// Rule, place and category of a finding.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) check: String,
    pub(super) path: String,
    pub(super) subject: String,
    pub(super) category: &'static str,
}

impl Place {
    fn new(check: &str, category: &'static str) -> Self {
        Self {
            check: check.to_owned(),
            category,
            ..Self::default()
        }
    }

    fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }
}

/// The place of an own id; scanner and title are empty where the format drops them.
pub(super) fn place_of(scanner: &str, id: &str, title: &str) -> Place {
    of_prefix(id)
        .or_else(|| of_process(scanner, id, title))
        .or_else(|| of_path(scanner, id, title))
        .unwrap_or_else(|| of_name(scanner, id, title))
}

/// Ids that name their rule before a colon.
fn of_prefix(id: &str) -> Option<Place> {
    let (word, rest) = id.split_once(':')?;
    let place = match word {
        "systemd" | "mount" => {
            let (rule, about) = rest.split_once(':').unwrap_or((rest, ""));
            let place = Place::new(&format!("{word}:{rule}"), "misconfiguration");
            if word == "mount" {
                place.at(about)
            } else {
                place.about(about)
            }
        }
        "kernel" | "auditd" => Place::new(id, "misconfiguration"),
        "container" => Place::new("container", "misconfiguration").about(rest),
        "pkg_mismatch" => Place::new(word, "integrity").about(rest),
        "pkg_rehash" => Place::new(word, "integrity").at(rest),
        "ebpf" => Place::new(id, "threat"),
        "tcp" | "udp" | "tcp6" | "udp6" => Place::new("network", "network").about(id),
        _ if ["pci_dss", "hipaa", "nist"]
            .iter()
            .any(|standard| word.starts_with(standard)) =>
        {
            Place::new(id, "compliance")
        }
        _ => return None,
    };
    Some(place)
}

/// Ids that are a process id or end in one.
fn of_process(scanner: &str, id: &str, title: &str) -> Option<Place> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(id) {
        return Some(Place::new("process", "threat").about(format!("process {id}")));
    }
    let (program, pid) = id.rsplit_once(':')?;
    let is_ioc = id.starts_with('/') || scanner == "ioc" || title == "Process IOC Detected";
    (is_ioc && digits(pid)).then(|| {
        let path = program.strip_suffix(" (deleted)").unwrap_or(program);
        Place::new("ioc", "threat")
            .at(path)
            .about(format!("process {pid}"))
    })
}

fn of_path(scanner: &str, id: &str, title: &str) -> Option<Place> {
    if let Some((path, pattern)) = id.split_once(":yara:") {
        return Some(Place::new(&format!("yara:{pattern}"), "malware").at(path));
    }
    if !id.starts_with('/') {
        return None;
    }
    if id.starts_with("/proc/sys/") {
        return Some(Place::new("kernel_params", "misconfiguration").at(id));
    }
    // A set-uid program that is world-writable too is reported under one id by two scanners.
    let is_suid = match scanner {
        "" => ["SUID", "Expected SUID", "SGID"]
            .iter()
            .any(|start| title.starts_with(start)),
        _ => scanner.starts_with("suid"),
    };
    let check = match scanner {
        _ if is_suid => "suid_sgid",
        "" => "world_writable",
        named => named,
    };
    Some(Place::new(check, category_of(check)).at(id))
}

/// Ids that are a bare word.
fn of_name(scanner: &str, id: &str, title: &str) -> Place {
    let word = match id {
        "selinux" | "apparmor" | "mac_none" | "mac_dual" => "mac",
        "module_summary" => "modules",
        "integrity_summary" => "integrity",
        "proc.exec.detected" | "proc.monitoring.complete" | "exec.trace" | "net.connect" => {
            "ebpf_exec_trace"
        }
        _ if scanner == "modules" || title.starts_with("Module ") => {
            return Place::new("module", "misconfiguration").about(id);
        }
        _ => scanner,
    };
    Place::new(id, category_of(word))
}

/// The category of a scanner's findings.
pub(super) fn category_of(scanner: &str) -> &'static str {
    match scanner {
        "network" | "dns" => "network",
        "yara" => "malware",
        "integrity" => "integrity",
        "ioc" | "processes" | "process" | "ebpf_exec_trace" | "endpoint_behavior" | "context" => {
            "threat"
        }
        name if name.contains("compliance") => "compliance",
        _ => "misconfiguration",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_agree_on_the_place() {
        // Scanner, own id and title as JSON has all three.
        let cases = [
            (
                "systemd_units",
                "systemd:PrivateTmp:a.service",
                "a.service PrivateTmp",
            ),
            (
                "kernel_params",
                "/proc/sys/kernel/kptr_restrict",
                "/proc/sys/kernel/kptr_restrict",
            ),
            ("suid_sgid", "/usr/bin/chage", "SUID/SGID binary"),
            (
                "world_writable",
                "/usr/bin/chage",
                "File capabilities binary",
            ),
            ("ioc", "/memfd:app (deleted):1333", "Process IOC Detected"),
            ("mac", "apparmor", "AppArmor status"),
            ("modules", "8250_dw", "Module 8250_dw"),
            ("yara", "/usr/bin/x:yara:ELF", "Pseudo-YARA pattern match"),
            ("processes", "1", "Process 1"),
            (
                "pci_compliance",
                "pci_dss_4_0:10.2",
                "pci_dss_4_0 control 10.2",
            ),
            ("integrity", "integrity_summary", "Integrity summary"),
            ("containers", "container:0123456789ab", "Container detected"),
        ];
        for (scanner, id, title) in cases {
            let json = place_of(scanner, id, title);
            assert_eq!(json, place_of(scanner, id, ""), "NDJSON: {id}");
            assert_eq!(json, place_of("", id, title), "SARIF: {id}");
            assert_ne!(json.category, "", "{id}");
        }
        let suid = place_of("suid_sgid", "/usr/bin/chage", "");
        assert_ne!(suid, place_of("world_writable", "/usr/bin/chage", ""));
    }
}
