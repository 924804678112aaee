//! Lists the kinds under `kinds/` and the rules under `assets/rules/`, so that adding one is adding
//! its file.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by variables where it stands and where to write"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let home = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let home = Path::new(&home);
    let rules = home.join("../../assets/rules");
    list(&home.join("kinds"), ".toml", "kinds.rs")?;
    list(&rules, ".yaml", "rules.rs")?;
    list(&rules.join("sequences"), ".yaml", "sequences.rs")
}

/// Writes the texts of a folder's files as `&[(name, text)]`, sorted by name.
fn list(folder: &Path, end: &str, target: &str) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(end).map(str::to_owned))
        .collect();
    names.sort();
    let mut out = String::from("&[\n");
    for name in names {
        let path = folder.join(format!("{name}{end}"));
        writeln!(
            out,
            "    ({name:?}, include_str!({:?})),",
            path.display().to_string()
        )
        .map_err(io::Error::other)?;
    }
    out.push(']');
    let target = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join(target);
    fs::write(target, out)
}
