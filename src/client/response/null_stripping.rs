//! Parses a JSON body without its nested nulls: Autotask sends every field of a record, most of them null.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::body::Body;
use super::rows::{ItemsSeed, ParsedItems, forward_scalars};

/// Parses a whole body; its own null members stay, because a null `item` has a meaning.
pub(super) struct BodySeed {
    /// Whether its items become rows.
    pub is_page: bool,
    /// The length of the body.
    pub bytes: usize,
}

/// A nested value, without its null members.
struct NestedValue(Value);

impl BodySeed {
    /// The body of a JSON text.
    ///
    /// # Errors
    /// What is not JSON.
    pub(super) fn parse(self, text: &str) -> serde_json::Result<Body> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let body = deserializer.deserialize_any(self)?;
        deserializer.end()?;
        Ok(body)
    }
}

impl<'de> Visitor<'de> for BodySeed {
    type Value = Body;

    forward_scalars!(
        visit_bool(bool),
        visit_i64(i64),
        visit_u64(u64),
        visit_f64(f64),
        visit_str(&str)
    );

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Body, A::Error> {
        NullDropping.visit_seq(list).map(Into::into)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Body, A::Error> {
        let (mut members, mut page) = (Map::new(), None);
        while let Some(Name(name)) = object.next_key()? {
            let value = if self.is_page && name == "items" {
                match object.next_value_seed(ItemsSeed { max_text_bytes: self.bytes })? {
                    ParsedItems::Page(items) => {
                        page = Some(items);
                        Value::Null
                    }
                    ParsedItems::Other(value) => {
                        page = None;
                        value
                    }
                }
            } else {
                object.next_value::<NestedValue>()?.0
            };
            members.insert(name.into_owned(), value);
        }
        Ok(Body { json: members.into(), items: page })
    }
}

impl<'de> Deserialize<'de> for NestedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NullDropping).map(Self)
    }
}

/// Parses a value without its null members.
pub(super) struct NullDropping;

impl<'de> Visitor<'de> for NullDropping {
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
            if !value.is_null() {
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

    fn parse(text: &str, is_page: bool) -> serde_json::Result<Body> {
        BodySeed { is_page, bytes: text.len() }.parse(text)
    }

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
            (
                r#"{"items":[{"id":1,"a":null,"b":"\n"},{"id":2,"a":{"c":null},"b":""},7],"next":null}"#,
                json!({ "items": [{ "id": 1, "b": "\n" }, { "id": 2, "a": {}, "b": "" }, 7], "next": null }),
            ),
            (r#"{"items":{"a":null}}"#, json!({ "items": {} })),
            ("null", Value::Null),
        ] {
            for is_page in [false, true] {
                let body = parse(text, is_page).expect("JSON");
                assert_eq!(body.into_value(), expected, "{text}");
            }
        }
        for text in [
            "{\"items\":[{\"a\":[1,}]}",
            "{\"a\":} ",
            "{} 1",
            "[1,",
            "{\"a\":null",
            &"[".repeat(200),
        ] {
            assert!(parse(text, true).is_err(), "{text}");
        }
    }
}
