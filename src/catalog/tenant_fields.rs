//! The field definitions of the live tenant; invalid rows are ignored.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::catalog::{DataType, Entity, Field, Tristate, find_by_name};
use crate::value::coerce::as_text;

/// The tenant's list of an entity's fields or UDFs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantFields {
    fields: Vec<TenantField>,
    /// The position of the first field with each name.
    places: BTreeMap<String, usize>,
}

/// A field in the tenant's list.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "flags, as Autotask lists them")]
pub struct TenantField {
    pub name: String,
    /// The label for people; UDFs have their own.
    pub label: Option<String>,
    /// The `dataType`, or a UDF's `type`.
    pub kind: String,
    pub length: u64,
    pub required: bool,
    pub read_only: bool,
    pub queryable: bool,
    /// The entity whose id the field contains, if the schema knows it.
    pub refers_to: Option<Entity>,
    /// The values, active or not; none if the field is not a picklist, or one without a list.
    pub picklist: Option<Vec<PicklistValue>>,
    /// Whether it is a picklist whose values the tenant does not list.
    pub is_unlisted: bool,
    /// The field whose code decides which values are valid.
    pub parent_field: Option<String>,
}

/// A value of a picklist.
#[derive(Debug, Clone, PartialEq)]
pub struct PicklistValue {
    /// A number if possible, as in records, although Autotask lists strings.
    pub code: Value,
    /// The code if the value has no label.
    pub label: String,
    pub is_active: bool,
    /// The code of the parent field with which the value is valid.
    pub parent_value: Option<Value>,
}

impl TenantFields {
    /// Parses the body of `entityInformation/fields` or `entityInformation/userDefinedFields`; none if it is not a list
    /// of fields.
    #[must_use]
    pub fn read(body: &Value) -> Option<Self> {
        let rows = body.get("fields")?.as_array()?;
        let rows = rows.iter().filter_map(Value::as_object);
        let fields: Vec<_> = rows.filter_map(field).collect();
        let place = |(index, field): (usize, &TenantField)| (field.name.clone(), index);
        // If two fields share a name, the first one wins.
        let places = fields.iter().enumerate().rev().map(place).collect();
        Some(Self { fields, places })
    }

    /// Every field, in the tenant's order.
    pub fn iter(&self) -> impl Iterator<Item = &TenantField> + Clone {
        self.fields.iter()
    }

    /// The field with a name, preferably in this letter case, or in any.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&TenantField> {
        let exact = self.places.get(name).and_then(|index| self.fields.get(*index));
        exact.or_else(|| find_by_name(self.iter(), name, |field| &field.name))
    }

    /// The fields that the schema does not know.
    pub fn not_in_schema(&self, entity: Entity) -> impl Iterator<Item = &TenantField> {
        let is_same = |field: &Field, live: &TenantField| {
            metadata_name(field).eq_ignore_ascii_case(&live.name)
        };
        let is_known =
            move |live: &TenantField| entity.fields().iter().any(|field| is_same(field, live));
        self.iter().filter(move |live| !is_known(live))
    }

    /// The tenant's definition of a field of the schema.
    #[must_use]
    pub fn for_field(&self, field: &Field) -> Option<&TenantField> {
        self.find(metadata_name(field))
    }
}

impl TenantField {
    /// The values of a picklist; empty for other fields.
    #[must_use]
    pub fn choices(&self) -> &[PicklistValue] {
        self.picklist.as_deref().unwrap_or_default()
    }

    /// The field as a field of the schema, without the name.
    #[must_use]
    pub fn as_field(&self) -> Field {
        Field {
            name: "",
            kind: DataType::find(&self.kind).unwrap_or(DataType::Unknown),
            length: u32::try_from(self.length).ok().filter(|length| *length > 0),
            required: self.required.into(),
            read_only: self.read_only.into(),
            queryable: self.queryable.into(),
            picklist: (self.picklist.is_some() || self.is_unlisted).into(),
            reference: self.refers_to.is_some().into(),
            webhook: Tristate::Unknown,
            refers_to: self.refers_to,
            picklist_parent: None,
            described_as: None,
        }
    }

