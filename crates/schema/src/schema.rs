//! The model of entities and fields, how it is loaded, and its canonical text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::SchemaError;

/// Every entity that Autotask serves, by collection name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    pub entities: BTreeMap<String, Entity>,
}

/// One kind of record: its rights, routes and fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entity {
    /// The collection name, as in paths.
    pub name: String,
    /// Autotask's singular name, which references use.
    pub singular: Option<String>,
    /// The legacy name in messages, webhooks and the SOAP API.
    pub legacy: Option<String>,
    /// The rights that entityInformation grants an administrator.
    pub can: Can,
    pub has_user_defined_fields: bool,
    pub supports_webhook_callouts: bool,
    /// The parent that this entity is addressed under; an entity has at most one.
    pub parent: Option<Parent>,
    /// GET routes that change data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// HTTP methods by path below `V1.0/`.
    pub routes: BTreeMap<String, Vec<String>>,
    pub fields: Vec<Field>,
}

/// The entity-level rights; they outrank the flags of single fields.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four rights, each granted or not, as entityInformation lists them"
)]
pub struct Can {
    pub query: bool,
    pub create: bool,
    pub update: bool,
    pub delete: bool,
}

/// How a child is addressed: `{segment}/{id}/{child}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parent {
    /// The parent entity; none if the segment is not an entity.
    pub entity: Option<String>,
    pub segment: String,
    pub child: String,
    /// The child's field that holds the parent's id, if known.
    pub parent_id_field: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inferred: Vec<String>,
}

/// One field of a record, with the names of Autotask's fields page; `None` is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    pub name: String,
    pub data_type: DataType,
    /// Characters of a string, 0 for every other type.
    pub length: Option<u32>,
    pub is_required: Option<bool>,
    pub is_read_only: Option<bool>,
    pub is_queryable: Option<bool>,
    pub is_pick_list: Option<bool>,
    pub is_supported_webhook_field: Option<bool>,
    pub is_reference: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_entity_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picklist_parent_value_field: Option<String>,
    /// The name on the fields page, if it differs from the name in records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_info_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags_from: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inferred: Vec<String>,
}

/// A field's type, as `dataType` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    Boolean,
    #[serde(rename = "byte[]")]
    Bytes,
    Datetime,
    Decimal,
    Double,
    Float,
    Integer,
    Long,
    Short,
    String,
}

impl DataType {
    /// The name that `dataType` uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Bytes => "byte[]",
            Self::Datetime => "datetime",
            Self::Decimal => "decimal",
            Self::Double => "double",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Short => "short",
            Self::String => "string",
        }
    }

    /// Whether values are numbers with a fraction.
    #[must_use]
    pub fn is_fraction(self) -> bool {
        matches!(self, Self::Decimal | Self::Double | Self::Float)
    }
}

impl Schema {
    /// Loads `*.json` of a folder; a file must be named after its entity.
    pub fn load(folder: &Path) -> Result<Self, SchemaError> {
        let mut entities = BTreeMap::new();
        let listing = fs::read_dir(folder).map_err(|e| SchemaError::in_file(folder, &e))?;
        for entry in listing {
            let path = entry.map_err(|e| SchemaError::in_file(folder, &e))?.path();
            if path.extension().is_some_and(|e| e == "json") {
                let entity = read_entity(&path)?;
                entities.insert(entity.name.clone(), entity);
            }
        }
        Ok(Self { entities })
    }

    /// All entities as one compact JSON text.
    pub fn to_json(&self) -> Result<String, SchemaError> {
        compact(&self.entities)
    }

    /// Parses what `to_json` wrote.
    pub fn from_json(text: &str) -> Result<Self, SchemaError> {
        let entities = serde_json::from_str(text);
        let entities = entities.map_err(|e| SchemaError::new(e.to_string()))?;
        Ok(Self { entities })
    }

