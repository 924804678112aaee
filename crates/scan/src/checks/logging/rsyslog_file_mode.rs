//! The mode with which rsyslog makes its files.

use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Files that rsyslog writes must be made with mode 0640 or stricter: `$FileCreateMode` in the old language holds for the rules
    /// behind it, also for those in files included later; `FileCreateMode=` of `action()` and `module()` for theirs. The default is 0644.
    ///
    /// # Why it matters
    /// Mail addresses, names, addresses and now and then passwords in the log are readable by every account, also by that of a hijacked service.
    ///
    /// # Example
    /// `$FileCreateMode 0640` behind `$IncludeConfig /etc/rsyslog.d/*.conf`: the included rules are made with 0644.
    ///
    /// # Instead
    /// `$FileCreateMode 0640` (and `$FileGroup adm`) above the first rule and `$IncludeConfig` in `/etc/rsyslog.conf`, then `chmod 640` for the
    /// files that exist and `systemctl restart rsyslog`.
    id: "log-rsyslog-file-mode",
    surface: Logging,
    title: "rsyslog makes log files that every user can read",
    severity: Low,
    references: [Cwe "CWE-276", Man "rsyslog.conf(5)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    const SHOWN: usize = 8;
    let rsyslog = cx.facts.rsyslog()?;
    cx.limits(&rsyslog.limits);
    if !rsyslog.present {
        return Err(Skip::not_applicable("rsyslog is not configured"));
    }
    let mut mode = 0o644;
    let mut module = None;
    let mut open = Vec::new();
    for statement in &rsyslog.statements {
        let mut words = statement.text.split_whitespace();
        if words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("$FileCreateMode"))
        {
            mode = octal(words.next()).unwrap_or(mode);
            continue;
        }
        if words.next().is_none() && statement.text.eq_ignore_ascii_case("$ResetConfigVariables") {
            mode = 0o644;
        }
        let own = octal(statement.parameter("FileCreateMode"));
        if statement.text.starts_with("module(") && statement.text.contains("omfile") {
            module = own.or(module);
            continue;
        }
        let old = statement
            .rule()
            .map(|(_, action)| action.trim_start_matches('-'));
        let (target, made) = match old.filter(|action| action.starts_with('/')) {
            Some(target) => (target.split(';').next().unwrap_or_default(), mode),
            None if statement.parameter("type") == Some("omfile") => {
                let target = statement
                    .parameter("file")
                    .or_else(|| statement.parameter("dynaFile"));
                (target.unwrap_or("?"), own.or(module).unwrap_or(mode))
            }
            None => continue,
        };
        if made & 0o137 != 0 && !target.starts_with("/dev/") {
            open.push((target.to_owned(), made, statement));
        }
    }
    let Some((_, _, first)) = open.first() else {
        return Ok(());
    };
    let mut hit = Hit::new("rsyslog makes log files that every user can read")
        .path(&first.file)
        .subject("FileCreateMode");
    for (target, made, statement) in open.iter().take(SHOWN) {
        hit = hit.evidence_at(
            target,
            format!("{made:04o}"),
            &statement.file,
            Some(statement.line),
        );
    }
    if open.iter().any(|(_, made, _)| made & 0o002 != 0) {
        hit.title = "rsyslog makes log files that every user can change".to_owned();
        hit = hit.severity(casemate_schema::Severity::High);
    }
    cx.hit(hit);
    Ok(())
}

fn octal(text: Option<&str>) -> Option<u32> {
    u32::from_str_radix(text?, 8).ok()
}
