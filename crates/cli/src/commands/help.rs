//! `casemate help`: a command's help, or a topic of the offline manual.

use crate::exit::{Exit, Failure};
use crate::{output, topics};
use clap::Args;

/// Print the help of a command, or a topic of the manual
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate help exit-codes")]
pub(crate) struct Arguments {
    /// A command or topic; without one, the list of topics
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some(name) = arguments.names.first() else {
        output::data(overview().as_bytes())?;
        return Ok(Exit::Done);
    };
    if let Some(text) = topics::text(name) {
        output::data(text.as_bytes())?;
        return Ok(Exit::Done);
    }
    // Built first, so that the global options stand in the help of the command too.
    let mut command = crate::command();
    command.build();
    let mut current = &mut command;
    for name in &arguments.names {
        let found = current.find_subcommand_mut(name);
        let Some(sub) = found else {
            return Err(Failure::Usage {
                reason: format!("there is no command or topic `{name}`"),
                hint: Some("`casemate help` lists them".to_owned()),
            });
        };
        current = sub;
    }
    let text = current.render_long_help().to_string();
    output::data(text.as_bytes())?;
    Ok(Exit::Done)
}

fn overview() -> String {
    let mut text = crate::command().render_long_help().to_string();
    text.push_str("\nTopics (`casemate help TOPIC`):\n");
    for (name, line) in topics::LIST {
        text.push_str(&format!("  {name:<14}{line}\n"));
    }
    text
}
