//! What a check is: a card for people, and a function from facts to hits.
//!
//! One check is one file (`checks/<surface>/<name>.rs`) that holds one [`check!`] and one function.
//! The card's text is the doc comment inside the macro; the reference pages, `casemate explain` and
//! the findings themselves are made from it.

use crate::facts::Facts;
use crate::surface::Surface;
use crate::tree::TreeError;
use casemate_schema::{Evidence, ReferenceKind, Severity, Text};
use std::path::{Path, PathBuf};

/// A check as it stands in the list of its surface.
#[derive(Debug)]
pub struct Check {
    /// Identifier in kebab case, beginning with the surface's short name.
    pub id: &'static str,
    /// The surface that it belongs to.
    pub surface: Surface,
    /// What is wrong when it hits, in a few words, without the subject.
    pub title: &'static str,
    /// Severity of a hit that does not say otherwise.
    pub severity: Severity,
    /// Catalogue entries and manuals.
    pub references: &'static [(ReferenceKind, &'static str)],
    /// Whether it runs in a deep scan alone.
    pub deep: bool,
    /// Lines of the card, as written in the check's file.
    pub doc: &'static [&'static str],
    /// Looks at the facts and reports hits.
    pub run: fn(&mut Cx<'_>) -> Result<(), Skip>,
}

/// Declares the check of a file, with its card as the doc comment.
macro_rules! check {
    (
        $(#[doc = $doc:literal])*
        id: $id:literal,
        surface: $surface:ident,
        title: $title:literal,
        severity: $severity:ident,
        references: [$($kind:ident $reference:literal),* $(,)?],
        $(deep: $deep:literal,)?
    ) => {
        $(#[doc = $doc])*
        pub(crate) static CHECK: $crate::check::Check = $crate::check::Check {
            id: $id,
            surface: $crate::surface::Surface::$surface,
            title: $title,
            severity: casemate_schema::Severity::$severity,
            references: &[$((casemate_schema::ReferenceKind::$kind, $reference)),*],
            deep: false $(|| $deep)?,
            doc: &[$($doc),*],
            run,
        };
    };
}
pub(crate) use check;

/// The sections of a card, in the order in which every card has them.
const SECTIONS: [&str; 5] = [
    "What it checks",
    "Why it matters",
    "Example",
    "Instead",
    "Parameters",
];

/// A card cut into its sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// What it looks at, and when it hits.
    pub what: String,
    /// What an attacker or an accident makes of it.
    pub why: String,
    /// Input that makes it hit.
    pub example: String,
    /// What good looks like, or how to fix it.
    pub instead: String,
    /// Name, default and effect of each parameter; empty when it has none.
    pub parameters: String,
}

impl Check {
    /// The card's sections.
    #[must_use]
    pub fn card(&self) -> Card {
        let mut sections: [String; 5] = Default::default();
        let mut current: Option<usize> = None;
        for line in self.doc {
            let line = line.strip_prefix(' ').unwrap_or(line);
            if let Some(name) = line.strip_prefix("# ") {
                current = SECTIONS.iter().position(|section| *section == name.trim());
                continue;
            }
            if let Some(section) = current.and_then(|position| sections.get_mut(position)) {
                section.push_str(line);
                section.push('\n');
            }
        }
        let [what, why, example, instead, parameters] =
            sections.map(|section| section.trim().to_owned());
        Card {
            what,
            why,
            example,
            instead,
            parameters,
        }
    }
}

/// All checks, sorted by surface and then as their family lists them.
#[must_use]
pub fn all() -> Vec<&'static Check> {
    crate::checks::FAMILIES
        .iter()
        .flat_map(|family| family.iter().copied())
        .collect()
}

/// The check with the given identifier.
#[must_use]
pub fn find(id: &str) -> Option<&'static Check> {
    all().into_iter().find(|check| check.id == id)
}

/// Why a check did not look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// What it looks at does not exist here.
    NotApplicable(String),
    /// It could not look.
    NotAssessed {
        /// Why.
        reason: String,
        /// Whether more rights would have let it look.
        privileges: bool,
    },
}

