//! A result of SARIF and what is in it; see [`super::model`] for what is around it.

use super::loose::{Bag, Ends, List, Members, Num, Obj, Txt};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A result.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Hit<'a> {
    #[serde(borrow)]
    pub(super) rule_id: Txt<'a>,
    pub(super) rule_index: Num,
    #[serde(borrow)]
    pub(super) rule: Obj<RuleRef<'a>>,
    #[serde(borrow)]
    pub(super) kind: Txt<'a>,
    #[serde(borrow)]
    pub(super) level: Txt<'a>,
    #[serde(borrow)]
    pub(super) message: Message<'a>,
    #[serde(borrow)]
    pub(super) locations: List<Location<'a>>,
    #[serde(borrow)]
    pub(super) analysis_target: ArtifactLocation<'a>,
    #[serde(borrow)]
    pub(super) fingerprints: Members<'a, Txt<'a>>,
    #[serde(borrow)]
    pub(super) partial_fingerprints: Members<'a, Txt<'a>>,
    #[serde(borrow)]
    pub(super) suppressions: List<Suppression<'a>>,
    #[serde(borrow)]
    pub(super) suppression_states: List<Txt<'a>>,
    #[serde(borrow)]
    pub(super) baseline_state: Txt<'a>,
    #[serde(borrow)]
    pub(super) taxa: List<RuleRef<'a>>,
    #[serde(borrow)]
    pub(super) code_flows: Ends<CodeFlow<'a>>,
    #[serde(borrow)]
    pub(super) stacks: Ends<Stack<'a>>,
    #[serde(borrow)]
    pub(super) related_locations: Ends<Location<'a>>,
    #[serde(borrow)]
    pub(super) fixes: List<Fix<'a>>,
    #[serde(borrow)]
    pub(super) guid: Txt<'a>,
    #[serde(borrow)]
    pub(super) correlation_guid: Txt<'a>,
    #[serde(borrow)]
    pub(super) hosted_viewer_uri: Txt<'a>,
    #[serde(borrow)]
    pub(super) work_item_uris: List<Txt<'a>>,
    #[serde(borrow)]
    pub(super) provenance: Obj<Provenance<'a>>,
    #[serde(borrow)]
    pub(super) web_request: Obj<WebRequest<'a>>,
    #[serde(borrow)]
    pub(super) properties: Bag<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Suppression<'a> {
    #[serde(borrow)]
    pub(super) kind: Txt<'a>,
    #[serde(borrow, alias = "state")]
    pub(super) status: Txt<'a>,
    #[serde(borrow)]
    pub(super) justification: Txt<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CodeFlow<'a> {
    #[serde(borrow)]
    pub(super) thread_flows: Ends<ThreadFlow<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ThreadFlow<'a> {
    #[serde(borrow)]
    pub(super) locations: Ends<Step<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Step<'a> {
    #[serde(borrow)]
    pub(super) location: Obj<Location<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Stack<'a> {
    #[serde(borrow)]
    pub(super) frames: Ends<Step<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Fix<'a> {
    #[serde(borrow)]
    pub(super) description: Message<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Provenance<'a> {
    #[serde(borrow)]
    pub(super) first_detection_time_utc: Txt<'a>,
    #[serde(borrow)]
    pub(super) last_detection_time_utc: Txt<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WebRequest<'a> {
    #[serde(borrow)]
    pub(super) method: Txt<'a>,
    #[serde(borrow)]
    pub(super) target: Txt<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) physical_location: Obj<Physical<'a>>,
    #[serde(borrow)]
    pub(super) logical_locations: List<Logical<'a>>,
    #[serde(borrow)]
    pub(super) fully_qualified_logical_name: Txt<'a>,
    #[serde(borrow)]
    pub(super) message: Message<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Physical<'a> {
    #[serde(borrow, alias = "fileLocation")]
    pub(super) artifact_location: ArtifactLocation<'a>,
    #[serde(borrow)]
    pub(super) region: Obj<Region<'a>>,
    #[serde(borrow)]
    pub(super) context_region: Obj<Region<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Region<'a> {
    pub(super) start_line: Num,
    pub(super) start_column: Num,
    #[serde(borrow)]
    pub(super) snippet: Obj<Snippet<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Snippet<'a> {
    #[serde(borrow)]
    pub(super) text: Txt<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Logical<'a> {
    #[serde(borrow)]
    pub(super) name: Txt<'a>,
    #[serde(borrow)]
    pub(super) fully_qualified_name: Txt<'a>,
    pub(super) index: Num,
}

