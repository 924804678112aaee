//! `casemate case`: what is recorded, by host.

use super::Ctx;
use super::decide::words;
use crate::exit::{Exit, Failure};
use crate::output;
use casemate_app::cases::{self, CaseFinding, CaseSummary};
use casemate_app::records::{self, Records as _, SqliteRecords};
use casemate_app::{Error, decide};
use casemate_schema::{CaseState, Severity, State};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::BufReader;
use std::path::PathBuf;

/// List and show cases, set their state, export and import all records
#[derive(Debug, Args)]
#[command(
    after_help = "A case holds the findings of one host, or of what was looked at where no host is \
named, as
`assess --save` and `import --save` recorded them. Formats: table (default), json

Examples:
  casemate case list
  casemate case show web1
  casemate case set web1 --state on-hold --why 'waits for the maintenance window'
  casemate case export -o records.jsonl"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List all cases, the most urgent first
    List,
    /// Show a case: its findings with state, decisions, history and what was merged
    Show {
        /// The case, or the beginning of its name
        #[arg(value_name = "CASE")]
        name: String,
        /// Show closed findings too
        #[arg(long)]
        all: bool,
    },
    /// Set the state or the verdict of a case
    Set {
        /// The case, or the beginning of its name
        #[arg(value_name = "CASE")]
        name: String,
        /// new, in-progress, on-hold or closed
        #[arg(long, value_name = "STATE", value_parser = state)]
        state: Option<CaseState>,
        /// What it turned out to be, such as `false-positive`, `expected`, `true-positive-impact`;
        /// empty takes it away
        #[arg(long, value_name = "TEXT")]
        verdict: Option<String>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Write all records as JSON lines
    Export {
        /// File to write; `-` is standard output
        #[arg(short, long, value_name = "FILE", default_value = "-")]
        output: PathBuf,
    },
    /// Take in records that were exported, where there are none yet
    Import {
        /// The exported file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Check that no recorded decision was altered, moved or removed
    Verify,
}

fn state(word: &str) -> Result<CaseState, String> {
    CaseState::parse(word)
        .ok_or_else(|| format!("`{word}` is none of new, in-progress, on-hold, closed"))
}

/// The records, which have to be there.
pub(crate) fn open(ctx: &Ctx<'_>) -> Result<SqliteRecords, Failure> {
    let found = records::open_existing(&ctx.config.data_dir()?)?;
    Ok(found.ok_or_else(|| Error::NotRecorded {
        what: "anything".to_owned(),
    })?)
}

/// Runs the command.
pub(crate) fn run(ctx: &Ctx<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = ctx.format(&["table", "json"])?.unwrap_or("table");
    let today = ctx.now().date();
    match &arguments.verb {
        Verb::List => list(ctx, format, &today)?,
        Verb::Show { name, all } => {
            let records = open(ctx)?;
            let case = cases::find(&records, name, &today)?;
            let findings = cases::findings(&records, &case.name, &today)?;
            let changes = cases::changes(&records, &case.name)?;
            if format == "json" {
                let findings: Vec<Value> = findings
                    .iter()
                    .map(|finding| finding_json(&records, finding, &today))
                    .collect::<Result<_, _>>()?;
                let mut value = case_json(&case);
                value["findings"] = findings.into();
                value["changes"] = json!(changes);
                value["chains"] = json!(case.chains);
                return output::data(value.to_string().as_bytes()).map(|()| Exit::Done);
            }
            output::data(case_text(&case, &findings, &changes, *all).as_bytes())?;
        }
        Verb::Set {
            name,
            state,
            verdict,
            why,
        } => {
            let mut records = open(ctx)?;
            let case = cases::find(&records, name, &today)?;
            let author = decide::author(ctx.config.environment(), ctx.now());
            let verdict = verdict.as_deref();
            let number = cases::change(&mut records, &case, *state, verdict, &author, why)?;
            let case = cases::find(&records, &case.name, &today)?;
            if format == "json" {
                let mut value = case_json(&case);
                value["number"] = number.into();
                output::data(value.to_string().as_bytes())?;
            } else {
                let verdict = case.verdict.as_deref();
                let verdict = verdict.map_or_else(String::new, |word| format!(", verdict {word}"));
                let line = format!(
                    "recorded {number}  {}  {}{verdict}\n",
                    case.name,
                    case.state.as_str().replace('_', " ")
                );
                output::data(line.as_bytes())?;
            }
        }
        Verb::Export { output: target } => export(ctx, target)?,
        Verb::Import { file } => import(ctx, file)?,
        Verb::Verify => verify(ctx, format)?,
    }
    Ok(Exit::Done)
}

fn list(ctx: &Ctx<'_>, format: &str, today: &str) -> Result<(), Failure> {
    let all = match records::open_existing(&ctx.config.data_dir()?)? {
        Some(records) => cases::list(&records, today)?,
        None => Vec::new(),
    };
    if format == "json" {
        let all: Vec<Value> = all.iter().map(case_json).collect();
        return output::data(Value::Array(all).to_string().as_bytes());
    }
    let mut head = vec!["CASE", "STATE", "VERDICT", "RISK"];
    let severities = Severity::ALL.iter().rev();
    head.extend(severities.clone().map(|severity| severity.as_str()));
    head.extend(["closed", "waiting", "last seen"]);
    let mut rows = vec![head.iter().map(|word| word.to_uppercase()).collect()];
    for case in &all {
        let mut row = vec![
            case.name.to_string(),
            case.state.as_str().replace('_', " "),
            case.verdict.as_deref().unwrap_or("-").to_owned(),
            case.risk
                .map_or_else(|| "-".to_owned(), |risk| risk.to_string()),
        ];
        row.extend(
            severities
                .clone()
                .map(|severity| cases::open_count(case, *severity).to_string()),
        );
        row.extend([
            case.closed.to_string(),
            case.waiting.to_string(),
            case.last_seen.to_string(),
        ]);
        rows.push(row);
    }
    output::data(output::columns(&rows).as_bytes())?;
    if all.is_empty() {
        ctx.say("nothing is recorded; `casemate assess --save` records");
    }
    Ok(())
}

fn case_json(case: &CaseSummary) -> Value {
    let open: serde_json::Map<String, Value> = Severity::ALL
        .iter()
        .map(|severity| {
            let count = cases::open_count(case, *severity);
            (severity.as_str().to_owned(), count.into())
        })
        .collect();
    json!({
        "case": case.name,
        "state": case.state,
        "verdict": case.verdict,
        "risk": case.risk,
        "open": open,
        "closed": case.closed,
        "waiting": case.waiting,
        "last_seen": case.last_seen,
        "n_chains": case.chains.len(),
    })
}

fn finding_json(
    records: &SqliteRecords,
    finding: &CaseFinding,
    today: &str,
) -> Result<Value, Error> {
    let seen = &finding.record.seen;
    let events: Vec<Value> = finding
        .events
        .iter()
        .map(|event| {
            json!({
                "at": event.at.to_string(),
                "change": event.change,
                "report": event.report,
                "tool": event.scope.tool,
                "target": event.scope.target,
            })
        })
        .collect();
    let merged = finding.group.as_ref().map(|group| {
        let members: Vec<Value> = group
            .members
            .iter()
            .map(|member| {
                json!({
                    "id": member.id,
                    "tool": member.tool,
                    "check": member.check,
                    "title": member.title,
                })
            })
            .collect();
        json!({ "keys": group.words, "records": members })
    });
    Ok(json!({
        "id": seen.id,
        "key": seen.key,
        "host": seen.host,
        "tool": seen.tool,
        "check": seen.check,
        "title": seen.title,
        "category": seen.category,
        "severity": seen.severity,
        "risk": seen.risk,
        "path": seen.path,
        "subject": seen.subject,
        "vulnerability": seen.vulnerability,
        "component": seen.component,
        "duplicate_of": finding.record.duplicate_of,
        "state": records::state_of(records, &finding.record, today)?,
        "present": finding.record.present,
        "decisions": finding.decisions,
        "history": events,
        "merged": merged,
    }))
}

fn case_text(
    case: &CaseSummary,
    findings: &[CaseFinding],
    changes: &[casemate_app::cases::CaseChange],
    all: bool,
) -> String {
    let open: u64 = case.open.iter().sum();
    let verdict = case.verdict.as_deref().unwrap_or("none");
    let mut out = format!(
        "{}: {}, verdict {verdict}; {open} open, {} closed, last seen {}\n",
        case.name,
        case.state.as_str().replace('_', " "),
        case.closed,
        case.last_seen
    );
    for change in changes {
        let what = [
            change.state.map(|state| state.as_str().replace('_', " ")),
            change
                .verdict
                .as_ref()
                .map(|word| format!("verdict {word}")),
        ];
        let what: Vec<String> = what.into_iter().flatten().collect();
        let (when, who, why) = (&change.when, &change.who, &change.why);
        out.push_str(&format!("  {when}  {who}: {} ({why})\n", what.join(", ")));
    }
    for chain in &case.chains {
        out.push_str(&format!(
            "\nCHAIN {} {} (risk {})\n",
            chain.id, chain.title, chain.risk
        ));
        out.push_str(&format!("  break at: {}\n", chain.break_at));
    }
    let mut hidden = 0;
    for finding in findings {
        if finding.standing.state == State::Closed && !all {
            hidden += 1;
            continue;
        }
        out.push('\n');
        finding_text(finding, &mut out);
    }
    if hidden > 0 {
        out.push_str(&format!(
            "\n{hidden} closed findings are not shown; --all shows them\n"
        ));
    }
    out
}

fn finding_text(finding: &CaseFinding, out: &mut String) {
    let record = &finding.record;
    let seen = &record.seen;
    let standing = &finding.standing;
    let risk = seen
        .risk
        .map_or_else(String::new, |risk| format!(", risk {risk}"));
    out.push_str(&format!(
        "{}  {}{risk}  {}\n  {}\n",
        seen.id,
        seen.severity.as_str(),
        words(standing.state, standing.reason, standing.until.as_deref()),
        seen.title
    ));
    out.push_str(&format!(
        "  seen {} times, {} to {}\n",
        record.times, record.first_seen, record.last_seen
    ));
    if record.standing.state != standing.state {
        out.push_str("  the acceptance is over\n");
    }
    if let Some(of) = &record.duplicate_of {
        out.push_str(&format!("  duplicate of {of}\n"));
    }
    if let Some(group) = &finding.group {
        let keys: Vec<&str> = group.words.iter().map(|word| word.as_str()).collect();
        out.push_str(&format!("  merged because of: {}\n", keys.join("; ")));
        for member in &group.members {
            out.push_str(&format!(
                "    {} {}: {}\n",
                member.tool, member.id, member.title
            ));
        }
    }
    for decision in &finding.decisions {
        let state = words(decision.to, decision.reason, decision.until.as_deref());
        let waits = match (decision.pending, record.waiting) {
            (true, Some(number)) if number == decision.number => ", waits for an approval",
            _ => "",
        };
        let (number, when, who, verb, why) = (
            decision.number,
            &decision.when,
            &decision.who,
            &decision.verb,
            &decision.why,
        );
        out.push_str(&format!(
            "  decision {number}  {when}  {who}: {verb} -> {state}{waits} ({why})\n"
        ));
    }
    for event in &finding.events {
        let (at, change, scope) = (event.at, &event.change, &event.scope);
        out.push_str(&format!(
            "  {at}  {change} by {} of {}\n",
            scope.tool, scope.target
        ));
    }
}

fn export(ctx: &Ctx<'_>, target: &std::path::Path) -> Result<(), Failure> {
    let records = open(ctx)?;
    output::stream_to(
        Some(target),
        |out| Ok(records.export(out)?),
        |folder, name| {
            let mut failed = None;
            let written = casemate_app::reports::write_with(folder, name, &mut |out| {
                let mut out = std::io::BufWriter::with_capacity(1 << 18, out);
                records.export(&mut out).map_err(|error| {
                    failed = Some(error);
                    std::io::Error::from(std::io::ErrorKind::Other)
                })
            });
            match failed {
                Some(error) => Err(error.into()),
                None => written,
            }
        },
    )
}

fn import(ctx: &Ctx<'_>, file: &std::path::Path) -> Result<(), Failure> {
    let opened = std::fs::File::open(file).map_err(|error| Error::Input {
        name: file.display().to_string(),
        source: casemate_app::InputError::Read(error),
    })?;
    let mut records = records::open(&ctx.config.data_dir()?)?;
    let n = records
        .import(&mut BufReader::new(opened))
        .map_err(Error::from)?;
    ctx.say(&format!("{n} records taken in"));
    Ok(())
}

fn verify(ctx: &Ctx<'_>, format: &str) -> Result<(), Failure> {
    let end = open(ctx)?.verify().map_err(Error::from)?;
    if format == "json" {
        return output::data(json!(end).to_string().as_bytes());
    }
    let line = format!(
        "{} decisions, none altered; the last digest is {}\n",
        end.entries, end.digest
    );
    output::data(line.as_bytes())
}
