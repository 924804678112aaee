//! `casemate config`: what is configured, and where each value came from.

use super::Ctx;
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::config::Value;
use clap::{Args, Subcommand};

/// Show or check the configuration
#[derive(Debug, Args)]
#[command(after_help = "Formats: table (default), json

Example:
  casemate config check --config /etc/casemate/config.toml")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print each key with its value and where it came from
    Show,
    /// Check the configuration and say what is wrong with it
    Check,
}

/// Runs the command. A wrong configuration never gets here: resolving it already failed.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    match arguments.verb {
        Verb::Show => show(ctx, format)?,
        Verb::Check => {
            let file = ctx.config.file().map(|path| path.display().to_string());
            if format == "json" {
                let answer = serde_json::json!({ "ok": true, "file": file });
                output::data(answer.to_string().as_bytes())?;
            } else {
                let file = file.unwrap_or_else(|| "built-in values, no file".to_owned());
                output::data(format!("configuration is valid ({file})\n").as_bytes())?;
            }
        }
    }
    Ok(Exit::Done)
}

fn show(ctx: &Ctx<'_>, format: &str) -> Result<(), Failure> {
    if format == "json" {
        let entries: Vec<_> = ctx
            .config
            .entries()
            .map(|(key, value, origin)| {
                serde_json::json!({
                    "key": key.name,
                    "value": json(value),
                    "origin": origin.to_string(),
                })
            })
            .collect();
        return output::data(serde_json::Value::Array(entries).to_string().as_bytes());
    }
    let mut rows = vec![["KEY", "VALUE", "ORIGIN"].map(str::to_owned).to_vec()];
    for (key, value, origin) in ctx.config.entries() {
        rows.push(vec![
            key.name.to_owned(),
            value.to_string(),
            origin.to_string(),
        ]);
    }
    output::data(output::columns(&rows).as_bytes())
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::None => serde_json::Value::Null,
        Value::Text(text) => text.clone().into(),
        Value::Bool(value) => (*value).into(),
        Value::Count(count) => (*count).into(),
        Value::List(words) => words.clone().into(),
    }
}
