//! Taking other tools' reports, as several commands do it.

use super::Ctx;
use crate::exit::{self, Failure};
use crate::output;
use crate::progress::Progress;
use casemate_app::import::{self, ImportRequest, Outcome};
use casemate_app::{records, suppress};
use casemate_schema::Report;
use clap::Args;
use std::path::PathBuf;

/// How files are read.
#[derive(Debug, Default, Args)]
pub(crate) struct Intake {
    /// The kind of all files; else each file's kind is found by what stands in it
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// A mapping of your own for a format that is not known; see `casemate help mappings`
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Vec<PathBuf>,
}

/// What does not count.
#[derive(Debug, Default, Args)]
pub(crate) struct Suppressing {
    /// A VEX document (OpenVEX, CSAF or CycloneDX): what it rules out does not count
    #[arg(long, value_name = "FILE")]
    pub(crate) vex: Vec<String>,
    /// Rules for what does not count [default: .casemateignore.yaml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) ignore_file: Option<PathBuf>,
    /// Show what does not count too, with the reason
    #[arg(long)]
    pub(crate) show_suppressed: bool,
}

impl Intake {
    /// Whether any of the flags was given.
    pub(crate) fn is_given(&self) -> bool {
        self.kind.is_some() || !self.mapping.is_empty()
    }

    /// What the flags ask for.
    pub(crate) fn request(
        &self,
        ctx: &Ctx<'_>,
        files: &[String],
        record: bool,
    ) -> Result<ImportRequest, Failure> {
        let data_dir = ctx.config.data_dir().ok();
        let mappings = self.mapping.iter().map(|path| import::mapping(path));
        Ok(ImportRequest {
            files: files.to_vec(),
            kind: self.kind.clone(),
            mappings: mappings.collect::<Result<_, _>>()?,
            record,
            apart: records::apart(data_dir.as_deref())?,
            now: ctx.now(),
            threads: ctx.threads(),
        })
    }

    /// Reads the files, and says which could not be taken. With `record` what they hold is made
    /// ready for the records.
    pub(crate) fn take(
        &self,
        ctx: &Ctx<'_>,
        files: &[String],
        record: bool,
    ) -> Result<Outcome, Failure> {
        let request = self.request(ctx, files, record)?;
        let progress = Progress::new(ctx.global.quiet, "reading");
        let outcome = import::take(&request, &|done, of| {
            progress.step(done, of, "files");
        })?;
        drop(progress);
        for error in &outcome.refused {
            exit::error_lines(error)
                .iter()
                .for_each(|line| output::say(line));
        }
        for file in &outcome.files {
            for record in &file.input.rejected {
                let (place, reason) = (&record.place, &record.reason);
                output::say(&format!(
                    "warning: {}: {place}: {reason}; not taken",
                    file.input.name
                ));
            }
            for note in &file.notes {
                ctx.say(&format!("note: {}: {note}", file.input.name));
            }
        }
        Ok(outcome)
    }
}

impl Suppressing {
    /// Takes out of a report what does not count, and says which rules did nothing.
    pub(crate) fn apply(
        &self,
        ctx: &Ctx<'_>,
        report: &mut Report,
        mut statements: Vec<casemate_schema::Statement>,
    ) -> Result<(), Failure> {
        if !self.vex.is_empty() {
            let intake = Intake::default();
            let vex = intake.take(ctx, &self.vex, false)?;
            for file in &vex.files {
                if file.input.statements == 0 {
                    let name = &file.input.name;
                    output::say(&format!("warning: {name} holds no VEX statement"));
                }
            }
            statements.extend(vex.statements);
        }
        let rules = suppress::rules(self.ignore_file.as_deref())?;
        for warning in suppress::apply(report, &statements, &rules, ctx.now()) {
            output::say(&format!("warning: {warning}"));
        }
        Ok(())
    }

    /// The report as it is shown: without what does not count, unless that was asked for.
    pub(crate) fn shown(&self, mut report: Report, format: &str) -> Report {
        if !self.keeps_all(format) {
            report.suppressed.clear();
        }
        report
    }

    /// Whether the format is to show what does not count too.
    pub(crate) fn keeps_all(&self, format: &str) -> bool {
        // These carry everything; what does not count stands apart in them.
        self.show_suppressed || matches!(format, "json" | "ndjson" | "openvex")
    }
}
