//! Known flaws of the processor that the running kernel does not mitigate.

use crate::check::{Cx, Hit, Limit, Skip, check};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Each file of `/sys/devices/system/cpu/vulnerabilities`. A part that begins with `Vulnerable`,
    /// also behind a label such as `KVM:`, is a hit; `SMT vulnerable` is a smaller one.
    ///
    /// # Why it matters
    /// Through such a flaw a program, virtual machine or script in a browser reads memory of other
    /// programs and of the kernel: keys, passwords, data of other tenants.
    ///
    /// # Example
    /// `mds` holds `Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable`
    ///
    /// # Instead
    /// Install the processor's microcode (`intel-microcode`, `amd64-microcode`) and a current
    /// kernel, remove `mitigations=off` from its command line, and reboot. In a virtual machine the
    /// hypervisor's owner has to do the first.
    id: "kernel-cpu-vulnerabilities",
    surface: Kernel,
    title: "Processor flaw is not mitigated",
    severity: Medium,
    references: [Cwe "CWE-1420", Cwe "CWE-1037", Url "https://docs.kernel.org/admin-guide/hw-vuln/index.html"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const FOLDER: &str = "/sys/devices/system/cpu/vulnerabilities";
    if !cx.facts.exists("/sys/devices") {
        return Err(Skip::not_assessed(
            "the tree holds no /sys of a running system",
        ));
    }
    let names = cx.facts.list_if_there(FOLDER)?;
    if names.is_empty() {
        return Err(Skip::not_assessed(
            "this kernel does not tell the processor's flaws",
        ));
    }
    for name in names {
        let path = std::path::Path::new(FOLDER).join(&name);
        let Some(state) = cx.facts.value_if_there(&path)? else {
            continue;
        };
        let name = name.to_string_lossy().into_owned();
        if state.starts_with("Unknown") {
            cx.limit(Limit {
                reason: format!("the kernel does not know the state of `{name}`"),
                privileges: false,
            });
        }
        let Some(severity) = severity(&state) else {
            continue;
        };
        let hit = Hit::new(format!("Processor flaw `{name}` is not mitigated"))
            .path(&path)
            .severity(severity)
            .evidence_at("state", &state, &path, Some(1));
        cx.hit(hit);
    }
    Ok(())
}

/// How bad a state is; `None` when it is mitigated or not there.
fn severity(state: &str) -> Option<Severity> {
    let parts = || state.split([';', ',']).map(str::trim);
    let is_open = |part: &str| {
        let value = part.rsplit_once(": ").map_or(part, |(_, value)| value);
        part.starts_with("Vulnerable") || value.starts_with("Vulnerable")
    };
    if parts().any(is_open) {
        return Some(Severity::Medium);
    }
    parts()
        .any(|part| part == "SMT vulnerable")
        .then_some(Severity::Low)
}
