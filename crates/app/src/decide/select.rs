//! Which findings are meant: ids, the beginning of an id, or a filter.
//!
//! Several terms of a filter all have to fit; several values of a term, separated by commas, are
//! alternatives. `*` and `?` are patterns. A text with blanks stands in double quotes.

use crate::config::nearest;
use crate::error::Error;
use casemate_schema::{CloseReason, Severity, State};
use casemate_store::records::{Group, Record};
use casemate_triage::{fits_name, fits_path};

/// Fields that a filter knows.
pub const FIELDS: [&str; 14] = [
    "case",
    "category",
    "check",
    "component",
    "cve",
    "host",
    "id",
    "path",
    "reason",
    "risk",
    "severity",
    "state",
    "title",
    "tool",
];

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    ids: Vec<String>,
    terms: Vec<Term>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: &'static str,
    how: How,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Is,
    IsNot,
    AtLeast,
    AtMost,
    Above,
    Below,
}

impl Selector {
    /// Reads the words of the command line.
    ///
    /// # Errors
    /// [`Error::Selector`] for an unknown field or value, and for nothing at all.
    pub fn parse(words: &[String]) -> Result<Self, Error> {
        let mut out = Self {
            text: words.join(" "),
            ..Self::default()
        };
        for word in words {
            for part in parts(word) {
                match term(&part).map_err(|reason| out.wrong(&reason))? {
                    Some(term) => out.terms.push(term),
                    None => out.ids.extend(
                        part.split(',')
                            .filter(|id| !id.is_empty())
                            .map(str::to_owned),
                    ),
                }
            }
        }
        if out.ids.is_empty() && out.terms.is_empty() {
            return Err(out.wrong("it selects nothing"));
        }
        Ok(out)
    }

    /// Whether findings are named by id, and not only described.
    #[must_use]
    pub fn names_ids(&self) -> bool {
        !self.ids.is_empty()
    }

    fn wrong(&self, reason: &str) -> Error {
        Error::Selector {
            selector: self.text.clone(),
            reason: reason.to_owned(),
        }
    }

    /// The records that are meant, each with the finding that it is a part of: their places in
    /// `records`. Of merged records only the one that stands for all, unless another is named.
    ///
    /// # Errors
    /// [`Error::NotRecorded`] for an id that does not exist and a filter that fits nothing,
    /// [`Error::Selector`] for an id or its beginning that several findings have.
    pub fn select(&self, records: &[Record], groups: &[Group]) -> Result<Vec<usize>, Error> {
        let fits = |record: &Record| self.terms.iter().all(|term| term.fits(record));
        let mut out: Vec<usize> = Vec::new();
        if self.ids.is_empty() {
            let heads = records.iter().enumerate();
            out.extend(
                heads
                    .filter(|(_, record)| record.head.is_none() && fits(record))
                    .map(|(at, _)| at),
            );
            if out.is_empty() {
                return Err(Error::NotRecorded {
                    what: format!("any finding that fits `{}`", self.text),
                });
            }
        }
        for id in &self.ids {
            let at = self.by_id(id, records, groups, &fits)?;
            if !out.contains(&at) {
                out.push(at);
            }
        }
        Ok(out)
    }

    fn by_id(
        &self,
        id: &str,
        records: &[Record],
        groups: &[Group],
        fits: &dyn Fn(&Record) -> bool,
    ) -> Result<usize, Error> {
        let having = |wanted: &dyn Fn(&str) -> bool| -> Vec<usize> {
            let all = records.iter().enumerate();
            all.filter(|(_, record)| wanted(&record.seen.id) || wanted(&record.seen.key))
                .filter(|(_, record)| fits(record))
                .map(|(at, _)| at)
                .collect()
        };
        let mut found = having(&|known| known == id);
        if found.is_empty() {
            found = having(&|known| known.starts_with(id));
        }
        // The beginning of a merged finding's id and that of its parts is one finding.
        let head = |at: &usize| {
            let record = records.get(*at)?;
            record
                .head
                .clone()
                .or_else(|| Some(record.seen.key.clone()))
        };
        let first = found.first().and_then(head);
        let one = found.iter().all(|at| head(at) == first);
        match found.as_slice() {
            [] if groups.is_empty() && records.is_empty() => Err(Error::NotRecorded {
                what: "anything".to_owned(),
            }),
            [] => Err(Error::NotRecorded {
                what: format!("a finding `{id}`"),
            }),
            [at] => Ok(*at),
            [at, ..] if one => Ok(*at),
            several => {
                let shown = several.iter().take(5).filter_map(|at| {
                    let seen = &records.get(*at)?.seen;
                    Some(match seen.host.as_str() {
                        "" => seen.id.to_string(),
                        host => format!("{} (host={host})", seen.id),
                    })
                });
                let shown: Vec<String> = shown.collect();
                let n = several.len();
                Err(self.wrong(&format!(
                    "{n} findings have an id that begins with `{id}`: {}",
                    shown.join(", ")
                )))
            }
        }
    }
}

