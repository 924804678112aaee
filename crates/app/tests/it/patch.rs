//! Applies unified diffs as strictly as can be: every line of context at its very place.

/// The text after the diff.
pub(crate) fn apply(old: &str, diff: &str) -> Result<String, String> {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let mut out = String::new();
    let mut at = 0;
    let mut lines = diff.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("--- ") || line.starts_with("+++ ") {
            continue;
        }
        let Some(header) = line.strip_prefix("@@ -") else {
            return Err(format!("no hunk: {line}"));
        };
        let range = header.split(' ').next().expect("range");
        let mut parts = range.split(',');
        let start: usize = parts.next().expect("start").parse().expect("number");
        let count: usize = parts.next().map_or(1, |n| n.parse().expect("number"));
        let start = if count == 0 { start } else { start - 1 };
        while at < start {
            out.push_str(old_lines.get(at).ok_or("the file is too short")?);
            at += 1;
        }
        while let Some(line) = lines
            .peek()
            .copied()
            .filter(|line| !line.starts_with("@@ "))
        {
            lines.next();
            let missing = lines.peek() == Some(&"\\ No newline at end of file");
            if missing {
                lines.next();
            }
            let (sign, text) = line.split_at(1);
            let whole = format!("{text}{}", if missing { "" } else { "\n" });
            match sign {
                " " | "-" => {
                    let have = old_lines.get(at).ok_or("the file is too short")?;
                    if *have != whole {
                        return Err(format!("line {} is {have:?}, not {whole:?}", at + 1));
                    }
                    at += 1;
                    if sign == " " {
                        out.push_str(&whole);
                    }
                }
                "+" => out.push_str(&whole),
                _ => return Err(format!("no line of a diff: {line}")),
            }
        }
    }
    out.extend(old_lines.iter().skip(at).copied());
    Ok(out)
}
