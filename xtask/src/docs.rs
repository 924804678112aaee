//! `docs/reference`: pages that are made from the code, so that they cannot be wrong.

use crate::tool;
use anyhow::Result;
use casemate_app::config::KEYS;
use casemate_scan::{Check, Surface};
use std::fmt::Write;

/// Makes the pages, or with `check` fails when a committed one differs.
pub(crate) fn run(check: bool) -> Result<()> {
    let folder = tool::root().join("docs/reference");
    for (name, text) in pages()? {
        tool::generated(&folder.join(name), &text, check)?;
    }
    Ok(())
}

/// All pages by file name.
fn pages() -> Result<Vec<(String, String)>> {
    Ok(vec![
        ("checks.md".to_owned(), checks()?),
        ("command-line.md".to_owned(), command_line()),
        ("configuration.md".to_owned(), configuration()?),
        ("exit-codes.md".to_owned(), exit_codes()?),
        ("import-kinds.md".to_owned(), import_kinds()?),
        ("rules.md".to_owned(), rules()?),
        (
            "report.schema.json".to_owned(),
            casemate_schema::json_schema().to_owned(),
        ),
    ])
}

const GENERATED: &str = "<!-- Made by `cargo xtask docs`; change the code instead. -->\n";

fn checks() -> Result<String> {
    let all = casemate_scan::all_checks();
    let mut out = format!("# Checks\n{GENERATED}\n{} checks on ", all.len());
    writeln!(out, "{} surfaces.\n", Surface::ALL.len())?;
    for surface in Surface::ALL {
        let family: Vec<&&Check> = all
            .iter()
            .filter(|check| check.surface == surface)
            .collect();
        if family.is_empty() {
            continue;
        }
        writeln!(out, "## {surface}\n")?;
        for check in family {
            check_section(&mut out, check)?;
        }
    }
    Ok(out)
}

fn check_section(out: &mut String, check: &Check) -> Result<()> {
    let card = check.card();
    let deep = if check.deep { ", deep scan only" } else { "" };
    writeln!(
        out,
        "### {}\n\n{} ({}{deep})\n",
        check.id, check.title, check.severity
    )?;
    for (name, text) in [
        ("What it checks", card.what),
        ("Why it matters", card.why),
        ("Example", card.example),
        ("Instead", card.instead),
        ("Parameters", card.parameters),
    ] {
        if !text.is_empty() {
            writeln!(out, "**{name}.** {text}\n")?;
        }
    }
    let references: Vec<&str> = check.references.iter().map(|(_, id)| *id).collect();
    writeln!(out, "References: {}\n", references.join(", "))?;
    Ok(())
}

/// The built-in correlation rules.
fn rules() -> Result<String> {
    use casemate_app::rules::{RuleFile, builtin};
    let set = builtin();
    let mut out = format!(
        "# Correlation rules\n{GENERATED}\n{} rules on the host graph and {} on what changes from report \
         to report. The [guide](../guide/rules.md) explains the lines.\n\n",
        set.graph_rules().count(),
        set.sequence_rules().count()
    );
    for (_, rule) in &set.rules {
        let (title, severity, why, break_at, techniques) = match rule {
            RuleFile::Graph(rule) => (
                &rule.title,
                rule.severity,
                &rule.why,
                &rule.break_at,
                &rule.techniques,
            ),
            RuleFile::Sequence(rule) => (
                &rule.title,
                rule.severity,
                &rule.why,
                &rule.break_at,
                &rule.techniques,
            ),
        };
        writeln!(out, "## {}\n\n{title} ({severity})\n", rule.id())?;
        match rule {
            RuleFile::Graph(rule) => {
                let lines: Vec<String> = rule
                    .steps
                    .iter()
                    .map(|step| format!("    {step}"))
                    .collect();
                writeln!(out, "{}\n", lines.join("\n"))?;
            }
            RuleFile::Sequence(rule) => {
                writeln!(out, "Within {} days.\n", rule.within_days)?;
            }
        }
        writeln!(out, "**Why it matters.** {why}\n")?;
        writeln!(out, "**What breaks it.** {break_at}\n")?;
        writeln!(out, "Techniques: {}\n", techniques.join(", "))?;
    }
    Ok(out)
}