    /// The entity of a collection name, or an error with the closest name.
    pub fn entity(&self, name: &str) -> Result<&Entity, SchemaError> {
        self.entities.get(name).ok_or_else(|| {
            SchemaError::unknown_name("entity", name, self.entities.keys().map(String::as_str))
        })
    }

    /// The entity that a `referenceEntityType` names.
    #[must_use]
    pub fn by_singular(&self, singular: &str) -> Option<&Entity> {
        self.entities.values().find(|e| e.singular.as_deref() == Some(singular))
    }
}

fn read_entity(path: &Path) -> Result<Entity, SchemaError> {
    let text = fs::read_to_string(path).map_err(|e| SchemaError::in_file(path, &e))?;
    let entity: Entity = serde_json::from_str(&text).map_err(|e| SchemaError::in_file(path, &e))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if stem != entity.name {
        return Err(SchemaError::in_file(path, &format!("the file is named {}", entity.name)));
    }
    Ok(entity)
}

impl Entity {
    /// The field of this name, or an error with the closest name.
    pub fn field(&self, name: &str) -> Result<&Field, SchemaError> {
        self.fields.iter().find(|f| f.name == name).ok_or_else(|| {
            let kind = format!("field of {}", self.name);
            SchemaError::unknown_name(&kind, name, self.fields.iter().map(|f| f.name.as_str()))
        })
    }

    /// The HTTP methods of one path.
    pub fn methods(&self, path: &str) -> &[String] {
        self.routes.get(path).map_or(&[], Vec::as_slice)
    }

    /// The canonical text: one field or route a line, so that one change is one changed line.
    pub fn canonical_text(&self) -> Result<String, SchemaError> {
        let mut out = String::from("{\n");
        for (key, value) in self.header_lines()? {
            out += &format!("  {}: {},\n", quoted(key), value);
        }
        out += &block("routes", '{', &self.route_lines()?, '}');
        out += ",\n";
        let fields: Result<Vec<_>, _> = self.fields.iter().map(compact).collect();
        out += &block("fields", '[', &fields?, ']');
        Ok(out + "\n}\n")
    }

    fn header_lines(&self) -> Result<Vec<(&'static str, String)>, SchemaError> {
        let mut lines = vec![
            ("name", compact(&self.name)?),
            ("singular", compact(&self.singular)?),
            ("legacy", compact(&self.legacy)?),
            ("can", compact(&self.can)?),
            ("hasUserDefinedFields", compact(&self.has_user_defined_fields)?),
            ("supportsWebhookCallouts", compact(&self.supports_webhook_callouts)?),
            ("parent", compact(&self.parent)?),
        ];
        if !self.actions.is_empty() {
            lines.push(("actions", compact(&self.actions)?));
        }
        Ok(lines)
    }

    fn route_lines(&self) -> Result<Vec<String>, SchemaError> {
        let route =
            |path: &String| Ok(format!("{}: {}", quoted(path), compact(&self.methods(path))?));
        self.routes.keys().map(route).collect()
    }
}

impl Field {
    /// A field with only its name and type known.
    #[must_use]
    pub fn new(name: &str, data_type: DataType) -> Self {
        Self {
            name: name.to_owned(),
            data_type,
            length: None,
            is_required: None,
            is_read_only: None,
            is_queryable: None,
            is_pick_list: None,
            is_supported_webhook_field: None,
            is_reference: None,
            reference_entity_type: None,
            picklist_parent_value_field: None,
            field_info_name: None,
            flags_from: None,
            inferred: Vec::new(),
        }
    }
}

fn block(key: &str, open: char, lines: &[String], close: char) -> String {
    let body: Vec<_> = lines.iter().map(|line| format!("\n    {line}")).collect();
    format!("  {}: {open}{}\n  {close}", quoted(key), body.join(","))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn compact<T: Serialize>(value: &T) -> Result<String, SchemaError> {
    serde_json::to_string(value).map_err(|e| SchemaError::new(e.to_string()))
}
