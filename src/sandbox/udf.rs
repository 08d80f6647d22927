//! The fields that this tenant added to its entities.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::catalog::Entity;

use super::picklist::{self, Choice};

/// A user-defined field.
#[derive(Debug)]
pub(super) struct Udf {
    pub(super) name: String,
    kind: String,
    length: u64,
    pub(super) choices: Vec<Choice>,
}

impl Udf {
    /// Whether its values are dates.
    pub(super) fn is_date(&self) -> bool {
        self.kind == "datetime"
    }

    /// The field as the `userDefinedFields` endpoint lists it.
    pub(super) fn described(&self) -> Value {
        let list = !self.choices.is_empty();
        let values = if list { picklist::described(&self.choices) } else { Value::Null };
        json!({
            "name": self.name,
            "label": self.name,
            "type": self.kind,
            "length": self.length,
            "description": null,
            "isRequired": false,
            "isReadOnly": false,
            "isQueryable": true,
            "isReference": false,
            "referenceEntityType": "",
            "isPickList": list,
            "picklistValues": values,
            "picklistParentValueField": "",
            "defaultValue": null,
            "isSupportedWebhookField": false,
        })
    }
}

static UDFS: LazyLock<BTreeMap<String, Vec<Udf>>> = LazyLock::new(|| {
    let lists: BTreeMap<String, Vec<Value>> =
        serde_json::from_str(include_str!("udfs.json")).unwrap_or_default();
    let read = |(entity, rows): (String, Vec<Value>)| (entity, rows.iter().map(udf).collect());
    lists.into_iter().map(read).collect()
});

fn udf(row: &Value) -> Udf {
    let text = |name: &str| {
        let value = row.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    Udf {
        name: text("name"),
        kind: text("type"),
        length: row.get("length").and_then(Value::as_u64).unwrap_or(0),
        choices: row.get("choices").map(picklist::choices).unwrap_or_default(),
    }
}

/// The UDFs of an entity.
pub(super) fn of(entity: Entity) -> &'static [Udf] {
    UDFS.get(entity.name()).map_or(&[], Vec::as_slice)
}

/// The UDF of this name, in any letter case.
pub(super) fn find(entity: Entity, name: &str) -> Option<&'static Udf> {
    of(entity).iter().find(|udf| udf.name.eq_ignore_ascii_case(name))
}
