//! `casemate completions` and `casemate man`: files for the shell and for man, from the same
//! definition as the help.

use crate::exit::{Exit, Failure};
use crate::output;
use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// Print shell completions
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate completions bash > /etc/bash_completion.d/casemate")]
pub(crate) struct Arguments {
    /// Shell to complete for
    #[arg(value_name = "SHELL", value_parser = shell)]
    shell: Shell,
}

/// Print the man page
#[derive(Debug, Args)]
#[command(after_help = "Example:
  casemate man > /usr/local/share/man/man1/casemate.1")]
pub(crate) struct ManArguments {}

fn shell(name: &str) -> Result<Shell, String> {
    Shell::from_str(name, true).map_err(|_| {
        format!("`{name}` is no shell known here; there are bash, elvish, fish, powershell, zsh")
    })
}

/// Prints completions.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(arguments.shell, &mut crate::command(), "casemate", &mut out);
    output::data(&out)?;
    Ok(Exit::Done)
}

/// Prints the man page: the program first, then each command as a section.
pub(crate) fn man() -> Result<Exit, Failure> {
    let mut out = Vec::new();
    let command = crate::command();
    let page = clap_mangen::Man::new(command.clone());
    page.render(&mut out).map_err(Failure::Output)?;
    for sub in command.get_subcommands() {
        let name = sub.get_name().to_owned();
        let title = format!(".SH \"casemate {}\"\n", name.to_uppercase());
        out.extend_from_slice(title.as_bytes());
        let page = clap_mangen::Man::new(sub.clone().name(format!("casemate {name}")));
        page.render_description_section(&mut out)
            .map_err(Failure::Output)?;
        page.render_options_section(&mut out)
            .map_err(Failure::Output)?;
        page.render_extra_section(&mut out)
            .map_err(Failure::Output)?;
    }
    output::data(&out)?;
    Ok(Exit::Done)
}
