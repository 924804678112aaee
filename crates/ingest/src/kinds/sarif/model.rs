//! SARIF as far as it is read: version 2.1.0, with the names that the drafts of 2.0.0 had.

use super::hit::{ArtifactLocation, Hit, Location, Logical, Message, RuleRef};
use super::loose::{Bag, Ends, List, Members, Obj, Txt};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The document without the results of its runs.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Log<'a> {
    #[serde(borrow)]
    pub(super) runs: List<Run<'a>>,
    #[serde(borrow)]
    pub(super) inline_external_properties: List<External<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Run<'a> {
    #[serde(borrow)]
    pub(super) tool: Obj<Tool<'a>>,
    /// Absent and null both mean that it did not look.
    pub(super) results: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(super) artifacts: List<Artifact<'a>>,
    #[serde(borrow)]
    pub(super) invocations: List<Invocation<'a>>,
    #[serde(borrow)]
    pub(super) original_uri_base_ids: Members<'a, ArtifactLocation<'a>>,
    #[serde(borrow)]
    pub(super) logical_locations: List<Logical<'a>>,
    #[serde(borrow)]
    pub(super) resources: Obj<Resources<'a>>,
    #[serde(borrow)]
    pub(super) automation_details: Obj<Automation<'a>>,
    #[serde(borrow)]
    pub(super) version_control_provenance: List<Repository<'a>>,
    #[serde(borrow)]
    pub(super) taxonomies: List<Component<'a>>,
    #[serde(borrow)]
    pub(super) properties: Bag<'a>,
}

/// Parts of runs that stand beside them.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct External<'a> {
    #[serde(borrow)]
    pub(super) run_guid: Txt<'a>,
    #[serde(borrow)]
    pub(super) driver: Option<Component<'a>>,
    #[serde(borrow)]
    pub(super) extensions: List<Component<'a>>,
    #[serde(borrow)]
    pub(super) artifacts: List<Artifact<'a>>,
    #[serde(borrow)]
    pub(super) invocations: List<Invocation<'a>>,
    #[serde(borrow)]
    pub(super) results: List<Hit<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Automation<'a> {
    #[serde(borrow)]
    pub(super) id: Txt<'a>,
    #[serde(borrow)]
    pub(super) guid: Txt<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Repository<'a> {
    #[serde(borrow, alias = "uri")]
    pub(super) repository_uri: Txt<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Tool<'a> {
    #[serde(borrow)]
    pub(super) driver: Option<Component<'a>>,
    #[serde(borrow)]
    pub(super) extensions: List<Component<'a>>,
    /// The tool itself, before it had a driver.
    #[serde(borrow)]
    pub(super) name: Txt<'a>,
    #[serde(borrow)]
    pub(super) version: Txt<'a>,
    #[serde(borrow)]
    pub(super) semantic_version: Txt<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Component<'a> {
    #[serde(borrow)]
    pub(super) name: Txt<'a>,
    #[serde(borrow)]
    pub(super) guid: Txt<'a>,
    #[serde(borrow)]
    pub(super) version: Txt<'a>,
    #[serde(borrow)]
    pub(super) semantic_version: Txt<'a>,
    #[serde(borrow)]
    pub(super) rules: Rules<'a>,
    #[serde(borrow)]
    pub(super) taxa: Rules<'a>,
    #[serde(borrow)]
    pub(super) global_message_strings: Members<'a, Message<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Resources<'a> {
    #[serde(borrow)]
    pub(super) rules: Rules<'a>,
}

/// Rules: a list, or an object by their ids.
#[derive(Default)]
pub(super) struct Rules<'a>(pub(super) Vec<Rule<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Rules<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker;
        impl<'de> Visitor<'de> for Taker {
            type Value = Rules<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("rules")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Rules::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::new();
                while let Some(rule) = list.next_element::<Obj<Rule<'de>>>()? {
                    out.push(rule.0);
                }
                Ok(Rules(out))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::new();
                while let Some((name, rule)) = map.next_entry::<Txt<'de>, Obj<Rule<'de>>>()? {
                    let mut rule = rule.0;
                    if rule.id.is_empty() {
                        rule.id = name;
                    }
                    out.push(rule);
                }
                Ok(Rules(out))
            }
        }
        from.deserialize_any(Taker)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    #[serde(borrow)]
    pub(super) id: Txt<'a>,
    #[serde(borrow)]
    pub(super) guid: Txt<'a>,
    #[serde(borrow)]
    pub(super) name: Message<'a>,
    #[serde(borrow)]
    pub(super) short_description: Message<'a>,
    #[serde(borrow)]
    pub(super) full_description: Message<'a>,
    #[serde(borrow)]
    pub(super) help: Message<'a>,
    #[serde(borrow)]
    pub(super) help_uri: Txt<'a>,
    #[serde(borrow)]
    pub(super) message_strings: Members<'a, Message<'a>>,
    #[serde(borrow, alias = "configuration")]
    pub(super) default_configuration: Obj<Configuration<'a>>,
    #[serde(borrow)]
    pub(super) relationships: List<Relationship<'a>>,
    #[serde(borrow)]
    pub(super) properties: Bag<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Configuration<'a> {
    #[serde(borrow, alias = "defaultLevel")]
    pub(super) level: Txt<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Relationship<'a> {
    #[serde(borrow)]
    pub(super) target: Obj<RuleRef<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Artifact<'a> {
    #[serde(borrow, alias = "fileLocation")]
    pub(super) location: ArtifactLocation<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Invocation<'a> {
    #[serde(borrow, alias = "startTime")]
    pub(super) start_time_utc: Txt<'a>,
    #[serde(borrow, alias = "endTime")]
    pub(super) end_time_utc: Txt<'a>,
    #[serde(borrow)]
    pub(super) execution_successful: Txt<'a>,
    #[serde(borrow)]
    pub(super) exit_code_description: Txt<'a>,
    #[serde(borrow)]
    pub(super) exit_code: Txt<'a>,
    #[serde(borrow, alias = "toolNotifications")]
    pub(super) tool_execution_notifications: List<Notification<'a>>,
    #[serde(borrow, alias = "configurationNotifications")]
    pub(super) tool_configuration_notifications: List<Notification<'a>>,
    #[serde(borrow)]
    pub(super) rule_configuration_overrides: List<Override<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Notification<'a> {
    #[serde(borrow)]
    pub(super) level: Txt<'a>,
    #[serde(borrow)]
    pub(super) message: Message<'a>,
    #[serde(borrow)]
    pub(super) descriptor: Obj<RuleRef<'a>>,
    #[serde(borrow)]
    pub(super) locations: Ends<Location<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Override<'a> {
    #[serde(borrow)]
    pub(super) descriptor: Obj<RuleRef<'a>>,
    #[serde(borrow)]
    pub(super) configuration: Obj<Configuration<'a>>,
}
