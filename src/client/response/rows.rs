//! Parses a body: the items of a page become rows, which share the names of their fields.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::body::{Body, PageItems};
use super::null_stripping::{Name, NestedValue, NullDropping};
use crate::value::row::{RowBuilder, Slot};

/// Parses a whole body; its own null members stay, because a null `item` has a meaning.
pub(super) struct BodySeed {
    /// Whether its items become rows.
    pub is_page: bool,
    /// The length of the body.
    pub bytes: usize,
}

/// Parses the value of `items`: a list becomes rows, and anything else stays as it is.
pub(super) struct ItemsSeed {
    /// An upper bound of the length of all texts.
    pub max_text_bytes: usize,
}

/// The value of `items`.
pub(super) enum ParsedItems {
    Page(PageItems),
    Other(Value),
}

impl From<Value> for ParsedItems {
    fn from(value: Value) -> Self {
        Self::Other(value)
    }
}

/// Scalars are parsed as in the rest of a body.
macro_rules! forward_scalars {
    () => {
        forward_scalars!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));
    };
    ($($method:ident($type:ty)),*) => {
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("JSON")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            NullDropping.visit_unit().map(Into::into)
        }

        $(fn $method<E: Error>(self, value: $type) -> Result<Self::Value, E> {
            NullDropping.$method(value).map(Into::into)
        })*
    };
}

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

    forward_scalars!();

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

impl<'de> DeserializeSeed<'de> for ItemsSeed {
    type Value = ParsedItems;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ParsedItems, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemsSeed {
    type Value = ParsedItems;

    forward_scalars!();

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<ParsedItems, A::Error> {
        NullDropping.visit_map(object).map(Into::into)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ParsedItems, A::Error> {
        let mut builder = RowBuilder::with_capacity(self.max_text_bytes);
        let mut others = Vec::new();
        while let Some(other) = list.next_element_seed(RowSeed(&mut builder))? {
            others.extend(other);
        }
        Ok(ParsedItems::Page(PageItems { rows: builder.finish(), others }))
    }
}

/// Parses one item: a record becomes a row, and anything else is returned.
struct RowSeed<'b>(&'b mut RowBuilder);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Option<Value>;

    forward_scalars!();

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        NullDropping.visit_seq(list).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut record: A) -> Result<Self::Value, A::Error> {
        let Self(builder) = self;
        builder.begin();
        while let Some(name) = record.next_key_seed(NameSeed(builder.expected_name()))? {
            let slot = record.next_value_seed(SlotSeed(builder))?;
            builder.push(name, slot);
        }
        builder.end();
        Ok(None)
    }
}

/// Parses a name; none if it is the expected one, which is not copied.
struct NameSeed<'n>(Option<&'n str>);

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok((self.0 != Some(name)).then(|| name.to_owned()))
    }
}

/// Parses a value of a record.
struct SlotSeed<'b>(&'b mut RowBuilder);

impl<'de> DeserializeSeed<'de> for SlotSeed<'_> {
    type Value = Slot;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Slot, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SlotSeed<'_> {
    type Value = Slot;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Slot, E> {
        Ok(Slot::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Slot, E> {
        Ok(Slot::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Slot, E> {
        Ok(Slot::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Slot, E> {
        Ok(i64::try_from(number).map_or(Slot::UInt(number), Slot::Int))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Slot, E> {
        Ok(Slot::Float(number))
    }

    /// A text that is part of the body was written without escapes, so it needs none.
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Slot, E> {
        Ok(self.0.text(text, true))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Slot, E> {
        Ok(self.0.text(text, false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Slot, A::Error> {
        let value = NullDropping.visit_seq(list)?;
        Ok(self.0.nested(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Slot, A::Error> {
        let value = NullDropping.visit_map(object)?;
        Ok(self.0.nested(value))
    }
}

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
