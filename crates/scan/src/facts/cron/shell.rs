//! Which programs does a shell command start? A reader of POSIX shell text that follows quotes,
//! pipes, lists, `cd`, substitutions, `sh -c` and the usual wrappers (`nice`, `flock`, `sudo`, ...).
//!
//! It never runs nor expands anything: a word with a variable stays *dynamic*. Hostile text ends
//! as fewer calls: length, number and depth are capped.
//! Source: POSIX.1-2017, Shell Command Language, 2.2 to 2.10.

use super::stage::command_text;
pub(crate) use super::stage::{Stage, stages};

/// Longest command that is read; the rest is left out (cron itself stops at 1000 characters).
const LETTERS_MAX: usize = 64 << 10;
/// Most calls taken of one command.
const CALLS_MAX: usize = 256;
/// How deep `sh -c` and substitutions are followed.
const DEPTH_MAX: usize = 5;

/// A word of a command after quotes are taken off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its text; `$NAME` stays as written.
    pub(crate) text: String,
    /// Whether an unquoted `*`, `?` or `[` stands in it.
    pub(crate) glob: bool,
    /// Whether its value is known only when it runs.
    pub(crate) dynamic: bool,
    /// Commands substituted into it: `$(...)`, backticks, `<(...)`.
    pub(crate) nested: Vec<String>,
}

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Call {
    /// `NAME=value` before it.
    pub(crate) assigned: Vec<(String, String)>,
    /// Program and arguments.
    pub(crate) words: Vec<Word>,
    /// Folder that an earlier `cd` went to, as written.
    pub(crate) folder: Option<Word>,
}

/// Calls whose output flows into the next.
pub(crate) type Pipeline = Vec<Call>;

impl Word {
    /// The part behind the last slash.
    pub(crate) fn base(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

/// Words of the grammar that may stand before a command and are none themselves.
const LEADING: [&str; 9] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{",
];
/// Words after which no program is named.
const CLOSING: [&str; 8] = [
    "fi", "done", "esac", "}", "for", "case", "select", "function",
];

/// All pipelines of a command, those inside of substitutions and `sh -c` included.
pub(crate) fn pipelines(text: &str) -> Vec<Pipeline> {
    let mut all = Vec::new();
    collect(text, None, 0, &mut all);
    all
}

fn collect(text: &str, folder: Option<Word>, depth: usize, all: &mut Vec<Pipeline>) {
    if depth > DEPTH_MAX {
        return;
    }
    for pipeline in parse(text, folder) {
        if all.iter().map(Vec::len).sum::<usize>() + pipeline.len() > CALLS_MAX {
            return;
        }
        let mut inner = Vec::new();
        for call in &pipeline {
            for word in &call.words {
                inner.extend(
                    word.nested
                        .iter()
                        .map(|text| (text.clone(), call.folder.clone())),
                );
            }
            for stage in stages(call) {
                if let Some(text) = command_text(stage) {
                    inner.push((text, call.folder.clone()));
                }
            }
        }
        all.push(pipeline);
        for (text, folder) in inner {
            collect(&text, folder, depth + 1, all);
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(Word),
    Pipe,
    End,
    Open,
    Close,
}

fn parse(text: &str, folder: Option<Word>) -> Vec<Pipeline> {
    let mut state = State {
        folder,
        ..State::default()
    };
    for token in lex(text) {
        match token {
            Token::Word(word) => state.word(word),
            Token::Pipe => state.end_call(),
            Token::End => state.end_pipeline(),
            Token::Open => {
                state.end_call();
                state.outer.push(state.folder.clone());
            }
            Token::Close => {
                state.end_pipeline();
                if let Some(folder) = state.outer.pop() {
                    state.folder = folder;
                }
            }
        }
    }
    state.end_pipeline();
    state.done
}

#[derive(Debug, Default)]
struct State {
    done: Vec<Pipeline>,
    pipeline: Pipeline,
    call: Call,
    folder: Option<Word>,
    outer: Vec<Option<Word>>,
}

impl State {
    fn word(&mut self, word: Word) {
        if self.call.words.is_empty() {
            if LEADING.contains(&word.text.as_str()) {
                return;
            }
            if let Some((name, value)) = word.text.split_once('=')
                && is_name(name)
            {
                self.call.assigned.push((name.to_owned(), value.to_owned()));
                // `X=$(...)` runs a program too, in a call of its own.
                if !word.nested.is_empty() {
                    let holder = Word {
                        text: ":".to_owned(),
                        nested: word.nested,
                        ..Word::default()
                    };
                    self.pipeline.push(Call {
                        words: vec![holder],
                        ..Call::default()
                    });
                }
                return;
            }
        }
        self.call.words.push(word);
    }

    fn end_call(&mut self) {
        let mut call = std::mem::take(&mut self.call);
        let Some(first) = call.words.first() else {
            return;
        };
        if CLOSING.contains(&first.text.as_str()) {
            return;
        }
        if matches!(first.text.as_str(), "cd" | "pushd") {
            let target = call
                .words
                .iter()
                .skip(1)
                .find(|word| !word.text.starts_with('-'));
            self.folder = target.map(|target| join(self.folder.as_ref(), target));
        }
        call.folder.clone_from(&self.folder);
        self.pipeline.push(call);
    }

    fn end_pipeline(&mut self) {
        self.end_call();
        let pipeline = std::mem::take(&mut self.pipeline);
        if !pipeline.is_empty() {
            self.done.push(pipeline);
        }
    }
}

fn join(folder: Option<&Word>, target: &Word) -> Word {
    match folder {
        Some(folder) if !target.text.starts_with(['/', '~', '$']) => Word {
            text: format!("{}/{}", folder.text, target.text),
            dynamic: folder.dynamic || target.dynamic,
            ..Word::default()
        },
        _ => target.clone(),
    }
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Cuts shell text into words and operators; redirections and comments are left out.
fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        letters: text.chars().take(LETTERS_MAX).collect(),
        ..Lexer::default()
    };
    while let Some(letter) = lexer.next() {
        lexer.letter(letter);
    }
    lexer.end_word();
    lexer.tokens
}

#[derive(Debug, Default)]
struct Lexer {
    letters: Vec<char>,
    position: usize,
    word: Option<Word>,
    tokens: Vec<Token>,
    /// The next word names the file of a redirection.
    redirected: bool,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.position).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek();
        self.position += 1;
        letter
    }

    fn letter(&mut self, letter: char) {
        match letter {
            ' ' | '\t' | '\r' => self.end_word(),
            '\n' | ';' => self.operator(Token::End),
            '#' if self.word.is_none() => self.skip_comment(),
            '&' if self.peek() == Some('>') => {
                self.end_word();
                self.next();
                self.redirect();
            }
            '&' => {
                self.eat('&');
                self.operator(Token::End);
            }
            '|' if self.peek() == Some('|') => {
                self.next();
                self.operator(Token::End);
            }
            '|' => {
                self.eat('&');
                self.operator(Token::Pipe);
            }
            '(' => self.operator(Token::Open),
            ')' => self.operator(Token::Close),
            '<' | '>' if self.peek() == Some('(') => {
                self.next();
                let inner = self.until_closed();
                let word = self.word.get_or_insert_default();
                word.text.push_str("<(...)");
                word.dynamic = true;
                word.nested.push(inner);
            }
            '<' | '>' => self.redirect(),
            '\'' => self.single(),
            '"' => self.double(),
            '\\' => match self.next() {
                Some('\n') | None => {}
                Some(letter) => self.push(letter),
            },
            '$' | '`' => self.dollar(letter),
            '*' | '?' | '[' => {
                // `[` alone is a program.
                let alone = letter == '['
                    && self.word.is_none()
                    && self.peek().is_none_or(char::is_whitespace);
                self.push(letter);
                self.word.get_or_insert_default().glob |= !alone;
            }
            _ => self.push(letter),
        }
    }

    fn push(&mut self, letter: char) {
        self.word.get_or_insert_default().text.push(letter);
    }

    fn eat(&mut self, letter: char) {
        if self.peek() == Some(letter) {
            self.position += 1;
        }
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.redirected)
        {
            self.tokens.push(Token::Word(word));
        }
    }

