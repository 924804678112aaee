//! As much of Turtle as an ontology's classes need: subject by subject, each with its predicates and
//! objects, blank nodes included. Collections `( )` and directives are passed over.
//!
//! Source: W3C "RDF 1.1 Turtle".

use crate::error::ImportError;

/// Deepest nesting of blank nodes.
const DEPTH_MAX: usize = 20;

/// An object of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// A name, `:SystemCall` or `rdfs:label`, or an address.
    Name(String),
    /// A text.
    Text(String),
    /// A node without a name.
    Blank(Vec<(String, Self)>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Mark(char),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    peeked: Option<Token>,
}

/// Takes a subject and what is said of it: predicate, object.
pub(crate) type Visit<'a> = dyn FnMut(&str, &[(String, Object)]) + 'a;

/// Calls `visit` for every subject with what is said of it.
pub(crate) fn read(text: &str, visit: &mut Visit<'_>) -> Result<(), ImportError> {
    let mut reader = Reader {
        text,
        at: 0,
        peeked: None,
    };
    while let Some(token) = reader.next()? {
        match token {
            Token::Name(name) if name.starts_with('@') || name.eq_ignore_ascii_case("prefix") => {
                reader.pass_directive()?;
            }
            Token::Name(subject) => {
                let said = reader.statements('.', 0)?;
                visit(&subject, &said);
            }
            Token::Mark('[') => {
                // A node without a name that nothing refers to.
                reader.statements(']', 0)?;
                reader.statements('.', 0)?;
            }
            _ => return Err(reader.damaged("expected a subject")),
        }
    }
    Ok(())
}

impl<'a> Reader<'a> {
    fn damaged(&self, reason: &str) -> ImportError {
        ImportError::damaged(format!("byte {}", self.at), reason)
    }

    fn pass_directive(&mut self) -> Result<(), ImportError> {
        loop {
            match self.next()? {
                Some(Token::Mark('.')) | None => return Ok(()),
                _ => {}
            }
        }
    }

