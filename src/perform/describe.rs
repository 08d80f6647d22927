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
use crate::schema::{Entity, Field};
use crate::tools::verbs;

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
        if describe.about != About::Udfs {
            answer["fields"] = fields(describe, &mut told)?.into();
        }
        if matches!(describe.about, About::Udfs | About::All) && describe.field.is_none() {
            answer["userDefinedFields"] = told.udfs.iter().map(rows::udf).collect();
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

fn fields(describe: &Describe, told: &mut Told) -> Result<Vec<Value>, Error> {
    let entity = describe.entity;
    if let Some(name) = &describe.field {
        return one(entity, name, told).map(|row| vec![row]);
    }
    let known = entity.fields().iter();
    let known = known.filter(|field| is_told(field, describe.about));
    let mut rows: Vec<_> = known
        .map(|field| rows::known(field, &told.fields))
        .collect();
    let unknown: Vec<_> = told
        .fields
        .iter()
        .filter(|live| is_new(entity, live))
        .cloned()
        .collect();
    if let Some(warning) = drift(&unknown).filter(|_| describe.about == About::All) {
        rows.extend(unknown.iter().map(rows::new));
        told.warnings.push(warning);
    }
    Ok(rows)
}

fn one(entity: Entity, name: &str, told: &mut Told) -> Result<Value, Error> {
    if let Some(field) = entity.field(name) {
        return Ok(rows::known(field, &told.fields));
    }
    let new = told.fields.find(name).cloned();
    let new = new.ok_or_else(|| unknown_field(entity, name))?;
    told.warnings.extend(drift(std::slice::from_ref(&new)));
    Ok(rows::new(&new))
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

/// Whether only the tenant knows a field.
fn is_new(entity: Entity, live: &LiveField) -> bool {
    let spelled = |field: &Field| field.described_as.unwrap_or(field.name).to_owned();
    let fields = entity.fields().iter();
    let is = |field: &Field| spelled(field).eq_ignore_ascii_case(&live.name);
    !fields.into_iter().any(is)
}

fn drift(unknown: &[LiveField]) -> Option<String> {
    let names: Vec<_> = unknown.iter().map(|live| live.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!("The built-in schema does not know {names} yet: cargo xtask refresh-schema brings it up to date.")
    })
}
