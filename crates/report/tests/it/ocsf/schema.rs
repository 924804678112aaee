//! The rules of the compiled OCSF schema, which is written in OCSF's own language: attributes with
//! requirement, type, enum and profiles, and constraints of classes and objects.
//!
//! An event is checked attribute by attribute, objects in objects included. An attribute of a
//! profile is known only when the event names the profile.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Schema(Value);

/// Where in the event, and which profiles it names.
struct Context<'a> {
    profiles: &'a BTreeSet<String>,
    problems: Vec<String>,
}

impl Schema {
    pub(crate) fn new(compiled: Value) -> Self {
        assert_eq!(compiled["version"], "1.6.0");
        Self(compiled)
    }

    /// What is wrong with an event; nothing when it keeps all rules.
    pub(crate) fn problems(&self, event: &Value) -> Vec<String> {
        let Some(object) = event.as_object() else {
            return vec!["no object".to_owned()];
        };
        let classes = self.0["classes"].as_object().expect("classes");
        let uid = &event["class_uid"];
        let Some(class) = classes.values().find(|class| class["uid"] == *uid) else {
            return vec![format!("no class {uid}")];
        };
        let profiles = event["metadata"]["profiles"].as_array();
        let profiles: BTreeSet<String> = profiles
            .into_iter()
            .flatten()
            .filter_map(|profile| profile.as_str().map(str::to_owned))
            .collect();
        let mut context = Context {
            profiles: &profiles,
            problems: Vec::new(),
        };
        self.attributes(class, object, "", &mut context);
        let type_uid = uid.as_u64().unwrap_or(0) * 100 + event["activity_id"].as_u64().unwrap_or(0);
        if event["type_uid"] != type_uid {
            context.problems.push(format!("type_uid is not {type_uid}"));
        }
        context.problems
    }

    fn attributes(
        &self,
        definition: &Value,
        object: &Map<String, Value>,
        place: &str,
        context: &mut Context<'_>,
    ) {
        let known = definition["attributes"].as_object().expect("attributes");
        // The generic object takes anything.
        if known.is_empty() {
            return;
        }
        for (name, attribute) in known {
            let wanted = attribute["requirement"] == "required" && in_force(attribute, context);
            if wanted && !object.contains_key(name) {
                context.problems.push(format!("{place}{name}: required"));
            }
        }
        for (name, value) in object {
            let place = format!("{place}{name}");
            match known.get(name) {
                None => context.problems.push(format!("{place}: unknown attribute")),
                Some(attribute) if !in_force(attribute, context) => {
                    context
                        .problems
                        .push(format!("{place}: of a profile that is not named"));
                }
                Some(attribute) => self.attribute(attribute, value, &place, context),
            }
        }
        constraints(&definition["constraints"], object, place, context);
    }

    fn attribute(&self, attribute: &Value, value: &Value, place: &str, context: &mut Context<'_>) {
        if attribute["is_array"] != true {
            return self.value(attribute, value, place, context);
        }
        let Some(items) = value.as_array() else {
            context.problems.push(format!("{place}: not a list"));
            return;
        };
        for (position, item) in items.iter().enumerate() {
            self.value(attribute, item, &format!("{place}[{position}]"), context);
        }
    }

    fn value(&self, attribute: &Value, value: &Value, place: &str, context: &mut Context<'_>) {
        if let Some(kind) = attribute["object_type"].as_str() {
            let Some(object) = value.as_object() else {
                context.problems.push(format!("{place}: not an object"));
                return;
            };
            let definition = &self.0["objects"][kind];
            return self.attributes(definition, object, &format!("{place}."), context);
        }
        if let Some(values) = attribute["enum"].as_object() {
            let key = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            if !values.contains_key(&key) {
                context
                    .problems
                    .push(format!("{place}: {key} is no value of the enum"));
            }
        }
        let kind = attribute["type"].as_str().expect("a type");
        self.of_type(kind, value, place, context);
    }

    /// The type itself, then what it is made of.
    fn of_type(&self, kind: &str, value: &Value, place: &str, context: &mut Context<'_>) {
        let definition = &self.0["dictionary"]["types"]["attributes"][kind];
        assert!(definition.is_object(), "type {kind} of {place}");
        let fits = match kind {
            "string_t" => value.is_string(),
            "integer_t" | "long_t" => value.is_i64(),
            "float_t" => value.is_number(),
            "boolean_t" => value.is_boolean(),
            _ => true,
        };
        if !fits {
            context
                .problems
                .push(format!("{place}: not a {kind}: {value}"));
            return;
        }
        if let (Some(regex), Some(text)) = (definition["regex"].as_str(), value.as_str()) {
            let schema = serde_json::json!({ "type": "string", "pattern": regex });
            if !jsonschema::is_valid(&schema, &Value::from(text)) {
                context
                    .problems
                    .push(format!("{place}: not a {kind}: {text}"));
            }
        }
        if let (Some(max), Some(text)) = (definition["max_len"].as_u64(), value.as_str())
            && text.chars().count() as u64 > max
        {
            context.problems.push(format!("{place}: longer than {max}"));
        }
        if let (Some(range), Some(number)) = (definition["range"].as_array(), value.as_i64())
            && (Some(number) < range[0].as_i64() || Some(number) > range[1].as_i64())
        {
            context
                .problems
                .push(format!("{place}: {number} is out of range"));
        }
        if let Some(base) = definition["type"].as_str() {
            self.of_type(base, value, place, context);
        }
    }
}

/// Whether an attribute belongs to the event: to no profile, or to one that it names.
fn in_force(attribute: &Value, context: &Context<'_>) -> bool {
    let Some(profiles) = attribute["profiles"].as_array() else {
        return true;
    };
    profiles
        .iter()
        .filter_map(Value::as_str)
        .any(|profile| context.profiles.contains(profile))
}

fn constraints(
    constraints: &Value,
    object: &Map<String, Value>,
    place: &str,
    context: &mut Context<'_>,
) {
    let present = |name: &str| {
        let names = constraints[name].as_array()?;
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        Some(
            names
                .into_iter()
                .filter(|name| object.contains_key(*name))
                .count(),
        )
    };
    if present("at_least_one") == Some(0) {
        context.problems.push(format!(
            "{place}: at least one of {}",
            constraints["at_least_one"]
        ));
    }
    if present("just_one").is_some_and(|n| n != 1) {
        context
            .problems
            .push(format!("{place}: just one of {}", constraints["just_one"]));
    }
}
