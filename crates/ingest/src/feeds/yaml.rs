//! YAML documents of feeds, under the limits of all YAML that is read here.

use crate::error::ImportError;
use serde::de::DeserializeOwned;

/// Largest document.
const BYTES_MAX: usize = 64 << 20;

/// Reads one document.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, ImportError> {
    if text.len() > BYTES_MAX {
        return Err(ImportError::Limit {
            place: format!("byte {BYTES_MAX}"),
            reason: "a YAML document of a feed has at most 64 MiB".to_owned(),
        });
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 40,
            max_aliases: 100,
            max_anchors: 100,
            max_documents: 1,
            max_nodes: 20_000_000,
            max_events: 40_000_000,
            max_total_scalar_bytes: BYTES_MAX,
            max_reader_input_bytes: Some(BYTES_MAX),
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_replay_stack_depth: 40,
            max_total_replayed_events: 100_000,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map_or_else(
            || "the document".to_owned(),
            |at| format!("line {}, column {}", at.line(), at.column()),
        );
        let told = error.to_string();
        let reason = told.lines().next().unwrap_or("it is no YAML").to_owned();
        ImportError::damaged(place, reason)
    })
}
