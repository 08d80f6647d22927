//! The user-defined fields of the tenant.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::catalog::Entity;
use crate::picklist::{self, PicklistValue};

/// A user-defined field.
#[derive(Debug, Deserialize)]
pub(crate) struct Udf {
    pub(crate) name: String,
    #[serde(rename = "type")]
    data_type: String,
    #[serde(default)]
    length: u64,
    #[serde(default, rename = "choices", deserialize_with = "picklist_values")]
    pub(crate) values: Vec<PicklistValue>,
}

impl Udf {
    /// Whether its values are dates.
    pub(crate) fn is_date(&self) -> bool {
        self.data_type == "datetime"
    }

    /// The field as the `userDefinedFields` page lists it.
    pub(crate) fn to_json(&self) -> Value {
        let is_list = !self.values.is_empty();
        let values = if is_list { picklist::to_json(&self.values) } else { Value::Null };
        json!({
            "name": self.name,
            "label": self.name,
            "type": self.data_type,
            "length": self.length,
            "description": null,
            "isRequired": false,
            "isReadOnly": false,
            "isQueryable": true,
            "isReference": false,
            "referenceEntityType": "",
            "isPickList": is_list,
            "picklistValues": values,
            "picklistParentValueField": "",
            "defaultValue": null,
            "isSupportedWebhookField": false,
        })
    }
}

static UDFS: LazyLock<BTreeMap<String, Vec<Udf>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/udfs.json")).unwrap_or_default());

fn picklist_values<'de, D: Deserializer<'de>>(rows: D) -> Result<Vec<PicklistValue>, D::Error> {
    Value::deserialize(rows).map(|rows| picklist::parse_values(&rows))
}

/// The UDFs of an entity.
pub(crate) fn of_entity(entity: &Entity) -> &'static [Udf] {
    UDFS.get(entity.name).map_or(&[], Vec::as_slice)
}

/// The UDF of this name, in any letter case.
pub(crate) fn find(entity: &Entity, name: &str) -> Option<&'static Udf> {
    of_entity(entity).iter().find(|udf| udf.name.eq_ignore_ascii_case(name))
}
