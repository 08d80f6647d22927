//! What an entity is: its fields from the schema, picklists and UDFs from the live tenant.

use serde_json::{Map, Value, json};

use super::{Fields, Performer};
use crate::error::{Code, Error};
use crate::filter::unknown_field;
use crate::plan::{About, Describe};
use crate::request::Request;
use crate::schema::{Entity, Field, Known};
use crate::tools::verbs;

/// A picklist longer than this is cut, and says so.
const MOST_VALUES: usize = 200;

/// What the live tenant adds.
#[derive(Default)]
struct Live {
    fields: Vec<Fields>,
    udfs: Vec<Fields>,
    /// Why nothing is live, in a sentence.
    missing: Option<String>,
    /// Why the UDFs are not told, in a sentence.
    unread: Option<String>,
}

impl Performer {
    /// The description; without credentials or network it comes from the schema and says so.
    pub(super) async fn describe(&self, describe: &Describe) -> Result<Value, Error> {
        let entity = describe.entity;
        let live = self.live(entity).await?;
        let mut answer = heading(entity);
        answer["source"] = if live.missing.is_none() {
            "live".into()
        } else {
            "schema".into()
        };
        if describe.about != About::Udfs {
            answer["fields"] = fields(describe, &live)?.into();
        }
        if matches!(describe.about, About::Udfs | About::All) && describe.field.is_none() {
            answer["userDefinedFields"] = live.udfs.iter().map(udf).collect();
        }
        if let Some(warning) = live.missing.or(live.unread) {
            answer["warnings"] = json!([warning]);
        }
        Ok(answer)
    }

    async fn live(&self, entity: Entity) -> Result<Live, Error> {
        let name = entity.name();
        let fields = match self
            .listed(&format!("{name}/entityInformation/fields"))
            .await
        {
            Ok(fields) => fields,
            Err(error) => {
                return offline(&error).map(|missing| Live {
                    missing: Some(missing),
                    ..Live::default()
                });
            }
        };
        if !entity.has_udfs() {
            return Ok(Live {
                fields,
                ..Live::default()
            });
        }
        let path = format!("{name}/entityInformation/userDefinedFields");
        Ok(match self.listed(&path).await {
            Ok(udfs) => Live {
                fields,
                udfs,
                ..Live::default()
            },
            Err(error) => Live {
                fields,
                unread: Some(unread(&error)),
                ..Live::default()
            },
        })
    }

    async fn listed(&self, path: &str) -> Result<Vec<Fields>, Error> {
        let body = self.read(&Request::get(path)).await?;
        let listed = body["fields"].as_array().cloned().unwrap_or_default();
        Ok(listed
            .into_iter()
            .filter_map(|row| row.as_object().cloned())
            .collect())
    }
}

fn unread(error: &Error) -> String {
    format!(
        "The tenant's user-defined fields could not be read ({}).",
        error.code().name()
    )
}

/// What the schema can stand in for; a refused credential is told as it is.
fn offline(error: &Error) -> Result<String, Error> {
    match error.code() {
        Code::AuthFailed => Err(error.clone()),
        code => Ok(format!(
            "From the built-in schema, without picklist values and UDFs: the tenant was not asked ({}).",
            code.name()
        )),
    }
}

fn heading(entity: Entity) -> Value {
    let mut heading =
        json!({ "entity": entity.name(), "singular": entity.singular(), "verbs": verbs(entity) });
    if let Some(child) = entity.as_child() {
        heading["parent"] = json!({ "entity": child.parent_name(), "childName": child.name, "idField": child.parent_field });
    }
    let children: Vec<_> = entity.children().map(|child| child.name).collect();
    if !children.is_empty() {
        heading["children"] = children.into();
    }
    heading
}

fn fields(describe: &Describe, live: &Live) -> Result<Vec<Value>, Error> {
    let entity = describe.entity;
    if let Some(name) = &describe.field {
        let field = entity
            .field(name)
            .ok_or_else(|| unknown_field(entity, name))?;
        return Ok(vec![row(field, live)]);
    }
    let is_told = |field: &&Field| match describe.about {
        About::Required => field.required.is_yes(),
        About::Writable => {
            !field.read_only.is_yes() || (field.required.is_yes() && field.name != "id")
        }
        About::Picklists => field.picklist.is_yes(),
        About::Udfs => false,
        About::All => true,
    };
    Ok(entity
        .fields()
        .iter()
        .filter(is_told)
        .map(|field| row(field, live))
        .collect())
}

fn row(field: &Field, live: &Live) -> Value {
    let spelling = field.described_as.unwrap_or(field.name);
    let named = |row: &&Fields| {
        row.get("name")
            .and_then(Value::as_str)
            .is_some_and(|name| name.eq_ignore_ascii_case(spelling))
    };
    let live = live.fields.iter().find(named);
    let mut row = json!({ "name": field.name, "type": field.kind.name() });
    let flags = [
        ("required", "isRequired", field.required),
        ("readOnly", "isReadOnly", field.read_only),
    ];
    for (key, live_key, known) in flags {
        if flag(live, live_key).unwrap_or(known == Known::Yes) {
            row[key] = true.into();
        }
    }
    if !flag(live, "isQueryable").unwrap_or(known_or(field.queryable)) {
        row["queryable"] = false.into();
    }
    if let Some(length) = field.length.filter(|length| *length > 0) {
        row["length"] = length.into();
    }
    if let Some(entity) = field.refers_to {
        row["references"] = entity.name().into();
    }
    if field.picklist.is_yes() || flag(live, "isPickList") == Some(true) {
        row["picklist"] = live
            .and_then(|row| row.get("picklistValues"))
            .map_or(json!("unknown offline"), values);
    }
    if let Some(parent) = field.picklist_under {
        row["picklistUnder"] = parent.into();
    }
    row
}

fn known_or(known: Known) -> bool {
    known != Known::No
}

fn flag(row: Option<&Fields>, key: &str) -> Option<bool> {
    row?.get(key)?.as_bool()
}

/// Codes as numbers, as records hold them; Autotask lists them as texts.
fn values(listed: &Value) -> Value {
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut values: Vec<_> = listed.iter().take(MOST_VALUES).map(picked).collect();
    if listed.len() > MOST_VALUES {
        values.push(format!("… cut: {MOST_VALUES} of {} values", listed.len()).into());
    }
    values.into()
}

fn picked(value: &Value) -> Value {
    let mut picked = Map::new();
    picked.insert("value".into(), code(&value["value"]));
    picked.insert("label".into(), value["label"].clone());
    if value["isActive"] == false {
        picked.insert("active".into(), false.into());
    }
    if value["parentValue"]
        .as_str()
        .is_some_and(|parent| !parent.is_empty())
    {
        picked.insert("under".into(), code(&value["parentValue"]));
    }
    picked.into()
}

fn code(value: &Value) -> Value {
    match value.as_str().map(str::parse::<i64>) {
        Some(Ok(number)) => number.into(),
        _ => value.clone(),
    }
}

fn udf(row: &Fields) -> Value {
    let mut told = Map::new();
    for key in [
        "name",
        "label",
        "type",
        "length",
        "isRequired",
        "isReadOnly",
    ] {
        told.extend(
            row.get(key)
                .filter(|value| !value.is_null())
                .map(|value| (key.to_owned(), value.clone())),
        );
    }
    if row.get("isPickList").and_then(Value::as_bool) == Some(true) {
        told.insert(
            "picklist".into(),
            row.get("picklistValues").map_or(Value::Null, values),
        );
    }
    told.into()
}
