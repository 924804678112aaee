//! The site's inventory file: what its hosts are, who answers for them, what they are worth.
//!
//! `docs/formats/inventory.md` documents it. Unknown keys are refused with their place, because a
//! misspelt `value` would silently make a host normal.

use crate::error::{Error, InputError};
use casemate_base::bytes;
use casemate_triage::Site;
use std::path::Path;

/// Largest inventory: a hundred thousand hosts.
const BYTES_MAX: u64 = 32 << 20;

/// Reads an inventory.
///
/// # Errors
/// [`Error::Input`] with the place and the reason.
pub fn read(path: &Path) -> Result<Site, Error> {
    let name = path.display().to_string();
    let wrong = |source: InputError| Error::Input {
        name: name.clone(),
        source,
    };
    let file = std::fs::File::open(path).map_err(|error| wrong(InputError::Read(error)))?;
    let bytes = bytes::read_capped(file, BYTES_MAX)
        .map_err(|error| wrong(InputError::Unpack(error.to_string())))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| wrong(InputError::Unpack("it is no UTF-8".to_owned())))?;
    let site: Site = toml::from_str(&text)
        .map_err(|error| wrong(InputError::Unpack(error.to_string().trim().to_owned())))?;
    if let Some(asset) = site.hosts.iter().find(|asset| asset.host.trim().is_empty()) {
        let reason = format!("an entry with the role `{}` names no host", asset.role);
        return Err(wrong(InputError::Unpack(reason)));
    }
    Ok(site)
}
