//! A JSON object that is changed without touching the rest of it: order, unknown keys and the spelling of every value
//! stay as they were read.

use std::collections::HashMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Keys in their order, each with the text of its value. Values count as secrets: `Debug` shows keys only.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, SecretString)>);

impl Fields {
    /// The object of a text.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The text of the value, as it stands there.
    pub fn raw(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, text)| text.expose_secret())
    }

    /// The value; `None` too when it is nested too deeply.
    pub fn get(&self, key: &str) -> Option<Value> {
        serde_json::from_str(self.raw(key)?).ok()
    }

    /// The text at a key, without the spaces around it; `None` when nothing is left, or when it is something else.
    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.get(key)?;
        value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The object at a key; `None` when there is none or when it is something else.
    pub fn object(&self, key: &str) -> Option<Self> {
        Self::parse(self.raw(key)?).ok()
    }

    /// Keys and the texts of their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.expose_secret()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts a value in the place of the former one, else at the end.
    pub fn set(&mut self, key: &str, value: &Value) {
        self.set_raw(key, value.to_string());
    }

    /// The same with the text of a value.
    pub fn set_raw(&mut self, key: &str, text: impl Into<SecretString>) {
        let text = text.into();
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = text,
            None => self.0.push((key.to_owned(), text)),
        }
    }

    /// Sets it, or takes it away.
    pub fn put(&mut self, key: &str, value: Option<Value>) {
        match value {
            Some(value) => self.set(key, &value),
            None => self.remove(key),
        }
    }

    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    /// The text of the object, as `JSON.stringify(…, null, 2)` writes it at this depth.
    pub fn render(&self, depth: usize) -> SecretString {
        if self.0.is_empty() {
            return "{}".into();
        }
        let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
        // Long enough from the start: a text that grows leaves copies of its secrets behind.
        let length: usize = self.0.iter().map(|(name, text)| 2 * name.len() + text.expose_secret().len() + 32).sum();
        let mut out = String::with_capacity(length + (inner.len() + 8) * (self.0.len() + 1));
        out.push('{');
        for (i, (name, text)) in self.0.iter().enumerate() {
            out.push_str(if i == 0 { "\n" } else { ",\n" });
            out.push_str(&inner);
            out.push_str(&Value::from(name.as_str()).to_string());
            out.push_str(": ");
            out.push_str(text.expose_secret());
        }
        out.push('\n');
        out.push_str(&outer);
        out.push('}');
        out.into()
    }
}

#[cfg(test)]
thread_local! {
    /// How many members this thread has read.
    pub(super) static MEMBERS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                let mut places = HashMap::new();
                while let Some((name, text)) = members.next_entry::<String, &'de RawValue>()? {
                    // The last of two equal keys counts, as everywhere in JavaScript.
                    let place = *places.entry(name.clone()).or_insert(fields.len());
                    let member = (name, SecretString::from(text.get()));
                    match fields.get_mut(place) {
                        Some(former) => *former = member,
                        None => fields.push(member),
                    }
                }
                #[cfg(test)]
                MEMBERS.set(MEMBERS.get() + fields.len());
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// The text of a value as `JSON.stringify(…, null, 2)` writes it at this depth.
pub(super) fn pretty(value: &impl Serialize, depth: usize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.replace('\n', &format!("\n{}", "  ".repeat(depth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_stays_byte_for_byte() {
        let text = "{\n  \"b\": 1.50,\n  \"a\": {\n    \"z\": [ 1,2 ]\n  },\n  \"c\": \"\\u00e9\"\n}";
        let mut fields = Fields::parse(text).unwrap();
        assert_eq!(fields.render(0).expose_secret(), text);
        fields.set("b", &Value::from(2));
        fields.put("c", None);
        fields.set("d", &Value::Null);
        let after = "{\n  \"b\": 2,\n  \"a\": {\n    \"z\": [ 1,2 ]\n  },\n  \"d\": null\n}";
        assert_eq!(fields.render(0).expose_secret(), after);
        assert_eq!(Fields::default().render(3).expose_secret(), "{}");
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let fields = Fields::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("a", "3"), ("b", "2")]);
        assert!(!format!("{fields:?}").contains('3'));
    }

    #[test]
    fn a_value_is_indented_to_its_depth() {
        assert_eq!(pretty(&serde_json::json!({"a": [1]}), 1), "{\n    \"a\": [\n      1\n    ]\n  }");
    }
}
