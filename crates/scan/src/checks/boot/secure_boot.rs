//! Whether the firmware checks what it starts.

use super::efi;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// The firmware's variable `SecureBoot` in `/sys/firmware/efi/efivars`; its last byte is 1 when
    /// secure boot is on. The first four bytes are attributes.
    ///
    /// # Why it matters
    /// Without secure boot the firmware starts any boot loader and kernel. Whoever writes to the
    /// boot partition once stays below the operating system, where nothing on it looks.
    ///
    /// # Example
    /// `SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c` holds `06 00 00 00 00`.
    ///
    /// # Instead
    /// Install `shim-signed` and a signed kernel, switch secure boot on in the firmware's setup (for a
    /// virtual machine: in its definition), check with `mokutil --sb-state`.
    id: "boot-secure-boot",
    surface: Boot,
    title: "Secure boot is off",
    severity: Low,
    references: [Cwe "CWE-353", Attack "T1542.003", Man "mokutil(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    if !efi::is_set(cx.facts, "SecureBoot")? {
        let path = efi::path("SecureBoot");
        let hit =
            Hit::new("Secure boot is off")
                .path(&path)
                .evidence_at("SecureBoot", "0", &path, None);
        cx.hit(hit);
    }
    Ok(())
}