impl Skip {
    /// What the check looks at does not exist here.
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self::NotApplicable(reason.into())
    }

    /// The check could not look.
    pub fn not_assessed(reason: impl Into<String>) -> Self {
        Self::NotAssessed {
            reason: reason.into(),
            privileges: false,
        }
    }
}

impl From<TreeError> for Skip {
    fn from(error: TreeError) -> Self {
        Self::NotAssessed {
            reason: error.to_string(),
            privileges: error.is_denied(),
        }
    }
}

/// A part of the subject that a fact or check could not see, while it saw the rest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// What was not seen, and why; without counts that change from run to run where possible.
    pub reason: String,
    /// Whether more rights would have shown it.
    pub privileges: bool,
}

impl Limit {
    /// A limit from a failed read.
    #[must_use]
    pub fn from_error(error: &TreeError) -> Self {
        Self {
            reason: error.to_string(),
            privileges: error.is_denied(),
        }
    }
}

/// One thing that a check found.
#[derive(Clone, Debug)]
pub struct Hit {
    pub(crate) title: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) path: Option<PathBuf>,
    pub(crate) line: Option<u64>,
    pub(crate) subject: Option<String>,
    pub(crate) keys: Vec<Vec<u8>>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) instead: Option<String>,
}

impl Hit {
    /// A hit with a title that names its subject. Its identity is made of path, subject and keys.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            severity: None,
            path: None,
            line: None,
            subject: None,
            keys: Vec::new(),
            evidence: Vec::new(),
            instead: None,
        }
    }

    /// The file that it is about; part of its identity.
    #[must_use]
    pub fn path(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_path_buf());
        self
    }

    /// The line in that file; no part of its identity.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// What it is about when that is no file (user, unit, address, setting); part of its identity.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// A further part of its identity that is not shown, to tell two hits of one subject apart.
    #[must_use]
    pub fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.keys.push(key.as_ref().to_vec());
        self
    }

    /// Another severity than the check's own.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Something that was seen.
    #[must_use]
    pub fn evidence(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.evidence.push(Evidence {
            name: name.into(),
            value: value.into(),
            path: None,
            line: None,
        });
        self
    }

    /// Something that was seen, with the file and line where it stands.
    #[must_use]
    pub fn evidence_at(
        mut self,
        name: &str,
        value: impl Into<String>,
        path: impl AsRef<Path>,
        line: Option<u64>,
    ) -> Self {
        let path = Some(crate::run::path_text(path.as_ref()).0);
        let value = value.into();
        self.evidence.push(Evidence {
            name: name.into(),
            value: value.into(),
            path: path.map(Text::from),
            line,
        });
        self
    }

    /// A fix that fits this hit better than the card's *Instead*.
    #[must_use]
    pub fn instead(mut self, text: impl Into<String>) -> Self {
        self.instead = Some(text.into());
        self
    }
}

/// What a check works with: the facts of the host, and a place for its hits.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The facts of the host, each parsed once.
    pub facts: &'a Facts<'a>,
    hits: Vec<Hit>,
    limits: Vec<Limit>,
}

impl<'a> Cx<'a> {
    pub(crate) const fn new(facts: &'a Facts<'a>) -> Self {
        Self {
            facts,
            hits: Vec::new(),
            limits: Vec::new(),
        }
    }

    /// Reports one thing that is wrong.
    pub fn hit(&mut self, hit: Hit) {
        self.hits.push(hit);
    }

    /// Says that a part could not be seen: without a hit, the check then counts as not assessed.
    pub fn limit(&mut self, limit: Limit) {
        self.limits.push(limit);
    }

    /// As [`Self::limit`] for all limits of a fact.
    pub fn limits(&mut self, limits: &[Limit]) {
        self.limits.extend_from_slice(limits);
    }

    pub(crate) fn into_parts(self) -> (Vec<Hit>, Vec<Limit>) {
        (self.hits, self.limits)
    }
}
