//! What names came to, for the answer: `{"companyID":{"from":"Northwind","to":405}}`.

use serde_json::{Map, Value, json};

/// At most so many names of one field are told again.
pub const MAX_LISTED_RESOLUTIONS: usize = 20;

/// Names that were resolved, by the field they were given for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved(Map<String, Value>);

impl Resolved {
    /// Notes a name; several of one field become a list.
    pub fn record(&mut self, field: &str, from: &str, to: &Value) {
        let one = json!({ "from": from, "to": to });
        match self.0.get_mut(field) {
            None => {
                self.0.insert(field.to_owned(), one);
            }
            Some(before) if *before == one => {}
            Some(Value::Array(several)) if several.contains(&one) => {}
            Some(Value::Array(several)) => several.push(one),
            Some(before) => *before = json!([before.take(), one]),
        }
    }

    /// The JSON, with so many names of one field at most; none where no name was given.
    #[must_use]
    pub fn json(&self, most: usize) -> Option<Value> {
        let told = self.0.iter().map(|(field, to)| (field.clone(), limited(to, most)));
        (!self.0.is_empty()).then(|| told.collect::<Map<_, _>>().into())
    }
}

fn limited(to: &Value, most: usize) -> Value {
    match to {
        Value::Array(several) if several.len() > most => {
            let rest = json!({ "more": several.len() - most });
            several.iter().take(most).cloned().chain([rest]).collect()
        }
        other => other.clone(),
    }
}
