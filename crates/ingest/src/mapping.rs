//! A kind as data: how to recognise its files, where the records are, and what each field means.
//!
//! The language is described for site authors in `docs/guide/import-mappings.md`. A mapping is read
//! and checked here as a whole, so that a wrong path is named when the mapping is loaded and not
//! when the first file comes.

mod apply;
mod expr;

pub(crate) use expr::Expr;

use crate::error::ImportError;
use crate::items::Family;
use crate::path::ItemPath;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A kind of report: its name, how it is recognised, and how it is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Name of the kind, as `--kind` takes it.
    pub kind: String,
    /// One line on what it is.
    pub title: String,
    /// The tool's name in findings, unless the file names it.
    pub tool: String,
    /// The format of the file.
    pub(crate) family: Family,
    /// Where the format is described.
    #[serde(default)]
    pub docs: String,
    /// Code that reads it instead of `items`.
    #[serde(default)]
    pub(crate) reader: Option<String>,
    /// Ways to recognise it; one is enough.
    #[serde(default)]
    pub(crate) detect: Vec<Rule>,
    /// Columns that the header row of a table has; what stands before that row is passed over.
    #[serde(default)]
    pub(crate) header: Vec<String>,
    /// What the file says of the scan as a whole.
    #[serde(default)]
    pub(crate) report: About,
    /// The records that are findings.
    #[serde(default)]
    pub(crate) items: Vec<Items>,
    /// The records that say what was checked.
    #[serde(default)]
    pub(crate) checks: Vec<Checks>,
    /// Counts of samples, with the reason where another tool counts differently.
    #[serde(default, rename = "count")]
    pub counts: Vec<Count>,
}

/// How many findings a sample file holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The sample, as `folder/file`.
    pub sample: String,
    /// Findings, with those that the tool itself does not count.
    pub findings: u64,
    /// What DefectDojo's tests state, if they do.
    #[serde(default)]
    pub theirs: Option<u64>,
    /// Why the two differ.
    #[serde(default)]
    pub why: String,
}

/// One way to recognise a file: all that is named has to be there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// JSON: paths of names; XML: paths of elements and attributes, the root first; CSV: columns;
    /// text: pieces of the text.
    #[serde(default)]
    pub(crate) has: Vec<String>,
    /// Paths (JSON, XML) with the value there; `*` stands for anything.
    #[serde(default)]
    pub(crate) equals: BTreeMap<String, String>,
    /// Paths that must not be there.
    #[serde(default)]
    pub(crate) not: Vec<String>,
    /// Text: each of these patterns fits some line.
    #[serde(default)]
    pub(crate) line: Vec<Pattern>,
    /// Text: this pattern fits every line that is not blank.
    #[serde(default)]
    pub(crate) lines: Option<Pattern>,
    /// JSON: the document has no other names than those of `has` at its top. For reports of tools
    /// that write next to nothing when they find nothing.
    #[serde(default)]
    pub(crate) only: bool,
    /// Added to the number of things that fit, to settle which of two kinds is meant.
    #[serde(default)]
    pub(crate) priority: i64,
}

/// A regular expression in a mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pattern(pub(crate) regex::Regex);

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        regex::Regex::new(&text)
            .map(Self)
            .map_err(|error| error.to_string())
    }
}

/// What the file says of the scan as a whole; paths begin with `$`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) tool: Option<Expr>,
    pub(crate) version: Option<Expr>,
    pub(crate) scanned_at: Option<Expr>,
    pub(crate) target: Option<Expr>,
    /// The host of findings that do not name one.
    pub(crate) host: Option<Expr>,
    /// When there is something here, the tool failed and the file says nothing.
    pub(crate) failed: Option<Expr>,
}

/// Records that are findings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Items {
    /// Where they are; not used for tables.
    #[serde(default)]
    records: String,
    /// The path, read; filled in by [`Mapping::parse`].
    #[serde(skip)]
    pub(crate) at: Option<ItemPath>,
    /// Conditions; all have to hold.
    #[serde(default)]
    pub(crate) when: Vec<Condition>,
    pub(crate) category: Category,
    pub(crate) check: Option<Expr>,
    pub(crate) own_id: Option<Expr>,
    pub(crate) title: Option<Expr>,
    pub(crate) severity: Option<SeverityRule>,
    pub(crate) description: Option<Expr>,
    pub(crate) remediation: Option<Expr>,
    pub(crate) host: Option<Expr>,
    pub(crate) path: Option<Expr>,
    pub(crate) line: Option<Expr>,
    pub(crate) subject: Option<Expr>,
    pub(crate) key: Option<Expr>,
    pub(crate) same_as: Option<Expr>,
    pub(crate) component: Option<ComponentRule>,
    #[serde(default)]
    pub(crate) ids: Vec<Expr>,
    #[serde(default)]
    pub(crate) cwes: Vec<Expr>,
    #[serde(default)]
    pub(crate) techniques: Vec<Expr>,
    #[serde(default)]
    pub(crate) references: Vec<Expr>,
    #[serde(default)]
    pub(crate) cvss: Vec<CvssRule>,
    pub(crate) epss: Option<Expr>,
    pub(crate) exploited: Option<Expr>,
    pub(crate) published: Option<Expr>,
    pub(crate) first_seen: Option<Expr>,
    pub(crate) last_seen: Option<Expr>,
    /// Name of the observation to where it is.
    #[serde(default)]
    pub(crate) evidence: BTreeMap<String, Expr>,
    pub(crate) suppressed: Option<SuppressedRule>,
    /// Texts are HTML.
    #[serde(default)]
    pub(crate) html: bool,
    /// Records without a check, an id or a title are passed over instead of rejected.
    #[serde(default)]
    pub(crate) skip_empty: bool,
}

