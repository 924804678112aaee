//! The lines of a crontab: assignments, entries, and lines that cron rejects.
//!
//! A table has no continuation lines and no comments behind an entry; an assignment holds for the
//! entries below it. Source: crontab(5) of Debian and cronie, anacrontab(5).

/// Most lines read of one table.
const LINES_MAX: usize = 10_000;

/// How the entries of a table look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Schedule, user, command.
    System,
    /// Schedule, command.
    User,
    /// Period, delay, name, command.
    Anacron,
}

/// A line that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// `NAME = value`.
    Assigned {
        /// The variable.
        name: String,
        /// Its value, quotes taken off.
        value: String,
    },
    /// A job.
    Entry {
        /// The user that it names, in a system table.
        user: Option<String>,
        /// The command up to the first `%`.
        command: String,
    },
    /// A line that cron cannot read.
    Broken,
}

/// Meaningful lines of a table with their numbers.
pub(super) fn lines(text: &str, shape: Shape) -> Vec<(u64, Line)> {
    (1..)
        .zip(text.split('\n').take(LINES_MAX))
        .filter_map(|(number, line)| {
            let line = line.trim_matches([' ', '\t', '\r']);
            let meant = !line.is_empty() && !line.starts_with('#');
            meant.then(|| (number, read(line, shape)))
        })
        .collect()
}

fn read(line: &str, shape: Shape) -> Line {
    if let Some((name, value)) = assignment(line) {
        return Line::Assigned { name, value };
    }
    entry(line, shape).unwrap_or(Line::Broken)
}

fn assignment(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = unquote(name.trim());
    let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let valid = !name.is_empty() && name.chars().all(letters);
    valid.then(|| (name.to_owned(), unquote(value.trim()).to_owned()))
}

fn unquote(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

fn entry(line: &str, shape: Shape) -> Option<Line> {
    let mut rest = line.strip_prefix('-').unwrap_or(line); // cronie: `-` keeps a job out of the log
    let fields = match shape {
        Shape::Anacron => 3,
        _ if rest.starts_with('@') => 1,
        _ => 5,
    };
    for position in 0..fields {
        let field = word(&mut rest)?;
        let good = match shape {
            Shape::Anacron if position == 0 => {
                field.starts_with('@') || field.parse::<u32>().is_ok()
            }
            Shape::Anacron if position == 1 => field.parse::<u32>().is_ok(),
            Shape::Anacron => true,
            _ => is_time(field),
        };
        if !good {
            return None;
        }
    }
    let user = match shape {
        // Some crons take `user:group`.
        Shape::System => word(&mut rest)?.split(':').next().map(str::to_owned),
        _ => None,
    };
    let command = match shape {
        Shape::Anacron => rest.to_owned(),
        _ => until_percent(rest),
    };
    (!command.trim().is_empty()).then_some(Line::Entry { user, command })
}

/// Takes the first word away, with the blanks behind it.
fn word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let end = rest.find([' ', '\t'])?;
    let (word, behind) = rest.split_at_checked(end)?;
    *rest = behind.trim_start_matches([' ', '\t']);
    (!word.is_empty()).then_some(word)
}

fn is_time(field: &str) -> bool {
    if let Some(name) = field.strip_prefix('@') {
        return !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "*,-/~?#".contains(letter);
    let starts =
        field.starts_with(|letter: char| letter.is_ascii_digit() || "*~?".contains(letter));
    const NAMES: [&str; 19] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon",
        "tue", "wed", "thu", "fri", "sat", "sun",
    ];
    let first: String = field
        .chars()
        .take(3)
        .collect::<String>()
        .to_ascii_lowercase();
    field.chars().all(allowed) && (starts || NAMES.contains(&first.as_str()))
}

/// The command up to the first `%` that no backslash stands before; the rest is its input.
fn until_percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => break,
            '\\' if letters.peek() == Some(&'%') => {
                letters.next();
                out.push('%');
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, shape: Shape, expected: &str) {
        let shown: Vec<String> = lines(text, shape)
            .into_iter()
            .map(|(number, line)| match line {
                Line::Assigned { name, value } => format!("{number} {name}={value}"),
                Line::Entry { user, command } => {
                    format!("{number} [{}] {command}", user.unwrap_or_default())
                }
                Line::Broken => format!("{number} broken"),
            })
            .collect();
        assert_eq!(shown.join("\n"), expected);
    }

    #[test]
    fn a_system_table() {
        check(
            "# c\nPATH = \"/a:/b\"\n\n17 *\t* * *\troot    cd / && x=1 y\n@reboot bob /x # y\n*/5 0-3 1,2 jan-mar Mon bob z\n",
            Shape::System,
            "2 PATH=/a:/b\n4 [root] cd / && x=1 y\n5 [bob] /x # y\n6 [bob] z",
        );
    }

    #[test]
    fn percent_and_missing_fields() {
        check(
            "* * * * * date +\\%F > /x%input%more",
            Shape::User,
            "1 [] date +%F > /x",
        );
        check("* * * * /bin/x", Shape::User, "1 broken");
        check("* * * * * root", Shape::System, "1 broken");
        check(
            "@daily\n-*/2 * * * * a\r\n",
            Shape::User,
            "1 broken\n2 [] a",
        );
        check("x=y\nhello world\n", Shape::User, "1 x=y\n2 broken");
    }

    #[test]
    fn an_anacron_table() {
        check(
            "SHELL=/bin/sh\n1 5 cron.daily nice run-parts /etc/cron.daily\n@monthly 15 m job % x\n",
            Shape::Anacron,
            "1 SHELL=/bin/sh\n2 [] nice run-parts /etc/cron.daily\n3 [] job % x",
        );
    }

    proptest! {
        #[test]
        fn any_text_ends_as_lines(text in "(.|\n){0,400}") {
            for shape in [Shape::System, Shape::User, Shape::Anacron] {
                prop_assert!(lines(&text, shape).len() <= text.split('\n').count());
            }
        }
    }
}
