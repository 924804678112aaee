//! `casemate graph`: the workflow and the attack paths of a report as drawings, and the workflow as
//! a node of another graph.

use super::Ctx;
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::workflow::{self, Knowledge};
use casemate_app::{Error, reports};
use casemate_report::drawing::{self, Drawing};
use casemate_schema::{Chain, HostGraph};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Draw the workflow or the attack paths of a report, or run the workflow as a node
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  casemate graph assess --format mermaid
  casemate graph chains casemate-report/report.json --format svg -o paths.svg
  casemate graph node < state.json")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Draw the stages of `casemate assess`
    Assess(AssessArguments),
    /// Draw the attack paths of a report's case
    Chains(ChainsArguments),
    /// Read a state with findings, write what they mean and what to do
    Node(NodeArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Formats: mermaid (default), svg, json

Example:
  casemate graph assess --format svg -o assess.svg")]
struct AssessArguments {
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Formats: mermaid (default), svg, json
As many paths are drawn as fit into 60 nodes, most urgent first; --chain draws one of them.

Example:
  casemate graph chains casemate-report/report.json --format svg -o paths.svg")]
struct ChainsArguments {
    /// A report that `casemate assess` wrote
    #[arg(value_name = "REPORT")]
    report: String,
    /// Only this attack path, by its id such as `chain:1f2e3d4c5b6a`
    #[arg(long, value_name = "ID")]
    chain: Option<String>,
    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The state is a JSON object with `findings`: casemate's own, or those of any
report that `casemate import` knows. `max_tokens` bounds the analysis [default: 512].
The answer is a JSON object with `analysis` and `recommendations`, to be merged into the state.

Example:
  casemate graph node < state.json"
)]
struct NodeArguments {
    /// The state; `-` is standard input
    #[arg(value_name = "STATE", default_value = "-")]
    state: String,
}

const FORMATS: [&str; 3] = ["mermaid", "svg", "json"];

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.verb {
        Verb::Assess(arguments) => {
            let drawing = workflow::drawing(&knowledge(ctx))?;
            write(ctx, &drawing, arguments.output.as_ref())
        }
        Verb::Chains(arguments) => chains(ctx, arguments),
        Verb::Node(arguments) => {
            ctx.format(&["json"])?;
            let (name, state) = reports::read_bytes(&arguments.state)?;
            let answer = workflow::node_json(&name, state, &knowledge(ctx))?;
            output::data(&answer)?;
            Ok(Exit::Done)
        }
    }
}

fn knowledge(ctx: &Ctx<'_>) -> Knowledge {
    Knowledge::bare(ctx.now(), ctx.threads())
}

fn chains(ctx: &Ctx<'_>, arguments: &ChainsArguments) -> Result<Exit, Failure> {
    let report = reports::read(&arguments.report)?;
    let Some(case) = &report.case else {
        return Err(Failure::Usage {
            reason: format!("`{}` holds no case", arguments.report),
            hint: Some("give a report that `casemate assess` wrote".to_owned()),
        });
    };
    let graph = report.graph.as_deref().cloned().unwrap_or_default();
    let drawing = match &arguments.chain {
        None => drawing::of_chains(&case.chains, &graph),
        Some(id) => one(&case.chains, id, &graph)?,
    };
    if case.chains.is_empty() {
        ctx.say("note: the case holds no attack path");
    }
    write(ctx, &drawing, arguments.output.as_ref())
}

fn one(chains: &[Chain], id: &str, graph: &HostGraph) -> Result<Drawing, Failure> {
    let found = chains.iter().find(|chain| chain.id.as_str() == id);
    found
        .map(|chain| drawing::of_chain(chain, graph))
        .ok_or_else(|| {
            let ids: Vec<&str> = chains.iter().map(|chain| chain.id.as_str()).collect();
            let hint = if ids.is_empty() {
                "the case holds no attack path".to_owned()
            } else {
                format!("there are {}", ids.join(", "))
            };
            Failure::Usage {
                reason: format!("there is no attack path `{id}`"),
                hint: Some(hint),
            }
        })
}

fn write(ctx: &Ctx<'_>, drawing: &Drawing, target: Option<&PathBuf>) -> Result<Exit, Failure> {
    let bytes = match ctx.format(&FORMATS)?.unwrap_or("mermaid") {
        "svg" => drawing::svg(drawing).into_bytes(),
        "json" => drawing.to_json().map_err(|source| Error::Format {
            format: "json",
            source,
        })?,
        _ => drawing::mermaid(drawing).into_bytes(),
    };
    output::data_to(target.map(PathBuf::as_path), &bytes)?;
    Ok(Exit::Done)
}
