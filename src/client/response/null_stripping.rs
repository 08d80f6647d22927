//! Parses a JSON body without its nested nulls: Autotask sends every field of a record, most of them null.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A whole body; its own null members stay, because a null `item` has a meaning.
pub(super) struct RawBody(pub Value);

/// A nested value, without its null members.
struct NestedValue(Value);

impl<'de> Deserialize<'de> for RawBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NullPolicy::Preserve).map(Self)
    }
}

impl<'de> Deserialize<'de> for NestedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NullPolicy::Drop).map(Self)
    }
}

/// Whether an object's null members stay.
#[derive(PartialEq)]
enum NullPolicy {
    Preserve,
    Drop,
}

impl<'de> Visitor<'de> for NullPolicy {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(NestedValue(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((Name(name), NestedValue(value))) = object.next_entry()? {
            if self == Self::Preserve || !value.is_null() {
                members.insert(name.into_owned(), value);
            }
        }
        Ok(members.into())
    }
}

/// A member's name, which is copied only if the member stays.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_nested_nulls_are_dropped() {
        for (text, expected) in [
            (
                r#"{"b":null,"a":[null,{"c":null,"d":""}]}"#,
                json!({ "b": null, "a": [null, { "d": "" }] }),
            ),
            (
                r#"[1,-2,1.50,1e3,true,"\u00e9",18446744073709551615]"#,
                json!([1, -2, 1.5, 1000.0, true, "é", u64::MAX]),
            ),
            ("null", Value::Null),
        ] {
            let body: RawBody = serde_json::from_str(text).expect("JSON");
            assert_eq!(body.0, expected, "{text}");
        }
        for text in ["{\"a\":}", "[1,", "{\"a\":null", &"[".repeat(200)] {
            assert!(serde_json::from_str::<RawBody>(text).is_err(), "{text}");
        }
    }
}