/// The kinds that are imported, and each sample's count beside DefectDojo's.
fn import_kinds() -> Result<String> {
    let kinds: Vec<_> = casemate_app::import::kinds().collect();
    let n_mappings = kinds.iter().filter(|kind| kind.is_mapping()).count();
    let n_samples: usize = kinds.iter().map(|kind| kind.counts().len()).sum();
    let stated = || {
        kinds
            .iter()
            .flat_map(|kind| kind.counts())
            .filter(|count| count.theirs.is_some())
    };
    let n_same = stated()
        .filter(|count| count.theirs == Some(count.findings))
        .count();
    let mut out = format!("# Kinds of reports that are imported\n{GENERATED}\n");
    writeln!(
        out,
        "{} kinds, {n_mappings} of them as data alone. {n_samples} samples of real reports are counted in the \
         tests; DefectDojo's own tests state a number for {} of these, and {n_same} agree. Findings \
         that a tool itself does not count are counted here and listed as suppressed.\n",
        kinds.len(),
        stated().count(),
    )?;
    writeln!(
        out,
        "| kind | format | reads | described at |\n|---|---|---|---|"
    )?;
    for kind in &kinds {
        let (name, family, title, docs) = (kind.name(), kind.family(), kind.title(), kind.docs());
        writeln!(out, "| `{name}` | {family} | {title} | {docs} |")?;
    }
    writeln!(out, "\n## Counts that differ from DefectDojo's\n")?;
    writeln!(
        out,
        "| sample | findings | DefectDojo | why |\n|---|---|---|---|"
    )?;
    for count in stated().filter(|count| count.theirs != Some(count.findings)) {
        let theirs = count.theirs.unwrap_or_default();
        let (sample, findings, why) = (&count.sample, count.findings, &count.why);
        writeln!(
            out,
            "| {sample} | {findings} | {theirs} | {} |",
            why.replace('|', "\\|")
        )?;
    }
    writeln!(
        out,
        "\n## All samples\n\n| kind | sample | findings | DefectDojo |\n|---|---|---|---|"
    )?;
    for kind in &kinds {
        for count in kind.counts() {
            let theirs = count
                .theirs
                .map_or_else(|| "not stated".to_owned(), |n| n.to_string());
            let (name, sample, findings) = (kind.name(), &count.sample, count.findings);
            writeln!(out, "| `{name}` | {sample} | {findings} | {theirs} |")?;
        }
    }
    Ok(out)
}

fn command_line() -> String {
    let mut command = casemate::command();
    command.build();
    let mut out = format!(
        "# Command line\n{GENERATED}\n```text\n{}```\n",
        long_help(&command)
    );
    for sub in command.get_subcommands() {
        out.push_str(&format!(
            "\n## {}\n\n```text\n{}```\n",
            sub.get_name(),
            long_help(sub)
        ));
        for verb in sub
            .get_subcommands()
            .filter(|verb| verb.get_name() != "help")
        {
            let name = format!("{} {}", sub.get_name(), verb.get_name());
            out.push_str(&format!(
                "\n### {name}\n\n```text\n{}```\n",
                long_help(verb)
            ));
        }
    }
    out
}

fn long_help(command: &casemate::ClapCommand) -> String {
    let mut command = command.clone().term_width(98);
    let text = command.render_long_help().to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

fn configuration() -> Result<String> {
    let mut out = format!(
        "# Configuration keys\n{GENERATED}\n\
         | key | takes | built-in | environment | what it does |\n|---|---|---|---|---|\n"
    );
    for key in KEYS {
        let default = if key.default.is_empty() {
            "not set"
        } else {
            key.default
        };
        let variable = key.variable();
        writeln!(
            out,
            "| `{}` | {} | {default} | `{variable}` | {} |",
            key.name,
            key.takes(),
            key.doc
        )?;
    }
    Ok(out)
}

fn exit_codes() -> Result<String> {
    let mut out = format!("# Exit codes\n{GENERATED}\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in casemate::CODES {
        writeln!(out, "| {code} | {meaning} |")?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reference_is_what_the_code_says() {
        super::run(true).expect("run `cargo xtask docs`");
    }
}
