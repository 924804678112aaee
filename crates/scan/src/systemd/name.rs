//! Names of units: kind, prefix, instance, and the names whose drop-ins also apply.
//!
//! Invariants: a [`UnitName`] is valid by the rules of systemd.unit(5), so that it is also a safe
//! file name (no slash, no control character, at most 255 bytes).

use std::fmt;

/// Longest unit name.
pub const NAME_BYTES_MAX: usize = 255;

/// The kind of a unit, by its suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each variant is the suffix of systemd.unit(5) of that name"
)]
pub enum UnitKind {
    Automount,
    Device,
    Mount,
    Path,
    Scope,
    Service,
    Slice,
    Socket,
    Swap,
    Target,
    Timer,
}

impl UnitKind {
    const ALL: [Self; 11] = [
        Self::Automount,
        Self::Device,
        Self::Mount,
        Self::Path,
        Self::Scope,
        Self::Service,
        Self::Slice,
        Self::Socket,
        Self::Swap,
        Self::Target,
        Self::Timer,
    ];

    /// The suffix without its dot.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Automount => "automount",
            Self::Device => "device",
            Self::Mount => "mount",
            Self::Path => "path",
            Self::Scope => "scope",
            Self::Service => "service",
            Self::Slice => "slice",
            Self::Socket => "socket",
            Self::Swap => "swap",
            Self::Target => "target",
            Self::Timer => "timer",
        }
    }

    /// The section of its own settings, where it has one.
    #[must_use]
    pub fn section(self) -> Option<&'static str> {
        match self {
            Self::Automount => Some("Automount"),
            Self::Mount => Some("Mount"),
            Self::Path => Some("Path"),
            Self::Scope => Some("Scope"),
            Self::Service => Some("Service"),
            Self::Slice => Some("Slice"),
            Self::Socket => Some("Socket"),
            Self::Swap => Some("Swap"),
            Self::Timer => Some("Timer"),
            Self::Device | Self::Target => None,
        }
    }

    /// Whether a unit of this kind starts processes (systemd.exec(5) applies).
    #[must_use]
    pub fn executes(self) -> bool {
        matches!(
            self,
            Self::Service | Self::Socket | Self::Mount | Self::Swap
        )
    }

    /// Whether a link may give a unit of this kind a second name.
    #[must_use]
    pub fn may_alias(self) -> bool {
        matches!(
            self,
            Self::Service | Self::Socket | Self::Target | Self::Device | Self::Timer | Self::Path
        )
    }

    /// Whether there are templates of this kind.
    #[must_use]
    pub fn may_template(self) -> bool {
        matches!(
            self,
            Self::Service | Self::Socket | Self::Target | Self::Timer | Self::Path
        )
    }
}

/// Whether a name stands for one unit or for a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameClass {
    /// `foo.service`
    Plain,
    /// `foo@.service`
    Template,
    /// `foo@bar.service`
    Instance,
}

/// A valid unit name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitName {
    full: String,
    prefix: String,
    instance: Option<String>,
    kind: UnitKind,
}

impl UnitName {
    /// Takes the name apart; `None` when it is not a unit name.
    #[must_use]
    pub fn parse(full: &str) -> Option<Self> {
        if full.len() > NAME_BYTES_MAX {
            return None;
        }
        let (stem, suffix) = full.rsplit_once('.')?;
        let kind = UnitKind::ALL
            .into_iter()
            .find(|kind| kind.suffix() == suffix)?;
        let (prefix, instance) = match stem.split_once('@') {
            Some((prefix, instance)) => (prefix, Some(instance)),
            None => (stem, None),
        };
        let valid = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte))
        };
        if prefix.is_empty() || !valid(stem) {
            return None;
        }
        Some(Self {
            full: full.to_owned(),
            prefix: prefix.to_owned(),
            instance: instance.map(str::to_owned),
            kind,
        })
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> UnitKind {
        self.kind
    }

    /// The part before `@` or before the suffix.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The part between `@` and the suffix; empty for a template, `None` for a plain name.
    #[must_use]
    pub fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// Plain, template or instance.
    #[must_use]
    pub fn class(&self) -> NameClass {
        match self.instance.as_deref() {
            None => NameClass::Plain,
            Some("") => NameClass::Template,
            Some(_) => NameClass::Instance,
        }
    }

    /// `foo@.service` of `foo@bar.service`.
    #[must_use]
    pub fn template(&self) -> Option<Self> {
        (self.class() == NameClass::Instance).then(|| self.rebuilt(&self.prefix, Some("")))
    }

    /// `foo@bar.service` of `foo@.service`.
    #[must_use]
    pub fn with_instance(&self, instance: &str) -> Option<Self> {
        self.instance.as_ref()?;
        Self::parse(self.rebuilt(&self.prefix, Some(instance)).as_str())
    }

    fn rebuilt(&self, prefix: &str, instance: Option<&str>) -> Self {
        let at = if instance.is_some() { "@" } else { "" };
        Self {
            full: format!(
                "{prefix}{at}{}.{}",
                instance.unwrap_or_default(),
                self.kind.suffix()
            ),
            prefix: prefix.to_owned(),
            instance: instance.map(str::to_owned),
            kind: self.kind,
        }
    }

    /// The names whose `.d` folders apply to this unit, the most specific first: itself, its
    /// template, and each prefix that ends in a dash (`foo-.service` for `foo-bar.service`).
    #[must_use]
    pub fn drop_in_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut next = Some(self.clone());
        while let Some(name) = next {
            names.push(name.full.clone());
            if let Some(template) = name.template() {
                names.extend(template.drop_in_names());
            }
            let inner = name
                .prefix
                .get(..name.prefix.len().saturating_sub(1))
                .unwrap_or_default();
            next = inner.rfind('-').and_then(|dash| {
                let shorter = inner.get(..=dash)?;
                let instance = name.instance().filter(|instance| !instance.is_empty());
                Some(name.rebuilt(shorter, instance))
            });
        }
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let name = UnitName::parse("a-b@c@d.service").unwrap();
        assert_eq!(
            (name.prefix(), name.instance(), name.class()),
            ("a-b", Some("c@d"), NameClass::Instance),
        );
        assert_eq!(name.template().unwrap().as_str(), "a-b@.service");
        assert_eq!(
            name.template()
                .unwrap()
                .with_instance("x")
                .unwrap()
                .as_str(),
            "a-b@x.service"
        );
        assert_eq!(UnitName::parse("a.timer").unwrap().with_instance("x"), None);
        for bad in [
            "a",
            "a.conf",
            ".service",
            "@.service",
            "a b.service",
            "a/b.service",
        ] {
            assert_eq!(UnitName::parse(bad), None, "{bad}");
        }
        assert_eq!(
            UnitName::parse(&format!("{}.service", "a".repeat(248))),
            None
        );
    }

    #[test]
    fn drop_in_names_go_from_special_to_general() {
        let names = |name: &str| UnitName::parse(name).unwrap().drop_in_names();
        assert_eq!(names("a.service"), ["a.service"]);
        assert_eq!(
            names("a-b-c.service"),
            ["a-b-c.service", "a-b-.service", "a-.service"]
        );
        assert_eq!(names("a-.service"), ["a-.service"]);
        assert_eq!(
            names("a--b.service"),
            ["a--b.service", "a--.service", "a-.service"]
        );
        assert_eq!(
            names("a-b@i.service"),
            [
                "a-b@i.service",
                "a-b@.service",
                "a-.service",
                "a-@i.service",
                "a-@.service"
            ],
        );
    }
}