/// The blank-separated parts of a word; double quotes keep blanks.
fn parts(word: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for letter in word.chars() {
        match letter {
            '"' => quoted = !quoted,
            letter if letter.is_whitespace() && !quoted => out.push(String::new()),
            letter => {
                if let Some(last) = out.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    out.retain(|part| !part.is_empty());
    out
}

/// A term of a filter, or `None` for what is no term.
fn term(part: &str) -> Result<Option<Term>, String> {
    let Some(at) = part.find(['=', '<', '>', '!']) else {
        return Ok(None);
    };
    let (name, rest) = part.split_at(at);
    let (how, value) = [
        (">=", How::AtLeast),
        ("<=", How::AtMost),
        ("!=", How::IsNot),
        ("=", How::Is),
        (">", How::Above),
        ("<", How::Below),
    ]
    .into_iter()
    .find_map(|(sign, how)| Some((how, rest.strip_prefix(sign)?)))
    .ok_or_else(|| format!("`{part}` is no term of a filter"))?;
    let name = match name {
        "vulnerability" => "cve",
        "package" => "component",
        name => name,
    };
    let Some(field) = FIELDS.into_iter().find(|field| *field == name) else {
        return Err(match nearest(name, &FIELDS) {
            Some(nearest) => format!("unknown field `{name}`; did you mean `{nearest}`?"),
            None => format!("unknown field `{name}`; there are {}", FIELDS.join(", ")),
        });
    };
    let ordered = matches!(field, "severity" | "risk");
    if !ordered && !matches!(how, How::Is | How::IsNot) {
        return Err(format!("`{field}` has no order; use `=` or `!=`"));
    }
    let values: Vec<String> = value.split(',').map(str::to_owned).collect();
    for value in &values {
        let known = match field {
            "severity" => Severity::parse(value).is_some(),
            "risk" => value.parse::<u8>().is_ok(),
            "state" => value == "open" || State::parse(value).is_some(),
            "reason" => CloseReason::parse(value).is_some(),
            _ => !value.is_empty(),
        };
        if !known {
            return Err(format!("`{value}` is no {field}"));
        }
    }
    Ok(Some(Term { field, how, values }))
}

impl Term {
    fn fits(&self, record: &Record) -> bool {
        match self.how {
            How::Is => self.values.iter().any(|value| self.equals(record, value)),
            How::IsNot => !self.values.iter().any(|value| self.equals(record, value)),
            _ => self.values.iter().all(|value| self.compares(record, value)),
        }
    }

    fn equals(&self, record: &Record, value: &str) -> bool {
        let seen = &record.seen;
        let name = |text: &str| fits_name(value, text);
        let maybe = |text: &Option<casemate_schema::Text>| text.as_deref().is_some_and(name);
        match self.field {
            "case" => name(&seen.case),
            "category" => name(&seen.category),
            "check" => name(&seen.check),
            "component" => maybe(&seen.component),
            "cve" => maybe(&seen.vulnerability),
            // Where no host is named, what was looked at stands in for it, as in the lists.
            "host" if seen.host.is_empty() => name(&seen.case),
            "host" => name(&seen.host),
            "id" => name(&seen.id) || name(&seen.key),
            "path" => seen
                .path
                .as_deref()
                .is_some_and(|path| fits_path(value, path)),
            "reason" => record.standing.reason == CloseReason::parse(value),
            "risk" => seen.risk == value.parse().ok(),
            "severity" => Some(seen.severity) == Severity::parse(value),
            "state" if value == "open" => record.standing.state != State::Closed,
            "state" => Some(record.standing.state) == State::parse(value),
            "title" => name(&seen.title),
            _ => name(&seen.tool),
        }
    }

    fn compares(&self, record: &Record, value: &str) -> bool {
        let order = if self.field == "severity" {
            Severity::parse(value).map(|wanted| record.seen.severity.cmp(&wanted))
        } else {
            let risk = record.seen.risk;
            risk.and_then(|risk| Some(risk.cmp(&value.parse().ok()?)))
        };
        order.is_some_and(|order| match self.how {
            How::AtLeast => order.is_ge(),
            How::AtMost => order.is_le(),
            How::Above => order.is_gt(),
            _ => order.is_lt(),
        })
    }
}