    /// The value with this code.
    #[must_use]
    pub fn choice(&self, code: &Value) -> Option<&PicklistValue> {
        let code = number(code);
        self.choices().iter().find(|choice| choice.code == code)
    }
}

/// A field's name at the fields endpoint.
fn metadata_name(field: &Field) -> &'static str {
    field.described_as.unwrap_or(field.name)
}

fn field(row: &Map<String, Value>) -> Option<TenantField> {
    let flag = |key: &str| row.get(key).and_then(Value::as_bool);
    let text = |key: &str| row.get(key)?.as_str().filter(|text| !text.is_empty());
    let values = row.get("picklistValues").and_then(Value::as_array);
    let is_picklist = flag("isPickList") == Some(true);
    let listed = values.filter(|_| is_picklist);
    let choices = |rows: &Vec<Value>| rows.iter().filter_map(choice).collect();
    Some(TenantField {
        name: text("name")?.to_owned(),
        label: text("label").map(str::to_owned),
        kind: text("dataType").or(text("type")).unwrap_or_default().to_owned(),
        length: row.get("length").and_then(Value::as_u64).unwrap_or(0),
        required: flag("isRequired").unwrap_or(false),
        read_only: flag("isReadOnly").unwrap_or(false),
        queryable: flag("isQueryable").unwrap_or(true),
        refers_to: text("referenceEntityType").and_then(Entity::find),
        picklist: listed.map(choices),
        is_unlisted: is_picklist && listed.is_none(),
        parent_field: text("picklistParentValueField").map(str::to_owned),
    })
}

fn choice(row: &Value) -> Option<PicklistValue> {
    let parent_value = row.get("parentValue").filter(|value| *value != "");
    let value = row.get("value").filter(|value| !value.is_null())?;
    let label = row.get("label").and_then(as_text);
    Some(PicklistValue {
        code: number(value),
        label: label.or_else(|| as_text(value))?,
        is_active: row.get("isActive") != Some(&Value::Bool(false)),
        parent_value: parent_value.filter(|value| !value.is_null()).map(number),
    })
}

/// A code in the form that records contain.
fn number(code: &Value) -> Value {
    match code.as_str().map(str::parse::<i64>) {
        Some(Ok(number)) => number.into(),
        _ => code.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn invalid_rows_are_ignored() {
        let body = json!({ "fields": [
            { "name": "status", "isPickList": true, "picklistValues": [
                { "value": "5", "label": "Complete", "isActive": false },
                { "label": "no value" }, 7,
                { "value": "6", "label": null, "isActive": true },
            ]},
            { "name": "priority", "isPickList": true, "picklistValues": null },
            { "dataType": "long" }, null, { "name": "title", "isPickList": false, "length": 255 },
        ]});
        let live = TenantFields::read(&body).expect("a list");
        assert_eq!(live.iter().count(), 3);
        let status = live.find("STATUS").expect("a field");
        assert_eq!(status.choices().len(), 2);
        assert_eq!(status.choice(&json!(6)).map(|choice| choice.label.as_str()), Some("6"));
        let priority = live.find("priority").expect("a field");
        assert!(priority.is_unlisted && priority.picklist.is_none() && !status.is_unlisted);
        let complete = status.choice(&json!(5)).expect("a value");
        assert!(!complete.is_active);
        assert_eq!(status.choice(&json!("5")), Some(complete));
        assert!(live.find("title").expect("a field").picklist.is_none());
        let namesakes = json!({ "fields": [{ "name": "cost code" }, { "name": "Cost Code" }] });
        let namesakes = TenantFields::read(&namesakes).expect("a list");
        for (name, found) in [("Cost Code", "Cost Code"), ("COST CODE", "cost code")] {
            assert_eq!(namesakes.find(name).map(|field| field.name.as_str()), Some(found));
        }
        for no_list in [json!({}), json!({ "fields": null }), json!([])] {
            assert_eq!(TenantFields::read(&no_list), None);
        }
    }
}
