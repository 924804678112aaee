//! Configuration with a password that anybody can read.

use super::suspects;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::secret_words::{is_placeholder, redacted, url_password};
use crate::facts::survey::Candidate;
use casemate_schema::Severity;
use std::borrow::Cow;

check! {
    /// # What it checks
    /// Well-known files with a password in them, when others may read them: wp-config.php, my.cnf and
    /// .my.cnf, debian.cnf, .pgpass, pg_service.conf, tomcat-users.xml, config.json and .dockercfg of
    /// Docker, auth.json, .netrc, .git-credentials, .npmrc, .yarnrc.yml, .pypirc and settings.xml of
    /// Maven. Placeholders are left out.
    ///
    /// # Why it matters
    /// Every account of the host, and every broken-into service, takes the password from the file and
    /// logs in with it.
    ///
    /// # Example
    /// `machine example.org login bob password tr0ub4dor` in a .netrc with mode 0644
    ///
    /// # Instead
    /// `chmod 600 FILE`, and change the password.
    id: "secret-config-password",
    surface: Secrets,
    title: "Configuration with a password that anybody can read",
    severity: Medium,
    references: [Cwe "CWE-522", Attack "T1552.001", Man "chmod(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let suspects = suspects(cx, Candidate::Configuration, |_, seen| {
        seen.readable_by_all()
    })?;
    for suspect in suspects {
        let name = suspect
            .path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let text = without_comments(name, &suspect.text);
        let found = (1..)
            .zip(text.lines())
            .find_map(|(number, line)| Some((number, secret(name, line.trim())?)));
        let Some((line, secret)) = found else {
            continue;
        };
        let shown = suspect.path.display();
        let hit = Hit::new(format!("`{shown}` holds a password that anybody can read"))
            .path(&suspect.path)
            .line(line)
            .severity(Severity::High)
            .evidence("mode", suspect.seen.metadata.mode_text())
            .evidence_at("password", redacted(secret), &suspect.path, Some(line))
            .instead(format!("chmod o-r '{shown}', and change the password."));
        cx.hit(hit);
    }
    Ok(())
}

/// The password that a line of a well-known file holds.
fn secret<'a>(file: &str, line: &'a str) -> Option<&'a str> {
    // In .npmrc two slashes begin the name of a registry.
    let commented = file == "wp-config.php" && line.starts_with("//");
    if commented || line.starts_with(['#', ';']) {
        return None;
    }
    let found = match file {
        "wp-config.php" => {
            let rest = line.strip_prefix("define(")?;
            let (name, value) = rest.split_once(',')?;
            name.contains("DB_PASSWORD").then(|| quoted(value))?
        }
        ".pgpass" => line.splitn(5, ':').nth(4),
        "tomcat-users.xml" => between(line, "password=\"", "\""),
        "settings.xml" => {
            between(line, "<password>", "</password>").filter(|secret| !secret.starts_with('{'))
        }
        "config.json" | ".dockercfg" | "auth.json" => between(line, "\"auth\":", "\",")
            .or_else(|| between(line, "\"auth\":", "\"}"))
            .or_else(|| line.strip_prefix("\"auth\":")),
        ".netrc" | "_netrc" => {
            let mut words = line.split_whitespace();
            words.find(|word| *word == "password")?;
            words.next()
        }
        ".git-credentials" => url_password(line).map(|(_, secret)| secret),
        _ => {
            let (name, value) = line.split_once(['=', ':'])?;
            let (name, value) = match line.rsplit_once("_authToken=") {
                Some((_, value)) => ("_authToken", value),
                None => (name.trim(), value.trim()),
            };
            matches!(
                name,
                "password" | "_authToken" | "_password" | "npmAuthToken"
            )
            .then_some(value)
        }
    };
    let found = found?.trim().trim_matches(['"', '\'']);
    (!is_placeholder(found)).then_some(found)
}

/// The text of an XML file with its comments as blank lines; other texts as they are.
fn without_comments<'a>(file: &str, text: &'a str) -> Cow<'a, str> {
    if !file.ends_with(".xml") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        let (comment, behind) = after.split_once("-->").unwrap_or((after, ""));
        out.extend(comment.chars().filter(|letter| *letter == '\n'));
        rest = behind;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn between<'a>(line: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(start)?;
    rest.split_once(end).map(|(value, _)| value)
}

fn quoted(value: &str) -> Option<&str> {
    let value = value.trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    value.strip_prefix(quote)?.split(quote).next()
}
