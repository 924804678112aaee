//! A mapping at work: each record becomes a [`Draft`].

use super::{About, Category, Checks, Condition, Expr, Items, Mapping, SeverityRule};
use crate::collector::Collector;
use crate::cvss;
use crate::draft::Draft;
use crate::error::ImportError;
use crate::field::flag_of;
use crate::input::Input;
use crate::items;
use crate::path::Scope;
use crate::{markup, severity};
use casemate_schema::{Component, Cvss, Text};

impl Mapping {
    /// Reads a file of this kind.
    pub(crate) fn read(&self, input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
        self.check_fit(input)?;
        let host = self.about(input, out)?;
        let mut records = 0_u64;
        for entry in &self.items {
            let Some(path) = &entry.at else { continue };
            items::each(input, self.family, path, &self.header, &mut |scope| {
                records += 1;
                if holds(&entry.when, scope) {
                    match draft_of(entry, scope) {
                        Some(mut draft) => {
                            if let (true, Some(host)) = (draft.host.is_empty(), &host) {
                                draft.host.clone_from(host);
                            }
                            out.finding(draft);
                        }
                        None if entry.skip_empty => {}
                        None => out.reject(
                            scope.place,
                            "it has neither a rule, a title nor an identifier",
                        ),
                    }
                }
                Ok(())
            })?;
        }
        for entry in &self.checks {
            let Some(path) = &entry.at else { continue };
            items::each(input, self.family, path, &self.header, &mut |scope| {
                take_check(entry, scope, out);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// What the file says of the scan; returns the host of findings that name none.
    fn about(&self, input: &Input<'_>, out: &mut Collector) -> Result<Option<String>, ImportError> {
        let About {
            tool,
            version,
            scanned_at,
            target,
            host,
            failed,
        } = &self.report;
        let all = [tool, version, scanned_at, target, host, failed];
        if all.iter().all(|field| field.is_none()) {
            return Ok(None);
        }
        let Some(path) = self.items.first().and_then(|entry| entry.at.as_ref()) else {
            return Ok(None);
        };
        let root = items::around(input, self.family, path)?;
        let scope = Scope {
            root: &root,
            parents: Vec::new(),
            item: &root,
            key: None,
            index: 0,
            place: &"",
        };
        let get = |expr: &Option<Expr>| expr.as_ref().and_then(|expr| expr.text(&scope));
        if let Some(reason) = get(failed) {
            return Err(ImportError::ToolFailed { reason });
        }
        out.tool(&get(tool).unwrap_or_default());
        out.tool_version(&get(version).unwrap_or_default());
        out.scanned_at(&get(scanned_at).unwrap_or_default());
        out.target(&get(target).unwrap_or_default());
        Ok(get(host))
    }

    /// Refuses a document that has none of what the kind is recognised by, when a kind is asked for
    /// by name: it would read as a clean scan.
    fn check_fit(&self, input: &Input<'_>) -> Result<(), ImportError> {
        if self.detect.is_empty() || crate::detect::fits(input, self) {
            return Ok(());
        }
        Err(ImportError::NotThisKind {
            kind: self.kind.clone(),
            reason: crate::detect::missing(input, self),
        })
    }
}

/// Whether all conditions hold.
pub(crate) fn holds(conditions: &[Condition], scope: &Scope<'_>) -> bool {
    conditions.iter().all(|condition| {
        let text = condition.path.text(scope);
        if condition
            .exists
            .is_some_and(|wanted| wanted != text.is_some())
        {
            return false;
        }
        let text = text.unwrap_or_default();
        let fits =
            |pattern: &String| crate::detect::glob(&pattern.to_lowercase(), &text.to_lowercase());
        (condition.is.is_empty() || condition.is.iter().any(fits))
            && !condition.not.iter().any(fits)
    })
}

fn draft_of(entry: &Items, scope: &Scope<'_>) -> Option<Draft> {
    let get = |expr: &Option<Expr>| -> String {
        expr.as_ref()
            .and_then(|expr| expr.text(scope))
            .unwrap_or_default()
    };
    let prose = |expr: &Option<Expr>| {
        let text = get(expr);
        if entry.html {
            markup::plain(&text)
        } else {
            text
        }
    };
    let list = |exprs: &[Expr]| -> Vec<String> {
        exprs.iter().flat_map(|expr| expr.texts(scope)).collect()
    };
    let word = entry
        .severity
        .as_ref()
        .and_then(|rule| rule.from.as_ref()?.text(scope))
        .unwrap_or_default();
    let mut draft = Draft {
        check: get(&entry.check),
        own_id: get(&entry.own_id),
        title: prose(&entry.title),
        severity: entry.severity.as_ref().and_then(|rule| level(rule, &word)),
        severity_word: word,
        category: match &entry.category {
            Category::Fixed(word) => word.clone(),
            Category::Of(expr) => expr.text(scope).unwrap_or_default(),
        },
        description: prose(&entry.description),
        remediation: prose(&entry.remediation),
        host: get(&entry.host),
        path: get(&entry.path),
        line: number(&get(&entry.line)),
        subject: get(&entry.subject),
        evidence: Vec::new(),
        ids: list(&entry.ids),
        cwes: list(&entry.cwes),
        techniques: list(&entry.techniques),
        references: list(&entry.references),
        component: component(entry, scope),
        cvss: cvss(entry, scope),
        epss: severity::number(&get(&entry.epss)),
        exploited: flag_of(&get(&entry.exploited)),
        published: get(&entry.published),
        first_seen: get(&entry.first_seen),
        last_seen: get(&entry.last_seen),
        key: get(&entry.key),
        same_as: get(&entry.same_as),
        suppressed: None,
    };
    if draft.check.is_empty() && draft.title.is_empty() && draft.ids.is_empty() {
        return None;
    }
    see(entry, scope, &mut draft);
    Some(draft)
}

/// Observations, and why the tool itself does not count the record.
fn see(entry: &Items, scope: &Scope<'_>, draft: &mut Draft) {
    for (name, expr) in &entry.evidence {
        match expr.text(scope) {
            Some(text) if entry.html => draft.see(name, markup::plain(&text)),
            Some(text) => draft.see(name, text),
            None => {}
        }
    }
    if let Some(rule) = &entry.suppressed
        && holds(&rule.when, scope)
    {
        let get = |expr: &Option<Expr>| {
            let text = expr.as_ref().and_then(|expr| expr.text(scope));
            text.unwrap_or_default()
        };
        let status = rule.status.clone();
        draft.suppressed = Some((status, get(&rule.justification), get(&rule.statement)));
    }
}

fn level(rule: &SeverityRule, word: &str) -> Option<casemate_schema::Severity> {
    let mapped = rule.map.get(&word.to_lowercase()).copied();
    let scored = || {
        let number = rule.cvss.then(|| severity::number(word)).flatten();
        number.map(severity::of_cvss)
    };
    mapped
        .or_else(scored)
        .or_else(|| severity::of_word(word))
        .or(rule.default)
}

fn component(entry: &Items, scope: &Scope<'_>) -> Option<Component> {
    let rule = entry.component.as_ref()?;
    let get = |expr: &Option<Expr>| {
        expr.as_ref()
            .and_then(|expr| expr.text(scope))
            .map(Text::from)
    };
    Some(Component {
        name: rule.name.text(scope)?.into(),
        version: get(&rule.version),
        purl: get(&rule.purl),
        kind: get(&rule.kind),
        fixed_version: get(&rule.fixed_version),
    })
}

fn cvss(entry: &Items, scope: &Scope<'_>) -> Vec<Cvss> {
    let mut out = Vec::new();
    for rule in &entry.cvss {
        let get = |expr: &Option<Expr>| expr.as_ref().and_then(|expr| expr.text(scope));
        let text = |expr| get(expr).unwrap_or_default();
        let score = get(&rule.score).and_then(|text| severity::number(&text));
        out.extend(cvss::scored(
            &text(&rule.version),
            &text(&rule.vector),
            score,
            &text(&rule.source),
        ));
    }
    out
}

/// A line number; 0 and ranges such as `3-7` are read for their first line.
fn number(text: &str) -> Option<u64> {
    let digits: String = text
        .trim()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok().filter(|line| *line > 0)
}

fn take_check(entry: &Checks, scope: &Scope<'_>, out: &mut Collector) {
    let (Some(id), Some(word)) = (entry.id.text(scope), entry.status.text(scope)) else {
        return;
    };
    let Some(status) = entry.map.get(&word.to_lowercase()) else {
        return;
    };
    let get = |expr: &Option<Expr>| expr.as_ref().and_then(|expr| expr.text(scope));
    let surface = get(&entry.surface).unwrap_or_else(|| "imported".to_owned());
    out.check(&id, &surface, *status, get(&entry.reason));
}