    fn operator(&mut self, token: Token) {
        self.end_word();
        self.redirected = false;
        self.tokens.push(token);
    }

    fn skip_comment(&mut self) {
        while self.peek().is_some_and(|letter| letter != '\n') {
            self.position += 1;
        }
    }

    /// `2>file`, `>>file`, `>&1`: takes the number before away and lets the next word vanish.
    fn redirect(&mut self) {
        if let Some(word) = self.word.take()
            && !word.text.chars().all(|letter| letter.is_ascii_digit())
        {
            self.tokens.push(Token::Word(word));
        }
        while matches!(self.peek(), Some('>' | '<' | '&' | '|' | '-')) {
            self.position += 1;
        }
        self.redirected = true;
    }

    fn single(&mut self) {
        self.word.get_or_insert_default();
        while let Some(letter) = self.next() {
            if letter == '\'' {
                break;
            }
            self.push(letter);
        }
    }

    fn double(&mut self) {
        self.word.get_or_insert_default();
        while let Some(letter) = self.next() {
            match letter {
                '"' => break,
                '\\' if matches!(self.peek(), Some('$' | '`' | '"' | '\\' | '\n')) => {
                    if let Some(letter) = self.next().filter(|letter| *letter != '\n') {
                        self.push(letter);
                    }
                }
                '$' | '`' => self.dollar(letter),
                _ => self.push(letter),
            }
        }
    }

    /// `$(...)`, backticks, and variables, which stay as written.
    fn dollar(&mut self, letter: char) {
        let inner = if letter == '`' {
            let rest = self.letters.get(self.position..).unwrap_or_default();
            let length = rest
                .iter()
                .position(|letter| *letter == '`')
                .unwrap_or(rest.len());
            let inner = rest.iter().take(length).collect();
            self.position += length + 1;
            Some(inner)
        } else if self.peek() == Some('(') {
            self.next();
            Some(self.until_closed())
        } else {
            None
        };
        let word = self.word.get_or_insert_default();
        word.dynamic = true;
        match inner {
            Some(inner) => {
                word.text.push_str("$()");
                word.nested.push(inner);
            }
            None => word.text.push('$'),
        }
    }

    /// The text up to the bracket that closes the one just read; quotes hide brackets.
    fn until_closed(&mut self) -> String {
        let mut inner = String::new();
        let (mut open, mut quote) = (1_usize, None);
        while let Some(letter) = self.next() {
            match (letter, quote) {
                ('\'' | '"', None) => quote = Some(letter),
                (_, Some(mark)) if mark == letter => quote = None,
                ('(', None) => open += 1,
                (')', None) => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
            inner.push(letter);
        }
        inner
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
