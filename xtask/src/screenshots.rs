//! Pictures of the HTML report for somebody to look at: phone and desktop, light and dark, print.

use crate::tool;
use anyhow::{Result, bail};
use std::path::Path;

/// Width and height of the pictures.
const SIZES: [(&str, u32, u32); 2] = [("phone", 390, 3000), ("desktop", 1440, 3000)];

/// Scans this host, writes its report, and takes the pictures with headless Chromium.
pub(crate) fn run(folder: Option<&str>) -> Result<()> {
    if !tool::has("chromium") {
        bail!("`chromium` is missing: install the package of that name");
    }
    let folder = tool::root().join(folder.unwrap_or("target/screenshots"));
    std::fs::create_dir_all(&folder)?;
    let binary = tool::release_binary()?.display().to_string();
    let out = folder.join("report");
    tool::run(
        &binary,
        &["assess", "--quiet", "--out", &out.display().to_string()],
    )?;
    let page = out.join("report.html");
    for (name, width, height) in SIZES {
        for scheme in ["light", "dark"] {
            picture(
                &folder.join(format!("{name}-{scheme}.png")),
                &page,
                scheme,
                width,
                height,
            )?;
        }
    }
    let pdf = folder.join("report.pdf").display().to_string();
    chromium(&[&format!("--print-to-pdf={pdf}"), &address(&page)])?;
    println!("{}", folder.display());
    Ok(())
}

/// A picture at a width that Chromium's window cannot have is taken of a frame in a page.
fn picture(target: &Path, page: &Path, scheme: &str, width: u32, height: u32) -> Result<()> {
    let frame = target.with_extension("frame.html");
    let text = format!(
        "<!doctype html><body style='margin:0'><iframe src='{}' width='{width}' \
         height='{height}' style='border:0'></iframe>",
        address(page)
    );
    std::fs::write(&frame, text)?;
    let dark = if scheme == "dark" { "0" } else { "1" };
    chromium(&[
        &format!("--blink-settings=preferredColorScheme={dark}"),
        &format!("--window-size={},{height}", width.max(500)),
        &format!("--screenshot={}", target.display()),
        &address(&frame),
    ])?;
    std::fs::remove_file(frame)?;
    Ok(())
}

fn address(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn chromium(arguments: &[&str]) -> Result<()> {
    let profile = std::env::temp_dir().join(format!("casemate-chromium-{}", std::process::id()));
    let user = format!("--user-data-dir={}", profile.display());
    let mut all = vec![
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--allow-file-access-from-files",
        &user,
    ];
    all.extend_from_slice(arguments);
    tool::run("chromium", &all)
}
