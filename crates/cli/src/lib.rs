//! The `casemate` command: arguments in, text and an exit code out.
//!
//! Data goes to standard output, talk to standard error. One file a command below `commands`; each
//! holds its arguments, whose comments are the help, and one `run`. Exit codes: [`exit::Exit`].

mod args;
mod commands;
mod exit;
mod output;
mod progress;
mod topics;

pub use args::command;
pub use clap::Command as ClapCommand;
pub use exit::{CODES, Exit};

use clap::error::ErrorKind;
use std::process::ExitCode;

/// Runs the program with this process's arguments and environment.
#[must_use]
pub fn main() -> ExitCode {
    let environment = casemate_app::config::Environment::of_process();
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    if arguments.len() <= 1 {
        output::print(topics::CONCISE.as_bytes());
        return ExitCode::from(Exit::Done.code());
    }
    let code = match args::parse(arguments) {
        Ok(cli) => commands::run(&cli, environment),
        Err(error) => {
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            let text = error.render();
            if asked {
                output::print(text.to_string().as_bytes());
                Exit::Done.code()
            } else {
                output::say(text.to_string().trim_end());
                Exit::Usage.code()
            }
        }
    };
    ExitCode::from(code)
}
