//! Numbers with a range. An integer may be written `1.0` or `1e3`, as JavaScript has only doubles.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::{Serialize, Serializer};

/// The largest integer that a double holds without loss, 2⁵³ − 1: no integer of the configuration may be larger.
pub const MAX_SAFE: i64 = 9_007_199_254_740_991;

/// An integer of at least 0 and at most `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Natural<const MAX: i64 = MAX_SAFE>(i64);

/// An integer above 0 and at most `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Positive<const MAX: i64 = MAX_SAFE>(i64);

/// An integer of at least `MIN` and at most `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntIn<const MIN: i64, const MAX: i64 = MAX_SAFE>(i64);

macro_rules! integer {
    ($name:ident [$($param:ident)*] $low:expr, $unsigned:ty, { $($schema:tt)* }) => {
        impl<$(const $param: i64),*> $name<$($param),*> {
            /// This number, if it is in the range.
            pub const fn new(value: i64) -> Option<Self> {
                if value >= $low && value <= MAX { Some(Self(value)) } else { None }
            }

            /// The number.
            pub const fn get(self) -> $unsigned {
                self.0 as $unsigned
            }
        }

        impl<'de, $(const $param: i64),*> Deserialize<'de> for $name<$($param),*> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = deserializer.deserialize_any(Integer)?;
                Self::new(value).ok_or_else(|| D::Error::custom("number out of range"))
            }
        }

        impl<$(const $param: i64),*> Serialize for $name<$($param),*> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl<$(const $param: i64),*> JsonSchema for $name<$($param),*> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "integer", $($schema)*, "maximum": MAX })
            }
        }
    };
}

integer!(Natural [MAX] 0, u64, { "minimum": 0 });
integer!(Positive [MAX] 1, u64, { "exclusiveMinimum": 0 });
integer!(IntIn [MIN MAX] MIN, i64, { "minimum": MIN });

/// Reads a safe integer, however it is written.
struct Integer;

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<i64, E> {
        if value.fract() == 0.0 && value.abs() <= MAX_SAFE as f64 {
            Ok(value as i64)
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }
}

/// Writes a number with a range and a name.
macro_rules! ranged {
    ($($(#[$meta:meta])* $name:ident: |$value:ident| $test:expr, { $($schema:tt)* };)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            /// This number, if it is in the range.
            pub fn new($value: f64) -> Option<Self> {
                ($value.is_finite() && $test).then_some(Self($value))
            }

            /// The number.
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = f64::deserialize(deserializer)?;
                Self::new(value).ok_or_else(|| D::Error::custom("number out of range"))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "number", $($schema)* })
            }
        }
    )+};
}

ranged! {
    /// A number above 0.
    PositiveNumber: |n| n > 0.0, { "exclusiveMinimum": 0 };
    /// A number of at least 0.
    NonNegative: |n| n >= 0.0, { "minimum": 0 };
    /// A number from 0 to 1.
    Fraction: |n| (0.0..=1.0).contains(&n), { "minimum": 0, "maximum": 1 };
    /// Hours, from 0 to the 168 of a week.
    HoursOfWeek: |n| (0.0..=168.0).contains(&n), { "minimum": 0, "maximum": 168 };
    /// Hours, above 0, to the 24 of a day.
    HoursOfDay: |n| n > 0.0 && n <= 24.0, { "exclusiveMinimum": 0, "maximum": 24 };
    /// A share from 0.1 to 0.9.
    MiddleShare: |n| (0.1..=0.9).contains(&n), { "minimum": 0.1, "maximum": 0.9 };
}