/// What points at a rule, or at an entry of a taxonomy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RuleRef<'a> {
    #[serde(borrow, alias = "ruleId")]
    pub(super) id: Txt<'a>,
    pub(super) index: Num,
    #[serde(borrow)]
    pub(super) guid: Txt<'a>,
    #[serde(borrow)]
    pub(super) tool_component: Obj<ComponentRef<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ComponentRef<'a> {
    #[serde(borrow)]
    pub(super) name: Txt<'a>,
    pub(super) index: Num,
    #[serde(borrow)]
    pub(super) guid: Txt<'a>,
}

/// An address; in drafts a base of addresses was text alone.
#[derive(Clone, Debug, Default)]
pub(super) struct ArtifactLocation<'a> {
    pub(super) uri: Cow<'a, str>,
    pub(super) base: Cow<'a, str>,
    pub(super) index: Option<usize>,
}

/// A message; in drafts some were text alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Message<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) markdown: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    pub(super) arguments: Vec<Txt<'a>>,
}

/// An object that may also be text alone.
macro_rules! text_or_object {
    ($name:ident, $fields:ident, $of_text:expr, $of_fields:expr) => {
        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Taker;
                impl<'de> Visitor<'de> for Taker {
                    type Value = $name<'de>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("text or an object")
                    }
                    fn visit_unit<E>(self) -> Result<Self::Value, E> {
                        Ok($name::default())
                    }
                    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                        Ok($name::default())
                    }
                    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                        Ok($name::default())
                    }
                    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                        Ok($name::default())
                    }
                    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                        Ok($name::default())
                    }
                    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                        Ok($of_text(Cow::Owned(text.to_owned())))
                    }
                    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                        Ok($of_text(Cow::Borrowed(text)))
                    }
                    fn visit_seq<A: SeqAccess<'de>>(
                        self,
                        mut list: A,
                    ) -> Result<Self::Value, A::Error> {
                        while list.next_element::<IgnoredAny>()?.is_some() {}
                        Ok($name::default())
                    }
                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                        $fields::deserialize(MapAccessDeserializer::new(map)).map($of_fields)
                    }
                }
                from.deserialize_any(Taker)
            }
        }
    };
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct MessageFields<'a> {
    #[serde(borrow)]
    text: Txt<'a>,
    #[serde(borrow)]
    markdown: Txt<'a>,
    #[serde(borrow, alias = "messageId")]
    id: Txt<'a>,
    #[serde(borrow)]
    arguments: List<Txt<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AddressFields<'a> {
    #[serde(borrow)]
    uri: Txt<'a>,
    #[serde(borrow)]
    uri_base_id: Txt<'a>,
    index: Num,
}

text_or_object!(
    Message,
    MessageFields,
    |text| Message {
        text,
        ..Message::default()
    },
    |fields: MessageFields<'de>| Message {
        text: fields.text.0,
        markdown: fields.markdown.0,
        id: fields.id.0,
        arguments: fields.arguments.0,
    }
);

text_or_object!(
    ArtifactLocation,
    AddressFields,
    |uri| ArtifactLocation {
        uri,
        ..ArtifactLocation::default()
    },
    |fields: AddressFields<'de>| ArtifactLocation {
        uri: fields.uri.0,
        base: fields.uri_base_id.0,
        index: fields.index.index(),
    }
);
