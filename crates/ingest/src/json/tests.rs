//! A stream is read as the whole is, whatever the pieces.

use super::*;
use proptest::prelude::*;
use serde_json::json;

/// A reader that gives few bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(out.len()).min(self.0.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

type Found = (Value, Vec<(Vec<usize>, Value)>);

fn split(text: &str, path: &str, step: usize) -> Result<Found, ImportError> {
    let path = ItemPath::parse(path).expect("path");
    let mut items = Vec::new();
    let reader = Slow(text.as_bytes(), step);
    let skeleton = Splitter::new(reader, &path, true).run(&mut |spot, bytes| {
        let value = serde_json::from_slice(bytes).map_err(|e| ImportError::of_json(&e))?;
        items.push((spot.indices.clone(), value));
        Ok(())
    })?;
    Ok((skeleton, items))
}

#[test]
fn records_and_skeleton_are_the_document() {
    let text = r#" {"a": 1, "R": [ {"V": [{"x": "}]\""}, 2 , "s"], "T": {}} , {"V": null}, {"V": {"y": [1]}}], "z": [[]]} "#;
    for step in [1, 2, 7, 1000] {
        let (skeleton, items) = split(text, "R[].V[]", step).expect("split");
        assert_eq!(
            skeleton,
            json!({"a": 1, "R": [{"V": [], "T": {}}, {"V": null}, {"V": null}], "z": [[]]})
        );
        assert_eq!(
            items,
            [
                (vec![0, 0], json!({"x": "}]\""})),
                (vec![0, 1], json!(2)),
                (vec![0, 2], json!("s")),
                (vec![2, 0], json!({"y": [1]})),
            ]
        );
    }
}

#[test]
fn documents_in_a_row_are_a_list() {
    let (_, items) = split("{\"a\":1}\n{\"a\":2} 3", "[]", 3).expect("split");
    assert_eq!(items.len(), 3);
    assert_eq!(items[1], (vec![1], json!({"a": 2})));
    assert!(split("{} {}", "a[]", 9).is_err());
    let (_, items) = split("0\"\"{}1[2]", "[]", 1).expect("split");
    assert_eq!(items.len(), 5);
    let lines = "{\"n\":1,\"m\":[1,2]}\n{\"n\":2,\"m\":[3]}";
    let (skeleton, items) = split(lines, "[].m[]", 4).expect("split");
    assert_eq!(skeleton, json!([{"n": 1, "m": []}, {"n": 2, "m": []}]));
    assert_eq!(items[2], (vec![1, 0], json!(3)));
}

#[test]
fn damage_is_named_with_its_byte() {
    for text in [
        "",
        "{",
        "{\"R\": [",
        "{\"R\": [1",
        "{\"R\" 1}",
        "{\"R\": [1 2]}",
        "{\"R\":\"\\",
        "[}",
    ] {
        assert!(split(text, "R[]", 2).is_err(), "{text}");
    }
    let deep = format!("{{\"R\":[{}]}}", "[".repeat(500));
    assert!(matches!(
        split(&deep, "R[]", 900),
        Err(ImportError::Limit { .. })
    ));
}

proptest! {
    #[test]
    fn a_stream_is_read_as_the_whole_is(text in r#"[\[\]{}",:0-9a \\n]{0,40}"#, step in 1_usize..9) {
        let streamed = split(&text, "[]", step);
        match whole(&text) {
            Ok(Value::Array(items)) => {
                let (_, found) = streamed.expect("valid");
                // Lists after each other are flattened in the stream.
                if items.len() == found.len() {
                    for (a, (_, b)) in items.iter().zip(found) { prop_assert!(*a == b || a.is_array()); }
                }
            }
            Ok(_) => prop_assert!(streamed.is_ok()),
            Err(_) => {}
        }
    }
}
