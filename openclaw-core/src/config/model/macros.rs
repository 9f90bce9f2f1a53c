//! How the model is written: one macro for objects, one for words.
//!
//! What every object of the configuration has in common stands here once: keys in camelCase, no unknown keys, an
//! optional key may be absent but never `null`, and a rule over several keys, if there is one, is part of reading it.

/// Writes an object of the configuration. Fields of type `Option<…>` are optional keys.
///
/// `checked by rule` names a rule of [`rules`](crate::config::rules) that a value must pass to exist.
/// `open` objects keep the keys that they do not know in a flattened map.
macro_rules! shape {
    ($(#[$meta:meta])* pub struct $name:ident { $($fields:tt)* } $(checked by $rule:ident)?) => {
        $crate::config::model::macros::shape!(@fields
            [
                $(#[$meta])*
                #[schemars(extend("x-order" = $crate::config::model::read::keys_of(|keys| $name::read(keys).is_ok())))]
                $(#[schemars(extend("x-rule" = stringify!($rule)))])?
            ]
            [#[serde(rename_all = "camelCase", deny_unknown_fields)]]
            [$($rule)?] $name [] $($fields)*
        );
    };
    ($(#[$meta:meta])* pub open struct $name:ident { $($fields:tt)* } $(checked by $rule:ident)?) => {
        $crate::config::model::macros::shape!(@fields
            [$(#[$meta])* $(#[schemars(extend("x-rule" = stringify!($rule)))])?]
            [#[serde(rename_all = "camelCase")]]
            [$($rule)?] $name [] $($fields)*
        );
    };
    (@fields $head:tt $serde:tt $rule:tt $name:ident [$($done:tt)*]
        $(#[$meta:meta])* pub $field:ident: Option<$type:ty>, $($rest:tt)*) => {
        $crate::config::model::macros::shape!(@fields $head $serde $rule $name [
            $($done)*
            $(#[$meta])*
            #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::config::model::read::present")]
            pub $field: Option<$type>,
        ] $($rest)*);
    };
    (@fields $head:tt $serde:tt $rule:tt $name:ident [$($done:tt)*]
        $(#[$meta:meta])* pub $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::config::model::macros::shape!(@fields $head $serde $rule $name [
            $($done)* $(#[$meta])* pub $field: $type,
        ] $($rest)*);
    };
    (@fields [$($head:tt)*] [$($serde:tt)*] [$($rule:ident)?] $name:ident [$($done:tt)*]) => {
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::schemars::JsonSchema)]
        $($head)*
        $($serde)*
        #[schemars(transform = $crate::config::model::read::without_null)]
        #[non_exhaustive]
        pub struct $name { $($done)* }

        const _: () = {
            type Target = $name;

            /// Reads the fields; the type itself is read by the `Deserialize` below, which asks the rule as well.
            #[derive(::serde::Deserialize)]
            #[serde(remote = "Target")]
            $($serde)*
            #[allow(dead_code)]
            struct Fields { $($done)* }

            impl $name {
                fn read<'de, D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Fields::deserialize(deserializer)
                }
            }

            impl<'de> ::serde::Deserialize<'de> for $name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let value = $name::read($crate::config::model::read::Object(deserializer))?;
                    $(if !$crate::config::rules::$rule::typed(&value) {
                        let message = concat!("refused by the rule ", stringify!($rule));
                        return Err(::serde::de::Error::custom(message));
                    })?
                    Ok(value)
                }
            }
        };
    };
}
pub(crate) use shape;

/// Writes a set of words. `listed` sets are those whose error lists the words in OpenClaw's message.
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident { $($body:tt)* }) => {
        $crate::config::model::macros::choice!(@write false [$(#[$meta])*] $name $($body)*);
    };
    ($(#[$meta:meta])* pub listed enum $name:ident { $($body:tt)* }) => {
        $crate::config::model::macros::choice!(@write true [$(#[$meta])*] $name $($body)*);
    };
    (@write $listed:literal [$(#[$meta:meta])*] $name:ident $($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`.")] $(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word in the file.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "enum": [$($word),+], "x-listed": $listed })
            }
        }
    };
}
pub(crate) use choice;

/// Writes a text that has a form. The form is a function of [`rules::text`](crate::config::rules::text); the braces
/// hold what a JSON Schema can say about it.
macro_rules! text {
    ($(#[$meta:meta])* pub struct $name:ident checked by $rule:ident { $($schema:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// This text, if it has the form.
            pub fn new(text: impl Into<String>) -> Option<Self> {
                let text = text.into();
                $crate::config::rules::text::$rule(&text).is_none().then_some(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                match $crate::config::rules::text::$rule(&text) {
                    None => Ok(Self(text)),
                    Some(message) => Err(::serde::de::Error::custom(message)),
                }
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "x-text": stringify!($rule), $($schema)* })
            }
        }
    };
}
pub(crate) use text;
