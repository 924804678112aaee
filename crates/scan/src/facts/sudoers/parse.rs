//! The grammar of one line of sudoers(5).
//!
//! A backslash at the end of a line joins it with the next, except in a comment. `#` begins a
//! comment unless digits follow it where a name may stand (`#1000` is a uid).

use super::{AliasKind, Change, Command, Item, Runas, Tags};
use crate::facts::text;

/// Longest line that is parsed, after joining.
const LINE_MAX: usize = 64 << 10;

/// What one line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Statement {
    Include(String),
    IncludeFolder(String),
    Alias(AliasKind, Vec<(String, Vec<Item>)>),
    Defaults(String, Vec<(String, Change)>),
    Rules(Vec<Item>, Vec<(Vec<Item>, Vec<Command>)>),
}

/// Lines without comments, joined; empty ones are left out.
pub(super) fn logical_lines(bytes: &[u8]) -> Vec<(u64, String)> {
    let mut all: Vec<(u64, String)> = Vec::new();
    let mut open = false;
    for line in text::lines(bytes) {
        let text = line.text.trim_end_matches('\r');
        let (kept, comment) = without_comment(text, !open);
        let continued = !comment && ends_in_backslash(kept);
        let kept = if continued {
            kept.get(..kept.len().saturating_sub(1)).unwrap_or_default()
        } else {
            kept
        };
        match all.last_mut() {
            Some((_, last)) if open => {
                last.push(' ');
                last.push_str(kept.trim_start());
            }
            _ => all.push((line.number, kept.to_owned())),
        }
        open = continued;
    }
    all.retain(|(_, text)| !text.trim().is_empty());
    for (_, text) in &mut all {
        *text = text.trim().to_owned();
    }
    all
}

fn ends_in_backslash(text: &str) -> bool {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// The part before a comment, and whether there was one.
fn without_comment(text: &str, first: bool) -> (&str, bool) {
    let start = text.trim_start();
    if first && (start.starts_with("#include ") || start.starts_with("#includedir ")) {
        return (text, false);
    }
    let (mut quoted, mut escaped, mut before) = (false, false, ' ');
    for (place, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == '"' {
            quoted = !quoted;
        } else if letter == '#' && !quoted {
            let digits = text
                .get(place + 1..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if !(digits && " \t,%!>:(=@".contains(before)) {
                return (text.get(..place).unwrap_or_default(), true);
            }
        }
        before = letter;
    }
    (text, false)
}

/// Parses one line.
pub(super) fn statement(line: &str) -> Result<Statement, String> {
    if line.len() > LINE_MAX {
        return Err("line is too long".to_owned());
    }
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    match word {
        "@include" | "#include" => return Ok(Statement::Include(unquoted(rest.trim())?)),
        "@includedir" | "#includedir" => {
            return Ok(Statement::IncludeFolder(unquoted(rest.trim())?));
        }
        "User_Alias" => return aliases(AliasKind::User, rest),
        "Runas_Alias" => return aliases(AliasKind::Runas, rest),
        "Host_Alias" => return aliases(AliasKind::Host, rest),
        "Cmnd_Alias" | "Cmd_Alias" => return aliases(AliasKind::Command, rest),
        _ => {}
    }
    if let Some(rest) = line.strip_prefix("Defaults")
        && rest.starts_with([' ', '\t', '@', ':', '>', '!'])
    {
        return defaults(rest);
    }
    rules(line)
}

fn unquoted(text: &str) -> Result<String, String> {
    let inner = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or("quote is not closed")?,
        None => text,
    };
    if inner.is_empty() {
        return Err("a file name is missing".to_owned());
    }
    Ok(unescape(inner))
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            _ => out.push(letter),
        }
    }
    out
}

/// Splits at a letter outside of quotes and parentheses that no backslash protects.
fn split(text: &str, at: impl Fn(char) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut quoted, mut escaped, mut depth, mut start) = (false, false, 0_u32, 0);
    for (place, letter) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if !quoted && depth == 0 && at(letter) => {
                parts.push(text.get(start..place).unwrap_or_default());
                start = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// A comma-separated list of names.
fn items(text: &str) -> Result<Vec<Item>, String> {
    split(text, |c| c == ',')
        .into_iter()
        .map(|part| {
            let part = part.trim();
            let bare = part.trim_start_matches(['!', ' ', '\t']);
            let negations = part.len() - part.trim_start_matches(['!', ' ', '\t']).len();
            let marks = part.get(..negations).unwrap_or_default();
            let bare = match bare
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
            {
                Some(inner) => inner.to_owned(),
                None => unescape(bare),
            };
            if bare.is_empty() {
                return Err("a name is missing in a list".to_owned());
            }
            Ok(Item {
                negated: marks.matches('!').count() % 2 == 1,
                text: bare,
            })
        })
        .collect()
}

fn aliases(kind: AliasKind, text: &str) -> Result<Statement, String> {
    let mut all = Vec::new();
    for definition in alias_parts(kind, text) {
        let (name, members) = definition.split_once('=').ok_or("`=` is missing")?;
        let name = name.trim();
        let proper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) || !name.chars().all(proper) {
            return Err(format!("`{name}` is no name of an alias"));
        }
        let members = match kind {
            AliasKind::Command => {
                let (commands, rest) = commands(members)?;
                if !rest.is_empty() {
                    return Err("text after a list of commands".to_owned());
                }
                let item = |command: Command| Item {
                    negated: command.negated,
                    text: command.text,
                };
                commands.into_iter().map(item).collect()
            }
            _ => items(members)?,
        };
        all.push((name.to_owned(), members));
    }
    Ok(Statement::Alias(kind, all))
}

