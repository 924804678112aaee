//! `casemate doctor`: what this machine offers and lacks.

use super::Ctx;
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::doctor::{self, Verdict};
use clap::Args;

/// Say what this machine offers and lacks for casemate
#[derive(Debug, Args)]
#[command(
    after_help = "Formats: table (default), json. Ends with 1 when something fails.

Example:
  casemate doctor --network"
)]
pub(crate) struct Arguments {
    /// List every socket that the process may open
    #[arg(long)]
    network: bool,
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    if arguments.network {
        return network(format);
    }
    let probes = doctor::probes(&ctx.config);
    if format == "json" {
        let list: Vec<_> = probes
            .iter()
            .map(|probe| {
                serde_json::json!({
                    "name": probe.name,
                    "verdict": probe.verdict.as_str(),
                    "found": probe.found,
                    "next": probe.next,
                })
            })
            .collect();
        output::data(serde_json::json!({ "probes": list }).to_string().as_bytes())?;
    } else {
        let mut rows = Vec::new();
        for probe in &probes {
            rows.push(vec![
                probe.verdict.as_str().to_owned(),
                probe.name.to_owned(),
                probe.found.clone(),
            ]);
            if let Some(next) = &probe.next {
                rows.push(vec![String::new(), String::new(), format!("-> {next}")]);
            }
        }
        output::data(output::columns(&rows).as_bytes())?;
    }
    let failed = probes.iter().any(|probe| probe.verdict == Verdict::Fail);
    Ok(if failed { Exit::Failure } else { Exit::Done })
}

fn network(format: &str) -> Result<Exit, Failure> {
    let sockets = doctor::sockets();
    if format == "json" {
        let list: Vec<_> = sockets
            .iter()
            .map(|socket| {
                serde_json::json!({
                    "direction": socket.direction,
                    "address": socket.address,
                    "key": socket.key,
                })
            })
            .collect();
        output::data(
            serde_json::json!({ "sockets": list })
                .to_string()
                .as_bytes(),
        )?;
    } else if sockets.is_empty() {
        output::data(b"none: no part of this program opens a socket\n")?;
    } else {
        let mut rows = vec![
            ["DIRECTION", "ADDRESS", "ALLOWED BY"]
                .map(str::to_owned)
                .to_vec(),
        ];
        for socket in &sockets {
            rows.push(vec![
                socket.direction.to_owned(),
                socket.address.clone(),
                socket.key.to_owned(),
            ]);
        }
        output::data(output::columns(&rows).as_bytes())?;
    }
    Ok(Exit::Done)
}
