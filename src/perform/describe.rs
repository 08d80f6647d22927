//! What an entity is: its fields from the schema, picklists and UDFs from the live tenant.

mod rows;

use std::sync::Arc;

use serde_json::{Value, json};

use super::Performer;
use super::metadata::List;
use crate::error::{Code, Error};
use crate::filter::unknown_field;
use crate::live::{Live, LiveField};
use crate::plan::{About, Describe};
use crate::scalar::few;
use crate::schema::{Entity, Field, UDFS};
use crate::tools::verbs;

/// At most this many names are told in a warning.
const TOLD: usize = 10;

/// What the live tenant adds.
#[derive(Default)]
struct Told {
    fields: Arc<Live>,
    udfs: Arc<Live>,
    is_live: bool,
    warnings: Vec<String>,
}

impl Performer {
    /// The description; without credentials or network it comes from the schema and says so.
    pub(super) async fn describe(&self, describe: &Describe) -> Result<Value, Error> {
        let entity = describe.entity;
        let mut told = self.told(entity).await?;
        let mut answer = heading(entity);
        answer["source"] = match told.is_live {
            true => "live".into(),
            false => "schema".into(),
        };
        match &describe.field {
            Some(name) => one((entity, name), &mut told, &mut answer)?,
            None => all(describe, &mut told, &mut answer),
        }
        if let Entity::Novel(_) = entity {
            told.warnings.push(novel(entity));
        }
        if !told.warnings.is_empty() {
            answer["warnings"] = json!(told.warnings);
        }
        Ok(answer)
    }

    async fn told(&self, entity: Entity) -> Result<Told, Error> {
        let mut told = Told::default();
        match self.live(entity, List::Fields).await {
            Ok(fields) => (told.fields, told.is_live) = (fields, true),
            Err(error) => {
                told.warnings.push(offline(&error)?);
                return Ok(told);
            }
        }
        match self.live(entity, List::Udfs).await {
            Ok(udfs) => told.udfs = udfs,
            Err(error) => told.warnings.push(format!(
                "The tenant's user-defined fields could not be read ({}).",
                error.code().name()
            )),
        }
        Ok(told)
    }
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

fn all(describe: &Describe, told: &mut Told, answer: &mut Value) {
    if describe.about != About::Udfs {
        answer["fields"] = fields(describe, told).into();
    }
    if matches!(describe.about, About::Udfs | About::All) {
        answer[UDFS] = told.udfs.iter().map(rows::udf).collect();
    }
}

fn fields(describe: &Describe, told: &mut Told) -> Vec<Value> {
    let entity = describe.entity;
    let known = entity.fields().iter();
    let known = known.filter(|field| is_told(field, describe.about));
    let mut rows: Vec<_> = known.map(|field| rows::known(field, &told.fields)).collect();
    let beyond = told.fields.beyond(entity);
    let beyond: Vec<_> =
        beyond.filter(|live| is_told(&live.as_field(), describe.about)).cloned().collect();
    rows.extend(beyond.iter().map(rows::new));
    told.warnings.extend(drift(&beyond));
    rows
}

/// One field by name: of the schema, of the tenant alone, or a UDF.
fn one((entity, name): (Entity, &str), told: &mut Told, answer: &mut Value) -> Result<(), Error> {
    let (known, new) = (entity.field(name), told.fields.find(name).cloned());
    if let Some(field) = known {
        answer["fields"] = json!([rows::known(field, &told.fields)]);
    } else if let Some(new) = new {
        answer["fields"] = json!([rows::new(&new)]);
        told.warnings.extend(drift(&[new]));
    } else {
        let udf = told.udfs.find(name);
        let udf = udf.ok_or_else(|| unknown_field(entity, name))?;
        answer[UDFS] = json!([rows::udf(udf)]);
    }
    Ok(())
}

fn is_told(field: &Field, about: About) -> bool {
    match about {
        About::Required => field.required.is_yes(),
        About::Writable => {
            !field.read_only.is_yes() || (field.required.is_yes() && field.name != "id")
        }
        About::Picklists => field.picklist.is_yes(),
        About::Udfs => false,
        About::All => true,
    }
}

fn novel(entity: Entity) -> String {
    let name = entity.name();
    format!(
        "The built-in schema does not know {name} yet, so only its own address is known, no parent's and no child's: \
         cargo xtask refresh-schema brings it up to date."
    )
}

fn drift(unknown: &[LiveField]) -> Option<String> {
    let names: Vec<_> = unknown.iter().map(|live| live.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        let names = few(&names, ", ", TOLD);
        format!("The built-in schema does not know {names} yet: cargo xtask refresh-schema brings it up to date.")
    })
}
