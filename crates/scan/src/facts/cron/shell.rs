//! Which programs does a shell command start? A reader of POSIX shell text that follows quotes,
//! pipes, lists, `cd`, substitutions, `sh -c` and the usual wrappers (`nice`, `flock`, `sudo`, ...).
//!
//! It never runs nor expands anything: a word with a variable stays *dynamic*. Hostile text ends
//! as fewer calls: length, number and depth are capped.
//! Source: POSIX.1-2017, Shell Command Language, 2.2 to 2.10.

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

/// A program of a call with its arguments; a call through wrappers has several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    /// The program as written.
    pub(crate) program: &'a Word,
    /// What follows it.
    pub(crate) arguments: &'a [Word],
}

impl Word {
    /// The part behind the last slash.
    pub(crate) fn base(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

impl Stage<'_> {
    /// Whether it is one of the named programs, wherever it stands.
    pub(crate) fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.program.base())
    }

    /// Whether it is a program that runs the text that it is given.
    pub(crate) fn is_interpreter(&self) -> bool {
        let name = self
            .program
            .base()
            .trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        INTERPRETERS.contains(&name)
    }

    /// The script file that an interpreter or `.` is given, if any.
    pub(crate) fn script(&self) -> Option<&Word> {
        if self.is(&[".", "source"]) {
            return self.arguments.first();
        }
        if !self.is_interpreter() {
            return None;
        }
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            let text = argument.text.as_str();
            match text {
                "--" => return arguments.next(),
                "-" | "-s" | "-c" | "-e" | "-m" | "-r" => return None,
                // Shell options and interpreter options that take a value of their own.
                "-o" | "-O" | "+o" | "-W" | "-X" | "-I" | "-d" | "--rcfile" | "--init-file" => {
                    arguments.next();
                }
                "-f" => return arguments.next(),
                _ if text.starts_with('-') => {
                    let cluster = !text.starts_with("--") && text.ends_with(['c', 'e']);
                    if cluster && text.len() <= 5 {
                        return None;
                    }
                }
                _ if text.is_empty() || text.starts_with("<(") => return None,
                _ => return Some(argument),
            }
        }
        None
    }
}

const INTERPRETERS: [&str; 14] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "csh", "tcsh", "python", "perl", "ruby", "php",
    "node", "lua",
];

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

/// The shell text that `sh -c TEXT`, `su -c TEXT` or `eval TEXT` runs.
fn command_text(stage: Stage<'_>) -> Option<String> {
    if stage.is(&["eval"]) {
        let words: Vec<&str> = stage
            .arguments
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        return (!words.is_empty()).then(|| words.join(" "));
    }
    let shell = stage.is(&["sh", "bash", "dash", "ash", "zsh", "ksh", "su", "runuser"]);
    if !shell {
        return None;
    }
    let position = stage.arguments.iter().position(|word| {
        let text = word.text.as_str();
        text == "--command"
            || (text.starts_with('-') && !text.starts_with("--") && text.ends_with('c'))
    })?;
    stage
        .arguments
        .get(position + 1)
        .map(|word| word.text.clone())
}

/// The programs of a call: the wrappers, then the one that they start.
pub(crate) fn stages(call: &Call) -> Vec<Stage<'_>> {
    let mut found = Vec::new();
    let mut rest = call.words.as_slice();
    while let Some((program, arguments)) = rest.split_first() {
        if found.len() >= 8 {
            break;
        }
        let stage = Stage { program, arguments };
        found.push(stage);
        let Some(skipped) = wrapped_at(stage) else {
            break;
        };
        rest = arguments.get(skipped..).unwrap_or_default();
    }
    found
}

/// How many arguments of a wrapper stand before the program that it starts.
fn wrapped_at(stage: Stage<'_>) -> Option<usize> {
    // Name, options that take a value, and plain arguments before the program.
    const WRAPPERS: [(&str, &[&str], usize); 20] = [
        ("nice", &["-n"], 0),
        ("ionice", &["-c", "-n", "-p"], 0),
        ("nohup", &[], 0),
        ("exec", &["-a"], 0),
        ("command", &[], 0),
        ("builtin", &[], 0),
        ("env", &["-u", "-C", "-S"], 0),
        ("sudo", &["-u", "-g", "-h", "-p", "-C", "-D", "-r", "-t"], 0),
        ("doas", &["-u", "-C"], 0),
        ("timeout", &["-s", "-k"], 1),
        ("flock", &["-w", "-E"], 1),
        ("setsid", &[], 0),
        ("time", &["-f", "-o"], 0),
        ("chrt", &["-T", "-P", "-D"], 1),
        ("stdbuf", &["-i", "-o", "-e"], 0),
        ("chronic", &[], 0),
        ("cronic", &[], 0),
        ("systemd-cat", &["-t", "-p"], 0),
        ("setpriv", &["--reuid", "--regid"], 0),
        ("busybox", &[], 0),
    ];
    let (_, valued, mut plain) = WRAPPERS
        .into_iter()
        .find(|(name, ..)| stage.program.base() == *name)?;
    let mut position = 0;
    while let Some(argument) = stage.arguments.get(position) {
        let text = argument.text.as_str();
        if matches!(text, "-v" | "-V") && stage.is(&["command"]) {
            return None; // asks where a program is, and starts none
        }
        let assignment = stage.is(&["env", "sudo"]) && text.contains('=') && !text.contains('/');
        if text == "--" {
            position += 1;
        } else if valued.contains(&text) {
            position += 2;
        } else if text.starts_with('-') || assignment || (is_assignment(text) && plain == 0) {
            // `flock -c TEXT` holds shell text, found as an argument of its own.
            position += 1;
        } else if plain > 0 {
            plain -= 1;
            position += 1;
        } else {
            return Some(position);
        }
    }
    None
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

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| is_name(name))
}

fn is_name(name: &str) -> bool {
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
