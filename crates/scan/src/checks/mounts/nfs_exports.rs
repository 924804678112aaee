//! What this host offers to others over NFS.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::{conf_dirs, read_or_limit};
use casemate_schema::Severity;
use std::path::{Path, PathBuf};

check! {
    /// # What it checks
    /// `/etc/exports` and `/etc/exports.d/*.exports`, with continued lines, quoted paths and default
    /// options (`-ro`): `no_root_squash`, offers to every host (`*`, `(rw)` alone, `0.0.0.0/0`), and
    /// `insecure`. A blank before the bracket, `host (rw)`, gives the host the defaults and everybody
    /// `rw`.
    ///
    /// # Why it matters
    /// With `no_root_squash`, root of any client writes set-uid programs of root onto the share. An offer
    /// to everybody lets the whole network read, and with `rw` change, the files.
    ///
    /// # Example
    /// `/srv/data client1 (rw,no_root_squash)`
    ///
    /// # Instead
    /// `/srv/data client1(rw,root_squash,sec=krb5p)`, then `exportfs -ra`.
    id: "mount-nfs-exports",
    surface: Mounts,
    title: "NFS export is open too far",
    severity: Medium,
    references: [Cwe "CWE-732", Attack "T1135", Man "exports(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let mut limits = Vec::new();
    let mut paths = vec![PathBuf::from("/etc/exports")];
    paths.extend(conf_dirs::files(
        cx.facts,
        &["/etc/exports.d"],
        ".exports",
        &mut limits,
    ));
    let mut seen = false;
    for path in paths {
        let Some(bytes) = read_or_limit(cx.facts, &path, &mut limits) else {
            continue;
        };
        for (number, line) in conf_dirs::logical_lines(&String::from_utf8_lossy(&bytes)) {
            for (folder, client, options) in offers(&line) {
                seen = true;
                report(cx, &path, number, &folder, &client, &options);
            }
        }
    }
    cx.limits(&limits);
    if !seen && limits.is_empty() {
        return Err(Skip::not_applicable("nothing is offered over NFS"));
    }
    Ok(())
}

fn report(
    cx: &mut Cx<'_>,
    path: &Path,
    number: u64,
    folder: &str,
    client: &str,
    options: &[String],
) {
    let has = |name: &str| {
        // Of two opposite words the later one counts.
        let opposite = match name {
            "no_root_squash" => "root_squash",
            "rw" => "ro",
            "insecure" => "secure",
            _ => "",
        };
        let word = options
            .iter()
            .rev()
            .find(|option| *option == name || *option == opposite);
        word.is_some_and(|word| word == name)
    };
    let everybody = matches!(client, "" | "*" | "0.0.0.0/0" | "::/0" | "0.0.0.0/0.0.0.0");
    let (severity, what) = if has("no_root_squash") {
        (Severity::High, "root of the client is root on it")
    } else if everybody && has("rw") {
        (Severity::High, "everybody may write to it")
    } else if everybody {
        (Severity::Medium, "everybody may read it")
    } else if has("insecure") {
        (Severity::Low, "ordinary users of a client may speak for it")
    } else {
        return;
    };
    let shown = if client.is_empty() {
        "(everybody)"
    } else {
        client
    };
    let hit = Hit::new(format!("NFS export `{folder}` to `{shown}`: {what}"))
        .path(path)
        .line(number)
        .subject(folder)
        .key(client)
        .severity(severity)
        .evidence_at("client", shown, path, Some(number))
        .evidence("options", options.join(","));
    cx.hit(hit);
}

/// Folder, client and options of each offer of a line.
fn offers(line: &str) -> Vec<(String, String, Vec<String>)> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let (folder, rest) = match line.strip_prefix('"') {
        Some(quoted) => match quoted.split_once('"') {
            Some(parts) => parts,
            None => return Vec::new(),
        },
        None => line.split_once(char::is_whitespace).unwrap_or((line, "")),
    };
    if folder.is_empty() {
        return Vec::new();
    }
    let split = |text: &str| -> Vec<String> { text.split(',').map(str::to_owned).collect() };
    let mut defaults: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for word in rest.split_whitespace() {
        if let Some(options) = word.strip_prefix('-') {
            defaults = split(options);
            continue;
        }
        let (client, options) = word.split_once('(').unwrap_or((word, ""));
        let mut all = defaults.clone();
        all.extend(split(options.trim_end_matches(')')));
        all.retain(|option| !option.is_empty());
        found.push((folder.to_owned(), client.to_owned(), all));
    }
    if found.is_empty() {
        // A folder without a client is offered to everybody.
        found.push((folder.to_owned(), String::new(), defaults));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::offers;
    use proptest::prelude::*;

    #[test]
    fn a_blank_before_the_bracket_offers_to_everybody() {
        let found = offers("/srv host (rw)");
        let clients: Vec<&str> = found.iter().map(|(_, client, _)| client.as_str()).collect();
        assert_eq!(clients, ["host", ""]);
        let found = offers("\"/srv/a b\" -ro,insecure 10.0.0.0/8 h2(rw) # x");
        assert_eq!(found.len(), 2);
        assert!(
            found.iter().all(|(folder, _, options)| folder == "/srv/a b"
                && options.contains(&"insecure".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC{0,120}") {
            for (folder, ..) in offers(&line) {
                prop_assert!(!folder.is_empty());
            }
        }
    }
}
