//! The results of one run as findings.

use super::facts;
use super::hit::{Hit, Location, Step};
use super::hooks::{self, Scene, Tool};
use super::loose::Ends;
use super::message;
use super::model::{External, Invocation, Run};
use super::place::Places;
use super::rules::{self, Book, Known};
use crate::collector::Collector;
use crate::draft::Draft;
use crate::error::ImportError;
use casemate_schema::Status;
use std::collections::{HashMap, HashSet};

/// Notifications that are named one by one.
const NOTES_MAX: usize = 20;
/// Longest text of a notification.
const NOTE_CHARACTERS: usize = 300;

/// A run while its results are read.
pub(super) struct Reading<'r> {
    run: &'r Run<'r>,
    invocations: Vec<&'r Invocation<'r>>,
    book: Book<'r>,
    places: Places,
    tool: String,
    version: String,
    known: Option<&'static Tool>,
    /// Results that the first pass met.
    n_results: u64,
    /// Rules whose hit is noted already.
    hits: HashSet<String>,
    n_informational: u64,
}

impl<'r> Reading<'r> {
    pub(super) fn new(run: &'r Run<'r>, parts: &[&'r External<'r>], n_results: u64) -> Self {
        let driver = run.tool.driver.as_ref();
        let name = driver.map_or("", |driver| &driver.name);
        let name = if name.is_empty() {
            &run.tool.name
        } else {
            name
        };
        let known = hooks::of(name);
        let own = known.map(|tool| tool.name).filter(|name| !name.is_empty());
        let versions = match driver {
            Some(driver) => [&driver.version, &driver.semantic_version],
            None => [&run.tool.version, &run.tool.semantic_version],
        };
        let version = versions.into_iter().find(|version| !version.is_empty());
        let extensions: Vec<_> = parts
            .iter()
            .flat_map(|part| part.driver.iter().chain(part.extensions.iter()))
            .collect();
        let mut places = Places::new(run);
        for part in parts {
            places.add(&part.artifacts);
        }
        let outside = parts.iter().flat_map(|part| part.invocations.iter());
        Self {
            run,
            invocations: run.invocations.iter().chain(outside).collect(),
            book: Book::new(run, &extensions),
            places,
            tool: own.unwrap_or(name).to_owned(),
            version: version.map(|text| text.to_string()).unwrap_or_default(),
            known,
            n_results: n_results
                + parts
                    .iter()
                    .map(|part| part.results.len() as u64)
                    .sum::<u64>(),
            hits: HashSet::new(),
            n_informational: 0,
        }
    }

    /// Makes this run's tool that of the findings that follow.
    pub(super) fn announce(&self, out: &mut Collector) {
        out.tool(&self.tool);
        out.tool_version(&self.version);
    }

    /// Whether it has no results because it did not look.
    fn is_without(&self) -> bool {
        self.run.results.is_none() && self.n_results == 0
    }

    fn failure(&self) -> Option<String> {
        let failed = self
            .invocations
            .iter()
            .find(|invocation| *invocation.execution_successful.0 == *"false")?;
        let first = notifications(failed)
            .find(|(level, _)| *level == "error")
            .map(|(_, text)| text);
        let code =
            (!failed.exit_code.is_empty()).then(|| format!("exit code {}", failed.exit_code.0));
        let said = (!failed.exit_code_description.is_empty())
            .then(|| failed.exit_code_description.to_string());
        Some(
            first
                .or(said)
                .or(code)
                .unwrap_or_else(|| "the run was not successful".to_owned()),
        )
    }

    /// What the run says of itself.
    pub(super) fn about(&self, out: &mut Collector) {
        let last = self.invocations.last();
        if let Some(last) = last {
            out.scanned_at(&last.start_time_utc);
            out.scanned_at(&last.end_time_utc);
        }
        let repository = self.run.version_control_provenance.first();
        for target in [
            &*self.run.automation_details.id.0,
            repository.map_or("", |repository| &repository.repository_uri),
            self.run.properties.text("imageName"),
        ] {
            out.target(target);
        }
        if let Some(reason) = self.failure() {
            out.note(format!("{}: the run failed: {reason}", self.tool));
        } else if self.is_without() {
            out.note(format!(
                "{}: the run has no results; it did not look",
                self.tool
            ));
        }
        let mut n_more = 0;
        let mut warnings = (0, String::new());
        let all = self.invocations.iter().flat_map(|one| notifications(one));
        for (number, (level, text)) in all.filter(|(level, _)| *level != "note").enumerate() {
            if level != "error" {
                warnings.0 += 1;
                warnings.1 = if warnings.1.is_empty() {
                    text
                } else {
                    warnings.1
                };
            } else if number < NOTES_MAX {
                out.note(format!("{}: {text}", self.tool));
            } else {
                n_more += 1;
            }
        }
        if n_more > 0 {
            out.note(format!("{}: {n_more} more errors of the run", self.tool));
        }
        if warnings.0 > 0 {
            let (n, first) = warnings;
            out.note(format!(
                "{}: {n} warnings of the run, the first: {first}",
                self.tool
            ));
        }
    }

