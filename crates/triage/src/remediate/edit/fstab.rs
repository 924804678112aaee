//! Options of a line in `fstab(5)`; the blanks between the fields stay as they are.

use crate::remediate::doc::Doc;

/// Adds options to a mount point's line and takes others out.
pub(crate) fn options(
    doc: &mut Doc,
    point: &str,
    add: &[String],
    drop: &[String],
) -> Result<(), String> {
    let wanted = point.replace(' ', "\\040");
    let mut seen = false;
    for index in 0..doc.lines.len() {
        let line = doc.at(index).to_owned();
        if line.trim_start().starts_with('#') {
            continue;
        }
        let fields = fields(&line);
        let (Some(place), Some((start, end))) = (fields.get(1), fields.get(3)) else {
            continue;
        };
        if line.get(place.0..place.1).map(trim_slash) != Some(trim_slash(&wanted)) {
            continue;
        }
        seen = true;
        let old = line.get(*start..*end).unwrap_or_default();
        let mut list: Vec<&str> = old
            .split(',')
            .filter(|word| !drop.iter().any(|it| it == word))
            .collect();
        for option in add {
            if !list.contains(&option.as_str()) {
                list.push(option);
            }
        }
        let new = list.join(",");
        if new != old {
            let head = line.get(..*start).unwrap_or_default();
            let tail = line.get(*end..).unwrap_or_default();
            doc.set(index, format!("{head}{new}{tail}"));
        }
    }
    if seen {
        Ok(())
    } else {
        Err(format!("no line of the file is about {point}"))
    }
}

fn trim_slash(path: &str) -> &str {
    if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    }
}

/// Where each field begins and ends.
fn fields(line: &str) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut start = None;
    for (at, c) in line.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                all.push((from, at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    all.extend(start.map(|from| (from, line.len())));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_change_and_blanks_stay() {
        let mut doc = Doc::new(
            "# c\n/dev/a\t/home   ext4\tdefaults,suid  0 2\n/dev/b /mnt/a\\040b ext4 rw 0 0\n",
        );
        options(
            &mut doc,
            "/home",
            &["nosuid".to_owned()],
            &["suid".to_owned()],
        )
        .expect("possible");
        options(&mut doc, "/mnt/a b", &["nodev".to_owned()], &[]).expect("possible");
        assert!(options(&mut doc, "/srv", &[], &[]).is_err());
        assert_eq!(
            doc.text(),
            "# c\n/dev/a\t/home   ext4\tdefaults,nosuid  0 2\n/dev/b /mnt/a\\040b ext4 rw,nodev 0 0\n"
        );
    }
}