/// Definitions of one line are parted by `:`; one that no name and `=` follow belongs to an address
/// (`2001:db8::1`) or a digest.
fn alias_parts(kind: AliasKind, text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in split(text, |c| c == ':') {
        let (name, equals) = part
            .split_once('=')
            .map_or((part, false), |(n, _)| (n, true));
        let name = name.trim();
        let begins = equals
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        match parts.last_mut() {
            Some(last) if !begins && matches!(kind, AliasKind::Host | AliasKind::Command) => {
                last.push(':');
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
}

fn defaults(text: &str) -> Result<Statement, String> {
    let (scope, rest) = if text.starts_with([' ', '\t']) {
        (String::new(), text)
    } else {
        // `Defaults:ann, bob !authenticate`: the list ends at a blank that no comma precedes.
        let mut end = text.len();
        let (mut before, mut quoted) = (',', false);
        for (place, letter) in text.char_indices().skip(1) {
            match letter {
                '"' => quoted = !quoted,
                ' ' | '\t' if !quoted => {
                    let next = text.get(place..).unwrap_or_default().trim_start();
                    if before != ',' && !next.starts_with(',') {
                        end = place;
                        break;
                    }
                    continue;
                }
                _ => {}
            }
            before = letter;
        }
        let (scope, rest) = text.split_at(end);
        (scope.trim().to_owned(), rest)
    };
    let mut all = Vec::new();
    for part in split(rest, |c| c == ',') {
        all.push(setting(part.trim())?);
    }
    Ok(Statement::Defaults(scope, all))
}

fn setting(part: &str) -> Result<(String, Change), String> {
    let named = |name: &str| {
        let name = name.trim();
        let proper = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(proper) {
            return Err(format!("`{name}` is no name of a setting"));
        }
        Ok(name.to_owned())
    };
    if let Some(name) = part.strip_prefix('!') {
        return Ok((named(name)?, Change::Off));
    }
    let Some((name, value)) = part.split_once('=') else {
        return Ok((named(part)?, Change::On));
    };
    let value = value.trim();
    let value = match value.strip_prefix('"') {
        Some(inner) => inner
            .strip_suffix('"')
            .ok_or("quote is not closed")?
            .to_owned(),
        None if split(value, |c| c == ' ' || c == '\t').len() > 1 => {
            return Err(format!(
                "`{}` has a value with blanks and no quotes",
                name.trim()
            ));
        }
        None => unescape(value),
    };
    Ok(match name.chars().last() {
        Some('+') => (named(name.trim_end_matches('+'))?, Change::Add(value)),
        Some('-') => (named(name.trim_end_matches('-'))?, Change::Remove(value)),
        _ => (named(name)?, Change::Set(value)),
    })
}

fn rules(line: &str) -> Result<Statement, String> {
    let parts = split(line, |c| c == '=');
    let head = parts.first().copied().unwrap_or_default();
    if parts.len() < 2 {
        return Err("`=` is missing".to_owned());
    }
    let mut rest = line.get(head.len() + 1..).unwrap_or_default();
    let (users, hosts) = users_and_hosts(head)?;
    let mut grants = Vec::new();
    let mut hosts = hosts;
    loop {
        let (commands, after) = commands(rest)?;
        grants.push((hosts, commands));
        let Some(after) = after.strip_prefix(':') else {
            return Ok(Statement::Rules(users, grants));
        };
        let (next, commands) = after.split_once('=').ok_or("`=` is missing after `:`")?;
        hosts = items(next)?;
        rest = commands;
    }
}

/// `ann, %wheel  ALL, !web`: two lists, parted by a blank with no comma beside it.
fn users_and_hosts(head: &str) -> Result<(Vec<Item>, Vec<Item>), String> {
    let mut lists: Vec<String> = Vec::new();
    let mut joined = true;
    for word in split(head, |c| c == ' ' || c == '\t') {
        if word.is_empty() {
            continue;
        }
        match lists.last_mut() {
            Some(last) if joined || word.starts_with(',') => last.push_str(word),
            _ => lists.push(word.to_owned()),
        }
        joined = word.ends_with([',', '!']) && !word.ends_with("\\,");
    }
    match lists.as_slice() {
        [users, hosts] => Ok((items(users)?, items(hosts)?)),
        [_] => Err("a list of hosts is missing".to_owned()),
        _ => Err("too many words before `=`".to_owned()),
    }
}

/// A list of commands, and what follows it (empty, or beginning with `:`).
fn commands(text: &str) -> Result<(Vec<Command>, &str), String> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    let (mut runas, mut tags): (Option<Runas>, Tags) = (None, Tags::default());
    loop {
        if let Some(inner) = rest.strip_prefix('(') {
            let (list, after) = inner.split_once(')').ok_or("`)` is missing")?;
            runas = Some(runas_of(list)?);
            rest = after.trim_start();
        }
        rest = prefixes(rest, &mut tags);
        let bare = rest.trim_start_matches(['!', ' ', '\t']);
        let marks = rest.get(..rest.len() - bare.len()).unwrap_or_default();
        let length = command_length(bare);
        let (command, after) = bare.split_at(length);
        let command = command.trim();
        if command.is_empty() {
            return Err("a command is missing".to_owned());
        }
        check_command(command)?;
        all.push(Command {
            negated: marks.matches('!').count() % 2 == 1,
            text: unescape(command),
            runas: runas.clone(),
            tags,
        });
        match after.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return Ok((all, after)),
        }
    }
}

fn check_command(command: &str) -> Result<(), String> {
    let word = command.split([' ', '\t']).next().unwrap_or_default();
    let alias = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let known = word.starts_with(['/', '^', '\\'])
        || matches!(word, "sudoedit" | "list")
        || (word == command
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(alias));
    if known {
        Ok(())
    } else {
        Err(format!("`{word}` is no command with an absolute path"))
    }
}

fn runas_of(list: &str) -> Result<Runas, String> {
    let parts = split(list, |c| c == ':');
    let part = |place: usize| match parts.get(place).map(|text| text.trim()) {
        None | Some("") => Ok(Vec::new()),
        Some(text) => items(text),
    };
    Ok(Runas {
        users: part(0)?,
        groups: part(1)?,
    })
}

/// Takes options (`CWD=/x`), tags (`NOPASSWD:`) and digests (`sha256:...`) before a command.
fn prefixes<'a>(text: &'a str, tags: &mut Tags) -> &'a str {
    const OPTIONS: [&str; 10] = [
        "ROLE",
        "TYPE",
        "PRIVS",
        "LIMITPRIVS",
        "TIMEOUT",
        "NOTBEFORE",
        "NOTAFTER",
        "CWD",
        "CHROOT",
        "APPARMOR_PROFILE",
    ];
    let mut rest = text.trim_start();
    loop {
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let spaced = after.trim_start();
        if let Some(value) = spaced.strip_prefix('=')
            && OPTIONS.contains(&word)
        {
            let value = value.trim_start();
            let end = match value.strip_prefix('"') {
                Some(inner) => inner.find('"').map_or(value.len(), |end| end + 2),
                None => value.find([' ', '\t']).unwrap_or(value.len()),
            };
            rest = value.get(end..).unwrap_or_default().trim_start();
        } else if let Some(after) = spaced.strip_prefix(':')
            && tag(word, tags)
        {
            rest = after.trim_start();
        } else if let Some(after) = spaced.strip_prefix(':')
            && matches!(word, "sha224" | "sha256" | "sha384" | "sha512")
        {
            let after = after.trim_start();
            let end = after.find([' ', '\t', ',']).unwrap_or(after.len());
            let after = after.get(end..).unwrap_or_default().trim_start();
            rest = after.strip_prefix(',').unwrap_or(after).trim_start();
        } else {
            return rest;
        }
    }
}

