//! What names came to, for the answer: `{"companyID":{"from":"Northwind","to":405}}`.

use serde_json::{Map, Value, json};

/// Names that were resolved, by the field they were given for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved(Map<String, Value>);

impl Resolved {
    /// Notes a name; several of one field become a list.
    pub fn note(&mut self, field: &str, from: &str, to: &Value) {
        let one = json!({ "from": from, "to": to });
        match self.0.get_mut(field) {
            None => {
                self.0.insert(field.to_owned(), one);
            }
            Some(Value::Array(several)) => several.push(one),
            Some(before) => *before = json!([before.take(), one]),
        }
    }

    /// The JSON; none where no name was given.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        (!self.0.is_empty()).then(|| self.0.clone().into())
    }
}
