//! One folder with all that a site carries in: binary, completions, man page, notices, checksums.

use crate::tool;
use anyhow::Result;
use std::path::Path;

/// Builds and fills the folder.
pub(crate) fn run(folder: Option<&str>) -> Result<()> {
    let binary = tool::release_binary()?;
    let folder = tool::root().join(folder.unwrap_or("target/release-files"));
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(&binary, folder.join("casemate"))?;
    let program = binary.display().to_string();
    for shell in ["bash", "zsh", "fish"] {
        let text = tool::output(&program, &["completions", shell])?;
        std::fs::write(folder.join(format!("casemate.{shell}")), text)?;
    }
    std::fs::write(folder.join("casemate.1"), tool::output(&program, &["man"])?)?;
    for name in ["LICENSE", "THIRD-PARTY-NOTICES.md", "CHANGELOG.md"] {
        std::fs::copy(tool::root().join(name), folder.join(name))?;
    }
    checksums(&folder)?;
    println!("{}", folder.display());
    Ok(())
}

fn checksums(folder: &Path) -> Result<()> {
    let place = folder.display().to_string();
    let command = format!("cd '{place}' && sha256sum $(ls | grep -v SHA256SUMS) > SHA256SUMS");
    tool::run("sh", &["-c", &command])
}
