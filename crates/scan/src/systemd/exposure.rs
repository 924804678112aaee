//! How exposed a unit is: the score of `systemd-analyze security --offline=true`, systemd 252.
//!
//! Idea: a table of assessments each looks at one way out of the sandbox and gives a badness
//! between 0 and its range; the score is the weighted mean.
//!
//! ```text
//! sum   = Σ ceil(badness · weight / range)   over the assessments that apply
//! score = ceil(100 · sum / Σ weight)         in tenths, 0..=100
//! ```
//!
//! Parameters: none. Determinism: the unit alone decides, there is no host in it. Limits: system
//! calls are those of x86-64; a `User=` that only the host knows (`%H`) counts as not root.
//! Reference values: `crates/scan/tests/fixtures/systemd/exposure.json`, recorded from systemd by
//! `testkit/reference/systemd_exposure.py`.

mod capability;
mod devices;
mod errors;
mod evaluate;
mod network;
mod sandbox;
mod syscall_groups;
mod syscalls;
mod table;
mod values;

use std::fmt;
use std::path::PathBuf;

use self::evaluate::evaluate;
use self::sandbox::Sandbox;
use self::table::ROWS;
use super::parse::ProblemKind;
use super::unit::Unit;

/// Why a unit has no score: systemd does not load it either.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The unit is masked.
    #[error("unit is masked")]
    Masked,
    /// The unit file could not be read to its end.
    #[error("unit file cannot be read to its end")]
    Incomplete {
        /// The problem that stopped the reading, where it is known.
        kind: Option<ProblemKind>,
    },
    /// A setting has a value that systemd refuses.
    #[error("value of `{key}` is refused at `{}:{line}`", file.display())]
    BadSetting {
        /// The key.
        key: String,
        /// The file.
        file: PathBuf,
        /// The line.
        line: u32,
    },
    /// The service starts nothing, or several commands although it is not `oneshot`, or is of
    /// type `dbus` without a bus name.
    #[error("commands of the service do not fit its type")]
    Commands,
}

/// The word for a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 0.0
    Perfect,
    /// From 0.1
    Safe,
    /// From 1.0
    Ok,
    /// From 5.0
    Medium,
    /// From 7.5
    Exposed,
    /// From 9.0
    Unsafe,
    /// 10.0
    Dangerous,
}

impl Level {
    fn of(score_tenths: u32) -> Self {
        match score_tenths {
            0 => Self::Perfect,
            1..10 => Self::Safe,
            10..50 => Self::Ok,
            50..75 => Self::Medium,
            75..90 => Self::Exposed,
            90..100 => Self::Unsafe,
            _ => Self::Dangerous,
        }
    }

    /// The word that systemd prints.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Perfect => "PERFECT",
            Self::Safe => "SAFE",
            Self::Ok => "OK",
            Self::Medium => "MEDIUM",
            Self::Exposed => "EXPOSED",
            Self::Unsafe => "UNSAFE",
            Self::Dangerous => "DANGEROUS",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// One way out of the sandbox, assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The identifier in systemd's JSON output (`PrivateTmp`, `SystemCallFilter_mount`).
    pub id: &'static str,
    /// The setting that improves it (`SystemCallFilter=~@mount`).
    pub name: &'static str,
    /// What the unit can or cannot do.
    pub description: String,
    /// The weight among all.
    pub weight: u32,
    /// 0 for the best case, `range` for the worst; `None` when it does not apply.
    pub badness: Option<u32>,
    /// The badness of the worst case.
    pub range: u32,
    /// What it adds to the score of the unit, in tenths, rounded up.
    pub exposure_tenths: u32,
}

impl Assessment {
    /// Whether the way is closed; `None` when it does not apply.
    #[must_use]
    pub fn is_set(&self) -> Option<bool> {
        self.badness.map(|badness| badness == 0)
    }
}

/// The exposure of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The score in tenths: 96 is 9.6.
    pub score_tenths: u32,
    /// The word for it.
    pub level: Level,
    /// All assessments, in the order of the table.
    pub assessments: Vec<Assessment>,
}

impl Exposure {
    /// The assessments that add to the score, the heaviest first.
    #[must_use]
    pub fn worst(&self) -> Vec<&Assessment> {
        let mut worst: Vec<_> = self
            .assessments
            .iter()
            .filter(|one| one.exposure_tenths > 0)
            .collect();
        worst.sort_by_key(|one| std::cmp::Reverse(weighted(one)));
        worst
    }
}

/// Assesses a unit.
///
/// # Errors
/// [`Refusal`] when systemd would not load the unit.
pub fn exposure(unit: &Unit) -> Result<Exposure, Refusal> {
    if unit.masked {
        return Err(Refusal::Masked);
    }
    if !unit.complete {
        let stop = unit
            .problems
            .iter()
            .find(|one| one.kind.stops() && *one.file == *unit.path);
        return Err(Refusal::Incomplete {
            kind: stop.map(|one| one.kind),
        });
    }
    let sandbox = Sandbox::of(unit)?;
    let mut assessments: Vec<Assessment> = ROWS.iter().map(|row| evaluate(row, &sandbox)).collect();
    let applying = || assessments.iter().filter(|one| one.badness.is_some());
    let weight_sum: u32 = applying().map(|one| one.weight).sum();
    let badness_sum: u32 = applying().map(weighted).sum();
    let score_tenths = badness_sum.saturating_mul(100).div_ceil(weight_sum.max(1));
    for one in &mut assessments {
        let share = one
            .badness
            .unwrap_or(0)
            .saturating_mul(one.weight)
            .saturating_mul(100);
        one.exposure_tenths = share.div_ceil(one.range.max(1)).div_ceil(weight_sum.max(1));
    }
    Ok(Exposure {
        score_tenths,
        level: Level::of(score_tenths),
        assessments,
    })
}

/// Badness as a part of the weight.
fn weighted(one: &Assessment) -> u32 {
    one.badness
        .unwrap_or(0)
        .saturating_mul(one.weight)
        .div_ceil(one.range.max(1))
}

#[cfg(test)]
mod tests;
