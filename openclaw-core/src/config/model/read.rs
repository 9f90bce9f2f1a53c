//! What reading an object of the model has of its own.

use std::cell::Cell;

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde_json::{Value, json};

/// Reads an optional key that is there: `null` is not a value.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads an object from an object alone: serde would take a list of its fields as well.
pub(crate) struct Object<D>(pub(crate) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Object<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Takes `null` out of the schemas of optional keys, where schemars writes it for `Option`.
pub(crate) fn without_null(schema: &mut schemars::Schema) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for property in properties.values_mut() {
        let Value::Object(property) = property else { continue };
        if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|word| word != "null");
            if let [word] = types.as_slice() {
                let word = word.clone();
                property.insert("type".into(), word);
            }
        }
        if let Some(Value::Array(words)) = property.get_mut("enum") {
            words.retain(|word| !word.is_null());
        }
        if let Some(Value::Array(branches)) = property.get_mut("anyOf") {
            branches.retain(|branch| *branch != json!({ "type": "null" }));
            if let [Value::Object(branch)] = branches.as_slice() {
                let branch = branch.clone();
                property.remove("anyOf");
                // What is said of the key goes before what is said of its type.
                let own = property.remove("description");
                property.extend(branch);
                property.extend(own.map(|own| ("description".to_owned(), own)));
            }
        }
    }
}

/// The keys of an object in the order of its declaration, which a JSON Schema does not keep: the order of OpenClaw's
/// issues.
pub(crate) fn keys_of(read: fn(Keys<'_>) -> bool) -> &'static [&'static str] {
    let keys = Cell::new(&[] as &[&str]);
    read(Keys(&keys));
    keys.get()
}

/// Looks at what a type asks for, and gives it nothing.
pub(crate) struct Keys<'a>(&'a Cell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Keys<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0.set(keys);
        Err(Error::custom("only the keys were wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only the keys were wanted"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
