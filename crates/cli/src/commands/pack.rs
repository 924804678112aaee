//! `casemate pack`: knowledge carried across the gap, signed, kept, and taken back.

mod words;

use super::Ctx;
use crate::exit::{self, Exit, Failure};
use crate::output;
use crate::progress::Progress;
use casemate_app::Error;
use casemate_app::knowledge::{FeedAge, NOTICES, ages};
use casemate_app::packs::{self, BuildRequest, ImportRequest, Kept, keys};
use casemate_schema::RejectedRecord;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::PathBuf;

/// Carry knowledge across the gap: vulnerabilities, exploits, techniques, in signed packs
#[derive(Debug, Args)]
#[command(
    long_about = "Carry knowledge across the gap: vulnerabilities, exploits, techniques, in signed packs.

On a connected machine `build` makes one signed file of feed files; on this one `import` believes it \
when a pinned key signed it. A feed file can be imported as it is, too; it is then kept as unsigned.",
    after_help = "Formats: table (default), json

Examples:
  casemate pack key new ~/packs.key
  casemate pack build -o site.pack --key-file ~/packs.key kev.json epss.csv.gz
  casemate pack import site.pack --trust packs.key.pub
  casemate pack list --max-age 30"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Import(ImportArguments),
    Build(BuildArguments),
    List(ListArguments),
    Show(ShowArguments),
    Verify(VerifyArguments),
    Restore(RestoreArguments),
    Key(KeyArguments),
}

/// Import signed packs, or feed files as their publishers give them
#[derive(Debug, Args)]
#[command(
    after_help = "Each pack is taken whole or not at all, and replaces the one of its name; \
the version before is kept.
Give all files of a feed in one import: they become one pack named feed-FEED, which nobody signed.

Examples:
  casemate pack import site.pack
  casemate pack import site.pack --trust packs.key.pub
  casemate pack import known_exploited_vulnerabilities.json epss_scores.csv.gz"
)]
struct ImportArguments {
    /// Packs and feed files, packed or not
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Pin this public key, if it signed one of the packs
    #[arg(long, value_name = "KEYFILE")]
    trust: Option<PathBuf>,
}

/// Make one signed pack of feed files
#[derive(Debug, Args)]
#[command(
    after_help = "The version is the time of building, so it grows with each pack.

Example:
  casemate pack build -o site.pack --key-file ~/packs.key kev.json epss.csv.gz"
)]
struct BuildArguments {
    /// Feed files, packed or not
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// The pack to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The file of the secret key, which nobody else may read
    #[arg(long, value_name = "KEY")]
    key_file: PathBuf,
    /// The pack's name; a pack replaces the one of the same name
    #[arg(long, value_name = "NAME", default_value = packs::NAME)]
    name: String,
}

/// List the packs that are in use, and how old they are
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate pack list --max-age 30")]
struct ListArguments {
    /// End with 5 when a feed that is published daily or weekly is older than so many days
    #[arg(long, value_name = "DAYS")]
    max_age: Option<u32>,
}

/// Show what a pack holds: sources, licences, records, age
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate pack show builtin")]
struct ShowArguments {
    /// The pack's name
    #[arg(value_name = "NAME")]
    name: String,
    /// End with 5 when one of its feeds that is published daily or weekly is older than that
    #[arg(long, value_name = "DAYS")]
    max_age: Option<u32>,
}

/// Check a pack file as an import would, and keep nothing
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate pack verify site.pack --trust packs.key.pub")]
struct VerifyArguments {
    /// The pack
    #[arg(value_name = "FILE")]
    file: String,
    /// Take this public key for pinned, for this once
    #[arg(long, value_name = "KEYFILE")]
    trust: Option<PathBuf>,
}

/// Go back to the version of a pack that was in use before
#[derive(Debug, Args)]
#[command(after_help = "Done twice, it changes nothing.

Example:
  casemate pack restore knowledge")]
