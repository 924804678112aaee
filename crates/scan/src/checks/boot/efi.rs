//! Variables of the firmware, shared by the checks of secure boot.

use crate::check::Skip;
use crate::facts::Facts;

const GLOBAL: &str = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

/// The folder of the variables, for evidence.
pub(super) fn path(name: &str) -> String {
    format!("/sys/firmware/efi/efivars/{name}-{GLOBAL}")
}

/// Whether a variable of one byte is set: four bytes of attributes, then the value.
pub(super) fn is_set(facts: &Facts<'_>, name: &str) -> Result<bool, Skip> {
    if !facts.exists("/sys/firmware") && !facts.exists("/sys/kernel") {
        return Err(Skip::not_assessed(
            "the tree holds no /sys of a running system",
        ));
    }
    if !facts.exists("/sys/firmware/efi") {
        return Err(Skip::not_applicable("the host was not started by UEFI"));
    }
    if facts.list_if_there("/sys/firmware/efi/efivars")?.is_empty() {
        return Err(Skip::not_assessed("efivarfs is not mounted"));
    }
    let Some(bytes) = facts.read_if_there(path(name))? else {
        return Err(Skip::not_applicable(format!(
            "the firmware has no variable `{name}`"
        )));
    };
    match bytes.as_slice() {
        [_, _, _, _, value] => Ok(*value == 1),
        _ => Err(Skip::not_assessed(format!(
            "the firmware's variable `{name}` has another form"
        ))),
    }
}
