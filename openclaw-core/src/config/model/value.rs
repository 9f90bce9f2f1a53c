//! What every section is made of: maps, lists with limits, open values, texts that may be secrets, literal `false`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::macros::text;

/// An object whose keys the person chooses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Map<T, K: Ord = String>(BTreeMap<K, T>);

impl<T, K: Ord> Default for Map<T, K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T, K: Ord> Deref for Map<T, K> {
    type Target = BTreeMap<K, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T, K: Ord> FromIterator<(K, T)> for Map<T, K> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// A key that stands twice is an error here, so that it is looked at (and warned of) with its place.
impl<'de, T: Deserialize<'de>, K: Deserialize<'de> + Ord + Deref<Target = str>> Deserialize<'de> for Map<T, K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T, K>(PhantomData<(K, T)>);

        impl<'de, T, K> Visitor<'de> for Entries<T, K>
        where
            T: Deserialize<'de>,
            K: Deserialize<'de> + Ord + Deref<Target = str>,
        {
            type Value = Map<T, K>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Map<T, K>, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<K, T>()? {
                    if &*key == "__proto__" || entries.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key stands twice"));
                    }
                }
                Ok(Map(entries))
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<T: JsonSchema, K: JsonSchema + Ord> JsonSchema for Map<T, K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Map_from_{}_to_{}", K::schema_name(), T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() });
        let names = generator.subschema_for::<K>();
        if names != generator.subschema_for::<String>() {
            schema.insert("propertyNames".into(), names.to_value());
        }
        schema
    }
}

/// A list of `MIN` to `MAX` values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// These values, if they are neither too few nor too many.
    pub fn new(values: Vec<T>) -> Option<Self> {
        (MIN..=MAX).contains(&values.len()).then_some(Self(values))
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Deserialize<'de> for List<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("too few or too many values"))
    }
}

impl<T: JsonSchema, const MIN: usize, const MAX: usize> JsonSchema for List<T, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("List_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "array", "items": generator.subschema_for::<T>() });
        if MIN > 0 {
            schema.insert("minItems".into(), MIN.into());
        }
        if MAX < usize::MAX {
            schema.insert("maxItems".into(), MAX.into());
        }
        schema
    }
}

/// Any value: what a plugin, a channel or a provider defines for itself. `Debug` shows only its type, because it may
/// hold a secret.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Json(pub serde_json::Value);

/// As in a [`Map`], a key that stands twice is an error.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = serde_json::Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(serde_json::Value::Null)
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(flag.into())
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(number.into())
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(number.into())
            }

            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(number.into())
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.into())
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(text.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(Json(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(items.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = serde_json::Map::new();
                while let Some((key, Json(value))) = map.next_entry::<String, Json>()? {
                    if key == "__proto__" || entries.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key stands twice"));
                    }
                }
                Ok(entries.into())
            }
        }

        deserializer.deserialize_any(Any).map(Self)
    }
}

impl Deref for Json {
    type Target = serde_json::Value;

    fn deref(&self) -> &serde_json::Value {
        &self.0
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            serde_json::Value::Null => "null",
            serde_json::Value::Bool(_) => "<boolean>",
            serde_json::Value::Number(_) => "<number>",
            serde_json::Value::String(_) => "<text>",
            serde_json::Value::Array(_) => "<array>",
            serde_json::Value::Object(_) => "<object>",
        })
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Any".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}

/// A text that may be a secret. `Debug` does not show it; [`expose`](Self::expose) gives it.
#[derive(Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, description = "A text that may be a secret.", extend("x-secret" = true))]
pub struct Sensitive(String);

impl Sensitive {
    /// This text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// The literal `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct False;

impl<'de> Deserialize<'de> for False {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            false => Ok(Self),
            true => Err(D::Error::custom("only false is allowed")),
        }
    }
}

impl Serialize for False {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

impl JsonSchema for False {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "False".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean", "const": false })
    }
}

/// A text or a number.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline, extend("x-types" = true))]
#[non_exhaustive]
pub enum TextOrNumber {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
}

/// A text, a number or a switch.
#[derive(Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline, extend("x-types" = true))]
#[non_exhaustive]
pub enum Scalar {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A switch.
    Switch(bool),
}

/// Shows no text: it may be a secret.
impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("<redacted>"),
            Self::Number(number) => number.fmt(f),
            Self::Switch(switch) => switch.fmt(f),
        }
    }
}

text! {
    /// A text of at least one character.
    pub struct NonEmpty checked by non_empty { "minLength": 1 }
}

text! {
    /// A text of at least one character that is not a blank.
    pub struct NotBlank checked by not_blank { "minLength": 1, "pattern": "\\S" }
}

text! {
    /// The name of an environment variable: capital letters, digits and `_`, at most 128.
    pub struct EnvName checked by env_name { "pattern": "^[A-Z][A-Z0-9_]{0,127}$" }
}

text! {
    /// A color, `RRGGBB` in hexadecimal digits, with or without `#`.
    pub struct HexColor checked by hex_color { "pattern": "^#?[0-9a-fA-F]{6}$" }
}

text! {
    /// An `http` or `https` URL.
    pub struct HttpUrl checked by http_url { "format": "uri" }
}

text! {
    /// A text of at most 50 UTF-16 units.
    pub struct Text50 checked by at_most_50 { "maxLength": 50 }
}

text! {
    /// A text of at most 200 UTF-16 units.
    pub struct Text200 checked by at_most_200 { "maxLength": 200 }
}

text! {
    /// A text of at most 1024 UTF-16 units.
    pub struct Text1024 checked by at_most_1024 { "maxLength": 1024 }
}