/// A fixed category, or one that a field decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Category {
    Fixed(String),
    Of(Expr),
}

/// What must hold of a record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    pub(crate) path: Expr,
    /// One of these, in any case; `*` stands for anything.
    #[serde(default)]
    pub(crate) is: Vec<String>,
    /// None of these.
    #[serde(default)]
    pub(crate) not: Vec<String>,
    /// Whether there is something at all.
    #[serde(default)]
    pub(crate) exists: Option<bool>,
}

/// How the severity is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeverityRule {
    /// Where the tool's word is; absent when all findings are of the default.
    #[serde(default)]
    pub(crate) from: Option<Expr>,
    /// Words (in lower case) that this tool uses in its own sense.
    #[serde(default)]
    pub(crate) map: BTreeMap<String, casemate_schema::Severity>,
    /// The number is a CVSS score.
    #[serde(default)]
    pub(crate) cvss: bool,
    /// When nothing is said, or nothing that is known.
    #[serde(default)]
    pub(crate) default: Option<casemate_schema::Severity>,
}

/// The affected software.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComponentRule {
    pub(crate) name: Expr,
    pub(crate) version: Option<Expr>,
    pub(crate) purl: Option<Expr>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Expr>,
    pub(crate) fixed_version: Option<Expr>,
}

/// One score.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CvssRule {
    pub(crate) version: Option<Expr>,
    pub(crate) vector: Option<Expr>,
    pub(crate) score: Option<Expr>,
    pub(crate) source: Option<Expr>,
}

/// When the tool itself does not count a record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuppressedRule {
    pub(crate) when: Vec<Condition>,
    pub(crate) status: String,
    pub(crate) justification: Option<Expr>,
    pub(crate) statement: Option<Expr>,
}

/// Records that say what was checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checks {
    #[serde(default)]
    records: String,
    #[serde(skip)]
    pub(crate) at: Option<ItemPath>,
    pub(crate) id: Expr,
    /// The group that a check belongs to.
    pub(crate) surface: Option<Expr>,
    pub(crate) status: Expr,
    /// Words (in lower case) for each state; a word that is not named is not counted.
    pub(crate) map: BTreeMap<String, casemate_schema::Status>,
    pub(crate) reason: Option<Expr>,
}

impl Mapping {
    /// Reads and checks a mapping; `name` is for messages.
    ///
    /// # Errors
    /// [`ImportError::Mapping`] with the place and the reason.
    pub fn parse(name: &str, text: &str) -> Result<Self, ImportError> {
        let wrong = |reason: String| ImportError::Mapping {
            name: name.to_owned(),
            reason,
        };
        let mut mapping: Self =
            toml::from_str(text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        for items in &mut mapping.items {
            items.at = Some(ItemPath::parse(&items.records).map_err(&wrong)?);
        }
        for checks in &mut mapping.checks {
            checks.at = Some(ItemPath::parse(&checks.records).map_err(&wrong)?);
        }
        mapping.lint().map_err(wrong)?;
        Ok(mapping)
    }

    fn lint(&self) -> Result<(), String> {
        if self.kind.is_empty()
            || !self
                .kind
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        {
            return Err(format!(
                "`kind = {:?}`: letters, digits, `-` and `_` are allowed",
                self.kind
            ));
        }
        if self.reader.is_none() && self.items.is_empty() {
            return Err("it has neither `items` nor a reader".to_owned());
        }
        if self.reader.is_none() && self.family == Family::Text {
            return Err(
                "text has no records that a mapping could find; it needs a reader".to_owned(),
            );
        }
        for rule in &self.detect {
            let of_text = rule.line.is_empty() && rule.lines.is_none();
            if rule.has.is_empty() && rule.equals.is_empty() && of_text {
                return Err("a `detect` rule fits every file".to_owned());
            }
        }
        for items in &self.items {
            let fields = [&items.check, &items.title];
            if fields.iter().all(|field| field.is_none()) && items.ids.is_empty() {
                return Err(format!(
                    "`items` at `{}` has neither check, title nor ids",
                    items.records
                ));
            }
            if let Category::Fixed(word) = &items.category
                && !crate::draft::CATEGORIES.contains(&word.as_str())
            {
                let known = crate::draft::CATEGORIES.join(", ");
                return Err(format!("`category = {word:?}`: there are {known}"));
            }
        }
        for count in &self.counts {
            if count.theirs.is_some_and(|theirs| theirs != count.findings) && count.why.is_empty() {
                return Err(format!(
                    "the count of `{}` differs without a reason",
                    count.sample
                ));
            }
        }
        Ok(())
    }
}
