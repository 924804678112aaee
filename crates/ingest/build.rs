//! Lists the kinds under `kinds/`, so that adding one is adding its files.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by variables where it stands and where to write"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=kinds");
    let folder =
        Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("kinds");
    let mut names: Vec<String> = fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    let mut out = String::from("&[\n");
    for name in names {
        let path = folder.join(format!("{name}.toml"));
        writeln!(
            out,
            "    ({name:?}, include_str!({:?})),",
            path.display().to_string()
        )
        .map_err(io::Error::other)?;
    }
    out.push(']');
    let target = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("kinds.rs");
    fs::write(target, out)
}