struct RestoreArguments {
    /// The pack's name
    #[arg(value_name = "NAME")]
    name: String,
}

/// Make a key to sign with, or show keys
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  casemate pack key new ~/packs.key
  casemate pack key show")]
struct KeyArguments {
    #[command(subcommand)]
    verb: KeyVerb,
}

#[derive(Debug, Subcommand)]
enum KeyVerb {
    /// Make a key: the secret one in FILE, the public one in FILE.pub
    New {
        /// The new file of the secret key
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Whose key it is, in words
        #[arg(long, value_name = "TEXT", default_value = "")]
        comment: String,
    },
    /// Show the keys that are pinned here, or the one in a file
    Show {
        /// A file with a public key
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let is_json = ctx.format(&["table", "json"])? == Some("json");
    match &arguments.verb {
        Verb::Import(arguments) => import(ctx, arguments, is_json),
        Verb::Build(arguments) => build(ctx, arguments, is_json),
        Verb::List(arguments) => list(ctx, arguments, is_json),
        Verb::Show(arguments) => show(ctx, arguments, is_json),
        Verb::Verify(arguments) => verify(ctx, arguments, is_json),
        Verb::Restore(arguments) => restore(ctx, arguments, is_json),
        Verb::Key(arguments) => key(ctx, arguments, is_json),
    }
}

fn import(ctx: &Ctx<'_>, arguments: &ImportArguments, is_json: bool) -> Result<Exit, Failure> {
    let data_dir = ctx.config.data_dir()?;
    let request = ImportRequest {
        files: &arguments.files,
        trust: arguments.trust.as_deref(),
        data_dir: &data_dir,
        now: ctx.now(),
    };
    let outcome = with_progress(ctx, "importing", |progress| {
        packs::import(&request, progress)
    })?;
    let refused = tell_refused(&outcome.refused);
    let mut n_rejected = 0;
    for imported in &outcome.imported {
        tell_rejected(&imported.rejected);
        n_rejected += imported
            .detail
            .sources
            .iter()
            .map(|it| it.rejected)
            .sum::<u64>();
        if let Some(warning) = words::lost(imported) {
            output::say(&format!("warning: {warning}"));
        }
    }
    let pinned = outcome.pinned.as_ref().map(words::key_json);
    if is_json {
        let imported: Vec<Value> = outcome.imported.iter().map(words::imported_json).collect();
        print(&json!({ "imported": imported, "refused": refused, "pinned": pinned }))?;
    } else {
        let rows = outcome.imported.iter().map(words::imported_row);
        let head = [
            "PACK",
            "VERSION",
            "AS OF",
            "RECORDS",
            "REJECTED",
            "SIGNED BY",
            "RESULT",
        ];
        table(&head, rows)?;
    }
    if let Some(key) = &outcome.pinned {
        ctx.say(&format!("pinned the key {}", key.fingerprint()));
    }
    if outcome
        .imported
        .iter()
        .any(|it| it.detail.signed_by.is_none())
    {
        ctx.say("note: feeds that were imported as they are carry no signature; see `casemate pack build`");
    }
    let is_partial = !outcome.refused.is_empty() || n_rejected > 0;
    Ok(if is_partial {
        Exit::Partial
    } else {
        Exit::Done
    })
}

fn build(ctx: &Ctx<'_>, arguments: &BuildArguments, is_json: bool) -> Result<Exit, Failure> {
    let request = BuildRequest {
        files: &arguments.files,
        name: &arguments.name,
        output: &arguments.output,
        key_file: &arguments.key_file,
        now: ctx.now(),
    };
    let built = with_progress(ctx, "reading", |progress| packs::build(&request, progress))?;
    let refused = tell_refused(&built.refused);
    tell_rejected(&built.rejected);
    let manifest = &built.manifest;
    if is_json {
        let file = arguments.output.display().to_string();
        print(&json!({ "file": file, "manifest": manifest, "refused": refused }))?;
    } else {
        output::data(words::manifest_text(manifest, ctx.now()).as_bytes())?;
    }
    ctx.say(&format!(
        "wrote {}; carry it with the public key",
        arguments.output.display()
    ));
    let n_rejected: u64 = manifest.sections.iter().map(|it| it.rejected).sum();
    let is_partial = !built.refused.is_empty() || n_rejected > 0;
    Ok(if is_partial {
        Exit::Partial
    } else {
        Exit::Done
    })
}

fn list(ctx: &Ctx<'_>, arguments: &ListArguments, is_json: bool) -> Result<Exit, Failure> {
    let kept = packs::list(&ctx.config.data_dir()?)?;
    let ages = ages(&kept, ctx.now());
    if is_json {
        let all: Vec<Value> = kept
            .iter()
            .map(|it| words::kept_json(it, ctx.now()))
            .collect();
        let feeds: Vec<Value> = ages.iter().map(words::age_json).collect();
        print(&json!({ "packs": all, "feeds": feeds }))?;
    } else {
        let head = [
            "PACK",
            "VERSION",
            "AS OF",
            "AGE",
            "RECORDS",
            "SIGNED BY",
            "FORMER",
        ];
        table(&head, kept.iter().map(|it| words::kept_row(it, ctx.now())))?;
    }
    let mut damaged = false;
    for error in kept.iter().filter_map(|it| it.detail.as_ref().err()) {
        exit::error_lines(error)
            .iter()
            .for_each(|line| output::say(line));
        damaged = true;
    }
    tell_old(ctx, &ages);
    if damaged {
        return Ok(Exit::Failure);
    }
    Ok(exit_of_age(&ages, arguments.max_age))
}

fn show(ctx: &Ctx<'_>, arguments: &ShowArguments, is_json: bool) -> Result<Exit, Failure> {
    let kept = packs::show(&ctx.config.data_dir()?, &arguments.name)?;
    let notices: &[&str] = if kept.name == packs::BUILTIN {
        &NOTICES
    } else {
        &[]
    };
    let kept = [kept];
    let ages = ages(&kept, ctx.now());
    for it in &kept {
        if is_json {
            let mut value = words::kept_json(it, ctx.now());
            if let (Some(object), false) = (value.as_object_mut(), notices.is_empty()) {
                object.insert("notices".to_owned(), json!(notices));
            }
            print(&value)?;
        } else if let Ok(detail) = &it.detail {
            let mut text = words::detail_text(detail, it.former, ctx.now());
            notices
                .iter()
                .for_each(|notice| text.push_str(&format!("\n{notice}")));
            output::data(text.as_bytes())?;
        }
    }
    tell_old(ctx, &ages);
    Ok(exit_of_age(&ages, arguments.max_age))
}

fn verify(ctx: &Ctx<'_>, arguments: &VerifyArguments, is_json: bool) -> Result<Exit, Failure> {
    let data_dir = ctx.config.data_dir()?;
    let trust = arguments.trust.as_deref();
    let manifest = with_progress(ctx, "checking", |progress| {
        packs::verify(&data_dir, &arguments.file, trust, progress)
    })?;
    if is_json {
        print(&json!({ "ok": true, "file": arguments.file, "manifest": manifest }))?;
    } else {
        output::data(words::manifest_text(&manifest, ctx.now()).as_bytes())?;
        ctx.say(&format!(
            "{}: good, every byte is as it was signed",
            arguments.file
        ));
    }
    Ok(Exit::Done)
}

fn restore(ctx: &Ctx<'_>, arguments: &RestoreArguments, is_json: bool) -> Result<Exit, Failure> {
    let data_dir = ctx.config.data_dir()?;
    let detail = packs::restore(&data_dir, &arguments.name)?;
    if is_json {
        let kept = Kept {
            name: detail.name.clone(),
            detail: Ok(detail),
            former: None,
        };
        print(&words::kept_json(&kept, ctx.now()))?;
    } else {
        let text = format!("{} {} is in use again\n", detail.name, detail.version);
        output::data(text.as_bytes())?;
    }
    Ok(Exit::Done)
}

fn key(ctx: &Ctx<'_>, arguments: &KeyArguments, is_json: bool) -> Result<Exit, Failure> {
    match &arguments.verb {
        KeyVerb::New { file, comment } => {
            let (public, path) = keys::generate(file, comment)?;
            show_keys(&[(public, Some(path))], is_json)?;
            ctx.say(&format!(
                "{} is secret: keep it where packs are built; carry the public key, and tell its \
                 fingerprint by another way",
                file.display()
            ));
        }
        KeyVerb::Show { file: Some(file) } => {
            show_keys(&[(keys::public(file)?, Some(file.clone()))], is_json)?;
        }
        KeyVerb::Show { file: None } => {
            let pinned = keys::pinned(&ctx.config.data_dir()?)?;
            let found: Vec<_> = pinned
                .into_iter()
                .map(|it| (it.key, Some(it.path)))
                .collect();
            show_keys(&found, is_json)?;
            if found.is_empty() {
                ctx.say("no key is pinned; `casemate pack import FILE --trust KEY.pub` pins one");
            }
        }
    }
    Ok(Exit::Done)
}

fn show_keys(found: &[words::KeyAndFile], is_json: bool) -> Result<(), Failure> {
    if is_json {
        let all: Vec<Value> = found.iter().map(words::key_file_json).collect();
        return print(&json!({ "keys": all }));
    }
    table(
        &["FINGERPRINT", "COMMENT", "FILE"],
        found.iter().map(words::key_row),
    )
}

/// Says which files were not taken, and gives them for JSON.
fn tell_refused(refused: &[Error]) -> Vec<String> {
    let tell = |error: &Error| {
        let lines = exit::error_lines(error);
        lines.iter().for_each(|line| output::say(line));
        lines
            .iter()
            .filter(|it| !it.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    refused.iter().map(tell).collect()
}

fn tell_rejected(rejected: &[(String, RejectedRecord)]) {
    for (file, record) in rejected {
        let (place, reason) = (&record.place, &record.reason);
        output::say(&format!("warning: {file}: {place}: {reason}; not taken"));
    }
}

fn tell_old(ctx: &Ctx<'_>, ages: &[FeedAge]) {
    let mut old = ages.iter().filter(|age| age.is_old()).peekable();
    if old.peek().is_none() {
        return;
    }
    old.for_each(|age| ctx.say(&format!("warning: {}", age.sentence())));
    ctx.say("hint: `casemate help air-gap` says what to carry across the gap, and how often");
}

fn exit_of_age(ages: &[FeedAge], max_age: Option<u32>) -> Exit {
    match max_age {
        Some(days)
            if ages
                .iter()
                .any(|age| age.is_frequent() && age.days > i64::from(days)) =>
        {
            Exit::TooOld
        }
        _ => Exit::Done,
    }
}

fn print(value: &Value) -> Result<(), Failure> {
    output::data(value.to_string().as_bytes())
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<(), Failure> {
    let head = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    output::data(output::columns(&rows).as_bytes())
}

/// Does long work with a line that says how far it is.
fn with_progress<T>(
    ctx: &Ctx<'_>,
    verb: &'static str,
    work: impl FnOnce(packs::Progress<'_>) -> T,
) -> T {
    let new = || Progress::new(ctx.global.quiet, verb);
    // A line counts up only; each new part of the work begins another one.
    let current = RefCell::new((String::new(), new()));
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let result = work(&|done, of, name| {
        let mut current = current.borrow_mut();
        if current.0 != name {
            *current = (name.to_owned(), new());
        }
        current.1.step(count(done), count(of), name);
    });
    drop(current);
    result
}