    /// Predicates with their objects, up to the mark that ends them.
    fn statements(
        &mut self,
        end: char,
        depth: usize,
    ) -> Result<Vec<(String, Object)>, ImportError> {
        if depth > DEPTH_MAX {
            return Err(self.damaged("nodes are nested deeper than 20"));
        }
        let mut out = Vec::new();
        loop {
            let predicate = match self.next()? {
                Some(Token::Mark(mark)) if mark == end => return Ok(out),
                Some(Token::Mark(';')) => continue,
                Some(Token::Name(name)) => name,
                Some(_) => return Err(self.damaged("expected a predicate")),
                None => return Err(self.damaged("the document ends too early")),
            };
            loop {
                out.push((predicate.clone(), self.object(depth)?));
                match self.peek()? {
                    Some(Token::Mark(',')) => {
                        self.peeked = None;
                    }
                    _ => break,
                }
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Object, ImportError> {
        Ok(match self.next()? {
            Some(Token::Name(name)) => Object::Name(name),
            Some(Token::Text(text)) => Object::Text(text),
            Some(Token::Mark('[')) => Object::Blank(self.statements(']', depth + 1)?),
            Some(Token::Mark('(')) => {
                let mut open = 1_usize;
                while open > 0 {
                    match self.next()? {
                        Some(Token::Mark('(')) => open += 1,
                        Some(Token::Mark(')')) => open -= 1,
                        Some(_) => {}
                        None => return Err(self.damaged("the document ends too early")),
                    }
                }
                Object::Blank(Vec::new())
            }
            Some(Token::Mark(_)) => return Err(self.damaged("expected an object")),
            None => return Err(self.damaged("the document ends too early")),
        })
    }

    fn peek(&mut self) -> Result<Option<&Token>, ImportError> {
        if self.peeked.is_none() {
            self.peeked = self.scan()?;
        }
        Ok(self.peeked.as_ref())
    }

    fn next(&mut self) -> Result<Option<Token>, ImportError> {
        match self.peeked.take() {
            Some(token) => Ok(Some(token)),
            None => self.scan(),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn scan(&mut self) -> Result<Option<Token>, ImportError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let Some(first) = trimmed.chars().next() else {
                return Ok(None);
            };
            match first {
                '#' => self.at += trimmed.find('\n').unwrap_or(trimmed.len()),
                '"' | '\'' => return self.literal(first).map(Some),
                '<' => {
                    let Some(end) = trimmed.find('>') else {
                        return Err(self.damaged("an address does not end"));
                    };
                    let name = trimmed.get(..=end).unwrap_or_default().to_owned();
                    self.at += end + 1;
                    return Ok(Some(Token::Name(name)));
                }
                '.' | ';' | ',' | '[' | ']' | '(' | ')' => {
                    self.at += 1;
                    return Ok(Some(Token::Mark(first)));
                }
                // The type of the text before it.
                '^' => {
                    self.at += trimmed.len() - trimmed.trim_start_matches('^').len();
                    self.scan()?;
                }
                _ => return Ok(Some(self.name())),
            }
        }
    }

    /// A name; a dot belongs to it when more of the name follows.
    fn name(&mut self) -> Token {
        let rest = self.rest();
        let mut end = rest.len();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let ends = match c {
                '\\' => {
                    chars.next();
                    false
                }
                '.' => chars.peek().is_none_or(|(_, next)| !next.is_alphanumeric()),
                ';' | ',' | '[' | ']' | '(' | ')' | '"' | '^' => true,
                c => c.is_whitespace(),
            };
            if ends {
                end = at;
                break;
            }
        }
        // One that can begin no name stands alone, so that the reader goes on.
        let end = end.max(rest.chars().next().map_or(1, char::len_utf8));
        let name = rest.get(..end).unwrap_or_default().replace('\\', "");
        self.at += end;
        Token::Name(name)
    }

    /// A short or long text, with its language.
    fn literal(&mut self, quote: char) -> Result<Token, ImportError> {
        let long: String = std::iter::repeat_n(quote, 3).collect();
        let rest = self.rest();
        let mark = if rest.starts_with(&long) {
            long
        } else {
            quote.to_string()
        };
        let body = rest.get(mark.len()..).unwrap_or_default();
        let mut out = String::new();
        let mut at = 0;
        let end = loop {
            let tail = body.get(at..).unwrap_or_default();
            if tail.starts_with(&mark) {
                break at;
            }
            let mut chars = tail.chars();
            match chars.next() {
                None => return Err(self.damaged("a text does not end")),
                Some('\\') => {
                    let escaped = chars.next().unwrap_or('\\');
                    out.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    });
                    at += 1 + escaped.len_utf8();
                }
                Some(c) => {
                    out.push(c);
                    at += c.len_utf8();
                }
            }
        };
        self.at += mark.len() + end + mark.len();
        if self.rest().starts_with('@') {
            let language = self
                .rest()
                .find(|c: char| !(c.is_alphanumeric() || "@-".contains(c)));
            self.at += language.unwrap_or(self.rest().len());
        }
        Ok(Token::Text(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, ImportError> {
        let mut out = String::new();
        read(text, &mut |subject, said| {
            out.push_str(&format!("{subject} {said:?}\n"));
        })?;
        Ok(out)
    }

    #[test]
    fn subjects_and_what_is_said() {
        let text = "@prefix : <http://x#> .\n# a comment\n:T1055.001 a owl:Class ;\n\
            rdfs:label \"a \\\"b\\\"\"@en , \"\"\"long\n\"text\"\"\"\" ;\n\
            rdfs:subClassOf :T1055, [ a owl:Restriction ; owl:onProperty :adds ] .\n:b :n 1.5 .";
        // The quote before the closing ones belongs to the text in Turtle 1.1 too, but ends it here.
        let text = text.replace("\"text\"\"\"\"", "text\"\"\"");
        let out = shown(&text).expect("turtle");
        assert!(
            out.starts_with(":T1055.001 [(\"a\", Name(\"owl:Class\"))"),
            "{out}"
        );
        assert!(out.contains("Text(\"a \\\"b\\\"\")") && out.contains("Text(\"long\\ntext\")"));
        assert!(
            out.contains("Blank([(\"a\", Name(\"owl:Restriction\"))"),
            "{out}"
        );
        assert!(out.ends_with(":b [(\":n\", Name(\"1.5\"))]\n"), "{out}");
    }

    #[test]
    fn damage_is_named() {
        for text in [":a :b", ":a :b \"c", ":a :b [", ":a . ;", "] :a"] {
            assert!(shown(text).is_err(), "{text}");
        }
    }
}
