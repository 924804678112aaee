//! The stage `enrich`: adds techniques, weaknesses and CVE facts from packs.

use super::stage::Stage;

/// The stage as the workflow knows it.
pub(super) const STAGE: Stage = Stage {
    name: "enrich",
    about: "adds techniques, weaknesses and CVE facts from packs",
    run: None,
};
