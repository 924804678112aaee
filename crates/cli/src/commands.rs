//! One file a command, and what they share.

pub(crate) mod assess;
pub(crate) mod case;
pub(crate) mod checks;
pub(crate) mod completions;
pub(crate) mod compliance;
pub(crate) mod config;
pub(crate) mod decide;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod fleet;
pub(crate) mod graph;
pub(crate) mod help;
pub(crate) mod import;
pub(crate) mod intake;
pub(crate) mod pack;
pub(crate) mod remediate;
pub(crate) mod report;
pub(crate) mod rule;
pub(crate) mod scan;
pub(crate) mod vulns;

use crate::args::{Cli, Command, Global};
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::config::{Config, Environment, Flags};
use casemate_base::Timestamp;
use casemate_base::time::{Clock, SystemClock};

/// The formats of a report.
pub(crate) const FORMATS: [&str; 11] = [
    "table",
    "json",
    "ndjson",
    "sarif",
    "ocsf",
    "csv",
    "md",
    "html",
    "cyclonedx",
    "defectdojo",
    "openvex",
];

/// What every command gets: the resolved configuration and the global flags.
#[derive(Debug)]
pub(crate) struct Ctx<'a> {
    pub(crate) config: Config,
    pub(crate) global: &'a Global,
}

impl Ctx<'_> {
    /// The time that output carries.
    pub(crate) fn now(&self) -> Timestamp {
        // Whole seconds: nobody needs more, and reports stay short.
        let now = self
            .global
            .clock
            .unwrap_or_else(|| SystemClock::new().now());
        Timestamp::from_unix_seconds(now.unix_seconds()).unwrap_or(now)
    }

    /// What the packs say. A pack that cannot be read answers every question with the reason.
    pub(crate) fn packs(&self) -> Box<dyn casemate_triage::Knowledge> {
        let data_dir = self.config.data_dir().ok();
        casemate_app::knowledge::knowledge_or_reason(data_dir.as_deref())
    }

    /// Threads to use.
    pub(crate) fn threads(&self) -> usize {
        let offered = || std::thread::available_parallelism().map_or(1, usize::from);
        self.config
            .count("threads")
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or_else(offered)
    }

    /// Says more when asked to: at the given level (1 for `-v`, 2 for `-vv`) or above.
    pub(crate) fn detail(&self, level: u8, line: &str) {
        if self.global.verbose >= level && !self.global.quiet {
            output::say(line);
        }
    }

    /// Says something unless asked to be quiet.
    pub(crate) fn say(&self, line: &str) {
        if !self.global.quiet {
            output::say(line);
        }
    }

    /// The format that was asked for, one of those that the command knows.
    pub(crate) fn format<'f>(&self, known: &[&'f str]) -> Result<Option<&'f str>, Failure> {
        let Some(asked) = self.global.format.as_deref() else {
            return Ok(None);
        };
        match known.iter().find(|format| **format == asked) {
            Some(format) => Ok(Some(format)),
            None => Err(Failure::Usage {
                reason: format!("this command does not write `{asked}`"),
                hint: Some(format!("it writes {}", known.join(", "))),
            }),
        }
    }
}

/// Runs the command and returns the exit code.
pub(crate) fn run(cli: &Cli, environment: Environment) -> u8 {
    let result = start(cli, environment);
    match result {
        Ok(exit) => exit.code(),
        Err(failure) => {
            for line in failure.lines() {
                output::say(&line);
            }
            failure.code()
        }
    }
}

fn start(cli: &Cli, environment: Environment) -> Result<Exit, Failure> {
    let mut flags: Flags = cli.global.flags();
    match &cli.command {
        Command::Assess(arguments) => flags.extend(arguments.flags()),
        Command::Scan(arguments) => flags.extend(arguments.scope.flags()),
        Command::Compliance(arguments) => flags.extend(arguments.flags()),
        // These do not depend on the configuration, and must work when it is broken.
        Command::Completions(arguments) => return completions::run(arguments),
        Command::Man(_) => return completions::man(),
        Command::Help(arguments) => return help::run(arguments),
        _ => {}
    }
    let config = Config::resolve(cli.global.config.as_deref(), environment, flags)?;
    let ctx = Ctx {
        config,
        global: &cli.global,
    };
    match &cli.command {
        Command::Assess(arguments) => assess::run(&ctx, arguments),
        Command::Import(arguments) => import::run(&ctx, arguments),
        Command::Pack(arguments) => pack::run(&ctx, arguments),
        Command::Scan(arguments) => scan::run(&ctx, arguments),
        Command::Vulns(arguments) => vulns::run(&ctx, arguments),
        Command::Remediate(arguments) => remediate::run(&ctx, arguments),
        Command::Report(arguments) => report::run(&ctx, arguments),
        Command::Decide(arguments) => decide::run(&ctx, arguments),
        Command::Case(arguments) => case::run(&ctx, arguments),
        Command::Diff(arguments) => diff::run(&ctx, arguments),
        Command::Fleet(arguments) => fleet::run(&ctx, arguments),
        Command::Explain(arguments) => explain::run(&ctx, arguments),
        Command::Graph(arguments) => graph::run(&ctx, arguments),
        Command::Checks(arguments) => checks::run(&ctx, arguments),
        Command::Compliance(arguments) => compliance::run(&ctx, arguments),
        Command::Rule(arguments) => rule::run(&ctx, arguments),
        Command::Config(arguments) => config::run(&ctx, arguments),
        Command::Doctor(arguments) => doctor::run(&ctx, arguments),
        Command::Completions(_) | Command::Man(_) | Command::Help(_) => Ok(Exit::Done),
    }
}
