//! The stage `controls`: says which controls pass and fail.

use super::stage::Stage;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "controls",
    about: "says which controls pass and fail",
    run: None,
};
