//! Values that are taken as they come: tools write null where a list belongs, a number where the
//! text does, one object instead of a list. None of it costs a finding.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// Text; empty for what is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Txt<'a>(pub(super) Cow<'a, str>);

impl std::ops::Deref for Txt<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Numbers and flags are text too; objects and lists are passed over.
macro_rules! scalars {
    ($make:expr) => {
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok($make(Cow::Owned(text.to_owned())))
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok($make(Cow::Borrowed(text)))
        }
        fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
            Ok($make(Cow::Borrowed(if flag { "true" } else { "false" })))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok($make(Cow::Owned(number.to_string())))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok($make(Cow::Owned(number.to_string())))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
            Ok($make(Cow::Owned(number.to_string())))
        }
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }
    };
}

fn pass_over_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn pass_over_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

impl<'de: 'a, 'a> Deserialize<'de> for Txt<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker;
        impl<'de> Visitor<'de> for Taker {
            type Value = Txt<'de>;
            scalars!(Txt);
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Txt::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                pass_over_list(list).map(|()| Txt::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                pass_over_map(map).map(|()| Txt::default())
            }
        }
        from.deserialize_any(Taker)
    }
}

/// A number of a line or a place in a list; nothing for what is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Num(pub(super) Option<u64>);

impl Num {
    pub(super) fn index(self) -> Option<usize> {
        self.0.and_then(|number| usize::try_from(number).ok())
    }
}

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker;
        impl<'de> Visitor<'de> for Taker {
            type Value = Num;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Num, E> {
                Ok(Num(Some(number)))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Num, E> {
                Ok(Num(u64::try_from(number).ok()))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Num, E> {
                Ok(Num(None))
            }
            fn visit_str<E>(self, text: &str) -> Result<Num, E> {
                Ok(Num(text.trim().parse().ok()))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Num, E> {
                Ok(Num(None))
            }
            fn visit_unit<E>(self) -> Result<Num, E> {
                Ok(Num(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Num, A::Error> {
                pass_over_list(list).map(|()| Num(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Num, A::Error> {
                pass_over_map(map).map(|()| Num(None))
            }
        }
        from.deserialize_any(Taker)
    }
}

/// What keeps an object's default for scalars and lists.
macro_rules! default_for_others {
    ($default:expr) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($default)
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($default)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($default)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($default)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($default)
        }
    };
}

/// An object; its default for what is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Obj<T>(pub(super) T);

impl<T> std::ops::Deref for Obj<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Obj<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Taker<T> {
            type Value = Obj<T>;
            default_for_others!(Obj(T::default()));
            fn visit_str<E>(self, _: &str) -> Result<Obj<T>, E> {
                Ok(Obj(T::default()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Obj<T>, A::Error> {
                pass_over_list(list).map(|()| Obj(T::default()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Obj<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Obj)
            }
        }
        from.deserialize_any(Taker(PhantomData))
    }
}

/// A list; one object counts as a list of one.
#[derive(Clone, Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> std::ops::Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Taker<T> {
            type Value = List<T>;
            default_for_others!(List::default());
            fn visit_str<E>(self, _: &str) -> Result<List<T>, E> {
                Ok(List::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                // Most lists have one element, and a vector would begin with room for four.
                let mut out = Vec::new();
                while let Some(item) = list.next_element()? {
                    if out.is_empty() {
                        out.reserve_exact(1);
                    }
                    out.push(item);
                }
                Ok(List(out))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| List(vec![one]))
            }
        }
        from.deserialize_any(Taker(PhantomData))
    }
}

/// The first and the last of a list, and how long it is.
#[derive(Clone, Debug)]
pub(super) struct Ends<T> {
    pub(super) n: usize,
    // Boxed, since they nest and most results have none.
    pub(super) first: Option<Box<T>>,
    pub(super) last: Option<Box<T>>,
}

impl<T> Default for Ends<T> {
    fn default() -> Self {
        Self {
            n: 0,
            first: None,
            last: None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ends<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Taker<T> {
            type Value = Ends<T>;
            default_for_others!(Ends::default());
            fn visit_str<E>(self, _: &str) -> Result<Ends<T>, E> {
                Ok(Ends::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ends<T>, A::Error> {
                let mut out = Ends::default();
                while let Some(item) = list.next_element()? {
                    out.n += 1;
                    if out.first.is_none() {
                        out.first = Some(Box::new(item));
                    } else {
                        out.last = Some(Box::new(item));
                    }
                }
                Ok(out)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ends<T>, A::Error> {
                let one = T::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Ends {
                    n: 1,
                    first: Some(Box::new(one)),
                    last: None,
                })
            }
        }
        from.deserialize_any(Taker(PhantomData))
    }
}

/// Members of an object in their order.
#[derive(Clone, Debug)]
pub(super) struct Members<'a, T>(pub(super) Vec<(Cow<'a, str>, T)>);

impl<T> Default for Members<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a, T> Members<'a, T> {
    pub(super) fn get(&self, name: &str) -> Option<&T> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(Cow<'a, str>, T)> {
        self.0.iter()
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Members<'a, T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Taker<T> {
            type Value = Members<'de, T>;
            default_for_others!(Members::default());
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Members::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                pass_over_list(list).map(|()| Members::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::new();
                while let Some((name, value)) = map.next_entry::<Txt<'de>, T>()? {
                    out.push((name.0, value));
                }
                Ok(Members(out))
            }
        }
        from.deserialize_any(Taker(PhantomData))
    }
}

/// A value of a property bag.
#[derive(Clone, Debug)]
pub(super) enum Prop<'a> {
    Text(Cow<'a, str>),
    Texts(Vec<Txt<'a>>),
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Prop<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taker;
        impl<'de> Visitor<'de> for Taker {
            type Value = Prop<'de>;
            scalars!(Prop::Text);
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Prop::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::new();
                while let Some(item) = list.next_element::<Txt<'de>>()? {
                    if !item.is_empty() {
                        out.push(item);
                    }
                }
                Ok(Prop::Texts(out))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                pass_over_map(map).map(|()| Prop::Other)
            }
        }
        from.deserialize_any(Taker)
    }
}

/// A property bag.
pub(super) type Bag<'a> = Members<'a, Prop<'a>>;

impl Bag<'_> {
    /// A property as text.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Prop::Text(text)) => text.trim(),
            _ => "",
        }
    }

    /// A property that is a list of texts, or one.
    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        match self.get(name) {
            Some(Prop::Text(text)) => vec![text.trim()],
            Some(Prop::Texts(texts)) => texts.iter().map(|text| text.trim()).collect(),
            _ => Vec::new(),
        }
    }
}
