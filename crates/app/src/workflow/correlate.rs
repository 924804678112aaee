//! The stage `correlate`: finds attack paths and rules that hold.

use super::stage::Stage;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "correlate",
    about: "finds attack paths and rules that hold",
    run: None,
};