fn tag(word: &str, tags: &mut Tags) -> bool {
    match word {
        "NOPASSWD" => tags.nopasswd = Some(true),
        "PASSWD" => tags.nopasswd = Some(false),
        "SETENV" => tags.setenv = Some(true),
        "NOSETENV" => tags.setenv = Some(false),
        "NOEXEC" => tags.noexec = Some(true),
        "EXEC" => tags.noexec = Some(false),
        "FOLLOW" | "NOFOLLOW" | "LOG_INPUT" | "NOLOG_INPUT" | "LOG_OUTPUT" | "NOLOG_OUTPUT"
        | "MAIL" | "NOMAIL" | "INTERCEPT" | "NOINTERCEPT" => {}
        _ => return false,
    }
    true
}

/// Bytes up to the comma or colon that ends a command. A regular expression (`^...$`) may hold both.
fn command_length(text: &str) -> usize {
    let (mut escaped, mut regex, mut before) = (false, false, ' ');
    for (place, letter) in text.char_indices() {
        if escaped {
            escaped = false;
            before = letter;
            continue;
        }
        match letter {
            '\\' => escaped = true,
            '^' if before == ' ' => regex = true,
            '$' if regex => regex = false,
            ',' | ':' if !regex => return place,
            _ => {}
        }
        before = letter;
    }
    text.len()
}

#[cfg(test)]
mod tests;
