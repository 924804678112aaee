//! What people read before they log in.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// `/etc/issue` (consoles) and `/etc/issue.net` (network logins) should warn against unauthorised use, and should not tell the
    /// system's name, release, kernel or machine (`\s`, `\r`, `\v`, `\m`, or the distribution's name in plain).
    ///
    /// # Why it matters
    /// The release tells an attacker which weaknesses to try. In many countries a warning makes it easier to prosecute an intrusion.
    ///
    /// # Example
    /// `Debian GNU/Linux 12 \n \l`
    ///
    /// # Instead
    /// `printf 'Authorised use only. All activity is monitored and recorded.\n' | tee /etc/issue > /etc/issue.net`
    id: "log-banner",
    surface: Logging,
    title: "Login banner does not warn, or tells the release",
    severity: Info,
    references: [Cwe "CWE-497", Attack "T1082", Man "issue(5)"],
}

/// Words of which a warning holds at least two, in the start of any form.
const LEGAL: [&str; 15] = [
    "authori",
    "unauthori",
    "monitor",
    "record",
    "prohibit",
    "prosecut",
    "restrict",
    "legal",
    "law",
    "private",
    "consent",
    "policy",
    "access",
    "disconnect",
    "penalt",
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let os = &cx.facts.os()?.host.os;
    let names: Vec<String> = os
        .iter()
        .filter_map(|os| Some(format!("{} {}", os.id, os.version.as_ref()?).to_ascii_lowercase()))
        .chain(
            os.iter()
                .filter_map(|os| os.name.as_deref().map(str::to_ascii_lowercase)),
        )
        .collect();
    let mut seen = false;
    for path in ["/etc/issue", "/etc/issue.net"] {
        let Some(bytes) = cx.facts.read_if_there(path)? else {
            continue;
        };
        seen = true;
        let shown = String::from_utf8_lossy(&bytes);
        let text = shown.to_lowercase();
        let legal = LEGAL.iter().filter(|word| text.contains(**word)).count() >= 2;
        let escapes: Vec<&str> = ["\\s", "\\r", "\\v", "\\m"]
            .into_iter()
            .filter(|mark| text.contains(mark))
            .collect();
        let told = !escapes.is_empty()
            || names
                .iter()
                .any(|name| text.contains(name.split(" (").next().unwrap_or(name)));
        let title = match (legal, told) {
            (true, false) => continue,
            (true, true) => "tells the release of the system",
            (false, true) => "tells the release of the system and does not warn",
            (false, false) => "does not warn against unauthorised use",
        };
        let hit = Hit::new(format!("`{path}` {title}"))
            .path(path)
            .evidence("text", shown.trim().chars().take(120).collect::<String>());
        cx.hit(hit);
    }
    if !seen {
        return Err(Skip::not_applicable(
            "there is no /etc/issue and no /etc/issue.net",
        ));
    }
    Ok(())
}
