//! The resolved names in a response: `{"companyID":{"from":"Northwind","to":405}}`.

use serde_json::{Map, Value, json};

use super::{NameCandidate, NameRef};
use crate::plan::RecordKey;

/// The most names of a field that a response lists.
pub const MAX_LISTED_RESOLUTIONS: usize = 20;

/// Resolved names, by field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved(Map<String, Value>);

impl Resolved {
    /// Adds a name; several names of a field become a list.
    pub fn record(&mut self, field: &str, from: &str, to: &Value) {
        let new = json!({ "from": from, "to": to });
        match self.0.get_mut(field) {
            None => {
                self.0.insert(field.to_owned(), new);
            }
            Some(known) if *known == new => {}
            Some(Value::Array(several)) if several.contains(&new) => {}
            Some(Value::Array(several)) => several.push(new),
            Some(known) => *known = json!([known.take(), new]),
        }
    }

    /// The JSON with at most this many names per field; none if no name was resolved.
    #[must_use]
    pub fn json(&self, max_names: usize) -> Option<Value> {
        let names = self.0.iter().map(|(field, to)| (field.clone(), limited(to, max_names)));
        (!self.0.is_empty()).then(|| names.collect::<Map<_, _>>().into())
    }
}

fn limited(to: &Value, max_names: usize) -> Value {
    match to {
        Value::Array(several) if several.len() > max_names => {
            let rest = json!({ "more": several.len() - max_names });
            several.iter().take(max_names).cloned().chain([rest]).collect()
        }
        other => other.clone(),
    }
}

/// What a response reports about the names of a plan.
#[derive(Debug, Default)]
pub struct ResolutionNotes {
    pub resolved: Resolved,
    pub warnings: Vec<String>,
    /// The resource that `me` refers to.
    me: Option<RecordKey>,
}

impl ResolutionNotes {
    /// Empty notes for a caller who acts for this resource.
    #[must_use]
    pub fn new(me: Option<RecordKey>) -> Self {
        Self { me, ..Self::default() }
    }

    pub(super) fn me(&self) -> Option<RecordKey> {
        self.me.clone()
    }

    /// Adds a resolved name and returns its id or code.
    pub fn record(&mut self, name: &NameRef, found: NameCandidate) -> Value {
        if found.number != name.name {
            self.resolved.record(name.argument(), &name.name, &found.number);
        }
        self.warnings.extend(found.warnings(name.argument(), &name.name));
        found.number
    }

    /// Adds the notes of another step.
    pub fn merge(&mut self, other: Self) {
        self.resolved.0.extend(other.resolved.0);
        self.warnings.extend(other.warnings);
    }
}