    /// What is known when all results are read.
    pub(super) fn end(&self, out: &mut Collector) {
        if self.n_informational > 0 {
            out.note(format!(
                "{}: {} results that inform are no findings",
                self.tool, self.n_informational
            ));
        }
    }

    /// Takes a result.
    pub(super) fn take(&mut self, hit: &Hit<'_>, out: &mut Collector) {
        let rule = self.book.of(hit);
        let id = [&*hit.rule_id.0, &*hit.rule.id.0]
            .into_iter()
            .find(|id| !id.is_empty())
            .unwrap_or_else(|| rule.map_or("", |rule| rule.id.as_str()));
        let own = rule
            .and_then(|rule| rule.raw)
            .map(|raw| &raw.message_strings);
        let strings: Vec<_> = own
            .into_iter()
            .chain(self.book.strings.iter().copied())
            .collect();
        let text = message::text(&hit.message, &strings);
        // Drafts said in the level what is the kind now.
        let kind = if hit.kind.is_empty() {
            &hit.level
        } else {
            &hit.kind
        };
        let surface = self.tool.as_str();
        let named = if id.is_empty() {
            message::title(&text, "")
        } else {
            id.to_owned()
        };
        let reason = || {
            Some(
                text.trim()
                    .chars()
                    .take(NOTE_CHARACTERS)
                    .collect::<String>(),
            )
        };
        match &**kind {
            "pass" => return out.check(&named, surface, Status::Passed, None),
            "notApplicable" => return out.check(&named, surface, Status::NotApplicable, reason()),
            "open" | "review" => return out.check(&named, surface, Status::NotAssessed, reason()),
            "informational" => {
                self.n_informational += 1;
                return;
            }
            _ => {}
        }
        let draft = self.draft(hit, rule, id, &text);
        // Each location has to be mended, so each is a finding, as DefectDojo counts them.
        let locations: Vec<Option<&Location<'_>>> = if hit.locations.is_empty() {
            vec![None]
        } else {
            hit.locations.iter().map(Some).collect()
        };
        let several = locations.len() > 1;
        let mut first = Some(draft);
        for location in locations {
            let draft = if several { first.clone() } else { first.take() };
            if let Some(draft) = draft {
                let draft = self.placed(draft, hit, rule, location, &text);
                if !self.hits.contains(&draft.check) {
                    out.check(&draft.check, &self.tool, Status::Hit, None);
                    self.hits.insert(draft.check.clone());
                }
                out.finding(draft);
            }
        }
    }

    /// What is the same at all locations.
    fn draft(&self, hit: &Hit<'_>, rule: Option<&Known<'_>>, id: &str, text: &str) -> Draft {
        let empty = Known::default();
        let rule = rule.unwrap_or(&empty);
        let mut draft = Draft {
            check: id.to_owned(),
            own_id: facts::own_id(hit),
            title: message::title(text, &rule.title),
            category: self.known.map_or("code", |tool| tool.category).to_owned(),
            description: String::new(),
            remediation: facts::remediation(hit, rule, text),
            cwes: rule.cwes.clone(),
            techniques: rule.techniques.clone(),
            references: rule.references.clone(),
            suppressed: facts::suppressed(hit),
            first_seen: hit.provenance.first_detection_time_utc.to_string(),
            last_seen: hit.provenance.last_detection_time_utc.to_string(),
            ..Draft::default()
        };
        draft.description = facts::description(text, &draft.title, &rule.description);
        if draft.title.is_empty() {
            draft.title = if rule.title.is_empty() {
                id.to_owned()
            } else {
                rule.title.clone()
            };
        }
        (draft.severity, draft.severity_word) = facts::severity(hit, rule, &draft.category);
        draft.cvss.clone_from(&rule.cvss);
        if let Some(cve) = facts::identifier(id) {
            draft.ids.push(cve);
            "vulnerability".clone_into(&mut draft.category);
        }
        let nothing = HashMap::new();
        for taxon in hit.taxa.iter() {
            rules::taxon(taxon, &nothing, &mut draft.cwes, &mut draft.techniques);
        }
        for name in ["cwe", "cwes", "tags"] {
            for tag in hit.properties.texts(name) {
                rules::tagged(tag, &mut draft.cwes, &mut draft.techniques);
            }
        }
        draft.references.push(hit.hosted_viewer_uri.to_string());
        draft
            .references
            .extend(hit.work_item_uris.iter().map(|uri| uri.to_string()));
        draft
    }

    /// The finding at one location.
    fn placed(
        &self,
        mut draft: Draft,
        hit: &Hit<'_>,
        rule: Option<&Known<'_>>,
        location: Option<&Location<'_>>,
        text: &str,
    ) -> Draft {
        let place = match location {
            Some(location) => self.places.of(location),
            None => self.places.of_artifact(&hit.analysis_target),
        };
        draft.path.clone_from(&place.path);
        draft.host.clone_from(&place.host);
        draft.subject.clone_from(&place.subject);
        draft.line = place.line;
        if draft.subject.is_empty() && !hit.web_request.target.is_empty() {
            let request = &hit.web_request;
            draft.subject = format!("{} {}", request.method.0, request.target.0)
                .trim()
                .to_owned();
        }
        if let Some(location) = location {
            let physical = &location.physical_location;
            let snippets = [
                &physical.region.snippet.text,
                &physical.context_region.snippet.text,
            ];
            let code = snippets.into_iter().find(|text| !text.is_empty());
            draft.see(
                "code",
                code.map(|text| text.to_string()).unwrap_or_default(),
            );
            if let (Some(column), true) = (physical.region.start_column.0, place.line.is_some()) {
                draft.see("column", column.to_string());
            }
            draft.see("here", location.message.text.as_ref());
        }
        self.flows(hit, &mut draft);
        facts::properties(hit, &mut draft);
        if let Some(hook) = self.known.and_then(|tool| tool.hook) {
            let scene = Scene {
                rule,
                message: text,
                place: &place,
            };
            hook(&scene, &mut draft);
        }
        draft
    }

    /// How the tool got there, in short.
    fn flows(&self, hit: &Hit<'_>, draft: &mut Draft) {
        let flow = hit.code_flows.first.as_ref();
        if let Some(thread) = flow.and_then(|flow| flow.thread_flows.first.as_ref()) {
            let more = hit.code_flows.n.saturating_sub(1);
            draft.see("flow", self.way(&thread.locations, "steps", more));
        }
        if let Some(stack) = &hit.stacks.first {
            draft.see("stack", self.way(&stack.frames, "frames", 0));
        }
        let related = &hit.related_locations;
        for location in related.first.iter().chain(&related.last) {
            draft.see("related", self.point(location));
        }
        if related.n > 2 {
            draft.see("related", format!("{} places in all", related.n));
        }
    }

    fn way(&self, steps: &Ends<Step<'_>>, what: &str, more: usize) -> String {
        let ends = steps.first.iter().chain(&steps.last);
        let ends: Vec<String> = ends.map(|step| self.point(&step.location)).collect();
        let mut out = format!("{} {what}: {}", steps.n, ends.join(" -> "));
        if more > 0 {
            out.push_str(&format!(" (and {more} more ways)"));
        }
        out
    }

    fn point(&self, location: &Location<'_>) -> String {
        let place = self.places.of(location);
        let mut out = if place.path.is_empty() {
            place.subject
        } else {
            place.path
        };
        if let Some(line) = place.line {
            out.push_str(&format!(":{line}"));
        }
        let text = message::text(&location.message, &self.book.strings);
        if !text.is_empty() {
            out.push_str(&format!(" ({text})"));
        }
        out
    }
}

/// Refuses a report of which no run looked, and one at least says that it failed.
pub(super) fn refuse_failed(runs: &[Reading<'_>]) -> Result<(), ImportError> {
    if runs.iter().all(Reading::is_without)
        && let Some(reason) = runs.iter().find_map(Reading::failure)
    {
        return Err(ImportError::ToolFailed { reason });
    }
    Ok(())
}

/// Level and text of what an invocation met.
fn notifications<'n>(
    invocation: &'n Invocation<'n>,
) -> impl Iterator<Item = (&'n str, String)> + 'n {
    let configuration = invocation.tool_configuration_notifications.iter();
    let all = configuration.chain(invocation.tool_execution_notifications.iter());
    all.map(|notification| {
        let level = match &*notification.level.0 {
            "" => "warning",
            level => level,
        };
        let text = message::text(&notification.message, &[]);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut text: String = text.chars().take(NOTE_CHARACTERS).collect();
        let first = notification.locations.first.as_ref();
        let uri = first.map_or("", |first| &first.physical_location.artifact_location.uri);
        if !uri.is_empty() && !text.contains(uri) {
            text = format!("{uri}: {text}");
        }
        if text.is_empty() {
            text = notification.descriptor.id.to_string();
        }
        (level, text)
    })
}
