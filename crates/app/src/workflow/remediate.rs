//! The stage `remediate`: says what to do, once for all that it mends.

use super::stage::Stage;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "remediate",
    about: "says what to do, once for all that it mends",
    run: None,
};
